"""No secret is shown by what renders values: every object that a run reaches, every error's frames (S5, A7)."""

from __future__ import annotations

import asyncio
import builtins
import copy
import gc
import importlib
import inspect
import io
import json
import linecache
import os
import pickle
import pkgutil
import pprint
import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import Any

import attrs
import pytest

import ja_reset
from hosts import Host
from ja_reset import AsyncResetService, Call, ResetService, View
from ja_reset.cli import main
from ja_reset.fields import readers
from ja_reset.policies import Policies
from ja_reset.service._names import digest
from ja_reset.service._sealing import Sealer
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import Put, Row
from ja_reset.testing import CAST, AsyncFakeBank, Customer, FakeBank, FakeClock
from ja_reset.testing._service_forms import wrong_digits
from runs import KINDS
from test_secrecy import ACTIVATION, CUSTOMER, NEW, PIN, OddError, Planted, run_everything

# Every object ------------------------------------------------------------------------------------------------

OURS = "ja_reset"
HOSTS_OWN = {
    Customer: "what a customer of the fake bank knows, named by the test that made it",
    View: "its token is the host's: asked for by name, it goes into the page",
}
"""Values whose fields are a secret's owner's; what shows them (repr, str, format) is searched all the same."""


def _modules() -> Iterator[ModuleType]:
    """Every module of the library that imports."""
    for found in pkgutil.walk_packages(ja_reset.__path__, "ja_reset."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _exported() -> list[tuple[str, object]]:
    """Every public name of every module, with its value."""
    return [
        (f"{module.__name__}.{name}", value)
        for module in (ja_reset, *_modules())
        for name, value in vars(module).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    ]


def _reached() -> list[object]:
    """Every instance of a class of the library that is alive."""
    return [each for each in gc.get_objects() if str(type(each).__module__).partition(".")[0] == OURS]


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: object) -> Any:  # noqa: ANN401 - as its own signature has it
        return (str, (repr(value),)) if type(value) in HOSTS_OWN else NotImplemented


def _pickled(value: object) -> str:
    file = io.BytesIO()
    _Pickler(file).dump(value)
    return file.getvalue().decode("latin-1")


def _as_dict(value: object) -> dict[str, object]:
    return attrs.asdict(
        value,  # type: ignore[arg-type]  # seen to be of attrs
        value_serializer=lambda _inst, _field, each: repr(each) if type(each) in HOSTS_OWN else each,
    )


def shown(value: object) -> Iterator[tuple[str, str]]:
    """All that shows *value*, or gives it away whole: by what, and what is seen."""
    ways: dict[str, Callable[[], object]] = {
        "repr": lambda: repr(value),
        "str": lambda: str(value),
        "format": lambda: f"{value}",
        "percent": lambda: "%s %r" % (value, value),  # noqa: UP031 - what logging does
        "pprint": lambda: pprint.pformat(value),
    }
    if type(value) not in HOSTS_OWN:
        ways |= {
            "copy": lambda: repr(copy.copy(value)),
            "pickle": lambda: _pickled(value),
        }
        if attrs.has(type(value)):
            ways["asdict"] = lambda: _as_dict(value)
            ways["json"] = lambda: json.dumps(_as_dict(value), default=repr)
    for way, show in ways.items():
        try:
            seen = show()
        except Exception as error:  # noqa: BLE001 - a value that refuses is as good, and what it says is searched
            seen = repr(error)
        yield way, repr(seen)


@pytest.mark.rule("S5", "S7", "A7")
def test_no_object_of_the_library_shows_a_secret() -> None:
    """Every instance alive at any step, and every exported value: repr, str, format, copy, pickle, asdict, JSON."""
    host = Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
    planted = Planted(host)
    seen: dict[int, object] = {}
    kinds = set()

    def look(values: Iterable[object], where: str) -> None:
        for each in values:
            if id(each) in seen:
                continue
            seen[id(each)] = each
            kinds.add(type(each).__name__)
            for way, text in shown(each):
                planted.is_free_of_them(text, f"{way} of a {type(each).__name__} at {where}")

    older = _reached()
    gc.freeze()  # they are looked at in the end, when there are all secrets; until then only what is new is reached
    try:
        for where in run_everything(planted):
            look((row for kind in KINDS for row in host.store.scan(kind)), where)
            look(_reached(), where)
    finally:
        gc.unfreeze()
    look(older, "the end")
    expected = {"View", "Row", "Contract", "Effect", "ResetService", "Shell", "Sealer", "MemoryStore", "FakeBank"}
    assert set() == expected - kinds
    for name, value in _exported():
        for way, text in shown(value):
            planted.is_free_of_them(text, f"{way} of {name}")


@pytest.mark.rule("S5", "A7")
def test_an_object_that_shows_a_secret_is_found() -> None:
    """A value of the library that shows a PIN by any one way is found by that way."""
    planted = Planted(Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER))

    class Leak:
        def __repr__(self) -> str:
            return "Leak()"

    for way in ("__repr__", "__format__", "__str__"):
        leak = type("Leak", (Leak,), {way: lambda *_: f"Leak({PIN})", "__module__": OURS})()
        assert leak in _reached()
        assert _leaks(planted, leak)
    plain = attrs.make_class("Plain", {"pin": attrs.field(repr=False)}, repr=True)(PIN)
    assert {"asdict", "json"} <= _leaks(planted, plain)


def _leaks(planted: Planted, value: object) -> set[str]:
    """The ways in which *value* shows a secret."""
    found = set()
    for by, text in shown(value):
        try:
            planted.is_free_of_them(text, by)
        except AssertionError:
            found.add(by)
    return found


# Every frame -------------------------------------------------------------------------------------------------


def _frames(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """Every frame of the library in what led to *error*, and the line that it stands on."""
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop()
        if each is None:
            continue
        trace: TracebackType | None = each.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if "/ja_reset/" in file and "/testing/" not in file:
                yield trace.tb_frame, trace.tb_lineno
            trace = trace.tb_next
        todo += [each.__cause__, each.__context__]


def _looked_up(frame: FrameType, line: int) -> Iterator[str]:
    """As cgitb renders a frame: each dotted name of the lines around, with what it stands for."""
    for number in range(line - 5, line + 6):
        for name in re.findall(r"[A-Za-z_]\w*(?:\.\w+)*", linecache.getline(frame.f_code.co_filename, number)):
            first, *rest = name.split(".")
            value = frame.f_locals.get(first, frame.f_globals.get(first, vars(builtins).get(first)))
            for part in rest:
                value = getattr(value, part, None)
            yield f"{name} = {value!r}"


def rendered(error: BaseException) -> str:
    """All that error reporters make of the library's frames: locals, one level of their parts, dotted names, Django."""
    from django.conf import settings  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy; only this needs it
    from django.views.debug import ExceptionReporter  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

    if not settings.configured:
        settings.configure(DEBUG=True)
    parts = ["".join(traceback.format_exception(error))]
    for frame, line in _frames(error):
        parts += _looked_up(frame, line)
        for name, value in frame.f_locals.items():
            parts += [f"{name} by {way}: {text}" for way, text in shown(value)]
    reporter = ExceptionReporter(None, type(error), error, error.__traceback__)
    for each in reporter.get_traceback_frames():
        if "/ja_reset/" in each["filename"] and "/testing/" not in each["filename"]:
            parts += [f"{name} = {value}" for name, value in each["vars"]]
    stack = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    parts += [f"{at.locals}" for at in stack if "/ja_reset/" in at.filename and "/testing/" not in at.filename]
    return "\n".join(parts)


class Brittle(MemoryStore):
    """A store whose *nth* question from now on is not answered."""

    nth = 0

    def _count(self) -> None:
        self.nth -= 1
        if self.nth == 0:
            raise OddError

    def get(self, kind: str, key: str) -> Row | None:
        """A row, or a failure."""
        self._count()
        return super().get(kind, key)

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        """Rows, or a failure."""
        self._count()
        return super().get_many(names)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """A commit, or a failure."""
        self._count()
        return super().commit(puts, audit)

    def scan(
        self,
        kind: str,
        *,
        tag: str | None = None,
        due: datetime | None = None,
        after: Row | None = None,
        limit: int = 500,
    ) -> list[Row]:
        """Rows, or a failure."""
        self._count()
        return super().scan(kind, tag=tag, due=due, after=after, limit=limit)


STEPS: dict[str, tuple[Callable[[Host], object], Callable[[Host], object]]] = {
    "start": (lambda _: None, lambda host: host.start()),
    "view": (Host.at_bim017, Host.look),
    "submit_identity": (Host.at_bim015, lambda host: host.send("submit_identity", host.identity(), request_id="r")),
    "submit_credentials": (Host.at_btr002, lambda host: host.send("submit_credentials", host.credentials())),
    "submit_details": (
        Host.at_btr003,
        lambda host: host.send(
            "submit_details", host.details(activation_password=ACTIVATION, activation_password_confirm=ACTIVATION)
        ),
    ),
    "call": (Host.at_btr004, Host.call),
    "keys": (
        lambda host: (host.at_btr004(), host.call()),
        lambda host: host.keys(host.service.report_call(_again(host)).code.reveal()),  # type: ignore[union-attr]
    ),
    "submit_reset": (
        Host.at_bim017,
        lambda host: host.send("submit_reset", host.reset(new_password=NEW, new_password_confirm=NEW), request_id="r"),
    ),
    "proceed": (Host.at_btr_completing, lambda host: host.send("proceed")),
    "recover": (Host.at_btr_completing, lambda host: host.service.recover()),
}
"""How one gets there, and what is done there."""


def _again(host: Host) -> Call:
    number = host.customer.contract.phones[0]  # the same call, so that its code is told again
    return Call(id=f"call-{host.calls}", number=number, source=ja_reset.CallSource.NETWORK)


@pytest.mark.rule("S5", "A7")
@pytest.mark.parametrize("step", STEPS)
def test_no_frame_shows_a_secret_whichever_question_to_the_store_fails(step: str) -> None:
    """Each get, commit and scan of each event fails in turn; no renderer of errors shows a secret or a token."""
    failed = 0
    for nth in range(1, 60):
        store = Brittle()
        host = Host(store=store, bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
        way, act = STEPS[step]
        way(host)
        store.nth = nth
        try:
            act(host)
        except OddError as error:
            failed += 1
            planted = Planted(host, _codes(host), [host._view.token] if host._view else [])
            planted.is_free_of_them(rendered(error), f"a frame of {step}, question {nth}")
        else:
            break
    assert failed >= 1
    assert store.nth > 0, "each question failed once"


def _codes(host: Host) -> list[str]:
    if not host.calls:
        return []
    result = host.service.report_call(_again(host))
    return [] if result.code is None else [result.code.reveal()]


@pytest.mark.rule("S5", "A7")
@pytest.mark.parametrize("port", ["clock", "seal", "open"])
@pytest.mark.parametrize("step", ["submit_details", "keys", "submit_reset", "proceed"])
def test_no_frame_shows_a_secret_when_clock_or_seal_fails(
    step: str, port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that gives no time and a seal that breaks leave no secret in any frame."""
    host = Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
    way, act = STEPS[step]
    way(host)
    planted = Planted(host, _codes(host), [host.view.token])
    if port == "clock":
        monkeypatch.setattr(FakeClock, "__call__", lambda _: datetime(2026, 4, 1))  # noqa: DTZ001 - naive
    else:
        monkeypatch.setattr(Sealer, port, _odd)
    try:
        act(host)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is searched
        planted.is_free_of_them(rendered(error), f"a frame of {step}")
    else:
        assert port != "clock", "a naive clock is refused"


@pytest.mark.rule("S5", "A7")
@pytest.mark.parametrize("method", ["contract", "check_pin", "carry_out"])
@pytest.mark.parametrize("awaited", [True, False], ids=["awaited", "plain"])
def test_no_frame_of_an_asynchronous_service_shows_a_secret(method: str, *, awaited: bool) -> None:
    """A bank of coroutines, or a plain one, fails behind the asynchronous face: no frame shows a secret."""
    host = Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
    host.at_bim017()
    bank = AsyncFakeBank(host.bank) if awaited else host.bank
    service = AsyncResetService(bank=bank, store=host.store, key=host.key, clock=host.clock)
    host.bank.fail(method, OddError)
    typed = host.reset(new_password=NEW, new_password_confirm=NEW)
    with pytest.raises(OddError) as caught:
        asyncio.run(service.send(host.view.token, "submit_reset", typed, request_id="r"))
    text = rendered(caught.value)
    assert "run_async" in text
    Planted(host, [], [host.view.token]).is_free_of_them(text, "a frame")


def _odd(*_: object) -> str:
    raise OddError


@pytest.mark.rule("S5", "A7")
@pytest.mark.parametrize("by", ["local", "part", "attribute"])
def test_a_frame_that_shows_a_secret_is_found(by: str) -> None:
    """A plain secret in a local variable, within one, or on what the lines around name, is found."""
    sources = {
        "local": "def leak(pin):\n    raise ValueError(0)\n",
        "part": "def leak(pin):\n    held = {'of': [pin]}\n    del pin\n    raise ValueError(0)\n",
        "attribute": "def leak(pin):\n    shell = Shell(pin)\n    del pin\n    raise ValueError(shell.pin is None)\n",
    }

    class Shell:
        def __init__(self, pin: str) -> None:
            self.pin = pin

    file = "/src/ja_reset/leak.py"
    linecache.cache[file] = (len(sources[by]), None, sources[by].splitlines(keepends=True), file)
    space: dict[str, Callable[[str], None]] = {"Shell": Shell}  # type: ignore[dict-item]  # what the source names
    exec(compile(sources[by], file, "exec"), space)  # noqa: S102 - our own text
    with pytest.raises(ValueError, match=r"0|False") as caught:
        space["leak"](PIN)
    planted = Planted(Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER))
    with pytest.raises(AssertionError, match="in a frame"):
        planted.is_free_of_them(rendered(caught.value), "a frame")
    del linecache.cache[file]


# Programs ----------------------------------------------------------------------------------------------------

TOKEN = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])", re.ASCII)
"""What looks like a token (S1): 256 bits, as URLs take them."""


def tokens_in(text: str, store: SqliteStore) -> list[str]:
    """The tokens in *text* of sessions in *store*, known by their hashes."""
    return [each for each in TOKEN.findall(text) if store.get("session", digest(each)) is not None]


@pytest.mark.rule("S1", "S5", "A7")
def test_the_terminal_shows_no_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All scenarios played: no token of any session is printed, though each session's hash is known to find it by."""
    path = tmp_path / "play.db"
    main(["play", "--all", "--store", str(path)])
    shown_there = capsys.readouterr()
    with SqliteStore(path) as store:
        sessions = store.scan("session", limit=1000)
        assert len(sessions) > 10
        assert [] == tokens_in(shown_there.out + shown_there.err, store)
        view = ResetService(bank=FakeBank(), store=store, key=bytes(32)).start("LOGIN_PASSWORD", institution="ja-0417")
        assert [view.token] == tokens_in(f"a page that shows {view.token}", store), "one that is shown is found"


FAILING = """
from ja_reset import PinCheck
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank
from ja_reset.testing.service_suite import ServiceSuite
import pytest


class Deaf(FakeBank):
    def check_pin(self, ref, pin, /):
        return PinCheck.WRONG


class TestOurs(ServiceSuite):
    examples, steps = 60, 12
    make_bank = pytest.fixture(lambda self: Deaf)
    make_store = pytest.fixture(lambda self: MemoryStore)
"""


@pytest.mark.rule("S5", "A7")
def test_a_failing_history_shows_steps_and_no_secret(tmp_path: Path) -> None:
    """What pytest and Hypothesis print of a bank that proves no PIN names the steps, and nothing that was typed."""
    for options in ([], ["-vv"], ["--showlocals"]):  # the first finds the history, the others play it again
        told = _printed(tmp_path, FAILING, options)
        assert "state.begins(" in told, "the steps are there"
        assert [] == _secrets_in(told)
        assert [] == TOKEN.findall(told)


@pytest.mark.rule("S5", "A7")
def test_a_failing_history_that_shows_a_secret_is_found(tmp_path: Path) -> None:
    """A bank that tells the PIN in its exception has it printed, and the search sees it."""
    leaking = FAILING.replace("return PinCheck.WRONG", "raise RuntimeError(pin.reveal())")
    assert _secrets_in(_printed(tmp_path, leaking, []))


def _printed(folder: Path, suite: str, options: list[str]) -> str:
    """All that pytest prints of a *suite* that fails."""
    (folder / "test_ours.py").write_text(suite, "utf-8")
    command = [sys.executable, "-X", "utf8", "-m", "pytest", "-p", "no:cacheprovider", *options, str(folder)]
    # Hypothesis keeps what it found in the folder, but never where CI is set
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(  # noqa: S603 - ours
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert 1 == done.returncode, done.stdout
    return done.stdout + done.stderr


def _secrets_in(told: str) -> list[str]:
    """What customers of the cast and the suite type in secret, and *told* has as a word."""
    examples = [reader.example(Policies()) for reader in (readers.PIN, readers.PASSWORD, readers.ACTIVATION_PASSWORD)]
    entered = [word for each in CAST for word in (each.password, each.pin, wrong_digits(each.pin))]
    secrets = [*entered, "Shinai-77", "86421357", *examples]
    return [word for word in secrets if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", told)]
