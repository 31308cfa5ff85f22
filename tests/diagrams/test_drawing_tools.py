"""Drawings given to the real tools: Mermaid and PlantUML read them, and another engine runs the SCXML."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statemachine import StateChart
from statemachine.io import load
from transitions import Machine

from ja_reset.chart import Chart
from ja_reset.chart.transitions import Transition
from ja_reset.diagrams import drawing_of, mermaid, plantuml, scxml
from ja_reset.diagrams._files import LANGUAGES
from ja_reset.diagrams._model import GROUP
from ja_reset.diagrams._scxml import guards_of_document
from ja_reset.diagrams._signs import identifiers
from ja_reset.machines import PROCEDURES, Procedure
from test_pictures import MACHINE, SUBJECTS
from tools import missing

MERMAID = Path(__file__).resolve().parents[1] / "mermaid"
HOSTILE = Machine(
    model=None,
    name='a "name" --> with: <signs> & 100% {of} [all] #1; \\n `kinds`',
    states=["end", "state", "note", "A-B", "in", "日本 語", 'quo"te', "@enduml", "lambda"],
    initial="end",
    auto_transitions=False,
    transitions=[
        {"trigger": "a:b;c", "source": "end", "dest": "state", "conditions": ["not", "end"], "unless": ["class"]},
        {"trigger": '"[*]" --> x', "source": "state", "dest": "A-B"},
        {"trigger": "100% <b>bold</b> #35; [[link]] ~~ **", "source": "A-B", "dest": "日本 語"},
        {"trigger": "電話", "source": "日本 語", "dest": 'quo"te', "conditions": lambda _: True},
        {"trigger": "state end", "source": "note", "dest": "in"},
        {"trigger": "!include x", "source": 'quo"te', "dest": "@enduml"},
        {"trigger": "note left", "source": "@enduml", "dest": "lambda"},
    ],
)
UNSEEN = Machine(
    model=None,
    name="\n",
    states=["a\nb", "", " ", "\x00\x1b", "\u202eleft", "\ud800", "--", "end\r\nnote"],
    initial="a\nb",
    auto_transitions=False,
    transitions=[
        {"trigger": "x\n  s1 --> s2 : y", "source": "a\nb", "dest": "", "conditions": "g\nh"},
        {"trigger": "\t", "source": "", "dest": " "},
        {"trigger": "\x07\x85\u2028", "source": " ", "dest": "\x00\x1b", "unless": "\ud800"},
        {"trigger": "@enduml\n", "source": "\x00\x1b", "dest": "\u202eleft"},
        {"trigger": " ", "source": "\u202eleft", "dest": "\ud800"},
        {"trigger": "&lt;&#10;", "source": "\ud800", "dest": "--"},
        {"trigger": "\\n", "source": "--", "dest": "end\r\nnote"},
    ],
)
"""Names with controls, line ends, halves of pairs, and of blanks alone."""
READ = {**SUBJECTS, "hostile": HOSTILE, "unseen": UNSEEN}
DRAWN = [
    (name, {"language": language, "detail": detail, "direction": direction})
    for name in READ
    for language, direction in zip(LANGUAGES, ("TB", "LR"), strict=True)
    for detail in ("overview", "full")
]


def run(command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
    """A tool's answer."""
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - the machine's own tools


@cache
def read_by_mermaid(texts: tuple[str, ...]) -> list[dict[str, Any]]:
    """What Mermaid's own parser makes of each text; one process reads them all."""
    node = shutil.which("node")
    if node is None or not (MERMAID / "node_modules" / "mermaid").is_dir():
        missing("no Mermaid to read drawings: install Node.js 18 or newer with npm, then make mermaid")
    done = run([node, str(MERMAID / "read.mjs")], json.dumps(texts))
    assert 0 == done.returncode, done.stderr
    read: list[dict[str, Any]] = json.loads(done.stdout)
    return read


def test_mermaid_reads_every_drawing() -> None:
    """Its parser finds a state diagram with the direction asked for, each node, each transition with all its words."""
    drawn = tuple(mermaid(READ[name], **options) for name, options in DRAWN)  # type: ignore[arg-type]
    for (name, options), found in zip(DRAWN, read_by_mermaid(drawn), strict=True):
        drawing = drawing_of(READ[name], detail=options["detail"])
        assert "stateDiagram" == found.get("type"), (name, found)
        assert options["direction"] == found["direction"]
        names = {**identifiers(node.name for node in drawing.nodes), GROUP: GROUP}
        inside = {node.name for node in drawing.under_way} if drawing.grouped else set()
        arrows = [
            arrow for arrow in found["arrows"] if not {arrow["source"], arrow["target"]} & {"root_start", "root_end"}
        ]
        expected = [
            (names[edge.source], names[edge.target], len(edge.label))
            for edge in drawing.edges
            if not {edge.source, edge.target} <= inside
        ]
        titles = [arrow["title"].split("<br>") if arrow["title"] else [] for arrow in arrows]
        got = [(a["source"], a["target"], len(title)) for a, title in zip(arrows, titles, strict=True)]
        assert expected == got
        assert {names[node.name] for node in drawing.nodes} - {names[name] for name in inside} <= {
            state["id"] for state in found["states"]
        }


def test_mermaid_refuses_what_is_no_drawing() -> None:
    """The check can fail: a line that is no transition is an error."""
    good = mermaid(Procedure.LOGIN_PASSWORD.chart)
    assert ["error"] == list(read_by_mermaid((good + "  BIM015 --> --> : :\n",))[0])


@cache
def plantuml_program() -> str:
    """The machine's PlantUML."""
    found = shutil.which("plantuml")
    if found is None:
        missing("no PlantUML to read drawings: apt-get install plantuml default-jre-headless")
    return found


def test_plantuml_reads_every_drawing(tmp_path: Path) -> None:
    """PlantUML's check of the syntax has nothing to say of any drawing."""
    files = []
    for number, (name, options) in enumerate(DRAWN):
        path = tmp_path / f"{number}.puml"
        path.write_text(plantuml(READ[name], **options), "utf-8")  # type: ignore[arg-type]
        files.append(str(path))
    done = run([plantuml_program(), "-headless", "-charset", "UTF-8", "-checkonly", *files])
    assert (0, "") == (done.returncode, done.stderr), done.stdout


@pytest.mark.parametrize("name", READ)
def test_plantuml_sees_a_state_diagram_with_every_state(name: str) -> None:
    """It says what kind of diagram it is, and counts its states: those drawn, and the round one at the beginning."""
    text = plantuml(READ[name], detail="full", highlight=drawing_of(READ[name]).initial)
    done = run([plantuml_program(), "-headless", "-charset", "UTF-8", "-syntax"], text)
    kind, count = done.stdout.splitlines()[:2]
    nodes = drawing_of(READ[name], detail="full").nodes
    end = any(line.endswith("--> [*]") for line in text.splitlines())
    assert ("STATE", f"({len(nodes) + 1 + end} entities)") == (kind, count)


def test_plantuml_refuses_what_is_no_drawing() -> None:
    """The check can fail: a line that is no transition is an error."""
    text = plantuml(Procedure.LOGIN_PASSWORD.chart).replace("@enduml", "BIM015 -> -> : : ((\n@enduml")
    assert "ERROR" == run([plantuml_program(), "-headless", "-syntax"], text).stdout.splitlines()[0]


class Arrows:
    """Listens to the other engine: which of a state's transitions was taken, by its place."""

    def __init__(self) -> None:
        self.taken: list[int] = []

    def on_transition(self, source: Any, transition: Any) -> None:  # noqa: ANN401 - the engine's own classes
        """Called by the engine."""
        self.taken.append(list(source.transitions).index(transition))


@cache
def loaded(name: str) -> type[StateChart[Any]]:
    """A chart's SCXML as a class of python-statemachine."""
    return load(scxml(READ[name]), format="scxml", trusted=False)


def places(chart: Chart, state: str) -> list[Transition]:
    """A state's transitions, in the document's order."""
    return [transition for transition in chart.transitions if transition.source == state]


def expected_arrow(chart: Chart, state: str, trigger: str, answers: dict[str, bool]) -> Transition:
    """The transition that our own engine takes."""
    return next(
        transition
        for wants, transition in chart.candidates(state, trigger)
        if all(answers[guard] is wanted for guard, wanted in wants)
    )


@pytest.mark.rule("M6")
@pytest.mark.parametrize("chart", PROCEDURES.values(), ids=lambda chart: chart.name)
@given(data=st.data())
def test_another_engine_takes_the_same_arrows(chart: Chart, data: st.DataObject) -> None:
    """With guards answered from outside, python-statemachine goes through each chart arrow by arrow as ours does."""
    drawing = drawing_of(chart, detail="full")
    guards, names = guards_of_document(drawing), identifiers(chart.states)
    listener, said = Arrows(), StringIO()
    with redirect_stdout(said):
        engine = loaded(chart.name)(listeners=[listener])
        state = chart.initial
        for _ in range(data.draw(st.integers(1, 12), "steps")):
            triggers = list(dict.fromkeys(transition.trigger for transition in places(chart, state)))
            if not triggers:
                break
            trigger = data.draw(st.sampled_from(triggers), "event")
            fails = data.draw(st.sets(st.sampled_from(sorted(chart.guards)), max_size=4), "guards that do not hold")
            answers = {guard: guard not in fails for guard in chart.guards}
            for guard, answer in answers.items():
                setattr(engine.model, guards[guard], answer)
            transition = expected_arrow(chart, state, trigger, answers)
            listener.taken.clear()
            said.seek(0)
            said.truncate()
            engine.send(trigger)
            state = transition.to or state
            assert [places(chart, transition.source).index(transition)] == listener.taken
            assert names[state] == next(iter(engine.configuration)).id
            told = [*transition.codes, *(effect.name for effect in transition.effects)]
            assert told == [line.partition("'")[2].rstrip("'") for line in said.getvalue().splitlines()]


@pytest.mark.parametrize("subject", [MACHINE, HOSTILE, UNSEEN], ids=["machine", "hostile", "unseen"])
def test_another_engine_runs_any_machine(subject: Machine) -> None:
    """The SCXML of a bare Machine is loaded, whatever its names, and begins where the Machine does."""
    drawing = drawing_of(subject, detail="full")
    engine = load(scxml(subject), format="scxml")()
    assert identifiers(node.name for node in drawing.nodes)[drawing.initial] == next(iter(engine.configuration)).id
