"""A value that is shown only if it is asked for by name (S5)."""

from __future__ import annotations

import unicodedata
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, final

import attrs

T = TypeVar("T", bound=type)


@final
class Secret:
    """A string that is not shown by `repr`, `str`, `format`, pickling, copying to JSON or an error message.

    `reveal()` gives it; two secrets compare in constant time. It has no length and no hash.
    """

    __slots__ = ("__value",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            msg = "a Secret holds a str"
            raise TypeError(msg)
        self.__value = value

    @classmethod
    def of(cls, value: str | Secret) -> Secret:
        """*value* as a Secret; one that is a Secret already stays itself."""
        return value if isinstance(value, Secret) else cls(value)

    def reveal(self) -> str:
        """The string itself: the one way to it, easy to search for in a review."""
        return self.__value

    def is_quoted_in(self, text: str) -> bool:
        """Whether *text* quotes it, whatever the case and width of the letters; blanks in between do not hide it."""
        word, words = _folded(self.__value), _folded(text)
        return word != "" and (word in words or word in "".join(words.split()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest  # noqa: PLC0415 - loads OpenSSL: when first needed

        return compare_digest(_octets(self.__value), _octets(other.reveal()))

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        msg = "a Secret cannot be pickled"
        raise TypeError(msg)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def shown(value: object) -> str:
    """`Name(field=value, …)` of an attrs value, as attrs writes it; fields with `repr=False` are left out (S5)."""
    kind: Any = type(value)
    fields = ", ".join(f"{each.alias}={getattr(value, each.name)!r}" for each in attrs.fields(kind) if each.repr)
    return f"{kind.__qualname__}({fields})"


def by_value(kind: T) -> T:
    """Equality and hash of an attrs class by its fields, as attrs has them; those with `eq=False` do not count.

    attrs compiles two functions for each class, which is a tenth of what `import ja_reset` takes. Here nothing is
    compiled, and comparing takes two or three times as long: for classes that are loaded early and seldom compared.
    The class is declared with `eq=False`, and has a field at least.
    """
    compared = attrgetter(*(each.name for each in attrs.fields(kind) if each.eq))
    hashed = attrgetter(*(each.name for each in attrs.fields(kind) if (each.eq if each.hash is None else each.hash)))

    def equal(self: object, other: object) -> object:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def digest(self: object) -> int:
        return hash(hashed(self))

    named: Any = kind
    named.__eq__, named.__hash__ = equal, digest
    return kind
