"""Whatever states and events are called, each format is well-formed, and shows every name on one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from transitions import Machine, State

from ja_reset.diagrams import Detail, Direction, Format, json_text, render, scxml, svg, table
from ja_reset.diagrams._signs import legible
from ja_reset.errors import InvalidArgument
from test_diagrams import small_chart

SVG = "{http://www.w3.org/2000/svg}"
SCXML = "{http://www.w3.org/2005/07/scxml}"
FOUND = (
    *("a\nb", "\x00", "\x1b[31m", "\r\n", "\t", "\x85", "\u2028", "\u202e", "\ud800", "\ufffe", "\U000e0001", "\x7f"),
    *(
        "",
        " ",
        " a",
        "a\u3000",
        "\u00a0",
        "---",
        "-",
        "--",
        "a--",
        "|",
        "\\|",
        "\\",
        "`",
        "``",
        "a`",
        "*x*",
        "__init__",
        "_",
    ),
    *(
        "<b>",
        "&lt;",
        "#35;",
        "1. x",
        "- x",
        "(a) b",
        ".. x::",
        "::",
        "|x|",
        "[1]_",
        "%%",
        "]]>",
        "$x$",
        "~~x~~",
        "end note",
    ),
)
"""Each of these broke a format once, or could."""

names = (
    st.text(st.characters(), max_size=12) | st.sampled_from(FOUND) | st.text("\n\r\t\0 |`\\*_<>&#-:\"'[]{}", max_size=6)
)


def machine(first: str, second: str, event: str, guard: str, title: str) -> Machine:
    """Two states with one transition, and one that stays."""
    made = Machine(None, name=title, states=[first, second], initial=first, auto_transitions=False)
    made.add_transition(event, first, second, conditions=guard)
    made.add_transition(event, first, None, unless=guard)
    return made


@st.composite
def machines(draw: st.DrawFn) -> Machine:
    """The same with any names; `*` and `=` mean something to transitions itself."""
    states = draw(st.lists(names.filter(lambda name: name not in {"*", "="}), min_size=2, max_size=2, unique=True))
    return machine(states[0], states[1], *draw(st.tuples(names, names.filter(bool), names)))


def every(subject: Machine) -> Iterator[State]:
    """The states."""
    yield from subject.states.values()


def words_of(root: ET.Element) -> set[str]:
    """The text of each line in a picture."""
    return {each.text or "" for each in root.iter(f"{SVG}text")}


@given(subject=machines(), detail=st.sampled_from(Detail), direction=st.sampled_from(Direction))
@example(machine("a\nb", "\x00", "\n", "\x1b", "\ud800"), Detail.FULL, Direction.DOWN)
def test_a_picture_is_well_formed(subject: Machine, detail: Detail, direction: Direction) -> None:
    """The SVG is XML in UTF-8, and each state's name is one line of it."""
    root = ET.fromstring(svg(subject, detail=detail, direction=direction).encode())  # noqa: S314 - our own text
    assert {legible(state.name) for state in every(subject)} <= words_of(root)


@given(subject=machines())
@example(machine("---", "--", "a", "b", "---"))
@example(machine("a", "b", "a", "b", "\x00"))
def test_a_state_chart_is_well_formed(subject: Machine) -> None:
    """The SCXML is XML in UTF-8 with both states and both transitions."""
    root = ET.fromstring(scxml(subject).encode())  # noqa: S314 - as above
    assert (2, 2) == (len(root.findall(f"{SCXML}state")), len(root.findall(f".//{SCXML}transition")))


@given(subject=machines())
@example(machine("\ud800", "\udc00\ud800", "\udfff", "\ud800", "\udc00"))
def test_json_keeps_every_name(subject: Machine) -> None:
    """What is read back is the name itself, whatever stands in it, lone surrogates too."""
    read = json.loads(json_text(subject).encode())
    assert [state.name for state in every(subject)] == [node["name"] for node in read["nodes"]]
    assert next(state.name for state in every(subject)) == read["initial"]
    assert set(subject.events) == {arrow["trigger"] for arrow in read["arrows"]}


LINED = [form for form in Format if form not in {Format.SVG, Format.JSON}]


@pytest.mark.parametrize("form", LINED)
@given(subject=machines(), detail=st.sampled_from(Detail))
@example(machine("a\nb", "c", "d\ne", "f\rg", "h\x85i"), Detail.FULL)
@example(machine("", "c", "", " ", ""), Detail.OVERVIEW)
def test_a_name_adds_no_line(form: Format, subject: Machine, detail: Detail) -> None:
    """A text has as many lines as one of the same shape with plain names, and can be written as UTF-8."""
    plain = machine("one", "two", "go", "open", "a title")
    text = render(subject, form, detail=detail)
    assert len(render(plain, form, detail=detail).splitlines()) == len(text.encode().decode().splitlines())


@pytest.mark.parametrize("form", [*LINED, Format.SVG])
@given(words=names.filter(bool))
@example("two\nlines")
def test_words_of_a_chart_add_no_line(form: Format, words: str) -> None:
    """The same for what a guard of a host's own chart is described as."""
    text, plain = (render(small_chart(each), form, detail="full") for each in (words, "plain"))
    if form is Format.SVG:
        ET.fromstring(text.encode())  # noqa: S314 - our own text
    else:
        assert len(plain.splitlines()) == len(text.encode().decode().splitlines())


def markdown_cells(text: str) -> list[list[str]]:
    """The cells of every table of a Markdown page, row by row, as a reader sees them."""
    rows: list[list[str]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows and token.level >= 4:
            seen = (child.content for child in token.children or () if child.type != "html_inline")
            rows[-1].append("".join(seen))
    return rows


def rst_cells(text: str) -> list[list[str]]:
    """The same of reStructuredText; what docutils complains of is an error."""
    tree = publish_doctree(text, settings_overrides={"halt_level": 2, "report_level": 2, "_disable_config": True})
    return [[entry.astext() for entry in row.findall(nodes.entry)] for row in tree.findall(nodes.row)]


@pytest.mark.parametrize("form", ["markdown", "rst"])
@given(subject=machines())
@example(machine("|", "\\|", "`", "``", "*x*"))
@example(machine("a", "b", "\\\\", "c", "d"))
@example(machine("\\\\", "\\", "\\\\\\", "c", "\\\\"))
@example(machine("- x", "1. x", ".. x::", "(a) b", "::"))
def test_a_table_shows_every_name(form: str, subject: Machine) -> None:
    """A real parser finds the rows, and in the first cells the names, each as it is legible."""
    cells = (markdown_cells if form == "markdown" else rst_cells)(table(subject, "en", form=form))
    first, second = (legible(state.name) for state in every(subject))
    event = legible(next(iter(subject.events)))
    assert [first, second] == [cells[1][0], cells[2][0]]
    assert [event, event] == [row[0] for row in cells[4:]]
    assert {5} == {len(row) for row in cells}
    assert second == cells[4][2]


@given(words=st.text(st.characters()))
def test_legible_words_are_one_line_of_unicode(words: str) -> None:
    """Nothing of it is a control, a line end or half of a pair, and no blank is at an end."""
    spelled = legible(words)
    assert [spelled] == spelled.splitlines()
    assert spelled == spelled.strip()
    assert spelled.encode().decode() == spelled


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("subject", [Machine(None, states=[], initial=None), Machine(None, initial=None)])
def test_a_machine_without_states_is_refused(form: Format, subject: Machine) -> None:
    """There is nothing to draw, and it is said in words."""
    with pytest.raises(InvalidArgument, match="Machine has no states; a drawing needs at least one"):
        render(subject, form)


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("direction", Direction)
def test_a_machine_of_one_final_state_is_drawn(form: Format, direction: Direction) -> None:
    """It begins where it ends."""
    alone = Machine(None, states=[State("ALONE", final=True)], initial="ALONE", auto_transitions=False)
    assert "ALONE" in render(alone, form, direction=direction)
