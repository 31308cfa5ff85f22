"""What a transition, a turn and time make of a session: each change is one method, and moves nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import attrs
import pytest

from ja_reset.chart._changed import changed, made
from ja_reset.chart._kept import FACTS, Kept
from ja_reset.chart.session import Answered, Claim, Issued, Refusal, Session, SessionData, Window
from ja_reset.testing import FakeClock

NOW: Final = FakeClock().now
LATER, EARLIER = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)
STANDS: Final = (Refusal("late"),)
NEW: Final = (Refusal("timed_out"),)
CLAIM: Final = Claim("turn", LATER)
WINDOW: Final = Window(NOW, LATER)
KEPT: Final = SessionData(ref="c-1", chosen="p-1", answered=Answered("call", "sealed"))
SESSION: Final = Session(
    id="s",
    procedure="P",
    institution="i",
    state="HERE",
    version=3,
    created_at=EARLIER,
    active_at=NOW,
    seen_at=NOW,
    reasons=STANDS,
    kept=KEPT,
)
CLAIMED: Final = attrs.evolve(SESSION, claim=CLAIM, version=4)
ISSUED: Final = SESSION.keep(issued=Issued("s-1", "u-1"), email="a@example.jp")

MOVES: Final[dict[str, tuple[Callable[[Session], Session], Session, dict[str, object]]]] = {
    "keep": (lambda s: s.keep(chosen="p-2"), SESSION, {"kept": attrs.evolve(KEPT, chosen="p-2")}),
    "enter": (
        lambda s: s.enter("THERE", frozenset({"ref"})),
        SESSION,
        {"state": "THERE", "kept": SessionData(ref="c-1")},
    ),
    "without_result": (
        lambda s: s.without_result(),
        ISSUED,
        {"kept": attrs.evolve(KEPT, issued=Issued("", ""), email="")},
    ),
    "at_institution": (lambda s: s.at_institution("j"), SESSION, {"institution": "j"}),
    "window_opened": (
        lambda s: s.window_opened(WINDOW),
        SESSION,
        {"kept": attrs.evolve(KEPT, window=WINDOW), "windows": 1},
    ),
    "code_missed": (
        lambda s: s.code_missed(),
        SESSION,
        {"kept": attrs.evolve(KEPT, answered=Answered("call", "sealed", 1)), "wrong_codes": 1},
    ),
    "code_missed in no call": (
        lambda s: s.code_missed(),
        attrs.evolve(SESSION, kept=SessionData()),
        {"wrong_codes": 1},
    ),
    "count_try": (lambda s: s.count_try(), SESSION, {"tries": 1}),
    "take_back_try": (lambda s: s.take_back_try(), attrs.evolve(SESSION, tries=2), {"tries": 1}),
    "claimed": (
        lambda s: s.claimed(CLAIM, LATER),
        SESSION,
        {"claim": CLAIM, "version": 4, "active_at": LATER, "seen_at": LATER, "reasons": ()},
    ),
    "claimed by a clock that is behind": (
        lambda s: s.claimed(CLAIM, EARLIER),
        SESSION,
        {"claim": CLAIM, "version": 4, "active_at": EARLIER, "reasons": ()},
    ),
    "released": (lambda s: s.released(), CLAIMED, {"claim": None}),
    "touched": (
        lambda s: s.touched(LATER, reasons=NEW),
        SESSION,
        {"active_at": LATER, "seen_at": LATER, "reasons": NEW},
    ),
    "touched by a clock that is behind": (
        lambda s: s.touched(EARLIER, reasons=()),
        SESSION,
        {"active_at": EARLIER, "reasons": ()},
    ),
    "concluded without a change": (
        lambda s: s.concluded(s, LATER, reasons=NEW),
        SESSION,
        {"active_at": LATER, "seen_at": LATER, "reasons": NEW},
    ),
    "concluded with a change": (
        lambda s: s.count_try().concluded(s, NOW, reasons=STANDS),
        SESSION,
        {"tries": 1, "version": 4},
    ),
    "concluded after a claim": (
        lambda s: s.concluded(s, NOW, reasons=STANDS),
        CLAIMED,
        {"claim": None, "version": 5},
    ),
    "broken_off": (
        lambda s: s.count_try().broken_off(s, reasons=NEW),
        CLAIMED,
        {"tries": 1, "claim": None, "version": 5, "reasons": NEW},
    ),
    "acted_upon in its state": (
        lambda s: s.count_try().acted_upon(s, LATER, LATER, reasons=NEW),
        CLAIMED,
        {"tries": 1, "claim": None, "active_at": LATER, "seen_at": LATER, "reasons": NEW},
    ),
    "acted_upon out of its state": (
        lambda s: s.enter("THERE", frozenset()).acted_upon(s, EARLIER, LATER, reasons=NEW),
        SESSION,
        {"state": "THERE", "kept": SessionData(), "version": 4, "seen_at": LATER, "reasons": NEW},
    ),
    "acted_upon by a clock that is behind": (
        lambda s: s.acted_upon(s, EARLIER, EARLIER, reasons=STANDS),
        SESSION,
        {},
    ),
    "displaced": (
        lambda s: s.displaced("OVER", frozenset(), 2, reasons=NEW),
        CLAIMED,
        {"state": "OVER", "kept": SessionData(), "claim": None, "version": 5, "chart_version": 2, "reasons": NEW},
    ),
}
"""What each method makes of a session: it, the session, and what it changes; all else stays."""


@pytest.mark.rule("S2", "S2a", "S3", "S4", "M4")
@pytest.mark.parametrize("case", MOVES)
def test_each_move_changes_what_it_says_and_nothing_else(case: str) -> None:
    """A session after a move is the session before, but for what the move is for."""
    move, before, changed = MOVES[case]
    assert attrs.evolve(before, **changed) == move(before)  # type: ignore[arg-type]  # fields by name


def test_a_changed_value_is_what_evolve_makes_of_it() -> None:
    """Faster, and the same: for every field of a session and of what it keeps."""
    values: tuple[Any, ...] = (SESSION, KEPT, CLAIM)
    for value in values:
        for field in attrs.fields(type(value)):
            new = {field.name: object()}
            assert attrs.evolve(value, **new) == changed(value, **new)
        assert value == changed(value)


def test_a_field_that_there_is_not_cannot_be_changed() -> None:
    """A misspelt name is an error, and never lost."""
    with pytest.raises(KeyError, match="colour"):
        changed(SESSION, colour="red")


@pytest.mark.parametrize("value", [SESSION, KEPT, CLAIM, WINDOW, KEPT.answered], ids=lambda value: type(value).__name__)
def test_what_was_made_or_changed_is_as_frozen_as_what_the_constructor_makes(value: Any) -> None:  # noqa: ANN401 - any
    """It is of the same class, equal with an equal hash, and no field of it can be set or deleted."""
    kind = type(value)
    fields = {field.name: getattr(value, field.name) for field in attrs.fields(kind)}
    for copy in (changed(value, **fields), made(kind, fields)):
        assert type(copy) is kind
        assert (copy, hash(copy), repr(copy)) == (value, hash(value), repr(value))
        for name in fields:
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(copy, name, None)
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                delattr(copy, name)


def test_what_is_made_has_the_defaults_of_its_class_and_needs_the_rest() -> None:
    """As its constructor has it."""
    assert SessionData(ref="c-1") == made(SessionData, {"ref": "c-1"})
    assert Window(NOW, LATER) == made(Window, {"opened_at": NOW, "closes_at": LATER})
    with pytest.raises(TypeError, match="closes_at"):
        made(Window, {"opened_at": NOW})
    with pytest.raises(TypeError, match="colour"):
        made(Window, {"opened_at": NOW, "closes_at": LATER, "colour": "red"})


def test_a_class_that_checks_its_fields_is_made_by_its_constructor_alone() -> None:
    """No check can be gone round: a Refusal looks at what it is given."""
    with pytest.raises(TypeError, match="Refusal checks or converts"):
        changed(NEW[0], code="late")


def test_the_facts_have_the_names_that_a_chart_knows_them_by() -> None:
    """Charts are checked by these names before a session is loaded: they are the fields, in their order."""
    assert [*Kept, "own"] == [field.name for field in attrs.fields(SessionData)]
    assert frozenset(Kept) == FACTS
