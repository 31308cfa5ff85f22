"""Charts of a host that try what the rules forbid: refused when they are made, or harmless when they run."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from datetime import date, datetime, timedelta

import attrs
import pytest
from transfer_limit import AMOUNT, LOG_IN, TEXTS, TITLE, TRANSFER_LIMIT, LimitForm, TransferPolicy
from transfer_limit import _screen as screen

from ja_reset import (
    Call,
    CallSource,
    ChartError,
    InvalidArgument,
    PinCheck,
    Policies,
    ResetService,
    Secret,
    Text,
    View,
)
from ja_reset.chart import Chart, EventRole, Guard, Handler, Refusal, State, Turn, check
from ja_reset.chart.turn import BankFact
from ja_reset.fields.forms import LOGIN_ID, PASSWORD, PIN, read
from ja_reset.fields.specs import FieldKind, FieldSpec, field
from ja_reset.machines import common, guards
from ja_reset.machines.facts import READING
from ja_reset.screens import CANCEL
from ja_reset.stores import MemoryStore
from ja_reset.testing import CAST, FakeBank, FakeClock, credentials
from quoted import quotes

CUSTOMER = CAST[0]


def changed(trigger: str, **changes: object) -> Chart:
    """The worked example with one handler changed."""
    handlers = [
        attrs.evolve(each, **changes) if each.trigger == trigger else each  # type: ignore[arg-type]  # fields by name
        for each in TRANSFER_LIMIT.handlers
    ]
    return made(handlers=handlers)


def made(*, handlers: list[Handler], states: list[State] | None = None) -> Chart:
    """A chart with the example's parts."""
    return Chart(
        "TRANSFER_LIMIT",
        title=TITLE,
        initial="LOGIN",
        texts=TEXTS,
        codes=TRANSFER_LIMIT.codes,
        policies=(TransferPolicy,),
        states=list(TRANSFER_LIMIT.states.values()) if states is None else states,
        handlers=handlers,
    )


def served(chart: Chart, bank: FakeBank) -> tuple[ResetService, MemoryStore, FakeClock]:
    """A service that serves the chart, its store and its clock."""
    store, clock = MemoryStore(), FakeClock()
    return ResetService(bank=bank, store=store, key=bytes(32), clock=clock, procedures=[chart]), store, clock


def at_limit(service: ResetService) -> View:
    """A session where the amount and the PIN are entered."""
    view = service.start("TRANSFER_LIMIT", institution="ja-0417")
    view = service.send(view.token, "log_in", credentials(CUSTOMER, "LOGIN_ID"))
    view = service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id})
    service.report_call(Call(id="c1", number=CUSTOMER.contract.phones[0], source=CallSource.NETWORK))
    return service.view(view.token)


@attrs.frozen(kw_only=True)
class LoginAndPinForm:
    """The login, and the PIN with it."""

    login_id: str = field(LOGIN_ID)
    password: Secret = field(PASSWORD)
    pin: Secret = field(PIN)


@pytest.mark.rule("L1", "L2", "L3", "A3")
def test_a_pin_that_is_asked_with_the_identity_is_counted_and_locks() -> None:
    """The attempt is settled in the row of the contract that the same turn has proved."""
    login = common.identity(
        trigger="log_in", source="LOGIN", form=LoginAndPinForm, proof=guards.login_is_proved, to="CHOICE"
    )
    login = attrs.evolve(login, checks=(*login.checks, *common.pin_is_proved))
    plan = screen(id="LOGIN", title="BTR002.title", position=0, form=LoginAndPinForm, buttons=(LOG_IN, CANCEL))
    states = [
        attrs.evolve(each, screen=plan) if each.name == "LOGIN" else each for each in TRANSFER_LIMIT.states.values()
    ]
    handlers = [login if each.trigger == "log_in" else each for each in TRANSFER_LIMIT.handlers]
    bank = FakeBank()
    service, _, clock = served(made(handlers=handlers, states=states), bank)
    reached = []
    for pin in ("0000", "0001", "0002"):
        view = service.start("TRANSFER_LIMIT", institution="ja-0417")
        view = service.send(view.token, "log_in", {**credentials(CUSTOMER, "LOGIN_ID"), "pin": pin})
        reached.append((view.state, service.operator.pin_count(CUSTOMER.ref)))
        clock.advance(timedelta(minutes=1).total_seconds())
    assert [("LOGIN", 1), ("LOGIN", 2), ("LOCKED", 3)] == reached
    assert 0 == service.operator.pin_count("")
    assert ["LOCK_SERVICE", "LOCK_CARD", "NOTIFY"] == [str(each.kind) for each in bank.carried_out]


@pytest.mark.rule("L3")
def test_a_form_with_a_pin_comes_with_a_check_of_it() -> None:
    """An order that takes the PIN to the bank unchecked would ask about it without an attempt."""
    checks = (check(guards.form_is_valid), *common.contract_still_stands)
    with pytest.raises(ChartError, match="change_limit from LIMIT has a form with a PIN, and no check of it"):
        changed("change_limit", checks=checks)


@pytest.mark.rule("S2", "P7")
def test_what_heeds_no_version_brings_no_form() -> None:
    """A form sent under the role PROCEED would be judged though it names an older view."""
    with pytest.raises(ChartError, match="change_limit from LIMIT has the role PROCEED, which takes no form"):
        changed("change_limit", role=EventRole.PROCEED)


@pytest.mark.rule("L3")
def test_a_fact_of_the_bank_has_a_name_of_its_own() -> None:
    """One that is named like the library's would be resolved as that, without its laws."""
    fact = BankFact(
        "sealed_activation",
        method="nothing_at_all",
        kind=PinCheck,
        absent=PinCheck.WRONG,
        values={"wrong": PinCheck.WRONG},
    )
    guard = Guard("it_is_so", lambda turn: bool(turn.know(fact)), ("format",), says=TITLE, reads=(fact,))
    handler = next(each for each in TRANSFER_LIMIT.handlers if each.trigger == "change_limit")
    checks = (handler.checks[0], *common.contract_still_stands, check(guard), *common.pin_is_proved)
    with pytest.raises(InvalidArgument, match="names a fact of the bank sealed_activation, as the library names one"):
        served(changed("change_limit", checks=checks), FakeBank())


def _quoting(turn: Turn) -> tuple[Refusal, ...]:
    pin = turn.know(READING).of(LimitForm).pin.reveal()
    return (Refusal("limit_too_high", pin, words=Text(f"{pin}です", f"it is {pin}")),)


@pytest.mark.rule("S5")
def test_words_of_a_guard_that_quote_a_secret_are_not_told() -> None:
    """Neither the answer nor a row has the PIN; the reason has the catalogue's words instead."""
    guard = Guard("never", lambda _: False, ("limit_too_high",), says=TITLE, reads=(READING,), reasons=_quoting)
    handler = next(each for each in TRANSFER_LIMIT.handlers if each.trigger == "change_limit")
    checks = (handler.checks[0], *common.contract_still_stands, check(guard), *common.pin_is_proved)
    service, store, _ = served(changed("change_limit", checks=checks), FakeBank())
    view = at_limit(service)
    data = {"new_limit": "1", "pin": CUSTOMER.pin}
    view = service.send(view.token, "change_limit", data, version=view.version, request_id="r1")
    assert ["limit_too_high"] == [each.code for each in view.reasons]
    told = repr(view) + repr(view.to_dict()) + repr([row.body for row in store.scan("request")])
    assert not quotes(told, CUSTOMER.pin)


def _raises(text: str, _policy: object, _today: object) -> str | None:
    msg = f"{text} is no amount"
    raise ValueError(msg)


def _gives_a_number(text: str, _policy: object, _today: object) -> str | None:
    return int(text)  # type: ignore[return-value]  # the point


@pytest.mark.rule("S5", "A8")
@pytest.mark.parametrize(
    ("parse", "how"),
    [
        (_raises, "raised ValueError: it must give None for what is malformed"),
        (_gives_a_number, "gave int: it must give a str, or None for what is malformed"),
    ],
    ids=["raises", "gives another type"],
)
def test_a_reader_that_is_wrong_quotes_nothing(parse: Callable[..., str | None], how: str) -> None:
    """Its error says which reader of which field, and neither it nor its traceback has what was typed."""
    broken = attrs.evolve(AMOUNT, parse=parse)
    form = attrs.make_class(
        "BrokenForm", {"amount": field(FieldSpec("amount", broken, FieldKind.DIGITS))}, kw_only=True
    )
    with pytest.raises(ChartError) as refused:
        read(form, {"amount": "271828"}, policy=Policies(), today=date(2026, 4, 1))
    assert f"form BrokenForm: the reader amount of amount {how}" == str(refused.value)
    stack = traceback.TracebackException.from_exception(refused.value, capture_locals=True)
    ours = [frame for frame in stack.stack if "src/ja_reset" in frame.filename.replace(os.sep, "/")]
    assert ours
    assert "271828" not in repr([frame.locals for frame in ours])
    assert (None, None) == (refused.value.__cause__, refused.value.__context__)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"until": datetime(2026, 4, 1)}, "until of a Refusal must be an aware datetime"),  # noqa: DTZ001 - the point
        ({"field": 5}, "must each be a str"),
        ({"words": "so"}, "must be a Text, not str"),
    ],
    ids=["until", "field", "words"],
)
def test_a_malformed_reason_is_refused_before_it_is_stored(change: dict[str, object], words: str) -> None:
    """A reason that no saved form can have is never made."""
    with pytest.raises(InvalidArgument, match=words):
        Refusal("format", **change)  # type: ignore[arg-type]  # the point
