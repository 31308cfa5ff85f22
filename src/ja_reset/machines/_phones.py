"""Which registered phones are offered (P1)."""

from __future__ import annotations

from collections.abc import Iterator

from ja_reset.bank._values import Contract
from ja_reset.fields._phone_numbers import is_voip, read_registered


def offered(contract: Contract, *, relay: bool) -> tuple[str, ...]:
    """The registered numbers that can be called from, in E.164, each once: no 050, nothing that cannot be read.

    With *relay* the 050 numbers of a relay service too, after the others: so a 050 number that is offered is one.
    """
    found = [number for number in _read(contract.phones) if not is_voip(number)]
    if relay:
        found += filter(is_voip, _read(contract.relay_phones))
    return tuple(dict.fromkeys(found))


def _read(registered: tuple[str, ...]) -> Iterator[str]:
    return (number for each in registered if (number := read_registered(each)) is not None)
