"""How good the evidence for a caller's number must be (specification, P3)."""

from __future__ import annotations

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.policies._bounds import flag
from ja_reset.secret import by_value, shown

ATTESTATIONS = ("A", "B", "C")
"""STIR/SHAKEN's levels, the strongest first."""


def _level(instance: object, attribute: attrs.Attribute[str | None], value: object) -> None:
    if value is not None and value not in ATTESTATIONS:
        msg = f"{type(instance).__name__}.{attribute.name} must be 'A', 'B', 'C' or None"
        raise InvalidArgument(msg)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class CallerIdPolicy:
    """What a caller's number needs to count.

    `claimed_numbers` accepts a number that the caller's side merely claims. `attestation` is the weakest level accepted
    (A is stronger than B, B than C); None demands none. `relay` offers the numbers of a relay service that the contract
    has (`Contract.relay_phones`), and accepts calls from them, although they begin with 050 (P1, P3).
    """

    __repr__ = shown

    claimed_numbers: bool = attrs.field(default=False, validator=flag)  # P3: ours
    attestation: str | None = attrs.field(default=None, validator=_level)  # P3: ours
    relay: bool = attrs.field(default=False, validator=flag)  # P1, P3: ours
