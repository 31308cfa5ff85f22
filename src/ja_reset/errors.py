"""Whose fault it is: an exception is the programmer's or the machine room's, never the customer's.

What a customer does wrong is a refusal, a value (`ja_reset.Reason`). An exception means that a chart is
malformed (ours, at import), that the host's code called us wrongly, or that a part the host runs gave no
answer. No message here ever carries a value that was typed.
"""

from __future__ import annotations

from datetime import datetime


class ResetError(Exception):
    """The root of every exception that ja_reset raises on its own account."""


class ChartError(ResetError):
    """A chart breaks one of the laws of charts; raised when it is built, that is at import."""


class InvalidArgument(ResetError, ValueError):  # noqa: N818 - the field's term, beside the names of the API
    """The host's code handed in a value that the signature does not allow (a naive datetime, say)."""


class UnknownProcedure(ResetError, LookupError):  # noqa: N818 - named like UnknownInstitution
    """`start` was asked for an unknown procedure, or a saved session is of a chart that this process was not given.

    Such a session is left as it is: a process whose service was given the chart goes on with it.
    """


class UnknownInstitution(ResetError, LookupError):  # noqa: N818 - a name of the API
    """The bank knows no institution under that id (E2)."""


class UnknownSession(ResetError, LookupError):  # noqa: N818 - a name of the API
    """A token that names no session: never issued, purged, or no token at all, whatever its type."""


class StoreError(ResetError):
    """The store cannot be used: damaged, of a newer schema, read-only, full, or not reachable."""


class SealError(ResetError):
    """A sealed secret cannot be opened, or the key is not one."""


class BankUnavailable(ResetError):  # noqa: N818 - a name of the API
    """Raised by the host's bank: no answer. From `check_pin` it means "perhaps checked" (L5)."""


class UnlockRefused(ResetError):  # noqa: N818 - named like EffectRefused
    """`unlock` came while the bank may be carrying out a lock of that contract; nothing was changed (L6).

    `until`: aware UTC; after it `unlock` withdraws the lock, unless the bank has answered by then.
    """

    def __init__(self, until: datetime) -> None:
        super().__init__("a lock of that contract is being given to the bank: recover(), then unlock again")
        self.until = until


class EffectRefused(ResetError):  # noqa: N818 - a name of the API
    """Raised by the host's bank from `carry_out`: refused for good (C4a).

    `ja` and `en` are the bank's words to the customer; they become the text of `refused_by_bank`.
    """

    def __init__(self, *, ja: str, en: str) -> None:
        if not isinstance(ja, str) or not isinstance(en, str):
            msg = "EffectRefused takes two texts, each a str"
            raise InvalidArgument(msg)
        super().__init__("the bank refused the effect")
        self.ja = ja
        self.en = en


class PortError(ResetError):
    """A port answered with something that its signature does not allow; names the method and the type."""
