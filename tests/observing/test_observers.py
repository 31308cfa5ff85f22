"""The observers for Prometheus and OpenTelemetry: what they export is listed, bounded, and has nothing personal."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final, cast

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, generate_latest

from hosts import ACTIVATION, EMAIL, KEY, NEW_PASSWORD, Host
from ja_reset import PROCEDURES, BankUnavailable, CallStatus, EffectKind, Happened, Health, Procedure, ResetService
from ja_reset.observing import OpenTelemetryObserver, PrometheusObserver
from ja_reset.screens.messages import CODES

PAGE: Final = Path(__file__).parents[2] / "docs" / "observing.md"
CONTEXT: Final = {"ip": "203.0.113.77", "device": "DEVICE-4711"}
TURNS: Final = ("start", "send", "view", "report_call", "report_keys")
UPKEEP: Final = ("unlock", "recover", "expire_due", "purge", "operator")
ENGINE: Final = {"unknown", "state_is_gone", "no_answer", "withdrawn", "start", "unlock", "lift"}
"""Events that are no chart's."""


def observed(observer: Callable[[Happened], object]) -> Host:
    """A host whose service has that observer."""
    host = Host()
    host.service = ResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock, observer=observer)
    return host


def play(host: Host) -> list[str]:
    """Every procedure, with wrong turns, calls and locks; gives what must be found nowhere."""
    secrets = [NEW_PASSWORD, ACTIVATION, EMAIL, *CONTEXT.values(), host.customer.ref, host.customer.account]
    secrets += [*host.customer.contract.phones, host.customer.contract.name_kana, host.customer.contract.name_kanji]
    for procedure in Procedure:
        host.at(procedure, "DONE" if procedure is not Procedure.TOKEN_REISSUE else "BTR005")
        secrets.append(host.view.token)
        host.clock.advance(3600)
    host.start()
    secrets.append(host.view.token)
    host.service.send(host.view.token, "submit_identity", host.identity(birth_date="1900-01-01"), context=CONTEXT)
    host.service.send(host.view.token, "no-such-event-" + EMAIL, context=CONTEXT)
    host.call("05012345678")
    host.call("09099998888")
    host.at_bim017()
    secrets.append(host.view.token)
    host.bank.fail("carry_out", BankUnavailable)
    host.send("submit_reset", host.reset())
    host.service.recover()
    host.at(Procedure.LOGIN_PASSWORD, "LOCKED")
    secrets.append(host.view.token)
    account = {"branch": host.customer.branch, "subject": host.customer.subject, "account": host.customer.account}
    host.service.unlock(host.customer.institution, **account, context=CONTEXT)
    host.start()
    host.clock.advance(100_000)
    host.service.expire_due()
    return secrets


def listed() -> dict[str, tuple[str, set[str]]]:
    """The table of the page: by metric, its kind and its labels."""
    rows = re.findall(r"^\| `(ja_reset_\w+)` \| (\w+) \| ([^|]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return {name: (kind, set(re.findall(r"\w+", labels))) for name, kind, labels in rows}


def exported(registry: CollectorRegistry) -> dict[str, tuple[str, set[str]]]:
    """What a registry exports, as the page lists it; `le` and `_created` are the client's own."""
    found = {}
    for metric in registry.collect():
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        labels = {label for sample in metric.samples for label in sample.labels} - {"le"}
        found[name] = (metric.type, labels)
    return found


@pytest.fixture
def registry() -> CollectorRegistry:
    """A registry of its own."""
    return CollectorRegistry()


# Prometheus -------------------------------------------------------------------------------------------------


def test_the_page_lists_every_metric_with_its_labels(registry: CollectorRegistry) -> None:
    """No metric is missing in the table, and none is invented."""
    play(observed(PrometheusObserver(registry=registry)))
    assert exported(registry) == listed()


def test_every_label_has_few_values(registry: CollectorRegistry) -> None:
    """Names in charts, codes, statuses and methods: nothing that grows with customers or that a customer types."""
    play(observed(PrometheusObserver(registry=registry)))
    allowed = {
        "procedure": {"", *map(str, Procedure)},
        "event": {each.trigger for chart in PROCEDURES.values() for each in chart.transitions} | ENGINE,
        "state": {"", *(state for chart in PROCEDURES.values() for state in chart.states)},
        "status": {"", *(status.value for status in CallStatus)},
        "effect": {"", *map(str, EffectKind)},
        "reason": set(CODES),
        "called": {*TURNS, *UPKEEP},
    }
    series = 0
    for metric in registry.collect():
        for sample in metric.samples:
            series += 1
            for label, value in sample.labels.items():
                assert label == "le" or value in allowed[label], (metric.name, label, value)
    assert 50 < series < 1000


def test_counts_are_those_of_the_audit(registry: CollectorRegistry) -> None:
    """Each audit record is one event; each of its reasons one reason; each one duration."""
    host = observed(PrometheusObserver(registry=registry))
    play(host)
    records = host.store.audit()
    samples = {sample.name: 0.0 for metric in registry.collect() for sample in metric.samples}
    for metric in registry.collect():
        for sample in metric.samples:
            samples[sample.name] += sample.value
    assert len(records) == samples["ja_reset_events_total"] == samples["ja_reset_event_duration_seconds_count"]
    reasons = [code for record in records for code in cast("list[str]", record["reasons"])]
    assert len(reasons) == samples["ja_reset_reasons_total"]
    assert 0 < samples["ja_reset_bank_duration_seconds_count"] < len(records)
    labels = {"procedure": "LOGIN_PASSWORD", "event": "submit_identity", "reason": "identity_mismatch"}
    assert 1 == registry.get_sample_value("ja_reset_reasons_total", labels)


def test_what_is_kept_does_not_grow_with_what_is_typed(registry: CollectorRegistry) -> None:
    """However the errors of a form come together, the observer keeps one series for the event and counts each error."""
    observer = PrometheusObserver(registry=registry)
    host = observed(observer)
    for wrong in ("email", "branch", "account", "name_kana"):
        for typed in ("", "?"):
            host.start()
            host.send("submit_identity", host.identity(**{wrong: typed}))
            host.send("submit_identity", {})
    assert 1 == len([key for key in observer._known if "submit_identity" in key])
    labels = {"procedure": "LOGIN_PASSWORD", "event": "submit_identity", "reason": "required"}
    told = [cast("list[str]", record["reasons"]).count("required") for record in host.store.audit()]
    assert sum(told) == registry.get_sample_value("ja_reset_reasons_total", labels)


@pytest.mark.rule("S5", "S7", "A7")
def test_metrics_hold_nothing_personal(registry: CollectorRegistry) -> None:
    """No secret, no token, no reference, no number, no address, nothing of a context."""
    secrets = play(observed(PrometheusObserver(registry=registry)))
    text = generate_latest(registry).decode()
    assert "submit_identity" in text
    assert [] == [secret for secret in secrets if secret in text]


def test_a_ping_sets_the_gauges(registry: CollectorRegistry) -> None:
    """What was found; what a silent store leaves unknown keeps its value."""
    metrics = PrometheusObserver(registry=registry)

    def gauges() -> list[float | None]:
        names = ("store_up", "oldest_order_seconds", "overdue_orders", "clock_difference_seconds")
        return [registry.get_sample_value(f"ja_reset_{name}") for name in names]

    metrics.show(
        Health(store=True, oldest_order=timedelta(minutes=2), overdue_orders=2, clock_difference=timedelta(seconds=-3))
    )
    assert [1.0, 120.0, 2.0, -3.0] == gauges()
    metrics.show(Health(store=False))
    assert [0.0, 120.0, 2.0, -3.0] == gauges()
    metrics.show(Health(store=True))
    assert [1.0, 0.0, 0.0, 0.0] == gauges()


def test_the_clients_own_registry_is_the_default() -> None:
    """Without a registry, what a host exports anyway has the metrics too; the client refuses a second observer."""
    program = (
        "from prometheus_client import REGISTRY; from ja_reset.observing import PrometheusObserver\n"
        "PrometheusObserver(); print(REGISTRY.get_sample_value('ja_reset_store_up'))\n"
        "try: PrometheusObserver()\n"
        "except ValueError: print('twice')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert ("0.0\ntwice\n", "") == (done.stdout, done.stderr)


# OpenTelemetry ----------------------------------------------------------------------------------------------


@pytest.fixture
def spans() -> InMemorySpanExporter:
    """Where finished spans arrive."""
    return InMemorySpanExporter()


@pytest.fixture
def provider(spans: InMemorySpanExporter) -> TracerProvider:
    """A provider that exports to `spans`."""
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(spans))
    return made


def test_each_event_is_a_span(provider: TracerProvider, spans: InMemorySpanExporter) -> None:
    """Named after the event, in order, one after the other within a call, with the listed attributes."""
    told: list[Happened] = []
    spanned = OpenTelemetryObserver(tracer_provider=provider)

    def both(happened: Happened) -> None:
        told.append(happened)
        spanned(happened)

    play(observed(both))
    finished = spans.get_finished_spans()
    assert [f"ja_reset {each.event}" for each in told] == [span.name for span in finished]
    rows = re.findall(r"^\| (`ja_reset\.[^|]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    names = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert names == {name for span in finished for name in span.attributes or {}}
    for happened, span in zip(told, finished, strict=True):
        assert span.start_time is not None
        assert span.end_time is not None
        assert span.attributes is not None
        lasted = (span.end_time - span.start_time) / 1e9
        assert happened.took.total_seconds() == pytest.approx(lasted, abs=1e-6)
        assert happened.session == span.attributes.get("ja_reset.session")
        assert happened.bank_asked == span.attributes["ja_reset.bank_asked"]
        assert happened.reasons == span.attributes["ja_reset.reasons"]


def test_a_span_belongs_to_the_hosts_own(provider: TracerProvider, spans: InMemorySpanExporter) -> None:
    """Its parent is the span that is open where the service is called."""
    host = observed(OpenTelemetryObserver(tracer_provider=provider))
    with provider.get_tracer("host").start_as_current_span("POST /reset"):
        host.start()
    ours, theirs = spans.get_finished_spans()
    assert ours.parent is not None
    assert theirs.context is not None
    assert theirs.context.span_id == ours.parent.span_id


def test_without_a_provider_the_global_one_is_used() -> None:
    """Where the host has none, spans go nowhere and cost no error."""
    assert "BIM015" == observed(OpenTelemetryObserver()).start().state
    assert not trace.get_current_span().is_recording()


@pytest.mark.rule("S5", "S7", "A7")
def test_spans_hold_nothing_personal(provider: TracerProvider, spans: InMemorySpanExporter) -> None:
    """As little as the metrics."""
    secrets = play(observed(OpenTelemetryObserver(tracer_provider=provider)))
    text = "".join(f"{span.name} {json.dumps(dict(span.attributes or {}))}" for span in spans.get_finished_spans())
    assert "submit_identity" in text
    assert [] == [secret for secret in secrets if secret in text]


# Without the extras -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("observer", "package", "extra"),
    [
        ("PrometheusObserver", "prometheus_client", "prometheus"),
        ("OpenTelemetryObserver", "opentelemetry.trace", "otel"),
    ],
)
def test_without_its_extra_an_observer_says_what_to_install(
    observer: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The module can be imported without it; making the observer says what is missing."""
    monkeypatch.setitem(sys.modules, package, None)
    made = {"PrometheusObserver": PrometheusObserver, "OpenTelemetryObserver": OpenTelemetryObserver}[observer]
    with pytest.raises(ImportError, match=rf"pip install 'ja-reset\[{extra}\]'"):
        made()
