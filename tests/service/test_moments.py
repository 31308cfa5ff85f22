"""Which moment of its screen a session is in, and how many windows are left: told of the saved session alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hosts import LIVE, STATES, WITH_CODES, Host, named
from ja_reset import Call, CallSource, Moment, Policies, Procedure
from ja_reset.bank._values import CallStatus
from ja_reset.policies import IdentityPolicy, PhonePolicy

PHONES = [(procedure, "BTR004" if procedure is Procedure.TOKEN_REISSUE else "PHONE") for procedure in Procedure]
CHOOSE = {"PHONE": "BIM016", "BTR004": "BTR003"}


def _everywhere(host: Host) -> Moment | None:
    """The moment as the next look tells it, the same in another process."""
    view = host.look()
    assert view.moment == host.beside().look().moment
    assert view.to_dict()["moment"] == (None if view.moment is None else str(view.moment))
    return view.moment


@pytest.mark.rule("S2a", "P2")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_each_state_that_is_come_to_has_its_moment(procedure: Procedure, state: str) -> None:
    """Waiting, answered, processing and proved by the state; of an ending by the reason that led there."""
    host = Host(policies=WITH_CODES)
    host.at(procedure, state)
    wanted = {
        "PHONE": Moment.WAITING,
        "BTR004": Moment.WAITING,
        "PHONE_KEYS": Moment.ANSWERED,
        "BTR004_KEYS": Moment.ANSWERED,
        "BIM017": Moment.PROVED,
        "COMPLETING": Moment.PROCESSING,
    }
    if not host.view.final:
        assert wanted.get(state) == _everywhere(host)


@pytest.mark.rule("P4")
@pytest.mark.parametrize(("procedure", "state"), PHONES, ids=named)
def test_a_call_from_the_first_ring_to_its_end(procedure: Procedure, state: str) -> None:
    """Each wrong code and the end of the call are moments of their own, and a new call begins again."""
    host = Host(policies=WITH_CODES)
    host.at(procedure, state)
    host.call()
    assert Moment.ANSWERED is _everywhere(host)
    for status in (CallStatus.RETRY, CallStatus.RETRY):
        assert status is host.keys("x").status
        assert Moment.WRONG_CODE is _everywhere(host)
    assert (1, CallStatus.REFUSED) == (host.view.tries_left, host.keys("x").status)
    assert Moment.CALL_OVER is _everywhere(host)
    assert Moment.CALL_OVER is host.send("proceed").moment, "however often the customer asks"
    stranger = Call(id="stranger", number="080-1234-5602", source=CallSource.NETWORK)
    assert CallStatus.REFUSED is host.service.report_call(stranger, session=host.view.id).status
    assert Moment.CALL_OVER is _everywhere(host)
    code = host.call().code
    assert Moment.ANSWERED is _everywhere(host)
    assert code is not None
    host.keys(code.reveal())
    assert (Moment.PROVED if state == "PHONE" else None) is _everywhere(host)


@pytest.mark.rule("P4", "M4")
def test_a_new_window_begins_without_the_wrong_codes_of_the_last() -> None:
    """Another number is called for the first time, whatever was keyed in before."""
    host = Host(policies=WITH_CODES)
    host.at_phone()
    host.call()
    for _ in range(3):
        host.keys("x")
    assert Moment.CALL_OVER is _everywhere(host)
    host.send("back")
    host.send("choose_phone", host.phone())
    assert Moment.WAITING is _everywhere(host)


@pytest.mark.rule("P7")
def test_the_proof_is_confirmed_until_the_customer_has_done_something() -> None:
    """On the form that the page has moved on to; not beside the reasons of a form that was sent."""
    host = Host()
    host.at_phone()
    host.call()
    assert Moment.PROVED is _everywhere(host)
    host.send("submit_reset", host.reset(pin="0000"))
    assert None is _everywhere(host)


@pytest.mark.rule("P6")
@pytest.mark.parametrize(("procedure", "state"), PHONES, ids=named)
def test_windows_are_counted_where_they_are_opened(procedure: Procedure, state: str) -> None:
    """Three before the first, two beside it; after the last one the session ends, and says that a limit was reached."""
    host = Host()
    view = host.at(procedure, CHOOSE[state])
    assert 3 == view.windows_left
    left = []
    for _ in range(3):
        view = host.service.send(view.token, *_choice(host, state), version=view.version)
        host._view = view
        assert (state, Moment.WAITING) == (view.state, view.moment)
        left.append(view.windows_left)
        host.clock.advance(timedelta(minutes=6))
        view = host.look()
    assert [2, 1, 0] == left
    assert ("EXPIRED", Moment.LIMIT, None) == (view.state, _everywhere(host), view.windows_left)


def _choice(host: Host, state: str) -> tuple[str, dict[str, str]]:
    if state == "PHONE":
        return "choose_phone", host.phone()
    return "submit_details", host.details()


@pytest.mark.rule("P6")
@pytest.mark.parametrize(("procedure", "state"), LIVE, ids=named)
def test_windows_are_told_nowhere_else(procedure: Procedure, state: str) -> None:
    """Only where a window is open or can be opened."""
    view = Host(policies=WITH_CODES).at(procedure, state)
    asks = {"BIM016", "BTR003", "PHONE", "PHONE_KEYS", "BTR004", "BTR004_KEYS"}
    assert (state in asks) == (view.windows_left is not None)


@pytest.mark.rule("I5")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_the_last_wrong_identity_reaches_a_limit_and_so_does_a_right_one_after_it(procedure: Procedure) -> None:
    """The same moment for both, and none before (I4)."""
    host = Host(policies=Policies(identity=IdentityPolicy(identity_attempts=2)))
    for typed, wanted in (("wrong", (None, Moment.LIMIT)), ("right", (Moment.LIMIT,))):
        host.at(procedure, "BTR002" if procedure is Procedure.TOKEN_REISSUE else "BIM015")
        for moment in wanted:
            assert moment is host.send(*_identity(host, procedure, typed)).moment
            assert moment is _everywhere(host)


def _identity(host: Host, procedure: Procedure, typed: str) -> tuple[str, dict[str, str]]:
    if procedure is Procedure.TOKEN_REISSUE:
        wrong = {"password": "wrong-0000"} if typed == "wrong" else {}
        return "submit_credentials", {**host.credentials(), **wrong}
    return "submit_identity", host.identity(**({"birth_date": "1999-09-09"} if typed == "wrong" else {}))


@pytest.mark.rule("L2", "I6")
def test_the_last_wrong_pin_reaches_a_limit_and_a_lock_that_was_there_does_not() -> None:
    """Who meets the lock later is told of a lock."""
    host = Host()
    host.at_bim017()
    for _ in range(3):
        host.send("submit_reset", host.reset(pin="0000"))
    assert ("LOCKED", Moment.LIMIT) == (host.view.state, _everywhere(host))
    host.start()
    host.send("submit_identity", host.identity())
    assert ("LOCKED", None) == (host.view.state, _everywhere(host))


@pytest.mark.rule("P4")
def test_the_last_wrong_code_reaches_a_limit() -> None:
    """Of the session or of the number: it is REJECTED for it."""
    host = Host(policies=Policies(phone=PhonePolicy(bim_code=True, codes_per_session=2)))
    host.at_phone()
    host.call()
    host.keys("x")
    host.keys("x")
    assert ("REJECTED", Moment.LIMIT) == (host.look().state, _everywhere(host))


@pytest.mark.rule("S3", "M3")
def test_other_endings_reach_no_limit() -> None:
    """Time that ran out, and a cancel, say so and no more."""
    host = Host()
    host.start()
    host.clock.advance(timedelta(minutes=11))
    assert ("EXPIRED", None) == (host.look().state, _everywhere(host))
    host.start()
    assert ("CANCELLED", None) == (host.send("cancel").state, _everywhere(host))
