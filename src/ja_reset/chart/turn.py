"""What one event is decided on: the session, the present, the policies, and facts, which guards ask for by name.

A fact that nobody has looked up yet is asked for by `FactMissing`: whoever runs the turn finds it and begins again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

import attrs

from ja_reset.errors import ChartError
from ja_reset.fields.specs import Role
from ja_reset.secret import shown

if TYPE_CHECKING:
    from ja_reset.chart.session import Refusal, Session
    from ja_reset.policies import Policies
    from ja_reset.text import Text

T = TypeVar("T")


class Occasion(Enum):
    """When a fact can be had: by what happens to the session."""

    CUSTOMER = auto()
    """A customer sends something, a form perhaps; not to break off, which waits for nobody (M3)."""
    CALL = auto()
    """A call is reported."""
    KEYS = auto()
    """Keys are reported."""
    CALL_ENDED = auto()
    """The end of a call is reported."""
    CONFIRMED = auto()
    """The bank has confirmed the effect that the session waits for."""


def _occasions(occasions: Iterable[Occasion]) -> frozenset[Occasion]:
    return frozenset(occasions)


@attrs.frozen(eq=False)
class Fact(Generic[T]):
    """Something that a guard may read, by name and type. Facts are constants: each is one object.

    `roles` are sets of roles: the form that comes with the event has fields in all the roles of at least one of them.
    `of_bank`: the bank is asked for it. `of_contract`: it is about the contract that was proved.
    """

    __repr__ = shown

    name: str
    at: frozenset[Occasion] = attrs.field(default=(), kw_only=True, converter=_occasions, repr=False)
    after: Fact[Any] | None = attrs.field(default=None, kw_only=True, repr=False)
    proof: str | None = attrs.field(default=None, kw_only=True, repr=False)
    proves: bool = attrs.field(default=False, kw_only=True, repr=False)
    needs_form: bool = attrs.field(default=False, kw_only=True, repr=False)
    roles: tuple[frozenset[Role], ...] = attrs.field(default=(), kw_only=True, repr=False)
    of_bank: bool = attrs.field(default=False, kw_only=True, repr=False)
    of_contract: bool = attrs.field(default=False, kw_only=True, repr=False)


@attrs.frozen(eq=False, repr=False)
class SessionFact(Fact[T]):
    """A fact that the session itself holds: it is always there, and nobody has to be asked.

    Counts of sessions are read only in this way, so the verifier knows where a count still matters.
    """

    of: Callable[[Session], T] = attrs.field(repr=False)
    at: frozenset[Occasion] = attrs.field(default=Occasion, init=False, converter=_occasions, repr=False)


class Required(Enum):
    """In place of a value: there is none, so the bank has to have the method."""

    REQUIRED = "required"


@attrs.frozen(eq=False, repr=False)
class BankFact(Fact[T]):
    """A fact of a host's own that its bank tells, by a method of the bank's own beside those of `Bank`.

    The method gets the institution's id and the contract's ref, and nothing else: what a customer typed goes no further
    than the guards, which compare it with what the bank says. It is asked where a guard, an assignment or an effect
    first reads the fact, after the session was claimed, in a turn of the customer's or of the telephone's; whatever it
    raises goes where what `Bank.contract` raises goes.

    - `method`: its name.
    - `kind`: the type of its answers, or several; any other answer is a PortError. A bool does not count as an int.
    - `values`: answers by name, one for each relevant difference; `verify` and the tests use them.
    - `absent`: the value if the bank does not have the method. Without it, a service over such a bank is rejected.
    """

    method: str = attrs.field(kw_only=True)
    kind: type | tuple[type, ...] = attrs.field(kw_only=True, repr=False)
    values: Mapping[str, T] = attrs.field(kw_only=True, repr=False)
    absent: T | Required = attrs.field(default=Required.REQUIRED, kw_only=True, repr=False)
    at: frozenset[Occasion] = attrs.field(
        default=(Occasion.CUSTOMER, Occasion.CALL, Occasion.KEYS), init=False, converter=_occasions, repr=False
    )
    of_bank: bool = attrs.field(default=True, init=False, repr=False)
    of_contract: bool = attrs.field(default=True, init=False, repr=False)

    @property
    def kinds(self) -> tuple[type, ...]:
        """The types of its answers."""
        return self.kind if isinstance(self.kind, tuple) else (self.kind,)

    @property
    def is_required(self) -> bool:
        """Whether the bank has to have the method."""
        return self.absent is Required.REQUIRED

    def fits(self, answer: object) -> bool:
        """Whether *answer* is of its kind."""
        if isinstance(answer, bool):
            return bool in self.kinds
        return isinstance(answer, self.kinds)


def several(values: Iterable[T]) -> frozenset[T]:
    """The values as a set, whatever they came in; what is not several is left for the laws to complain of."""
    if isinstance(values, Iterable) and not isinstance(values, str):
        return frozenset(values)
    return cast("frozenset[T]", values)


def roles_of(roles: Iterable[Role]) -> frozenset[Role]:
    """The roles as a set, whatever they came in."""
    return several(roles)


class Asker(Protocol):
    """Who is asked in a turn, and the facts that it may read: a guard, an assignment. Its str says who it is."""

    @property
    def reads(self) -> frozenset[Fact[object]]:
        """The facts that it declares."""

    @property
    def roles(self) -> frozenset[Role]:
        """The roles of the fields that it reads in the form."""


class FactMissing(Exception):  # noqa: N818 - no error: the turn's way to ask for a fact
    """A guard reads a fact that has not been resolved yet."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@attrs.define(eq=False)
class Turn:
    """Everything that one event is decided on. `now` is aware UTC; facts go by their names. None of them can be set.

    `asker` is what is evaluated at the moment, and may read the facts that it declares. Without one, every fact may be
    read. It is the one part of a turn that changes: a new turn for each guard would cost more than the guard.
    """

    __repr__ = shown

    _session: Session
    _now: datetime
    _policies: Policies
    _facts: Mapping[str, object]
    asker: Asker | None = attrs.field(default=None, kw_only=True, repr=False)

    @property
    def session(self) -> Session:
        """The session as it is before the event."""
        return self._session

    @property
    def now(self) -> datetime:
        """The present."""
        return self._now

    @property
    def policies(self) -> Policies:
        """The policies that the session is judged by."""
        return self._policies

    @property
    def facts(self) -> Mapping[str, object]:
        """What is known, by the names of the facts."""
        return self._facts

    def know(self, fact: Fact[T]) -> T:
        """The value of *fact*; raises FactMissing if it has to be resolved first.

        Raises ChartError if the current asker does not declare that it reads the fact.
        """
        asker = self.asker
        if asker is not None and fact not in asker.reads:
            msg = f"the {asker} reads the fact {fact.name} and does not declare it: add it to its reads"
            raise ChartError(msg)
        facts, name = self._facts, fact.name
        if name in facts:
            return facts[name]  # type: ignore[return-value]  # what is known of a fact is of its type
        if isinstance(fact, SessionFact):
            return cast("T", fact.of(self._session))
        raise FactMissing(name)


def refusal(
    code: str,
    field: str | None = None,
    *,
    until: datetime | None = None,
    words: Text | None = None,
    detail: str | None = None,
) -> Refusal:
    """A reason that a guard gives: what a session stores is loaded with a service."""
    from ja_reset.chart.session import Refusal  # noqa: PLC0415 - loaded for a service

    return Refusal(code, field, until, words, detail)
