"""What a gateway's report of a call says about the caller's number, before any policy applies (P3, P11)."""

from __future__ import annotations

from typing import Literal

import attrs

from ja_reset.bank._values import Call, Presentation
from ja_reset.fields import _phone_numbers as phone_numbers
from ja_reset.policies._caller_id import ATTESTATIONS
from ja_reset.secret import shown

NoProof = Literal["withheld", "unavailable", "voip", "attestation", "wrong_number"]


@attrs.frozen
class Evidence:
    """`number` is in E.164, or None if none was read; `refusal` is the reason code why it proves nothing, or None.

    A 050 number, and a number whose signature failed validation (`attestation`), is kept with its refusal. A withheld
    or unavailable number is not kept (P10). `failed`: validation failed, whatever the refusal.
    """

    __repr__ = shown

    number: str | None = attrs.field(repr=False)
    refusal: NoProof | None = None
    failed: bool = False


@attrs.frozen(eq=False, repr=False)
class Report:
    """A reported call, what its number proves, and whether the dialled line is the right one."""

    call: Call
    evidence: Evidence
    line_fits: bool


def evidence(call: Call) -> Evidence:
    """The caller's number as P3 reads it, and the reason why it proves nothing, if there is one.

    A number that is restricted, unavailable or unreadable (`wrong_number`) is dropped, because it cannot be the chosen
    one.
    """
    if call.presentation is Presentation.RESTRICTED:
        return Evidence(None, "withheld")
    if (
        call.presentation is Presentation.UNAVAILABLE
        or call.number is None
        or not phone_numbers.says_anything(call.number)
    ):
        return Evidence(None, "unavailable")
    if (stand_in := phone_numbers.stand_in_for(call.number)) is not None:
        return Evidence(None, stand_in)
    number = phone_numbers.read_presented(call.number)
    if number is None:
        return Evidence(None, "wrong_number")
    failed = phone_numbers.failed_validation(call.number)
    if phone_numbers.is_voip(number):
        return Evidence(number, "voip", failed)
    return Evidence(number, "attestation" if failed else None, failed)


def particulars(call: Call, found: Evidence) -> str:
    """What identifies a call, in every spelling of its numbers; a report that differs is about another call (P3).

    *found* is its evidence.

    It includes what a spelling says against the number: a call whose validation failed is not one that passed. The time
    is not included, because a retry may report it differently or not at all.
    """
    from json import dumps  # noqa: PLC0415 - loaded when first needed

    number = found.number or phone_numbers.named_line(call.number)
    line = phone_numbers.named_line(call.dialed)
    told = "voip+attestation" if found.failed and found.refusal == "voip" else found.refusal
    marks = (call.presentation.value, call.source.value, call.attestation or "", call.diverted, told)
    return dumps([number, line, *marks])


def line_fits(dialed: str | None, dial: str) -> bool:
    """Whether the dialled number, if the gateway reports one, is the institution's (P11)."""
    return dialed is None or not phone_numbers.says_anything(dialed) or phone_numbers.same_line(dialed, dial)


def line_called(dialed: str | None) -> str | None:
    """The line that was dialled, the same for every spelling of it; None if the gateway does not say."""
    name = phone_numbers.named_line(dialed)
    return (phone_numbers.read_presented(name) or name) if name else None


def attestation_suffices(given: str | None, demanded: str | None) -> bool:
    """Whether the network's attestation is at least the demanded one; None meets no demand (P3)."""
    if demanded is None:
        return True
    return given in ATTESTATIONS and ATTESTATIONS.index(given) <= ATTESTATIONS.index(demanded)
