"""`ja-reset policies`: what holds for each institution of a file, and where each figure comes from."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

from ja_reset import InvalidArgument, Policies, PolicyOverride
from ja_reset.cli._arguments import add_chart
from ja_reset.cli._data_files import read_table
from ja_reset.cli._exits import EXIT_CODES, MISUSED, WELL, CommandError
from ja_reset.policies.standard import STANDARD, Origin

Kinds = tuple[type[attrs.AttrsInstance], ...]
Line = tuple[object, str, str]
"""A figure's value as a file has it, whose it is, and the source of a default."""

_INSTITUTIONS: Final = "institutions"
_SOURCES: Final = {
    f"{each.policy}.{each.name}": f"{' '.join(each.rules)}, "
    f"{'the manual' if each.origin is Origin.MANUAL else 'ours'}: {each.source}"
    for each in STANDARD
}


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.epilog = (
        "FILE has the service's figures in tables such as [phone], and those of an institution, which lie over\n"
        "them, in tables such as [institutions.ja-0417.phone]. What it lacks has its default.\n\n" + EXIT_CODES
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", metavar="FILE", type=Path, help="TOML, or JSON where the name ends in .json")
    add_chart(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print the figures of the service and of each institution."""
    kinds: Kinds = () if options.chart is None else options.chart.policies
    service, institutions = _read(options.file, kinds)
    if options.json:
        told = {"service": _plain(service), _INSTITUTIONS: {name: _plain(each) for name, each in institutions.items()}}
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return WELL
    rows = [*_rows("-", service), *(row for name, each in institutions.items() for row in _rows(name, each))]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        print("  ".join([*(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)), row[-1]]))
    return WELL


def _read(path: Path, kinds: Kinds) -> tuple[dict[str, Line], dict[str, dict[str, Line]]]:
    """What holds for the service, and for each institution; raises CommandError with every complaint."""
    given = read_table(path)
    tables = given.pop(_INSTITUTIONS, {})
    if not isinstance(tables, dict):
        msg = f"{path}: {_INSTITUTIONS} must be a table of institutions, not {type(tables).__name__}"
        raise CommandError(msg, MISUSED)
    complaints = list[str]()
    policies = Policies().having(kinds)
    try:
        policies = Policies.from_dict(given, own=kinds)
    except InvalidArgument as error:
        complaints.append(str(error).removeprefix("policies: "))
    service = dict(_lines(policies, "service", _paths(given), {}))
    institutions = dict[str, dict[str, Line]]()
    for name, table in tables.items():
        try:
            override = PolicyOverride.from_dict(table, own=kinds)
            institutions[name] = dict(_lines(policies.overridden(override), "institution", override.figures, service))
        except InvalidArgument as error:
            complaints.append(f"{_INSTITUTIONS}.{name}: {str(error).removeprefix('override: ')}")
    if complaints:
        msg = f"{path}: {'; '.join(complaints)}"
        raise CommandError(msg, MISUSED)
    return service, institutions


def _lines(
    policies: Policies, whose: str, given: Iterable[str], below: Mapping[str, Line]
) -> Iterator[tuple[str, Line]]:
    """Every figure by its path; what is not *given* comes from *below*, or is the default."""
    there = frozenset(given)
    for path, value in _flat(policies.to_dict()):
        default = (value, "default", _SOURCES.get(path, "the class's own"))
        yield path, (value, whose, "") if path in there else below.get(path, default)


def _flat(tables: Mapping[str, object], within: str = "") -> Iterator[tuple[str, object]]:
    for name, value in tables.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value


def _paths(given: Mapping[str, object]) -> Iterator[str]:
    return (path for path, _ in _flat(given))


def _plain(lines: Mapping[str, Line]) -> dict[str, object]:
    return {path: {"value": value, "from": whose, "source": source} for path, (value, whose, source) in lines.items()}


def _rows(name: str, lines: Mapping[str, Line]) -> Iterator[tuple[str, str, str, str]]:
    for path, (value, whose, source) in lines.items():
        shown = value if isinstance(value, str) else json.dumps(value)
        yield name, path, shown, f"{whose} ({source})" if source else whose
