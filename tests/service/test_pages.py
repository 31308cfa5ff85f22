"""Items and pages: typed values that are read like the dicts and lists that they took the place of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum

import attrs
import pytest

from ja_reset import Page
from ja_reset.service._pages import Item

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


class Colour(Enum):
    """A closed set."""

    RED = "red"


@attrs.frozen(eq=False)
class Inner(Item):
    """A part of an item."""

    at: datetime


@attrs.frozen(eq=False)
class Outer(Item):
    """An item with a value of each sort."""

    id: str
    colour: Colour
    at: datetime | None
    inner: tuple[Inner, ...] = ()
    more: Mapping[str, object] = attrs.field(factory=dict)


OUTER = Outer("a", Colour.RED, NOON, (Inner(NOON),), {"n": 1})
PLAIN = {
    "id": "a",
    "colour": "red",
    "at": NOON.isoformat(),
    "inner": [{"at": NOON.isoformat()}],
    "more": {"n": 1},
}


def test_an_item_is_a_value_and_a_mapping_of_its_plain_form() -> None:
    """Attributes have Python types; keys, items, `in`, `**` and equality are those of the plain dict."""
    assert (NOON, Colour.RED) == (OUTER.at, OUTER.colour)
    assert PLAIN == OUTER.to_dict() == dict(OUTER) == {**OUTER} == OUTER
    assert json.loads(json.dumps(OUTER.to_dict())) == PLAIN
    assert ("red", None, True, False) == (OUTER["colour"], OUTER.get("none"), "id" in OUTER, "to_dict" in OUTER)
    assert list(PLAIN) == list(OUTER)
    assert len(PLAIN) == len(OUTER)
    with pytest.raises(KeyError):
        OUTER["to_dict"]


def test_an_item_cannot_be_changed() -> None:
    """Neither an attribute nor a key can be set; what `to_dict` gives is the reader's own."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        OUTER.id = "b"  # type: ignore[misc]  # that is what is tried
    with pytest.raises(TypeError):
        OUTER["id"] = "b"  # type: ignore[index]  # that is what is tried
    OUTER.to_dict().clear()
    OUTER["more"].clear()  # type: ignore[attr-defined]  # a dict of the reader's own
    assert PLAIN == OUTER


def test_a_page_is_a_sequence_of_its_items() -> None:
    """It is iterated, indexed, sliced, and compared with a list; `next` leads on."""
    page = Page([OUTER, OUTER], "cursor")
    assert isinstance(page, Sequence)
    assert [PLAIN, PLAIN] == page
    assert page == (OUTER, OUTER)
    assert (2, OUTER, (OUTER,), [OUTER, OUTER]) == (len(page), page[-1], page[:1], list(page))
    assert {"items": [PLAIN, PLAIN], "next": "cursor"} == page.to_dict()
    assert Page((OUTER, OUTER)) != page
    assert [] == Page(())
    assert not Page(())
    assert page != "ab"
