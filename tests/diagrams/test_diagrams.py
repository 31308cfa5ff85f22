"""Drawings tell what the chart says, all of it, the same on every machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import ja_reset
from ja_reset import screens
from ja_reset.chart import Chart
from ja_reset.chart.states import Ending, State, StateKind
from ja_reset.chart.transitions import Guard, Handler, check
from ja_reset.diagrams import Detail, Format, dot, drawings, form_of, is_fresh, mermaid, render, table
from ja_reset.diagrams._charts import lines_of, nodes_of, path_of
from ja_reset.diagrams._extraction import drawing_of
from ja_reset.diagrams._model import GROUP
from ja_reset.diagrams._width import cells, wrapped
from ja_reset.diagrams._words import EVENTS
from ja_reset.fields.forms import IdentityForm
from ja_reset.machines import PROCEDURES, Procedure
from ja_reset.machines.common import cancel, clock
from ja_reset.policies import PhonePolicy, Policies
from ja_reset.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "diagrams"
CHARTS = pytest.mark.parametrize("chart", PROCEDURES.values(), ids=lambda chart: chart.name)
LANGUAGES_OF_DRAWINGS = ("ja", "en")
LANGUAGES = pytest.mark.parametrize("language", ["ja", "en"])


def small_chart(words: str) -> Chart:
    """A chart of one form, whose one guard is described by *words*."""
    guard = Guard("it_is_so", lambda _: True, ("format",), says=Text(words, words))
    return Chart(
        "SMALL",
        title=Text("小さな図", "A small chart"),
        initial="BIM015",
        states=(
            State(name="BIM015", kind=StateKind.FORM, screen=screens.LOGIN_BIM015),
            State(name="DONE", kind=StateKind.SUCCESS, screen=screens.LOGIN_DONE),
            State(name="CANCELLED", kind=StateKind.ENDING, screen=screens.CANCELLED, ending=Ending.CANCELLED),
            State(name="EXPIRED", kind=StateKind.ENDING, screen=screens.EXPIRED, ending=Ending.EXPIRED),
        ),
        handlers=(
            Handler(trigger="submit_identity", source="BIM015", to="DONE", form=IdentityForm, checks=(check(guard),)),
            *cancel("BIM015"),
            *clock("BIM015"),
        ),
    )


def labels(text: str) -> Iterator[str]:
    """What stands behind the colon of each Mermaid transition."""
    for line in text.splitlines():
        if " --> " in line and " : " in line:
            yield line.partition(" : ")[2]


def test_the_committed_drawings_are_fresh() -> None:
    """Each drawing in the documentation's folder is what its chart draws now, and none is missing."""
    present = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.name != "index.md"}
    drawn = drawings()
    assert set(drawn) == set(present)
    assert [] == [name for name, text in drawn.items() if present[name] != text.encode()]
    assert [] == [name for name, text in drawn.items() if not is_fresh(present[name], text, form_of(name))]


@pytest.mark.parametrize("version", ["3.12", "3.13", "3.14"])
def test_drawings_do_not_depend_on_the_python(version: str, tmp_path: Path) -> None:
    """Each newer Python that the machine has draws the committed drawings to the last octet."""
    places = str(Path(ja_reset.__file__).parents[1]), sysconfig.get_path("purelib")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places), "PYENV_VERSION": version}
    python = shutil.which(f"python{version}")
    found = python and subprocess.run([python, "-c", ""], env=environment, capture_output=True, check=False)  # noqa: S603 - a Python
    if not python or not found or found.returncode:
        pytest.skip(f"the machine has no Python {version}")
    program = (
        "import pathlib, sys; from ja_reset.diagrams import drawings\n"
        "for name, text in drawings().items(): pathlib.Path(sys.argv[1], name).write_bytes(text.encode())"
    )
    subprocess.run([python, "-c", program, str(tmp_path)], env=environment, check=True)  # noqa: S603 - our own program
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert [] == [name for name in drawings() if drawn.get(name) != (FOLDER / name).read_bytes()]


def test_drawings_do_not_depend_on_the_order_of_hashes() -> None:
    """Another process, with hashes of its own, draws the same octets."""
    program = (
        "import hashlib; from ja_reset.diagrams import drawings;"
        "print(hashlib.sha256(repr(drawings()).encode()).hexdigest())"
    )
    sums = {
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert 1 == len(sums)


@CHARTS
@LANGUAGES
@pytest.mark.rule("M6")
def test_a_full_drawing_has_every_arrow(chart: Chart, language: Language) -> None:
    """Each pair of states with an arrow between, each reason, guard and order is in the full Mermaid and DOT text."""
    drawn = mermaid(chart, language=language, detail="full")
    dotted = dot(chart, language=language, detail=Detail.FULL)
    assert [] == [
        transition
        for transition in chart.transitions
        if f"{transition.source} --> {transition.to or transition.source} : " not in drawn
        or f"{transition.source} -> {transition.to or transition.source} [" not in dotted
    ]
    tokens = {code for transition in chart.transitions for code in transition.codes}
    tokens |= {effect.name for transition in chart.transitions for effect in transition.effects}
    tokens |= {guard.says.get(language) for guard in chart.guards.values()}
    assert set() == {token for token in tokens if token not in drawn or token not in dotted}


@CHARTS
@LANGUAGES
def test_a_table_has_one_row_for_each_arrow(chart: Chart, language: Language) -> None:
    """How it starts (E4), then the chart's order, state by state; every row has as many cells as its heading."""
    rows = [line for line in table(chart, language).splitlines() if line.startswith("| `")]
    arrows = [row for row in rows if not row.startswith(tuple(f"| `{name}`" for name in chart.states))]
    expected = [
        transition.trigger for state in chart.states for transition in chart.transitions if transition.source == state
    ]
    begins = [transition.trigger for transition in chart.starts if len(chart.starts) > 1]
    assert [*begins, *expected] == [row.split("`")[1] for row in arrows]
    assert {6} == {row.count("|") for row in rows}


@CHARTS
def test_an_overview_has_one_node_for_each_screen(chart: Chart) -> None:
    """States that show the same screen are one node, and every state is in exactly one."""
    nodes = nodes_of(chart, by_screen=True)
    assert sorted(chart.states) == sorted(name for node in nodes for name in node.states)
    screens_of = [chart.states[node.name].screen for node in nodes]
    assert len(screens_of) == len({id(screen) for screen in screens_of})


@CHARTS
def test_an_overview_merges_arrows(chart: Chart) -> None:
    """Between two nodes there is at most one edge, and none from a node to itself."""
    pairs = [(edge.source, edge.target) for edge in drawing_of(chart, detail="overview").edges]
    assert sorted(set(pairs)) == sorted(pairs)
    assert [] == [pair for pair in pairs if pair[0] == pair[1]]


@CHARTS
@pytest.mark.rule("M3", "A4")
def test_an_ending_has_one_edge_where_all_reach_it(chart: Chart) -> None:
    """The frame's edge leads to an ending exactly where every form and wait has a transition to it; 中止 is one."""
    drawing = drawing_of(chart, detail="overview")
    under_way = {name for node in drawing.under_way for name in node.states}
    endings = [name for name, state in chart.states.items() if state.kind is StateKind.ENDING]
    of_all = {
        ending
        for ending in endings
        if all(
            any(transition.to == ending and transition.source in node.states for transition in chart.transitions)
            for node in drawing.under_way
        )
    }
    assert of_all == {edge.target for edge in drawing.edges if edge.source == GROUP}
    assert {"CANCELLED", "EXPIRED"} <= of_all
    assert under_way == {
        name for name, state in chart.states.items() if state.kind in {StateKind.FORM, StateKind.WAITING}
    }


@CHARTS
@pytest.mark.rule("A1")
def test_the_main_path_leads_from_the_first_screen_to_success(chart: Chart) -> None:
    """Its lines join, none of them falls, and it ends at success."""
    path = path_of(chart)
    assert chart.initial == path[0].source
    assert [line.target for line in path[:-1]] == [line.source for line in path[1:]]
    assert StateKind.SUCCESS is chart.states[path[-1].target].kind
    assert [] == [line for line in path if line.falls]


@CHARTS
def test_every_event_has_words(chart: Chart) -> None:
    """An event is drawn in words: its button's, or those of the list; and the list has none that no chart knows."""
    spelled = {line.trigger for line in lines_of(chart) if line.event == Text(line.trigger, line.trigger)}
    assert set() == spelled
    assert set(EVENTS) <= {transition.role for each in PROCEDURES.values() for transition in each.transitions}


@pytest.mark.rule("P2")
def test_limits_are_those_of_the_policies() -> None:
    """A wait shows how long its window is, for the call and for the keys, by the policies given."""
    chart = Procedure.TOKEN_REISSUE.chart
    policies = Policies(phone=PhonePolicy(btr_window=timedelta(seconds=77)))
    waits = [node for node in nodes_of(chart, policies=policies) if node.kind is StateKind.WAITING]
    assert [Text("77秒以内", "within 77 seconds")] * 2 == [node.limit for node in waits]


@CHARTS
@LANGUAGES
@pytest.mark.parametrize("detail", ["overview", "full"])
def test_japanese_fits_into_its_node(chart: Chart, language: Language, detail: str) -> None:
    """A node of the DOT text is at least as wide as its longest line, a wide character being two cells."""
    nodes = re.findall(r'\w+ \[label="([^"]+)" width=([\d.]+) fill', dot(chart, language=language, detail=detail))
    assert len(drawing_of(chart, detail=detail).nodes) == len(nodes)
    assert [] == [label for label, width in nodes if float(width) * 72 < max(map(cells, label.split(r"\n"))) * 12 * 0.5]


@given(words=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20))
@example(words='a:b;c#d"e<f>[g]{h}%%i\\n`j`|k|')
def test_words_cannot_break_a_drawing(words: str) -> None:
    """Whatever a guard is called, each renderer quotes what its format gives a meaning to."""
    chart = small_chart(words)
    for label in labels(mermaid(chart, detail="full")):
        assert set() == set(re.sub(r"#\d+;|<br/>", "", label)) & set(':;#"<>{}[]%\\`')
    for line in dot(chart, detail="full").splitlines():
        assert 0 == line.replace("\\\\", "").replace('\\"', "").count('"') % 2
    rows = [line for line in table(chart).splitlines() if line.startswith("| `submit")]
    assert [6, 6] == [row.replace("\\|", "").count("|") for row in rows]


@pytest.mark.parametrize("detail", Detail)
@pytest.mark.parametrize("language", LANGUAGES_OF_DRAWINGS)
@pytest.mark.parametrize("form", Format)
def test_an_added_arrow_is_in_every_drawing(form: Format, language: Language, detail: Detail) -> None:
    """A step added to a copy of a chart is drawn in every format, language and detail, with nothing else done."""
    chart = Procedure.LOGIN_PASSWORD.chart
    added = Handler(trigger="walkin", source="BIM016", to="BIM017", reasons=("voip",))
    more = Chart(
        chart.name,
        title=chart.title,
        initial=chart.initial,
        states=chart.states.values(),
        handlers=(*chart.handlers, added),
    )
    before = render(chart, form, language=language, detail=detail).splitlines()
    after = render(more, form, language=language, detail=detail).splitlines()
    assert "walkin" not in "\n".join(before)
    news = [line for line in after if "walkin" in line]
    assert len(news) >= 1
    if form in {Format.MERMAID, Format.DOT, Format.PLANTUML}:
        assert 1 == len([line for line in news if line.strip().startswith("BIM016 -") and " BIM017" in line])


def test_an_added_arrow_makes_committed_drawings_stale() -> None:
    """What was committed before is not fresh any more, in any format."""
    chart = Procedure.TOKEN_REISSUE.chart
    added = Handler(trigger="walkin", source="BTR001", to="BTR003")
    more = Chart(
        chart.name,
        title=chart.title,
        initial=chart.initial,
        states=chart.states.values(),
        handlers=(*chart.handlers, added),
    )
    assert [] == [
        (form, detail)
        for form in Format
        for detail in Detail
        if is_fresh(render(chart, form, detail=detail).encode(), render(more, form, detail=detail), form)
    ]


@pytest.mark.parametrize("form", Format)
def test_render_gives_what_the_renderer_gives(form: Format) -> None:
    """A drawing by its format is a text that ends with a newline and has no blank at a line's end."""
    text = render(Procedure.LOGIN_PASSWORD.chart, form, language="ja", detail=Detail.OVERVIEW)
    assert text.endswith("\n")
    assert [] == [line for line in text.splitlines() if line != line.rstrip()]


@given(words=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"])), limit=st.integers(4, 40))
@example(words="ご登録の電話番号から、お電話ください。", limit=10)
def test_wrapping_loses_nothing(words: str, limit: int) -> None:
    """Wrapped lines have the words in their order, and are no longer than the limit where they can be broken."""
    lines = wrapped(words, limit)
    assert "".join(words.split()) == "".join("".join(lines).split())
    assert [] == [line for line in lines if " " in line and cells(line) > limit]
