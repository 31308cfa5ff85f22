"""From a chart of ours, or any flat Machine, to the one model that every renderer reads."""

from __future__ import annotations

from transitions import Machine

from ja_reset.chart import Chart
from ja_reset.diagrams._charts import lines_of, nodes_of, path_of, starts_of
from ja_reset.diagrams._engine import initial_of, lines_of_machine, nodes_of_machine, path_of_machine, title_of
from ja_reset.diagrams._model import Detail, Drawing, Highlight, bundled, lit_up, owner_of
from ja_reset.errors import InvalidArgument
from ja_reset.policies import Policies
from ja_reset.screens.placeholders import STANDARD
from ja_reset.text import Text

Subject = Chart | Machine
"""A chart, or any flat Machine of `transitions`."""


def drawing_of(
    subject: Subject,
    *,
    detail: Detail | str = Detail.OVERVIEW,
    policies: Policies = STANDARD,
    highlight: Highlight | None = None,
) -> Drawing:
    """The drawing of *subject*; time limits are those of *policies*.

    Raises InvalidArgument (a ValueError) for an unknown detail, a machine that is hierarchical or has no states, and an
    unknown highlight.
    """
    try:
        detail = Detail(detail)
    except ValueError:
        msg = f"there is no detail {detail!r}; there are {', '.join(each.value for each in Detail)}"
        raise InvalidArgument(msg) from None
    made = _of_chart(subject, detail, policies) if isinstance(subject, Chart) else _of_machine(subject, detail)
    return lit_up(made, highlight)


def _of_chart(chart: Chart, detail: Detail, policies: Policies) -> Drawing:
    nodes = nodes_of(chart, policies=policies, by_screen=detail is Detail.OVERVIEW)
    lines = lines_of(chart)
    return Drawing(
        name=chart.name,
        title=chart.title,
        initial=owner_of(nodes)[chart.initial],
        nodes=nodes,
        edges=tuple(bundled(nodes, lines, path_of(chart), detail)),
        lines=lines,
        starts=starts_of(chart),
    )


def _of_machine(machine: Machine, detail: Detail) -> Drawing:
    lines = lines_of_machine(machine)
    path = path_of_machine(machine, lines)
    nodes = nodes_of_machine(machine, lines, path)
    title = title_of(machine)
    return Drawing(
        name=title,
        title=Text(title, title),
        initial=initial_of(machine),
        nodes=nodes,
        edges=tuple(bundled(nodes, lines, path, detail)),
        lines=lines,
    )
