"""The player's telephone: the caller, as a gateway would report it (P3), and what the receiver says."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from enum import Enum
from itertools import takewhile
from typing import Final

import attrs

from ja_reset import Gather, Reject, Say, SayDigits, Step, Text, View
from ja_reset.demo._words import HEARD
from ja_reset.testing import Customer

STRANGER: Final = "090-9999-0001"
"""A number that no customer has registered."""

INTERNET_PHONE: Final = "050-3999-0001"
"""The same, of an internet phone."""


class Caller(Enum):
    """Who calls, or how."""

    CHOSEN = "chosen"
    OTHER = "other"
    STRANGER = "stranger"
    WITHHELD = "withheld"
    VOIP = "voip"
    DIVERTED = "diverted"
    UNAVAILABLE = "unavailable"
    CLAIMED = "claimed"


@attrs.frozen
class Line:
    """One thing that is heard: words, digits one by one (`kind` digits), or what the telephone does (tone)."""

    text: Text = attrs.field(repr=False)
    kind: str = "words"


@attrs.frozen
class Heard:
    """What came out of the receiver last: the gateway's answer, and what it said up to where it waits for keys."""

    call: str
    dialled: str
    status: str
    lines: tuple[Line, ...] = ()
    entries: int = 0

    @property
    def goes_on(self) -> bool:
        """Whether keys are waited for."""
        return self.status in {"ANNOUNCE", "RETRY"}


def lines_of(script: Iterable[Step]) -> tuple[Line, ...]:
    """What is heard of a script: its steps up to where it gathers keys for the first time."""
    return tuple(map(_line, takewhile(lambda step: not isinstance(step, Gather), script)))


def _line(step: Step) -> Line:
    match step:
        case Say():
            return Line(step.text)
        case SayDigits():
            digits = " ".join(step.digits.reveal())
            return Line(Text(digits, digits), "digits")
        case Reject():
            rings, text = str(step.rings), HEARD["reject"]
            return Line(Text(text.ja.replace("{rings}", rings), text.en.replace("{rings}", rings)), "tone")
        case _:
            return Line(HEARD["hang_up"], "tone")


def chosen_number(customer: Customer, view: View | None) -> str:
    """The number to call from: the customer's that is shown on the phone screen, else the first."""
    masks = [phone.masked for phone in view.phones] if view is not None and view.dial is not None else []
    contract = customer.contract
    for number in (*contract.relay_phones, *contract.phones):  # a 050 number that is offered is a relay service's
        if any(_fits(number, mask) for mask in masks):
            return number
    return customer.contract.phones[0]


def numbers(customer: Customer, view: View | None) -> dict[Caller, str | None]:
    """The number that each way of calling presents; None where there is none to present, or nobody to call so."""
    chosen = chosen_number(customer, view)
    others = [number for number in customer.contract.phones if number != chosen]
    return {
        Caller.CHOSEN: chosen,
        Caller.OTHER: others[0] if others else None,
        Caller.STRANGER: STRANGER,
        Caller.WITHHELD: chosen,
        Caller.VOIP: INTERNET_PHONE,
        Caller.DIVERTED: chosen,
        Caller.UNAVAILABLE: None,
        Caller.CLAIMED: chosen,
    }


def report(caller: Caller, number: str | None, *, dialled: str, received_at: str) -> dict[str, object]:
    """The call as the gateway's message tells it, under a new call id."""
    presentation = {Caller.WITHHELD: "restricted", Caller.UNAVAILABLE: "unavailable"}
    return {
        "call_id": f"call-{secrets.token_hex(8)}",
        "number": number,
        "source": "claimed" if caller is Caller.CLAIMED else "network",
        "dialed": dialled,
        "received_at": received_at,
        "presentation": presentation.get(caller, "allowed"),
        "diverted": caller is Caller.DIVERTED,
    }


def _fits(number: str, mask: str) -> bool:
    digits, shape = re.sub(r"\D", "", number), re.sub(r"[^\d*]", "", mask)
    return re.fullmatch(shape.replace("*", r"\d"), digits) is not None
