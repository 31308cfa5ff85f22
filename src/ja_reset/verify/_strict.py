"""A turn as the verifier has it: a guard or an assignment sees of the session only what needs no declaration.

The verifier tells two sessions apart by what some guard reads from there on, and it knows that from the declarations
alone. A guard that reads a count of the session by another way than `turn.know` would be judged on sessions that it can
tell apart and the verifier cannot. So here such a reading raises, whoever makes it. The times of a session are read by
nobody: the moments at which an answer changes would not be known.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast

import attrs

from ja_reset.chart.session import Answered, Session, SessionData
from ja_reset.chart.turn import Asker, Fact, FactMissing, SessionFact, Turn
from ja_reset.fields.forms import Reading
from ja_reset.fields.specs import Role
from ja_reset.machines.facts import METHOD, SESSION_TRIES, WINDOWS, WRONG_CODES, WRONG_IN_CALL
from ja_reset.secret import Secret, shown

DECLARED: Final[Mapping[tuple[type, str], SessionFact[object]]] = MappingProxyType(
    {
        (Session, "tries"): cast("SessionFact[object]", SESSION_TRIES),
        (Session, "windows"): cast("SessionFact[object]", WINDOWS),
        (Session, "wrong_codes"): cast("SessionFact[object]", WRONG_CODES),
        (SessionData, "method"): cast("SessionFact[object]", METHOD),
        (Answered, "wrong"): cast("SessionFact[object]", WRONG_IN_CALL),
    }
)
"""What of a session is read as a fact."""

COUNTS: Final[frozenset[SessionFact[object]]] = frozenset(
    fact for (_, name), fact in DECLARED.items() if name != "method"
)
"""The counts among them: of the session, and of the wrong codes in its call."""

CLOCKS: Final = frozenset({"created_at", "active_at", "seen_at"})
"""The times of a session that the clock's events are judged by."""


_PARTS: Final = frozenset({SessionData, Answered})
_UNKNOWN: Final = object()
T = TypeVar("T")
Read = tuple[int, Fact[Any]]
"""Which reader has read which fact; a reader by its identity, as readers are constants of a chart."""


class NotDeclaredError(Exception):
    """Somebody in the chart reads of the session what the verifier has to be told of; the message says who and what."""


@attrs.define(eq=False)
class StrictTurn(Turn):
    """A turn that hides from its reader what the reader has to declare. `read` grows by what is read."""

    __repr__ = shown

    read: set[Read] = attrs.field(kw_only=True, repr=False)
    counted: set[str] = attrs.field(factory=set, kw_only=True, repr=False)
    """The counts of the session that somebody has read."""

    @property
    def session(self) -> Session:
        """See `Turn.session`: whole where nobody is asked."""
        whole, asker = self._session, self.asker
        return whole if asker is None else cast("Session", _Seen(whole, asker))

    def know(self, fact: Fact[T]) -> T:
        """See `Turn.know`; notes which reader reads what."""
        asker = self.asker
        if asker is not None:
            self.read.add((id(asker), fact))
            if fact not in asker.reads:
                return super().know(fact)  # which says so
        if isinstance(fact, SessionFact):
            if fact in COUNTS:
                self.counted.add(fact.name)
            return cast("T", fact.of(self._session))
        known = self.facts.get(fact.name, _UNKNOWN)
        if known is _UNKNOWN:
            raise FactMissing(fact.name)
        if asker is not None and isinstance(known, Reading):
            return cast("T", _Form(known.form, known.errors, asker))
        return cast("T", known)


@attrs.frozen(eq=False)
class _Form(Reading[attrs.AttrsInstance]):
    """A form that was read, as who is asked sees it: by the roles that it declares."""

    __repr__ = shown

    asker: Asker = attrs.field(repr=False)

    def text(self, role: Role) -> str | None:
        """See `Reading.text`."""
        return super().text(self._declared(role))

    def secret(self, role: Role) -> Secret | None:
        """See `Reading.secret`."""
        return super().secret(self._declared(role))

    def name(self, role: Role) -> str | None:
        """See `Reading.name`."""
        return super().name(self._declared(role))

    def _declared(self, role: Role) -> Role:
        if role not in self.asker.roles:
            msg = f"the {self.asker} reads the field in the role {role.name}; add the role to its roles"
            raise NotDeclaredError(msg)
        return role


class _Seen:
    """A session, or a part of one, as the present reader sees it."""

    __slots__ = ("_asker", "_value")

    def __init__(self, value: object, asker: Asker) -> None:
        self._value = value
        self._asker = asker

    def __getattr__(self, name: str) -> object:
        kind = type(self._value)
        fact = DECLARED.get((kind, name))
        if fact is not None:
            msg = (
                f"the {self._asker} reads {name} of the session, and the verifier has to know where; "
                f"add the fact {fact.name} to its reads and ask for it with turn.know(…)"
            )
            raise NotDeclaredError(msg)
        if name in CLOCKS:
            msg = (
                f"the {self._asker} reads {name}, and the moments at which its answer changes are not known; "
                "make them an event of the clock, or a fact"
            )
            raise NotDeclaredError(msg)
        found = getattr(self._value, name)
        return _Seen(found, self._asker) if type(found) in _PARTS else found
