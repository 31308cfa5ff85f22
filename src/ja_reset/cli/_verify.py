"""`ja-reset verify`: explore every situation of a procedure, and print what does not hold with the steps to it."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import attrs

from ja_reset import PROCEDURES, ChartError, InvalidArgument, Policies
from ja_reset.chart import Chart
from ja_reset.cli._arguments import add_language, add_procedure
from ja_reset.cli._children import Ended, can_import, cores, side_by_side
from ja_reset.cli._exits import MISUSED, NOT_AS_EXPECTED, WELL, CommandError
from ja_reset.cli._output import deliver
from ja_reset.diagrams.subjects import module_of, part_of
from ja_reset.screens.placeholders import figure_names
from ja_reset.verify import NotAbstractableError, Verification, verify
from ja_reset.verify._counterexamples import FORMS
from ja_reset.verify._properties import AlwaysPossible, LeadsTo, Never, OnlyAfter

T = TypeVar("T")
QUIET = 2.0
"""Seconds of work of which nothing is said."""
SO_FAR = "steps so far"
"""What a line of progress says, and no other."""


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_procedure(parser, nargs="?")
    parser.add_argument("--chart", metavar="MODULE:NAME", help="a Chart of your own, in place of PROCEDURE")
    parser.add_argument(
        "--policy",
        metavar="FIGURE=VALUE",
        action="append",
        default=[],
        help=(
            "a figure, such as phone.phone_windows=2 (durations in seconds) or, of a chart's own policy, "
            "CLASS.FIGURE=VALUE; or MODULE:NAME, a Policies; repeat it"
        ),
    )
    parser.add_argument(
        "--property", metavar="MODULE:NAME", action="append", default=[], help="a property of your own, or several"
    )
    parser.add_argument(
        "--without", metavar="NAME", action="append", default=[], help="leave out a rule or law, such as A1"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--diagram",
        choices=list(FORMS),
        nargs="?",
        const="mermaid",
        help="draw the chart with the steps to what does not hold lit up, too; default: mermaid",
    )
    parser.add_argument(
        "--output", metavar="DIR", type=Path, help="write the drawings into that folder, and print what each is called"
    )
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=_jobs,
        help="verify up to N procedures at once, each in a process of its own; default: the number of cores",
    )
    add_language(parser)


def _jobs(value: str) -> int:
    jobs = int(value)
    if jobs < 1:
        msg = "it must be 1 or more"
        raise argparse.ArgumentTypeError(msg)
    return jobs


def run(options: argparse.Namespace) -> int:
    """Verify one procedure, or all, or a chart of one's own."""
    if options.chart is not None and options.procedure is not None:
        msg = "verify takes a PROCEDURE or --chart, not both"
        raise CommandError(msg, MISUSED)
    if options.output is not None and (options.diagram is None or not options.output.is_dir()):
        msg = f"--output needs --diagram, and a folder that exists: {options.output}"
        raise CommandError(msg, MISUSED)
    charts: Iterable[Chart] = PROCEDURES.values()
    if options.chart is not None:
        charts = (_load(options.chart, Chart),)
    elif options.procedure is not None:
        charts = (options.procedure.chart,)
    charts = tuple(charts)
    policies = _policies(options.policy, [kind for chart in charts for kind in chart.policies])
    properties = [each for name in options.property for each in _properties(name)]
    jobs = min(len(charts), options.jobs or cores())
    named = [*options.property, *(each for each in options.policy if "=" not in each)]
    if jobs > 1 and can_import(named):
        return _in_children(charts, options, jobs)
    found = []
    for chart in charts:
        try:
            seen = verify(chart, policies, properties=properties, without=options.without, progress=_progress(chart))
        except NotAbstractableError as error:
            raise CommandError(str(error), MISUSED) from None
        found.append(seen)
        if not options.json:
            print(_text(seen, options, policies), end="", flush=True)
    if options.json:
        print(json.dumps([seen.to_dict() for seen in found], ensure_ascii=False, indent=2))
    return WELL if all(seen.holds for seen in found) else NOT_AS_EXPECTED


def _in_children(charts: tuple[Chart, ...], options: argparse.Namespace, jobs: int) -> int:
    """Each of *charts*, which are procedures, in a process of its own: the output and exit code of one process."""
    more = [
        *(f"--{name}={each}" for name in ("policy", "property", "without") for each in getattr(options, name)),
        *(["--json"] if options.json else []),
        *([f"--diagram={options.diagram}"] if options.diagram is not None else []),
        *([f"--output={options.output}"] if options.output is not None else []),
        *(f"--lang={options.lang}", "--jobs=1"),
    ]
    longest_first = sorted(charts, key=lambda chart: -len(chart.states))
    commands = [("verify", chart.name, *more) for chart in longest_first]
    ended: dict[Chart, Ended] = {}
    found: list[object] = []
    codes: set[int] = set()
    with side_by_side(commands, jobs, progress=SO_FAR) as ends:
        for chart in charts:
            while chart not in ended:
                ended[longest_first[len(ended)]] = next(ends)
            end = ended[chart]
            sys.stderr.write(end.err)
            if end.code not in {WELL, NOT_AS_EXPECTED}:
                return end.code
            codes.add(end.code)
            found += json.loads(end.out) if options.json else []
            if not options.json:
                print(end.out, end="", flush=True)
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    return max(codes)


def _text(seen: Verification, options: argparse.Namespace, policies: Policies) -> str:
    text = seen.render(options.lang)
    if options.diagram is None:
        return text
    for number, (way, failures) in enumerate(seen.by_way().items(), 1):
        if not way.lines:
            continue
        drawn = way.draw(options.diagram, options.lang, policies=policies)
        if options.output is None:
            text += f"\n{drawn}"
        else:
            name = f"{seen.chart.lower()}.{number}.{options.lang}.{FORMS[options.diagram].value}"
            deliver(drawn, options.output / name, name)
            text += f"  {', '.join(failure.name for failure in failures)}: {options.output / name}\n"
    return text


def _progress(chart: Chart) -> Callable[[int, int], None]:
    began = time.monotonic()

    def tell(situations: int, steps: int) -> None:
        if time.monotonic() - began > QUIET:
            sys.stderr.write(f"ja-reset: {chart.name}: {situations} situations, {steps} {SO_FAR}\n")

    return tell


# What is named ----------------------------------------------------------------------------------------------


def _find(name: str) -> object:
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        msg = f"{name!r} must be MODULE:NAME"
        raise CommandError(msg, MISUSED)
    sys.path.insert(0, "")  # where the command is called, as `python -m` has it
    try:
        holder = module_of(module)
        found = part_of(holder, attribute, name)
    except ChartError as error:
        raise CommandError(str(error), NOT_AS_EXPECTED) from None
    except InvalidArgument as error:
        raise CommandError(str(error), MISUSED) from None
    finally:
        with contextlib.suppress(ValueError):  # the module took it out
            sys.path.remove("")
    if found is None:
        msg = f"there is no {name}: module {module!r} has no attribute {attribute!r}"
        raise CommandError(msg, MISUSED)
    return found


def _load(name: str, kind: type[T]) -> T:
    found = _find(name)
    if not isinstance(found, kind):
        msg = f"{name} is no {kind.__name__}"
        raise CommandError(msg, MISUSED)
    return found


def _properties(name: str) -> tuple[Never | OnlyAfter | AlwaysPossible | LeadsTo, ...]:
    found = _find(name)
    each = found if isinstance(found, list | tuple) else (found,)
    if not each or not all(isinstance(one, Never | OnlyAfter | AlwaysPossible | LeadsTo) for one in each):
        msg = f"{name} must be a property, or several; make them with never, only_after, always_possible, leads_to"
        raise CommandError(msg, MISUSED)
    return tuple(each)


def _policies(given: Iterable[str], own: Iterable[type[attrs.AttrsInstance]]) -> Policies:
    """What is given, over the standard; the charts' *own* policies are among them, by the names of their classes."""
    kinds = tuple(own)
    policies = Policies().having(kinds)
    for each in given:
        path, equals, value = each.partition("=")
        policies = _with_figure(policies, path, value) if equals else _load(each, Policies).having(kinds)
    return policies


def _with_figure(policies: Policies, path: str, value: str) -> Policies:
    part, _, name = path.strip().partition(".")
    policy = policies.parts.get(part)
    if policy is None or name not in {field.name for field in attrs.fields(type(policy))}:
        own = (f"{type(each).__name__}.{name}" for each in policies.own for name in figure_names(each))
        msg = f"there is no policy value {path!r}; one is {next(own, 'phone.phone_windows')}"
        raise CommandError(msg, MISUSED)
    try:
        return policies.changed(part, **{name: _value(getattr(policy, name), value.strip())})
    except (ValueError, OverflowError, InvalidArgument) as error:
        msg = f"{path}: {error}"
        raise CommandError(msg, MISUSED) from None


def _value(default: object, value: str) -> Any:  # noqa: ANN401 - each figure has its own type
    if isinstance(default, bool):
        answers = {"true": True, "false": False}
        if value.lower() not in answers:
            msg = "it must be true or false"
            raise ValueError(msg)
        return answers[value.lower()]
    if isinstance(default, int):
        return int(value)
    if isinstance(default, timedelta):
        return timedelta(seconds=float(value))
    if isinstance(default, Enum):
        return value
    if default is None and value in {"A", "B", "C"}:
        return value
    msg = "it cannot be set here; name a Policies with MODULE:NAME"
    raise ValueError(msg)
