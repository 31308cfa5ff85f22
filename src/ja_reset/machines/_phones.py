"""Which registered phones are offered (P1)."""

from __future__ import annotations

from collections.abc import Iterable

from ja_reset.fields._phone_numbers import is_voip, read_registered


def offered(registered: Iterable[str]) -> tuple[str, ...]:
    """The registered numbers that can be called from, in E.164, each once: no 050, nothing that cannot be read."""
    numbers = dict.fromkeys(read_registered(number) for number in registered)
    return tuple(number for number in numbers if number is not None and not is_voip(number))
