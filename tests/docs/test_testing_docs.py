"""The page about testing is true: its suite is a suite, and the plugin does what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
JAPANESE = PAGE.parent / "ja" / PAGE.name
BLOCKS, JAPANESE_BLOCKS = (
    re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL) for page in (PAGE, JAPANESE)
)
OWN_BANK, OWN_STORE = BLOCKS[:2]
FEW = "from ja_reset.testing.service_suite import ServiceSuite\nServiceSuite.examples = 3\nServiceSuite.steps = 15\n"


@pytest.mark.rule("A8")
@pytest.mark.parametrize("example", [OWN_BANK, JAPANESE_BLOCKS[0]], ids=["en", "ja"])
def test_a_host_tests_its_own_bank_in_under_twenty_lines(tmp_path: Path, example: str) -> None:
    """The example, copied to an empty folder, is a suite that passes, with every test of both contracts in it."""
    assert len([line for line in example.splitlines() if line.strip()]) < 20
    (tmp_path / "test_ours.py").write_text(example, "utf-8")
    (tmp_path / "conftest.py").write_text(FEW, "utf-8")
    done = _pytest(tmp_path)
    assert 0 == done.returncode, done.stdout
    assert re.search(r"^17 passed", done.stdout.splitlines()[-1]), done.stdout


@pytest.mark.rule("S2")
def test_a_host_holds_its_own_awaited_store_to_the_contract(tmp_path: Path) -> None:
    """The example for a store of coroutines, copied to an empty folder, is a suite that passes."""
    (tmp_path / "test_ours.py").write_text(OWN_STORE, "utf-8")
    done = _pytest(tmp_path)
    assert 0 == done.returncode, done.stdout
    assert re.search(r"^\d\d passed", done.stdout.splitlines()[-1]), done.stdout


def test_the_page_s_test_with_the_plugin_s_fixtures_passes(tmp_path: Path) -> None:
    """The example of fixtures, copied to an empty folder, passes, and the transitions that it took are told."""
    (tmp_path / "test_ours.py").write_text(BLOCKS[-2], "utf-8")
    done = _pytest(tmp_path)
    assert 0 == done.returncode, done.stdout
    assert re.search(r"^ja_reset transitions taken: LOGIN_PASSWORD \d+/\d+$", done.stdout, re.MULTILINE), done.stdout


def test_the_page_s_test_of_a_procedure_of_one_s_own_passes(tmp_path: Path) -> None:
    """The example of `ja_reset_procedures`, copied to a folder with the chart that it names, passes."""
    shutil.copy(PAGE.parent / "procedures" / "transfer_limit.py", tmp_path)
    (tmp_path / "test_ours.py").write_text(BLOCKS[-1], "utf-8")
    done = _pytest(tmp_path)
    assert 0 == done.returncode, done.stdout
    assert re.search(r"^1 passed", done.stdout.splitlines()[-1]), done.stdout


PLUGGED = """
from ja_reset import Procedure
from ja_reset.testing import identity

def test_goes_on(ja_reset_service, ja_reset_customer, ja_reset_telephone, ja_reset_clock, ja_reset_bank):
    view = ja_reset_service.start(Procedure.LOGIN_PASSWORD, institution="ja-0417")
    view = ja_reset_service.send(view.token, "submit_identity", identity(ja_reset_customer))
    view = ja_reset_service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id})
    ja_reset_clock.advance(1)
    assert ja_reset_telephone.prove().status.name == "VERIFIED"
    assert ja_reset_bank.asked
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_the_plugin_tells_which_transitions_were_taken(tmp_path: Path, workers: list[str]) -> None:
    """The fixtures work by their names alone; the summary counts the transitions, and names those not taken."""
    (tmp_path / "test_ours.py").write_text(PLUGGED, "utf-8")
    done = _pytest(tmp_path, "--ja-reset-transitions", *workers)
    assert 0 == done.returncode, done.stdout
    assert re.search(r"^ja_reset transitions taken: LOGIN_PASSWORD 3/\d+$", done.stdout, re.MULTILINE), done.stdout
    assert "not taken: LOGIN_PASSWORD BIM016.back" in done.stdout
    assert "not taken: LOGIN_PASSWORD PHONE.call_received\n" not in done.stdout


WATCHED = """
import asyncio
from ja_reset import AsyncResetService, ResetService
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.testing import AsyncFakeBank, FakeBank

def test_awaited(ja_reset_transitions):
    service = ja_reset_transitions(AsyncResetService(bank=AsyncFakeBank(), store=MemoryStore(), key=bytes(32)))
    async def visit():
        view = await service.start("LOGIN_PASSWORD", institution="ja-0417")
        await service.send(view.token, "cancel")
    asyncio.run(visit())

def test_awaited_over_a_file(ja_reset_transitions, tmp_path):
    store = SqliteStore(tmp_path / "reset.db")
    service = ja_reset_transitions(AsyncResetService(bank=AsyncFakeBank(), store=store, key=bytes(32)))
    async def visit():
        view = await service.start("TOKEN_REISSUE", institution="ja-0417")
        await service.send(view.token, "cancel")
    asyncio.run(visit())
"""
CLOSED = """
def test_closed(ja_reset_transitions, tmp_path):
    with SqliteStore(tmp_path / "reset.db") as store:
        service = ja_reset_transitions(ResetService(bank=FakeBank(), store=store, key=bytes(32)))
        service.start("LOGIN_PASSWORD", institution="ja-0417")

def test_closed_and_awaited(ja_reset_transitions, tmp_path):
    with SqliteStore(tmp_path / "reset.db") as store:
        service = ja_reset_transitions(AsyncResetService(bank=FakeBank(), store=store, key=bytes(32)))
        asyncio.run(service.start("LOGIN_PASSWORD", institution="ja-0417"))
"""
WITHIN_A_LOOP = """
import asyncio, pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown():
    loop = asyncio.new_event_loop()
    asyncio.events._set_running_loop(loop)
    try:
        return (yield)
    finally:
        asyncio.events._set_running_loop(None)
        loop.close()
"""


@pytest.mark.parametrize("conftest", ["", WITHIN_A_LOOP], ids=["no loop", "a loop that runs"])
def test_the_plugin_counts_the_transitions_of_an_awaited_service(tmp_path: Path, conftest: str) -> None:
    """Whatever store it has; nothing is left unawaited, also where another plugin tears down within its loop."""
    (tmp_path / "test_ours.py").write_text(WATCHED, "utf-8")
    (tmp_path / "conftest.py").write_text(conftest, "utf-8")
    done = _pytest(tmp_path, "-W", "error")
    assert 0 == done.returncode, done.stdout
    assert re.search(
        r"^ja_reset transitions taken: LOGIN_PASSWORD 1/\d+, TOKEN_REISSUE 1/\d+$", done.stdout, re.MULTILINE
    )
    assert "not counted" not in done.stdout


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_the_plugin_says_of_which_services_it_could_not_read_the_transitions(
    tmp_path: Path, workers: list[str]
) -> None:
    """A store that the test closed is told in one line, with the kind of the error; the tests pass, others count."""
    (tmp_path / "test_ours.py").write_text(WATCHED + CLOSED, "utf-8")
    done = _pytest(tmp_path, *workers)
    assert 0 == done.returncode, done.stdout
    lines = [line for line in done.stdout.splitlines() if line.startswith("ja_reset transitions")]
    assert 2 == len(lines), done.stdout
    assert lines[0].startswith("ja_reset transitions taken: LOGIN_PASSWORD 1/")
    said = "ja_reset transitions not counted of 2 services: StoreError (a store must be open until the test has ended)"
    assert said == lines[1]


def test_the_plugin_costs_nothing_where_nobody_asks_for_it(tmp_path: Path) -> None:
    """Without a fixture of the kit nothing of the library is loaded, and nothing is told."""
    (tmp_path / "test_theirs.py").write_text(
        "import sys\ndef test_it(): assert 'ja_reset_pytest' in sys.modules and 'ja_reset' not in sys.modules\n",
        "utf-8",
    )
    done = _pytest(tmp_path)
    assert (0, False) == (done.returncode, "ja_reset transitions" in done.stdout)


def _pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(folder)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603 - our own text
