"""`ja-reset diff`: what a release changes in a chart, and what becomes of the sessions that are there (S4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transitions import Machine

from ja_reset import PROCEDURES, InvalidArgument, cli
from ja_reset.chart import Chart, Handler
from ja_reset.diagrams import json_text, structure
from ja_reset.diagrams._difference import Difference, difference, difference_of
from versions import changed, limit_of_version

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "diagrams"
OLD: Final = limit_of_version(1)


def between(old: Chart, new: Chart) -> Difference:
    """What differs, as the command has it."""
    return difference_of(json_text(old).encode(), json_text(new).encode())


def breaking(found: Difference) -> list[str]:
    """The breaking changes, in words."""
    return [str(change) for change in found.changes if change.breaking]


# The charts of the library ------------------------------------------------------------------------------------


@pytest.mark.rule("S4")
@pytest.mark.parametrize("chart", PROCEDURES.values(), ids=lambda chart: chart.name)
def test_a_breaking_change_of_a_procedure_has_raised_its_version(chart: Chart) -> None:
    """The committed file is of the release before: without a new version, its workers and ours would end sessions."""
    found = difference_of((FOLDER / f"{chart.name.lower()}.json").read_bytes(), json_text(chart).encode())
    assert not found.needs_version, found.render()


# What is breaking ---------------------------------------------------------------------------------------------


@pytest.mark.rule("S4")
def test_a_chart_does_not_differ_from_itself() -> None:
    """Whatever the detail that it is drawn at."""
    found = difference(structure(OLD), structure(OLD, detail="full"))
    assert ((), False, (), {}) == (found.changes, found.is_breaking, found.strands, found.restarts)
    assert "TRANSFER_LIMIT: version 1 → 1\nno difference\n" == found.render()
    assert found.render().replace("→ 1", "→ 2").replace("ence\n", "ence but the version\n") == (
        between(OLD, limit_of_version(2)).render()
    )


@pytest.mark.rule("S4")
@pytest.mark.parametrize("version", [1, 2])
def test_a_state_that_is_renamed_is_breaking_and_strands_its_sessions(version: int) -> None:
    """For older and newer workers alike: neither knows the other's state."""
    found = between(OLD, limit_of_version(version, names={"CHOICE": "OTHER"}))
    assert ["state CHOICE removed", "state OTHER added"] == breaking(found)
    assert (("CHOICE",), {}, ()) == (found.strands, found.restarts, found.keeps_order)
    assert (True, version == 1) == (found.is_breaking, found.needs_version)
    told = found.render()
    assert "  breaking  state CHOICE removed\n" in told
    assert "  strands   a session in CHOICE ends EXPIRED (procedure_changed)\n" in told
    assert told.endswith(
        "breaking: give the chart a version above 1\n" if version == 1 else "breaking, and the version was raised\n"
    )


@pytest.mark.rule("S4")
def test_a_retired_state_restarts_its_sessions() -> None:
    """It strands nobody, and needs a version all the same."""
    found = between(OLD, limit_of_version(1, names={"CHOICE": "OTHER"}, retired={"CHOICE": "LOGIN"}))
    assert ((), {"CHOICE": "LOGIN"}, True) == (found.strands, found.restarts, found.needs_version)
    assert "  restarts  a session in CHOICE restarts at LOGIN\n" in found.render()


@pytest.mark.rule("S4", "C4")
def test_an_order_goes_where_its_effect_is_waited_for() -> None:
    """A session that waits for the bank is stranded only where it lacks data, and its order is confirmed then."""
    renamed = between(OLD, limit_of_version(2, names={"COMPLETING": "PROCESSING"}, retired={"COMPLETING": "LOGIN"}))
    assert ((), {}) == (renamed.strands, renamed.restarts)
    assert "effect SET_TRANSFER_LIMIT: awaited_in COMPLETING → PROCESSING" in breaking(renamed)
    less = between(OLD, limit_of_version(2, keeps_limit=False))
    assert ["state COMPLETING: keeps limit, order, ref → order, ref", "state CHANGED: keeps limit → nothing"] == (
        breaking(less)
    )
    assert () == less.strands
    more = between(limit_of_version(1, keeps_limit=False), OLD)
    assert (("COMPLETING",), ("COMPLETING",)) == (more.strands, more.keeps_order)
    assert "ends EXPIRED (procedure_changed); its order is confirmed, and the customer is told\n" in more.render()


def _one(handlers: tuple[Handler, ...], trigger: str, **changes: Any) -> tuple[Handler, ...]:  # noqa: ANN401 - by name
    return tuple(attrs.evolve(each, **changes) if each.trigger == trigger else each for each in handlers)


def _unguarded(handlers: tuple[Handler, ...]) -> tuple[Handler, ...]:
    kept = {each.source: each.checks for each in handlers if each.trigger == "change_limit"}["LIMIT"]
    without = tuple(each for each in kept if each.guard.name != "limit_is_within_ceiling")
    return _one(handlers, "change_limit", checks=without)


ADDITIVE: Final[dict[str, tuple[Callable[[tuple[Handler, ...]], tuple[Handler, ...]], list[str]]]] = {
    "a guard is dropped": (
        _unguarded,
        [
            "transition LIMIT.change_limit!limit_is_within_ceiling removed",
            "guard limit_is_within_ceiling removed",
        ],
    ),
    "an event leads elsewhere": (
        lambda handlers: _one(handlers, "refused", to="REJECTED"),
        ["transition COMPLETING.refused: target LIMIT → REJECTED"],
    ),
}


@pytest.mark.rule("S4")
@pytest.mark.parametrize("case", ADDITIVE)
def test_what_no_session_depends_on_is_additive(case: str) -> None:
    """Both releases serve the same sessions; the change is told, and needs no version."""
    change, told = ADDITIVE[case]
    found = between(OLD, changed(OLD, handlers=change(OLD.handlers)))
    assert not found.is_breaking
    assert set(told) <= set(map(str, found.changes))
    assert found.render().endswith("additive\n")
    raised = between(OLD, changed(OLD, handlers=change(OLD.handlers), version=2))
    assert raised.render().endswith("additive: the version need not have been raised\n")


@pytest.mark.rule("S4")
def test_a_form_with_other_fields_is_told_and_additive() -> None:
    """An old page's form has a field error at the most."""
    plain = structure(OLD)
    other = json.loads(json.dumps(plain))
    form = next(each for each in other["forms"] if each["name"] == "LIMIT.change_limit")
    form["fields"][0]["required"] = False
    found = difference(plain, other)
    assert (["form"], False) == ([change.what for change in found.changes], found.is_breaking)
    assert "form LIMIT.change_limit: fields" in str(found.changes[0])


@pytest.mark.rule("S4")
def test_a_version_that_goes_down_is_breaking() -> None:
    """Its sessions would all be newer than the release that replaces it."""
    found = between(limit_of_version(2), OLD)
    assert ((), True, True) == (found.changes, found.is_breaking, found.needs_version)


def test_the_json_has_what_a_session_depends_on() -> None:
    """Version, retired states, kept data, guards, forms and effects, by name and whatever the detail."""
    retired = limit_of_version(3, retired={"OLD": "LOGIN"})
    plain: Any = structure(retired)
    assert (1, 3, {"OLD": "LOGIN"}) == (plain["format"], plain["version"], plain["retired"])
    assert list(retired.states) == [state["name"] for state in plain["states"]]
    assert {state.name: sorted(state.keeps) for state in retired.states.values()} == {
        state["name"]: state["keeps"] for state in plain["states"]
    }
    assert [transition.name for transition in retired.transitions] == [arrow["name"] for arrow in plain["arrows"]]
    assert list(retired.guards) == [guard["name"] for guard in plain["guards"]]
    assert {"SET_TRANSFER_LIMIT": "COMPLETING", "NOTIFY": None, "LOCK_SERVICE": None, "LOCK_CARD": None} == {
        effect["name"]: effect["awaited_in"] for effect in plain["effects"]
    }
    forms = {form["name"]: [field["name"] for field in form["fields"]] for form in plain["forms"]}
    assert {"LOGIN.log_in", "CHOICE.choose_phone", "LIMIT.change_limit"} == set(forms)
    assert ["new_limit", "pin"] == forms["LIMIT.change_limit"]
    token: Any = structure(PROCEDURES["TOKEN_REISSUE"])  # type: ignore[index]  # a member is its name
    assert {"BTR002.submit_credentials(LOGIN_ID)", "BTR002.submit_credentials(ACCOUNT)"} <= {
        form["name"] for form in token["forms"]
    }


# The command --------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., list[str]]:
    """A maker of two files, of what is given."""

    def made(*contents: bytes | str | object) -> list[str]:
        paths = []
        for number, content in enumerate(contents):
            path = tmp_path / f"{number}.json"
            text = content if isinstance(content, str | bytes) else json.dumps(content)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            paths.append(str(path))
        return paths

    return made


@pytest.mark.rule("S4")
@pytest.mark.parametrize(
    ("new", "code"),
    [
        (OLD, 0),
        (limit_of_version(1, names={"CALL": "RING"}), 1),
        (limit_of_version(2, names={"CALL": "RING"}), 0),
        (limit_of_version(0), 1),
        (changed(OLD, handlers=_unguarded(OLD.handlers)), 0),
    ],
    ids=["the same", "breaking", "breaking with a version", "an older version", "additive"],
)
def test_the_command_fails_for_a_breaking_change_without_a_version(
    new: Chart, code: int, files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints what differs, as text or as JSON, and says so by its exit code."""
    paths = files(json_text(OLD), json_text(new, detail="full"))
    assert code == cli.main(["diff", *paths])
    assert between(OLD, new).render() == capsys.readouterr().out
    assert code == cli.main(["diff", *paths, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert between(OLD, new).to_dict() == told
    assert (code == 1, {"before": 1, "after": new.version}) == (told["needs_version"], told["version"])


def _without(key: str) -> dict[str, object]:
    return {name: held for name, held in structure(OLD).items() if name != key}


UNUSABLE: Final[dict[str, tuple[object, str]]] = {
    "no JSON": ("{", "the second file is not JSON in UTF-8"),
    "no text": (b"\xff\xfe", "the second file is not JSON in UTF-8"),
    "deep": ("[" * 100_000, "the second file is not JSON in UTF-8"),
    "a list": ([], "the second file is no drawing of a chart (it is no object)"),
    "another form": ({**structure(OLD), "format": 2}, "(its format is not 1)"),
    "a Machine": (structure(OLD.machine), "(it has no version)"),
    "a version that is none": ({**structure(OLD), "version": True}, "(it has no version)"),
    "no states": (_without("states"), "(it has no states)"),
    "no arrows": (_without("arrows"), "(it has no arrows)"),
    "no retired": (_without("retired"), "(it has no retired states)"),
    "no initial": (_without("initial"), "(it has no initial state)"),
    "a state twice": ({**structure(OLD), "states": [{"name": "A"}] * 2}, "(two of its states are named A)"),
    "a state of nothing": ({**structure(OLD), "states": [{"name": "A"}]}, "(state A does not say what it keeps)"),
    "an effect of nothing": ({**structure(OLD), "effects": [{"name": "E"}]}, "does not say where it is awaited"),
    "another procedure": (
        structure(limit_of_version(1, name="OTHER_LIMIT")),
        "of different procedures, TRANSFER_LIMIT and OTHER_LIMIT",
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_an_unusable_file_is_told_in_words(
    case: str, files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on standard error, exit code 2, and nothing printed."""
    content, words = UNUSABLE[case]
    assert 2 == cli.main(["diff", *files(json_text(OLD), content)])
    out, err = capsys.readouterr()
    assert ("", 1) == (out, err.count("\n"))
    assert words in err


def test_a_missing_file_is_told_in_words(files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    """It names the file, and what to give."""
    [path] = files(json_text(OLD))
    assert 2 == cli.main(["diff", path, path + ".not"])
    assert f"cannot read {path}.not: No such file or directory; name a file of" in capsys.readouterr().err


PLAIN: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*structure(OLD), "x"]), inner),
    max_leaves=8,
)


@pytest.mark.rule("A8")
@given(key=st.sampled_from([*structure(OLD)]), value=PLAIN)
def test_whatever_stands_there_is_compared_or_refused(key: str, value: object) -> None:
    """No JSON makes the comparison raise anything else."""
    try:
        difference(structure(OLD), {**structure(OLD), key: value})
    except InvalidArgument:
        return


@pytest.mark.rule("A8")
@given(value=PLAIN)
def test_what_is_no_drawing_is_refused(value: object) -> None:
    """Whatever it is."""
    with pytest.raises(InvalidArgument, match="the first file is no drawing of a chart"):
        difference(value, structure(OLD))


def test_a_machine_has_no_version() -> None:
    """The JSON of a bare Machine is as it was."""
    machine = Machine(model=None, states=["a", "b"], initial="a", auto_transitions=False)
    assert "version" not in structure(machine)
