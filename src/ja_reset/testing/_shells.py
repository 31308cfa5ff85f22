"""A service whose pauses and draws are a test's own: of what a repeated request waits for (S2), of lines (P8)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import attrs

from ja_reset.service._async_facade import AsyncResetService
from ja_reset.service._facade import ResetService

S = TypeVar("S", bound=ResetService | AsyncResetService)


def paused_by(service: S, pause: Callable[[float], Awaitable[None] | None]) -> S:
    """*service*, which calls *pause* with the seconds instead of sleeping."""
    service._shell = attrs.evolve(service._shell, pause=pause)  # noqa: SLF001 - no host needs it
    return service


def drawn_by(service: S, pick: Callable[[int], int]) -> S:
    """*service*, which draws the number to call by *pick*: from how many, which."""
    service._shell = attrs.evolve(service._shell, pick=pick)  # noqa: SLF001 - no host needs it
    return service
