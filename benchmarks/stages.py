"""What a LOGIN_PASSWORD on memory spends its CPU time on, by stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness import Figure, Words
from sampling import by_module, sampled, shares
from turn import KEY, Bank, customers, play

from ja_reset import ResetService
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeClock

RUNS: Final = 1_000

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

    def whole() -> None:
        for customer in everyone[:RUNS]:
            play(service, customer)

    found = shares(sampled(whole, by_module(_OF_MODULES)))
    for stage, words in STAGES.items():
        yield Figure(key=f"stage.{stage}", words=words, samples=(found.get(stage, 0.0),), unit="%")
