"""Checks of a bank, a store and a clock when the service is constructed, by the names of their methods.

A mistake is reported where it was made, and not when the first customer comes: InvalidArgument says what was expected,
what came (only its type, because an address may contain a password) and what is missing. No method of a port is called
here. A proxy that is bound later, and so raises on every name, is accepted as it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NoReturn

from ja_reset.chart import Chart
from ja_reset.chart.turn import BankFact
from ja_reset.errors import InvalidArgument

BANK: Final = ("institution", "find_contract", "check_login", "contract", "check_pin", "carry_out")
"""The methods of `ja_reset.service.ports.Bank`."""

OPTIONAL: Final = ("identity_matches",)
"""The methods that a bank may have beside them (I7)."""

STORE: Final = ("get", "get_many", "commit", "scan", "audit")
"""Those of `ja_reset.stores.rows.Store` that a service calls."""

_A_BANK: Final = "bank must have the methods of ja_reset.service.ports.Bank"
_A_STORE: Final = 'store must be a ja_reset.stores.rows.Store, such as SqliteStore("reset.db")'
_UNKNOWN: Final = object()


def check_ports(bank: object, store: object, clock: object) -> None:
    """Raise InvalidArgument if *bank*, *store* or *clock* (None: the default) is unusable."""
    _has_methods(_A_BANK, bank, BANK)
    for name in OPTIONAL:
        if _found(bank, name) is not None and not _is_there(bank, name, callable):
            kind = type(_found(bank, name)).__name__
            _refuse(f"bank must have {name} as a method, or not at all: it has a {kind} by that name")
    _has_methods(_A_STORE, store, STORE, "persistent")
    if clock is not None and not callable(clock):
        _refuse(f"clock must be a callable that returns an aware datetime, or None; got {type(clock).__name__}")


def check_facts(bank: object, charts: Mapping[str, Chart]) -> None:
    """Raise InvalidArgument where *bank* lacks a method that a chart must ask, or has something else by its name.

    A bank may lack the method of an optional fact. An attribute that cannot be called is a mistake all the same: as a
    lacking method it would turn the check off, and nobody would notice.
    """
    missing = [
        f"{fact.method}(institution, ref), which {name} asks for the fact {fact.name}"
        for name, chart in charts.items()
        for fact in _own_facts(chart)
        if fact.is_required and not _is_there(bank, fact.method, callable)
    ]
    if missing:
        has = type(bank).__name__
        _refuse(
            f"bank must have {'; '.join(missing)}: {has} has none; where a bank may do without, the BankFact says what "
            "holds then (absent=…)"
        )
    others = [
        f"{fact.method}(institution, ref), which {name} asks for the fact {fact.name}: it has a "
        f"{type(_found(bank, fact.method)).__name__} by that name, which cannot be called"
        for name, chart in charts.items()
        for fact in _own_facts(chart)
        if _found(bank, fact.method) is not None and not _is_there(bank, fact.method, callable)
    ]
    if others:
        _refuse(f"bank must have as a method, or not at all, {'; '.join(others)}")


def _own_facts(chart: Chart) -> tuple[BankFact[object], ...]:
    return tuple(fact for fact in chart.facts.values() if isinstance(fact, BankFact))


def check_plain(bank: object, store: object, clock: object, charts: Mapping[str, Chart]) -> None:
    """Raise InvalidArgument if one of them has a coroutine function, which a synchronous service cannot await."""
    asked = [fact.method for chart in charts.values() for fact in _own_facts(chart)]
    for port, given, names in (("bank", bank, (*BANK, *OPTIONAL, *asked)), ("store", store, STORE)):
        coroutines = [name for name in names if inspect.iscoroutinefunction(_found(given, name))]
        if coroutines:
            _refuse(f"{port} has coroutines ({', '.join(coroutines)}): use AsyncResetService")
    if inspect.iscoroutinefunction(clock):
        _refuse("clock is a coroutine function: ResetService calls a plain one")


def _has_methods(expected: str, given: object, methods: Iterable[str], *attributes: str) -> None:
    # a class of static methods, or a module, is a bank too; type() and not isinstance, which would ask a proxy
    if issubclass(type(given), type) and any(inspect.isfunction(_found(given, name)) for name in methods):
        name = getattr(given, "__name__", "")
        _refuse(f"{expected}: got the class {name}; did you mean {name}()?")
    missing = [name for name in methods if not _is_there(given, name, callable)]
    missing += [name for name in attributes if not _is_there(given, name, lambda _: True)]
    if missing:
        name = "None" if given is None else type(given).__name__
        _refuse(f"{expected}: {name} has no {', '.join(missing)}")


def _is_there(given: object, name: str, judge: Callable[[object], bool]) -> bool:
    found = _found(given, name)
    return found is _UNKNOWN or (found is not None and judge(found))


def _found(given: object, name: str) -> object:
    """The attribute, None where there is none, and _UNKNOWN where a proxy cannot say yet."""
    try:
        return getattr(given, name, None)
    except Exception:  # noqa: BLE001 - a proxy raises what its author chose
        return _UNKNOWN


def _refuse(msg: str) -> NoReturn:
    raise InvalidArgument(msg)
