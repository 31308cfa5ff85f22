"""What a service is made of: its configuration, its clock, its shell; unusable arguments are refused in words."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias, cast, get_args

from ja_reset.errors import InvalidArgument
from ja_reset.policies import Policies
from ja_reset.screens._wording import own_texts
from ja_reset.screens.placeholders import NO_TEXTS
from ja_reset.service._config import Config
from ja_reset.service._registry import charts_of
from ja_reset.service._sealing import Sealer
from ja_reset.service._shell import Pauses, Shell
from ja_reset.service.ports import AsyncBank, Bank, Clock
from ja_reset.stores.rows import AsyncStore, Store
from ja_reset.text import Messages

Key: TypeAlias = bytes | Sequence[bytes] | None
Notices: TypeAlias = Literal["inline", "later"]


def system_clock() -> datetime:
    """The present aware UTC datetime of this machine."""
    return datetime.now(UTC)


def config_of(policies: object, messages: Messages | None, procedures: object, notices: object) -> Config:
    if isinstance(policies, str) and policies == "standard":
        policies = Policies()
    if not isinstance(policies, Policies):
        msg = f"policies must be a Policies, not {type(policies).__name__}"
        raise InvalidArgument(msg)
    if notices not in get_args(Notices):
        msg = "notices must be 'inline' or 'later'"
        raise InvalidArgument(msg)
    charts = charts_of(procedures)
    for chart in charts.values():
        chart.prepare()
    texts = own_texts(messages, [chart.texts for chart in charts.values()])
    return Config(policies, texts or NO_TEXTS, charts, notices == "later")


def _clock_of(store: Store | AsyncStore) -> Callable[[], datetime | Awaitable[datetime]]:
    """The clock of everybody who shares *store*, if the store tells the time; otherwise this machine's."""
    now = getattr(store, "now", None)
    return now if callable(now) else system_clock


def shell_of(bank: Bank | AsyncBank, store: Store | AsyncStore, key: Key, clock: Clock | None, pause: Pauses) -> Shell:
    if key is None and store.persistent:
        warnings.warn(
            "no key was given: what this process seals cannot be opened by another one, though the store outlives it",
            stacklevel=3,
        )
    return Shell(bank, store, _clock_of(store) if clock is None else clock, Sealer(key), pause)


def awaited(store: Store | AsyncStore) -> AsyncStore:
    if inspect.iscoroutinefunction(store.get):
        return cast("AsyncStore", store)
    from ja_reset.stores import threaded  # noqa: PLC0415 - only an asynchronous host needs it

    return threaded(cast("Store", store))
