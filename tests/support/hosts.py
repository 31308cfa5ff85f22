"""A host for tests: one service over a fake bank and a fake clock, and a session driven to any state of a chart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Final, cast

import attrs

from ja_reset import (
    PROCEDURES,
    BankUnavailable,
    Call,
    CallResult,
    CallSource,
    Hours,
    Policies,
    Procedure,
    ResetService,
    View,
)
from ja_reset.bank._values import CallStatus
from ja_reset.chart import Chart
from ja_reset.fields.forms import DetailsForm, PasswordForm, PinForm
from ja_reset.policies import PhonePolicy
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Row, Store
from ja_reset.testing import Customer, FakeBank, FakeClock, credentials, entries, identity
from ja_reset.testing._shells import paused_by
from ja_reset.testing.cast import ORDINARY
from ja_reset.text import Messages

KEY: Final = bytes(range(32))
WITH_CODES: Final = Policies(phone=PhonePolicy(bim_code=True))
"""Policies that ask for a code in the BIM family too (P4)."""

STATES: Final = tuple((procedure, state) for procedure, chart in PROCEDURES.items() for state in chart.states)
"""Every state of every procedure."""
LIVE: Final = tuple(pair for pair in STATES if not PROCEDURES[pair[0]].states[pair[1]].is_final)
FINAL: Final = tuple(pair for pair in STATES if PROCEDURES[pair[0]].states[pair[1]].is_final)


def named(value: object) -> str | None:
    """How pytest names a procedure in a test's id: `ids=named`."""
    return value.value if isinstance(value, Procedure) else None


def codes(answer: View | CallResult) -> list[str]:
    """The codes of its reasons, in their order."""
    return [reason.code for reason in answer.reasons]


def reset(customer: Customer = ORDINARY) -> dict[str, str]:
    """What the customer enters on BIM017, whichever procedure it is of; a form takes the fields that it has."""
    return {**entries(PinForm, customer), **entries(PasswordForm, customer)}


def details(customer: Customer, phone_id: str) -> dict[str, str]:
    """What the customer enters on BTR003, to call from that phone."""
    return entries(DetailsForm, customer, phone=phone_id)


NEW_PASSWORD: Final = reset()["new_password"]
ACTIVATION: Final = details(ORDINARY, "")["activation_password"]
EMAIL: Final = details(ORDINARY, "")["email"]


@attrs.define(kw_only=True)
class Host:
    """A host with one customer. Each `at_…` starts a new session and drives it there; `view` is the last answer.

    `host.at(procedure, state)` does so for any state by its name. Another Host over the same store, bank and clock is
    another process: `host.beside()`.
    """

    store: Store = attrs.field(factory=MemoryStore)
    bank: FakeBank = attrs.field(factory=FakeBank)
    clock: FakeClock = attrs.field(factory=FakeClock)
    customer: Customer = ORDINARY
    policies: Policies = attrs.field(factory=Policies)
    key: bytes | tuple[bytes, ...] = KEY
    messages: Messages | None = None
    procedures: tuple[Chart, ...] = ()
    calls: int = 0
    pauses: list[float] = attrs.field(factory=list)
    """The seconds that requests have waited for the turn under way, pause by pause; nobody sleeps."""
    service: ResetService = attrs.field(init=False)
    _view: View | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        service = ResetService(
            bank=self.bank,
            store=self.store,
            key=self.key,
            clock=self.clock,
            policies=self.policies,
            messages=self.messages,
            procedures=self.procedures,
        )
        self.service = paused_by(service, self.pauses.append)

    def beside(self) -> Host:
        """Another process of the same host, which knows the same last answer."""
        other = attrs.evolve(self, calls=self.calls + 1000)
        other._view = self._view
        return other

    @property
    def view(self) -> View:
        """The last answer."""
        assert self._view is not None, "no session was started"
        return self._view

    # what customers and gateways do -------------------------------------------------------------------------

    def start(self, procedure: Procedure | Chart | str = Procedure.LOGIN_PASSWORD) -> View:
        """A new session."""
        self._view = self.service.start(procedure, institution=self.customer.institution)
        return self._view

    def send(self, event: str, data: object = None, *, request_id: str | None = None) -> View:
        """An event of the customer, under the version last seen."""
        last = self.view
        self._view = self.service.send(last.token, event, data, version=last.version, request_id=request_id)
        return self._view

    def look(self) -> View:
        """The present view."""
        self._view = self.service.view(self.view.token)
        return self._view

    def call(self, number: str | None = None, **more: object) -> CallResult:
        """A call from the customer's first phone (or *number*) under a new id; `more` are fields of `Call`."""
        self.calls += 1
        fields: dict[str, object] = {"id": f"call-{self.calls}", "source": CallSource.NETWORK, **more}
        fields.setdefault("number", number or self.customer.contract.phones[0])
        return self.service.report_call(Call(**fields))  # type: ignore[arg-type]  # fields by name

    def keys(self, digits: str, *, call_id: str | None = None) -> CallResult:
        """Keys in the last call (or in *call_id*)."""
        return self.service.report_keys(call_id or f"call-{self.calls}", digits)

    # what the customer types --------------------------------------------------------------------------------

    def identity(self, **changes: str) -> dict[str, str]:
        """BIM015, every field right but for the changes."""
        return {**identity(self.customer), **changes}

    def credentials(self, method: str = "LOGIN_ID", **changes: str) -> dict[str, str]:
        """BTR002, every field right but for the changes; the password is the one that the bank has by now."""
        return {**credentials(self.bank.customer(self.customer.ref), method), **changes}

    def phone(self, number: int = 0) -> dict[str, str]:
        """BIM016: the offered phone of that place in the list."""
        return {"phone_id": self.view.phones[number].id}

    def details(self, number: int = 0, **changes: str) -> dict[str, str]:
        """BTR003: an e-mail address, an activation password, the offered phone of that place in the list."""
        return {**details(self.customer, self.view.phones[number].id), **changes}

    def reset(self, **changes: str) -> dict[str, str]:
        """BIM017: a new password and the right PIN (RISK_BASED_AUTH ignores the password)."""
        return {**reset(self.customer), **changes}

    # every state --------------------------------------------------------------------------------------------

    def at(self, procedure: Procedure, state: str) -> View:
        """A new session of *procedure* in *state*, a name of its chart."""
        family = "btr" if procedure is Procedure.TOKEN_REISSUE else "bim"
        way = getattr(self, f"at_{state.lower()}", None) or getattr(self, f"at_{family}_{state.lower()}")
        view = cast("Callable[[Procedure], View]", way)(procedure)
        assert (procedure, state) == (view.procedure, view.state)
        return view

    def at_bim015(self, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
        """契約者認証."""
        return self.start(procedure)

    def at_bim016(self, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
        """契約者確認: identity proved."""
        self.at_bim015(procedure)
        return self.send("submit_identity", self.identity())

    def at_phone(self, procedure: Procedure = Procedure.LOGIN_PASSWORD, number: int = 0) -> View:
        """電話番号認証: waiting for the call."""
        self.at_bim016(procedure)
        return self.send("choose_phone", self.phone(number))

    def at_phone_keys(self, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
        """電話番号認証: waiting for the keys; a chart has them where policies ask (`WITH_CODES`)."""
        self.at_phone(procedure)
        assert CallStatus.ANNOUNCE is self.call().status, "no code is asked for: the host needs WITH_CODES"
        return self.look()

    def at_bim017(self, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
        """パスワード入力: the phone proved."""
        self.at_phone(procedure)
        self._prove_phone()
        return self.look()

    def at_bim_completing(self, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
        """The last proof given, the bank silent."""
        self.at_bim017(procedure)
        self.bank.fail("carry_out", BankUnavailable)
        return self.send("submit_reset", self.reset())

    def at_done(self, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
        """初期化完了."""
        self.at_bim017(procedure)
        return self.send("submit_reset", self.reset())

    def at_btr001(self, procedure: Procedure = Procedure.TOKEN_REISSUE) -> View:
        """認証方法選択."""
        return self.start(procedure)

    def at_btr002(self, procedure: Procedure = Procedure.TOKEN_REISSUE, method: str = "LOGIN_ID") -> View:
        """認証, by that method."""
        self.at_btr001(procedure)
        return self.send("choose_method", {"method": method})

    def at_btr003(self, procedure: Procedure = Procedure.TOKEN_REISSUE, method: str = "LOGIN_ID") -> View:
        """情報入力: login proved."""
        self.at_btr002(procedure, method)
        return self.send("submit_credentials", self.credentials(method))

    def at_btr004(self, procedure: Procedure = Procedure.TOKEN_REISSUE, number: int = 0) -> View:
        """電話番号認証: waiting for the call."""
        self.at_btr003(procedure)
        return self.send("submit_details", self.details(number))

    def at_btr004_keys(self, procedure: Procedure = Procedure.TOKEN_REISSUE) -> View:
        """電話番号認証: waiting for the keys."""
        self.at_btr004(procedure)
        assert CallStatus.ANNOUNCE is self.call().status
        return self.look()

    def at_btr_completing(self, procedure: Procedure = Procedure.TOKEN_REISSUE) -> View:
        """Phone and code proved, the bank silent."""
        self.at_btr004(procedure)
        self.bank.fail("carry_out", BankUnavailable)
        self._prove_phone()
        return self.look()

    def at_btr005(self, procedure: Procedure = Procedure.TOKEN_REISSUE) -> View:
        """完了."""
        self.at_btr004(procedure)
        self._prove_phone()
        return self.look()

    def at_cancelled(self, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
        """Cancelled on the first screen."""
        self.start(procedure)
        return self.send("cancel")

    def at_expired(self, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
        """Left alone on the first screen until it was too late."""
        self.start(procedure)
        self.clock.advance(self.policies.session.idle_timeout)
        self.clock.advance(1)
        return self.look()

    def at_rejected(self, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
        """The contract was gone when the phone was chosen (C5a); the bank has it again afterwards."""
        event, data = self._about_to_choose(procedure)
        self.bank.answer("contract", None)
        return self.send(event, data)

    def at_locked(self, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
        """The card was locked when the phone was chosen (I6); it is open again afterwards."""
        event, data = self._about_to_choose(procedure)
        self.bank.change(self.customer.ref, card_locked=True)
        view = self.send(event, data)
        self.bank.change(self.customer.ref, card_locked=False)
        return view

    def at_closed(self, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
        """Asked for out of hours (E4); the institution is open again afterwards."""
        found, now = self.bank.institution(self.customer.institution), self.clock.now
        assert found is not None
        closed = Hours.daily((time(0), time(0)), maintenance=[(now, now + timedelta(hours=1))])
        self.bank.answer("institution", attrs.evolve(found, hours=closed))
        return self.start(procedure)

    def _about_to_choose(self, procedure: Procedure) -> tuple[str, dict[str, str]]:
        if procedure is Procedure.TOKEN_REISSUE:
            self.at_btr003(procedure)
            return "submit_details", self.details()
        self.at_bim016(procedure)
        return "choose_phone", self.phone()

    def _prove_phone(self) -> None:
        result = self.call()
        if result.status is CallStatus.ANNOUNCE:
            code = result.code.reveal() if result.code is not None else self.look().code
            assert code is not None
            result = self.keys(code)
        assert CallStatus.VERIFIED is result.status

    # what is kept -------------------------------------------------------------------------------------------

    def row(self) -> Row:
        """The session's row, as it is saved."""
        row = self.store.get("session", self.view.id)
        assert row is not None
        return row

    def saved(self) -> dict[str, object]:
        """The session's saved form."""
        return dict(self.row().body)
