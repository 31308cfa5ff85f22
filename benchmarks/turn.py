"""What a turn costs beside what it cannot do without, in CPU time: the reading of its form, and a run's own parts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Final

import attrs
import phonenumbers
from email_validator import validate_email
from harness import Figure, Goal, at_most, cpu, interleaved, paired

from ja_reset import Call, CallSource, Contract, Policies, Procedure, ResetService, Secret
from ja_reset.fields.forms import IdentityForm, PasswordForm, read
from ja_reset.service._sealing import Sealer
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing import CAST, Customer, FakeBank, FakeClock, answers, entries, identity

TURNS: Final = 200
RUNS: Final = 40
KEY: Final = bytes(32)
TODAY: Final = date(2026, 4, 1)


class Bank(FakeBank):
    """The fake bank, finding a contract as fast as a dictionary does: the bank's own time is not ours to measure."""

    def __init__(self, customers: Sequence[Customer]) -> None:
        super().__init__(customers=customers)
        self._contracts = {customer.account: customer.contract for customer in customers}
        self._by_ref = {customer.ref: customer.contract for customer in customers}

    def find_contract(self, _institution: str, _branch: str, _subject: str, account: str, /) -> Contract | None:
        """By the account alone."""
        return self._contracts.get(account)

    def contract(self, ref: str, /) -> Contract | None:
        """By the reference."""
        return self._by_ref.get(ref)


def customers(number: int) -> list[Customer]:
    """That many customers with numbers and addresses of their own, so that no cache knows them."""
    like = CAST[0]
    return [
        attrs.evolve(
            like,
            account=f"{n:07d}",
            login_id=f"user{n}",
            contract=attrs.evolve(
                like.contract, ref=f"R-{n}", phones=(f"090{12000000 + n}",), email=f"taro{n}@nochu.co.jp"
            ),
        )
        for n in range(number)
    ]


def figures(rounds: int) -> Iterator[Figure]:
    """The turn that reads the identity, on memory and on SQLite, and the whole run on memory."""
    words = "identity submitted on memory : its form read", "本人確認の入力(メモリ) : 入力欄の読み取りだけ"
    yield _identity("turn.memory", words, MemoryStore(), rounds, at_most(3))
    with tempfile.TemporaryDirectory() as folder, closing(SqliteStore(Path(folder) / "bench.db")) as store:
        words = "identity submitted on SQLite : its form read", "本人確認の入力(SQLite) : 入力欄の読み取りだけ"
        yield _identity("turn.sqlite", words, store, rounds, None)
    yield _run(rounds)


def _identity(key: str, words: tuple[str, str], store: Store, rounds: int, goal: Goal | None) -> Figure:
    """A turn, form in and view out, beside the reading of such a form alone, on data seen for the first time."""
    everyone = customers(2 * (rounds + 1) * TURNS)
    service = ResetService(bank=Bank(everyone), store=store, key=KEY, clock=FakeClock())
    unseen = iter(everyone)
    fields = Policies().fields

    def submit() -> float:
        views = iter([service.start(Procedure.LOGIN_PASSWORD, institution="ja-0417") for _ in range(TURNS)])
        forms = iter([identity(next(unseen)) for _ in range(TURNS)])

        def one() -> None:
            view = next(views)
            after = service.send(view.token, "submit_identity", next(forms), version=view.version)
            _expect(after.state, "BIM016")

        return cpu(one, TURNS)

    def alone() -> float:
        forms = iter([identity(next(unseen)) for _ in range(TURNS)])
        return cpu(lambda: read(IdentityForm, next(forms), policy=fields, today=TODAY), TURNS)

    found = interleaved({"turn": submit, "form": alone}, rounds)
    return paired(key, words, found, of=("turn", "form"), unit="µs", goal=goal)


def _run(rounds: int) -> Figure:
    """LOGIN_PASSWORD from its first screen to DONE, beside what libraries take for numbers, address and seal."""
    everyone = customers(2 * (rounds + 1) * RUNS)
    service = ResetService(bank=Bank(everyone), store=MemoryStore(), key=KEY, clock=FakeClock())
    unseen, sealer = iter(everyone), Sealer(KEY)

    def whole() -> float:
        return cpu(lambda: play(service, next(unseen)), RUNS)

    def parts() -> float:
        def one() -> None:
            number = next(unseen).contract.phones[0]
            for _ in range(4):
                phonenumbers.parse(number, "JP")
            validate_email(f"{next(fresh)}@nochu.co.jp", check_deliverability=False)
            sealer.seal(Secret("Abcd1234"), "context")

        fresh = iter(f"hanako{n}" for n in range(RUNS))
        return cpu(one, RUNS)

    words = (
        "a whole LOGIN_PASSWORD on memory : 4 numbers, 1 address, 1 seal",
        "LOGIN_PASSWORD全体(メモリ) : 電話番号4つ・メールアドレス1つの読み取りと封印1回",
    )
    found = interleaved({"run": whole, "parts": parts}, rounds)
    return paired("run.memory", words, found, of=("run", "parts"), unit="µs", goal=at_most(12))


def play(service: ResetService, customer: Customer, *, call: str | None = None) -> None:
    """One customer's LOGIN_PASSWORD, from the first screen to DONE, with request ids and no polling."""
    view = service.start(Procedure.LOGIN_PASSWORD, institution=customer.institution)
    for number, event in enumerate(("submit_identity", "choose_phone"), 1):
        typed = answers(view, customer)
        view = service.send(view.token, event, typed, version=view.version, request_id=f"r{number}")
    service.report_call(
        Call(id=call or f"call-{customer.account}", number=customer.contract.phones[0], source=CallSource.NETWORK)
    )
    view = service.send(view.token, "submit_reset", entries(PasswordForm, customer), request_id="r3")
    _expect(view.state, "DONE")


def _expect(state: str, wanted: str) -> None:
    if state != wanted:
        msg = f"a run came to {state}, not to {wanted}"
        raise RuntimeError(msg)
