"""A pytest plugin that seeds the fault named by `SEEDED_FAULT` before anything of `ja_reset` is collected."""

from __future__ import annotations

import os

import source_faults


def _seed(name: str) -> None:
    """Seed it; with no name, nothing."""
    if not name:
        return
    fault = next((each for each in source_faults.source_faults() if each.name == name), None)
    if fault is not None:
        source_faults.plant(fault)
        return
    from chart_faults import chart_faults  # noqa: PLC0415 - imports ja_reset, which a planted fault must come before

    broken = next(each for each in chart_faults() if each.name == name)
    faulty = broken.make()
    broken.chart.__dict__.clear()  # what was compiled of it, too
    broken.chart.__dict__.update(faulty.__dict__)  # everybody has imported the chart itself


_seed(os.environ["SEEDED_FAULT"])
