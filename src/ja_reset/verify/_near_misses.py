"""Values that differ from the right one in one detail, which a guard that compares too little would accept.

Each varies one fact of a sample, where a state needs that fact for the first time. So the work grows as a sum, not as a
product.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import attrs

from ja_reset.bank._values import Call, CallSource, Contract, Presentation
from ja_reset.policies import Policies
from ja_reset.proofs.caller import Report, evidence, line_fits
from ja_reset.secret import Secret
from ja_reset.verify._samples import CHOSEN, CODE, DIAL, PHONE_IDS, STRENGTH, Sample, made_contract

# Calls (P3, P11) --------------------------------------------------------------------------------------------

_CALLERS: tuple[tuple[str, str], ...] = (
    ("same_end", "08055512602"),
    ("same_beginning", "09012345700"),
    ("last_digit", "09012345609"),
    ("other_mobile", "07012345602"),
    ("landline", "0312345602"),
)
"""Numbers that share prefix, suffix, length or kind with the chosen one."""

_LINES: tuple[tuple[str, str | None], ...] = (("line_nearby", "0120417001"), ("no_line", None), ("line:same", DIAL))


_OF_RELAY: tuple[tuple[str, str], ...] = (
    ("last_digit", "05031234509"),
    ("same_beginning", "05031234600"),
    ("same_end", "09031234501"),
)
"""The same of the relay number: 050 numbers that are not registered as one, and no 050 number."""


def near_reports(policies: Policies, chosen: str = CHOSEN) -> Iterator[Sample]:
    """Calls that differ from the right one by a detail, or where one detail could hide another."""
    if chosen != CHOSEN:
        for name, number in _OF_RELAY:
            yield _reported(policies, f"call:{name}", number=number)
        return
    for name, number in _CALLERS:
        yield _reported(policies, f"call:{name}", number=number)
    for name, line in _LINES:
        for diverted in (False, True):
            said = f"call:chosen+{name}" + ("+diverted" if diverted else "")
            yield _reported(policies, said, dialed=line, diverted=diverted)
    for source in CallSource:
        for level in (None, "A", "B", "C"):
            for diverted in (False, True):
                said = "+".join([source.value, level or "no_level", *(["diverted"] if diverted else [])])
                yield _reported(policies, f"call:chosen+{said}", source=source, attestation=level, diverted=diverted)
    for presentation in (Presentation.RESTRICTED, Presentation.UNAVAILABLE):
        said = f"call:chosen+{presentation.value}"
        yield _reported(policies, said, presentation=presentation, attestation="A", dialed=None)


def _reported(policies: Policies, said: str, **changes: object) -> Sample:
    call = attrs.evolve(
        Call(id="call", number=CHOSEN, source=CallSource.NETWORK, dialed=DIAL, attestation="A"),
        **changes,  # type: ignore[arg-type]  # fields by name
    )
    found, fits = evidence(call), line_fits(call.dialed, DIAL)
    against = {
        "voip": str(call.number).startswith("050"),
        "wrong_number": call.number != CHOSEN,
        "withheld": call.presentation is Presentation.RESTRICTED,
        "unavailable": call.presentation is Presentation.UNAVAILABLE,
        "wrong_line": call.dialed not in {None, DIAL},
        "diverted": call.diverted,
        "claimed": call.source is CallSource.CLAIMED and not policies.caller_id.claimed_numbers,
        "attestation": STRENGTH[call.attestation] < STRENGTH[policies.caller_id.attestation],
    }
    return Sample(Report(call, found, fits), said, frozenset(code for code, speaks in against.items() if speaks))


# Keys (P4) --------------------------------------------------------------------------------------------------

_CODE = CODE.reveal()
NEAR_KEYS: tuple[Sample, ...] = tuple(
    Sample(Secret(entry), f"keys:{name}", frozenset({"wrong_code"}))
    for name, entry in (
        ("empty", ""),
        ("beginning", _CODE[:-1]),
        ("first_digit", _CODE[0]),
        ("longer", f"{_CODE}0"),
        ("with_more_in_front", f"0{_CODE}"),
        ("last_digit", f"{_CODE[:-1]}{(int(_CODE[-1]) + 1) % 10}"),
        ("other_order", _CODE[::-1]),
        ("of_the_call_before", "141421"),
        ("of_another_call", "173205"),
        ("in_full_width", _CODE.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})),
    )
)
"""Entries that are nearly the code, or were a code: empty, a part, more, another call's, the one before."""

# Ids (F13) --------------------------------------------------------------------------------------------------

_ID = PHONE_IDS[1]
NEAR_IDS: tuple[tuple[str, str], ...] = (
    ("beginning", _ID[:-1]),
    ("longer", f"{_ID}0"),
    ("same_length", f"{_ID[:-1]}{'a' if _ID[-1] != 'a' else 'b'}"),
    ("other_letters", _ID.swapcase()),
)
"""Ids that were not offered, each nearly the chosen one."""

# Times (P2) -------------------------------------------------------------------------------------------------

NEAR_TIMES: tuple[tuple[str, timedelta], ...] = (
    ("an_hour", timedelta(hours=1)),
    ("a_zone", timedelta(hours=9)),
    ("a_day", timedelta(days=1)),
)
"""By how much a time can be wrong and look right: an hour, Japan's distance from UTC, a day."""

# The contract (S6) ------------------------------------------------------------------------------------------

ANOTHER: Contract = made_contract(ref="C-0001-3", name_kana="ミホンハナコ", name_kanji="見本花子")
"""Another customer's contract, whose reference is nearly this one's."""


def near_disowning(key: str) -> tuple[Sample, ...]:
    """Entries that are not the key alone: twice, with more after it, in full width."""
    entries = (("twice", key * 2), ("and_more", f"{key}{_CODE[1:]}"), ("in_full_width", chr(ord(key) + 0xFEE0)))
    return tuple(Sample(Secret(each), f"keys:not_me_{name}", frozenset({"wrong_code"})) for name, each in entries)
