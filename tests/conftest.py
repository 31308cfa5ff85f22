"""How Hypothesis looks for counterexamples: the same ones each time in CI, other ones each time at a desk."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No deadline and no too_slow: how fast a machine is, is never what a test asserts.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, max_examples=200, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")
