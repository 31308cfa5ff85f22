"""Finding: sessions, effects and audit records by what a call centre knows of them, newest first, page by page."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts import KEY, Host, reset
from ja_reset import (
    AsyncResetService,
    BankUnavailable,
    InvalidArgument,
    Page,
    Procedure,
    ResetService,
    UnknownInstitution,
    View,
)
from ja_reset.service import _finding as finding
from ja_reset.service import _terms as terms
from ja_reset.service._items import EffectItem
from ja_reset.service._reading import reader
from ja_reset.service._records import OUTBOX, SESSION, WAIT
from ja_reset.service._terms import read_reference, reference_of
from ja_reset.stores import MemoryStore, PostgresStore, SqliteStore
from ja_reset.stores.rows import Put, Row, Store
from ja_reset.testing import CAST, FakeClock
from ja_reset.testing._paging import paged
from ja_reset.testing.cast import GAIJI, OLD_DOCOMO, ORDINARY
from ja_reset.testing.postgres import PostgresServer

ACCOUNT = (ORDINARY.institution, ORDINARY.branch, ORDINARY.subject, ORDINARY.account)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each of the stores, empty."""
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        opened: Store = PostgresStore(server.url, schema=request.getfixturevalue("new_schema")())
    else:
        opened = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "reset.db")
    with closing(opened):
        yield opened


def _story(host: Host) -> dict[str, View]:
    """Sessions of all sorts, a second apart: by what became of them."""
    views = {}
    plays: Mapping[str, Callable[[], View]] = {
        "started": host.start,
        "chosen": host.at_bim016,
        "done": host.at_done,
        "cancelled": host.at_cancelled,
        "failed": lambda: _failed(host),
        "token": host.at_btr005,
    }
    for name, play in plays.items():
        views[name] = play()
        host.clock.advance(1)
    return views


def _one(ask: Callable[..., Page[Any]], filters: Mapping[str, object], after: str | None) -> Page[Any]:
    """A page of one item."""
    return ask(limit=1, after=after, **filters)


def _failed(host: Host) -> View:
    """A session of the customer's account whose identity failed until it ended."""
    host.start()
    while not host.view.final:
        host.send("submit_identity", host.identity(birth_date="1999-09-09"))
    return host.view


@pytest.mark.rule("S7")
def test_sessions_are_found_by_what_a_caller_can_say(store: Store) -> None:
    """By ref, reference, account, session, institution, procedure and state, alone and together, newest first."""
    host = Host(store=store)
    views = _story(host)
    ids = {name: view.id for name, view in views.items()}
    known = [name for name in reversed(views) if name not in {"started", "cancelled", "failed"}]
    wanted: list[tuple[dict[str, Any], list[str]]] = [
        ({}, list(reversed(views))),
        ({"ref": ORDINARY.ref}, known),
        ({"reference": views["done"].reference}, ["done"]),
        ({"session": ids["failed"]}, ["failed"]),
        ({"session": ids["failed"], "ref": ORDINARY.ref}, []),
        ({"institution": ORDINARY.institution}, list(reversed(views))),
        ({"institution": "elsewhere"}, []),
        ({"procedure": Procedure.TOKEN_REISSUE}, ["token"]),
        ({"procedure": "TOKEN_REISSUE", "state": "DONE"}, []),
        ({"state": views["failed"].state}, ["failed"]),
        ({"state": "DONE", "ref": ORDINARY.ref}, ["done"]),
        ({"reason": views["failed"].reasons[0].code}, ["failed"]),
        ({"account": ACCOUNT}, ["failed", "done", "chosen"]),
        ({"account": (ORDINARY.institution, "００１", "普通", " 0123456 "), "state": "DONE"}, ["done"]),
        ({"account": (ORDINARY.institution, "002", "普通", "0123456")}, []),
        ({"login_id": (ORDINARY.institution, ORDINARY.login_id)}, ["token"]),
    ]
    found = host.service.operator.sessions
    for filters, names in wanted:
        page = found(**filters)
        assert ([ids[name] for name in names], None) == ([item.id for item in page], page.next), filters
        assert page == paged(partial(_one, found, filters))
    start = found(session=ids["done"])[0].created_at
    assert start is not None
    assert [ids["done"]] == [item.id for item in found(since=start, until=start)]
    assert ids["done"] not in {item.id for item in found(since=start + timedelta(microseconds=1))}


@pytest.mark.rule("S7", "S8")
def test_ended_sessions_are_found_until_they_are_purged(store: Store) -> None:
    """Nothing of the customer is kept in the end, and the session is found all the same; a purge ends that."""
    host = Host(store=store)
    view = host.at_done()
    operator = host.service.operator
    filters: list[dict[str, Any]] = [{"ref": ORDINARY.ref}, {"reference": view.reference}, {"account": ACCOUNT}]
    assert [view.id] * 3 == [item.id for each in filters for item in operator.sessions(**each)]
    assert ORDINARY.account not in json.dumps([dict(row.body) for row in store.scan(SESSION)])
    host.clock.advance(31 * 24 * 3600)
    assert 1 == host.service.purge()
    assert [] == [item for each in filters for item in operator.sessions(**each)]
    assert [] == store.find(SESSION, "")


@pytest.mark.rule("S7")
def test_effects_and_audit_are_found_by_the_same_words(store: Store) -> None:
    """Effects by ref, session and status; audit by who and what, and by the account that was tried."""
    host = Host(store=store)
    views = _story(host)
    operator = host.service.operator
    done = views["done"]
    effects = operator.effects(session=done.id)
    assert {"confirmed"} == {item.status for item in effects}
    assert effects == operator.effects(reference=done.reference, ref=ORDINARY.ref, status="confirmed")
    assert [] == operator.effects(status="pending")
    audit = operator.audit(session=done.id, limit=1000)
    assert store.audit(session=done.id)[::-1] == [dict(item) for item in audit]
    assert audit == operator.audit(reference=done.reference.lower(), institution=ORDINARY.institution, limit=1000)
    assert ["identity_mismatch"] == list(operator.audit(session=views["failed"].id, state="BIM015")[0].reasons)
    assert {views["failed"].id, done.id, views["chosen"].id} == {
        item.session for item in operator.audit(account=ACCOUNT, limit=1000) if item.event == "submit_identity"
    }
    with pytest.raises(InvalidArgument):
        operator.lift(number="0", by="taro", reason="x")
    host.service.unlock(
        ORDINARY.institution, branch=ORDINARY.branch, subject=ORDINARY.subject, account=ORDINARY.account
    )
    assert "unlock" == operator.audit(account=ACCOUNT, limit=1)[0].event
    everything = paged(lambda after: operator.audit(limit=7, after=after))
    assert len(store.audit()) == len(everything)
    times = [item.time for item in everything if item.time is not None]
    assert sorted(times, reverse=True) == times


@pytest.mark.rule("S7")
def test_both_services_find_the_same(store: Store) -> None:
    """What is awaited is what the synchronous operator reads; so are locks and waits."""
    host = Host(store=store)
    _story(host)
    Host(store=store, bank=host.bank, clock=host.clock, customer=CAST[1]).at_phone()
    service = AsyncResetService(bank=host.bank, store=store, key=KEY, clock=host.clock)

    async def read() -> list[Page[Any]]:
        operator = service.operator
        return [
            await operator.sessions(account=ACCOUNT),
            await operator.effects(ref=ORDINARY.ref),
            await operator.audit(ref=ORDINARY.ref),
            await operator.locked(),
            await operator.waits(),
        ]

    operator = host.service.operator
    assert [
        operator.sessions(account=ACCOUNT),
        operator.effects(ref=ORDINARY.ref),
        operator.audit(ref=ORDINARY.ref),
        operator.locked(),
        operator.waits(),
    ] == asyncio.run(read())


@pytest.mark.rule("C5", "S5", "S7")
@pytest.mark.parametrize("what", ["reset", "locked", "not_me"])
def test_a_notice_says_which_it_is(store: Store, what: str) -> None:
    """While it waits and after it was sent, in both services; nothing else of what goes with an effect is there."""
    host = Host(store=store)
    host.bank.fail("carry_out", BankUnavailable, kind="NOTIFY")
    if what == "not_me":
        host.at_btr004_keys()
        host.keys("9")
    else:
        host.at_bim017()
    while not host.look().final:
        host.send("submit_reset", {**reset(), **({} if what == "reset" else {"pin": "9999"})})
    service = AsyncResetService(bank=host.bank, store=store, key=KEY, clock=host.clock)

    async def read() -> list[EffectItem]:
        return list(await service.operator.effects())

    for status in ("pending", "confirmed"):
        items = list(host.service.operator.effects())
        assert items == asyncio.run(read())
        assert [(what, status)] == [(item.what, item.status) for item in items if item.kind == "NOTIFY"]
        assert {None} >= {item.what for item in items if item.kind != "NOTIFY"}
        assert not any(value in json.dumps(item.to_dict()) for item in items for value in reset().values())
        host.clock.advance(3600)
        host.service.recover()


@pytest.mark.rule("S5", "S7")
@pytest.mark.parametrize(
    ("kind", "what"),
    [
        *(("NOTIFY", what) for what in ("農中太郎", "taro@example.jp", "0123456", "Taro", "", "x" * 33, "two words")),
        ("OPEN_ACCOUNT", "nochu_taro"),
    ],
)
def test_only_a_word_is_shown_of_a_notice(kind: str, what: str) -> None:
    """What stands there may be about a customer: it is shown and kept only if it is a plain word, and ours."""
    host = Host()
    host.at_bim_completing()
    (row,) = host.store.scan(OUTBOX)
    assert host.store.commit(
        [Put(OUTBOX, row.key, row.stamp, {**row.body, "kind": kind, "data": {"what": what}}, row.tag, row.due)]
    )
    (item,) = host.service.operator.effects()
    assert item.what is None
    host.bank._troubles.clear()
    host.clock.advance(3600)
    host.service.recover()
    settled = host.store.get(OUTBOX, row.key)
    assert settled is not None
    assert {} == settled.body.get("data", {})


@pytest.mark.rule("L2", "P8")
def test_locks_and_waits_are_listed(store: Store) -> None:
    """A locked contract by its ref, a number that is waited for or rests without its end; page by page."""
    host = Host(store=store)
    host.at_bim017()
    while not host.view.final:
        host.send("submit_reset", {**reset(), "pin": "9999"})
    waiting = Host(store=store, bank=host.bank, clock=host.clock, customer=CAST[1])
    operator = host.service.operator
    assert [ORDINARY.ref] == [item.ref for item in operator.locked()]
    assert [3] == [item.wrong for item in operator.locked()]
    view = waiting.at_phone()
    waits = operator.waits()
    assert all(item.number.endswith("****") for item in waits)
    assert {view.id} & {item.session for item in waits}
    assert list(waits) == paged(lambda after: operator.waits(limit=1, after=after))
    assert all(each not in json.dumps(waits.to_dict()) for each in waiting.customer.contract.phones)


@pytest.mark.rule("S4")
def test_what_cannot_be_read_says_so_and_hides_nothing_else(store: Store) -> None:
    """A damaged session, one of a newer release, one without its chart, a damaged effect: an item each."""
    host = Host(store=store)
    whole = host.at_done()
    problems: Mapping[str, Mapping[str, object]] = {
        "damaged": {"state": 5},
        "newer": {"form": 99},
        "no_chart": {"procedure": "ELSEWHERE"},
    }
    for problem, change in problems.items():
        host.clock.advance(1)
        view = host.start()
        row = store.get(SESSION, view.id)
        assert row is not None
        assert store.commit([Put(SESSION, view.id, row.stamp, {**row.body, **change}, row.tag, row.due)])
        (item, *_), page = host.service.operator.sessions(), host.service.operator.sessions()
        assert (view.id, view.reference, problem) == (item.id, item.reference, item.problem)
        assert whole.id in {each.id for each in page}
    effect = store.scan(OUTBOX)[0]
    assert store.commit([Put(OUTBOX, effect.key, effect.stamp, {"key": 5}, effect.tag, effect.due)])
    effects = host.service.operator.effects()
    assert [("damaged", effect.key)] == [(item.problem, item.key) for item in effects if item.problem]
    assert 2 == len(effects)


@pytest.mark.rule("S4")
def test_what_0_1_saved_is_found_too() -> None:
    """Rows and records without terms come after all others, found by the same filters, page by page."""
    host = Host(store=_OfOldRelease())
    old = host.at_bim016()
    host.store.is_old = False  # type: ignore[attr-defined]  # as it is made
    host.clock.advance(1)
    new = host.beside().at_bim016()
    operator = host.service.operator
    filters: dict[str, Any]
    for filters in ({}, {"ref": ORDINARY.ref}, {"state": "BIM016"}, {"session": old.id}, {"until": host.clock()}):
        wanted = [old.id] if "session" in filters else [new.id, old.id]
        assert wanted == [item.id for item in operator.sessions(**filters)]
        assert wanted == [item.id for item in paged(partial(_one, operator.sessions, filters))]
    assert [] == operator.sessions(state="DONE")


class _OfOldRelease(MemoryStore):
    """A store in which the rows that are written while it `is_old` have no terms, as those of 0.1."""

    is_old = True

    def __init__(self) -> None:
        super().__init__()
        self.old: dict[tuple[str, str], str] = {}

    def commit(self, puts: Any, audit: Any = ()) -> bool:  # noqa: ANN401 - as the store's
        if not self.is_old:
            return super().commit(puts, audit)
        bare = [attrs.evolve(put, at=None, terms=None) for put in puts]
        made = super().commit(bare, [dict(each) for each in audit])
        self.old |= {(put.kind, put.key): "" for put in puts} if made else {}
        return made

    def find(self, kind: str, term: str | None, **more: Any) -> list[Row]:  # noqa: ANN401 - as the store's
        if term is not None:
            return super().find(kind, term, **more)
        before = more.get("before")
        keys = sorted((key for of, key in self.old if of == kind), reverse=True)
        rows = [self.get(kind, key) for key in keys if before is None or key < before.key]
        return [row for row in rows if row is not None and row.at is None][: more["limit"]]


@pytest.mark.rule("A8")
def test_a_cursor_belongs_to_its_query(store: Store) -> None:
    """A cursor of another query, of another call, or made up, is refused in words."""
    host = Host(store=store)
    for _ in range(3):
        host.start()
        host.clock.advance(1)
    operator = host.service.operator
    after = operator.sessions(limit=1, state="BIM015").next
    assert after is not None
    assert 2 == len(operator.sessions(after=after, state="BIM015"))
    others: list[Callable[[], Page[Any]]] = [
        lambda: operator.sessions(after=after),
        lambda: operator.sessions(after=after, state="BIM016"),
        lambda: operator.sessions(after=after, state="BIM015", since=host.clock()),
        lambda: operator.effects(after=after),
        lambda: operator.audit(after=after, state="BIM015"),
        lambda: operator.waits(after=after),
    ]
    for ask in others:
        with pytest.raises(InvalidArgument, match="cursor of another query"):
            ask()
    for odd in ("", "x", "%%%", "bnVsbA", _cursor([1, 2]), _cursor(["x", 1, "y", "z"]), _cursor([1, 2, 10**40, "k"])):
        with pytest.raises(InvalidArgument, match="after"):
            operator.sessions(after=odd)


@pytest.mark.rule("S5", "S7")
def test_no_cursor_shows_a_number(store: Store) -> None:
    """Whatever a listing's cursor is read as, no registered number is in it, and two pages' cursors are as long."""
    host = Host(store=store)
    host.at_phone()
    for customer in (GAIJI, OLD_DOCOMO):
        Host(store=store, bank=host.bank, clock=host.clock, customer=customer).at_phone()
    numbers = {row.key for row in store.scan(WAIT)}
    assert len(numbers) > 2
    operator = host.service.operator
    cursors = [page.next for page in (operator.waits(limit=1), operator.sessions(limit=1), operator.effects(limit=1))]
    second = operator.waits(limit=1, after=cursors[0])
    told = "".join(_readings(cursor) for cursor in (*cursors, second.next) if cursor is not None)
    assert [] == [number for number in numbers if number.removeprefix("+81") in told]
    assert cursors[0] is not None
    assert second.next is not None
    assert len(cursors[0]) == len(second.next)


def _readings(cursor: str) -> str:
    """The cursor, and what its parts are in base64."""
    read = [cursor]
    for each in read:
        for part in re.findall(r"[A-Za-z0-9_-]+", each):
            plain = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) if len(part) % 4 != 1 else b""
            if plain:
                read.append(plain.decode("ascii", "replace"))
    return "\n".join(read)


@pytest.mark.rule("S5", "S7", "A8")
def test_a_cursor_of_numbers_is_opened_by_the_key_alone(store: Store) -> None:
    """Another process with the key, the asynchronous service and one that has rotated go on; nobody else does."""
    host = Host(store=store)
    host.at_phone()
    Host(store=store, bank=host.bank, clock=host.clock, customer=CAST[1]).at_phone()
    whole = list(host.service.operator.waits())
    first = host.service.operator.waits(limit=1)
    after, rest = first.next, whole[len(first) :]
    assert after is not None
    assert rest
    rotated = ResetService(bank=host.bank, store=store, key=[bytes(32), KEY], clock=host.clock)
    assert rest == list(rotated.operator.waits(after=after))
    awaited = AsyncResetService(bank=host.bank, store=store, key=KEY, clock=host.clock)
    assert rest == list(asyncio.run(_waits(awaited, after)))
    assert rest == list(reader(store, keys=[KEY]).waits(after=after))
    strange = ResetService(bank=host.bank, store=store, key=bytes(32), clock=host.clock)
    name, old, at, key = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    odd = [_cursor([name, old, at, each]) for each in (key[:-2], key + "AA", "+819012345678", "", "v2.x", 5)]
    refused = [(strange.operator, after), *((host.service.operator, each) for each in odd)]
    before = store.scan(WAIT)
    for operator, cursor in refused:
        with pytest.raises(InvalidArgument, match=r"^after cannot be opened") as error:
            operator.waits(after=cursor)
        assert "+81" not in str(error.value)
    for cursor in (after, odd[0]):
        unlike = AsyncResetService(bank=host.bank, store=store, key=bytes(32), clock=host.clock)
        with pytest.raises(InvalidArgument, match="after cannot be opened"):
            asyncio.run(_waits(unlike, cursor))
    assert before == store.scan(WAIT)


async def _waits(service: AsyncResetService, after: str) -> Page[Any]:
    return await service.operator.waits(after=after)


def _cursor(told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


@pytest.mark.rule("A8")
def test_filters_that_make_no_sense_are_refused_in_words() -> None:
    """Unknown filters, accounts that are none, naive times, limits out of range: one error each."""
    operator = Host().service.operator
    sessions: Callable[..., object] = operator.sessions
    effects: Callable[..., object] = operator.effects
    for ask, filters, words in (
        (sessions, {"colour": "red"}, "there is no filter 'colour'; there are account, "),
        (sessions, {"status": "pending"}, "no filter 'status'"),
        (effects, {"account": ACCOUNT}, "no filter 'account'"),
        (effects, {"status": "overdeu"}, "status must be one of pending, overdue, confirmed"),
        (effects, {"ref": 1234567}, "ref must be a str, not int"),
        (sessions, {"reference": b"ABCDEFGH"}, "reference must be a str, not bytes"),
        (sessions, {"account": "0123456"}, "account must be a tuple"),
        (sessions, {"account": ACCOUNT[:3]}, "account must be a tuple"),
        (sessions, {"account": (*ACCOUNT[:1], "1", *ACCOUNT[2:])}, "branch must be 3 digits"),
        (sessions, {"login_id": ("ja-0417", "x", "y")}, "login_id must be a tuple"),
        (sessions, {"login_id": ("ja-0417", "taro0001"), "account": ACCOUNT}, "not both"),
        (sessions, {"since": FakeClock()().replace(tzinfo=None)}, "since"),
        (sessions, {"limit": 0}, "limit must be an int from 1 to 1000"),
        (sessions, {"limit": 1001}, "limit must be an int from 1 to 1000"),
    ):
        with pytest.raises(InvalidArgument, match=words):
            ask(**filters)
    with pytest.raises(UnknownInstitution):
        operator.sessions(account=("elsewhere", *ACCOUNT[1:]))


@pytest.mark.rule("A8")
def test_a_page_looks_at_a_bounded_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where few rows fit, a page ends early and its cursor leads on; all pages together are the whole."""
    monkeypatch.setattr(finding, "EXAMINED", 20)
    monkeypatch.setattr(finding, "_CHUNK", 7)
    host = Host()
    ids = []
    for n in range(50):
        view = host.start(Procedure.TOKEN_REISSUE if n % 25 == 0 else Procedure.LOGIN_PASSWORD)
        host.clock.advance(1)
        ids += [view.id] if n % 25 == 0 else []
    find = host.service.operator.sessions
    first = find(procedure="TOKEN_REISSUE", institution=ORDINARY.institution, limit=5)
    assert 0 == len(first)
    assert first.next is not None
    pages = paged(lambda at: find(procedure="TOKEN_REISSUE", institution=ORDINARY.institution, limit=5, after=at))
    assert ids[::-1] == [item.id for item in pages]


@pytest.mark.rule("S5")
def test_accounts_are_found_under_every_key() -> None:
    """After a rotation, what was marked under the old key is found beside the new, in order, once each."""
    old, new = KEY, bytes(32)
    host = Host(key=old)
    first = host.at_done()
    host.clock.advance(1)
    rotated = attrs.evolve(host, key=(new, old), calls=1000)
    second = rotated.at_done()
    host.clock.advance(1)
    late = attrs.evolve(host, key=old, calls=2000)
    third = late.at_done()
    found = rotated.service.operator.sessions
    assert [third.id, second.id, first.id] == [item.id for item in found(account=ACCOUNT)]
    assert [third.id, second.id, first.id] == [
        item.id for item in paged(lambda at: found(account=ACCOUNT, limit=1, after=at))
    ]
    assert [third.id, first.id] == [item.id for item in host.service.operator.sessions(account=ACCOUNT)]
    marks = {each for row in host.store.scan(SESSION) for each in row.body["marks"]}  # type: ignore[attr-defined]
    assert {"mark"} == {each.partition(":")[0] for each in marks}
    assert 4 == len(marks), "the contract's and the account's, under each key"
    assert [third.id, second.id, first.id] == [item.id for item in found(ref=ORDINARY.ref)]


def test_a_reference_is_read_as_it_is_heard() -> None:
    """Eight digits and capitals without I, L, O, U, the beginning of the id; blanks, hyphens and case do not count."""
    assert "00000000" == reference_of("0" * 64)
    assert "ZZZZZZZZ" == reference_of("f" * 64)
    assert "" == reference_of("no hex at all")
    assert "0011AB9Z" == read_reference("oO-iL ab9z")
    view = Host().start()
    assert reference_of(view.id) == view.reference == view.to_dict()["reference"]
    assert {8} == {len(view.reference)}
    assert view.reference not in view.token


@pytest.mark.rule("A8")
def test_each_listing_is_one_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The most selective filter is looked up, and only that; what is left is compared."""
    asked: list[tuple[str, str | None]] = []
    find = MemoryStore.find

    def noted(self: MemoryStore, kind: str, term: str | None, **more: Any) -> list[Row]:  # noqa: ANN401 - as the store's
        asked.append((kind, term))
        return find(self, kind, term, **more)

    monkeypatch.setattr(MemoryStore, "find", noted)
    operator = Host().service.operator
    looks: Mapping[str, Callable[[], object]] = {
        "ref:C-1": lambda: operator.effects(ref="C-1", status="pending", institution="i"),
        "state:DONE": lambda: operator.sessions(state="DONE", institution="i", procedure="P"),
        "status:pending": lambda: operator.effects(status="pending", institution="i"),
        "actor:taro": lambda: operator.audit(actor="taro", state="DONE", reason="x"),
        "": lambda: operator.audit(state="DONE"),
    }
    for term, look in looks.items():
        asked.clear()
        look()
        assert [term, None] == [each for _, each in asked]


# Terms ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("S7", "S8")
@pytest.mark.parametrize("kind", list(terms.INDEXED))
@given(st.data())
def test_the_terms_that_are_indexed_are_those_of_all_that_are_looked_up(kind: str, data: st.DataObject) -> None:
    """Whatever stands in a row or a record, the quick way to its indexed terms finds what the long one does."""
    values = st.sampled_from(("", "a", "b:c", "mark:x", "0123456789abcdef", None, 7))
    names = ("id", "session", "procedure", "institution", "state", "ref", "actor", "after", "status")
    body: dict[str, object] = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, values)))
    body["marks"] = data.draw(st.lists(values, max_size=3))
    body["reasons"] = data.draw(st.lists(values, max_size=2))
    assert terms.indexed(kind, terms.said(kind, body)) == terms.looked_up(kind, body)
