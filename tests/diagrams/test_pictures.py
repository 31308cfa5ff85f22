"""The pictures in SVG, by their geometry: nothing overlaps, nothing leaves its box, and the main path is straight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from transitions import Machine

from ja_reset.diagrams import Subject, drawing_of, svg
from ja_reset.diagrams._width import room
from ja_reset.errors import InvalidArgument
from ja_reset.machines import PROCEDURES, Procedure
from ja_reset.text import Language, Text
from ja_reset.verify._counterexamples import Counterexample, Line

SVG = "{http://www.w3.org/2000/svg}"
MACHINE = Machine(
    model=None,
    name="一台の機械",
    states=[*"ABCDE", {"name": "end of all", "final": True}, {"name": "strike", "final": True}],
    initial="A",
    auto_transitions=False,
    transitions=[
        {"trigger": "go", "source": "A", "dest": "B", "conditions": ["is_open", "is_near"]},
        {"trigger": "go", "source": "A", "dest": "D"},
        {"trigger": "進む", "source": "B", "dest": "C"},
        {"trigger": "stay", "source": "B", "dest": None},
        {"trigger": "again", "source": "B", "dest": "="},
        {"trigger": "back", "source": ["B", "C", "D"], "dest": "A", "unless": "is_late"},
        {"trigger": "finish", "source": "C", "dest": "end of all"},
        {"trigger": "fail", "source": [*"ABCDE"], "dest": "strike"},
        {"trigger": "wander", "source": "D", "dest": "E"},
    ],
)
SUBJECTS: dict[str, Subject] = {**{chart.name: chart for chart in PROCEDURES.values()}, "machine": MACHINE}


class Area(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    right: float
    foot: float

    def meets(self, other: Area) -> bool:
        """Whether the two have a point in common that is inside both."""
        return (
            min(self.right, other.right) - max(self.left, other.left) > 0.01
            and min(self.foot, other.foot) - max(self.top, other.top) > 0.01
        )


def picture_of(subject: Subject, **options: str) -> ET.Element:
    """The picture as XML."""
    return ET.fromstring(svg(subject, **options))  # type: ignore[arg-type]  # noqa: S314 - options by name; our own text


def boxes(picture: ET.Element, kind: str = "box") -> list[Area]:
    """The nodes' boxes."""
    found = [each for each in picture.iter(f"{SVG}rect") if each.attrib["class"].split()[0] == kind]
    numbers = [[float(each.attrib[name]) for name in ("x", "y", "width", "height")] for each in found]
    return [Area(x, y, x + width, y + height) for x, y, width, height in numbers]


def area_of(text: ET.Element) -> Area:
    """The room that a line of words takes at most: from above its capitals to below its longest descender."""
    x, y, size = (float(text.attrib[name]) for name in ("x", "y", "font-size"))
    width = room(text.text or "", size)
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[text.attrib.get("text-anchor", "start")]
    return Area(left, y - 0.82 * size, left + width, y + 0.24 * size)


def texts(picture: ET.Element, *, labels: bool) -> list[tuple[str, Area]]:
    """The words of arrows' labels, or all others, each with its room."""
    return [
        (each.text or "", area_of(each))
        for each in picture.iter(f"{SVG}text")
        if ("label" in each.attrib["class"].split()) is labels
    ]


def strokes(picture: ET.Element) -> Iterator[Area]:
    """The straight parts of all arrows, as wide as they are drawn."""
    for path in picture.iter(f"{SVG}path"):
        if path.attrib["class"] not in {"way", "arrow", "lit"}:
            continue
        x, y = 0.0, 0.0
        for letter, numbers in re.findall(r"([MLQ])([-0-9. ]+)", path.attrib["d"]):
            values = [float(number) for number in numbers.split()]
            if letter == "L":
                yield Area(
                    min(x, values[0]) - 0.6, min(y, values[1]) - 0.6, max(x, values[0]) + 0.6, max(y, values[1]) + 0.6
                )
            x, y = values[-2:]


EVERY = [
    pytest.param(subject, language, detail, direction, id=f"{name}-{language}-{detail}-{direction}")
    for name, subject in SUBJECTS.items()
    for language in ("ja", "en")
    for detail in ("overview", "full")
    for direction in ("TB", "LR")
]


@pytest.mark.parametrize(("subject", "language", "detail", "direction"), EVERY)
def test_nothing_overlaps(subject: Subject, language: Language, detail: str, direction: str) -> None:
    """No label meets another, a box, a heading or an arrow's line; boxes stand apart; all is inside the page."""
    picture = picture_of(subject, language=language, detail=detail, direction=direction)
    labels, places = texts(picture, labels=True), boxes(picture)
    assert len(labels) > 0
    assert [] == [(a[0], b[0]) for a, b in combinations(labels, 2) if a[1].meets(b[1])]
    assert [] == [words for words, area in labels for box in places if area.meets(box)]
    assert [] == [
        (words, other) for words, area in labels for other, at in texts(picture, labels=False) if area.meets(at)
    ]
    assert [] == [(words, line) for words, area in labels for line in strokes(picture) if area.meets(line)]
    assert [] == [pair for pair in combinations(places, 2) if pair[0].meets(pair[1])]
    _, _, width, height = map(float, picture.attrib["viewBox"].split())
    inside = [
        *places,
        *(area for _, area in texts(picture, labels=False)),
        *(area for _, area in labels),
        *strokes(picture),
    ]
    assert [] == [area for area in inside if area.left < 0 or area.top < 0 or area.right > width or area.foot > height]


@pytest.mark.parametrize(("subject", "language", "detail", "direction"), EVERY)
def test_words_stay_in_their_boxes(subject: Subject, language: Language, detail: str, direction: str) -> None:
    """Each node has one box, which holds its name and its title, Japanese measured by East-Asian width."""
    picture = picture_of(subject, language=language, detail=detail, direction=direction)
    nodes = drawing_of(subject, detail=detail).nodes
    places = boxes(picture)
    assert len(nodes) == len(places)
    words = [(said, area) for said, area in texts(picture, labels=False) if any(area.meets(box) for box in places)]
    assert sum(len(node.words(language)) for node in nodes) == len(words)
    assert [] == [
        said
        for said, area in words
        if not any(
            box.left + 8 <= area.left and area.right <= box.right - 8 and box.top <= area.top and area.foot <= box.foot
            for box in places
        )
    ]


@pytest.mark.parametrize(("subject", "language", "detail", "direction"), EVERY)
def test_the_main_path_is_straight(subject: Subject, language: Language, detail: str, direction: str) -> None:
    """All of its arrows run on one line, down or to the right, and there are as many as the path has steps."""
    picture = picture_of(subject, language=language, detail=detail, direction=direction)
    ways = [path.attrib["d"] for path in picture.iter(f"{SVG}path") if path.attrib["class"] == "way"]
    ends = [[float(number) for number in re.findall(r"[-0-9.]+", way)] for way in ways]
    assert {4} == {len(numbers) for numbers in ends}
    fixed, running = (0, 1) if direction == "TB" else (1, 0)
    assert 1 == len({numbers[place] for numbers in ends for place in (fixed, fixed + 2)})
    assert [] == [numbers for numbers in ends if not numbers[running] < numbers[running + 2]]
    assert 1 + sum(edge.on_path for edge in drawing_of(subject, detail=detail).edges) == len(ways)


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_a_picture_tells_who_does_not_see_it(subject: Subject) -> None:
    """It is an image to a screen reader, named by its title and described by its main path and its other endings."""
    picture = picture_of(subject, language="en")
    named = {each.attrib["id"]: each.text or "" for tag in ("title", "desc") for each in picture.iter(f"{SVG}{tag}")}
    drawing = drawing_of(subject)
    assert "img" == picture.attrib["role"]
    assert list(named) == picture.attrib["aria-labelledby"].split()
    title, told = named.values()
    assert drawing.title.en == title
    assert [] == [node.title.en for node in drawing.nodes if node.on_path and node.title.en not in told]


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_every_rule_of_style_is_the_pictures_own(subject: Subject) -> None:
    """Each begins with the picture's class, so that it reaches nothing else in a page; nothing comes from elsewhere."""
    text = svg(subject)
    picture = ET.fromstring(text)  # noqa: S314 - our own text
    style = next(picture.iter(f"{SVG}style")).text or ""
    heads = [head.strip() for head in re.findall(r"([^{}]+)\{", style) if not head.strip().startswith("@")]
    assert [] == [
        part for head in heads for part in head.split(", ") if not part.startswith(f".{picture.attrib['class']} ")
    ]
    assert "@media screen and (prefers-color-scheme: dark)" in style
    assert [] == re.findall(r"(?:href|src|@import|url\((?!#))", text)
    assert "<script" not in text


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_a_state_is_lit_up(subject: Subject) -> None:
    """A glow stands around the node of that state alone, and nothing else is drawn otherwise."""
    plain = svg(subject).splitlines()
    for node in drawing_of(subject).nodes:
        for state in node.states:
            lit = svg(subject, highlight=state).splitlines()
            assert plain == [line for line in lit if 'class="glow"' not in line]
            picture = ET.fromstring("\n".join(lit))  # noqa: S314 - our own text
            glow = boxes(picture, "glow")
            assert 2 == len(glow)
            assert 1 == len([box for box in boxes(picture) if all(box.meets(light) for light in glow)])


def test_a_counterexample_is_lit_up() -> None:
    """What the verifier found is a way too: its states glow, and the arrows it went by, those from the frame too."""
    chart = PROCEDURES[Procedure.LOGIN_PASSWORD]
    steps = [("BIM015", "BIM016"), ("BIM016", "PHONE"), ("PHONE", "PHONE"), ("PHONE", "CANCELLED")]
    words = Text("", "")
    way = Counterexample(
        tuple(
            Line(source=source, event="", words=words, told=words, target=target, reasons=())
            for source, target in steps
        )
    )
    lit = {
        detail: ET.fromstring(svg(chart, highlight=way, detail=detail))  # noqa: S314 - our own text
        for detail in ("overview", "full")
    }
    assert [8, 8] == [len(boxes(picture, "glow")) for picture in lit.values()]
    counts = [len([path for path in each.iter(f"{SVG}path") if path.attrib["class"] == "lit"]) for each in lit.values()]
    edges = [edge for edge in drawing_of(chart, detail="full").edges if (edge.source, edge.target) in set(steps)]
    assert [3, len(edges)] == counts


def test_a_path_is_lit_up() -> None:
    """The states of a path glow, and so do the arrows between them; a state that is none is an error that names all."""
    picture = ET.fromstring(svg(MACHINE, highlight=["A", "B", "C", "A"]))  # noqa: S314 - our own text
    assert 6 == len(boxes(picture, "glow"))
    assert 3 == len([path for path in picture.iter(f"{SVG}path") if path.attrib["class"] == "lit"])
    with pytest.raises(InvalidArgument, match="there is no state 'NOWHERE' to highlight; there are A, B, C, D, E"):
        svg(MACHINE, highlight="NOWHERE")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("detail", ["overview", "full"])
@pytest.mark.parametrize("chart", PROCEDURES.values(), ids=lambda chart: chart.name)
def test_no_line_of_a_label_is_empty(chart: Subject, language: Language, detail: str) -> None:
    """Every line of a drawing says something; in Japanese each reason is named in Japanese, its code behind."""
    told = re.findall(r"<text [^>]*>([^<]*)</text>", svg(chart, language=language, detail=detail))
    assert [] == [line for line in told if not line.strip(' "') or line == "&quot;&quot;"]
    if language == "ja" and detail == "overview":
        assert "利用停止 locked" in told
