"""The telephone for tests: each call has an id of its own, whoever else calls."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from ja_reset import Call, CallResult, CallStatus, Procedure, ResetService
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank, FakeClock, FakeTelephone, identity
from ja_reset.testing.cast import ORDINARY
from ja_reset.testing.telephone import Caller

NUMBER = ORDINARY.contract.phones[0]


def _waits(service: ResetService) -> str:
    """A session that waits for the customer's call; its token."""
    view = service.start(Procedure.LOGIN_PASSWORD, institution=ORDINARY.institution)
    view = service.send(view.token, "submit_identity", identity(ORDINARY))
    view = service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id})
    assert "PHONE" == view.state
    return view.token


@pytest.mark.rule("P3", "A5")
def test_a_second_telephone_of_a_number_makes_calls_of_its_own() -> None:
    """Its call proves the session that waits now, and is not taken for a call of the first one."""
    clock, store = FakeClock(), MemoryStore()
    service = ResetService(bank=FakeBank(), store=store, key=bytes(32), clock=clock)
    first = _waits(service)
    assert CallStatus.VERIFIED is FakeTelephone(service, NUMBER).prove().status
    service.send(first, "cancel")
    clock.advance(600)
    restarted = ResetService(bank=FakeBank(), store=store, key=bytes(32), clock=clock)
    second = _waits(restarted)
    assert CallStatus.VERIFIED is FakeTelephone(restarted, NUMBER).prove().status
    assert "BIM017" == restarted.view(second).state


@pytest.mark.rule("P3")
def test_a_call_keeps_its_id_until_the_next() -> None:
    """The webhook's retry and the keys go by the id of the last call, which each telephone counts for itself."""
    service = ResetService(bank=FakeBank(), store=MemoryStore(), key=bytes(32), clock=FakeClock())
    _waits(service)
    one, two = FakeTelephone(service, NUMBER), FakeTelephone(service, NUMBER)
    one.call("stranger")
    before = one.call_id
    two.call("stranger")
    assert before == one.call_id
    assert one.told == one.again()
    one.call("stranger")
    assert 4 == len({before, one.call_id, two.call_id, FakeTelephone(service, NUMBER).call_id})


class Listening(ResetService):
    """Keeps what was reported."""

    def __init__(self) -> None:
        super().__init__(bank=FakeBank(), store=MemoryStore(), key=bytes(32), clock=FakeClock())
        self.heard: list[tuple[Call, str | None]] = []

    def report_call(
        self, call: Call, *, session: str | None = None, context: Mapping[str, str] | None = None
    ) -> CallResult:
        """Hear it, and answer as ever."""
        self.heard.append((call, session))
        return super().report_call(call, session=session, context=context)


@pytest.mark.rule("P3")
@pytest.mark.parametrize("caller", Caller, ids=lambda caller: str(caller.value))
def test_a_call_is_reported_again_word_for_word(caller: Caller) -> None:
    """The retry of a withheld call is no call that shows its number, and it names the same session."""
    service = Listening()
    telephone = FakeTelephone(service, NUMBER)
    telephone.call(caller, session="s", dials="0120417000", attestation="B")
    telephone.again()
    first, second = service.heard
    assert first == second


@pytest.mark.rule("P3")
def test_there_is_no_retry_of_no_call() -> None:
    """Nothing is reported, and the test is told."""
    with pytest.raises(LookupError, match="there was no call yet"):
        FakeTelephone(Listening(), NUMBER).again()


def test_telephones_of_two_processes_share_no_id() -> None:
    """Processes over one store each have telephones: their ids differ too."""
    program = (
        "from ja_reset import ResetService; from ja_reset.stores import MemoryStore;"
        "from ja_reset.testing import FakeBank, FakeTelephone;"
        "print(FakeTelephone(ResetService(bank=FakeBank(), store=MemoryStore()), '09012345601').call_id)"
    )
    command = [sys.executable, "-c", program]
    told = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2)]  # noqa: S603 - a program of ours
    assert 2 == len(set(told))
    assert str(os.getpid()) not in told[0].split("/")
