"""How often a LOGIN_PASSWORD asks its store: counts, which are exact and the same on every machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from harness import Figure, at_most
from turn import KEY, Bank, customers, play

from ja_reset import ResetService
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Put, Row
from ja_reset.testing import FakeClock

MOST_CALLS: Final = 22
MOST_COMMITS: Final = 11


class _Counting(MemoryStore):
    """Counts the calls of the store in a run: each is a trip where the store is a server."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def get(self, kind: str, key: str) -> Row | None:
        self.calls["get"] += 1
        return super().get(kind, key)

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        self.calls["get_many"] += 1
        return super().get_many(names)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        self.calls["commit"] += 1
        return super().commit(puts, audit)

    def scan(self, *given: object, **more: object) -> list[Row]:
        self.calls["scan"] += 1
        return super().scan(*given, **more)  # type: ignore[arg-type]  # passed on as they came

    def find(self, *given: object, **more: object) -> list[Row]:
        self.calls["find"] += 1
        return super().find(*given, **more)  # type: ignore[arg-type]  # passed on as they came


def figures(_rounds: int) -> Iterator[Figure]:
    """The calls and the commits of one run, from `start` to the answer of `submit_reset`."""
    everyone, store = customers(1), _Counting()
    play(ResetService(bank=Bank(everyone), store=store, key=KEY, clock=FakeClock()), everyone[0])
    beside = {name: (float(number), "") for name, number in sorted(store.calls.items())}
    yield Figure(
        key="trips.calls",
        words=("calls of the store in a LOGIN_PASSWORD", "LOGIN_PASSWORD 1回でのストアの呼び出し回数"),
        samples=(float(store.calls.total()),),
        goal=at_most(MOST_CALLS),
        beside=beside,
    )
    yield Figure(
        key="trips.commits",
        words=("commits among them", "うちコミットの回数"),
        samples=(float(store.calls["commit"]),),
        goal=at_most(MOST_COMMITS),
    )
