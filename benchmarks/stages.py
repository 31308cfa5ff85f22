"""What a LOGIN_PASSWORD on memory spends its CPU time on, by stage: a sampler asks the stack a thousand times a second.

A sample counts for the innermost module of ours that is on the stack: what a library does counts for whoever called it.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Final

from harness import Figure, Words
from turn import KEY, Bank, customers, play

from ja_reset import ResetService
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeClock

RUNS: Final = 1_000
EVERY: Final = 0.001
"""Seconds of CPU time between two samples."""

STAGES: Final[Mapping[str, Words]] = {
    "fields": ("forms, numbers and addresses read (fields)", "入力欄・電話番号・メールアドレスの読み取り(fields)"),
    "chart": ("the step decided (chart, machines)", "遷移の決定(chart、machines)"),
    "saved": (
        "rows and sessions to JSON and back (saved, records)",
        "行とセッションのJSON化と読み戻し(saved、records)",
    ),
    "sealing": ("secrets sealed, fingerprints (sealing)", "秘密の封印と指紋(sealing)"),
    "view": ("the answer and its texts (view, screens)", "応答と文言(view、screens)"),
    "stores": ("the store (stores)", "ストア(stores)"),
    "service": (
        "the unit of work: claims, stamps, outbox, audit (service)",
        "作業単位: 確保、版、送信箱、監査(service)",
    ),
    "bank": ("the test's bank and its customer (testing)", "試験用の銀行と利用者(testing)"),
}
_OF_MODULES: Final[Mapping[str, str]] = {
    "ja_reset.service.saved": "saved",
    "ja_reset.service._records": "saved",
    "ja_reset.service._sealing": "sealing",
    "ja_reset.service._view": "view",
    "ja_reset.screens": "view",
    "ja_reset.text": "view",
    "ja_reset.fields": "fields",
    "ja_reset.chart": "chart",
    "ja_reset.machines": "chart",
    "ja_reset.policies": "chart",
    "ja_reset.stores": "stores",
    "ja_reset.testing": "bank",
    "ja_reset.bank": "service",
    "ja_reset.service": "service",
}
"""The longest name that a module's begins with decides."""


def figures(_rounds: int) -> Iterator[Figure]:
    """The share of each stage, in percent."""
    everyone = customers(RUNS + 50)
    service = ResetService(bank=Bank(everyone), store=MemoryStore(), key=KEY, clock=FakeClock())
    for customer in everyone[RUNS:]:
        play(service, customer)
    found: Counter[str] = Counter()

    def sample(_signal: int, frame: FrameType | None) -> None:
        found[_stage(frame)] += 1

    before = signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    try:
        for customer in everyone[:RUNS]:
            play(service, customer)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    total = sum(number for stage, number in found.items() if stage in STAGES)
    for stage, words in STAGES.items():
        yield Figure(key=f"stage.{stage}", words=words, samples=(100 * found[stage] / total,), unit="%")


def _stage(frame: FrameType | None) -> str:
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        while name.startswith("ja_reset"):
            if name in _OF_MODULES:
                return _OF_MODULES[name]
            name = name.rpartition(".")[0]
        frame = frame.f_back
    return "outside"
