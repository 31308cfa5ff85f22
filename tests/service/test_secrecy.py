"""No secret is found anywhere (S5, S7, A7)."""

from __future__ import annotations

import json
import logging
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import attrs
import pytest

from hosts import KEY, Host
from ja_reset import (
    BankUnavailable,
    Call,
    EffectRefused,
    Happened,
    InvalidArgument,
    Policies,
    Procedure,
    ResetService,
    SealError,
    StoreError,
)
from ja_reset.policies import CodeChannel, FieldPolicy, PhonePolicy
from ja_reset.secret import Secret
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.testing import FakeBank, FakeClock
from ja_reset.testing._bank import METHODS
from ja_reset.testing.cast import ORDINARY
from ja_reset.text import Text
from quoted import quotes
from runs import KINDS

PIN = "7391"
WRONG_PIN = "8642"
PASSWORD = "qz#Kaw9!xv"
NEW = "jw%Tok7?yb"
ACTIVATION = "60718293"
CUSTOMER = attrs.evolve(ORDINARY, pin=PIN, password=PASSWORD)
REQUEST = "request-id-of-a-browser-4711"


@attrs.define
class Planted:
    """A host whose every secret is one that nothing else is like, and where they could turn up."""

    host: Host
    codes: list[str] = attrs.field(factory=list)
    tokens: list[str] = attrs.field(factory=list)
    pin: str = attrs.field(default=PIN, kw_only=True)

    def secrets(self) -> list[str]:
        """Every secret that there was; passwords in whatever case."""
        typed = [self.pin, WRONG_PIN, PASSWORD, NEW, ACTIVATION]
        return [*typed, *self.codes, *self.tokens]

    def is_free_of_them(self, text: str, where: str, *, but: tuple[str, ...] = ()) -> None:
        """Fail where one of them is in *text*; PINs and codes only as words of their own."""
        low = text.lower()
        for secret in self.secrets():
            assert secret in but or not quotes(low, secret.lower()), f"{secret} in {where}"


def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Have every library log at DEBUG, those too that keep their own level, as psycopg does."""
    for name in ("", *logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name or None)


def run_everything(planted: Planted) -> Iterator[str]:
    """Every procedure with every secret typed, right and wrong; yields where it stands."""
    host = planted.host
    for procedure in (Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH):
        host.at_bim017(procedure)
        planted.tokens.append(host.view.token)
        yield "BIM017"
        host.send(
            "submit_reset", host.reset(new_password=NEW, new_password_confirm=NEW, pin=WRONG_PIN), request_id=REQUEST
        )
        yield "wrong PIN"
        if procedure is Procedure.LOGIN_PASSWORD:
            host.send("submit_reset", host.reset(new_password=NEW, new_password_confirm="else-0000"))
        host.bank.fail("carry_out", BankUnavailable)
        host.send("submit_reset", host.reset(new_password=NEW, new_password_confirm=NEW))
        yield "COMPLETING"
        host.send("proceed")
        yield "DONE"
    new = attrs.evolve(host.customer, password=NEW)
    for method in ("ACCOUNT", "LOGIN_ID"):
        host.customer = new
        host.at_btr002(method=method)
        planted.tokens.append(host.view.token)
        host.send("submit_credentials", host.credentials(method, password=PASSWORD))
        yield "wrong password"
        host.send("submit_credentials", host.credentials(method))
        host.send(
            "submit_details", host.details(activation_password=ACTIVATION, activation_password_confirm=ACTIVATION)
        )
        yield "BTR004"
        result = host.call()
        assert result.code is not None
        planted.codes.append(result.code.reveal())
        yield f"BTR004_KEYS {result!r}"
        host.keys("*" + str((int(result.code.reveal()) + 1) % 10**6).zfill(6))
        host.bank.fail("carry_out", BankUnavailable)
        host.keys(result.code.reveal())
        yield "COMPLETING"
        host.send("proceed")
        assert "BTR005" == host.look().state
        yield "BTR005"


@pytest.mark.rule("S5", "S7", "A7", "S1")
@pytest.mark.parametrize("channel", ["spoken", "displayed"])
def test_no_secret_is_saved_logged_shown_or_audited(
    channel: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Through all procedures, at every step: rows, the file's bytes, logs at DEBUG, reprs, operator and audit."""
    everything_is_logged(caplog)
    path = tmp_path / "reset.db"
    policies = Policies(phone=PhonePolicy(code_channel=CodeChannel(channel)))
    with closing(SqliteStore(path)) as store:
        told: list[Happened] = []
        bank, clock = FakeBank([CUSTOMER]), FakeClock()
        host = Host(store=store, bank=bank, clock=clock, customer=CUSTOMER, policies=policies)
        host.service = ResetService(
            bank=bank, store=store, key=KEY, clock=clock, policies=policies, observer=told.append
        )
        planted = Planted(host)
        if channel == "displayed":
            _speak(host, planted)
        for where in run_everything(planted):
            planted.is_free_of_them(where, "a repr")
            planted.is_free_of_them(repr(host.view), f"the view's repr at {where}")
            shown = json.dumps(host.view.to_dict(), ensure_ascii=False)
            planted.is_free_of_them(shown, f"the view at {where}", but=tuple(planted.codes))
            for kind in KINDS:
                for row in store.scan(kind):
                    assert REQUEST not in json.dumps(row.body)
                    planted.is_free_of_them(json.dumps(row.body) + row.key + row.tag + repr(row), f"{kind} at {where}")
            operator = host.service.operator
            for records in (operator.sessions(), operator.effects(), operator.audit()):
                planted.is_free_of_them(json.dumps(records.to_dict()), f"what the operator reads at {where}")
        planted.is_free_of_them(repr(host.service) + repr(host.service.operator) + repr(store), "reprs")
        assert told
        for each in told:  # without durations: their microseconds are any four digits by chance
            happened = attrs.evolve(each, duration=timedelta(0), took=timedelta(0), bank_took=timedelta(0))
            planted.is_free_of_them(json.dumps(happened.to_dict()) + repr(happened), "what an observer is told")
        planted.is_free_of_them(repr(host.bank.carried_out) + repr(host.bank.asked), "effects")
        for file in sorted(tmp_path.iterdir()):
            planted.is_free_of_them(file.read_bytes().decode("latin-1"), file.name)
    with closing(sqlite3.connect(path)) as connection:
        planted.is_free_of_them("\n".join(connection.iterdump()), "the dump")
    extras = [getattr(record, "ja_reset", None) for record in caplog.records]
    assert any(extras)
    logged = [record.getMessage() + repr(record.args) for record in caplog.records] + [json.dumps(extras)]
    assert logged
    planted.is_free_of_them("\n".join(logged), "the logs")


def _speak(host: Host, planted: Planted) -> None:
    """Where the code is displayed, read it off the screen for what a gateway would be told."""
    keep = host.service.report_call

    def report_call(call: Call, *, session: str | None = None) -> object:
        result = keep(call, session=session)
        code = host.look().code
        if result.code is None and code is not None:
            return attrs.evolve(result, code=Secret(code))
        return result

    host.service.report_call = report_call  # type: ignore[method-assign,assignment]


@pytest.mark.rule("S5")
def test_sealed_secrets_are_dropped_as_soon_as_they_are_used() -> None:
    """Activation password, code and effect are sealed only as long as they are needed: no seal outlives its end."""
    host = Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER)

    def seals() -> int:
        return sum(json.dumps(row.body).count('"v2.') for kind in KINDS for row in host.store.scan(kind))

    for leave in ("back", "cancel"):
        host.at_btr004()
        assert 1 == seals()
        host.call()
        assert 2 == seals()
        host.look()
        host.send(leave)
        assert 0 == seals()
        host.clock.advance(200)
    host.at_btr_completing()
    assert 1 == seals(), "the effect's"
    host.send("proceed")
    assert 0 == seals()
    host.at_bim017()
    host.bank.fail("carry_out", EffectRefused(ja="だめ", en="no"))
    host.send("submit_reset", host.reset())
    assert 0 == seals()
    host.clock.advance(601)
    host.at_btr004()
    host.clock.advance(3600)
    host.service.expire_due()
    assert 0 == seals()


# Exceptions -------------------------------------------------------------------------------------------------


class OddError(Exception):
    """What no port should raise."""


def told(error: BaseException) -> str:
    """All that an error reporter sees: messages, and every frame of the library with its local variables."""
    lines = []
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop()
        if each is None:
            continue
        lines.append(f"{type(each).__name__} {each!r} {each}")
        stack = traceback.TracebackException.from_exception(each, capture_locals=True).stack
        frames = [frame for frame in stack if "/ja_reset/" in frame.filename and "/testing/" not in frame.filename]
        lines += [f"{frame.name} {frame.locals}" for frame in frames]
        todo += [each.__cause__, each.__context__]
    return "\n".join(lines)


STEPS = {
    "find_contract": ("at_bim015", "submit_identity"),
    "check_login": ("at_btr002", "submit_credentials"),
    "contract": ("at_bim017", "submit_reset"),
    "check_pin": ("at_bim017", "submit_reset"),
    "carry_out": ("at_bim017", "submit_reset"),
    "institution": ("at_bim017", "submit_reset"),
}


def typed(host: Host, event: str) -> dict[str, str]:
    """What the customer types, with the secrets planted."""
    if event == "submit_identity":
        return host.identity()
    if event == "submit_credentials":
        return host.credentials()
    return host.reset(new_password=NEW, new_password_confirm=NEW, pin=PIN)


@pytest.mark.rule("S5", "A7")
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_no_traceback_shows_a_secret_when_a_bank_method_raises(method: str, after: bool) -> None:
    """Whatever method fails, no frame of the library has a secret or the token in its local variables."""
    host = Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
    planted = Planted(host)
    way, event = STEPS[method]
    getattr(host, way)()
    host.clock.advance(61)  # so long that the bank is asked for the institution again
    planted.tokens.append(host.view.token)
    host.bank.fail(method, OddError("odd"), after=after)
    with pytest.raises(OddError) as caught:
        _send(host.service, host.view.token, event, typed(host, event))
    text = told(caught.value)
    assert "_ask" in text or "shell" in text or "run" in text
    planted.is_free_of_them(text, "the traceback")


def _send(service: ResetService, token: str, event: str, data: object) -> None:
    service.send(token, event, data, request_id=REQUEST)


@pytest.mark.rule("S5", "A7")
@pytest.mark.parametrize("nth", range(1, 6))
def test_no_traceback_shows_a_secret_when_a_commit_fails(nth: int) -> None:
    """Whichever commit of the last step fails, no frame shows what was typed."""
    store = MemoryStore()
    host = Host(store=store, bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
    planted = Planted(host)
    host.at_bim017()
    planted.tokens.append(host.view.token)
    keep, count = store.commit, iter(range(1, 100))

    def commit(puts: object, audit: object = ()) -> bool:
        if next(count) == nth:
            msg = "gone"
            raise StoreError(msg)
        return keep(puts, audit)  # type: ignore[arg-type]

    store.commit = commit  # type: ignore[method-assign]
    with pytest.raises(StoreError) as caught:
        _send(host.service, host.view.token, "submit_reset", typed(host, "submit_reset"))
    planted.is_free_of_them(told(caught.value), "the traceback")


@pytest.mark.rule("S5", "P4")
def test_no_traceback_shows_a_code_that_was_keyed_in() -> None:
    """Keys with a time that is none, or that fail on the way to the bank, are not shown."""
    host = Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
    host.at_btr004()
    code = host.call().code
    assert code is not None
    planted = Planted(host, [code.reveal()], [host.view.token])
    with pytest.raises(InvalidArgument) as naive:
        host.service.report_keys("call-1", code.reveal(), received_at=datetime(2026, 4, 1))  # noqa: DTZ001 - naive
    planted.is_free_of_them(told(naive.value), "the traceback")
    with pytest.raises(InvalidArgument) as wrong:
        host.service.report_keys(7, code.reveal())  # type: ignore[arg-type]
    planted.is_free_of_them(told(wrong.value), "the traceback")
    host.bank.fail("contract", OddError)
    with pytest.raises(OddError) as odd:
        host.service.report_keys("call-1", code.reveal())
    planted.is_free_of_them(told(odd.value), "the traceback")
    host.bank.fail("carry_out", OddError)
    with pytest.raises(OddError) as last:
        host.service.report_keys("call-1", code.reveal())
    planted.is_free_of_them(told(last.value), "the traceback")


@pytest.mark.rule("S5", "A7")
@pytest.mark.parametrize("what", ["request id", "event", "version"])
def test_misuse_is_told_without_what_was_handed_in(what: str) -> None:
    """A wrong argument beside a secret raises nothing that shows the secret."""
    host = Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
    planted = Planted(host)
    view = host.at_bim017()
    planted.tokens.append(view.token)
    data = typed(host, "submit_reset")
    calls: dict[str, Callable[[], object]] = {
        "request id": lambda: host.service.send(view.token, "submit_reset", data, request_id=7),  # type: ignore[arg-type]
        "event": lambda: host.service.send(view.token, [PIN], data),  # type: ignore[arg-type]
        "version": lambda: host.service.send(view.token, "submit_reset", data, version=PIN),  # type: ignore[arg-type]
    }
    try:
        calls[what]()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is searched
        text = told(error)
    else:
        text = json.dumps(host.store.audit())
    planted.is_free_of_them(text, what)


@pytest.mark.rule("S5", "F9")
def test_a_hosts_rule_that_raises_shows_no_password() -> None:
    """A password rule of the host gets a Secret; when it raises, no frame of the library shows what is in it."""

    def rule(*_: object) -> Text | None:
        raise OddError

    policies = Policies(fields=FieldPolicy(password_rule=rule))
    host = Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER, policies=policies)
    planted = Planted(host)
    host.at_bim017()
    planted.tokens.append(host.view.token)
    with pytest.raises(OddError) as caught:
        _send(host.service, host.view.token, "submit_reset", typed(host, "submit_reset"))
    planted.is_free_of_them(told(caught.value), "the traceback")


@pytest.mark.rule("S5", "A7")
@pytest.mark.parametrize("method", ["send", "view"])
def test_no_traceback_shows_the_token_in_a_context(method: str) -> None:
    """A host that puts the token into the context is told so by an error that does not show it."""
    host = Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
    planted = Planted(host)
    host.at_bim017()
    planted.tokens.append(host.view.token)
    context = {"referer": f"https://bank.example/?{host.view.token}"}
    arguments = ("back",) if method == "send" else ()
    with pytest.raises(InvalidArgument, match="token") as caught:
        getattr(host.service, method)(host.view.token, *arguments, context=context)
    planted.is_free_of_them(told(caught.value), "the traceback")


class Torn(dict[str, str]):
    """A form that raises, and quotes what it holds, when its last field is read."""

    def get(self, name: str, _: object = None) -> str:
        """A field of the form."""
        if name == "pin":
            raise OddError(self[name])
        return self[name]


@pytest.mark.rule("S5", "A8")
def test_a_form_that_raises_shows_nothing_and_moves_nothing() -> None:
    """A mapping of the host's own that fails while it is read is a documented error, in which no secret is."""
    host = Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
    planted = Planted(host)
    host.at_bim017()
    planted.tokens.append(host.view.token)
    row = host.row()
    with pytest.raises(InvalidArgument, match="reading it raised") as caught:
        _send(host.service, host.view.token, "submit_reset", Torn(typed(host, "submit_reset")))
    planted.is_free_of_them(told(caught.value), "the traceback")
    assert row == host.row()


@pytest.mark.rule("S5")
def test_another_key_opens_nothing() -> None:
    """With another key what is sealed stays shut: an error of the seal, which shows nothing, and no session moves."""
    host = Host(bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
    host.at_btr_completing()
    other = ResetService(bank=host.bank, store=host.store, key=b"x" * 32, clock=FakeClock(host.clock()))
    with pytest.raises(SealError, match="cannot be opened"):
        other.send(host.view.token, "proceed")
    assert "COMPLETING" == host.look().state
