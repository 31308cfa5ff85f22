"""Which notices a screen shows: by how calls are answered, by the moment, and by what is known of the session."""

from __future__ import annotations

from enum import Enum
from typing import Final

import attrs

from ja_reset.screens._moments import Moment
from ja_reset.screens._named import DIAL_NOTICE


class Answering(Enum):
    """How a call is answered (P4), and so what the customer is told to do with it."""

    __hash__ = object.__hash__  # a member is itself alone; that of Enum is a function in Python

    RINGS_OFF = "rings_off"
    CONFIRMED = "confirmed"
    CODE_SPOKEN = "code_spoken"
    CODE_DISPLAYED = "code_displayed"


_KEYED = frozenset({Answering.CODE_SPOKEN, Answering.CODE_DISPLAYED})
_CONFIRMED = frozenset({Answering.CONFIRMED})
_ALWAYS = frozenset(Answering)
Moments = frozenset[Moment | None]
AT_ANY: Final[Moments] = frozenset({None, *Moment})
TO_CALL: Final[Moments] = frozenset({None, Moment.WAITING, Moment.CALL_OVER})
"""While a call is to be made; None: of a screen that is shown without a session."""
_FIRST: Final[Moments] = frozenset({None, Moment.WAITING})


@attrs.frozen(eq=False, repr=False)
class Notice:
    """A notice by its key, shown only where calls are answered in one of these ways, and at one of these moments.

    `needs` is what has to be told of the session for it: `institution`, `contact`, `hours`. `relay_only`: it is shown
    only if the policy offers relay numbers (P1).
    """

    text: str
    answering: frozenset[Answering] = _ALWAYS
    moments: Moments = attrs.field(default=AT_ANY, kw_only=True)
    needs: str | None = attrs.field(default=None, kw_only=True)
    relay_only: bool = attrs.field(default=False, kw_only=True)

    def is_shown(self, answering: Answering, moment: Moment | None, told: frozenset[str], *, relay: bool) -> bool:
        """Whether it is shown then."""
        if self.relay_only and not relay:
            return False
        return answering in self.answering and moment in self.moments and (self.needs is None or self.needs in told)


@attrs.frozen(eq=False, repr=False)
class SectionPlan:
    """A heading by its key, and the keys of the screen's notices and buttons that stand under it."""

    heading: str
    notices: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()


KEYS_IN_TIME = Notice("PHONE.notice.keys_in_time", _KEYED | _CONFIRMED)
COMPLETING_NOTICES = (Notice("notice.completing.processing"), Notice("notice.completing.check"))
CALL_NOTICES = (
    Notice("notice.phone.stay"),
    Notice("notice.phone.wrong_dialling", moments=TO_CALL),
    Notice(DIAL_NOTICE, moments=TO_CALL),
    Notice("notice.phone.caller_id", moments=TO_CALL),
    Notice("notice.phone.relay", moments=TO_CALL, relay_only=True),
    Notice("notice.phone.shown_number", moments=TO_CALL),
    Notice("notice.phone.out_of_use", moments=TO_CALL),
    Notice("notice.phone.no_tone", moments=TO_CALL),
    Notice("notice.phone.rings_off", frozenset({Answering.RINGS_OFF})),
    Notice("notice.phone.confirmed", _CONFIRMED),
    Notice("notice.phone.code_spoken", frozenset({Answering.CODE_SPOKEN})),
    Notice("notice.phone.code_displayed", frozenset({Answering.CODE_DISPLAYED})),
    Notice("notice.phone.hearing_confirmed", _CONFIRMED),
    Notice("notice.phone.hearing_spoken", frozenset({Answering.CODE_SPOKEN})),
    Notice("notice.phone.hearing_displayed", frozenset({Answering.CODE_DISPLAYED})),
    Notice("notice.phone.smartphone"),
    Notice("notice.phone.dial_line", _KEYED | _CONFIRMED),
)
"""What both phone screens tell about the call, in the manual's order."""
CALL_SECTIONS = (SectionPlan("section.wrong_dialling", ("notice.phone.wrong_dialling", DIAL_NOTICE)),)
"""What stands above the number to call, under a heading of its own."""


def call_moments(lead: str) -> tuple[Notice, ...]:
    """What a phone screen says first, moment by moment; *lead* while the call has not come."""
    return (
        Notice(lead, moments=_FIRST),
        Notice("notice.moment.answered", _ALWAYS - _CONFIRMED, moments=frozenset({Moment.ANSWERED})),
        Notice("notice.moment.to_confirm", _CONFIRMED, moments=frozenset({Moment.ANSWERED})),
        Notice("notice.moment.wrong_code", _ALWAYS - _CONFIRMED, moments=frozenset({Moment.WRONG_CODE})),
        Notice("notice.moment.not_confirmed", _CONFIRMED, moments=frozenset({Moment.WRONG_CODE})),
        Notice("notice.moment.call_over", moments=frozenset({Moment.CALL_OVER})),
    )


PROVED = Notice("notice.moment.proved", moments=frozenset({Moment.PROVED}))
"""The confirmation on the form that the page has moved on to."""
