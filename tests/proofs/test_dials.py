"""Several numbers to call, and each wait on a line of its own (P8, P11): the arithmetic, and what services do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts import WITH_CODES, Host, codes
from ja_reset import Call, CallSource, CallStatus, Institution, InvalidArgument, Presentation, Procedure, View
from ja_reset.chart import Assign, Chart
from ja_reset.chart.session import Window
from ja_reset.errors import ChartError
from ja_reset.machines import assigns
from ja_reset.proofs.caller import line_called
from ja_reset.proofs.waits import Wait, WaitEnd, Waits
from ja_reset.service._records import WAIT
from ja_reset.service.saved import load, save
from ja_reset.stores.rows import Put, Record, Store
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import GAIJI, INSTITUTION, ORDINARY
from lines import DIALS, host_with, institution_with, plays

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
REST = timedelta(seconds=120)
WINDOW = timedelta(seconds=125)
NUMBER = "+819012345601"


def waiting(host: Host) -> Host:
    """A session of the customer's in another tab, waiting for its call."""
    other = host.beside()
    view = other.at_bim016()
    assert () == view.reasons
    assert "PHONE" == other.send("choose_phone", other.phone()).state
    return other


def asking(host: Host) -> View:
    """What a further session of the customer's is told when it chooses the phone."""
    other = host.beside()
    other.at_bim016()
    return other.send("choose_phone", other.phone())


def other_dial(*given: str | None) -> str:
    """One of the first two numbers that is none of these."""
    return next(dial for dial in DIALS[:2] if dial not in given)


# An institution's numbers -----------------------------------------------------------------------------------


def test_an_institution_has_one_number_or_several() -> None:
    """`dial` is the only number or the first of several; a single one in `dials` is no more than `dial`."""
    several = Institution("ja-1", "長野県", "JAみほん", dials=list(DIALS))
    assert (DIALS[0], DIALS) == (several.dial, several.dials)
    one = Institution("ja-1", "長野県", "JAみほん", dials=(DIALS[0],))
    assert one == Institution("ja-1", "長野県", "JAみほん", DIALS[0])
    assert () == one.dials
    assert DIALS[1] == attrs.evolve(one, dial=DIALS[1]).dial
    assert DIALS == attrs.evolve(several, dial="+81 120-417-000").dials


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"dial": DIALS[1], "dials": DIALS}, "first of"),
        ({"dials": (DIALS[0], "+81120417000")}, "twice"),
        ({"dials": (DIALS[0], "sip:0120417000@gw.example.jp")}, "twice"),
        ({"dials": (DIALS[0], "the other one")}, "phone number"),
        ({"dials": (DIALS[0], "")}, "phone number"),
        ({"dials": (DIALS[0], 120417001)}, "phone number"),
        ({"dials": (DIALS[0], None)}, "phone number"),
        ({"dials": (DIALS[0], "0120-417-001" + " " * 30)}, "phone number"),
        ({"dials": "0120-417-000"}, "sequence"),
        ({"dials": {DIALS[0], DIALS[1]}}, "sequence"),
        ({"dials": None}, "sequence"),
        ({"dials": ()}, "dial must"),
        ({}, "dial must"),
        ({"dial": ""}, "dial must"),
        ({"dial": None}, "dial must"),
        ({"dial": "", "dials": DIALS}, "dial must"),
    ],
)
def test_numbers_that_cannot_be_told_apart_are_refused(given: dict[str, object], words: str) -> None:
    """Each number is a Japanese one and another line; contradicting figures, and none, are refused in words."""
    with pytest.raises(InvalidArgument, match=words):
        Institution("ja-1", "長野県", "JAみほん", **given)  # type: ignore[arg-type]  # what is refused


@pytest.mark.parametrize(
    ("dialed", "line"),
    [
        ("0120-417-001", "+81120417001"),
        ("+81120417001", "+81120417001"),
        ("0081120417001", "+81120417001"),
        ("sip:+81120417001@gw.example.jp;user=phone", "+81120417001"),
        ("tel:+81-120-417-001", "+81120417001"),
        ("1234", "1234"),
        (None, None),
        ("", None),
        (" \u3000", None),
    ],
)
def test_a_line_is_the_same_in_every_spelling(dialed: str | None, line: str | None) -> None:
    """The line that was dialled is known by its reading; blanks say nothing."""
    assert line == line_called(dialed)


# The arithmetic ---------------------------------------------------------------------------------------------

LINES = ("+81120417000", "+81120417001")


@pytest.mark.rule("P8", "A5")
@given(
    st.sampled_from([(None,), LINES[:1], LINES]),
    st.integers(1, 3),
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(["ask", "leave", "succeed", "look"]), st.integers(0, 200)),
        max_size=30,
    ),
)
def test_of_all_who_ask_one_waits_on_each_line(
    lines: tuple[str | None, ...], most: int, steps: list[tuple[str, str, int]]
) -> None:
    """Whoever asks, leaves and succeeds, in any order: no line is given to two, nor while it rests for another."""
    now, waits = NOON, Waits(lines=lines)
    quiet: dict[tuple[str, str | None], datetime] = {}
    mine: dict[str, str | None] = {}
    for who, step, seconds in steps:
        now += timedelta(seconds=seconds)
        live = {wait.session for wait in waits.waiting(now)}
        if step == "ask" and who not in live:
            free = waits.free_for(who, now, most)
            if free:
                line = free[seconds % len(free)]
                assert all(now > until for (other, on), until in quiet.items() if other != who and on == line)
                waits = waits.begun(who, now + WINDOW, REST, now, line=line)
                quiet[who, line], mine[who] = now + WINDOW + REST, line
            elif live:
                waits = waits.contested(now, REST)
                quiet = {(each, line): now + REST for each in "abcd-" for line in lines}
                assert () == waits.free_for(who, now, most)
                assert now + REST == waits.free_after(who, now)
        elif step in {"leave", "succeed"} and who in live:
            held = waits.of_session(who, mine[who])
            assert held is not None
            waits = waits.changed(
                held, held.succeeded(now) if step == "succeed" else held.ended(WaitEnd.LEFT, now, REST)
            )
            quiet[who, mine[who]] = now + REST if step == "leave" else held.earlier or now - SECOND
        live_lines = [wait.line for wait in waits.waiting(now)]
        assert len(live_lines) == len(set(live_lines)) <= most
        assert waits == Waits.of(None if waits.row is None else load(Wait, save(waits.row), WAIT), lines)
        for wait in waits.waiting(now):
            assert wait.session == getattr(waits.called(wait.line, now), "session", None)


@pytest.mark.rule("P8")
def test_a_row_with_one_wait_is_saved_as_ever() -> None:
    """The row of a number that one session waits for at an institution with one number has its old form."""
    row = Waits().begun("a", NOON, REST, NOON, line=None).row
    assert row is not None
    assert {"session": "a", "until": NOON.isoformat(), "rests": (NOON + REST).isoformat()} == save(row)


@pytest.mark.rule("P8")
def test_a_wait_at_an_institution_with_one_number_takes_all_lines() -> None:
    """Whoever waits without a line of its own keeps all others from waiting, and is kept from it by any of them."""
    alone = Waits(lines=LINES).begun("a", NOON, REST, NOON, line=None)
    assert () == alone.free_for("b", NOON, 9)
    on_a_line = Waits().begun("a", NOON, REST, NOON, line=LINES[0])
    assert () == on_a_line.free_for("b", NOON, 9)
    assert LINES[1:] == attrs.evolve(on_a_line, lines=LINES).free_for("b", NOON, 9)


# Every order of events --------------------------------------------------------------------------------------


@pytest.mark.rule("P8", "A5")
@pytest.mark.parametrize(
    ("count", "events", "procedure", "orders"),
    [
        (2, ("choose", "call"), Procedure.LOGIN_PASSWORD, 6),
        (2, ("choose", "call", "keys"), Procedure.TOKEN_REISSUE, 20),
        (3, ("choose", "call"), Procedure.RISK_BASED_AUTH, 90),
    ],
)
def test_each_session_is_proved_by_its_own_call_in_every_order(
    count: int, events: tuple[str, ...], procedure: Procedure, orders: int
) -> None:
    """With k numbers, k sessions of one phone are each proved by the call to their own, whatever comes first."""
    assert orders == plays(count, events, procedure)


# The calls --------------------------------------------------------------------------------------------------


@pytest.mark.rule("P8", "P11")
def test_two_sessions_of_one_phone_are_given_two_numbers() -> None:
    """Each view shows its own wait's number; a call to it proves that session and leaves the other waiting."""
    host = host_with(2)
    one, two = waiting(host), waiting(host)
    assert set(DIALS[:2]) == {one.view.dial, two.view.dial}
    assert CallStatus.VERIFIED is two.call(dialed=two.view.dial).status
    assert ("PHONE", "BIM017") == (one.look().state, two.look().state)
    assert CallStatus.VERIFIED is one.call(id="b", dialed=one.view.dial).status


@pytest.mark.rule("P8", "P11")
@pytest.mark.parametrize("spelled", ["+81{}", "0{}", "0081{}", "tel:+81{}", "sip:+81{}@gw.example.jp;user=phone"])
def test_the_number_dialled_counts_in_every_spelling(spelled: str) -> None:
    """Of two sessions the one is proved whose number was dialled, however the gateway spells it."""
    host = host_with(2)
    one, two = waiting(host), waiting(host)
    digits = (two.view.dial or "").replace("-", "").removeprefix("0")
    assert CallStatus.VERIFIED is one.call(dialed=spelled.format(digits)).status
    assert ("PHONE", "BIM017") == (one.look().state, two.look().state)


@pytest.mark.rule("P8", "P11")
def test_a_call_to_the_other_number_of_the_pair_proves_nobody() -> None:
    """One session waits and the other number is dialled: it stays, with the reason; its own number still proves it."""
    host = host_with(2)
    one = waiting(host)
    result = one.call(dialed=other_dial(one.view.dial))
    assert (CallStatus.REFUSED, ["wrong_line"]) == (result.status, codes(result))
    assert ("PHONE", ["wrong_line"]) == (one.look().state, codes(one.view))
    assert CallStatus.VERIFIED is one.call(dialed=one.view.dial).status


@pytest.mark.rule("P8", "P9", "P11")
@pytest.mark.parametrize(
    ("dialed", "code"),
    [
        (None, "line_unknown"),
        ("", "line_unknown"),
        ("0120-999-999", "wrong_line"),
        ("sip:0120417000;x=1@gw.example.jp", "wrong_line"),
    ],
)
def test_of_two_sessions_none_hears_a_call_to_an_unknown_number(dialed: str | None, code: str) -> None:
    """A call without its number, or to none of ours, is unmatched while two wait; the gateway hears why."""
    host = host_with(2)
    one, two = waiting(host), waiting(host)
    result = one.call(dialed=dialed)
    assert (CallStatus.UNMATCHED, [code]) == (result.status, codes(result))
    assert [("PHONE", [])] * 2 == [(each.look().state, codes(each.view)) for each in (one, two)]
    assert [code] == list(host.store.audit())[-1]["reasons"]


@pytest.mark.rule("P8", "P9")
def test_a_call_without_its_number_is_unmatched_where_there_are_several() -> None:
    """Even one session alone is not proved by a call whose gateway does not say what was dialled."""
    one = waiting(host_with(2))
    result = one.call()
    assert (CallStatus.UNMATCHED, ["line_unknown"]) == (result.status, codes(result))
    assert "PHONE" == one.look().state


@pytest.mark.rule("P8", "P10")
def test_a_withheld_call_has_its_own_reason() -> None:
    """What speaks against the caller's number is said before what is wrong with the line."""
    one = waiting(host_with(2))
    result = one.call(presentation=Presentation.RESTRICTED)
    assert (CallStatus.UNMATCHED, ["withheld"]) == (result.status, codes(result))
    assert "PHONE" == one.look().state


@pytest.mark.rule("P8", "P11")
def test_a_number_that_is_withdrawn_while_it_is_waited_on_proves_nothing() -> None:
    """A call to a number that the institution no longer has is refused; the next window has one that it has."""
    host = host_with(2, phone_windows=3)
    one = waiting(host)
    given = one.view.dial
    kept = other_dial(given)
    host.bank.change_institution(attrs.evolve(INSTITUTION, dial=kept))
    host.clock.advance(host.policies.session.institution_refresh + SECOND)
    result = one.call(dialed=given)
    assert (CallStatus.REFUSED, ["wrong_line"]) == (result.status, codes(result))
    one.look()
    one.send("back")
    assert kept == one.send("choose_phone", one.phone()).dial


@pytest.mark.rule("P8", "P11", "S9")
def test_a_customer_whose_number_is_withdrawn_is_told_to_choose_again() -> None:
    """The page cannot say "call the number shown": that one is gone. It says how to be given another, which counts."""
    host = host_with(2, phone_windows=3)
    one = waiting(host)
    given = one.view.dial
    one.call(dialed=other_dial(given))
    assert ["wrong_line"] == [reason.key for reason in one.look().reasons]
    host.bank.change_institution(attrs.evolve(INSTITUTION, dial=other_dial(given)))
    host.clock.advance(host.policies.session.institution_refresh + SECOND)
    for dialed in DIALS[:2]:
        assert CallStatus.VERIFIED is not one.call(dialed=dialed).status
        (reason,) = one.look().reasons
        assert ("wrong_line", "wrong_line.withdrawn") == (reason.code, reason.key)
        assert "戻る" in reason.ja
    one.send("back")
    again = one.send("choose_phone", one.phone())
    assert (other_dial(given), ()) == (again.dial, again.reasons)
    assert CallStatus.VERIFIED is one.call(dialed=again.dial).status


@pytest.mark.rule("P8", "P11")
def test_the_number_of_a_wait_that_was_given_none_is_shown_as_it_is_now() -> None:
    """One number is replaced by others while it is waited on: the next look shows the first of them, and it counts."""
    host = Host()
    one = waiting(host)
    version = one.view.version
    host.bank.change_institution(attrs.evolve(INSTITUTION, dial=DIALS[1], dials=DIALS[1:]))
    host.clock.advance(host.policies.session.institution_refresh + SECOND)
    assert ["wrong_line"] == codes(one.call(dialed=DIALS[0]))
    view = one.look()
    assert DIALS[1] == view.dial
    assert ["wrong_line"] == [reason.key for reason in view.reasons]
    assert version == view.version, "so a page must not go by the version alone"
    assert CallStatus.VERIFIED is one.call(dialed=DIALS[1]).status


@pytest.mark.rule("P8", "P8a", "P11")
def test_a_named_session_is_proved_only_by_its_own_number() -> None:
    """Telephony that names the session is held to the session's number where it reports one, and needs report none."""
    host = host_with(2)
    one, two = waiting(host), waiting(host)
    for place, dialed in enumerate((two.view.dial, "0120-999-999")):
        call = Call(id=f"named-{place}", number=NUMBER, source=CallSource.NETWORK, dialed=dialed)
        assert ["wrong_line"] == codes(host.service.report_call(call, session=one.view.id))
    assert ("PHONE", "PHONE") == (one.look().state, two.look().state)
    for tab in (two, one):
        call = Call(id=tab.view.id, number=NUMBER, source=CallSource.NETWORK)
        result = host.service.report_call(call, session=tab.view.id)
        assert CallStatus.VERIFIED is result.status


@pytest.mark.rule("P3", "P8")
def test_a_call_that_is_reported_again_with_another_number_is_another_call() -> None:
    """The id of a call to one number does not let a call to the other count, nor its keys."""
    host = host_with(2)
    one, two = waiting(host), waiting(host)
    assert ["wrong_line"] != codes(one.call(id="x", dialed=one.view.dial))
    result = two.call(id="x", dialed=two.view.dial)
    assert (CallStatus.REFUSED, ["call_id_reused"]) == (result.status, codes(result))
    assert "PHONE" == two.look().state


# Rests, contests, limits ------------------------------------------------------------------------------------


@pytest.mark.rule("P8")
@pytest.mark.parametrize("leave", ["back", "cancel", "time"])
def test_a_number_rests_for_its_own_line_alone(leave: str) -> None:
    """After a wait without success others wait on the other line; the line that rests is free again after the rest."""
    host = host_with(2)
    one = waiting(host)
    first = one.view.dial
    if leave == "time":
        host.clock.advance(host.policies.phone.bim_window + host.policies.phone.delivery_grace + SECOND)
        one.look()
    else:
        one.send(leave)
    two = waiting(host)
    assert other_dial(first) == two.view.dial
    assert CallStatus.VERIFIED is two.call(id="t", dialed=two.view.dial).status
    assert other_dial(first) == waiting(host).view.dial
    result = host.beside().call(id="late", dialed=first)
    expected = (CallStatus.REFUSED, ["late"]) if leave == "time" else (CallStatus.UNMATCHED, [])
    assert expected == (result.status, codes(result))


def _given_another(leave: str) -> tuple[Host, str | None]:
    """A session in its second window, with another number than in its first; and the first."""
    while True:
        one = waiting(host_with(2))
        former = one.view.dial
        if leave == "time":
            one.clock.advance(one.policies.phone.bim_window + one.policies.phone.delivery_grace + SECOND)
            one.look()
        else:
            one.send("back")
        one.clock.advance(1)
        if one.send("choose_phone", one.phone()).dial != former:
            return one, former


@pytest.mark.rule("P8", "P11")
@pytest.mark.parametrize("leave", ["back", "time"])
def test_a_session_that_is_given_another_number_hears_of_a_call_to_its_former_one(leave: str) -> None:
    """Whoever redials the number of the window before is told so on the screen; the new number still counts."""
    one, former = _given_another(leave)
    result = one.call(dialed=former)
    assert (CallStatus.REFUSED, ["wrong_line"]) == (result.status, codes(result))
    assert ("PHONE", ["wrong_line"]) == (one.look().state, codes(one.view))
    assert CallStatus.VERIFIED is one.call(id="x", dialed=one.view.dial).status


@pytest.mark.rule("M4", "P2", "P8")
@pytest.mark.parametrize("leave", ["back", "time"])
def test_a_call_of_the_window_before_does_not_count_in_the_next(leave: str) -> None:
    """A call to the former number that is reported late, or one to the new number from before it was given."""
    one, former = _given_another(leave)
    earlier = one.clock.now - 2 * SECOND
    for place, dialed in enumerate((former, one.view.dial)):
        assert CallStatus.REFUSED is one.call(id=f"e{place}", dialed=dialed, received_at=earlier).status
        assert "PHONE" == one.look().state


@pytest.mark.rule("P8")
def test_one_session_more_than_there_are_numbers_contests_all() -> None:
    """The third of two ends both waits at once; the number rests on all lines, for everybody, for as long."""
    host = host_with(2)
    tabs = [waiting(host), waiting(host)]
    dials = [tab.view.dial for tab in tabs]
    third = asking(host)
    assert ["number_in_use"] == codes(third)
    until = host.clock.now + host.policies.phone.number_rest
    assert until == third.reasons[0].until
    for tab, dial in zip(tabs, dials, strict=True):
        result = tab.call(id=f"under-way-{dial}", dialed=dial)
        assert CallStatus.UNMATCHED is result.status
        view = tab.look()
        assert ("BIM016", ["number_contested"], until) == (view.state, codes(view), view.reasons[0].until)
        assert ["number_in_use"] == codes(tab.send("choose_phone", tab.phone()))
    host.clock.advance(host.policies.phone.number_rest)
    assert ["number_in_use"] == codes(asking(host))
    host.clock.advance(1)
    assert () == waiting(host).view.reasons


@pytest.mark.rule("P8")
@pytest.mark.parametrize("most", [1, 2])
def test_no_more_sessions_wait_than_the_policy_lets(most: int) -> None:
    """With three numbers, one session more than `waits_per_number` contests all that wait."""
    host = host_with(3, waits_per_number=most)
    tabs = [waiting(host) for _ in range(most)]
    assert ["number_in_use"] == codes(asking(host))
    assert ["BIM016"] * most == [tab.look().state for tab in tabs]


@pytest.mark.rule("P8")
def test_a_line_that_rests_is_none_that_is_free() -> None:
    """One line rests and a session waits on the other: the next one contests it, as there is no line to give it."""
    host = host_with(2)
    one = waiting(host)
    one.send("back")
    two = waiting(host)
    assert ["number_in_use"] == codes(asking(host))
    assert ("BIM016", ["number_contested"]) == (two.look().state, codes(two.view))


@pytest.mark.rule("P8")
def test_where_all_lines_rest_the_reason_says_when_the_first_is_free() -> None:
    """Nobody waits and every line rests for another session: until the first rest is over."""
    host = host_with(2)
    one, two = waiting(host), waiting(host)
    one.send("back")
    first = host.clock.now + host.policies.phone.number_rest
    host.clock.advance(30)
    two.send("back")
    third = asking(host)
    assert (["number_in_use"], first) == (codes(third), third.reasons[0].until)
    host.clock.advance(91)
    assert "PHONE" == asking(host).state


@pytest.mark.rule("P8")
def test_the_number_is_drawn_at_random() -> None:
    """Nobody can foresee which number a wait is given: each of three comes up, again and again."""
    given_out = Counter(waiting(host_with(3)).view.dial for _ in range(60))
    assert set(DIALS) == set(given_out)
    assert min(given_out.values()) >= 3, "of 60 draws one number came up less than 3 times: once in 25 million runs"


@pytest.mark.rule("P8", "A5")
def test_two_that_begin_at_once_are_given_different_numbers() -> None:
    """The row of the number is one compare-and-swap: the second of two commits finds it changed, and draws again."""
    for _ in range(8):
        host = host_with(2)
        first = host.beside()
        first.at_bim016()
        second: list[Host] = []

        def begin(others: list[Host] = second, whose: Host = host) -> None:
            others.append(waiting(whose))

        first.service = attrs.evolve(first, store=_Interposed(host.store, begin)).service  # type: ignore[arg-type]  # a Store
        view = first.send("choose_phone", first.phone())
        assert ("PHONE", 1) == (view.state, len(second))
        assert set(DIALS[:2]) == {view.dial, second[0].view.dial}


class _Interposed:
    """A store in which something happens just before the first commit that writes a wait."""

    def __init__(self, store: Store, happen: Callable[[], None]) -> None:
        self._store = store
        self._happen: Callable[[], None] | None = happen

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def commit(self, puts: tuple[Put, ...], audit: tuple[Record, ...] = ()) -> bool:
        """Commit, after what happens."""
        happen = self._happen
        if happen is not None and any(put.kind == WAIT for put in puts):
            self._happen = None
            happen()
        return self._store.commit(puts, audit)


# Institutions, older rows, operators ------------------------------------------------------------------------


SAME_PHONE = attrs.evolve(
    GAIJI, institution="ja-9999", contract=attrs.evolve(GAIJI.contract, phones=("090-1234-5601",))
)


def _two_institutions(here: tuple[str, ...], there: tuple[str, ...]) -> tuple[Host, Host]:
    """Hosts of two institutions with these numbers, and customers with one phone."""
    institutions = (
        Institution("ja-0417", "長野県", "JAみほん", dials=here),
        Institution("ja-9999", "長野県", "JAべつ", dials=there),
    )
    host = Host(bank=FakeBank(customers=(ORDINARY, SAME_PHONE), institutions=institutions))
    other = host.beside()
    other.customer = SAME_PHONE
    return host, other


@pytest.mark.rule("P8", "P11", "A5")
def test_a_call_at_one_institution_proves_nobody_at_another() -> None:
    """Two sessions of one phone wait at two institutions: each is proved by its own number alone."""
    here, there = _two_institutions(DIALS[:2], ("0120-555-001", "0120-555-002"))
    one, two = waiting(here), waiting(there)
    strange = next(dial for dial in ("0120-555-001", "0120-555-002") if dial != two.view.dial)
    result = one.call(dialed=strange)
    assert (CallStatus.UNMATCHED, ["wrong_line"]) == (result.status, codes(result))
    assert CallStatus.VERIFIED is one.call(id="x", dialed=two.view.dial).status
    assert ("PHONE", "BIM017") == (one.look().state, two.look().state)


@pytest.mark.rule("P8", "A5")
def test_two_institutions_that_share_a_number_share_its_line() -> None:
    """A number that both have, in whatever spelling, is given to one session of a phone at a time."""
    here, there = _two_institutions((DIALS[0], DIALS[1]), ("+81 120-417-000", "0120-555-002"))
    for _ in range(8):
        one, two = waiting(here), waiting(there)
        assert line_called(one.view.dial) != line_called(two.view.dial)
        for place, tab in enumerate((one, two)):
            assert CallStatus.VERIFIED is tab.call(id=f"{tab.view.id}-{place}", dialed=tab.view.dial).status


@pytest.mark.rule("P8", "A5")
@pytest.mark.parametrize("first", [0, 1])
def test_an_institution_with_one_number_waits_alone(first: int) -> None:
    """Its gateway need not report the number, so no other session waits for the phone beside it, and the reverse."""
    pair = _two_institutions((DIALS[0],), ("0120-555-001", "0120-555-002"))
    one = waiting(pair[first])
    assert ["number_in_use"] == codes(asking(pair[1 - first]))
    assert ["number_contested"] == codes(one.look())


@pytest.mark.rule("P8", "S4")
def test_a_wait_from_before_the_second_number_goes_on() -> None:
    """A session and a row saved when there was one number: that number is shown and counts, and nobody waits beside."""
    host = Host()
    one = waiting(host)
    assert "dial" not in one.saved()["kept"]["window"]  # type: ignore[index]  # a JSON object
    host.bank.change_institution(institution_with(2))
    host.clock.advance(host.policies.session.institution_refresh + SECOND)
    assert DIALS[0] == one.look().dial
    assert ["wrong_line"] == codes(one.call(dialed=DIALS[1]))
    assert CallStatus.VERIFIED is one.call(dialed=DIALS[0]).status


@pytest.mark.rule("P8")
def test_the_operator_sees_each_wait_and_lifts_all_rests() -> None:
    """`waits()` has an item for each line; a number is lifted on all of them, once nobody waits, with a record each."""
    host = host_with(2)
    one, two = waiting(host), waiting(host)
    found = host.service.operator.waits()
    assert {(one.view.id, line_called(one.view.dial)), (two.view.id, line_called(two.view.dial))} == {
        (item.session, item.line) for item in found
    }
    one.send("back")
    with pytest.raises(InvalidArgument, match="waits for that number"):
        host.service.operator.lift(number=NUMBER, by="op", reason="test")
    two.send("back")
    assert ["number_in_use"] == codes(asking(host))
    host.service.operator.lift(number=NUMBER, by="op", reason="test")
    lifted = [record for record in host.store.audit() if record["event"] == "lift"]
    assert {one.view.id, two.view.id} == {record["session"] for record in lifted}
    assert () == tuple(host.service.operator.waits())
    assert () == waiting(host).view.reasons


@pytest.mark.rule("P8")
def test_waits_that_ran_out_unseen_are_lifted_together() -> None:
    """Both windows have closed and nobody has looked: the rests are lifted, and both sessions learn of their end."""
    host = host_with(2)
    one, two = waiting(host), waiting(host)
    host.clock.advance(host.policies.phone.bim_window + host.policies.phone.delivery_grace + SECOND)
    host.service.operator.lift(number=NUMBER, by="op", reason="test")
    assert [["timed_out"]] * 2 == [codes(tab.look()) for tab in (one, two)]
    assert () == waiting(host).view.reasons


@pytest.mark.rule("S8")
def test_what_is_left_of_waits_is_purged_exported_and_erased() -> None:
    """The row of a number goes with its last rest; an export has it, and an erasure drops it when it is over."""
    host = host_with(2)
    one, two = waiting(host), waiting(host)
    ref = host.customer.ref
    (row,) = host.service.operator.export(ref).waits
    assert {one.view.id, two.view.id} == {row["session"], row["beside"][0]["session"]}  # type: ignore[index]  # JSON
    one.send("cancel")
    host.clock.advance(60)
    two.send("cancel")
    host.clock.advance(61)
    host.service.purge()
    assert 1 == len(host.store.scan(WAIT))
    host.clock.advance(120)
    assert 1 == host.service.operator.erase(ref, by="op", reason="asked").numbers
    assert [] == host.store.scan(WAIT)


@pytest.mark.rule("P4", "P8")
def test_wrong_codes_count_for_the_number_on_whatever_line() -> None:
    """The codes of two waits on two lines count together: the last wrong one on one line ends that session alone."""
    host = host_with(2, bim_code=WITH_CODES.phone.bim_code, codes_per_number=2)
    one, two = waiting(host), waiting(host)
    for place, tab in enumerate((one, two)):
        result = tab.call(id=f"c{place}", dialed=tab.view.dial)
        assert result.code is not None
        wrong = "0" * 5 + ("1" if result.code.reveal().endswith("0") else "0")
        tab.keys(wrong, call_id=f"c{place}")
    assert ("PHONE_KEYS", "REJECTED") == (one.look().state, two.look().state)


@pytest.mark.rule("P8", "A5")
def test_a_chart_that_opens_a_wait_without_its_number_is_stopped() -> None:
    """A window that names no number of several would take a call that is another session's: nothing is committed."""
    opens = assigns.bim_window_opens
    bare = Assign("bare_window_opens", lambda turn, s: s.window_opened(Window(turn.now, turn.now + WINDOW)))
    handlers = [
        attrs.evolve(each, assigns=tuple(bare if one is opens else one for one in each.assigns))
        for each in Procedure.LOGIN_PASSWORD.chart.handlers
    ]
    whole = Procedure.LOGIN_PASSWORD.chart
    chart = Chart("BARE", title=whole.title, initial=whole.initial, states=whole.states.values(), handlers=handlers)
    host = attrs.evolve(host_with(2), procedures=(chart,))
    host.start(chart)
    host.send("submit_identity", host.identity())
    with pytest.raises(ChartError, match="without the number to call"):
        host.send("choose_phone", host.phone())
    assert "BIM016" == host.look().state
    assert [] == host.store.scan(WAIT)
