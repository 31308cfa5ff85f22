"""Versions of one chart, as releases of a host bring them one after the other: the transfer limit of the docs."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from transfer_limit import TEXTS, TITLE, TRANSFER_LIMIT, TransferPolicy

from ja_reset import Text
from ja_reset.chart import Chart, Handler, State
from ja_reset.chart.transitions import Otherwise


def limit_of_version(
    version: int,
    *,
    names: Mapping[str, str] | None = None,
    retired: Mapping[str, str] | None = None,
    keeps_limit: bool = True,
    name: str = TRANSFER_LIMIT.name,
) -> Chart:
    """The chart with that version. *names* renames states; without *keeps_limit* the new limit is kept nowhere."""
    new = names or {}

    def state(old: State) -> State:
        kept = attrs.evolve(old, name=new.get(old.name, old.name))
        if keeps_limit:
            return kept
        screen = attrs.evolve(kept.screen, notices=()) if kept.name == "CHANGED" else kept.screen
        return attrs.evolve(kept, keeps=kept.keeps - {"limit"}, screen=screen)

    def fall(old: Otherwise) -> Otherwise:
        return attrs.evolve(old, to=new.get(old.to or "", old.to))

    def handler(old: Handler) -> Handler:
        return attrs.evolve(
            old,
            source=new.get(old.source, old.source),
            to=new.get(old.to or "", old.to),
            checks=tuple(attrs.evolve(each, otherwise=tuple(map(fall, each.otherwise))) for each in old.checks),
            assigns=tuple(each for each in old.assigns if keeps_limit or each.own is None),
        )

    return Chart(
        name,
        title=TITLE,
        initial=new.get(TRANSFER_LIMIT.initial, TRANSFER_LIMIT.initial),
        states=map(state, TRANSFER_LIMIT.states.values()),
        handlers=map(handler, TRANSFER_LIMIT.handlers),
        version=version,
        retired=retired or {},
        texts=TEXTS if keeps_limit else {key: text for key, text in TEXTS.items() if key != "limit.now"},
        codes=TRANSFER_LIMIT.codes,
        policies=(TransferPolicy,),
    )


def changed(
    chart: Chart,
    *,
    handlers: tuple[Handler, ...],
    version: int | None = None,
    texts: Mapping[str, Text] = TEXTS,
) -> Chart:
    """A chart of the transfer limit with other handlers, and another version or other texts perhaps."""
    return Chart(
        chart.name,
        title=TITLE,
        initial=chart.initial,
        states=chart.states.values(),
        handlers=handlers,
        version=chart.version if version is None else version,
        retired=chart.retired,
        texts=texts,
        codes=TRANSFER_LIMIT.codes,
        policies=(TransferPolicy,),
    )
