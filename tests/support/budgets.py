"""How many examples Hypothesis tries: all of them, or those of the profile `quick`, which `make test` chooses."""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings

FULL: Final = 100
"""The examples of a test that says nothing, on a machine that is not CI."""
SHARE: Final = 5
"""The profile `quick` tries one of so many."""


def register() -> None:
    """Register the profiles, and load that of the machine; `--hypothesis-profile` chooses another afterwards."""
    # No deadline and no too_slow: how fast a machine is, is never what a test asserts.
    settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=FULL)
    settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, max_examples=200, print_blob=True)
    here = "ci" if os.environ.get("CI") == "true" else "dev"
    settings.register_profile("quick", settings.get_profile(here), max_examples=FULL // SHARE)
    settings.load_profile(here)


def budget(examples: int) -> int:
    """*examples*, or their share in the profile `quick`."""
    return max(1, examples // SHARE) if settings().max_examples < FULL else examples
