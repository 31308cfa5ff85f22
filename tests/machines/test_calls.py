"""What a reported call does to the session that waits for it: windows, evidence, retries (P2, P3, P8a, P9 to P11)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hosts import KEY, WITH_CODES, Host, codes, named
from ja_reset import (
    BankUnavailable,
    Call,
    CallResult,
    CallSource,
    CallStatus,
    Policies,
    Presentation,
    Procedure,
    StoreError,
    Text,
    View,
)
from ja_reset.fields._phone_numbers import says_anything
from ja_reset.policies import CallerIdPolicy, PhonePolicy, SessionPolicy
from ja_reset.stores.rows import Put, Store
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import CAST, INSTITUTION, ORDINARY

TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
NOTHING = timedelta(0)
NEW_KEY = bytes(reversed(range(32)))
GRACE = timedelta(seconds=5)
SKEW = timedelta(seconds=2)
WINDOWS = {
    Procedure.LOGIN_PASSWORD: timedelta(seconds=120),
    Procedure.RISK_BASED_AUTH: timedelta(seconds=120),
    Procedure.TOKEN_REISSUE: timedelta(seconds=300),
}
PROVED = {
    Procedure.LOGIN_PASSWORD: CallStatus.VERIFIED,
    Procedure.RISK_BASED_AUTH: CallStatus.VERIFIED,
    Procedure.TOKEN_REISSUE: CallStatus.ANNOUNCE,
}
CHOSEN = ORDINARY.contract.phones[0]
procedures = pytest.mark.parametrize("procedure", list(Procedure), ids=named)


def waiting(host: Host, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
    """A new session that waits for the call from the customer's first phone."""
    return host.at(procedure, "BTR004" if procedure is Procedure.TOKEN_REISSUE else "PHONE")


def report(host: Host, *, session: object = None, **fields: object) -> CallResult:
    """The right call under a new id, but for the changes; `session` names whose it is."""
    host.calls += 1
    right: dict[str, object] = {"id": f"call-{host.calls}", "number": CHOSEN, "source": CallSource.NETWORK}
    call = Call(**{**right, **fields})  # type: ignore[arg-type]  # fields by name
    return host.service.report_call(call, session=session)  # type: ignore[arg-type]  # hosts may pass anything


def choose(host: Host) -> View:
    """Choose the first phone, on the screen where phones are chosen."""
    if host.view.procedure is Procedure.TOKEN_REISSUE:
        return host.send("submit_details", host.details())
    return host.send("choose_phone", host.phone())


def told(result: CallResult) -> tuple[CallStatus, list[str]]:
    """Status and codes of what the gateway was told."""
    return result.status, codes(result)


# The window (P2) --------------------------------------------------------------------------------------------


@pytest.mark.rule("P2", "A2")
@procedures
def test_a_call_counts_from_the_first_instant_to_the_last(store: Store, procedure: Procedure) -> None:
    """The instant of entering the screen and the last one count; a microsecond before and after do not."""
    window, host = WINDOWS[procedure], Host(store=store)
    for at, status, reasons in (
        (-TICK, CallStatus.REFUSED, ["early"]),
        (NOTHING, PROVED[procedure], []),
        (window, PROVED[procedure], []),
        (window + TICK, CallStatus.REFUSED, ["late"]),
    ):
        view = waiting(host, procedure)
        entered = host.clock.now
        assert entered + window == view.deadline
        host.clock.advance(window + GRACE)
        assert (status, reasons) == told(host.call(received_at=entered + at))
        assert (view.state == host.look().state) == bool(reasons)
        host.clock.advance(3600)


@pytest.mark.rule("P2")
@procedures
def test_without_a_time_a_call_counts_when_it_is_reported(procedure: Procedure) -> None:
    """A report that does not say when is of now: inside the window at its last instant, past it within the grace."""
    for after, status, reasons in (
        (WINDOWS[procedure], PROVED[procedure], []),
        (WINDOWS[procedure] + TICK, CallStatus.REFUSED, ["late"]),
    ):
        host = Host()
        waiting(host, procedure)
        host.clock.advance(after)
        assert (status, reasons) == told(host.call())


@pytest.mark.rule("P2", "P6", "A2")
@procedures
def test_a_report_after_the_grace_is_refused_whatever_it_says(store: Store, procedure: Procedure) -> None:
    """A call in time, reported a microsecond after the grace, is late, and the session is where phones are chosen."""
    host = Host(store=store)
    waiting(host, procedure)
    entered = host.clock.now
    host.clock.advance(WINDOWS[procedure] + GRACE + TICK)
    assert (CallStatus.REFUSED, ["late"]) == told(host.call(received_at=entered + SECOND))
    assert ({"BIM016", "BTR003"} >= {host.look().state}, ["timed_out"]) == (True, codes(host.view))
    assert (CallStatus.REFUSED, ["late"]) == told(host.call(received_at=entered + SECOND))


@pytest.mark.rule("P2")
@pytest.mark.parametrize(
    ("ahead", "proves"),
    [(SKEW, True), (SKEW + TICK, False), (timedelta(days=1), False)],
    ids=["within the skew", "past it", "tomorrow"],
)
def test_a_call_from_the_future_counts_only_within_the_skew(ahead: timedelta, proves: bool) -> None:
    """A gateway's clock may go ahead of ours by `clock_skew`, that included, and no more."""
    host = Host()
    waiting(host)
    result = host.call(received_at=host.clock.now + ahead)
    assert proves == (result.status is CallStatus.VERIFIED)
    assert proves or (CallStatus.REFUSED, ["late"]) == told(result)
    assert ("BIM017" if proves else "PHONE") == host.look().state


@pytest.mark.rule("P2")
def test_the_skew_does_not_lengthen_the_window() -> None:
    """A call dated past the window is late, though our own clock has not come that far."""
    host = Host()
    waiting(host)
    closes = host.clock.now + WINDOWS[Procedure.LOGIN_PASSWORD]
    host.clock.advance(WINDOWS[Procedure.LOGIN_PASSWORD] - SECOND)
    assert (CallStatus.REFUSED, ["late"]) == told(host.call(received_at=closes + TICK))
    assert CallStatus.VERIFIED is host.call(received_at=closes).status


@pytest.mark.rule("P2", "M4", "A1")
@procedures
def test_a_call_before_going_back_does_not_count_later(procedure: Procedure) -> None:
    """Dated inside the window before 戻る, it is early for the window after."""
    host = Host()
    waiting(host, procedure)
    host.clock.advance(10)
    before = host.clock.now
    host.clock.advance(10)
    host.send("back")
    choose(host)
    assert (CallStatus.REFUSED, ["early"]) == told(host.call(received_at=before))
    assert PROVED[procedure] is host.call().status


# Evidence (P3, P11) -----------------------------------------------------------------------------------------

REFUSALS: Sequence[tuple[dict[str, object], str]] = (
    ({"presentation": Presentation.RESTRICTED}, "withheld"),
    ({"number": "anonymous"}, "withheld"),
    ({"number": "+266696687"}, "withheld"),
    ({"number": "sip:anonymous@anonymous.invalid"}, "withheld"),
    ({"presentation": Presentation.UNAVAILABLE}, "unavailable"),
    ({"number": None}, "unavailable"),
    ({"number": ""}, "unavailable"),
    ({"number": "050-3123-4567"}, "voip"),
    ({"dialed": "0120-417-001"}, "wrong_line"),
    ({"diverted": True}, "diverted"),
    ({"source": CallSource.CLAIMED}, "claimed"),
    ({"number": "080-1234-5602"}, "wrong_number"),
    ({"number": "819012345601"}, "wrong_number"),
    ({"number": "9012345601"}, "wrong_number"),
    ({"number": "09012345601a"}, "wrong_number"),
    ({"number": "18409012345601"}, "wrong_number"),
)
"""What a gateway may report beside the right call, and why it proves nothing."""
evidence = pytest.mark.parametrize(("fields", "reason"), REFUSALS, ids=lambda value: str(value)[:40])
OF_THE_NUMBER = {"withheld", "unavailable", "voip", "wrong_number"}
"""Reasons by which a call fits no session."""


@pytest.mark.rule("P3", "P5", "P8a", "A2", "S2a")
@procedures
@evidence
def test_each_evidence_refuses_with_its_reason_and_the_next_call_succeeds(
    procedure: Procedure, fields: dict[str, object], reason: str
) -> None:
    """Where the telephony names the session every reason reaches its screen, and it waits for another call."""
    host = Host()
    view = waiting(host, procedure)
    result = report(host, session=view.id, **fields)
    assert (CallStatus.REFUSED, [reason]) == told(result)
    assert result.code is None
    for _ in range(2):
        assert (view.state, [reason]) == (host.look().state, codes(host.view))
    assert (view.version, view.deadline) == (host.view.version, host.view.deadline)
    assert PROVED[procedure] is report(host).status
    assert [] == codes(host.look())


@pytest.mark.rule("P3", "P9", "P10", "P11", "A2")
@procedures
@evidence
def test_without_a_session_named_only_the_number_finds_it(
    procedure: Procedure, fields: dict[str, object], reason: str
) -> None:
    """A call without the chosen number is UNMATCHED even where one session waits; others are refused to its screen."""
    host = Host()
    view = waiting(host, procedure)
    result = report(host, **fields)
    if reason in OF_THE_NUMBER:
        assert (CallStatus.UNMATCHED, [] if reason == "wrong_number" else [reason]) == told(result)
        assert view == host.look()
    else:
        assert (CallStatus.REFUSED, [reason]) == told(result)
        assert (view.state, [reason]) == (host.look().state, codes(host.view))
    assert PROVED[procedure] is report(host).status


FAULTS: dict[str, dict[str, object]] = {
    "wrong_line": {"dialed": "0120-417-001"},
    "diverted": {"diverted": True},
    "claimed": {"source": CallSource.CLAIMED},
    "attestation": {"attestation": "C"},
    "wrong_number": {"number": "080-1234-5602"},
    "early": {"received_at": "before"},
}
"""What can be wrong at the same time, in the order in which it is told."""
DEMANDING = Policies(caller_id=CallerIdPolicy(attestation="B"))


@pytest.mark.rule("P3")
@given(st.sets(st.sampled_from(list(FAULTS))), st.sampled_from([None, "withheld", "unavailable", "voip"]))
def test_of_several_faults_the_first_in_order_is_told(faults: set[str], nobody: str | None) -> None:
    """One reason, always the same of several: no number, 050, line, diverted, claimed, attestation, number, time."""
    host = Host(policies=DEMANDING)
    view = waiting(host)
    fields: dict[str, object] = {"attestation": "B"}
    for fault in faults:
        fields |= FAULTS[fault]
    if "early" in faults:
        fields["received_at"] = host.clock.now - TICK
    if nobody is not None:
        fields["number"] = {"withheld": "anonymous", "unavailable": None, "voip": "05031234567"}[nobody]
    order = ([nobody] if nobody else []) + [fault for fault in FAULTS if fault in faults]
    assert order[:1] == codes(report(host, session=view.id, **fields))
    assert ("PHONE" if order else "BIM017") == host.look().state


@pytest.mark.rule("P3", "A2")
@pytest.mark.parametrize("demanded", [None, "A", "B", "C"])
@pytest.mark.parametrize("given_", [None, "A", "B", "C", "a", "D", ""])
def test_an_attestation_is_demanded_where_the_policy_says_so(demanded: str | None, given_: str | None) -> None:
    """The level demanded or a stronger one will do; None, and what is no level, meets no demand."""
    host = Host(policies=Policies(caller_id=CallerIdPolicy(attestation=demanded)))
    waiting(host)
    suffices = demanded is None or (given_ in {"A", "B", "C"} and str(given_) <= demanded)
    expected = (CallStatus.VERIFIED, []) if suffices else (CallStatus.REFUSED, ["attestation"])
    assert expected == told(report(host, attestation=given_))


@pytest.mark.rule("P3")
def test_a_policy_can_let_claimed_numbers_through() -> None:
    """With `claimed_numbers` a merely claimed number proves as one that the network asserts."""
    host = Host(policies=Policies(caller_id=CallerIdPolicy(claimed_numbers=True)))
    waiting(host)
    assert CallStatus.VERIFIED is report(host, source=CallSource.CLAIMED).status


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    "number",
    [
        "09012345601",
        "090-1234-5601",
        "+819012345601",
        "+81(0)90-1234-5601",
        "00819012345601",
        "tel:+81-90-1234-5601",
        "sip:+819012345601@gateway.example;user=phone",
        "sips:09012345601@gateway.example",
        "０９０－１２３４－５６０１",
    ],
)
def test_every_spelling_of_the_chosen_number_proves(number: str) -> None:
    """Numbers compare as E.164, whatever the gateway writes."""
    host = Host()
    waiting(host)
    assert CallStatus.VERIFIED is report(host, number=number).status


@pytest.mark.rule("P11")
@procedures
@pytest.mark.parametrize("dialed", [None, "", "0120-417-000", "+81120417000", "sip:0120417000@gateway.example"])
def test_the_institutions_line_fits_in_any_spelling(procedure: Procedure, dialed: str | None) -> None:
    """The view says which number to call; a report of that line, or of none, fits."""
    host = Host()
    assert INSTITUTION.dial == waiting(host, procedure).dial
    assert PROVED[procedure] is report(host, dialed=dialed).status


@pytest.mark.rule("P11", "P8")
def test_the_line_of_another_institution_does_not_fit() -> None:
    """The number finds the session wherever it was called; then the line must be that session's institution's."""
    other = attrs.evolve(INSTITUTION, id="ja-9999", dial="0120-417-999")
    host = Host(bank=FakeBank(CAST, (INSTITUTION, other)))
    waiting(host)
    assert (CallStatus.REFUSED, ["wrong_line"]) == told(report(host, dialed=other.dial))
    assert (CallStatus.REFUSED, ["wrong_line"]) == told(report(host, dialed="anonymous"))


@pytest.mark.rule("P8a")
@procedures
def test_a_session_named_is_the_only_one_that_a_call_can_prove(procedure: Procedure) -> None:
    """Named for another session that waits for another number, the call proves neither."""
    host, other = Host(), None
    view = waiting(host, procedure)
    other = host.beside()
    other.at_phone(number=1)
    assert (CallStatus.REFUSED, ["wrong_number"]) == told(report(host, session=other.view.id))
    assert view == host.look()
    assert ["wrong_number"] == codes(other.look())
    assert PROVED[procedure] is report(host, session=view.id).status


@pytest.mark.rule("P8a", "P9", "A8")
@pytest.mark.parametrize("session", ["", "0" * 64, "the token", 7, [], "\ud800"])
def test_an_unknown_session_is_unmatched(session: object) -> None:
    """A name that is none, a token instead of an id: UNMATCHED, though the number would have found a session."""
    host = Host()
    view = waiting(host)
    named_ = view.token if session == "the token" else session
    assert (CallStatus.UNMATCHED, []) == told(report(host, session=named_))
    assert (CallStatus.UNMATCHED, ["withheld"]) == told(report(host, session=named_, number="anonymous"))
    assert view == host.look()


@pytest.mark.rule("P8a", "P9", "A1")
@pytest.mark.parametrize("state", ["BIM015", "BIM016", "BIM017", "COMPLETING", "DONE", "CANCELLED", "LOCKED"])
def test_a_session_named_that_does_not_wait_is_unmatched(state: str) -> None:
    """A call for a session on any other screen changes nothing and gives it no reason."""
    host = Host()
    host.at(Procedure.LOGIN_PASSWORD, state)
    view = host.look()
    assert (CallStatus.UNMATCHED, []) == told(report(host, session=view.id))
    assert view == host.look()


# Unmatched (P9, P10) ----------------------------------------------------------------------------------------


@pytest.mark.rule("P9", "S7", "S8")
@pytest.mark.parametrize("number", [CHOSEN, "080-1234-5602", "anonymous", None, "nonsense", "050-3123-4567"])
def test_a_call_that_fits_no_session_is_audited_and_changes_nothing(store: Store, number: str | None) -> None:
    """Whatever calls while a session is where the phone is chosen: UNMATCHED, one audit record, no digits in full."""
    host = Host(store=store)
    view = host.at_bim016()
    before = host.saved()
    assert CallStatus.UNMATCHED is report(host, number=number).status
    assert before == host.saved()
    assert view == host.look()
    *_, record = host.store.audit()
    assert ("call_received", "UNMATCHED", None) == (record["event"], record["status"], record["session"])
    assert "5601" not in repr(record)
    assert "5602" not in repr(record)
    assert "4567" not in repr(record)


@pytest.mark.rule("P10", "A2")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([None, CHOSEN, "+819012345601", "anonymous", "184" + CHOSEN, "186" + CHOSEN]),
    st.sampled_from([Presentation.RESTRICTED, Presentation.UNAVAILABLE]),
)
def test_a_withheld_call_fits_nobody(number: str | None, presentation: Presentation) -> None:
    """Where one session waits, and where the number came along although it is withheld: no session, no proof."""
    host = Host()
    view = waiting(host)
    assert CallStatus.UNMATCHED is report(host, number=number, presentation=presentation).status
    assert view == host.look()


@pytest.mark.rule("S8", "S5")
@procedures
def test_the_telephone_side_never_sees_a_token_nor_a_number(procedure: Procedure) -> None:
    """Neither the answers to a call nor audit, sessions and rows hold the token; the numbers are in the store alone."""
    host = Host()
    view = waiting(host, procedure)
    results = [report(host, number="anonymous", session=view.id), report(host), report(host)]
    operator = host.service.operator
    seen = repr((results, operator.audit(), operator.sessions(), operator.effects()))
    rows = repr([row.body for kind in ("session", "wait", "call") for row in host.store.scan(kind)])
    assert view.token not in seen + rows
    for number in ORDINARY.contract.phones:
        assert number not in seen
        assert number.replace("-", "").removeprefix("0") not in seen


# Retries (P3) -----------------------------------------------------------------------------------------------


def again(host: Host, **fields: object) -> CallResult:
    """The last call reported again, as the right one but for *fields*."""
    host.calls -= 1
    return report(host, **fields)


@pytest.mark.rule("P3", "A5")
@pytest.mark.parametrize("spelling", ["as before", "E.164 and a time"])
@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ({}, (CallStatus.VERIFIED, [])),
        ({"diverted": True}, (CallStatus.REFUSED, ["diverted"])),
        ({"number": "anonymous"}, (CallStatus.UNMATCHED, ["withheld"])),
        ({"number": "080-1234-5602"}, (CallStatus.UNMATCHED, [])),
    ],
    ids=["verified", "refused", "withheld", "unmatched"],
)
def test_the_same_call_reported_again_hears_the_first_answer(
    store: Store, first: dict[str, object], expected: tuple[CallStatus, list[str]], spelling: str
) -> None:
    """In every status, in any spelling, and much later; a proof only while its session is where it led."""
    host = Host(store=store)
    waiting(host)
    assert expected == told(report(host, **first))
    name = f"call-{host.calls}"
    number = str(first.get("number", CHOSEN))
    spelled = {"number": number.replace("-", "").replace("0", "+81", 1) if number[0] == "0" else number}
    fields = first if spelling == "as before" else {**first, **spelled, "received_at": host.clock.now}
    moves: list[Callable[[], object]] = [
        lambda: None,
        lambda: report(host),
        lambda: host.clock.advance(3600),
        lambda: waiting(host),
    ]
    for move in moves:
        move()
        if expected[0] is CallStatus.VERIFIED and move is moves[2]:
            expected = (CallStatus.REFUSED, ["late"])
        before = host.store.scan("session")
        for session in (None, host.view.id):
            assert expected == told(report(host.beside(), id=name, session=session, **fields))
        assert before == host.store.scan("session")


@pytest.mark.rule("P3", "P4")
@pytest.mark.parametrize("move", ["wrong PIN", "done", "cancel", "timeout", "purge"])
def test_a_call_that_proved_is_late_once_its_session_moved_on(move: str) -> None:
    """A wrong PIN leaves the session where the call led it; after any ending its retry is REFUSED `late`."""
    host = Host()
    waiting(host)
    assert CallStatus.VERIFIED is report(host).status
    host.look()
    moves: dict[str, Callable[[], object]] = {
        "wrong PIN": lambda: host.send("submit_reset", host.reset(pin="9999")),
        "done": lambda: host.send("submit_reset", host.reset()),
        "cancel": lambda: host.send("cancel"),
        "timeout": lambda: host.clock.advance(timedelta(minutes=10) + TICK),
        "purge": lambda: host.store.commit([Put("session", host.view.id, host.row().stamp, None)]),
    }
    moves[move]()
    expected = (CallStatus.VERIFIED, []) if move == "wrong PIN" else (CallStatus.REFUSED, ["late"])
    assert [expected, expected] == [told(again(host)), told(again(host))]


@pytest.mark.rule("P2", "P9", "P8")
@procedures
def test_a_call_after_the_grace_is_late_while_the_number_rests_and_then_unmatched(procedure: Procedure) -> None:
    """However early it reached the gateway: `late` through the rest's last instant, then nobody's; never a proof."""
    for after, expected in (
        (GRACE + TICK, (CallStatus.REFUSED, ["late"])),
        (GRACE + timedelta(seconds=120), (CallStatus.REFUSED, ["late"])),
        (GRACE + timedelta(seconds=120) + TICK, (CallStatus.UNMATCHED, [])),
    ):
        host = Host()
        waiting(host, procedure)
        in_time = host.clock() + SECOND
        host.clock.advance(WINDOWS[procedure] + after)
        result = report(host, received_at=in_time)
        assert expected == told(result)
        assert result == again(host)
        assert "timed_out" in codes(host.look())


@pytest.mark.rule("P3", "S9")
@pytest.mark.parametrize("what", ["rests", "named", "keys", "announced"])
def test_a_call_that_finds_no_session_waiting_is_told_in_its_institutions_words(what: str) -> None:
    """Late for a number that rests, for a session that is named, for keys, for an announced call's retry."""
    words = {code: Text(ja="てんそう", en=f"own words of {code}") for code in ("late", "voip")}
    host = Host(bank=FakeBank(CAST, (attrs.evolve(INSTITUTION, messages=words),)))
    view = waiting(host, Procedure.TOKEN_REISSUE)
    if what in {"keys", "announced"}:
        assert CallStatus.ANNOUNCE is report(host).status
        host.service.send(view.token, "back")
        result = host.keys("123456") if what == "keys" else again(host)
    elif what == "rests":
        host.clock.advance(timedelta(seconds=305) + TICK)
        result = report(host)
        assert result == again(host)
    else:
        host.service.send(view.token, "back")
        result = report(host, session=view.id, number="050-3123-4567")
        assert result == again(host, number="050-3123-4567")
    code = "voip" if what == "named" else "late"
    assert [f"own words of {code}"] == [reason.en for reason in result.reasons]


@pytest.mark.rule("P3", "P5")
def test_a_call_that_came_too_soon_stays_unmatched() -> None:
    """Reported before the customer chose the phone, its retry proves nothing afterwards; a new call does."""
    host = Host()
    host.at_bim016()
    assert CallStatus.UNMATCHED is report(host).status
    host.send("choose_phone", host.phone())
    assert CallStatus.UNMATCHED is again(host).status
    assert "PHONE" == host.look().state
    assert CallStatus.VERIFIED is report(host).status


@pytest.mark.rule("P3", "P4")
def test_an_announced_call_reported_again_hears_the_same_code(store: Store) -> None:
    """As long as its keys are awaited, the retry reads out the same code, and no second one is made."""
    host = Host(store=store)
    waiting(host, Procedure.TOKEN_REISSUE)
    first = report(host)
    assert first.code is not None
    saved = host.saved()
    assert [first, first] == [again(host), again(host, number="+819012345601")]
    assert saved == host.saved()
    assert CallStatus.RETRY is host.keys("x").status
    assert first == again(host)
    assert CallStatus.VERIFIED is host.keys(first.code.reveal()).status


@pytest.mark.rule("P3", "P4", "M4")
@pytest.mark.parametrize("move", ["verified", "back", "cancel", "timeout", "new call", "wrong codes"])
def test_an_announced_call_is_late_once_its_session_moved_on(move: str) -> None:
    """After the keys, back, cancel, a timeout, a newer call or too many wrong codes the retry reads out nothing."""
    host = Host()
    waiting(host, Procedure.TOKEN_REISSUE)
    code = report(host).code
    assert code is not None
    name = f"call-{host.calls}"
    moves: dict[str, Callable[[], object]] = {
        "verified": lambda: host.keys(code.reveal()),
        "back": lambda: host.service.send(host.view.token, "back"),
        "cancel": lambda: host.service.send(host.view.token, "cancel"),
        "timeout": lambda: host.clock.advance(timedelta(seconds=305) + TICK),
        "new call": lambda: report(host),
        "wrong codes": lambda: [host.keys("x") for _ in range(3)],
    }
    moves[move]()
    for _ in range(2):
        assert (CallStatus.REFUSED, ["late"]) == told(report(host, id=name))
    host.calls += 1
    assert (CallStatus.REFUSED, ["late"]) == told(host.keys(code.reveal(), call_id=name))


@pytest.mark.rule("P3", "S9")
def test_a_retry_hears_the_first_answer_in_the_same_words() -> None:
    """The institution's own texts, too, are those of the first answer."""
    words = {"diverted": Text(ja="てんそう", en="no diversions here")}
    own = attrs.evolve(INSTITUTION, messages=words)
    host = Host(bank=FakeBank(CAST, (own,)))
    waiting(host)
    first = report(host, diverted=True)
    assert ["no diversions here"] == [reason.en for reason in first.reasons]
    assert first == again(host, diverted=True)


class Racing:
    """A store in which a call's row is written by somebody else just after it was looked for."""

    def __init__(self, store: Store, between: list[Callable[[], object]]) -> None:
        self.persistent = store.persistent
        self._store = store
        self._between = between

    def get_many(self, names: Sequence[tuple[str, str]]) -> object:
        """Look, then let it happen."""
        rows = self._store.get_many(names)
        if names[0][0] == "call" and self._between:
            self._between.pop()()
        return rows

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


@pytest.mark.rule("P3", "A5")
@procedures
def test_two_reports_of_one_call_at_the_same_instant_hear_the_same(store: Store, procedure: Procedure) -> None:
    """The gateway's impatient retry, handled by another process, overtakes the first report: one answer, one proof."""
    between: list[Callable[[], object]] = []
    host = Host(store=store)
    slow = Host(store=Racing(store, between), bank=host.bank, clock=host.clock)  # type: ignore[arg-type]  # a Store
    waiting(host, procedure)
    results: list[CallResult] = []
    between.append(lambda: results.append(report(host)))
    results.append(report(slow, id="call-1"))
    assert [PROVED[procedure]] * 2 == [result.status for result in results]
    assert results[0] == results[1] == report(slow, id="call-1")


# A call id that comes twice (P3) ----------------------------------------------------------------------------

REUSED = (CallStatus.REFUSED, ["call_id_reused"])
OTHERS: Sequence[dict[str, object]] = (
    {"number": "080-1234-5602"},
    {"number": "090-1234-5602"},
    {"number": "09012345601a"},
    {"number": "anonymous"},
    {"number": None},
    {"presentation": Presentation.RESTRICTED},
    {"presentation": Presentation.UNAVAILABLE},
    {"source": CallSource.CLAIMED},
    {"dialed": "0120-417-001"},
    {"dialed": None},
    {"attestation": "B"},
    {"attestation": None},
    {"diverted": True},
    {"number": "sip:+819012345601;verstat=TN-Validation-Failed@gw.example.jp"},
    {"number": "sip:+819012345601;cpc=payphone@gw.example.jp"},
)
"""What can differ between two calls that a gateway reports under one id."""
OF_THE_FIRST: dict[str, object] = {"dialed": INSTITUTION.dial, "attestation": "A"}
others = pytest.mark.parametrize("other", OTHERS, ids=lambda other: f"{next(iter(other.items()))}"[:40])


@pytest.mark.rule("P3", "A2", "A5", "S7")
@procedures
@others
def test_another_call_under_a_known_id_is_refused_and_told_nothing(
    procedure: Procedure, other: dict[str, object]
) -> None:
    """Whatever differs: REFUSED, no code, the session as it was, audited; what the honest call proved stands."""
    host = Host()
    waiting(host, procedure)
    first = report(host, **OF_THE_FIRST)
    view, saved = host.look(), host.saved()
    before = len(host.store.audit())
    for session in (None, view.id):
        result = again(host, **{**OF_THE_FIRST, **other}, session=session)
        assert REUSED == told(result)
        assert None is result.code
    assert (view, saved) == (host.look(), host.saved())
    records = host.store.audit()[before:]
    assert [("call_received", "REFUSED", ["call_id_reused"], view.id)] * 2 == [
        (each["event"], each["status"], each["reasons"], each["session"]) for each in records
    ]
    expected = told(first) if first.status is CallStatus.VERIFIED else REUSED
    assert expected == told(again(host, **OF_THE_FIRST))


@pytest.mark.rule("P3", "P4", "A5")
@others
def test_keys_of_a_call_whose_id_came_twice_prove_nothing(other: dict[str, object]) -> None:
    """Nobody can say whose keys they are: right or wrong they are refused and cost nothing; a new call proves."""
    host = Host()
    waiting(host, Procedure.TOKEN_REISSUE)
    code = report(host, **OF_THE_FIRST).code
    assert code is not None
    again(host, **{**OF_THE_FIRST, **other})
    saved = host.saved()
    assert [REUSED] * 3 == [told(host.keys(each)) for each in (code.reveal(), "x", code.reveal())]
    assert saved == host.saved()
    new = report(host).code
    assert new is not None
    assert CallStatus.VERIFIED is host.keys(new.reveal()).status


@pytest.mark.rule("P3", "A5")
@pytest.mark.parametrize("first", [{"diverted": True}, {"number": "080-1234-5602"}], ids=["refused", "unmatched"])
def test_the_right_call_under_the_id_of_a_wrong_one_proves_nobody(store: Store, first: dict[str, object]) -> None:
    """The id is the first call's; the customer's own call is refused, and proves under an id of its own."""
    host = Host(store=store)
    view = waiting(host)
    was = told(report(host, **first))
    assert REUSED == told(again(host))
    assert was == told(again(host, **first))
    assert view.state == host.look().state
    assert CallStatus.VERIFIED is report(host).status


@pytest.mark.rule("P3", "S7")
def test_each_repeat_of_a_call_is_audited() -> None:
    """A retry leaves a record that says so, with the status that was told; the first report's does not."""
    host = Host()
    waiting(host, Procedure.TOKEN_REISSUE)
    report(host)
    again(host)
    report(host, number="080-1234-5602")
    again(host, number="080-1234-5602")
    calls = [each for each in host.store.audit() if each["event"] == "call_received"]
    expected = [("ANNOUNCE", None), ("ANNOUNCE", True), ("UNMATCHED", None), ("UNMATCHED", True)]
    assert expected == [(each["status"], each.get("repeated")) for each in calls]
    assert "5601" not in repr(calls) + repr([row.body for row in host.store.scan("call")])


MEMORY = timedelta(hours=24)


@pytest.mark.rule("P3", "A5")
@procedures
@pytest.mark.parametrize("purged", [False, True])
@pytest.mark.parametrize("first", [{}, {"number": "080-1234-5602"}], ids=["proved", "unmatched"])
def test_a_call_id_is_another_calls_after_the_memory(
    store: Store, procedure: Procedure, first: dict[str, object], purged: bool
) -> None:
    """Through the last instant of `call_memory` it is the first call's; then a gateway may begin its ids again."""
    host = Host(store=store)
    waiting(host, procedure)
    report(host, **first)
    at = host.clock.now
    host.clock.advance(MEMORY - timedelta(minutes=1))
    waiting(host, procedure)
    for beyond in (NOTHING, TICK):
        host.clock.advance(at + MEMORY + beyond - host.clock.now)
        if purged:
            host.service.purge()
        result = again(host)
        assert (beyond > NOTHING) == (result.status is PROVED[procedure]), told(result)
    if result.code is not None:
        assert CallStatus.VERIFIED is host.keys(result.code.reveal()).status


@pytest.mark.rule("P3", "S8", "A5")
@procedures
def test_a_purge_that_keeps_no_session_keeps_the_calls(store: Store, procedure: Procedure) -> None:
    """With no retention at all, one call id does not prove two sessions."""
    host = Host(store=store, policies=Policies(session=SessionPolicy(retention=NOTHING)))
    waiting(host, procedure)
    assert PROVED[procedure] is report(host).status
    host.look()
    host.service.send(host.view.token, "cancel" if procedure is not Procedure.TOKEN_REISSUE else "back")
    host.clock.advance(timedelta(hours=1))
    host.service.expire_due()
    host.service.purge()
    waiting(host, procedure)
    assert CallStatus.REFUSED is again(host).status


@pytest.mark.rule("P3", "P4")
def test_a_call_is_known_as_long_as_its_keys_may_come() -> None:
    """However short the memory: the code of a call in the window can be keyed in to its end."""
    host = Host(policies=Policies(phone=PhonePolicy(call_memory=TICK)))
    waiting(host, Procedure.TOKEN_REISSUE)
    code = report(host).code
    assert code is not None
    host.clock.advance(WINDOWS[Procedure.TOKEN_REISSUE])
    assert CallStatus.VERIFIED is host.keys(code.reveal()).status


@pytest.mark.rule("P3", "P4")
def test_keys_do_not_lengthen_the_memory_of_their_call() -> None:
    """The memory runs from the call, so that a gateway knows for how long its ids have to be unique."""
    host = Host()
    waiting(host, Procedure.TOKEN_REISSUE)
    report(host)
    host.clock.advance(60)
    host.keys("x")
    host.clock.advance(MEMORY - timedelta(seconds=60) + TICK)
    waiting(host)
    assert CallStatus.VERIFIED is again(host).status


@pytest.mark.rule("P3", "S4", "S5")
@pytest.mark.parametrize("key", [(NEW_KEY, KEY), (NEW_KEY,)], ids=["rotated", "dropped"])
def test_a_call_is_recognised_by_every_key(key: tuple[bytes, ...]) -> None:
    """After a rotation the old key still recognises a call's retry; without it the retry is refused, and no more."""
    host = Host()
    waiting(host)
    first = report(host)
    other = Host(store=host.store, bank=host.bank, clock=host.clock, key=key, calls=host.calls)
    assert (told(first) if KEY in key else REUSED) == told(again(other))
    assert "BIM017" == host.look().state


@pytest.mark.rule("S4", "P3")
def test_a_call_that_0_1_saved_answers_as_before() -> None:
    """A row without a fingerprint: whoever reports it again hears the first answer, until the row is due."""
    host = Host()
    waiting(host, Procedure.TOKEN_REISSUE)
    first = report(host)
    row = host.store.get("call", hashlib.sha256(f"call-{host.calls}".encode()).hexdigest())
    assert row is not None
    old = {name: held for name, held in row.body.items() if name != "call"}
    assert host.store.commit([Put("call", row.key, row.stamp, old, row.tag, row.due)])
    assert [first, first] == [again(host), again(host, diverted=True)]
    assert first.code is not None
    assert CallStatus.VERIFIED is host.keys(first.code.reveal()).status
    assert row.due is not None
    host.clock.advance(row.due - host.clock.now + TICK)
    waiting(host)
    assert CallStatus.VERIFIED is again(host).status


@pytest.mark.rule("S5", "P3")
def test_what_a_call_was_cannot_be_searched_for_in_its_row() -> None:
    """Two calls of one number leave two fingerprints, and no plain digest of the number is among them."""
    host = Host()
    waiting(host, Procedure.TOKEN_REISSUE)
    for _ in range(2):
        report(host)
    rows = host.store.scan("call")
    assert 2 == len({str(row.body["call"]) for row in rows})
    number = "+819012345601"
    plain = [hashlib.sha256(text.encode()).hexdigest() for text in (CHOSEN, number)]
    assert [] == [each for each in (*plain, number, CHOSEN) if each in repr([row.body for row in rows])]


# Troubles ---------------------------------------------------------------------------------------------------


class Failing:
    """A store whose next commits fail."""

    def __init__(self, store: Store) -> None:
        self.persistent = store.persistent
        self.fails = 0
        self._store = store

    def commit(self, puts: Sequence[Put], audit: Sequence[dict[str, object]] = ()) -> bool:
        """Fail, or commit."""
        if self.fails:
            self.fails -= 1
            msg = "the disk is full"
            raise StoreError(msg)
        return self._store.commit(puts, audit)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


@pytest.mark.rule("P3", "C6")
@procedures
@pytest.mark.parametrize("trouble", ["bank", "store", "institution"])
def test_a_call_that_finds_bank_or_store_silent_is_not_remembered(
    store: Store, procedure: Procedure, trouble: str
) -> None:
    """REFUSED `temporarily_unavailable`, nothing changed; the gateway's retry of the same call succeeds."""
    failing = Failing(store)
    host = Host(store=failing)  # type: ignore[arg-type]  # a Store but for what fails
    view = waiting(host, procedure)
    if trouble == "store":
        failing.fails = 1
    elif trouble == "bank":
        host.bank.fail("contract", BankUnavailable)
    else:
        host = host.beside()  # a process that has not met the institution yet
        host.bank.fail("institution", BankUnavailable)
    assert (CallStatus.REFUSED, ["temporarily_unavailable"]) == told(report(host))
    assert view == host.look()
    assert PROVED[procedure] is again(host).status


@pytest.mark.rule("P4", "P5", "C6")
@pytest.mark.parametrize("trouble", ["bank", "store"])
def test_keys_that_find_bank_or_store_silent_may_be_keyed_again(store: Store, trouble: str) -> None:
    """RETRY `temporarily_unavailable`; no attempt is lost, and the same keys succeed afterwards."""
    failing = Failing(store)
    host = Host(store=failing, policies=Policies(phone=PhonePolicy(code_attempts=1)))  # type: ignore[arg-type]
    waiting(host, Procedure.TOKEN_REISSUE)
    code = report(host).code
    assert code is not None
    for _ in range(3):
        if trouble == "store":
            failing.fails = 1
        else:
            host.bank.fail("contract", BankUnavailable)
        assert (CallStatus.RETRY, ["temporarily_unavailable"]) == told(host.keys(code.reveal()))
    assert CallStatus.VERIFIED is host.keys(code.reveal()).status


@pytest.mark.rule("A8", "P3")
@given(
    number=st.none() | st.text(max_size=30) | st.sampled_from([CHOSEN, "anonymous"]),
    dialed=st.none() | st.text(max_size=30) | st.just(INSTITUTION.dial),
    presentation=st.sampled_from(Presentation),
    source=st.sampled_from(CallSource),
    attestation=st.none() | st.text(max_size=3),
    diverted=st.booleans(),
    codes_too=st.booleans(),
)
def test_whatever_a_gateway_reports_gets_an_answer(codes_too: bool, **fields: object) -> None:
    """Only the chosen number, shown, asserted, undiverted, on the right line, leads on; all else leaves it waiting."""
    host = Host(policies=WITH_CODES if codes_too else Policies())
    view = waiting(host)
    dialed, right = fields["dialed"], {"number": CHOSEN, "presentation": Presentation.ALLOWED, "diverted": False}
    line_fits = dialed in {None, INSTITUTION.dial} or not says_anything(str(dialed))
    network = fields["source"] is CallSource.NETWORK
    proves = line_fits and network and all(fields[name] == value for name, value in right.items())
    result = report(host, **fields)
    if proves:
        assert (CallStatus.ANNOUNCE if codes_too else CallStatus.VERIFIED) is result.status
        assert host.look().state != view.state
    else:
        assert result.status in {CallStatus.UNMATCHED, CallStatus.REFUSED}
        assert host.look().state == view.state
