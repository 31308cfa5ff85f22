"""Observers for Prometheus and OpenTelemetry: `ResetService(observer=PrometheusObserver())`.

Each needs an extra (`pip install 'ja-reset[prometheus]'`, `'ja-reset[otel]'`), which is imported when the observer is
made. Neither exports anything of a `context`, a contract's reference, or what a customer typed.
"""

from ja_reset.observing._opentelemetry import OpenTelemetryObserver
from ja_reset.observing._prometheus import PrometheusObserver

__all__ = ["OpenTelemetryObserver", "PrometheusObserver"]
