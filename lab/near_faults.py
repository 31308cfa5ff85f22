"""Faults that only a near miss shows: guards that let through what differs from the right thing by one detail.

Each stands for a mistake that a bank's engineer could make: a number compared by its last digits, a code by its
beginning, a lock that is looked for alone, a time compared without its day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import attrs

from broken_charts import ChartFault, rebuilt
from ja_reset import CallSource
from ja_reset.chart import Chart
from ja_reset.chart.session import Session
from ja_reset.chart.transitions import Assign, Guard, Handler
from ja_reset.chart.turn import Fact, Turn
from ja_reset.fields.specs import Role
from ja_reset.machines import facts
from ja_reset.machines.guards import contract_of
from meaning_faults import with_meaning

Holds = Callable[[Turn], bool]
Change = Callable[[Turn, Session], Session]
LONG_AGO, MANY, EVENING = date(1999, 1, 1), 100, 18


# Numbers ----------------------------------------------------------------------------------------------------


def _numbers(alike: Callable[[str, str], bool]) -> Holds:
    def holds(turn: Turn) -> bool:
        number, phone = turn.know(facts.REPORT).evidence.number, turn.session.phone
        return number is not None and phone is not None and alike(number, phone.number)

    return holds


def _line(turn: Turn) -> bool:
    dialed = turn.know(facts.REPORT).call.dialed
    return dialed is None or dialed.replace("-", "").startswith("0120417")


# Codes ------------------------------------------------------------------------------------------------------


def _codes(alike: Callable[[str, str], bool]) -> Holds:
    return lambda turn: alike(turn.know(facts.ENTRY).reveal(), turn.know(facts.CODE).reveal())


# Locks, callers ---------------------------------------------------------------------------------------------


def _one_lock_alone(turn: Turn) -> bool:
    contract = contract_of(turn)
    counted = turn.know(facts.PIN_ATTEMPTS).is_locked(turn.policies.lockout.pin_attempts)
    return not (counted or contract.service_locked != contract.card_locked)


def _claimed_with_an_attestation(turn: Turn) -> bool:
    call = turn.know(facts.REPORT).call
    allowed = turn.policies.caller_id.claimed_numbers
    return call.source is CallSource.NETWORK or allowed or call.attestation == "A"


def _diverted_to_no_line(turn: Turn) -> bool:
    call = turn.know(facts.REPORT).call
    return not call.diverted or call.dialed is None


# Times ------------------------------------------------------------------------------------------------------


def _since_the_hour(turn: Turn) -> bool:
    """Only minutes and seconds are compared."""
    window = turn.session.kept.window
    if window is None:
        return False
    early = window.opened_at - turn.know(facts.RECEIVED_AT)
    return early <= timedelta(0) or early >= timedelta(minutes=59)


def _in_another_zone(turn: Turn) -> bool:
    """A time that is nine hours ahead is taken for one of Japan without its offset."""
    window, at = turn.session.kept.window, turn.know(facts.RECEIVED_AT)
    ahead = turn.now + turn.policies.phone.clock_skew
    zone = timedelta(hours=9)
    return window is not None and any(each <= window.closes_at and each <= ahead for each in (at, at - zone))


# Ids --------------------------------------------------------------------------------------------------------


def _ids(alike: Callable[[str, str], bool]) -> Holds:
    def holds(turn: Turn) -> bool:
        chosen = turn.know(facts.READING).text(Role.PHONE_CHOICE)
        return chosen is not None and any(alike(chosen, phone.id) for phone in turn.session.kept.phones)

    return holds


def _is_old(turn: Turn) -> bool:
    """Whether the contract is a very old one."""
    return contract_of(turn).service_started < LONG_AGO


GUARDS: dict[str, tuple[tuple[str, Holds], ...]] = {
    "caller_is_chosen_number": (
        ("compares the last four digits", _numbers(lambda one, other: one[-4:] == other[-4:])),
        ("compares all but the last digit", _numbers(lambda one, other: one[:-1] == other[:-1])),
        ("compares the first digits", _numbers(lambda one, other: one[:6] == other[:6])),
        ("compares the length", _numbers(lambda one, other: len(one) == len(other))),
        ("takes any mobile phone", _numbers(lambda one, _: one[3:5] in {"70", "80", "90"})),
    ),
    "line_is_the_institutions": (("takes a line nearby", _line),),
    "call_is_not_diverted": (("looks only where a line was reported", _diverted_to_no_line),),
    "number_is_vouched_for": (("takes a claim with an attestation", _claimed_with_an_attestation),),
    "nothing_is_locked": (("takes two locks for none", _one_lock_alone),),
    "window_was_open": (("forgets the hour", _since_the_hour),),
    "window_was_not_closed": (("takes a time of another zone", _in_another_zone),),
    "code_is_right": (
        ("takes an empty entry", _codes(lambda entry, code: entry in {"", code})),
        ("takes a beginning", _codes(lambda entry, code: entry != "" and code.startswith(entry))),
        ("takes what begins with it", _codes(lambda entry, code: entry.startswith(code))),
        ("takes what ends with it", _codes(lambda entry, code: entry.endswith(code))),
        ("compares all but the last digit", _codes(lambda entry, code: entry[:-1] == code[:-1])),
        ("compares the digits in any order", _codes(lambda entry, code: sorted(entry) == sorted(code))),
    ),
    "phone_is_offered": (
        ("takes a beginning of an id", _ids(lambda chosen, offered: offered.startswith(chosen))),
        ("takes what begins with an id", _ids(lambda chosen, offered: chosen.startswith(offered))),
        ("compares the length of ids", _ids(lambda chosen, offered: len(chosen) == len(offered))),
        ("takes ids in other letters", _ids(lambda chosen, offered: chosen.lower() == offered.lower())),
    ),
}
"""Other meanings of guards, by their names."""

_AFTER: dict[str, tuple[str, Holds]] = {
    "windows_are_left": ("holds from version 100 on, too", lambda turn: turn.session.version >= MANY),
    "code_is_right": ("holds at night, too", lambda turn: turn.now.hour >= EVENING),
    "caller_is_chosen_number": ("holds for a call by that name", lambda turn: turn.know(facts.REPORT).call.id == "1"),
    "customer_is_individual": ("asks when the service began", _is_old),
}
"""What a guard takes besides, read from what seldom differs."""


# What is assigned --------------------------------------------------------------------------------------------


def _kept(session: Session, **changes: object) -> Session:
    return attrs.evolve(session, kept=attrs.evolve(session.kept, **changes))  # type: ignore[arg-type]  # by name


def _address_on_file(turn: Turn, session: Session) -> Session:
    return _kept(session, email=contract_of(turn).email)


def _another_ref(_turn: Turn, session: Session) -> Session:
    return _kept(session, ref=(session.kept.ref or "")[:3])


def _first_phone(_turn: Turn, session: Session) -> Session:
    return _kept(session, chosen=session.kept.phones[0].id if session.kept.phones else None)


def _first_call(turn: Turn, session: Session) -> Session:
    before, after = turn.session.kept.answered, session.kept.answered
    if before is None or after is None:
        return session
    return _kept(session, answered=attrs.evolve(after, call=before.call))


def _window_again(turn: Turn, session: Session) -> Session:
    window = session.kept.window
    return session if window is None else _kept(session, window=attrs.evolve(window, opened_at=turn.now))


_READ: dict[Change, tuple[Fact[Any], ...]] = {_address_on_file: (facts.CONTRACT,)}

LEARNINGS: tuple[tuple[str, str, Change], ...] = (
    ("submit_details", "keeps the address on file", _address_on_file),
    ("submit_identity", "keeps another contract's ref", _another_ref),
    ("submit_credentials", "keeps another contract's ref", _another_ref),
    ("choose_phone", "keeps the first phone", _first_phone),
    ("submit_details", "keeps the first phone", _first_phone),
    ("call_received", "keeps the call before", _first_call),
    ("call_received", "chooses the first phone", _first_phone),
    ("call_received", "opens the window again", _window_again),
)
"""What else a transition assigns, by the trigger."""


def near_faults(chart: Chart) -> Iterator[ChartFault]:
    """Every such fault of a chart."""
    for guard in chart.guards.values():
        for what, holds in GUARDS.get(guard.name, ()):
            yield _of_guard(chart, guard, what, holds)
        if guard.name in _AFTER:
            what, more = _AFTER[guard.name]
            yield _of_guard(chart, guard, what, _or(guard.holds, more))
    for trigger, what, change in LEARNINGS:
        assign = Assign(f"{trigger}_{what}".replace(" ", "_").replace("'", ""), change, reads=_READ.get(change, ()))
        if any(handler.trigger == trigger for handler in chart.handlers):
            yield ChartFault(
                f"{chart.name}: {trigger} {what}",
                "a near miss",
                chart,
                lambda trigger=trigger, assign=assign: _assigning(chart, trigger, assign),  # type: ignore[misc]
            )


def _or(first: Holds, second: Holds) -> Holds:
    return lambda turn: first(turn) or second(turn)


def _of_guard(chart: Chart, guard: Guard, what: str, holds: Holds) -> ChartFault:
    return ChartFault(
        f"{chart.name}: {guard.name} {what}", "a near miss", chart, lambda: with_meaning(chart, guard, holds)
    )


def _assigning(chart: Chart, trigger: str, assign: Assign) -> Chart:
    def changed(handler: Handler) -> Handler:
        if handler.trigger != trigger:
            return handler
        checks = tuple(
            attrs.evolve(
                check,
                otherwise=tuple(
                    attrs.evolve(otherwise, assigns=(*otherwise.assigns, assign)) if otherwise.assigns else otherwise
                    for otherwise in check.otherwise
                ),
            )
            for check in handler.checks
        )
        return attrs.evolve(handler, checks=checks, assigns=(*handler.assigns, assign) if handler.assigns else ())

    return rebuilt(chart, handlers=[changed(handler) for handler in chart.handlers])
