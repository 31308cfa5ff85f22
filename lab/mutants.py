"""Mutants of the core, by mutmut: how many the tests kill, and why the others may live; writes docs/mutants.md.

mutmut changes the body of one function at a time and runs the tests that call it, in a process forked from one that has
imported everything. What a function does while modules are imported (a chart is built, a table of figures is made) is
done by then, so whatever lives is looked at once more, in an interpreter of its own that imports all with the mutant in
it (`MUTANT_UNDER_TEST`), with the tests of `SECOND_LOOK`.

`python lab/mutants.py` runs mutmut on, from where it was stopped, and then reports; `--report` only reports. The
exit code is 1 where less than `ENOUGH` of the mutants are killed, or one lives without a reason in mutants.toml.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TREE = ROOT / "mutants"
FOUND = ROOT / "docs" / "mutants.json"
PAGE = ROOT / "docs" / "mutants.md"
REASONS = ROOT / "lab" / "mutants.toml"

ENOUGH = 0.95
"""The share of the mutants that the tests must kill."""

SECOND_LOOK = (
    "tests/policies/test_policies.py",
    "tests/fields/test_forms.py",
    "tests/chart/test_chart_laws.py",
    "tests/machines/test_machines.py",
    "tests/service/test_operator.py",
    "tests/service/test_side_effects.py",
    "tests/service/test_view.py",
)
NOT_TRIED = None
LIVED = frozenset({0, 5, 33})
"""The exit codes of mutants that the tests passed over, and of those (5, 33) that no test of the first look calls."""


class Alive(NamedTuple):
    """A mutant that lives: the function's name, the line before and after, and why it may (nothing: no reason yet)."""

    function: str
    before: str
    after: str
    why: str


class Tally(NamedTuple):
    """The mutants of a module: how many there are, are killed, of these at the second look, and were not tried."""

    module: str
    mutants: int
    killed: int
    at_second_look: int
    not_tried: int

    def plus(self, other: Tally) -> Tally:
        """Both together, under the name of this one."""
        return Tally(
            self.module,
            self.mutants + other.mutants,
            self.killed + other.killed,
            self.at_second_look + other.at_second_look,
            self.not_tried + other.not_tried,
        )


def function_of(mutant: str) -> str:
    """`script.orders._give` of `ja_reset.service._outbox.x__give__mutmut_3`, `chart.Chart.ways` of a method."""
    module, _, mangled = mutant.removeprefix("ja_reset.").rpartition(".")
    plain = mangled.rpartition("__mutmut_")[0]
    name = plain.removeprefix("xǁ").replace("ǁ", ".") if plain.startswith("xǁ") else plain.removeprefix("x_")
    return f"{module}.{name}"


def change_of(diff: str) -> tuple[str, str]:
    """What the lines of a unified diff say before and after, each in one line."""
    lines = [line for line in diff.splitlines() if line[:1] in "+-" and not line.startswith(("+++", "---"))]
    before, after = (" ".join(line[1:].strip() for line in lines if line[0] == sign) for sign in "-+")
    return before, after


def reason(alive: Alive, reasons: Iterable[Mapping[str, str]]) -> str:
    """Why that mutant may live: the reason whose patterns match its function and its line, before or after."""
    for each in reasons:
        fits = re.fullmatch(each["function"], alive.function)
        if fits and any(re.search(each["line"], line) for line in (alive.before, alive.after)):
            return each["why"]
    return ""


# What was found ---------------------------------------------------------------------------------------------


def _outcomes() -> dict[str, int | None]:
    """Each mutant's exit code, by its name; None where it was not tried."""
    found: dict[str, int | None] = {}
    for meta in sorted((TREE / "src").rglob("*.meta")):
        found |= json.loads(meta.read_text("utf-8"))["exit_code_by_key"]
    return found


def _dies_at_second_look(mutant: str) -> bool:
    """Whether tests see the mutant in an interpreter that imports everything with it."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", *SECOND_LOOK],
        cwd=TREE,
        env=os.environ | {"MUTANT_UNDER_TEST": mutant, "PYTHONPATH": str(TREE / "src"), "CI": "true"},
        capture_output=True,
        check=False,
    )
    return done.returncode != 0


def _diff(mutant: str) -> str:
    shown = [sys.executable, "-m", "mutmut", "show", mutant]
    return subprocess.run(shown, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _alive(mutants: Iterable[str]) -> Iterator[Alive]:
    reasons = tomllib.loads(REASONS.read_text("utf-8"))["reason"]
    for mutant in mutants:
        seen = Alive(function_of(mutant), *change_of(_diff(mutant)), "")
        yield seen._replace(why=reason(seen, reasons))


def tallied(outcomes: Mapping[str, int | None], died: Container[str]) -> list[Tally]:
    """A tally of each module, by the mutants' exit codes and those that died at the second look."""
    count = Counter[tuple[str, str]]()
    for name, code in outcomes.items():
        module = name.removeprefix("ja_reset.").rpartition(".")[0]
        killed = code not in {*LIVED, NOT_TRIED} or name in died
        count.update([(module, "mutants"), (module, "killed" if killed else "not killed")])
        count.update([(module, "second look")] * (name in died) + [(module, "not tried")] * (code is NOT_TRIED))
    modules = dict.fromkeys(module for module, _ in count)
    what = ("mutants", "killed", "second look", "not tried")
    return [Tally(module, *[count[module, each] for each in what]) for module in modules]


def found_now() -> tuple[list[Tally], list[Alive]]:
    """What mutmut found, and what a second look found of those that lived."""
    outcomes = _outcomes()
    lived = [name for name, code in outcomes.items() if code in LIVED]
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        died = {name for name, dies in zip(lived, workers.map(_dies_at_second_look, lived), strict=True) if dies}
    return tallied(outcomes, died), list(_alive(name for name in lived if name not in died))


# The page ---------------------------------------------------------------------------------------------------


def rate(tallies: Iterable[Tally]) -> float:
    """The share of the mutants that were tried which the tests kill."""
    chosen = list(tallies)
    tried = sum(each.mutants - each.not_tried for each in chosen)
    return sum(each.killed for each in chosen) / tried if tried else 0.0


def render(tallies: Iterable[Tally], living: Iterable[Alive], measured: str) -> str:
    """The page: a row a module, and every mutant that lives, with the reason; *measured*: on which day."""
    chosen, alive = list(tallies), list(living)
    whole = functools.reduce(Tally.plus, chosen, Tally("all", 0, 0, 0, 0))
    lines = [
        "# Mutants",
        "",
        "Generated by `make mutants`. [mutmut](https://mutmut.readthedocs.io/) changes one function of the core at a",
        "time, and the tests that run in one process must fail. It does not change declarations outside functions",
        "(limits, tables of transitions, guards) or decorated functions; [seeded faults](seeded-faults.md) break them",
        "instead. A *second look* is taken at mutants that survive: a new interpreter imports everything with the",
        "mutant in it, so that code which runs at import is tested too.",
        "",
        f"Measured on {measured}. What was renamed since is named as today; the lines of code are those of that day.",
        "",
        "| module | mutants | not tried | killed | of these at the second look | killed, of those tried |",
        "|---|---|---|---|---|---|",
    ]
    for each in (*chosen, whole):
        tried = f"{rate([each]):.1%}" if each.mutants > each.not_tried else "–"
        numbers = (each.mutants, each.not_tried, each.killed, each.at_second_look)
        lines.append(f"| `{each.module}` | {' | '.join(map(str, numbers))} | {tried} |")
    lines += ["", f"## The {len(alive)} survivors, and why", "", "| function | was | is | why |", "|---|---|---|---|"]
    lines += [
        f"| `{each.function}` | {_code(each.before)} | {_code(each.after)} | {each.why or '**no reason yet**'} |"
        for each in sorted(alive)
    ]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", r"\|") if text else ""


def read() -> tuple[list[Tally], list[Alive], str]:
    """What was found when mutmut last ran, and the day."""
    kept = json.loads(FOUND.read_text("utf-8"))
    return [Tally(*each) for each in kept["modules"]], [Alive(*each) for each in kept["alive"]], kept["measured"]


def main(arguments: list[str]) -> int:
    """Run mutmut on, unless only a report is asked for; write what was found; 1 where it is not enough."""
    if "--report" not in arguments:
        subprocess.run([sys.executable, "-m", "mutmut", "run"], cwd=ROOT, check=False)
    tallies, alive = found_now()
    measured = datetime.now(UTC).date().isoformat()
    kept = {"measured": measured, "modules": tallies, "alive": alive}
    FOUND.write_text(json.dumps(kept, ensure_ascii=False, indent=0) + "\n", "utf-8")
    PAGE.write_text(render(tallies, alive, measured), "utf-8")
    unexplained = [each for each in alive if not each.why]
    for each in unexplained:
        print(f"lives: {each.function}\n  - {each.before}\n  + {each.after}")
    not_tried = sum(each.not_tried for each in tallies)
    print(f"{rate(tallies):.1%} killed, {len(alive)} live, {len(unexplained)} without a reason, {not_tried} not tried")
    return 1 if unexplained or rate(tallies) < ENOUGH else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
