"""Processes that meet on one store, round by round: one number for two, one form twice (P8, A5, S2, L3, A6)."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TypeAlias, cast

import attrs
import pytest

from file_bank import FileBank
from hosts import KEY
from ja_reset import Call, CallSource, Procedure, ResetService
from ja_reset.testing import FakeBank, FakeClock
from ja_reset.testing.cast import INSTITUTION, ORDINARY
from runs import WRONG_PIN, Person
from test_rivals import BOTH, NOON, REF, codes, opened, side_by_side, where

__all__ = ["where"]

PHONE = ORDINARY.contract.phones[0]
PATIENCE = 60
"""Seconds after which processes that wait for each other are taken to have failed."""

# One number for two -----------------------------------------------------------------------------------------

ELSEWHERE = attrs.evolve(INSTITUTION, id="ja-0418", name="JAとなり", dial="0120-417-001")
NEIGHBOUR = attrs.evolve(
    ORDINARY, institution=ELSEWHERE.id, contract=attrs.evolve(ORDINARY.contract, ref="C-0001-elsewhere")
)
"""The same person, with a contract and the same numbers at another institution."""

ROUND = timedelta(seconds=400)
PHASES = 3
PLANS = (("0", "0", "0"), ("01", "01", "2"), ("0", "2", "1"), ("0", "1", "1"))
"""When, within a round, the two sessions choose and the calls come in: all at once, the calls after both have
chosen and chosen again, the second session after the calls, the second session beside the calls."""

Told: TypeAlias = "multiprocessing.SimpleQueue[tuple[int, int, list[str]]]"


def _waits_and_calls(where: str, actor: int, rounds: int, meet: Barrier, told: Told) -> None:
    """Choose the number in a new session, round by round (actors 0 and 1), or call from it (actor 2)."""
    bank = FakeBank([ORDINARY, NEIGHBOUR], institutions=[INSTITUTION, ELSEWHERE])
    clock = FakeClock(NOON)
    with closing(opened(where)) as store:
        service = ResetService(bank=bank, store=store, key=KEY, clock=clock)
        for n in range(rounds):
            person = Person(Procedure.LOGIN_PASSWORD, customer=(ORDINARY, NEIGHBOUR, ORDINARY)[actor])
            view = person.goes_to(service, "BIM016") if actor < 2 else None
            answers: list[str] = []
            for phase in range(PHASES):
                meet.wait(PATIENCE)
                if str(phase) in PLANS[n % len(PLANS)][actor]:
                    for _ in range(3):
                        if view is None:
                            answers.append(person.calls(service).value)
                        elif (view := person.looks(service)).state == "BIM016":
                            view = service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id})
                            answers.append(" ".join([view.state, *codes(view)]))
            meet.wait(PATIENCE)
            clock.advance(100)
            if view is None:  # who had dialled before the contest gets through only now
                answers.append(person.calls(service).value)
            told.put((n, actor, answers))
            clock.advance(ROUND - timedelta(seconds=100))
            meet.wait(PATIENCE)


def _is_lawful(records: Sequence[Mapping[str, object]]) -> tuple[list[object], set[int]]:
    """One session waits at a time, and none is proved after a contest; who was proved, and the rounds of contests."""
    waiting, proved, contested = set[object](), list[object](), set[int]()
    for record in records:
        n = (datetime.fromisoformat(str(record["time"])) - NOON) // ROUND
        session = record["session"]
        if session is not None:
            (waiting.add if record["after"] == "PHONE" else waiting.discard)(session)
        assert 1 >= len(waiting), record
        if "number_contested" in cast("list[str]", record["reasons"]):
            contested.add(n)
        if record.get("status") == "VERIFIED":
            assert n not in contested, record
            proved.append(session)
    return proved, contested


@pytest.mark.rule("P8", "A5")
def test_processes_that_wait_for_one_number_are_never_proved_by_one_call(where: str) -> None:
    """Two institutions' sessions for one number, calls in a third process: one waits, a contest leaves none proved."""
    rounds = 12
    context = multiprocessing.get_context("spawn")
    told: Told = context.SimpleQueue()
    opened(where).close()
    meet = context.Barrier(3)
    with side_by_side(_waits_and_calls, [(where, actor, rounds, meet, told) for actor in range(3)]):
        answers = {(n, actor): heard for n, actor, heard in (told.get() for _ in range(3 * rounds))}
    for (_, actor), heard in answers.items():
        if actor < 2:
            assert {"PHONE", "BIM016 number_in_use", "BIM016 number_in_use number_contested"} >= set(heard), heard
    with closing(opened(where)) as store:
        proved, contested = _is_lawful(store.audit())
    verified = [status for (_, actor), heard in answers.items() if actor == 2 for status in heard].count("VERIFIED")
    assert verified == len(proved) == len(set(proved))
    for n in range(rounds):
        if n % len(PLANS) == 1:
            assert n in contested
            assert ["UNMATCHED"] * 4 == answers[n, 2]
        if n % len(PLANS) == 2:
            assert "VERIFIED" == answers[n, 2][0]


TWO_NUMBERS = attrs.evolve(INSTITUTION, dials=(INSTITUTION.dial, "0120-417-009"))


def _waits_on_its_line(where: str, actor: int, rounds: int, meet: Barrier, told: Told) -> None:
    """Choose the number in a new session beside the other process, and call the number that is shown, each round."""
    bank, clock = FakeBank([ORDINARY], institutions=[TWO_NUMBERS]), FakeClock(NOON)
    with closing(opened(where)) as store:
        service = ResetService(bank=bank, store=store, key=KEY, clock=clock)
        for n in range(rounds):
            view = Person(Procedure.LOGIN_PASSWORD).goes_to(service, "BIM016")
            meet.wait(PATIENCE)
            view = service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id})
            meet.wait(PATIENCE)
            call = Call(id=f"{actor}-{n}", number=PHONE, source=CallSource.NETWORK, dialed=view.dial)
            status = service.report_call(call).status.value
            told.put((n, actor, [str(view.dial), status, service.view(view.token).state]))
            meet.wait(PATIENCE)
            clock.advance(ROUND)


@pytest.mark.rule("P8", "A5")
def test_processes_that_wait_for_one_number_on_two_lines_are_each_proved(where: str) -> None:
    """Two processes begin at once with one phone, and are called at once: two numbers, and each its own call."""
    rounds = 12
    context = multiprocessing.get_context("spawn")
    told: Told = context.SimpleQueue()
    opened(where).close()
    meet = context.Barrier(2)
    with side_by_side(_waits_on_its_line, [(where, actor, rounds, meet, told) for actor in range(2)]):
        answers = {(n, actor): heard for n, actor, heard in (told.get() for _ in range(2 * rounds))}
    for n in range(rounds):
        assert set(TWO_NUMBERS.dials) == {answers[n, actor][0] for actor in range(2)}
        assert [["VERIFIED", "BIM017"]] * 2 == [answers[n, actor][1:] for actor in range(2)]


# One form twice ---------------------------------------------------------------------------------------------

Click: TypeAlias = tuple[str, str, dict[str, str], int, str | None]
"""The token, the event, the form, the version that was seen, the request id."""

Answered: TypeAlias = "multiprocessing.SimpleQueue[tuple[dict[str, object], list[str]]]"


def _clicks(folder: str, where: str, clicks: list[Click], meet: Barrier, told: Answered) -> None:
    """Send each click when the other process sends its own."""
    bank = FileBank(Path(folder) / "bank.db")
    with closing(opened(where)) as store:
        service = ResetService(bank=bank, store=store, key=KEY, clock=FakeClock(NOON))
        for token, event, data, version, request_id in clicks:
            meet.wait(PATIENCE)
            view = service.send(token, event, data, version=version, request_id=request_id)
            told.put((view.to_dict(), codes(view)))
            meet.wait(PATIENCE)
            meet.wait(PATIENCE)  # while the bank's journal is read


@pytest.mark.rule("S2", "L3", "A6", "C4")
def test_processes_that_send_one_form_twice_have_one_effect(tmp_path: Path, where: str) -> None:
    """Double submits, with one id or none, and two events of one version: one telling at the bank, answers of S2."""
    kinds = ("one id, wrong", "one id", "no ids, wrong", "no ids", "two events") * 8
    bank, clock = FileBank(tmp_path / "bank.db"), FakeClock()
    with closing(opened(where)) as store:
        service = ResetService(bank=bank, store=store, key=KEY, clock=clock)
        first, second = list[Click](), list[Click]()
        for n, kind in enumerate(kinds):
            person = Person(BOTH[n % 2])
            view = person.goes_to(service, "BIM017")
            clock.advance(1)
            typed = person.reset(pin=WRONG_PIN) if "wrong" in kind else person.reset()
            click = (view.token, "submit_reset", typed, view.version, f"r{n}" if "one id" in kind else None)
            first.append(click)
            second.append((view.token, "cancel", {}, view.version, None) if kind == "two events" else click)
        clock.advance(NOON - clock())
        context = multiprocessing.get_context("spawn")
        told: Answered = context.SimpleQueue()
        meet = context.Barrier(3)
        with side_by_side(_clicks, [(str(tmp_path), where, clicks, meet, told) for clicks in (first, second)]):
            done, asked = 0, 0
            for n, kind in enumerate(kinds):
                meet.wait(PATIENCE)
                (view_of_one, one), (view_of_other, other) = told.get(), told.get()
                meet.wait(PATIENCE)
                pins, effects = len(bank.pins()) - asked, len(bank.kinds()) - done
                asked, done = asked + pins, done + effects
                state = service.view(first[n][0]).state
                expected = 1 if "wrong" in kind else 0
                assert expected == service.operator.pin_count(REF), kind
                losers = [each for each in (one, other) if each[:1] in (["stale"], ["in_progress"])]
                if kind == "two events":
                    assert (state, effects) in {("DONE", 2), ("CANCELLED", 0)}
                    assert 1 == len(losers), (one, other)
                else:
                    assert 1 == pins, kind
                    assert (("BIM017", 0) if "wrong" in kind else ("DONE", 2)) == (state, effects)
                    if "one id" in kind:  # the second waits for the first one's answer
                        assert view_of_one == view_of_other, (kind, one, other)
                    else:
                        assert 1 == len(losers), (kind, one, other)
                meet.wait(PATIENCE)
        assert [] == service.operator.effects(status="pending")
