"""What a host passes in a call that nobody may see: wrapped before anything else is done with it (S5)."""

from __future__ import annotations

from typing import NoReturn

from ja_reset.errors import UnknownSession
from ja_reset.secret import Secret


class Typed:
    """What was typed, shown by nothing, pickles included."""

    __slots__ = ("__data",)

    def __init__(self, data: object) -> None:
        self.__data = data

    def open(self) -> object:
        """The mapping or form itself."""
        return self.__data

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        msg = "a submitted form cannot be pickled"
        raise TypeError(msg)


def as_token(token: object) -> Secret:
    """The token of a session; what is none names no session (UnknownSession)."""
    if not isinstance(token, str):
        msg = "the token belongs to no session: it was never issued, or the session was purged"
        raise UnknownSession(msg)
    return Secret(token)
