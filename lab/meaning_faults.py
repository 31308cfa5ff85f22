"""Faults in what a chart's guards and assigns mean: other answers, other limits, other windows, counts reset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import attrs

from broken_charts import ChartFault, of_step, own_steps, place_of, rebuilt
from ja_reset import Policies
from ja_reset.chart import Chart
from ja_reset.chart.session import Session, Window
from ja_reset.chart.transitions import Assign, Check, Guard, Handler
from ja_reset.chart.turn import Turn
from ja_reset.policies import IdentityPolicy, LockoutPolicy


def meanings(chart: Chart) -> Iterator[ChartFault]:
    """Guards that say something else: never false, never true, the contrary, another figure."""
    for guard in chart.guards.values():
        meanings: list[tuple[str, Callable[[Turn], bool]]] = [
            ("always holds", lambda _: True),
            ("never holds", lambda _: False),
        ]
        for what, holds in meanings:
            yield ChartFault(
                f"{chart.name}: {guard.name} {what}",
                "a guard's meaning changed",
                chart,
                lambda guard=guard, holds=holds: with_meaning(chart, guard, holds),  # type: ignore[misc]
            )
        for what, shift in _SHIFTS.get(guard.name, ()):
            yield ChartFault(
                f"{chart.name}: {guard.name} {what}",
                "a limit moved",
                chart,
                lambda guard=guard, shift=shift: with_meaning(  # type: ignore[misc]
                    chart, guard, lambda turn: guard.holds(attrs.evolve(turn, policies=shift(turn.policies)))
                ),
            )


def _phone(**changes: object) -> Callable[[Policies], Policies]:
    def shift(policies: Policies) -> Policies:
        figures = {
            name: getattr(policies.phone, name) + by if not isinstance(by, bool) else by for name, by in changes.items()
        }
        return attrs.evolve(policies, phone=attrs.evolve(policies.phone, **figures))  # type: ignore[arg-type]

    return shift


def _attempts(policies: Policies) -> Policies:
    return attrs.evolve(policies, identity=IdentityPolicy(identity_attempts=policies.identity.identity_attempts + 1))


def _pins(policies: Policies) -> Policies:
    return attrs.evolve(policies, lockout=LockoutPolicy(pin_attempts=policies.lockout.pin_attempts + 1))


_SHIFTS: dict[str, tuple[tuple[str, Callable[[Policies], Policies]], ...]] = {
    "tries_are_used_up": (("allows one more try", _attempts),),
    "windows_are_left": (("allows one more window", _phone(phone_windows=1)),),
    "codes_are_used_up": (("allows one more code", _phone(codes_per_session=1)),),
    "codes_of_call_are_used_up": (("allows one more code", _phone(code_attempts=1)),),
    "pins_are_used_up": (("allows one more PIN", _pins),),
    "nothing_is_locked": (("allows one more PIN", _pins),),
    "window_was_not_closed": (("allows a minute of skew", _phone(clock_skew=timedelta(minutes=1))),),
}


def with_meaning(chart: Chart, guard: Guard, holds: Callable[[Turn], bool]) -> Chart:
    """*chart* with another meaning of a guard, wherever it stands."""
    new = attrs.evolve(guard, holds=holds)

    def changed(handler: Handler) -> Handler:
        checks = tuple(
            Check(
                new if each.guard is guard else each.guard,
                tuple(
                    attrs.evolve(otherwise, when=new) if otherwise.when is guard else otherwise
                    for otherwise in each.otherwise
                ),
            )
            for each in handler.checks
        )
        return attrs.evolve(handler, checks=checks)

    return rebuilt(chart, handlers=[changed(handler) for handler in chart.handlers])


def other_assigns(chart: Chart) -> Iterator[ChartFault]:
    """Other assigns: counts that are reset, windows that are longer, shorter, earlier."""

    def kept(session: Session, window: Window) -> Session:
        return attrs.evolve(session, kept=attrs.evolve(session.kept, window=window))

    def moved(before: timedelta, after: timedelta) -> Callable[[Turn, Session], Session]:
        def change(_turn: Turn, session: Session) -> Session:
            window = session.kept.window
            return (
                session
                if window is None
                else kept(session, Window(window.opened_at + before, window.closes_at + after))
            )

        return change

    def reset(name: str) -> Callable[[Turn, Session], Session]:
        return lambda _turn, session: attrs.evolve(session, **{name: 0})  # type: ignore[arg-type]  # a field by name

    minute = timedelta(seconds=60)
    for handler in own_steps(chart):
        if handler.trigger in {"choose_phone", "submit_details"}:
            for what, change in (
                ("a minute longer", moved(timedelta(0), minute)),
                ("a minute shorter", moved(timedelta(0), -minute)),
                ("from a minute before", moved(-minute, timedelta(0))),
            ):
                assigns = (*handler.assigns, Assign("moves_the_window", change))
                yield ChartFault(
                    f"{place_of(chart, handler)} opens a window {what}",
                    "a window moved",
                    chart,
                    of_step(chart, handler, assigns=assigns),
                )
        if handler.trigger in {"back", "choose_phone", "submit_details"}:
            for name in ("tries", "windows", "wrong_codes"):
                assigns = (*handler.assigns, Assign(f"resets_{name}", reset(name)))
                yield ChartFault(
                    f"{place_of(chart, handler)} resets {name}",
                    "a count reset",
                    chart,
                    of_step(chart, handler, assigns=assigns),
                )
