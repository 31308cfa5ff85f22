"""The search for secrets finds them: each way out, with a variant that leaks there on purpose (S5, A7)."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import re
from pathlib import Path

import pytest

from hosts import Host
from ja_reset import AsyncResetService, Procedure, Secret
from ja_reset.cli import main
from ja_reset.service._sealing import Sealer
from ja_reset.stores import SqliteStore
from ja_reset.testing import CAST, FakeBank, identity
from runs import KINDS
from test_secrecy import ACTIVATION, CUSTOMER, NEW, PIN, Planted, everything_is_logged, told


def _planted() -> Planted:
    return Planted(Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER))


def _details(host: Host) -> None:
    host.at_btr003()
    host.send("submit_details", host.details(activation_password=ACTIVATION, activation_password_confirm=ACTIVATION))


@pytest.mark.rule("S5", "A7")
def test_a_seal_that_does_not_seal_is_found_in_rows_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a seal that keeps the plain text, the rows and the bytes of the file and its WAL show it."""
    monkeypatch.setattr(Sealer, "seal", lambda _self, secret, _context: "v2." + secret.reveal())
    planted = _planted()
    host = Host(store=SqliteStore(tmp_path / "reset.db"), bank=planted.host.bank, customer=CUSTOMER)
    _details(host)
    rows = "".join(json.dumps(row.body) for kind in KINDS for row in host.store.scan(kind))
    with pytest.raises(AssertionError, match="in the rows"):
        planted.is_free_of_them(rows, "the rows")
    files = {path.name: path.read_bytes().decode("latin-1") for path in tmp_path.iterdir()}
    assert "reset.db-wal" in files
    with pytest.raises(AssertionError, match="in the files"):
        planted.is_free_of_them("".join(files.values()), "the files")


@pytest.mark.rule("S5", "A7")
@pytest.mark.parametrize("library", ["ja_reset", "asyncio", "psycopg", "psycopg.pool", "sqlite3"])
def test_a_library_that_logs_a_secret_is_found(library: str, caplog: pytest.LogCaptureFixture) -> None:
    """What any library logs at DEBUG is among what is searched."""
    everything_is_logged(caplog)
    with caplog.at_level(logging.DEBUG, logger=library):
        logging.getLogger(library).debug("asked with %s", PIN)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    with pytest.raises(AssertionError, match="in the logs"):
        _planted().is_free_of_them(logged, "the logs")


@pytest.mark.rule("S5", "A7")
def test_an_asynchronous_run_logs_no_secret_in_debug_mode(caplog: pytest.LogCaptureFixture) -> None:
    """With asyncio's debug mode on, which logs slow steps with their arguments, no secret and no token is logged."""
    planted = _planted()
    host = planted.host

    async def run() -> None:
        asyncio.get_running_loop().slow_callback_duration = 0
        service = AsyncResetService(bank=host.bank, store=host.store, key=bytes(32), clock=host.clock)
        view = await service.start(Procedure.TOKEN_REISSUE, institution=CUSTOMER.institution)
        planted.tokens.append(view.token)
        await service.send(view.token, "choose_method", {"method": "LOGIN_ID"})
        typed = {"login_id": CUSTOMER.login_id, "password": CUSTOMER.password}
        view = await service.send(view.token, "submit_credentials", typed)
        assert "BTR003" == view.state

    everything_is_logged(caplog)
    asyncio.run(run(), debug=True)
    assert caplog.records
    planted.is_free_of_them("\n".join(record.getMessage() for record in caplog.records), "the logs")


@pytest.mark.rule("S5", "A7")
def test_a_local_variable_that_holds_a_secret_is_found() -> None:
    """A frame of the library that holds a plain secret shows it to an error reporter, and the search sees it there."""
    holder = {"__name__": "leak"}
    exec(compile("def leak(pin):\n    raise ValueError(0)\n", "/src/ja_reset/leak.py", "exec"), holder)  # noqa: S102
    with pytest.raises(ValueError, match="0") as caught:
        holder["leak"](PIN)  # type: ignore[operator]
    with pytest.raises(AssertionError, match="in the traceback"):
        _planted().is_free_of_them(told(caught.value), "the traceback")


@pytest.mark.rule("S5", "A7")
def test_pickles_hold_no_secret() -> None:
    """A view's pickle holds its token alone, which is the host's; a Secret has none; a plain text is found."""
    planted = _planted()
    host = planted.host
    host.at_bim017()
    view = host.send("submit_reset", host.reset(new_password=NEW, new_password_confirm=NEW, pin=PIN))
    planted.is_free_of_them(pickle.dumps(view).decode("latin-1"), "the pickle")
    with pytest.raises(Exception, match="pickle"):
        pickle.dumps(Secret(PIN))
    with pytest.raises(AssertionError, match="in the pickle"):
        planted.is_free_of_them(pickle.dumps({"pin": PIN}).decode("latin-1"), "the pickle")


@pytest.mark.rule("S5", "A7")
def test_the_terminal_shows_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All scenarios played in the terminal print no customer's password or PIN, though all of them are typed."""
    main(["play", "--all", "--store", str(tmp_path / "play.db")])
    shown = capsys.readouterr().out
    assert "COMPLETING" in shown
    assert [] == [each.ref for each in CAST if each.password in shown]
    assert [] == [each.ref for each in CAST if re.search(rf"(?<![\w-]){each.pin}(?![\w-])", shown)]
    assert identity(CAST[0])["account"] in shown, "what is no secret is shown, so that the search searches something"
