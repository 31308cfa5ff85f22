"""What is to be drawn, by its name: a procedure of ours, or `module:NAME` of a host's own."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from enum import Enum

from transitions import Machine

from ja_reset.chart import Chart
from ja_reset.diagrams.extraction import Subject
from ja_reset.errors import InvalidArgument
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
    msg = f"{name} is a Machine without screens; name a ja_reset.chart.Chart"
    raise InvalidArgument(msg)


def _imported(name: str) -> Subject:
    module, _, path = name.partition(":")
    try:
        found: object = importlib.import_module(module)
    except (ImportError, ValueError) as error:
        msg = f"cannot import {module!r} ({error}); name a module that Python finds, as module:NAME"
        raise InvalidArgument(msg) from None
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else getattr(found, part, None)
    found = found.chart if isinstance(found, Enum) and hasattr(found, "chart") else found
    if isinstance(found, Chart | Machine):
        return found
    msg = f"{module} has no chart or machine {path!r}; name a ja_reset.chart.Chart or a transitions.Machine"
    raise InvalidArgument(msg)
