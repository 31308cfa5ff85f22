"""The memory store keeps the newest audit records, as many as it was told, and nothing of the older ones (S8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ja_reset import InvalidArgument
from ja_reset.stores import MemoryStore
from ja_reset.stores._kept import Audited
from ja_reset.stores.rows import AUDIT, Amendment, Record
from ja_reset.testing import FakeClock

pytestmark = pytest.mark.rule("S8")
START: Final = FakeClock().now


def _record(number: int) -> Mapping[str, object]:
    """A record of one of three sessions, each a minute after the other."""
    at = (START + timedelta(minutes=number)).isoformat()
    return Record({"session": f"s{number % 3}", "time": at, "event": str(number)}, frozenset({"", f"t:{number % 2}"}))


def _numbers(records: list[dict[str, object]]) -> list[int]:
    return [int(str(record["event"])) for record in records]


@given(sizes=st.lists(st.integers(0, 5), max_size=12), limit=st.integers(0, 7))
def test_the_newest_are_there_and_the_older_ones_are_gone(sizes: list[int], limit: int) -> None:
    """Whatever was written in whatever commits: of all, of one session, and found by time."""
    written: list[int] = []
    with MemoryStore(audit_limit=limit) as store:
        for size in sizes:
            new = range(len(written), len(written) + size)
            assert store.commit([], [_record(number) for number in new])
            written += new
        kept = written[-limit:] if limit else []
        assert kept == _numbers(store.audit())
        assert [number for number in kept if number % 3 == 1] == _numbers(store.audit(session="s1"))
        assert kept[::-1] == _numbers([dict(row.body) for row in store.find(AUDIT, "", limit=100)])


def test_a_record_that_is_gone_is_not_amended() -> None:
    """An erasure that read it before it went changes nothing."""
    with MemoryStore(audit_limit=1) as store:
        store.commit([], [_record(0)])
        (row,) = store.find(AUDIT, "")
        store.commit([], [_record(1)])
        store.amend([Amendment(row, {**row.body, "event": "9"})])
        assert [1] == _numbers(store.audit())


def test_a_commit_that_was_broken_off_is_carried_out_whole() -> None:
    """Also where it writes more records than the store keeps, and the signal comes while the oldest are dropped."""

    class Interrupted(MemoryStore):
        left = 1

        def _unlist_audited(self, place: int, audited: Audited) -> None:
            super()._unlist_audited(place, audited)
            if self.left:
                self.left -= 1
                raise KeyboardInterrupt

    with Interrupted(audit_limit=2) as store:
        with pytest.raises(KeyboardInterrupt):
            store.commit([], [_record(number) for number in range(5)])
        assert [3, 4] == _numbers(store.audit())
        assert [4, 3] == _numbers([dict(row.body) for row in store.find(AUDIT, "")])


@pytest.mark.parametrize("limit", [-1, True, None, 1.5, "10"])
def test_a_limit_is_a_number_of_records(limit: object) -> None:
    """Anything else is refused at construction."""
    with pytest.raises(InvalidArgument, match="audit_limit must be a number of audit records"):
        MemoryStore(audit_limit=limit)  # type: ignore[arg-type]  # what a host might pass
