"""The context of a call: what the host adds to its audit records, such as the address that a request came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from ja_reset.errors import InvalidArgument
from ja_reset.secret import Secret
from ja_reset.service._typed import Typed

Context: TypeAlias = Mapping[str, str] | None
"""As a host passes it."""
NO_CONTEXT: Final[Mapping[str, str]] = MappingProxyType({})

MOST_KEYS: Final = 16
LONGEST_VALUE: Final = 256
SHORTEST_TOKEN: Final = 32
"""A token has 43 characters. Shorter text is no token, and an attacker must not be able to have a header refused."""
_KEY: Final = re.compile(r"[a-z_]{1,32}")
_CONTROLS: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control and format characters, lone surrogates, separators of lines: what forges a line of a log, or is stored by no
database."""


def as_context(given: Typed, token: Secret | None = None) -> Mapping[str, str]:
    """The context with plain, short values; raises InvalidArgument for what is no mapping of strings.

    No value is refused for what is in it, but for one that holds the *token* (S5).
    """
    if given.open() is None:
        return NO_CONTEXT
    context: dict[str, str] = {}
    problem = _read(given, token, context)
    if problem is not None:
        raise InvalidArgument(problem)
    return MappingProxyType(context)


def _read(given: Typed, token: Secret | None, into: dict[str, str]) -> str | None:
    """Read the context *into* a dict, or say what is wrong; the caller raises, as a traceback would show it here."""
    context = _copied(given.open())
    if isinstance(context, str):
        return context
    if len(context) > MOST_KEYS:
        return f"context must have at most {MOST_KEYS} keys; it has {len(context)}"
    quoted = token if token is not None and len(token.reveal()) >= SHORTEST_TOKEN else None
    for key, value in context.items():
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            return "a key of context must be 1 to 32 characters of a-z and _"
        if not isinstance(value, str):
            return f"context[{str.__str__(key)!r}] must be a str, not {type(value).__name__}"
        text = str.__str__(value)
        may_quote = len(text) >= SHORTEST_TOKEN or not text.isascii()
        if quoted is not None and may_quote and quoted.is_quoted_in(text):
            return f"context[{str.__str__(key)!r}] must not hold the session's token: audit and observer would keep it"
        into[str.__str__(key)] = _plain(text)
    return None


def _copied(context: object) -> dict[object, object] | str:
    """The mapping as a dict, or what is wrong."""
    if not isinstance(context, Mapping):
        return f"context must be a mapping of str to str, or None, not {type(context).__name__}"
    try:
        return dict(context)
    except Exception:  # noqa: BLE001 - of a host's own mapping: it may quote what is in it
        return "context must be a mapping of str to str, or None; reading it raised an exception"


def _plain(text: str) -> str:
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in _CONTROLS else each
        for each in text[:LONGEST_VALUE]
    )
