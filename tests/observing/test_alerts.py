"""The alert rules: each asks for metrics, labels and values that there are, and has its section in the runbook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
import yaml  # type: ignore[import-untyped]  # comes with MyST
from prometheus_client import CollectorRegistry

from hosts import KEY, Host
from ja_reset import PROCEDURES, CallStatus, EffectKind, Procedure, ResetService
from ja_reset.observing import PrometheusObserver
from ja_reset.screens.messages import CODES
from test_observers import TURNS, UPKEEP, listed

DOCS: Final = Path(__file__).parents[2] / "docs"
GROUPS: Final = yaml.safe_load((DOCS / "alerts.yml").read_text("utf-8"))["groups"]
RULES: Final[dict[str, dict[str, str]]] = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}
RUNBOOK: Final = (DOCS / "operations.md").read_text("utf-8")
WORDS: Final = frozenset({"abs", "absent", "by", "histogram_quantile", "increase", "le", "rate", "sum", "unless"})
"""What PromQL brings itself, as far as the rules use it."""
VALUES: Final = {
    "procedure": frozenset(map(str, Procedure)),
    "event": frozenset({"start", *(each.trigger for chart in PROCEDURES.values() for each in chart.transitions)}),
    "state": frozenset(state for chart in PROCEDURES.values() for state in chart.states),
    "status": frozenset(status.value for status in CallStatus),
    "reason": frozenset(CODES),
    "effect": frozenset(map(str, EffectKind)),
    "called": frozenset({*TURNS, *UPKEEP}),
}


def _metric(name: str) -> str:
    """The metric of a series: a histogram has three."""
    return re.sub(r"_(bucket|sum|count)$", "", name)


@pytest.mark.parametrize("alert", RULES)
def test_a_rule_asks_for_what_there_is(alert: str) -> None:
    """Every metric is one that PrometheusObserver exports, every label is one of its own, every value can occur."""
    expr = RULES[alert]["expr"]
    selected = re.findall(r"(ja_reset_\w+)(?:\{([^}]*)\})?", expr)
    assert selected
    for name, matchers in selected:
        kind, labels = listed()[_metric(name)]
        assert (kind == "histogram") == (name != _metric(name))
        found = re.findall(r'(\w+)(?:=~|!=|=)"([^"]*)"', matchers)
        assert matchers.count('"') == 2 * len(found)
        for label, values in found:
            assert label in labels
            assert set(values.split("|")) <= VALUES[label]


@pytest.mark.parametrize("alert", RULES)
def test_a_rule_is_whole(alert: str) -> None:
    """Its brackets close, its words are PromQL's, a counter is asked for its increase, and somebody is told."""
    rule = RULES[alert]
    expr = re.sub(r'"[^"]*"', "", rule["expr"])
    for opened, closed in ("()", "[]", "{}"):
        assert expr.count(opened) == expr.count(closed)
    bare = re.sub(r"\{[^}]*\}|\[\d+[mh]\]|ja_reset_\w+", "", expr)
    assert set(re.findall(r"[a-z_]+", bare)) <= WORDS
    for name, _ in re.findall(r"(ja_reset_\w+_(?:total|bucket))(\{[^}]*\})?", rule["expr"]):
        assert re.search(rf"(rate|increase)\({name}(\{{[^}}]*\}})?\[\d+[mh]\]\)", rule["expr"]), name
    assert {"severity"} == set(rule["labels"])
    assert rule["labels"]["severity"] in {"page", "ticket"}  # type: ignore[index]
    assert rule["annotations"]["summary"].endswith(".")  # type: ignore[index]
    assert re.fullmatch(r"\d+[mh]", rule.get("for", "0m"))


def test_a_locked_card_is_counted_once() -> None:
    """Whatever else happens in LOCKED: the locks and the notice are confirmed, and the customer presses on."""
    registry, host = CollectorRegistry(), Host()
    observer = PrometheusObserver(registry=registry)
    host.service = ResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock, observer=observer)
    host.at_bim017()
    for _ in range(5):
        host.send("submit_reset", host.reset(pin="0000"))
    host.send("cancel")
    ((_, matchers),) = re.findall(r"(ja_reset_\w+)\{([^}]*)\}", RULES["JaResetManyLocks"]["expr"])
    wanted = dict(re.findall(r'(\w+)="([^"]*)"', matchers))
    samples = [each for metric in registry.collect() for each in metric.samples]
    counted = [
        each for each in samples if each.name == "ja_reset_events_total" and wanted.items() <= each.labels.items()
    ]
    assert ("LOCKED", [1.0]) == (host.view.state, [each.value for each in counted])


def test_each_alert_has_its_section_in_the_runbook() -> None:
    """In the order of the file, and no section is about an alert that is gone."""
    sections = re.findall(r"^### (JaReset\w+)\n\n(\S)", RUNBOOK, re.MULTILINE)
    assert list(RULES) == [name for name, _ in sections]
    for name in RULES:
        section = RUNBOOK.split(f"### {name}\n")[1].split("\n## ")[0].split("\n### ")[0]
        assert re.search(r"^1\. ", section, re.MULTILINE), name
    linked = set(re.findall(r"\]\(#(jareset\w+)\)", RUNBOOK))
    assert linked <= {name.lower() for name in RULES}


def test_what_the_runbook_asks_for_exists() -> None:
    """The queries in its text name metrics that are exported."""
    assert {_metric(name) for name in re.findall(r"\bja_reset_\w+", RUNBOOK)} <= set(listed())
