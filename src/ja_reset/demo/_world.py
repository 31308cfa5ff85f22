"""What is behind the demo: a fake bank, its customers, and a clock that can be moved forward."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import attrs

from ja_reset import AsyncResetService, BankUnavailable, Chart, Contract, Hours, Institution, Policies
from ja_reset.stores import MemoryStore
from ja_reset.testing import CAST, Customer, FakeBank, tell_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ja_reset.stores import PostgresStore, SqliteStore

    Store = MemoryStore | PostgresStore | SqliteStore

_KEY: Final = b"ja_reset demo: nothing to hide!!"
"""What the demo seals is of customers that are not; a fixed key lets the next run open it."""

INSTITUTIONS: Final = (
    Institution("ja-0417", prefecture="長野県", name="JAみほん", dial="0120-417-000", contact="026-000-0417"),
    Institution(
        "ja-0102",
        prefecture="北海道",
        name="JAためし",
        dials=("0120-417-102", "0120-417-103"),
        contact="011-000-0102",
        policies=Policies.override({"phone.bim_code": True, "phone.code_channel": "displayed"}),
    ),
)
"""One with the manual's figures; one whose policies show a code on the screen, to be keyed in during the call (P4).

The second has two numbers to call, of which each session is given one (P8).
"""

OPEN_DAILY: Final = (time(6, 30), time(23, 40))
"""When applications are accepted, once the demo has hours: 6:30 to 23:40."""

_A_MOMENT: Final = timedelta(minutes=1)
_CLOSED_FOR: Final = timedelta(hours=1)

ELSEWHERE: Final = Customer(
    institution="ja-0102",
    branch="010",
    account="0700007",
    contract=Contract(
        "C-0007",
        individual=True,
        name_kana="キタノユキ",
        name_kanji="北野雪",
        birth_date=date(1988, 2, 11),
        phones=("080-1234-5671", "011-234-5672"),
        email="yuki@example.jp",
        service_started=date(2021, 9, 1),
    ),
    pin="9647",
    login_id="yuki7",
    password="soba-3391",  # noqa: S106 - of a customer that is not
)

CUSTOMERS: Final = (*CAST, ELSEWHERE)


class PlayClock:
    """The time of *base*, put forward by as much as the player has asked for; never back."""

    def __init__(self, base: Callable[[], datetime] | None = None) -> None:
        self._base = base or (lambda: datetime.now(UTC))
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """The present, an aware UTC datetime."""
        return self._base() + self._ahead

    def unmoved(self) -> datetime:
        """The time of *base*, however far it was put forward."""
        return self._base()

    def put_forward(self, by: timedelta) -> None:
        """Let time pass; what is below zero is none."""
        self._ahead += max(by, timedelta())


@attrs.define
class Orders:
    """Whether the bank answers to orders; what it is asked beside them, it answers."""

    unanswered: bool = False

    def __call__(self, method: str) -> None:
        """Before each call of the bank. Raises BankUnavailable."""
        if self.unanswered and method == "carry_out":
            msg = "the demo's bank gives no answer to orders"
            raise BankUnavailable(msg)


@attrs.frozen
class World:
    """The service, with the bank and the clock that the player can act on; `charts` are its procedures by name."""

    bank: FakeBank
    clock: PlayClock
    service: AsyncResetService
    charts: Mapping[str, Chart]
    orders: Orders
    _places: dict[str, Institution] = attrs.field(factory=lambda: {each.id: each for each in INSTITUTIONS})

    @property
    def institutions(self) -> tuple[Institution, ...]:
        """The JAs to choose from, as the bank has them now."""
        return tuple(self._places.values())

    @property
    def is_closed(self) -> bool:
        """Whether the JAs accept no application now."""
        return any(each.hours and not each.hours.is_open(self.clock()) for each in self.institutions)

    def set_hours(self, *, closed: bool) -> None:
        """Have the JAs closed for an hour from now, for maintenance within their hours; or open at all hours."""
        now = self.clock()
        hours = Hours.daily(OPEN_DAILY, maintenance=((now - _A_MOMENT, now + _CLOSED_FOR),)) if closed else None
        for each in self.institutions:
            self._places[each.id] = attrs.evolve(each, hours=hours)
            self.bank.change_institution(self._places[each.id])

    def customers(self) -> list[Customer]:
        """The customers as the bank has them now."""
        return [self.bank.customer(customer.ref) for customer in CUSTOMERS]

    def customer(self, ref: str) -> Customer:
        """The customer of that reference, or the first one."""
        refs = {customer.ref for customer in CUSTOMERS}
        return self.bank.customer(ref if ref in refs else CUSTOMERS[0].ref)


def open_store(where: str | None) -> Store:
    """The store at a PostgreSQL URL, in an SQLite file, or (None) in memory.

    Raises StoreError, and ImportError where PostgreSQL's driver is missing.
    """
    if where is None:
        return MemoryStore()
    if where.startswith(("postgresql://", "postgres://")):
        from ja_reset.stores import PostgresStore  # noqa: PLC0415 - its driver is another extra

        return PostgresStore(where)
    from ja_reset.stores import SqliteStore  # noqa: PLC0415 - loaded where it is used

    return SqliteStore(where)


def make_world(
    store: Store | None = None, *, clock: Callable[[], datetime] | None = None, procedures: Iterable[Chart] = ()
) -> World:
    """A world on *store* (None: in memory), with the time of *clock* (None: the system's).

    *procedures* are charts beside the three.
    """
    bank, play_clock, own = FakeBank(CUSTOMERS, INSTITUTIONS), PlayClock(clock), tuple(procedures)
    tell_facts(bank, own)
    service = AsyncResetService(
        bank=bank,
        store=MemoryStore() if store is None else store,
        key=_KEY,
        clock=play_clock,
        policies=Policies(),
        procedures=own,
    )
    bank.before = orders = Orders()
    return World(bank, play_clock, service, service.procedures, orders)
