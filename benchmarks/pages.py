"""Write docs/performance.md and its Japanese twin: `make performance`, after `make bench`.

The last three runs in build/bench that have a figure give it: the median of their medians. That goes to
docs/performance.json, and from there into the tables and plots of both pages. `--again` writes the pages from the JSON
that is there. A test says that pages and JSON agree.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from harness import Goal, shown
from plots import bars_in_percent, panels_of_bars

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
JSON: Final = DOCS / "performance.json"
RUNS: Final = 3
PLACE: Final = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
LANGUAGES: Final = {"en": "performance.md", "ja": "ja/performance.md"}
MEASURES: Final = ("event", "session", "request", "memory")

Json = Mapping[str, Any]
Row = tuple[str, ...]


def main(arguments: Sequence[str]) -> None:
    """Merge the runs, and write pages and plots."""
    if "--again" not in arguments:
        runs = [json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "build" / "bench").glob("*.json"))]
        JSON.write_text(json.dumps(merged(runs), ensure_ascii=False, indent=1) + "\n", "utf-8")
    measured = json.loads(JSON.read_text("utf-8"))
    for path, text in written(measured).items():
        path.write_text(text, "utf-8")
        print(path.relative_to(ROOT))


def merged(runs: Sequence[Json]) -> dict[str, Any]:
    """The last runs as one: each figure by the last three that have it."""
    if not runs:
        msg = "there is no run in build/bench: make bench first"
        raise SystemExit(msg)
    by_key: dict[str, list[Json]] = {}
    for run in runs:
        for figure in run["figures"]:
            by_key.setdefault(figure["key"], []).append(figure)
    return {
        "machine": runs[-1]["machine"],
        "began": [run["began"] for run in runs[-RUNS:]],
        "load_before": [run["load_before"] for run in runs[-RUNS:]],
        "figures": [_of(key, found[-RUNS:]) for key, found in by_key.items()],
    }


def _of(key: str, found: Sequence[Json]) -> dict[str, Any]:
    last = found[-1]
    sides = {
        name: [statistics.median(each["beside"][name][0] for each in found if name in each["beside"]), unit]
        for name, (_, unit) in last["beside"].items()
    }
    return {
        "key": key,
        **{name: last[name] for name in ("en", "ja", "unit", "goal")},
        **{name: _rounded(statistics.median(each[name] for each in found)) for name in ("value", "low", "high")},
        "runs": [_rounded(each["value"]) for each in found],
        "beside": {name: [_rounded(value), unit] for name, (value, unit) in sides.items()},
    }


def _rounded(value: float) -> float:
    return float(f"{value:.4g}") if abs(value) < 10_000 else round(value)  # noqa: PLR2004 - more is noise


def written(measured: Json) -> dict[Path, str]:
    """Every file that shows the figures, with its text."""
    files = {}
    for language, name in LANGUAGES.items():
        page = DOCS / name
        tables = {name: make(measured, language) for name, make in TABLES.items()}
        files[page] = PLACE.sub(
            lambda found, tables=tables: found[1] + _table(tables[found[2]]) + found[3], page.read_text("utf-8")
        )
        for stem, plot in plots(measured, language):
            files[DOCS / "pictures" / f"performance-{stem}.{language}.svg"] = plot
    return files


def _table(rows: Sequence[Row]) -> str:
    head, *body = rows
    lines = [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *body)]
    lines[1] = "|" + "---|" * len(head)
    return "\n".join(lines) + "\n"


# Tables ------------------------------------------------------------------------------------------------------


def _figures(measured: Json, prefix: str) -> Iterator[Json]:
    return (figure for figure in measured["figures"] if figure["key"].startswith(prefix))


def _number(figure: Json) -> str:
    unit = figure["unit"]
    return shown(figure["value"]) + ("" if unit in {"", "×"} else f" {unit}") + (" ×" if unit == "×" else "")


def _spread(figure: Json, language: str) -> str:
    if figure["low"] == figure["high"]:
        return ""
    return f"{shown(figure['low'])}{' to ' if language == 'en' else '〜'}{shown(figure['high'])}"


def _reached(figure: Json, language: str) -> str:
    goal = Goal(**figure["goal"])
    times, every = sum(goal.is_reached(value) for value in figure["runs"]), len(figure["runs"])
    if times == every:
        return "yes" if language == "en" else "達成"
    if times == 0:
        return "**no**" if language == "en" else "**未達成**"
    return f"{times} of {every} runs" if language == "en" else f"{every}回中{times}回"


def _beside(figure: Json) -> str:
    return ", ".join(f"{name} {shown(value)} {unit}".strip() for name, (value, unit) in figure["beside"].items())


def goals(measured: Json, language: str) -> list[Row]:
    """Every figure with a goal but those of the peers, which have a table of their own."""
    rows: list[Row] = [
        ("figure", "measured", "quartiles", "goal", "reached", "made of")
        if language == "en"
        else ("指標", "測定値", "四分位数", "目標", "達成", "内訳")
    ]
    for figure in measured["figures"]:
        if figure["goal"] is None or figure["key"].startswith("peers."):
            continue
        goal = str(Goal(**figure["goal"]))
        cells = (_spread(figure, language), goal, _reached(figure, language), _beside(figure))
        rows.append((figure[language], _number(figure), *cells))
    return rows


def without_goal(measured: Json, language: str) -> list[Row]:
    """The other figures that are no curve, stage, limit or peer."""
    rows: list[Row] = [
        ("figure", "measured", "quartiles", "made of") if language == "en" else ("指標", "測定値", "四分位数", "内訳")
    ]
    found = (
        figure
        for figure in measured["figures"]
        if figure["goal"] is None and not figure["key"].startswith(("peers.", "stage.", "growth.", "limit."))
    )
    rows += [(each[language], _number(each), _spread(each, language), _beside(each)) for each in found]
    return rows


def limits(measured: Json, language: str) -> list[Row]:
    """What the time is spent on where a goal is not reached, and what cannot be avoided."""
    rows: list[Row] = [("measured", "median", "made of") if language == "en" else ("測定対象", "中央値", "内訳")]
    rows += [(each[language], _number(each), _beside(each)) for each in _figures(measured, "limit.")]
    return rows


OURS: Final = "ja_reset"
BY_HAND: Final = "a table by hand"


def _of_peers(measured: Json) -> dict[str, dict[str, tuple[float, str, float | None]]]:
    """By engine and measure: the median, its unit, and ours over it."""
    found: dict[str, dict[str, tuple[float, str, float | None]]] = {OURS: {}}
    for figure in _figures(measured, "peers."):
        _, measure, engine = figure["key"].split(".", 2)
        ours, unit = figure["beside"][OURS]
        theirs, _ = figure["beside"][engine]
        found[OURS][measure] = (ours, unit, None)
        found.setdefault(engine, {})[measure] = (theirs, unit, figure["value"])
    return found


def _engine(name: str, language: str) -> str:
    if language == "ja":
        return {
            BY_HAND: "手書きの表",
            "transitions, one machine": "transitions(機械は1つ)",
            "transitions, one a session": "transitions(セッションごとに1つ)",
        }.get(name, name)
    return name


def peers(measured: Json, language: str) -> list[Row]:
    """Each engine's medians; in brackets ours over it."""
    rows: list[Row] = [
        ("engine", "an event", "a session", "a request", "memory of a session")
        if language == "en"
        else ("エンジン", "イベント1つ", "セッション1つ", "リクエスト1つ", "セッション1つのメモリ")
    ]
    for engine, by_measure in _of_peers(measured).items():
        cells = []
        for measure in MEASURES:
            value, unit, ratio = by_measure[measure]
            cells.append(f"{shown(value)} {unit}" + ("" if ratio is None else f" ({shown(ratio)})"))
        rows.append((_engine(engine, language), *cells))
    return rows


def stages(measured: Json, language: str) -> list[Row]:
    """The shares of the stages, the biggest first."""
    rows: list[Row] = [("stage", "share of the CPU time") if language == "en" else ("段階", "CPU時間の割合")]
    found = sorted(_figures(measured, "stage."), key=lambda figure: -figure["value"])
    return rows + [(figure[language], f"{figure['value']:.0f} %") for figure in found]


def growth(measured: Json, language: str) -> list[Row]:
    """Every point of every curve."""
    rows: list[Row] = [("measured", "median", "quartiles") if language == "en" else ("測定対象", "中央値", "四分位数")]
    found = _figures(measured, "growth.")
    return rows + [(figure[language], _number(figure), _spread(figure, language)) for figure in found]


def machine(measured: Json, language: str) -> list[Row]:
    """Where and when."""
    names = (
        ("processor", "cores", "system", "Python", "runs began (UTC)", "load before each")
        if language == "en"
        else ("プロセッサー", "コア数", "システム", "Python", "測定開始(UTC)", "測定前の負荷")
    )
    kind = measured["machine"]
    values = (*(str(kind[name]) for name in ("processor", "cores", "system", "python")),)
    began = ", ".join(each[:16].replace("T", " ") for each in measured["began"])
    loads = ", ".join(str(each) for each in measured["load_before"])
    head = ("machine", "") if language == "en" else ("測定環境", "")
    return [head, *zip(names, (*values, began, loads), strict=True)]


TABLES: Final[Mapping[str, Callable[[Json, str], list[Row]]]] = {
    "goals": goals,
    "others": without_goal,
    "limits": limits,
    "peers": peers,
    "stages": stages,
    "growth": growth,
    "machine": machine,
}


# Plots -------------------------------------------------------------------------------------------------------


def plots(measured: Json, language: str) -> Iterator[tuple[str, str]]:
    """Each plot by the stem of its name."""
    found, head = _of_peers(measured), peers(measured, language)[0][1:]
    panels = []
    for measure, title in zip(MEASURES, head, strict=True):
        bars = {_engine(engine, language): by_measure[measure][0] for engine, by_measure in found.items()}
        panels.append((f"{title} ({found[OURS][measure][1]})", bars))
    note = "log scale; shorter is better" if language == "en" else "対数目盛。短いほど良い"
    yield "peers", panels_of_bars(panels, OURS, note)
    shares = sorted(_figures(measured, "stage."), key=lambda figure: -figure["value"])
    yield "stages", bars_in_percent({figure[language]: figure["value"] for figure in shares})


if __name__ == "__main__":
    main(sys.argv[1:])
