"""Faults, one at a time, in the procedures' charts: each must be caught by a law, the verifier or the tests.

`python scripts/seeded_faults.py` tries them and writes docs/seeded-faults.md; with names it tries those and prints.
Where neither a law nor the verifier sees a fault, tests are run on the faulty chart (`scripts/fault_plugin.py`).
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import attrs

from broken_charts import LOGIN, RISK, TOKEN, rebuilt, with_state, with_step, without_rung
from ja_reset.arrows import Fall, Guard, Learn, Rung, StateKind, Step
from ja_reset.chart import Chart
from ja_reset.errors import ChartError
from ja_reset.policies import IdentityPolicy, LockoutPolicy, PhonePolicy, Policies
from ja_reset.session import Session, Turn, Window
from ja_reset.text import Text
from ja_reset.values import EffectKind
from ja_reset.verify import NotAbstractableError, verify

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "seeded-faults.md"
TESTS = ("test_machines.py", "test_diagrams.py", "test_phone_flow.py", "test_calls.py", "test_keys.py", "test_waits.py")
MORE_TESTS = ("test_identity_flow.py", "test_lockout.py", "test_completion.py", "test_last_step.py", "test_view.py")
LAST_TESTS = ("test_sessions.py", "test_time.py", "test_facade.py", "test_advance.py")

LOW = Policies(
    identity=IdentityPolicy(identity_attempts=2),
    lockout=LockoutPolicy(pin_attempts=2),
    phone=PhonePolicy(phone_windows=2, code_attempts=2, codes_per_session=3),
)
LEAST = Policies(
    identity=IdentityPolicy(identity_attempts=1),
    lockout=LockoutPolicy(pin_attempts=1),
    phone=PhonePolicy(phone_windows=1, code_attempts=1, codes_per_session=1),
)
"""One of each: the least to see, and so the soonest seen."""

LEAST_WITH_CODES = attrs.evolve(LEAST, phone=attrs.evolve(LEAST.phone, bim_code=True))
ATTESTED = attrs.evolve(LEAST, caller_id=attrs.evolve(LEAST.caller_id, attestation="B"))
ATTESTED_WITH_CODES = attrs.evolve(ATTESTED, phone=LEAST_WITH_CODES.phone)
WITH_CODES = attrs.evolve(LOW, phone=attrs.evolve(LOW.phone, bim_code=True))
WORDS = Text(ja="x", en="x")


@attrs.frozen
class Fault:
    """A fault: its name, its kind, whose chart, and how it is made (raises ChartError where a law refuses it)."""

    name: str
    kind: str
    chart: Chart
    make: Callable[[], Chart] = attrs.field(repr=False, eq=False)


@attrs.frozen
class Caught:
    """By what a fault is caught, and what it says; by "nothing" where it is not."""

    by: str
    what: str = ""


# How a chart is broken --------------------------------------------------------------------------------------


def _own_steps(chart: Chart) -> Iterator[Step]:
    """The steps of a chart; of RISK_BASED_AUTH only what LOGIN_PASSWORD does not share."""
    for step in chart.steps:
        if chart is not RISK or step.trigger in {"submit_reset", "confirmed"}:
            yield step


def _place(chart: Chart, step: Step) -> str:
    return f"{chart.name}.{step.source}.{step.trigger}"


def _of_ladder(chart: Chart, step: Step, ladder: Callable[[tuple[Rung, ...]], tuple[Rung, ...]]) -> Callable[[], Chart]:
    return lambda: with_step(
        chart, step.trigger, step.source, lambda each: attrs.evolve(each, ladder=ladder(each.ladder))
    )


def _of_step(chart: Chart, step: Step, **changes: object) -> Callable[[], Chart]:
    return lambda: with_step(
        chart,
        step.trigger,
        step.source,
        lambda each: attrs.evolve(each, **changes),  # type: ignore[arg-type]  # fields by name
    )


def _guards(chart: Chart) -> Iterator[Fault]:
    for step in _own_steps(chart):
        for place, each in enumerate(step.ladder):
            name = each.guard.name
            yield Fault(
                f"{_place(chart, step)} without {name}",
                "a guard dropped",
                chart,
                lambda step=step, name=name: without_rung(chart, step.trigger, step.source, name),  # type: ignore[misc]
            )
            if place + 1 < len(step.ladder) and not _of_any_order(step, place):
                below = step.ladder[place + 1].guard.name
                yield Fault(
                    f"{_place(chart, step)} asks {below} before {name}",
                    "two rungs swapped",
                    chart,
                    _of_ladder(chart, step, lambda rungs, at=place: _swapped(rungs, at)),  # type: ignore[misc]
                )


def _of_any_order(step: Step, place: int) -> bool:
    """Whether SPEC sets no order between two neighbours: of several faults of a call any may be the reason (P3)."""
    below = step.ladder[place + 1].guard.name
    return step.trigger in {"call_received", "keys_received"} and below.startswith(
        ("caller_", "line_", "call_is_not", "number_is_v", "attest", "window_was")
    )


def _swapped(rungs: tuple[Rung, ...], at: int) -> tuple[Rung, ...]:
    return (*rungs[:at], rungs[at + 1], rungs[at], *rungs[at + 2 :])


def _falls(chart: Chart) -> Iterator[Fault]:
    for step in _own_steps(chart):
        for at, each in enumerate(step.ladder):
            for number, fall in enumerate(each.falls):
                where = f"{_place(chart, step)} fall {number + 1} of {each.guard.name}"
                for what, changed in _changed_falls(fall):
                    falls = tuple(changed if other is fall else other for other in each.falls)
                    new = Rung(each.guard, tuple(one for one in falls if one is not None))
                    yield Fault(
                        f"{where} {what}",
                        "a fall changed",
                        chart,
                        _of_ladder(chart, step, lambda rungs, at=at, new=new: (*rungs[:at], new, *rungs[at + 1 :])),  # type: ignore[misc]
                    )


def _changed_falls(fall: Fall) -> Iterator[tuple[str, Fall | None]]:
    if fall.when is not None or fall.to is None:
        yield "is removed", None
    if fall.to is not None:
        if fall.reasons != ():
            yield "stays", attrs.evolve(fall, to=None)
        other = "CANCELLED" if fall.to != "CANCELLED" else "EXPIRED"
        yield f"leads to {other}", attrs.evolve(fall, to=other)
    if fall.effects:
        yield "orders nothing", attrs.evolve(fall, effects=())
        yield "orders half", attrs.evolve(fall, effects=fall.effects[:1])
    if fall.learns:
        yield "learns nothing", attrs.evolve(fall, learns=())
    if fall.wait is not None:
        yield "leaves the number's row alone", attrs.evolve(fall, wait=None)
    if fall.reasons:
        yield "gives another reason", attrs.evolve(fall, reasons=("late",))


def _steps(chart: Chart) -> Iterator[Fault]:
    success = next(state.name for state in chart.states.values() if state.kind is StateKind.SUCCESS)
    for step in _own_steps(chart):
        place = _place(chart, step)
        yield Fault(
            f"{place} is gone",
            "a step dropped",
            chart,
            lambda step=step: with_step(chart, step.trigger, step.source, lambda _: None),  # type: ignore[misc]
        )
        for to in (success, "EXPIRED" if step.to != "EXPIRED" else "CANCELLED"):
            if to != step.to and step.trigger != "proceed":
                yield Fault(f"{place} leads to {to}", "a destination changed", chart, _of_step(chart, step, to=to))
        if step.effects:
            yield Fault(f"{place} orders nothing", "an effect dropped", chart, _of_step(chart, step, effects=()))
            other = (EffectKind.NOTIFY,) if EffectKind.NOTIFY not in step.effects else (EffectKind.LOCK_CARD,)
            yield Fault(f"{place} orders another", "an effect changed", chart, _of_step(chart, step, effects=other))
        for learn in step.learns:
            rest = tuple(each for each in step.learns if each is not learn)
            yield Fault(f"{place} forgets {learn.name}", "a fact not kept", chart, _of_step(chart, step, learns=rest))
        if step.wait is not None:
            yield Fault(f"{place} writes no wait", "a wait write dropped", chart, _of_step(chart, step, wait=None))
        if step.reasons:
            yield Fault(
                f"{place} gives another reason", "a reason changed", chart, _of_step(chart, step, reasons=("format",))
            )


def _states(chart: Chart) -> Iterator[Fault]:
    waiting = frozenset({"chosen", "window", "answered", "activation"})
    for state in chart.states.values():
        for more in sorted(waiting - state.keeps if not state.is_final else frozenset({"phones"})):
            yield Fault(
                f"{chart.name}.{state.name} keeps {more}",
                "a fact kept too long",
                chart,
                lambda state=state, more=more: with_state(chart, state.name, keeps=state.keeps | {more}),  # type: ignore[misc]
            )
        for less in sorted(state.keeps):
            yield Fault(
                f"{chart.name}.{state.name} drops {less}",
                "a fact dropped",
                chart,
                lambda state=state, less=less: with_state(chart, state.name, keeps=state.keeps - {less}),  # type: ignore[misc]
            )
        if state.kind in {StateKind.FORM, StateKind.WAITING} and "proceed" not in state.echoes:
            yield Fault(
                f"{chart.name}.{state.name} lets proceed through",
                "an echo allowed",
                chart,
                lambda state=state: with_state(chart, state.name, echoes=("proceed",)),  # type: ignore[misc]
            )


def _arrows(chart: Chart) -> Iterator[Fault]:
    """Arrows that are not in the manual: shortcuts, a way back past the proof, a way out of an end."""
    names = list(chart.states)
    success = next(state.name for state in chart.states.values() if state.kind is StateKind.SUCCESS)
    for source in names:
        for trigger, to in (
            ("call_received", success),
            ("confirmed", success),
            ("back", chart.initial),
            ("cancel", "CANCELLED"),
        ):
            if chart.has(source, trigger):
                continue
            new = Step(trigger=trigger, source=source, to=to, effects=())
            yield Fault(
                f"{chart.name}.{source} has {trigger} to {to}",
                "an arrow added",
                chart,
                lambda new=new: rebuilt(chart, steps=(*chart.steps, new)),  # type: ignore[misc]
            )


def _meanings(chart: Chart) -> Iterator[Fault]:
    """Guards that say something else: never false, never true, the contrary, another figure."""
    for guard in chart.guards.values():
        meanings: list[tuple[str, Callable[[Turn], bool]]] = [
            ("always holds", lambda _: True),
            ("never holds", lambda _: False),
        ]
        for what, holds in meanings:
            yield Fault(
                f"{chart.name}: {guard.name} {what}",
                "a guard's meaning changed",
                chart,
                lambda guard=guard, holds=holds: _with_meaning(chart, guard, holds),  # type: ignore[misc]
            )
        for what, shift in _SHIFTS.get(guard.name, ()):
            yield Fault(
                f"{chart.name}: {guard.name} {what}",
                "a limit moved",
                chart,
                lambda guard=guard, shift=shift: _with_meaning(  # type: ignore[misc]
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


def _with_meaning(chart: Chart, guard: Guard, holds: Callable[[Turn], bool]) -> Chart:
    new = attrs.evolve(guard, holds=holds)

    def changed(step: Step) -> Step:
        ladder = tuple(
            Rung(
                new if each.guard is guard else each.guard,
                tuple(attrs.evolve(fall, when=new) if fall.when is guard else fall for fall in each.falls),
            )
            for each in step.ladder
        )
        return attrs.evolve(step, ladder=ladder)

    return rebuilt(chart, steps=[changed(step) for step in chart.steps])


def _learns(chart: Chart) -> Iterator[Fault]:
    """What is learned besides: counts that are reset, windows that are longer, shorter, earlier."""

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
    for step in _own_steps(chart):
        if step.trigger in {"choose_phone", "submit_details"}:
            for what, change in (
                ("a minute longer", moved(timedelta(0), minute)),
                ("a minute shorter", moved(timedelta(0), -minute)),
                ("from a minute before", moved(-minute, timedelta(0))),
            ):
                learns = (*step.learns, Learn("moves_the_window", change))
                yield Fault(
                    f"{_place(chart, step)} opens a window {what}",
                    "a window moved",
                    chart,
                    _of_step(chart, step, learns=learns),
                )
        if step.trigger in {"back", "choose_phone", "submit_details"}:
            for name in ("tries", "windows", "wrong_codes"):
                learns = (*step.learns, Learn(f"resets_{name}", reset(name)))
                yield Fault(
                    f"{_place(chart, step)} resets {name}", "a count reset", chart, _of_step(chart, step, learns=learns)
                )


def faults() -> tuple[Fault, ...]:
    """Every fault, in a fixed order; RISK_BASED_AUTH only where it differs from LOGIN_PASSWORD."""
    found: list[Fault] = []
    for chart in (LOGIN, RISK, TOKEN):
        found += [*_guards(chart), *_falls(chart), *_steps(chart)]
        if chart is not RISK:
            found += [*_states(chart), *_arrows(chart), *_meanings(chart), *_learns(chart)]
    return tuple(found)


MANY = frozenset(
    {"a fall changed", "a destination changed", "a guard's meaning changed", "an arrow added", "a step dropped"}
    | {"a fact kept too long", "a fact dropped", "a reason changed"}
)
"""Kinds of which one in `SHARE` is tried, unless all are asked for."""

SHARE = 4


def some_faults() -> tuple[Fault, ...]:
    """Every fault of the smaller kinds, and one in `SHARE` of the larger ones."""
    seen: Counter[str] = Counter()
    chosen = []
    for fault in faults():
        seen[fault.kind] += 1
        if fault.kind not in MANY or seen[fault.kind] % SHARE == 0:
            chosen.append(fault)
    return tuple(chosen)


# By what it is caught ---------------------------------------------------------------------------------------


def caught(fault: Fault) -> Caught:
    """By what a fault is caught before any test is run: a law at import, or the verifier."""
    try:
        chart = fault.make()
    except ChartError as error:
        return Caught("law", str(error).partition(": ")[2].split("; ")[0])
    of_token, of_others = (
        (LEAST, ATTESTED, LOW),
        (LEAST, LEAST_WITH_CODES, ATTESTED_WITH_CODES, ATTESTED, LOW, WITH_CODES),
    )
    for policies in of_token if fault.chart is TOKEN else of_others:
        try:
            seen = verify(chart, policies, first=True)
        except NotAbstractableError as error:
            return Caught("verifier", str(error))
        if seen.failures:
            return Caught("verifier", f"{seen.failures[0].name}: {seen.failures[0].what}")
    return Caught("nothing")


def caught_by_tests(fault: Fault) -> Caught:
    """By which test a fault is caught, of those that walk the procedures."""
    for files in (TESTS, MORE_TESTS, LAST_TESTS):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "fault_plugin", "-p", "no:cacheprovider"),
                *("--seeded-fault", fault.name, *(str(ROOT / "tests" / name) for name in files)),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        failed = [line.split(" ")[1] for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        if failed:
            return Caught("test", failed[0].removeprefix("tests/").partition("[")[0])
    return Caught("nothing")


# The table --------------------------------------------------------------------------------------------------

_REASONS: tuple[tuple[str, str], ...] = (
    (
        r"TOKEN_REISSUE\.BTR00[12]\.back resets (windows|wrong_codes)",
        "no window opens before BTR003, and nothing leads back from it",
    ),
    (r"TOKEN_REISSUE\..* resets tries", "nothing leads back to BTR002: the count is not read again"),
    (r"TOKEN_REISSUE\.BTR00[12] keeps .*", "nothing before BTR003 brings the fact, and nothing leads back"),
)
"""Why a fault may live, by the pattern of its name: it changes nothing that can happen."""


def reason(name: str) -> str:
    """Why the fault of that name may live; nothing where there is no reason."""
    return next((why for pattern, why in _REASONS if re.fullmatch(pattern, name)), "")


def write(results: Iterable[tuple[Fault, Caught]]) -> None:
    """Write the table."""
    rows = list(results)
    kinds = Counter((fault.kind, result.by) for fault, result in rows)
    lines = [
        "# Seeded faults",
        "",
        "Generated by `make faults` (`scripts/seeded_faults.py`): each fault is made in a procedure's chart, alone,",
        "and must be caught when the chart is made (a law), by `ja_reset.verify` at low limits, or by a test.",
        "",
        "| kind | law | verifier | test | alive |",
        "|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(fault.kind for fault, _ in rows):
        counts = [kinds[kind, by] for by in ("law", "verifier", "test", "nothing")]
        lines.append(f"| {kind} | {' | '.join(map(str, counts))} |")
    totals = Counter(result.by for _, result in rows)
    whole = [totals[by] for by in ("law", "verifier", "test", "nothing")]
    lines += [f"| **all {len(rows)}** | {' | '.join(map(str, whole))} |", ""]
    lines += ["## Each fault", "", "| fault | caught by | what is said |", "|---|---|---|"]
    lines += [f"| {fault.name} | {result.by} | {_cell(result.what or reason(fault.name))} |" for fault, result in rows]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("<", "(").replace(">", ")")


def main(names: list[str]) -> int:
    """Try the faults of these names (none: all, and write the table); 1 where one lives without a reason."""
    chosen: tuple[Fault, ...] = some_faults()
    if names == ["--all"]:
        chosen, names = faults(), []
    elif names:
        chosen = tuple(fault for fault in faults() if any(name in fault.name for name in names))
    results = []
    for number, fault in enumerate(chosen, 1):
        result = caught(fault)
        if result.by == "nothing":
            result = caught_by_tests(fault)
        results.append((fault, result))
        if names or result.by == "nothing":
            print(f"{number}/{len(chosen)} {fault.name}: {result.by} {result.what}", flush=True)
    if not names:
        write(results)
    alive = [fault.name for fault, result in results if result.by == "nothing" and not reason(fault.name)]
    print(f"{len(results)} faults, {len(alive)} alive without a reason")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
