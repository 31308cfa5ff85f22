"""Write the constants that a chart is written with into the tables of the reference, as the code declares them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TypeVar

from ja_reset import Policies, screens
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.transitions import Assign, Check, Guard, Otherwise
from ja_reset.chart.turn import Fact
from ja_reset.fields import forms, readers
from ja_reset.fields.readers import Reader
from ja_reset.fields.specs import FieldSpec
from ja_reset.machines import assigns, common, effects, facts, guards
from ja_reset.screens import SCREEN_TEXTS, ButtonPlan, Notice

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "charts.md"
PLACE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end of table -->)", re.DOTALL)

Row = tuple[str, ...]
T = TypeVar("T")


def _named(module: ModuleType, kind: type[T]) -> list[tuple[str, T]]:
    """The constants of *module* that are of that kind, in its order."""
    return [
        (name, value) for name, value in vars(module).items() if isinstance(value, kind) and not name.startswith("_")
    ]


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


FACTS: Mapping[object, str] = MappingProxyType({value: name for name, value in _named(facts, Fact)})
READERS: Mapping[object, str] = MappingProxyType({value: name for name, value in _named(readers, Reader)})


def _reads(reads: Iterable[Fact[object]]) -> str:
    return _code(sorted(FACTS[fact] for fact in reads))


def _guards() -> Iterable[Row]:
    yield "guard", "says", "reads", "codes"
    for name, guard in _named(guards, Guard):
        yield f"`{name}`", guard.says.en, _reads(guard.reads), _code(guard.codes)


def _fields() -> Iterable[Row]:
    yield "field", "name", "reader", "kind", "role"
    for name, spec in _named(forms, FieldSpec):
        role = "" if spec.role is None else f"`{spec.role.name}`"
        if spec.confirms is not None:
            role = f"repeats `{spec.confirms}`"
        yield f"`{name}`", f"`{spec.name}`", f"`{READERS[spec.reader]}`", f"`{spec.kind.name}`", role


def _readers() -> Iterable[Row]:
    yield "reader", "length", "example", "choices"
    policies = Policies()
    for name, reader in _named(readers, Reader):
        yield f"`{name}`", str(reader.longest(policies)), f"`{reader.example(policies)}`", _code(reader.choices)


def _effects() -> Iterable[Row]:
    yield "effect", "needs", "reads", "secrets", "result", "locks"
    for name, spec in _named(effects, EffectSpec):
        needs, secrets = _code(sorted(spec.needs)), _code(sorted(spec.secrets))
        yield f"`{name}`", needs, _reads(spec.reads), secrets, _code(spec.result or ()), "yes" if spec.locks else ""


def _assigns() -> Iterable[Row]:
    yield "assignment", "reads"
    for name, assign in _named(assigns, Assign):
        yield f"`{name}`", _reads(assign.reads)


def _outcome(otherwise: Otherwise) -> str:
    parts = ["stays" if otherwise.to is None else f"`{otherwise.to}`"]
    if otherwise.when is not None:
        parts.append(f"when `{otherwise.when.name}`")
    if otherwise.reasons is not None:
        parts.append(f"with {_code(otherwise.reasons)}")
    if otherwise.effects:
        parts.append(f"ordering {_code(effect.name for effect in otherwise.effects)}")
    return " ".join(parts)


def _checks() -> Iterable[Row]:
    yield "checks", "guard", "otherwise"
    for name, checks in _named(common, tuple):
        for each in checks:
            if isinstance(each, Check):
                yield f"`{name}`", f"`{each.guard.name}`", "; ".join(map(_outcome, each.otherwise))


def _screens() -> Iterable[Row]:
    yield "constant", "what", "says"
    for name, button in _named(screens, ButtonPlan):
        yield f"`{name}`", f"a button that sends `{button.event}`", SCREEN_TEXTS[button.text].en
    for name, notices in _named(screens, tuple):
        if all(isinstance(each, Notice) for each in notices):
            yield f"`{name}`", "notices", _code(each.text for each in notices)


TABLES: Mapping[str, Callable[[], Iterable[Row]]] = MappingProxyType(
    {
        "guards": _guards,
        "fields": _fields,
        "readers": _readers,
        "effects": _effects,
        "assigns": _assigns,
        "checks": _checks,
        "screens": _screens,
    }
)


def written(page: str) -> str:
    """The text of the page, with its tables as the code has them now; a table of no such name raises KeyError."""

    def table(place: re.Match[str]) -> str:
        head, *rows = TABLES[place[2]]()
        lines = [head, ("---",) * len(head), *rows]
        return place[1] + "".join(f"| {' | '.join(line)} |\n" for line in lines) + place[3]

    return PLACE.sub(table, page)


def main() -> None:
    """Write them."""
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
