"""A host's chart may order one effect after another: the answer tells of the last one that the bank has confirmed."""

from __future__ import annotations

import attrs
import pytest
from transfer_limit import PROCESSING, TEXTS, TITLE, TRANSFER_LIMIT, TransferPolicy

from hosts import KEY
from ja_reset import BankUnavailable, Call, CallSource, ResetService, View
from ja_reset.chart import Chart, EffectSpec, EventRole, State, StateKind
from ja_reset.machines import assigns, common
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank, FakeClock, credentials
from ja_reset.testing.cast import ORDINARY

TELL_BRANCH = EffectSpec("TELL_BRANCH", lambda _: {}, needs=("identity", "call"))
SECOND = "TELLING"
CHAINED = Chart(
    "TRANSFER_LIMIT",
    title=TITLE,
    initial="LOGIN",
    texts=TEXTS,
    codes=TRANSFER_LIMIT.codes,
    policies=(TransferPolicy,),
    states=[
        *TRANSFER_LIMIT.states.values(),
        State(
            name=SECOND,
            kind=StateKind.COMPLETING,
            screen=PROCESSING,
            keeps=TRANSFER_LIMIT.states[common.COMPLETING].keeps,
        ),
    ],
    handlers=[
        *(
            attrs.evolve(each, to=SECOND, assigns=(assigns.order_is_kept(TELL_BRANCH),), effects=(TELL_BRANCH,))
            if each.role is EventRole.CONFIRMED
            else each
            for each in TRANSFER_LIMIT.handlers
        ),
        *(attrs.evolve(each, source=SECOND) for each in common.completing(success="CHANGED", refused="LIMIT")),
    ],
)
"""The worked example, in which the branch is told once the limit is set, before the customer hears of success."""


def _at_limit(service: ResetService) -> View:
    view = service.start("TRANSFER_LIMIT", institution=ORDINARY.institution)
    view = service.send(view.token, "log_in", credentials(ORDINARY, "LOGIN_ID"))
    view = service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id})
    service.report_call(Call(id="c1", number=ORDINARY.contract.phones[0], source=CallSource.NETWORK))
    return service.view(view.token)


@pytest.mark.rule("S2", "C4", "S10")
@pytest.mark.parametrize("silent", [False, True])
def test_the_answer_tells_of_the_last_order_that_was_confirmed(*, silent: bool) -> None:
    """It is the one that the same request gets again, and that of the session as it is saved."""
    bank = FakeBank()
    service = ResetService(bank=bank, store=MemoryStore(), key=KEY, clock=FakeClock(), procedures=[CHAINED])
    view = _at_limit(service)
    if silent:
        bank.before = lambda method: (
            bank.fail("carry_out", BankUnavailable) if method == "carry_out" and bank.carried_out else None
        )
    typed = {"new_limit": "500000", "pin": ORDINARY.pin}
    answer, again = [
        service.send(view.token, "change_limit", typed, version=view.version, request_id="r") for _ in range(2)
    ]
    assert (SECOND if silent else "CHANGED") == answer.state
    assert [code.code for code in again.reasons] == [code.code for code in answer.reasons]
    assert (again.state, again.version) == (answer.state, answer.version)
    assert answer.state == service.view(view.token).state
