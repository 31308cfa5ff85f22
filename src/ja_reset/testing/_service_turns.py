"""The model's turns: what an event of a customer, a call or keys come to, by the specification (E, I, P, L, C, S)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ja_reset.bank._values import EffectKind
from ja_reset.testing._service_calls import Calls
from ja_reset.testing._service_runs import (
    ECHOING,
    EVENTS,
    IN_PROGRESS,
    ORDERS,
    OVERDUE,
    TOKEN,
    UNAVAILABLE,
    WAITING,
    Order,
    Run,
    offered,
)

if TYPE_CHECKING:
    from datetime import timedelta

    from ja_reset.bank._values import Contract


@attrs.frozen(kw_only=True)
class Submission:
    """An event and how it is filled in: "right", "wrong", or "invalid" (with the code of the error).

    `phone`: the place of the phone in the list; `trouble`: the method of the bank that gives no answer, and when;
    `rivalled`: which commit of the turn finds its rows changed by somebody else (0: none), which changes no answer.
    """

    event: str
    how: str = "right"
    code: str = ""
    phone: int = 0
    method: str = "LOGIN_ID"
    is_old: bool = False
    trouble: tuple[str, str] | None = None
    rivalled: int = 0

    def troubles(self, method: str) -> str | None:
        """What happens to the bank's *method*."""
        return self.trouble[1] if self.trouble is not None and self.trouble[0] == method else None


class Turns(Calls):
    """The model, with its turns. Each gives the codes of the answer; the run is left as the answer shows it."""

    def send(self, run: Run, sent: Submission, contract: Contract | None) -> list[str]:
        """What a customer sends; COMPLETING says beside it that the order is under way, or overdue (M2a, C4)."""
        return self.told(run, self._sent(run, sent, contract))

    def told(self, run: Run, codes: list[str]) -> list[str]:
        """*codes* as the present screen carries them."""
        if run.state != "COMPLETING":
            return codes
        is_late = run.order is not None and self.is_late(run.order)
        return [
            *(code for code in codes if code not in {UNAVAILABLE, IN_PROGRESS}),
            OVERDUE if is_late else IN_PROGRESS,
        ]

    def _sent(self, run: Run, sent: Submission, contract: Contract | None) -> list[str]:
        fresh = list(run.standing) if self.pass_time(run) else []  # what came of this very turn stays on (S2a)
        extends = sent.event == "extend" and "extend" in EVENTS.get(run.state, ())
        if extends or (sent.is_old and sent.event != "proceed"):
            if not run.is_final and self.now > run.active:  # the customer is there: activity, and nothing else (S3)
                self._touch(run, run.standing)
            return run.standing if extends else ["stale", *run.standing]
        if sent.event not in EVENTS.get(run.state, ()):
            echo = sent.event == "proceed" and run.state in ECHOING
            codes = [] if echo else ["event_not_available", *fresh]
            if not run.is_final:
                self._touch(run, codes or fresh)
            return [] if echo and run.is_final else codes
        if run.state == "COMPLETING":
            return self._again(run, sent)
        return self._act(run, sent, contract, fresh)

    def _touch(self, run: Run, standing: list[str]) -> None:
        run.active, run.seen, run.standing = self.now, max(run.seen, self.now), standing

    def _again(self, run: Run, sent: Submission) -> list[str]:
        self._touch(run, [])
        if run.order is not None:
            self.give(run.order, sent.troubles("carry_out"))
        return run.standing

    def _act(self, run: Run, sent: Submission, contract: Contract | None, fresh: list[str]) -> list[str]:
        turn = {
            "submit_identity": self._identity,
            "submit_credentials": self._identity,
            "choose_phone": self._choose,
            "submit_details": self._choose,
            "submit_reset": self._reset,
            "choose_method": self._method,
            "proceed": self._proceed,
            "back": self._back,
            "cancel": self._cancel,
        }[sent.event]
        ordered = run.order
        codes = [sent.code] if sent.how == "invalid" else turn(run, sent, contract)
        if run.order is not ordered:
            return run.standing
        codes = [*codes, *fresh] if codes and not run.is_final else codes
        self._touch(run, codes)  # they stay until the next event (S2a)
        return codes

    def _method(self, run: Run, sent: Submission, _: Contract | None) -> list[str]:
        run.state, run.method = "BTR002", sent.method
        return []

    def _proceed(self, run: Run, _sent: Submission, _: Contract | None) -> list[str]:
        return ["phone_not_verified", *(code for code in run.standing if code != "phone_not_verified")]

    def _back(self, run: Run, _sent: Submission, _: Contract | None) -> list[str]:
        to = {"BIM016": "BIM015", "BTR002": "BTR001"}.get(run.state, run.chooses)
        self.leave(run, to, "left", self.now)
        return []

    def _cancel(self, run: Run, _sent: Submission, _: Contract | None) -> list[str]:
        self.leave(run, "CANCELLED", "left", self.now)
        return []

    def account(self, run: Run) -> str:
        """The name under which failures of the run's present screen count (I5)."""
        customer = run.customer
        if run.state == "BTR002" and run.method == "LOGIN_ID":
            return f"{customer.institution} login {customer.login_id.lower()}"
        return f"{customer.institution} {customer.branch} {customer.subject} {customer.account}"

    def _identity(self, run: Run, sent: Submission, contract: Contract | None) -> list[str]:
        limit, account = self.policies.identity.identity_attempts, self.account(run)
        code = "login_mismatch" if run.procedure is TOKEN else "identity_mismatch"
        failures = self.failed(account)
        if max(len(failures), run.tries) >= limit:
            return self._ends(run, "REJECTED", code)
        self.asked_of["check_login" if run.procedure is TOKEN else "find_contract"] += 1
        if sent.troubles("find_contract") or sent.troubles("check_login"):
            return [UNAVAILABLE]
        if sent.how == "wrong" or contract is None:
            run.tries += 1
            self.failures[account] = [*failures, self.now]
            return self._ends(run, "REJECTED", code) if max(len(failures) + 1, run.tries) >= limit else [code]
        run.proved = True
        return self._stands(run, contract) or self._is_served(run, contract)

    def _is_served(self, run: Run, contract: Contract) -> list[str]:
        if not contract.individual:
            return self._ends(run, "REJECTED", "not_individual")
        run.numbers = offered(contract, relay=self.policies.caller_id.relay)
        if not run.numbers:
            return self._ends(run, "REJECTED", "no_phone")
        run.proofs, run.state = ["identity"], run.chooses
        return []

    def _choose(self, run: Run, sent: Submission, contract: Contract | None) -> list[str]:
        if sent.troubles("contract"):
            return [UNAVAILABLE]
        hindrance = self._stands(run, contract)
        if hindrance:
            return hindrance
        if run.windows >= self.policies.phone.phone_windows:
            return self._ends(run, "EXPIRED", "timed_out")
        number = run.numbers[sent.phone % len(run.numbers)]
        if not self.may_wait(run, number):
            return ["number_in_use"]
        if self.asks_code(run) and not self.codes_left(number):
            return ["codes_used_up"]
        self.opens(run, number)
        return []

    def _reset(self, run: Run, sent: Submission, contract: Contract | None) -> list[str]:
        if sent.troubles("contract"):
            return [UNAVAILABLE]
        return self._stands(run, contract) or self._checks_pin(run, sent)

    def _checks_pin(self, run: Run, sent: Submission) -> list[str]:
        card = self.card(run.customer.ref)
        if self.pins_left(run.customer.ref) == 0:
            return [UNAVAILABLE]
        self.asked_of["check_pin"] += 1
        if sent.troubles("check_pin"):
            card.unknown.append(self.now)
            return [UNAVAILABLE]
        if sent.how == "wrong":
            card.wrong += 1
            if card.wrong < self.policies.lockout.pin_attempts:
                return ["wrong_pin"]
            card.locked = True
            codes = self._ends(run, "LOCKED", "wrong_pin", "locked")
            self.order(EffectKind.LOCK_SERVICE, run, sent.troubles("carry_out"))
            self.order(EffectKind.LOCK_CARD, run, None)
            self.order(EffectKind.NOTIFY, run, None)
            return codes
        card.wrong = 0
        self._touch(run, [])
        self.order(ORDERS[run.procedure], run, sent.troubles("carry_out"), head=True)
        return []

    # nobody's turn (S3, S8, C4, L6)

    def expire_due(self) -> int:
        """End what has run out, results too; how many runs that moved."""
        for run in self.runs:
            self.has_result(run)
        return sum(self.pass_time(run) for run in self.runs if not run.gone and self._is_due(run))

    def _is_due(self, run: Run) -> bool:
        """Whether something has run out of time; a clock that went back is judged at each event instead."""
        end = self.deadline(run)
        grace = self.policies.phone.delivery_grace
        return end is not None and self.now > (end + grace if run.state in WAITING else end)

    def purge(self) -> int:
        """Drop what is past retention; how many runs."""
        for run in self.runs:
            self.has_result(run)
        old = [run for run in self.runs if run.is_final and not run.gone and run.active + self._kept(run) < self.now]
        for run in old:
            run.gone = True
        self.calls = {call: heard for call, heard in self.calls.items() if heard.kept >= self.now}
        window = self.policies.phone.codes_window
        self.codes = {number: at for number, at in self.codes.items() if at[-1] + window >= self.now}
        return len(old)

    def _kept(self, run: Run) -> timedelta:
        """For how long the run is kept after its end (S8)."""
        session = self.policies.session
        return session.retention if run.proved else min(session.retention, session.retention_unproved)

    def recover(self) -> int:
        """Give again what may be tried again; how many were settled."""
        orders = [each for each in self.pending if self._may_be_tried(each)]
        for order in orders:
            self.give(order, None)
        return sum(order not in self.pending for order in orders)

    def _may_be_tried(self, order: Order) -> bool:
        if order.is_overdue and not order.locks:
            return False
        is_new = order.next_try is None or self.now >= order.next_try
        return is_new or (self.is_late(order) and not order.is_overdue)

    def retry(self, order: Order, trouble: str | None) -> None:
        """An operator has an effect tried again, under a new deadline (C4)."""
        order.is_overdue, order.deadline, order.next_try = False, self.new_deadline(), self.now
        self.give(order, trouble)

    def settle(self, order: Order, *, confirmed: bool) -> None:
        """An operator says what became of an effect, right or wrong (C4)."""
        self.has_result(order.of)
        if confirmed and not order.is_done:
            self.by_word.append((order.kind, order.ref))
        if order.is_done and not confirmed:
            self.withdrawn.append((order.kind, order.ref))
        self.hear(order, is_refused=not confirmed)

    def unlock(self, run: Run) -> None:
        """Clear the counts of the run's account and login id, and withdraw its pending locks (L6)."""
        customer = run.customer
        self.asked_of["find_contract"] += 1
        self.cards.pop(customer.ref, None)
        for order in [each for each in self.pending if each.ref == customer.ref and each.locks]:
            self.pending.remove(order)
            self.withdrawn.append((order.kind, order.ref))
        for account in (
            f"{customer.institution} login {customer.login_id.lower()}",
            f"{customer.institution} {customer.branch} {customer.subject} {customer.account}",
        ):
            self.failures.pop(account, None)
        for number in offered(customer.contract, relay=True):
            self.codes.pop(number, None)
