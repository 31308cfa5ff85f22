"""Metrics for Prometheus. Every label has few values: none is an institution, a session, or of a context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from ja_reset import Happened, Health

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram


BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds in seconds: from a turn that asks nobody to a bank that hardly answers."""


@attrs.frozen(eq=False)
class _Series:
    events: Counter
    took: Histogram
    bank: Histogram
    reasons: dict[str, Counter] = attrs.field(factory=dict)
    """By single reason: the combinations depend on what customers type, so their number would have no bound."""


class PrometheusObserver:
    """Counts what happened in a registry of `prometheus_client`; None: its default registry.

    One observer is for one registry: share it between the services of a process. `show(service.ping())` sets the
    gauges. The page "Observing" lists the metrics and their labels. Raises ImportError without the extra `prometheus`,
    and ValueError if the registry has the metrics already.
    """

    def __init__(self, *, registry: CollectorRegistry | None = None) -> None:
        try:
            from prometheus_client import REGISTRY, Counter, Gauge, Histogram  # noqa: PLC0415 - the extra
        except ImportError as error:
            msg = "PrometheusObserver needs the Prometheus client: pip install 'ja-reset[prometheus]'"
            raise ImportError(msg) from error
        self._known: dict[tuple[object, ...], _Series] = {}
        where = REGISTRY if registry is None else registry
        self._events = Counter(
            "ja_reset_events",
            "Committed events, by the state that the session was in afterwards, the status told to a gateway, and the "
            "effect that it was about.",
            ("procedure", "event", "state", "status", "effect"),
            registry=where,
        )
        self._reasons = Counter(
            "ja_reset_reasons",
            "Reason codes that events were answered with.",
            ("procedure", "event", "reason"),
            registry=where,
        )
        self._took = Histogram(
            "ja_reset_event_duration_seconds",
            "How long a method of the service took to commit an event, since its call or its previous event.",
            ("called",),
            buckets=BUCKETS,
            registry=where,
        )
        self._bank = Histogram(
            "ja_reset_bank_duration_seconds",
            "The part of it that the bank took, of events for which it was asked.",
            ("called",),
            buckets=BUCKETS,
            registry=where,
        )
        self._store_up = Gauge("ja_reset_store_up", "1 if the store answered the last ping, else 0.", registry=where)
        self._oldest = Gauge(
            "ja_reset_oldest_order_seconds",
            "For how long the oldest pending effect has waited for the answer; 0 if none waits.",
            registry=where,
        )
        self._overdue = Gauge(
            "ja_reset_overdue_orders", "How many effects are overdue and wait for an operator.", registry=where
        )
        self._clock = Gauge(
            "ja_reset_clock_difference_seconds",
            "The service's clock minus the store's; 0 if the store has no clock.",
            registry=where,
        )

    def __call__(self, happened: Happened) -> None:
        """Count it."""
        key = (
            *(happened.procedure, happened.event, happened.after, happened.status, happened.effect),
            happened.called,
        )
        series = self._known.get(key)
        if series is None:
            series = self._known[key] = self._series(happened)
        series.events.inc()
        for reason in happened.reasons:
            counter = series.reasons.get(reason)
            if counter is None:
                labels = (happened.procedure or "", happened.event, reason)
                counter = series.reasons[reason] = self._reasons.labels(*labels)
            counter.inc()
        series.took.observe(happened.took.total_seconds())
        if happened.bank_asked:
            series.bank.observe(happened.bank_took.total_seconds())

    def _series(self, happened: Happened) -> _Series:
        """What it counts in: kept, since the client's search takes longer than the counting."""
        state, status, effect = happened.after or "", happened.status or "", happened.effect or ""
        events = self._events.labels(happened.procedure or "", happened.event, state, status, effect)
        return _Series(events, self._took.labels(happened.called), self._bank.labels(happened.called))

    def show(self, health: Health) -> None:
        """Set the gauges to what a ping found; if the store gave no answer, the others keep their values."""
        self._store_up.set(health.store)
        if health.store:
            self._oldest.set(health.oldest_order.total_seconds() if health.oldest_order else 0)
            self._overdue.set(health.overdue_orders)
            self._clock.set(health.clock_difference.total_seconds() if health.clock_difference else 0)
