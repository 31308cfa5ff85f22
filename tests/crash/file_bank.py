"""A bank for processes: what it was told is in a file of its own, so that its callers share it and none takes it along.

The file is a journal: one line a telling, appended and synced before the bank answers, never changed. Lines are written
by one process at a time; one that was torn by its writer's death counts as never written, so nothing was done then.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from ja_reset import BankUnavailable, EffectKind, EffectRefused
from ja_reset.bank._values import Effect, PinCheck
from ja_reset.secret import Secret
from ja_reset.service.ports import Clock
from ja_reset.testing import FakeBank, FakeClock

Telling: TypeAlias = dict[str, str]

HEADS = frozenset({EffectKind.SET_LOGIN_PASSWORD, EffectKind.CLEAR_RISK_AUTH, EffectKind.ISSUE_TOKEN})
"""The effects that a session waits for in COMPLETING."""


class FileBank(FakeBank):
    """A FakeBank whose verifications and effects are in a file, so that processes share it and none takes it along.

    `dies`: (method, after) at which the process that asks is gone at once, by `leave`. `refuses`: the first effect that
    a session waits for is refused for good (but for the token's, which no form waits for). `silent`: that one is done,
    and no answer is given.
    """

    def __init__(
        self,
        path: Path,
        leave: Callable[[], None] | None = None,
        dies: tuple[str, bool] | None = None,
        *,
        clock: Clock | None = None,
        refuses: bool = False,
        silent: bool = False,
    ) -> None:
        super().__init__()
        self._path = path
        self._leave = leave
        self._dies = dies
        self._clock = clock or FakeClock()
        self._refuses = refuses
        self._silent = silent

    # what the file tells

    def tellings(self) -> list[Telling]:
        """All that the bank was told, in its order."""
        return _whole_lines(self._path.read_bytes()) if self._path.exists() else []

    def pins(self) -> list[bool]:
        """Whether each verification was wrong, in their order."""
        return [telling["pin"] == "wrong" for telling in self.tellings() if "pin" in telling]

    def kinds(self) -> list[str]:
        """The kinds of the effects that were carried out."""
        return sorted(telling["kind"] for telling in self.tellings() if telling.get("effect") == "done")

    def keys_told(self) -> dict[str, list[str]]:
        """What became of each key, time after time: done or refused, and then the same again."""
        told: dict[str, list[str]] = {}
        for telling in self.tellings():
            if "effect" in telling:
                told.setdefault(telling["key"], []).append(telling["effect"])
        return told

    def most_wrong_pins_within(self, span: timedelta) -> int:
        """The longest row of wrong PINs, of which only those count together that lie within *span* (L5)."""
        most, row = 0, list[datetime]()
        for telling in self.tellings():
            if telling.get("pin") == "wrong":
                at = datetime.fromisoformat(telling["at"])
                row = [*(each for each in row if at <= each + span), at]
                most = max(most, len(row))
            elif "pin" in telling:
                row = []
        return most

    # the port

    def _go(self, method: str, *, after: bool) -> None:
        if self._leave is not None and self._dies == (method, after):
            self._leave()

    def _pin(self, ref: str, pin: Secret) -> PinCheck:
        self._go("check_pin", after=False)
        right = pin == Secret(self.customer(ref).pin)
        with self._journal() as (_, add):
            add({"pin": "right" if right else "wrong", "ref": ref})
        self._go("check_pin", after=True)
        return PinCheck.RIGHT if right else PinCheck.WRONG

    def _once(self, effect: Effect) -> dict[str, str] | None:
        self._go("carry_out", after=False)
        with self._journal() as (tellings, add):
            before = [telling for telling in tellings if telling.get("key") == effect.key]
            content = _content(effect)
            if any(telling["content"] != content for telling in before):
                msg = "a key came back with another content"
                raise ValueError(msg)
            first = not before and not any(telling.get("kind") == str(effect.kind) for telling in tellings)
            odd = first and effect.kind in HEADS
            refused = odd and self._refuses and effect.kind is not EffectKind.ISSUE_TOKEN
            said = f"{before[0]['effect']} again" if before else "refused" if refused else "done"
            add({"effect": said, "key": effect.key, "kind": str(effect.kind), "content": content})
        if said.startswith("refused"):
            raise EffectRefused(ja="以前と同じパスワードは使えません。", en="The password was used before.")
        self._go("carry_out", after=True)
        if odd and self._silent:
            msg = "done, but the line went dead"
            raise BankUnavailable(msg)
        issued = effect.kind is EffectKind.ISSUE_TOKEN
        return {"service_id": "SV00000001", "user_id": "US00000001"} if issued else None

    # the file

    @contextmanager
    def _journal(self) -> Iterator[tuple[list[Telling], Callable[[Telling], None]]]:
        """What was told before, and how to add to it, while nobody else does."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            text = os.pread(descriptor, os.fstat(descriptor).st_size, 0)

            def add(telling: Telling) -> None:
                stamped = telling | {"at": self._clock().isoformat(), "by": str(os.getpid())}
                # a line that was torn ends here
                os.write(descriptor, (b"" if text.endswith(b"\n") else b"\n") + json.dumps(stamped).encode() + b"\n")
                os.fsync(descriptor)

            yield _whole_lines(text), add
        finally:
            os.close(descriptor)


def _content(effect: Effect) -> str:
    data = {name: Secret.of(value).reveal() for name, value in effect.data.items()}
    return hashlib.sha256(f"{effect.ref} {sorted(data.items())}".encode()).hexdigest()


def _whole_lines(text: bytes) -> list[Telling]:
    tellings = []
    for line in text.split(b"\n"):
        with suppress(ValueError):
            tellings.append(json.loads(line))
    return tellings


def longest_row(wrong: Sequence[bool]) -> int:
    """The longest row of wrong ones."""
    return max((len(list(row)) for is_wrong, row in itertools.groupby(wrong) if is_wrong), default=0)
