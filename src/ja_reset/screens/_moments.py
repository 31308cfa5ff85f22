"""The moments of a screen: what the customer should read depends on what has just happened there."""

from __future__ import annotations

from enum import StrEnum


class Moment(StrEnum):
    """A moment of a screen that has words of its own; it follows from the saved session alone."""

    WAITING = "waiting"
    """The number is to be called (P2)."""
    ANSWERED = "answered"
    """The call was answered, and no code has been keyed in (P4)."""
    WRONG_CODE = "wrong_code"
    """A wrong code, or not the key that confirms, was keyed in, and the call goes on (P4)."""
    CALL_OVER = "call_over"
    """The call is over, by hanging up or too many wrong codes; another may be made within the window (P4)."""
    PROCESSING = "processing"
    """The bank has not yet confirmed what was ordered (M2a)."""
    PROVED = "proved"
    """The phone is proved, and the page has moved on by itself (P7)."""
    LIMIT = "limit"
    """It ended because a limit was reached: identities, windows, codes or PINs (I5, P4, P6, L2)."""
