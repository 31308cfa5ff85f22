"""A bank for processes: what it has done is in a file, so that its callers share it and none takes it along."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from ja_reset import EffectKind
from ja_reset.secret import Secret
from ja_reset.testing import FakeBank
from ja_reset.values import Effect, PinCheck


class FileBank(FakeBank):
    """A FakeBank whose counts and effects are in a file, so that processes share it and none takes it along.

    `dies`: (method, after) at which the process that asks is gone at once.
    """

    def __init__(
        self, path: Path, leave: Callable[[], None] | None = None, dies: tuple[str, bool] | None = None
    ) -> None:
        super().__init__()
        self._path = path
        self._leave = leave
        self._dies = dies
        with closing(self._open()) as file:
            file.execute("CREATE TABLE IF NOT EXISTS pins (id INTEGER PRIMARY KEY, wrong INTEGER)")
            file.execute("CREATE TABLE IF NOT EXISTS effects (key TEXT PRIMARY KEY, kind TEXT, content TEXT)")

    def pins(self) -> list[bool]:
        """Whether each verification was wrong, in their order."""
        with closing(self._open()) as file:
            return [bool(wrong) for (wrong,) in file.execute("SELECT wrong FROM pins ORDER BY id")]

    def kinds(self) -> list[str]:
        """The kinds of the effects that were carried out."""
        with closing(self._open()) as file:
            return [kind for (kind,) in file.execute("SELECT kind FROM effects ORDER BY kind")]

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=60, isolation_level=None)

    def _go(self, method: str, *, after: bool) -> None:
        if self._leave is not None and self._dies == (method, after):
            self._leave()

    def _pin(self, ref: str, pin: Secret) -> PinCheck:
        self._go("check_pin", after=False)
        right = pin == Secret(self.customer(ref).pin)
        with closing(self._open()) as file:
            file.execute("INSERT INTO pins (wrong) VALUES (?)", (not right,))
        self._go("check_pin", after=True)
        return PinCheck.RIGHT if right else PinCheck.WRONG

    def _once(self, effect: Effect) -> dict[str, str] | None:
        self._go("carry_out", after=False)
        data = {name: Secret.of(value).reveal() for name, value in effect.data.items()}
        content = f"{effect.ref} {sorted(data.items())}"
        with closing(self._open()) as file:
            file.execute("INSERT OR IGNORE INTO effects VALUES (?, ?, ?)", (effect.key, effect.kind.value, content))
            held = file.execute("SELECT content FROM effects WHERE key = ?", (effect.key,)).fetchone()
        if held != (content,):
            msg = "a key came back with another content"
            raise ValueError(msg)
        self._go("carry_out", after=True)
        issued = effect.kind is EffectKind.ISSUE_TOKEN
        return {"service_id": "SV00000001", "user_id": "US00000001"} if issued else None


def longest_row(wrong: Sequence[bool]) -> int:
    """The longest row of wrong ones."""
    return max((len(list(row)) for is_wrong, row in itertools.groupby(wrong) if is_wrong), default=0)
