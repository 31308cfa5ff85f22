"""What is typed into a field, as it may be shown."""

from __future__ import annotations

from typing import Final

from ja_reset import Field, View

HIDDEN: Final = "****"


def shown(field: Field, value: str, view: View) -> str:
    """*value* as it may be shown: a secret as stars, a phone by its number, nothing that would move a cursor."""
    if field.kind.is_secret:
        return HIDDEN if value else ""
    masks = {phone.id: phone.masked for phone in view.phones}
    return printable(masks.get(value, value))


def printable(words: str) -> str:
    """*words* with every sign that is not printed itself spelled out."""
    return "".join(sign if sign.isprintable() or sign == "　" else ascii(sign)[1:-1] for sign in words)
