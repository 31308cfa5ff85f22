"""What a customer enters on a screen is known from the view alone, and leads on."""

from __future__ import annotations

import pytest

from ja_reset import Procedure, ResetService
from ja_reset.stores import MemoryStore
from ja_reset.testing import CAST, FakeBank, FakeClock, FakeTelephone, answers


def service_of(clock: FakeClock) -> ResetService:
    """A service over a fake bank."""
    return ResetService(bank=FakeBank(), store=MemoryStore(), key=bytes(32), clock=clock)


@pytest.mark.parametrize(
    ("procedure", "end"),
    [(Procedure.LOGIN_PASSWORD, "DONE"), (Procedure.RISK_BASED_AUTH, "DONE"), (Procedure.TOKEN_REISSUE, "BTR005")],
)
def test_a_procedure_is_walked_by_its_answers(procedure: Procedure, end: str) -> None:
    """Every form of every procedure is filled in from its declaration; only the call is made by hand."""
    clock = FakeClock()
    service, customer = service_of(clock), CAST[0]
    telephone = FakeTelephone(service, customer.contract.phones[0])
    view = service.start(procedure, institution=customer.institution)
    for _ in range(8):
        if view.final:
            break
        if view.dial is not None:
            telephone.call("chosen")
            if telephone.code is not None:
                telephone.press(telephone.code)
            view = service.view(view.token)
        else:
            view = service.send(view.token, view.events[0], answers(view, customer), version=view.version)
    assert end == view.state


def test_a_screen_without_a_form_has_no_answers() -> None:
    """At an ending there is nothing to enter."""
    service = service_of(FakeClock())
    view = service.start(Procedure.LOGIN_PASSWORD, institution="ja-0417")
    assert {} == answers(service.send(view.token, "cancel"), CAST[0])


def test_what_was_typed_is_repeated() -> None:
    """The second e-mail address is the one that was typed first."""
    service = service_of(FakeClock())
    view = service.start(Procedure.LOGIN_PASSWORD, institution="ja-0417")
    assert "a@example.com" == answers(view, CAST[0], typed={"email": "a@example.com"})["email_confirm"]
