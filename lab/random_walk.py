"""A walk at random through the facade: customers, callers, the clock and the bank, and what can be seen from outside.

It shares nothing with the verifier: it sends events to a `ResetService` and reads the rows of its store. What it sees
after each event is put in the verifier's words only where the two are compared.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import cast

import attrs

from ja_reset import (
    BankUnavailable,
    Call,
    CallSource,
    EffectRefused,
    PinCheck,
    Policies,
    Presentation,
    Procedure,
    ResetService,
    View,
)
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Put
from ja_reset.testing import FakeBank, FakeClock, answers
from ja_reset.testing._entries import credentials, identity
from ja_reset.testing.cast import INSTITUTION, LOCKED, NOT_INDIVIDUAL, ORDINARY, VOIP_ONLY, Customer
from observation import observed

PASSWORD, WRONG_PASSWORD, ACTIVATION, EMAIL = "abcd-1234", "wrong999", "8642", "new@example.jp"
WAITING = ("PHONE", "PHONE_KEYS", "BTR004", "BTR004_KEYS")
BESIDE = 2
"""Sessions beside one another, at most one more than so."""

Seen = Callable[[str, Mapping[str, object]], None]
"""What is told of a session after an event: its procedure, and what was seen of it."""


class ListeningStore(MemoryStore):
    """A store that hands on each audit record as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Mapping[str, object]] = []

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """Make the changes, and remember the records."""
        made = super().commit(puts, audit)
        if made:
            self.heard.extend(audit)
        return made


@attrs.define(eq=False)
class Walk:
    """One bank, one store, a few sessions of the same customer, and a die."""

    policies: Policies
    procedures: tuple[Procedure, ...]
    die: random.Random
    seen: Seen
    events: Callable[[str, tuple[str, str, str, tuple[str, ...]]], None]
    bank: FakeBank = attrs.field(factory=FakeBank, init=False)
    clock: FakeClock = attrs.field(factory=FakeClock, init=False)
    store: ListeningStore = attrs.field(factory=ListeningStore, init=False)
    service: ResetService = attrs.field(init=False)
    views: dict[str, View] = attrs.field(factory=dict, init=False)
    codes: dict[str, tuple[str, str]] = attrs.field(factory=dict, init=False)
    stamps: dict[str, str] = attrs.field(factory=dict, init=False)
    calls: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.service = ResetService(
            bank=self.bank, store=self.store, key=b"k" * 32, clock=self.clock, policies=self.policies
        )

    @property
    def number(self) -> str:
        """The number that is always chosen, as the wait's row has it: the second registered one."""
        return "+81" + ORDINARY.contract.phones[1].replace("-", "")[1:]

    def step(self) -> None:
        """Something happens."""
        live = [view for view in self.views.values() if not view.final]
        with suppress(BankUnavailable):  # a failure that was meant for another question
            if not live or (len(live) <= BESIDE and self._by(0.03)):
                view = self.service.start(
                    self.die.choice((*self.procedures, self.procedures[-1])), institution=INSTITUTION.id
                )
                self.views[view.id] = view
            else:
                self._happen(self.die.choice(live))
        self._look()

    def _by(self, chance: float) -> bool:
        """Whether it falls out so, with this chance."""
        return self.die.random() < chance

    # What happens -----------------------------------------------------------------------------------------

    def _happen(self, view: View) -> None:
        waiting = view.state in WAITING
        if self._by(0.15 if waiting else 0.07):
            self._time(view)
        elif self._by(0.02):
            self._unlock()
        elif waiting and self._by(0.8):
            self._telephone(view)
        else:
            self._customer(view)

    def _time(self, view: View) -> None:
        phone, session = self.policies.phone, self.policies.session
        spans = [
            *(timedelta(seconds=seconds) for seconds in (1, 30)),
            *(phone.number_rest, phone.delivery_grace),
            *((phone.bim_window, phone.btr_window) if view.state in WAITING else (session.idle_timeout,)),
        ]
        span = self.die.choice(spans) + timedelta(seconds=self.die.choice((0, 0, 1, 6)))
        match self.die.choice(("on", "on", "on", "back", "far", "days")):
            case "back":
                span = -timedelta(minutes=1)
            case "far":
                span = session.absolute_timeout
            case "days":
                span = self.policies.identity.identity_window + timedelta(1)
        self.clock.advance(span)
        self.service.expire_due()

    def _unlock(self) -> None:
        self.bank.unlock(ORDINARY.ref)
        self.service.unlock(
            INSTITUTION.id,
            branch=ORDINARY.branch,
            subject=ORDINARY.subject,
            account=ORDINARY.account,
            login_id=ORDINARY.login_id,
        )

    def _telephone(self, view: View) -> None:
        held = self.codes.get(view.id)
        if view.state.endswith("KEYS") and self._by(0.3):
            self._contract_may_change(0.5)
        if held is not None and self._by(0.5):
            call, code = held
            if self._by(0.2):
                self.service.report_end(call)
                return
            digits = code if self._by(0.4) else "9" if self._by(0.2) else "0" * len(code)
            self.service.report_keys(call, digits, received_at=self._received())
            return
        self.calls += 1
        right = self._by(0.4)
        number = (
            ORDINARY.contract.phones[1]
            if right
            else self.die.choice((ORDINARY.contract.phones[0], "09099998888", "05031234567", None))
        )
        ways = ("number", "number", "presentation", "source", "line", "diverted", "validation")
        spoiled = "" if right else self.die.choice(ways)
        if spoiled == "validation":
            number = f"tel:{self.number};verstat=TN-Validation-Failed"
        elif spoiled != "number":
            number = ORDINARY.contract.phones[1]
        call_ = Call(
            id=f"call-{self.calls}",
            number=number,
            source=CallSource.CLAIMED if spoiled == "source" else CallSource.NETWORK,
            dialed="0120-999-999" if spoiled == "line" else self.die.choice((None, INSTITUTION.dial)),
            presentation=self.die.choice(tuple(Presentation)) if spoiled == "presentation" else Presentation.ALLOWED,
            diverted=spoiled == "diverted",
            received_at=self._received(),
        )
        self._contract_may_change(0.3)
        named = view.id if not right or self._by(0.3) else None
        result = self.service.report_call(call_, session=named)
        if result.code is not None:
            owner = view.id if named else self._owner()
            if owner is not None:
                self.codes[owner] = (call_.id, result.code.reveal())

    def _received(self) -> datetime | None:
        if self._by(0.75):
            return None
        seconds = self.die.choice((-400, -200, 1, 2, 3, 400))
        return self.clock.now + timedelta(seconds=seconds)

    def _owner(self) -> str | None:
        row = self.store.get("wait", self.number)
        return None if row is None else str(row.body["session"])

    def _customer(self, view: View) -> None:
        data: dict[str, str] = {}
        if self._by(0.06):
            event = "cancel"
        elif self._by(0.08) and view.state not in {"BIM017", "BTR003"}:
            event = "back"
        elif self._by(0.06):
            event = "proceed"
        elif self._by(0.03):
            event = "extend"
        else:
            event, data = self._form(view)
        self.views[view.id] = self.service.send(view.token, event, data)

    def _form(self, view: View) -> tuple[str, dict[str, str]]:  # noqa: PLR0911 - one a screen
        if self._by(0.08):
            event = next((name for name in view.events if name not in {"cancel", "back"}), "proceed")
            return event, {}
        match view.state:
            case "BIM015":
                self._bank_may_fail("find_contract", 0.05)
                return "submit_identity", identity(self._who())
            case "BTR001":
                return "choose_method", {"method": self.die.choice(("LOGIN_ID", "ACCOUNT"))}
            case "BTR002":
                self._bank_may_fail("check_login", 0.05)
                method = "LOGIN_ID" if view.screen.fields[0].name == "login_id" else "ACCOUNT"
                typed = credentials(self._who(), method)
                return "submit_credentials", typed if self._by(0.75) else typed | {"password": WRONG_PASSWORD}
            case "BIM016" | "BTR003":
                self._contract_may_change(0.1)
                choice = view.phones[1].id if self._by(0.93) else "nobody"
                event = "submit_details" if view.state == "BTR003" else "choose_phone"
                return event, {**answers(view, ORDINARY), "phone_id": choice}
            case "BIM017":
                self._contract_may_change(0.1)
                if self._by(0.1):
                    self.bank.answer("check_pin", PinCheck.NOT_CHECKED)
                self._bank_may_fail("check_pin", 0.05)
                self._effect_may_fail()
                pin = ORDINARY.pin if self._by(0.5) else "9999"
                return "submit_reset", {**answers(view, ORDINARY), "pin": pin}
            case _:
                self._effect_may_fail()
                return "proceed", {}

    def _who(self) -> Customer:
        if self._by(0.75):
            return ORDINARY
        if self._by(0.4):
            wrong = attrs.evolve(ORDINARY.contract, email="x@example.jp")
            return attrs.evolve(ORDINARY, contract=wrong, password=WRONG_PASSWORD)
        return self.die.choice((LOCKED, VOIP_ONLY, NOT_INDIVIDUAL))

    def _bank_may_fail(self, method: str, chance: float) -> None:
        if self.die.random() < chance:
            self.bank.fail(method, BankUnavailable())

    def _effect_may_fail(self) -> None:
        if self._by(0.15):
            self.bank.fail("carry_out", EffectRefused(ja="拒否", en="refused"))
        elif self._by(0.15):
            self.bank.fail("carry_out", BankUnavailable())

    def _contract_may_change(self, chance: float) -> None:
        if self.die.random() > chance:
            return
        match self.die.choice(("gone", "locked", "silent")):
            case "gone":
                self.bank.answer("contract", None)
            case "locked":
                self.bank.answer("contract", attrs.evolve(ORDINARY.contract, card_locked=True))
            case "silent":
                self.bank.fail("contract", BankUnavailable())

    # What is seen -----------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Tell of every session that was written, and of every event that was audited."""
        for name, view in list(self.views.items()):
            row = self.store.get("session", name)
            if row is None or self.stamps.get(name) == row.stamp:
                continue
            self.stamps[name] = row.stamp
            self.seen(str(view.procedure), observed(self.service, self.store, self.number, row.body, self.clock.now))
            self.views[name] = self.service.view(view.token)
            if self.views[name].final:
                self.codes.pop(name, None)
                del self.views[name]
        for record in self.store.heard:
            event, before, after = (str(record.get(name)) for name in ("event", "before", "after"))
            looks = before == after and (
                "effect" in record or record.get("repeated") or event in {"start", "no_answer"}
            )
            if record.get("procedure") and not looks:
                reasons = tuple(cast("list[str]", record["reasons"]))
                self.events(str(record["procedure"]), (event, before, after, reasons))
        self.store.heard.clear()
