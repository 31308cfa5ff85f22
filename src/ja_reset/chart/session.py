"""A session is a value: what has happened so far, never what was typed.

`Session` holds counts, names and references, and the session data that the current state keeps (entering a state drops
all other data, so 戻る, endings and sealed secrets need no clean-up).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import attrs

from ja_reset.chart._changed import changed, draft_from, finished, made
from ja_reset.chart._kept import FACTS
from ja_reset.errors import ChartError, InvalidArgument
from ja_reset.secret import shown
from ja_reset.text import Text


@attrs.frozen
class Refusal:
    """A stored reason; `detail` chooses a text of its code, `words` are the bank's or the host's own (C4a, F9)."""

    __repr__ = shown

    code: str
    field: str | None = None
    until: datetime | None = None
    words: Text | None = None
    detail: str | None = None

    def __attrs_post_init__(self) -> None:
        if type(self.code) is not str or not {type(self.field), type(self.detail)} <= {str, type(None)}:
            msg = "the code, the field and the detail of a Refusal must each be a str"
            raise InvalidArgument(msg)
        if self.until is not None and (not isinstance(self.until, datetime) or self.until.tzinfo is None):
            msg = "the until of a Refusal must be an aware datetime"
            raise InvalidArgument(msg)
        if self.words is not None and not isinstance(self.words, Text):
            msg = f"the words of a Refusal must be a Text, not {type(self.words).__name__}"
            raise InvalidArgument(msg)


@attrs.frozen(weakref_slot=False)
class Offered:
    """A registered phone: the opaque id it is chosen by (F13), E.164, and how it is shown (P1)."""

    __repr__ = shown

    id: str
    number: str = attrs.field(repr=False)
    masked: str


@attrs.frozen(weakref_slot=False)
class Window:
    """From when to when a call counts (P2), the wrong codes so far, and the number to call; None: the only one (P8)."""

    __repr__ = shown

    opened_at: datetime
    closes_at: datetime
    wrong: int = 0
    dial: str | None = None


@attrs.frozen(weakref_slot=False)
class Answered:
    """The call that was answered: its row, its code sealed, wrong entries so far, when it was over if it is (P4)."""

    __repr__ = shown

    call: str
    code: str = attrs.field(repr=False)
    wrong: int = 0
    ended: datetime | None = None


@attrs.frozen(weakref_slot=False)
class Issued:
    """What the bank gave with a token (C3)."""

    __repr__ = shown

    service_id: str
    user_id: str


_NOTHING_ISSUED = Issued("", "")
_NOTHING_OWN: Mapping[str, str] = MappingProxyType({})


@attrs.frozen(weakref_slot=False)
class SessionData:
    """Session data that a state may keep; each value is None (or empty) if the state does not keep it."""

    __repr__ = shown

    method: str | None = None
    ref: str | None = None
    phones: tuple[Offered, ...] = ()
    chosen: str | None = None
    window: Window | None = None
    answered: Answered | None = None
    activation: str | None = attrs.field(default=None, repr=False)
    email: str | None = attrs.field(default=None, repr=False)
    order: str | None = None
    issued: Issued | None = None
    own: Mapping[str, str] = attrs.field(default=_NOTHING_OWN, hash=False, repr=False)

    def only(self, names: frozenset[str]) -> SessionData:
        """What a state that keeps *names* keeps of it."""
        if not names or self is _NOTHING_KEPT:
            return _NOTHING_KEPT
        kept = {name: getattr(self, name) for name in names if name in FACTS}
        own = {name: value for name, value in self.own.items() if name in names} if self.own else None
        return made(SessionData, {**kept, "own": MappingProxyType(own) if own else _NOTHING_OWN})

    @property
    def names(self) -> frozenset[str]:
        """What is kept, by its names."""
        if self is _NOTHING_KEPT:
            return frozenset()
        return frozenset([name for name, none in _NONE.items() if getattr(self, name) != none]).union(self.own)

    @property
    def result(self) -> Issued | None:
        """What the bank issued, as long as it is kept (C3)."""
        return None if self.issued == _NOTHING_ISSUED else self.issued

    def without_result(self) -> SessionData:
        """With what the bank issued, and the address, blank: they are not gone, as the state keeps them (S4)."""
        return changed(self, issued=_NOTHING_ISSUED, email=None if self.email is None else "")


_NOTHING_KEPT = SessionData()
_NONE = {field.name: field.default for field in attrs.fields(SessionData) if field.name != "own"}


@attrs.frozen(weakref_slot=False)
class Claim:
    """A turn that is asking the bank: nobody else moves the session until it is done or overdue."""

    __repr__ = shown

    id: str
    until: datetime


@attrs.frozen(weakref_slot=False)
class Session:
    """One customer's run through one procedure. `id` is the hash of the token, in hex (S1).

    `chart_version` is that of the chart by which its state keeps what it keeps; 0 for what release 0.1 saved. By its
    `marks` an operator finds it, whatever its state keeps.
    """

    __repr__ = shown

    id: str
    procedure: str
    institution: str
    state: str
    version: int
    created_at: datetime
    active_at: datetime
    seen_at: datetime
    tries: int = 0
    windows: int = 0
    wrong_codes: int = 0
    reasons: tuple[Refusal, ...] = ()
    claim: Claim | None = None
    kept: SessionData = _NOTHING_KEPT
    chart_version: int = 0
    marks: tuple[str, ...] = ()

    @property
    def phone(self) -> Offered | None:
        """The phone that was chosen."""
        return None if self.kept.chosen is None else self.offered(self.kept.chosen)

    def offered(self, name: str | None) -> Offered | None:
        """The phone that is offered under that id; None where none is."""
        return next((phone for phone in self.kept.phones if phone.id == name), None)

    def is_claimed(self, now: datetime) -> bool:
        """Whether another turn is asking the bank now."""
        return self.claim is not None and now <= self.claim.until

    def keep_own(self, name: str, value: str) -> Session:
        """With a value of the chart's own kept from now on; raises ChartError for what is no str (S5)."""
        if not isinstance(value, str):
            msg = f"the value {name} that a session keeps must be a str, not {type(value).__name__}"
            raise ChartError(msg)
        return self.keep(own=MappingProxyType({**self.kept.own, name: value}))

    def keep(self, **facts: object) -> Session:
        """With *facts*, by their names in Kept, kept from now on."""
        return changed(self, kept=changed(self.kept, **facts))

    def enter(self, state: str, keeps: frozenset[str]) -> Session:
        """In *state*, with the data that it keeps; all other data are dropped (M4)."""
        draft = draft_from(self)
        draft.state, draft.kept = state, self.kept.only(keeps)
        return finished(draft, Session)

    def without_result(self) -> Session:
        """Without what the bank issued: it has been shown long enough (C3)."""
        return changed(self, kept=self.kept.without_result())

    def at_institution(self, institution: str) -> Session:
        """With the id that the bank gave for the institution (E2)."""
        return changed(self, institution=institution)

    def window_opened(self, window: Window) -> Session:
        """With *window* opened, and counted (P6)."""
        return changed(self, kept=changed(self.kept, window=window), windows=self.windows + 1)

    def code_missed(self) -> Session:
        """With a wrong code counted, for the session, the window and the call that was answered (P4)."""
        parts = {"window": self.kept.window, "answered": self.kept.answered}
        counted = {name: changed(part, wrong=part.wrong + 1) for name, part in parts.items() if part is not None}
        return changed(self, kept=changed(self.kept, **counted), wrong_codes=self.wrong_codes + 1)

    def marked(self, *terms: str) -> Session:
        """With *terms* that it can be found by, from now on."""
        marks = tuple(dict.fromkeys((*self.marks, *terms)))
        return self if marks == self.marks else changed(self, marks=marks)

    def count_try(self) -> Session:
        """With a try counted, before the bank is asked."""
        draft = draft_from(self)
        draft.tries += 1
        return finished(draft, Session)

    def take_back_try(self) -> Session:
        """With that try taken back: it was right, or the bank gave no answer."""
        return changed(self, tries=self.tries - 1)

    def claimed(self, claim: Claim, now: datetime) -> Session:
        """Claimed by a turn that is going to ask the bank: the next version, and the customer was there at *now*.

        The reasons of the turn before are over.
        """
        return changed(
            self, claim=claim, version=self.version + 1, active_at=now, seen_at=max(now, self.seen_at), reasons=()
        )

    def released(self) -> Session:
        """Without its claim, which has run out; the version stays."""
        return changed(self, claim=None)

    def touched(self, now: datetime, *, reasons: tuple[Refusal, ...]) -> Session:
        """The customer was there at *now*, and nothing else happened: *reasons* are those that stand."""
        return changed(self, active_at=now, seen_at=max(now, self.seen_at), reasons=reasons)

    def concluded(self, before: Session, now: datetime, *, reasons: tuple[Refusal, ...]) -> Session:
        """As the customer's turn leaves it that found it as *before*: no claim, and *reasons* stand.

        The version is the next one where anything has changed, or the turn had claimed the session.
        """
        moved = self != before or before.claim is not None
        return changed(
            self,
            claim=None,
            version=before.version + moved,
            active_at=now,
            seen_at=max(now, before.seen_at),
            reasons=reasons,
        )

    def broken_off(self, before: Session, *, reasons: tuple[Refusal, ...]) -> Session:
        """As a turn leaves it that claimed it as *before* and was broken off: no claim, and the next version."""
        return changed(self, claim=None, version=before.version + 1, reasons=reasons)

    def acted_upon(self, before: Session, at: datetime, now: datetime, *, reasons: tuple[Refusal, ...]) -> Session:
        """As an event leaves it that no customer sent, which was due *at* then and is noticed *now*.

        No claim stands, *reasons* stay on the view, and the version is the next one where the state is another than
        *before*. Neither of the times goes back.
        """
        return changed(
            self,
            claim=None,
            version=before.version + (self.state != before.state),
            active_at=max(before.active_at, at),
            seen_at=max(now, before.seen_at),
            reasons=reasons,
        )

    def displaced(self, state: str, keeps: frozenset[str], version: int, *, reasons: tuple[Refusal, ...]) -> Session:
        """In *state* of that version of its chart for *reasons*, as the chart cannot go on from its own state (S4)."""
        return changed(
            self.enter(state, keeps), claim=None, version=self.version + 1, chart_version=version, reasons=reasons
        )
