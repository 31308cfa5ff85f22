"""Some figures of an institution, which lie over those of the service (S11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Self

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.policies._figures import (
    as_read,
    checked,
    flat,
    no_such_figure,
    part_and_name,
    paths_of,
    tables,
)
from ja_reset.policies._parts import OF_THE_STORE, Kind, kinds_by_path, own_kinds
from ja_reset.secret import by_value, shown


def _several(value: Iterable[Kind]) -> tuple[Kind, ...]:
    return own_kinds(value)


def _copied(value: Mapping[str, object]) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        msg = f"an override is a mapping of figures, as in {{'phone.bim_window': …}}; got {type(value).__name__}"
        raise InvalidArgument(msg)
    return MappingProxyType(dict(value))


@by_value
@attrs.frozen(eq=False)
class PolicyOverride:
    """Some figures of an institution by their paths, which lie over the service's one by one (S11).

    `own` are the classes of a host's own policies whose figures it names. Raises InvalidArgument, with every complaint,
    for an unknown path, for a value that the figure never has, and for a figure of the whole store.
    """

    __repr__ = shown

    figures: Mapping[str, object] = attrs.field(converter=_copied, hash=False)
    own: tuple[Kind, ...] = attrs.field(default=(), converter=_several, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Judge each figure by itself; how they go together is known where they lie over others."""
        kinds, complaints, kept = kinds_by_path(self.own), list[str](), dict[str, object]()
        known = frozenset(paths_of(kinds))
        for path, value in self.figures.items():
            if path in OF_THE_STORE:
                complaints.append(f"{path} is a figure of the whole service: set it in the service's policies")
            elif path not in known:
                complaints.append(no_such_figure(path, kinds))
            else:
                try:
                    kept[path] = checked(path, kinds[part_and_name(path)[0]], value)
                except InvalidArgument as error:
                    complaints.append(str(error))
        if complaints:
            raise InvalidArgument("override: " + "; ".join(complaints))
        object.__setattr__(self, "figures", MappingProxyType(kept))  # as each class converts it

    def __reduce__(self) -> tuple[Callable[[], PolicyOverride], tuple[()]]:
        """For another process: a read-only mapping is not pickled."""
        return partial(PolicyOverride, dict(self.figures), own=self.own), ()

    @classmethod
    def from_dict(cls, data: Mapping[str, object], *, own: Iterable[Kind] = ()) -> Self:
        """The override that nested tables describe, as TOML and JSON give them; see `Policies.from_dict`."""
        kinds, complaints = own_kinds(own), list[str]()
        figures = read(data, kinds_by_path(kinds), "override", complaints)
        try:
            made = cls(figures, own=kinds)
        except InvalidArgument as error:
            complaints.append(str(error).removeprefix("override: "))
        if complaints:
            raise InvalidArgument("override: " + "; ".join(complaints))
        return made

    def to_dict(self) -> dict[str, object]:
        """Nested tables that TOML and JSON can write; `from_dict` reads them. Raises InvalidArgument for a function."""
        return tables(self.figures, kinds_by_path(self.own))


def read(data: object, kinds: Mapping[str, Kind], what: str, complaints: list[str]) -> dict[str, object]:
    """The figures of nested tables by their paths, each as its class has it; the troubles go to *complaints*."""
    if not isinstance(data, Mapping):
        msg = f"{what}: expected tables of figures, as tomllib and json give them; got {type(data).__name__}"
        raise InvalidArgument(msg)
    found = dict[str, object]()
    for path, raw in flat(data, kinds, complaints).items():
        part, _ = part_and_name(path)
        try:
            found[path] = checked(path, kinds[part], as_read(path, raw, kinds[part]))
        except InvalidArgument as error:
            complaints.append(str(error))
    return found
