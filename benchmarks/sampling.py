"""What a program spends its CPU time on: a sampler asks the stack a thousand times a second."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Final

EVERY: Final = 0.001
"""Seconds of CPU time between two samples."""


Frame = FrameType | None


def sampled(work: Callable[[], object], stage: Callable[[Frame], str]) -> Counter[str]:
    """How many samples fell into each stage, which *stage* tells by the innermost frame of the stack."""
    found: Counter[str] = Counter()

    def sample(_signal: int, frame: Frame) -> None:
        found[stage(frame)] += 1

    before = signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    try:
        work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return found


def by_module(stages: Mapping[str, str]) -> Callable[[Frame], str]:
    """The stage of the innermost module that has one, "" if none has: a library's work counts for whoever called it.

    *stages*: by the beginning of a module's name; the longest one decides.
    """

    def stage(frame: Frame) -> str:
        while frame is not None:
            name = str(frame.f_globals.get("__name__", ""))
            while name:
                if name in stages:
                    return stages[name]
                name = name.rpartition(".")[0]
            frame = frame.f_back
        return ""

    return stage


def importing(frame: Frame) -> str:
    """Of an import: attrs generates a class, a chart is made, or else a module is found, read or run."""
    while frame is not None:
        room = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if room in {"attr", "attrs"}:
            return "classes"
        if frame.f_code.co_name == "<module>" or room in {"_frozen_importlib", "importlib"}:
            return "modules"
        if room == "transitions" or str(frame.f_globals.get("__name__", "")).startswith("ja_reset.chart"):
            return "charts"
        frame = frame.f_back
    return "modules"


def shares(found: Mapping[str, int]) -> dict[str, float]:
    """Percent of the samples that fell into a stage."""
    total = sum(number for stage, number in found.items() if stage)
    return {stage: 100 * number / total for stage, number in found.items() if stage}
