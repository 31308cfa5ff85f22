"""How values show themselves: as attrs would write it, and never what is not to be shown."""

from __future__ import annotations

import attrs
import pytest

from ja_reset import Policies, Reason, Text
from ja_reset.chart.session import Refusal, SessionData
from ja_reset.secret import shown
from ja_reset.testing.cast import ORDINARY


@attrs.frozen
class _Generated:
    """What attrs itself generates for such fields."""

    code: str
    field: str | None = None
    hidden: str = attrs.field(default="", repr=False)


@attrs.frozen
class _Ours:
    """The same fields."""

    __repr__ = shown

    code: str
    field: str | None = None
    hidden: str = attrs.field(default="", repr=False)


@pytest.mark.rule("S5")
def test_a_value_is_written_as_attrs_writes_it() -> None:
    """Name and fields in their order, and no field with `repr=False`."""
    for fields in (("a",), ("a", "b'c"), ("", None, "secret")):
        expected = repr(_Generated(*fields)).replace("_Generated", "_Ours")
        assert expected == repr(_Ours(*fields))


@pytest.mark.rule("S5")
def test_the_librarys_values_show_their_fields_and_nothing_personal() -> None:
    """A refusal, a reason, a text, policies whole; of a contract its reference and what is no person's."""
    assert "Refusal(code='late', field=None, until=None, words=None)" == repr(Refusal("late"))
    assert "Text(ja='あ', en='a')" == repr(Text("あ", "a"))
    assert repr(Reason("late")).startswith("Reason(code='late', field=None, ja='', en=''")
    assert "pin_attempts=3" in repr(Policies())
    assert "Contract(ref='C-0001', individual=True, service_locked=False, card_locked=False)" == repr(ORDINARY.contract)
    assert "secret" not in repr(SessionData(activation="secret", email="secret"))
