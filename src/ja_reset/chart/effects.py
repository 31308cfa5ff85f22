"""What a chart tells the bank to do: each effect declared once, with its data, secrets and proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from ja_reset.bank._kinds import EffectKind
from ja_reset.chart.turn import Fact, Turn, roles_of, several
from ja_reset.errors import ChartError
from ja_reset.fields.specs import Role
from ja_reset.secret import Secret, shown

if TYPE_CHECKING:
    from ja_reset.chart.session import Session


def names_of(names: Iterable[str]) -> frozenset[str]:
    """The names as a set, whatever they came in; one str is left for the laws to complain of."""
    return several(names)


def facts_of(reads: Iterable[Fact[Any]]) -> frozenset[Fact[object]]:
    """The facts as a set, of whatever types they are."""
    return several(reads)


Data = Mapping[str, str | Secret]
"""What goes to the bank with an effect, by name."""


PROOFS: Final = ("identity", "call", "code", "pin")
"""What can be proved of a customer before the bank is told to do something (A1), in the order in which it is."""


def _no_data(_turn: Turn) -> Data:
    return {}


@attrs.frozen(eq=False)
class EffectSpec:
    """Something that the bank is told to do (C), recorded by the turn that causes it and delivered until answered.

    - `name`: an identifier; the bank gets it as `Effect.kind`. Two charts that share an effect share the same object.
    - `data`: a function that makes its data from the turn, as it was before; `reads` are the facts that it reads, and
      `roles` the roles of the fields that it reads in the form.
    - `secrets`: the names in the data whose values are `Secret`; they are sealed until the effect is settled (S5).
    - `needs`: the `PROOFS` that must be complete before it is recorded (A1).
    - `result`: the names that the bank's answer must have, each a non-empty str; None if nothing is expected.
    - `due`: a function that says whether a turn records it at all; None: always.
    - `notice`: it only tells somebody, so a service may leave it to `recover()` (C5).
    - `tells`: of what locks: the notice that is recorded with it, once where several do so (C5).
    - `locks`: it locks the card's contract. It is noted in the PIN count, and an unlock withdraws it (L2, L6).
    """

    __repr__ = shown

    name: str = attrs.field(converter=str)
    data: Callable[[Turn], Data] = attrs.field(default=_no_data, repr=False)
    secrets: frozenset[str] = attrs.field(default=(), kw_only=True, converter=names_of)
    needs: frozenset[str] = attrs.field(default=(), kw_only=True, converter=names_of)
    reads: frozenset[Fact[object]] = attrs.field(default=(), kw_only=True, repr=False, converter=facts_of)
    roles: frozenset[Role] = attrs.field(default=(), kw_only=True, repr=False, converter=roles_of)
    result: tuple[str, ...] | None = attrs.field(default=None, kw_only=True)
    due: Callable[[Turn], bool] | None = attrs.field(default=None, kw_only=True, repr=False)
    notice: bool = attrs.field(default=False, kw_only=True)
    tells: EffectSpec | None = attrs.field(default=None, kw_only=True, repr=False)
    locks: bool = attrs.field(default=False, kw_only=True)

    def __str__(self) -> str:
        return f"effect {self.name}"

    @property
    def kind(self) -> EffectKind | str:
        """The member of that name, or the name of an effect of a host's own."""
        return EffectKind.__members__.get(self.name, self.name)

    @property
    def has_data(self) -> bool:
        """Whether anything goes with it."""
        return self.data is not _no_data

    def key(self, session: Session) -> str:
        """Its idempotency key for *session*: new each time it is recorded, the same on a retry."""
        return f"{session.id}:{self.name}:{session.version}"

    @staticmethod
    def named_in(key: str) -> str:
        """The name of the effect that was recorded under that key."""
        return key.rpartition(":")[0].rpartition(":")[2]

    def made(self, turn: Turn) -> Data | None:
        """Its data in *turn*, or None if it is not due. Raises ChartError for unusable data."""
        turn.asker = self
        due = True if self.due is None else self.due(turn)
        if due is not True and due is not False:
            msg = f"the effect {self.name} is due, or is not: it must return a bool"
            raise ChartError(msg)
        if not due:
            return None
        data = self.data(turn)
        complaint = _complaint_of(data, self.secrets)
        if complaint is not None:
            msg = f"the data of {self.name} {complaint}"
            raise ChartError(msg)
        return data


OrderData = Mapping[EffectSpec, Data]
"""The effects that a turn orders, in order, each with its data."""


def _complaint_of(data: object, secrets: frozenset[str]) -> str | None:
    """What is wrong with the data of an effect, without a value of it."""
    if not isinstance(data, Mapping):
        return f"must be a mapping, not {type(data).__name__}"
    for name, value in data.items():
        if not isinstance(name, str) or not isinstance(value, str | Secret):
            return "must map a str to a str or a Secret"
    sealed = {name for name, value in data.items() if isinstance(value, Secret)}
    if sealed != secrets:
        wanted, got = (", ".join(sorted(names)) or "none" for names in (secrets, sealed))
        return f"must have the secrets that it declares ({wanted}) as Secrets, and no others; it has {got}"
    return None
