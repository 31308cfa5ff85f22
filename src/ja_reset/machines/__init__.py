"""The three procedures, each one chart (specification, M)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from ja_reset.machines._bim import LOGIN_PASSWORD, RISK_BASED_AUTH
from ja_reset.machines._btr import TOKEN_REISSUE

if TYPE_CHECKING:
    from transitions import Machine

    from ja_reset.chart import Chart


class Procedure(StrEnum):
    """The procedures of the manual. A chart of a host's own goes by its name, a str."""

    LOGIN_PASSWORD = "LOGIN_PASSWORD"  # noqa: S105 - a procedure's name
    RISK_BASED_AUTH = "RISK_BASED_AUTH"
    TOKEN_REISSUE = "TOKEN_REISSUE"  # noqa: S105 - a procedure's name

    @property
    def chart(self) -> Chart:
        """The chart of the procedure."""
        return PROCEDURES[self]

    @property
    def machine(self) -> Machine:
        """The Machine built from the chart, which decides what may follow what (M6)."""
        return self.chart.machine


PROCEDURES: Mapping[Procedure, Chart] = MappingProxyType(
    {
        Procedure.LOGIN_PASSWORD: LOGIN_PASSWORD,
        Procedure.RISK_BASED_AUTH: RISK_BASED_AUTH,
        Procedure.TOKEN_REISSUE: TOKEN_REISSUE,
    }
)
"""Every procedure's chart, in the manual's order."""

CHARTS: Mapping[str, Chart] = MappingProxyType({chart.name: chart for chart in PROCEDURES.values()})
"""The same by name: what a service has before a host adds charts of its own."""


def chart_of(procedure: Procedure | Chart) -> Chart:
    """The chart of a member, or a chart as it is."""
    return procedure.chart if isinstance(procedure, Procedure) else procedure


def own_charts(*charts: Chart) -> tuple[Chart, ...]:
    """Those of *charts* that are not the library's: what a service has to be given to serve them all."""
    return tuple(dict.fromkeys(chart for chart in charts if CHARTS.get(chart.name) is not chart))


def procedure_of(name: str) -> Procedure | str:
    """The member of that name, or the name itself for a chart of a host's own."""
    return Procedure.__members__.get(name, name)
