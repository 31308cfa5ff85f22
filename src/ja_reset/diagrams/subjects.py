"""Finds what is to be drawn by its name: a procedure of ours, or `module:NAME` of a host's own."""

from __future__ import annotations

import importlib
import sysconfig
import traceback
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from types import ModuleType

from transitions import Machine

from ja_reset.chart import Chart
from ja_reset.diagrams._extraction import Subject
from ja_reset.errors import ChartError, InvalidArgument
from ja_reset.machines import Procedure


def subject(name: str) -> Subject:
    """The chart of a procedure (`LOGIN_PASSWORD`, in any spelling), or what `module:NAME` holds.

    That is a Chart, a Machine, or a value whose `chart` is one. Raises InvalidArgument, in one line with what to do.
    """
    name = name.strip()
    if ":" in name:
        return _imported(name)
    try:
        return Procedure[name.upper().replace("-", "_")].chart
    except KeyError:
        msg = f"there is no procedure {name!r}; there are {', '.join(Procedure.__members__)}, and module:NAME"
        raise InvalidArgument(msg) from None


def chart_of(name: str) -> Chart:
    """The same where screens and figures are wanted, which a bare Machine has none of."""
    found = subject(name)
    if isinstance(found, Chart):
        return found
    msg = f"{name} is a Machine without screens; name a ja_reset.chart.chart.Chart"
    raise InvalidArgument(msg)


def module_of(name: str) -> ModuleType:
    """The module of a host's own under that name, imported.

    Raises ChartError where a law refuses a chart in it, and InvalidArgument for whatever else goes wrong: none is
    there, or its own code raises, or ends the process. Only Ctrl-C passes.
    """
    try:
        return importlib.import_module(name)
    except (KeyboardInterrupt, ChartError):
        raise
    except ImportError as error:
        msg = f"cannot import {name!r} ({error}); name a module that Python finds, as module:NAME"
        raise InvalidArgument(msg) from None
    except BaseException as error:  # noqa: BLE001 - sys.exit() in a module must not end whoever draws its chart
        msg = f"cannot import {name!r} ({_told(error)}); fix the module, or name another as module:NAME"
        raise InvalidArgument(msg) from None


def part_of(whole: object, name: str, told: str) -> object:
    """An item of a mapping or an attribute, None where there is none.

    *told* is what it was named as, whole. Raises InvalidArgument where the host's code that computes it fails.
    """
    try:
        return whole.get(name) if isinstance(whole, Mapping) else getattr(whole, name, None)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - as in module_of
        msg = f"cannot look up {name!r} of {told} ({_told(error)}); fix the module, or name another chart"
        raise InvalidArgument(msg) from None


def is_installed(file: str) -> bool:
    """Whether a file is Python's, an installed package's or ja_reset's, not the host's own."""
    places = [sysconfig.get_path(each) for each in ("stdlib", "purelib", "platlib")]
    return file.startswith((*places, str(Path(__file__).resolve().parent.parent)))


def _imported(name: str) -> Subject:
    module, _, path = name.partition(":")
    try:
        found: object = module_of(module)
    except ChartError as error:
        msg = f"cannot import {module!r} ({error}); correct the chart"
        raise InvalidArgument(msg) from None
    for part in path.split("."):
        found = part_of(found, part, name)
    found = part_of(found, "chart", name) if isinstance(found, Enum) else found
    if isinstance(found, Chart | Machine):
        return found
    msg = f"{module} has no chart or machine {path!r}; name a ja_reset.chart.chart.Chart or a transitions.Machine"
    raise InvalidArgument(msg)


def _told(error: BaseException) -> str:
    """What was raised, and the last line of the host's own code on the way to it."""
    try:
        words = str(error)
    except Exception:  # noqa: BLE001 - an exception of a host's own may not even be printable
        words = ""
    told = ": ".join([type(error).__name__, *([words] if words else [])])
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<")]
    frames = [frame for frame in frames if not is_installed(frame.filename)]
    return f"{told}, {frames[-1].filename} line {frames[-1].lineno}" if frames else told
