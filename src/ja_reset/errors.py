"""Whose fault it is: an exception is the programmer's or the operator's, never the customer's.

A mistake of the customer is a refusal, which is a value (`ja_reset.Reason`). An exception means that a chart is wrong
(found at import), that the host's code made a wrong call, or that something the host runs gave no answer. No message
contains a value that was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


class ResetError(Exception):
    """The base class of every exception that ja_reset raises."""


class ChartError(ResetError):
    """A chart breaks a law of charts; raised when it is constructed, which is at import."""


class InvalidArgument(ResetError, ValueError):  # noqa: N818 - the field's term, beside the names of the API
    """The host's code passed a value that is not allowed (for example, a naive datetime)."""


class UnknownProcedure(ResetError, LookupError):  # noqa: N818 - named like UnknownInstitution
    """The procedure is unknown, or a saved session belongs to a chart that this process does not have.

    Such a session is left unchanged; a process whose service has the chart can continue it.
    """


class UnknownInstitution(ResetError, LookupError):  # noqa: N818 - a name of the API
    """The bank knows no institution with that id (E2)."""


class UnknownAccount(ResetError, LookupError):  # noqa: N818 - a name of the API
    """`unlock` was called for an account of which the bank knows no contract; nothing was changed (L6)."""


class UnknownSession(ResetError, LookupError):  # noqa: N818 - a name of the API
    """The token belongs to no session: it was never issued, the session was purged, or it is not a token at all."""


class StoreError(ResetError):
    """The store cannot be used: it is damaged, of a newer schema, read-only, full, or unreachable."""


class NewerSession(StoreError):  # noqa: N818 - a name of the API
    """A session was saved by a newer release, or under a newer version of its chart; it is left as it is (S4).

    During a rolling deployment answer 503, and let the page ask again: a process of the newer release serves it.
    """


class SealError(ResetError):
    """A sealed secret cannot be opened, or the key is not usable."""


class BankUnavailable(ResetError):  # noqa: N818 - a name of the API
    """Raised by the host's bank: no answer. From `check_pin` it means "perhaps checked" (L5)."""


class UnlockRefused(ResetError):  # noqa: N818 - named like EffectRefused
    """`unlock` was called while the bank may be carrying out a lock of that contract; nothing was changed (L6).

    `until`: aware UTC; after it `unlock` withdraws the lock, unless the bank has answered by then.
    """

    def __init__(self, until: datetime) -> None:
        super().__init__("a lock of that contract is being given to the bank: recover(), then unlock again")
        self.until = until


class EffectLeased(ResetError):  # noqa: N818 - named like EffectRefused
    """An operator acted on an effect while a process may be delivering it; nothing was changed (C4).

    `until`: aware UTC, the last instant of the lease; `operator.lift` ends one that a wrong clock has made too long.
    """

    def __init__(self, until: datetime) -> None:
        super().__init__("that effect is being delivered: try again when its lease is over, or lift the lease first")
        self.until = until


class EffectRefused(ResetError):  # noqa: N818 - a name of the API
    """Raised by the host's bank from `carry_out`: the effect is refused for good (C4a).

    `ja` and `en` are the bank's texts for the customer, `more` has them in other languages (`{"vi": …}`); they become
    the text of `refused_by_bank`.
    """

    def __init__(self, *, ja: str, en: str, more: Mapping[str, str] | None = None) -> None:
        others = {} if more is None else more
        if not isinstance(others, Mapping) or not all(isinstance(each, str) for each in (ja, en, *others.values())):
            msg = "EffectRefused takes two texts, each a str, and more as a mapping of languages to texts"
            raise InvalidArgument(msg)
        super().__init__("the bank refused the effect")
        self.ja = ja
        self.en = en
        self.more = dict(others)


class PortError(ResetError):
    """A port returned something that its signature does not allow; the message names the method and the type."""
