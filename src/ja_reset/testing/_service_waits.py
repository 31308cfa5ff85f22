"""The model's waits: who waits for which number, on the line of which number to call (P8), as plain lists."""

from __future__ import annotations

from datetime import datetime

import attrs

from ja_reset.testing._service_runs import Run, Wait


@attrs.define
class ModelWaits:
    """All of them. `dials`: the numbers to call of the only institution; (None,) where it has one."""

    dials: tuple[str | None, ...] = (None,)
    most: int = 2
    held: dict[str, list[Wait]] = attrs.field(factory=dict)

    def all(self) -> list[Wait]:
        """All of them, ended ones too."""
        return [wait for waits in self.held.values() for wait in waits]

    def of(self, run: Run) -> Wait | None:
        """The wait of a run that has not ended."""
        waits = self.held.get(run.number, [])
        return next((wait for wait in waits if wait.run is run and wait.ended is None), None)

    def last_of(self, run: Run, number: str) -> Wait | None:
        """The run's last wait for a number, ended or not."""
        return max(
            (wait for wait in self.held.get(number, []) if wait.run is run), key=lambda each: each.until, default=None
        )

    def live(self, number: str, now: datetime) -> list[Wait]:
        """Those whose run a call from the number could prove."""
        return [wait for wait in self.held.get(number, []) if wait.ended is None and now <= wait.until]

    def called(self, number: str, dialed: str | None, now: datetime) -> Wait | None:
        """Whose call it is: that of the line's wait or rest, else of the only run that waits, which has misdialled."""
        waits, live = self.held.get(number, []), self.live(number, now)
        if self.dials == (None,):
            return waits[0] if waits else None
        exact = [wait for wait in waits if wait.dial == dialed and (wait in live or now <= wait.rests)]
        former = len(live) == 1 and exact and exact[0].run is live[0].run
        if dialed is None or (exact and not former):
            return exact[0] if exact else None
        return live[0] if len(live) == 1 else None

    def free(self, run: Run, number: str, now: datetime) -> tuple[str | None, ...]:
        """The numbers to call of which the run may be given one."""
        waits, live = self.held.get(number, []), self.live(number, now)
        if len([wait for wait in live if wait.run is not run]) >= self.most:
            return ()
        if any(wait.ended == "contested" and now <= wait.rests for wait in waits):
            return ()
        taken = {wait.dial for wait in waits if wait.run is not run and (wait in live or now <= wait.rests)}
        return tuple(dial for dial in self.dials if dial not in taken)

    def begin(self, wait: Wait) -> None:
        """A run waits; what stood on that line is over, but for its rest."""
        waits = self.held.setdefault(wait.run.number, [])
        before = next((each for each in waits if each.dial == wait.dial), None)
        wait.earlier = None if before is None else before.rests
        self.held[wait.run.number] = [*(each for each in waits if each is not before), wait]

    def drop(self, wait: Wait) -> None:
        """Nothing of it is left."""
        self.held[wait.run.number].remove(wait)
