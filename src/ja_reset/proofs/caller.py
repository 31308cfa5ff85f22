"""What a gateway's report of a call proves about the caller's number, before any policy is asked (P3, P11)."""

from __future__ import annotations

import json
from typing import Literal

import attrs

from ja_reset.bank._values import Call, Presentation
from ja_reset.fields import _phone_numbers as phone_numbers
from ja_reset.policies._caller_id import ATTESTATIONS
from ja_reset.secret import shown

NoProof = Literal["withheld", "unavailable", "voip", "attestation", "wrong_number"]


@attrs.frozen
class Evidence:
    """`number` is E.164 where one was read; `refusal` is the reason code why it proves nothing, or None.

    An 050 number, and one whose signature the network found wrong (`attestation`), is kept beside its refusal; a
    withheld or unavailable one is not there at all (P10).
    """

    __repr__ = shown

    number: str | None = attrs.field(repr=False)
    refusal: NoProof | None = None


def evidence(call: Call) -> Evidence:
    """The caller's number as P3 reads it, and what speaks against it.

    A number that came along although it is restricted or unavailable is dropped, and so is one that cannot be read
    (`wrong_number`): neither can be the chosen one.
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
    if phone_numbers.is_voip(number):
        return Evidence(number, "voip")
    return Evidence(number, "attestation" if phone_numbers.failed_validation(call.number) else None)


def particulars(call: Call) -> str:
    """What a call was, the same for every spelling of its numbers: a report with others is not of that call (P3).

    What a spelling says against the number counts: a call whose validation failed is not one that passed.

    When it was received is not among them: a retry may tell that otherwise, or not at all.
    """
    number = phone_numbers.named_line(call.number)
    line = phone_numbers.named_line(call.dialed)
    marks = (call.presentation.value, call.source.value, call.attestation or "", call.diverted, evidence(call).refusal)
    return json.dumps([number, line, *marks])


def line_fits(dialed: str | None, dial: str) -> bool:
    """Whether the number that was dialled, where the gateway reports one, is the institution's (P11)."""
    return dialed is None or not phone_numbers.says_anything(dialed) or phone_numbers.same_line(dialed, dial)


def attestation_suffices(given: str | None, demanded: str | None) -> bool:
    """Whether the network's attestation is at least the demanded one; no attestation meets no demand (P3)."""
    if demanded is None:
        return True
    return given in ATTESTATIONS and ATTESTATIONS.index(given) <= ATTESTATIONS.index(demanded)
