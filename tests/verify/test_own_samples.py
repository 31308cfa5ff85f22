"""What the verifier tries of a host's own: other entries of its fields, one by one, and the values of its facts."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Final

import attrs
import pytest
from transfer_limit import AMOUNT, TRANSFER_LIMIT, LimitForm

from ja_reset import Policies, Text
from ja_reset.chart import Chart
from ja_reset.fields.specs import FieldKind, FieldSpec, field
from ja_reset.verify import verify
from ja_reset.verify._samples import NoSampleError, Readings
from ja_reset.verify._words import told_words
from low_policies import LEAST

FILE: Final = Path(__file__).resolve().parents[2] / "docs" / "procedures" / "transfer_limit.py"
PIN_FIELD: Final = "    pin: Secret = field(PIN)\n"
SECOND: Final = '    again: str = field(FieldSpec("again", AMOUNT, FieldKind.DIGITS, {}hint=False, text="new_limit"))\n'
CONFIRMED: Final = (PIN_FIELD, SECOND.format('confirms="new_limit", ') + PIN_FIELD)
INDEPENDENT: Final = (PIN_FIELD, SECOND.format("") + PIN_FIELD)
READS_AGAIN: Final = ("of(LimitForm).new_limit", "of(LimitForm).again")
NO_OTHERS: Final = ("    others=", "    # others=")


def _changed(monkeypatch: pytest.MonkeyPatch, *changes: tuple[str, str]) -> Chart:
    """The worked example with these changes to its file."""
    source = FILE.read_text("utf-8")
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    module = ModuleType("changed_limit")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(source, str(FILE), "exec"), module.__dict__)  # noqa: S102 - the example's own file
    chart: Chart = module.__dict__["TRANSFER_LIMIT"]
    return chart


@pytest.mark.parametrize(
    "changes",
    [(CONFIRMED,), (CONFIRMED, READS_AGAIN), (INDEPENDENT,), (INDEPENDENT, READS_AGAIN)],
    ids=["confirmed", "reads_the_second", "independent", "reads_the_other"],
)
def test_every_field_with_other_entries_is_varied(
    changes: tuple[tuple[str, str], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field that is entered twice and two that are independent leave nothing alike in every sample."""
    seen = verify(_changed(monkeypatch, *changes), LEAST)
    assert seen.holds, seen.render()


def test_what_gives_other_entries_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a guard reads a field of which there is one entry alone, the message names `Reader.others`."""
    seen = verify(_changed(monkeypatch, NO_OTHERS), LEAST)
    (failure,) = seen.failures
    assert "no idle sample" == failure.name
    assert failure.what.en == (
        "read, but alike in every sample: limit_is_within_ceiling reads LimitForm.new_limit "
        "(Reader.others gives more samples of a field)"
    )
    assert "Reader.others" in failure.what.ja


def _form(second: FieldSpec) -> type[attrs.AttrsInstance]:
    @attrs.frozen(kw_only=True)
    class TwoForm:
        first: str = field(FieldSpec("first", AMOUNT, FieldKind.DIGITS))
        second_: str = field(second)

    return TwoForm


def test_other_entries_stand_in_one_field_and_its_confirmations() -> None:
    """Each sample is a valid form of its own name, in which all other fields hold their examples."""
    spec = FieldSpec("second_", AMOUNT, FieldKind.DIGITS)
    found = {
        each.name: each.value.form  # type: ignore[attr-defined]  # a reading
        for form in (_form(spec), LimitForm)
        for each in Readings(Policies()).of(form)
        if each.name.startswith("form:other:")
    }
    assert {"form:other:first", "form:other:second_", "form:other:new_limit"} == found.keys()
    assert ("10000000", "1") == attrs.astuple(found["form:other:first"])
    assert ("1", "10000000") == attrs.astuple(found["form:other:second_"])
    confirmed = Readings(Policies()).of(_form(attrs.evolve(spec, confirms="first")))
    (other,) = (each.value for each in confirmed if each.name.startswith("form:other:"))
    assert ("10000000", "10000000") == attrs.astuple(other.form)  # type: ignore[attr-defined]  # the same


def test_other_entries_are_valid() -> None:
    """A reader whose `others` are refused is told so by name, and not taken for one without."""
    wrong = attrs.evolve(AMOUNT, others=lambda _: ("2", "0"))
    form = _form(FieldSpec("second_", wrong, FieldKind.DIGITS))
    with pytest.raises(NoSampleError) as caught:
        Readings(Policies()).of(form)
    assert "Reader.others of amount gives what is not valid in TwoForm.second_" == str(caught.value)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("ceiling:none", Text("ceiling: none", "ceiling: none")),
        ("ceiling:no_answer", Text("ceiling: 金融機関の応答なし", "ceiling: the bank gives no answer")),
        ("pin:no_answer", Text("金融機関の応答なし", "the bank gives no answer")),
        ("form:other:new_limit", Text("別の正しい入力 (new_limit)", "another valid form (new_limit)")),
    ],
)
def test_a_value_of_a_fact_stands_with_the_facts_name(told: str, expected: Text) -> None:
    """`none` alone says nothing; of which fact it is the value stands beside."""
    assert expected == told_words(TRANSFER_LIMIT, told)
