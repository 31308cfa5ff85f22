"""The policies of a service or of one institution as one value: changed, laid over others, read and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.policies._caller_id import CallerIdPolicy
from ja_reset.policies._fields import FieldPolicy
from ja_reset.policies._identity import IdentityPolicy
from ja_reset.policies._lockout import LockoutPolicy
from ja_reset.policies._parts import OWN, PARTS, Kind, kinds_by_path, own_kinds, why_no_policy
from ja_reset.policies._phone import PhonePolicy
from ja_reset.policies._session import SessionPolicy
from ja_reset.secret import by_value, shown

if TYPE_CHECKING:
    from ja_reset.policies._override import PolicyOverride

P = TypeVar("P")
M = TypeVar("M")


def _is(kind: type) -> Any:  # noqa: ANN401 - attrs' validator protocol
    def validate(instance: object, attribute: attrs.Attribute[object], value: object) -> None:
        if not isinstance(value, kind):
            msg = f"{type(instance).__name__}.{attribute.name} must be a {kind.__name__}"
            raise InvalidArgument(msg)

    return validate


def _several(value: Iterable[attrs.AttrsInstance]) -> tuple[attrs.AttrsInstance, ...]:
    return tuple(value)


def _own(
    instance: object,
    attribute: attrs.Attribute[tuple[attrs.AttrsInstance, ...]],
    value: tuple[attrs.AttrsInstance, ...],
) -> None:
    name = f"{type(instance).__name__}.{attribute.name}"
    for each in value:
        trouble = why_no_policy(type(each))
        if trouble is not None:
            msg = f"{name}: {type(each).__name__} {trouble}"
            raise InvalidArgument(msg)
    if len({type(each) for each in value}) < len(value):
        msg = f"{name} has two policies of one class"
        raise InvalidArgument(msg)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class Policies:
    """The policies of the service, or of one institution; hashable, and shared between sessions.

    `own` are policies of a host's own procedures, frozen attrs values, at most one of each class. A class that an
    institution's policies lack is the service's, and where the service has none either, the class's own defaults hold.
    """

    __repr__ = shown

    fields: FieldPolicy = attrs.field(default=FieldPolicy(), validator=_is(FieldPolicy))
    identity: IdentityPolicy = attrs.field(default=IdentityPolicy(), validator=_is(IdentityPolicy))
    caller_id: CallerIdPolicy = attrs.field(default=CallerIdPolicy(), validator=_is(CallerIdPolicy))
    phone: PhonePolicy = attrs.field(default=PhonePolicy(), validator=_is(PhonePolicy))
    lockout: LockoutPolicy = attrs.field(default=LockoutPolicy(), validator=_is(LockoutPolicy))
    session: SessionPolicy = attrs.field(default=SessionPolicy(), validator=_is(SessionPolicy))
    own: tuple[attrs.AttrsInstance, ...] = attrs.field(default=(), converter=_several, validator=_own)

    @property
    def parts(self) -> Mapping[str, attrs.AttrsInstance]:
        """Every policy by its name: the library's by attribute, those of a host's own by their class's name."""
        ours = {name: getattr(self, name) for name in PARTS}
        return MappingProxyType({**ours, **{type(each).__name__: each for each in self.own}})

    def of(self, kind: type[P]) -> P:
        """The policy of that class, with its defaults where none was given."""
        for name in PARTS:
            part = getattr(self, name)
            if isinstance(part, kind):
                return part
        given = next((each for each in self.own if isinstance(each, kind)), None)
        return kind() if given is None else given

    def changed(self, name: str, **figures: object) -> Policies:
        """These policies with *figures* of the part of that name changed; raises KeyError where there is none."""
        part: Any = self.parts[name]
        part = attrs.evolve(part, **figures)
        if name in PARTS:
            return attrs.evolve(self, **{name: part})
        return attrs.evolve(self, own=tuple(part if type(each) is type(part) else each for each in self.own))

    def having(self, kinds: Iterable[type[attrs.AttrsInstance]]) -> Policies:
        """These policies with each of *kinds* among `own`, where it is missing with its defaults."""
        missing = tuple(kind() for kind in kinds if not any(type(each) is kind for each in self.own))
        return attrs.evolve(self, own=(*self.own, *missing)) if missing else self

    @staticmethod
    def override(figures: Mapping[str, object], *, own: Iterable[Kind] = ()) -> PolicyOverride:
        """Some figures of an institution by their paths: `Policies.override({"phone.bim_window": timedelta(…)})`.

        A figure of a host's own policies is `own.TransferPolicy.most_yen`, with `own=[TransferPolicy]`. See
        `PolicyOverride`.
        """
        from ja_reset.policies._override import PolicyOverride  # noqa: PLC0415 - loaded when first needed

        return PolicyOverride(figures, own=own)

    def overridden(self, override: PolicyOverride) -> Policies:
        """These policies with the figures of *override*; raises InvalidArgument where they do not go together."""
        changes: dict[str, dict[str, object]] = {}
        for path, value in override.figures.items():
            part, _, name = path.rpartition(".")
            changes.setdefault(part.removeprefix(f"{OWN}."), {})[name] = value
        policies = self.having(override.own)
        for part, figures in changes.items():
            policies = _made(part, partial(policies.changed, part, **figures))
        return policies

    @classmethod
    def from_dict(cls, data: Mapping[str, object], *, own: Iterable[Kind] = ()) -> Policies:
        """The policies that nested tables describe, as TOML and JSON give them; what they lack has its default.

        A duration is a number of seconds, or a number with a unit: `"120s"`, `"10m"`, `"24h"`, `"30d"`. A date is
        `YYYY-MM-DD`, no value is `"none"`. `own` are the classes of a host's own policies, whose tables are
        `own.TransferPolicy`. Raises InvalidArgument, with every complaint, for an unknown name (and says the nearest),
        a value that does not fit, and figures that do not go together.
        """
        from ja_reset.policies._override import read  # noqa: PLC0415 - loaded when first needed

        kinds, complaints = kinds_by_path(own_kinds(own)), list[str]()
        made: dict[str, dict[str, object]] = {path: {} for path in kinds}
        for path, value in read(data, kinds, "policies", complaints).items():
            part, _, name = path.rpartition(".")
            made[part][name] = value
        parts = dict[str, attrs.AttrsInstance]()
        for path, kind in kinds.items():
            try:
                parts[path] = _made(path, partial(kind, **made[path]))
            except InvalidArgument as error:
                complaints.append(str(error))
        if complaints:
            raise InvalidArgument("policies: " + "; ".join(complaints))
        ours: Any = {name: parts.pop(name) for name in PARTS}
        return cls(**ours, own=tuple(parts.values()))

    def to_dict(self) -> dict[str, object]:
        """Every figure in nested tables that TOML and JSON can write, and `from_dict` reads.

        Raises InvalidArgument for a `password_rule`: it is a function, so set it in Python (`changed`).
        """
        from ja_reset.policies._figures import paths_of, tables  # noqa: PLC0415 - loaded when first needed

        kinds = kinds_by_path([type(each) for each in self.own])
        parts = self.parts
        figures = dict[str, object]()
        for path in paths_of(kinds):
            part, _, name = path.rpartition(".")
            figures[path] = getattr(parts[part.removeprefix(f"{OWN}.")], name)
        return tables(figures, kinds)

    def above(self, base: Policies) -> Policies:
        """These policies, with the own ones of *base* for the classes that they lack."""
        return _above(self, base) if base.own else self


@lru_cache(maxsize=1024)
def _above(policies: Policies, base: Policies) -> Policies:
    there = {type(each) for each in policies.own}
    return attrs.evolve(policies, own=(*policies.own, *(each for each in base.own if type(each) not in there)))


def _made(path: str, make: Callable[[], M]) -> M:
    """What *make* makes; a complaint of figures that do not go together is an InvalidArgument, whatever its class."""
    try:
        return make()
    except InvalidArgument:
        raise
    except Exception as error:  # noqa: BLE001 - what the validators of a host's own classes raise
        msg = f"{path}: {error.args[0] if error.args else type(error).__name__}"
        raise InvalidArgument(msg) from None
