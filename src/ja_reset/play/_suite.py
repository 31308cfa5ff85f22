"""Scripts played from end to end, and the packaged ones that reach every ending of every procedure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Final

import attrs

from ja_reset import Chart, Procedure, Text
from ja_reset.diagrams._width import cells
from ja_reset.machines import CHARTS, chart_of, procedure_of
from ja_reset.play._player import Player, Tell, UnexpectedError
from ja_reset.play._script import Scenario, Script, ScriptError, read_script
from ja_reset.stores.rows import Store
from ja_reset.text import Language

_EXPECTED: Final = Text("予定どおり", "as expected")
_UNEXPECTED: Final = Text("予定外", "NOT as expected")


@attrs.frozen
class Outcome:
    """How a scenario ended: the state, with the reasons shown there; `trouble` where it was not as expected."""

    procedure: Procedure | str
    scenario: str
    state: str
    codes: tuple[str, ...]
    trouble: str | None


def packaged() -> Iterator[tuple[str, Script]]:
    """The packaged scripts, by their files' names."""
    folder = files("ja_reset.play") / "scenarios"
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".play"):
            yield path.name, read_script(path.read_text("utf-8"), title=path.name)


def play_all(store: Store, *, language: Language, tell: Tell) -> tuple[Outcome, ...]:
    """Play every packaged scenario of every procedure, in the procedures' order."""
    scripts = list(packaged())
    return tuple(
        outcome
        for procedure in CHARTS.values()
        for _, script in scripts
        if procedure.name in script.procedures
        for outcome in play_script(script, store, procedure, language=language, tell=tell)
    )


def play_script(
    script: Script, store: Store, procedure: Procedure | Chart, *, language: Language, tell: Tell
) -> Iterator[Outcome]:
    """Play each scenario of *script*, with a session of its own. Raises ScriptError for a line that makes no sense."""
    chart = chart_of(procedure)
    if script.procedures and chart.name not in script.procedures:
        msg = f"it is for {', '.join(script.procedures)}"
        raise ScriptError(msg, line=1)
    for scenario in script.scenarios:
        yield _play(scenario, store, chart, language=language, tell=tell)


def summary(outcomes: Iterable[Outcome], language: Language) -> str:
    """The outcomes as a table of plain text, ending with a newline."""
    rows = [
        (
            outcome.procedure,
            outcome.scenario,
            " ".join([outcome.state, *outcome.codes]),
            (_EXPECTED if outcome.trouble is None else _UNEXPECTED).get(language),
        )
        for outcome in outcomes
    ]
    widths = [max(map(cells, column), default=0) for column in zip(*rows, strict=True)]
    return "".join(
        "  ".join(value + " " * (width - cells(value)) for value, width in zip(row, widths, strict=True)).rstrip()
        + "\n"
        for row in rows
    )


def _play(scenario: Scenario, store: Store, chart: Chart, *, language: Language, tell: Tell) -> Outcome:
    tell(f"\n=== {chart.name}: {scenario.title}\n\n")
    player = Player(store, chart, language=language, tell=tell, fresh=True)
    trouble = None
    for command in scenario.commands:
        try:
            tell(f"> {player.spelled(command)}\n")
            player.do(command)
        except ScriptError as error:
            raise ScriptError(error.what, line=command.line, field=error.field) from None
        except UnexpectedError as error:
            trouble = f"line {command.line}: {error}"
            tell(f"!!! {trouble}\n")
            break
    view = player.view
    codes = tuple(dict.fromkeys(reason.code for reason in view.reasons))
    return Outcome(procedure_of(chart.name), scenario.title, view.state, codes, trouble)
