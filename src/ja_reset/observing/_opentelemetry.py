"""A span for each event. Its parent is the span that the host has open, that of the request for example."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING

from ja_reset import Happened, __version__

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider


class OpenTelemetryObserver:
    """Makes a span for each event that was committed; *tracer_provider* None: the global one.

    The span `ja_reset EVENT` covers the time since the call of the method or its previous event (`Happened.took`). The
    page "Observing" lists its attributes. Raises ImportError without the extra `otel`.
    """

    def __init__(self, *, tracer_provider: TracerProvider | None = None) -> None:
        try:
            from opentelemetry.trace import get_tracer  # noqa: PLC0415 - the extra
        except ImportError as error:
            msg = "OpenTelemetryObserver needs the OpenTelemetry API: pip install 'ja-reset[otel]'"
            raise ImportError(msg) from error
        self._tracer = get_tracer("ja_reset", __version__, tracer_provider)

    def __call__(self, happened: Happened) -> None:
        """Make its span, which has ended now."""
        end = time_ns()
        said = {
            "ja_reset.called": happened.called,
            "ja_reset.procedure": happened.procedure,
            "ja_reset.institution": happened.institution,
            "ja_reset.session": happened.session,
            "ja_reset.event": happened.event,
            "ja_reset.before": happened.before,
            "ja_reset.after": happened.after,
            "ja_reset.status": happened.status,
            "ja_reset.effect": happened.effect,
            "ja_reset.reasons": happened.reasons,
            "ja_reset.bank_asked": happened.bank_asked,
            "ja_reset.bank_seconds": happened.bank_took.total_seconds(),
        }
        span = self._tracer.start_span(
            f"ja_reset {happened.event}",
            start_time=end - round(happened.took.total_seconds() * 1e9),
            attributes={name: value for name, value in said.items() if value is not None},
        )
        span.end(end_time=end)
