"""`ja-reset operate`: what an engineer on call reads of a store, without a bank, and without changing it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from hosts import KEY, Host
from ja_reset import BankUnavailable, Procedure, cli
from ja_reset.cli._tabular import tabular
from ja_reset.diagrams._width import cells
from ja_reset.stores import PostgresStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing.cast import GAIJI, OLD_DOCOMO, ORDINARY
from ja_reset.testing.postgres import PostgresServer

pytestmark = pytest.mark.rule("S7")

ACCOUNT = ["--account", ORDINARY.institution, ORDINARY.branch, ORDINARY.subject, ORDINARY.account]


@attrs.frozen
class Desk:
    """A store, the host that filled it, and how the command names it."""

    host: Host
    where: tuple[str, ...]

    def run(self, *arguments: str) -> int:
        """The command about this store."""
        return cli.main(["operate", "--store", *self.where, *arguments])


@pytest.fixture(params=["sqlite", "postgres"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A customer who got through, one whose order is not answered, and three wrong PINs."""
    where: tuple[str, ...]
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        schema: str = request.getfixturevalue("new_schema")()
        store: Store = PostgresStore(server.url, schema=schema)
        where = (server.url, "--schema", schema)
    else:
        store = SqliteStore(tmp_path / "reset.db")
        where = (str(tmp_path / "reset.db"),)
    with closing(store):
        host = Host(store=store)
        host.at_done()
        host.clock.advance(60)
        host.bank.fail("carry_out", BankUnavailable, times=1000)
        host.at_bim_completing()
        yield Desk(host, where)


@pytest.fixture
def key_file(tmp_path: Path) -> list[str]:
    """The option that names the host's key."""
    path = tmp_path / "key"
    path.write_text(KEY.hex() + "\n")
    return ["--key-file", str(path)]


def _told(capsys: pytest.CaptureFixture[str]) -> dict[str, list[dict[str, object]]]:
    told: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return told


def test_every_listing_is_what_the_operator_reads(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON, the same as `service.operator` gives, page by page; nothing in the store is changed."""
    operator, store = desk.host.service.operator, desk.host.store
    before = [store.scan(kind) for kind in ("session", "outbox", "wait", "pin_attempts")], store.audit()
    expected = {
        "sessions": operator.sessions(limit=1),
        "effects": operator.effects(limit=1),
        "audit": operator.audit(limit=1),
        "waits": operator.waits(),
        "attempts": operator.locked(limit=1),
    }
    for what, page in expected.items():
        assert 0 == desk.run(what, "--json", *([] if what == "waits" else ["--limit", "1"]))
        assert page.to_dict() == _told(capsys)
    cursor = operator.audit(limit=1).next
    assert cursor is not None
    assert 0 == desk.run("audit", "--json", "--limit", "1", f"--after={cursor}")
    assert operator.audit(limit=1, after=cursor).to_dict() == _told(capsys)
    assert before == ([store.scan(kind) for kind in ("session", "outbox", "wait", "pin_attempts")], store.audit())


def test_filters_narrow_it_down(desk: Desk, key_file: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """By state, status, reference and time; by contract and account with the host's key."""
    view = desk.host.view
    since = desk.host.clock.now.isoformat()
    account = ORDINARY.institution, ORDINARY.branch, ORDINARY.subject, ORDINARY.account
    tried = desk.host.service.operator.audit(account=account, limit=1000)
    assert tried
    wanted = {
        ("sessions", "--state", "DONE"): 1,
        ("sessions", "--state", "COMPLETING", "--procedure", Procedure.LOGIN_PASSWORD.value): 1,
        ("sessions", "--reference", view.reference.lower()): 1,
        ("sessions", "--session", view.id): 1,
        ("sessions", "--since", since): 1,
        ("sessions", "--until", "2001-01-01T00:00Z"): 0,
        ("sessions", "--ref", ORDINARY.ref, *key_file): 2,
        ("sessions", *ACCOUNT, *key_file): 2,
        ("effects", "--status", "pending", "--ref", ORDINARY.ref): 1,
        ("audit", "--session", view.id, "--state", "PHONE"): 1,
        ("audit", *ACCOUNT, *key_file, "--limit", "1000"): len(tried),
        ("audit", "--actor", "nobody"): 0,
    }
    for arguments, count in wanted.items():
        assert 0 == desk.run(*arguments, "--json"), arguments
        assert count == len(_told(capsys)["items"]), arguments


def test_waits_go_on_from_page_to_page_with_the_key(
    desk: Desk, key_file: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each page is a process of its own. Without the key, the first page says what is missing."""
    host = desk.host
    for customer in (GAIJI, OLD_DOCOMO):
        Host(store=host.store, bank=host.bank, clock=host.clock, customer=customer).at_phone()
    found: list[object] = []
    after: list[str] = []
    for _ in range(10):
        assert 0 == desk.run("waits", "--limit", "1", "--json", *key_file, *after)
        page: dict[str, Any] = json.loads(capsys.readouterr().out)
        found += page["items"]
        if page["next"] is None:
            break
        after = [f"--after={page['next']}"]
    assert host.service.operator.waits().to_dict()["items"] == found
    assert after
    assert 0 == desk.run("waits", "--limit", "1", *key_file)
    assert "(there is more: --after " in capsys.readouterr().out
    assert 0 == desk.run("waits", "--limit", "1")
    assert "(there is more: give the --key-file)" in capsys.readouterr().out
    assert 2 == desk.run("waits", *after)
    assert "a cursor of waits is sealed with the host's key: give its --key-file" in capsys.readouterr().err


def test_what_counts_against_a_customer_is_told(
    desk: Desk, key_file: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The locked contracts; the attempts of one; the failures of an account, which needs no key."""
    desk.host.bank._troubles.clear()
    desk.host.clock.advance(3600)
    desk.host.service.recover()
    desk.host.at_bim017()
    for _ in range(3):
        desk.host.send("submit_reset", desk.host.reset(pin="0000"))
    assert 0 == desk.run("attempts", "--json")
    assert [ORDINARY.ref] == [each["ref"] for each in _told(capsys)["items"]]
    assert 0 == desk.run("attempts", "--ref", ORDINARY.ref)
    told = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert {"ref": ORDINARY.ref, "wrong": "3", "in_doubt": "0", "under_way": "0", "locked": "true"} == told
    for who in (ACCOUNT, ["--login-id", ORDINARY.institution, ORDINARY.login_id]):
        assert 0 == desk.run("attempts", *who)
        assert "failures   0" in capsys.readouterr().out


def test_a_notice_is_told_by_what_it_says(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside its kind, in a column of its own, which is empty for all other effects."""
    monkeypatch.setenv("COLUMNS", "300")
    assert 0 == desk.run("effects")
    header, *lines = capsys.readouterr().out.splitlines()
    place = header.index("what")
    told = {line.split()[1]: line[place : place + 6].strip() for line in lines if " NOTIFY " in line or "SET_" in line}
    assert {"NOTIFY": "reset", "SET_LOGIN_PASSWORD": ""} == told


def test_an_attempt_in_doubt_is_told_with_its_end(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """How many, since when and until when."""
    host = desk.host
    host.bank._troubles.clear()
    host.clock.advance((datetime.now(UTC) - host.clock.now).total_seconds())  # the command has the real time
    host.service.recover()
    host.at_bim017()
    host.bank.fail("check_pin", BankUnavailable)
    host.send("submit_reset", host.reset())
    assert 0 == desk.run("attempts", "--ref", ORDINARY.ref)
    doubt = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("in_doubt"))
    assert doubt.split(None, 1)[1].startswith("1 (since 20")
    assert ", until 20" in doubt


def test_a_table_fits_the_terminal(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line is wider; what was cut is said, and so is that there is more."""
    for width in (60, 100, 300):
        monkeypatch.setenv("COLUMNS", str(width))
        assert 0 == desk.run("effects", "--limit", "1")
        *lines, more = capsys.readouterr().out.splitlines()
        assert more.startswith("(there is more: --after ")
        assert all(cells(line) <= width for line in lines), lines
        assert (width < 300) is (lines[-1] == "(cut to the width of the terminal; --json has everything)")
    assert 0 == desk.run("audit", "--actor", "nobody")
    assert "nothing found\n" == capsys.readouterr().out


def test_japanese_is_as_wide_as_it_is_shown() -> None:
    """Columns stand under each other; a cut keeps whole characters; what steers a terminal is not printed."""
    rows = [["田中", "a"], ["tanaka", "\x1b[31mb"], ["本人確認済み。コールバック", ""]]
    lines, cut = tabular(["actor", "x"], rows, 80)
    assert ({28}, False) == (
        {cells(line[: line.index(each)]) for line, each in zip(lines, "xa\ufffd", strict=False)},
        cut,
    )
    assert lines[2].endswith("\N{REPLACEMENT CHARACTER}[31mb")
    lines, cut = tabular(["actor", "x"], rows, 20)
    assert cut
    assert "本人確認済み…" == lines[3]
    assert all(cells(line) <= 20 for line in lines)
    assert (["x", "y"], False) == tabular(["empty", "x"], [["", "y"]], 80)
    assert (["x", "…"], True) == tabular(["x"], [["long"]], 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sessions", "--status", "pending"], "there is no filter 'status'"),
        (["waits", "--ref", "C"], "waits takes no filter"),
        (["attempts", "--state", "DONE"], "attempts takes one of --ref, --account and --login-id, or none"),
        (["attempts", "--ref", "C", "--login-id", "a", "b"], "attempts takes one of"),
        (["sessions", "--ref", "C"], "sessions are found by --ref only with the host's key"),
        (["audit", *ACCOUNT], "audit are found by --account only with the host's key"),
        (["sessions", "--limit", "0"], "limit must be an int from 1 to 1000"),
        (["sessions", "--limit", "x"], "invalid int value"),
        (["sessions", "--after", "x"], "after must be the `next` of a page"),
        (["sessions", "--since", "2026-01-31"], "must be a time with its zone"),
        (["sessions", "--since", "soon"], "must be a time with its zone"),
        (["attempts", "--account", "ja-0417", "1", "普通", "1"], "branch must be 3 digits"),
        (["locks"], "invalid choice: 'locks'"),
        (["sessions", "--schema", "x"], "--schema is for a PostgreSQL database"),
        ([], "the following arguments are required"),
    ],
)
def test_misuse_is_one_line(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """2, and what was expected."""
    path = tmp_path / "reset.db"
    SqliteStore(path).close()
    assert 2 == cli.main(["operate", "--store", str(path), *arguments])
    out, err = capsys.readouterr()
    assert ("", 1) == (out, err.count("\n"))
    assert words in err


def test_a_store_that_is_not_there_is_not_made(
    tmp_path: Path, postgres: PostgresServer, new_schema: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """3, with the way to look further; a mistyped path makes no file, and an older file stays as old as it is."""
    path = tmp_path / "reset.db"
    assert 3 == cli.main(["operate", "--store", str(path), "sessions"])
    assert "no store is there; see ja-reset store" in capsys.readouterr().err
    assert not path.exists()
    assert 3 == cli.main(["operate", "--store", postgres.url, "--schema", new_schema(), "sessions"])
    assert "has no tables" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"zz" * 32, b"\xff" * 64])
def test_a_key_file_without_a_key_is_told(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """2, and nothing of what is in it; a file that is not there is 3."""
    path = tmp_path / "key"
    path.write_bytes(content)
    for file, code in ((path, 2), (tmp_path / "none", 3)):
        assert code == cli.main(["operate", "--store", "x.db", "sessions", "--ref", "C", "--key-file", str(file)])
        out, err = capsys.readouterr()
        assert ("", 1) == (out, err.count("\n"))
        assert "x" * 31 not in err


def test_a_key_may_be_bytes(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """32 bytes as they are do as well as hexadecimal digits; another key finds nothing, several are tried."""
    path, other = tmp_path / "raw", tmp_path / "other"
    path.write_bytes(KEY)
    other.write_bytes(bytes(32))
    wanted = ([path], 2), ([other], 0), ([other, path], 2)
    for files, count in wanted:
        options = [each for file in files for each in ("--key-file", str(file))]
        assert 0 == desk.run("sessions", "--ref", ORDINARY.ref, "--json", *options)
        assert count == len(_told(capsys)["items"])
