"""The model's turns: what an event of a customer, a call or keys come to, by the specification (E, I, P, L, C, S)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from ja_reset.bank._values import EffectKind
from ja_reset.testing._service_model import (
    ECHOING,
    EVENTS,
    ORDERS,
    TOKEN,
    UNAVAILABLE,
    WAITING,
    Heard,
    Judged,
    Keyed,
    Model,
    Run,
    Wait,
    offered,
)

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ja_reset.bank._values import Contract

FIRST_REFUSALS: Final = ("withheld", "unavailable", "voip", "attestation")
"""What a caller's number is refused for wherever it calls."""


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
        """What befalls the bank's *method*."""
        return self.trouble[1] if self.trouble is not None and self.trouble[0] == method else None


@attrs.frozen(kw_only=True)
class Ringing:
    """A call: its number in E.164 where one is shown, what speaks against it, when it came, whom it names (P8a)."""

    id: str
    number: str | None
    against: str | None
    at: datetime
    names: Run | None = None

    @property
    def what(self) -> tuple[str | None, str | None]:
        """What the call was: another one under the same id is refused (P3)."""
        return self.number, self.against


class Turns(Model):
    """The model, with its turns. Each gives the codes of the answer; the run is left as the answer shows it."""

    def send(self, run: Run, sent: Submission, contract: Contract | None) -> list[str]:
        """What a customer sends."""
        fresh = list(run.standing) if self.pass_time(run) else []  # what came of this very turn stays on (S2a)
        if sent.is_old and sent.event != "proceed":
            if not run.is_final and self.now > run.active:  # the customer is there: activity, and nothing else (S3)
                self._touch(run, run.standing)
            return ["stale", *run.standing]
        if sent.event not in EVENTS.get(run.state, ()):
            echo = sent.event == "proceed" and run.state in ECHOING
            codes = [] if echo else ["event_not_available", *fresh]
            if not run.is_final:
                self._touch(run, fresh)
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
        return [UNAVAILABLE] if run.state == "COMPLETING" else run.standing

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
            return [UNAVAILABLE] if run.state == "COMPLETING" else run.standing
        self._touch(run, codes if run.is_final else fresh if codes else [])
        return [*codes, *fresh] if codes and not run.is_final else codes

    def _method(self, run: Run, sent: Submission, _: Contract | None) -> list[str]:
        run.state, run.method = "BTR002", sent.method
        return []

    def _proceed(self, _run: Run, _sent: Submission, _: Contract | None) -> list[str]:
        return ["phone_not_verified"]

    def _back(self, run: Run, _sent: Submission, _: Contract | None) -> list[str]:
        to = {"BIM016": "BIM015", "BTR002": "BTR001"}.get(run.state, run.chooses)
        self.leave(run, to, "left", self.now)
        return []

    def _cancel(self, run: Run, _sent: Submission, _: Contract | None) -> list[str]:
        self.leave(run, "CANCELLED", "left", self.now)
        return []

    def _ends(self, run: Run, state: str, *codes: str) -> list[str]:
        self.leave(run, state, "left", self.now)
        run.standing = list(codes)
        return list(codes)

    def _stands(self, run: Run, contract: Contract | None) -> list[str]:
        """The locks, looked at again (I6, C5a)."""
        if contract is None:
            return self._ends(run, "REJECTED", "contract_unknown")
        card = self.card(run.customer.ref)
        limit = self.policies.lockout.pin_attempts
        if contract.service_locked or contract.card_locked or card.locked or card.wrong >= limit:
            return self._ends(run, "LOCKED", "locked")
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
        run.numbers = offered(contract.phones)
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
        if (run.procedure is TOKEN or self.policies.phone.bim_code) and not self.codes_left(number):
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
            return codes
        card.wrong = 0
        self._touch(run, [])
        self.order(ORDERS[run.procedure], run, sent.troubles("carry_out"), head=True)
        return []

    # the telephone (P)

    def ring(self, call: Ringing, contract: Contract | None) -> tuple[str, list[str]]:
        """A call, and what the gateway is told."""
        heard = self.known_call(call.id)
        if heard is not None:
            if heard.what == call.what:
                return self._rings_again(call.id, heard)
            heard.ambiguous = True
            return "REFUSED", ["call_id_reused"]
        nowhere = call.against in {"withheld", "unavailable"}
        wait = None if nowhere or call.number is None else self.waits.get(call.number)
        run = call.names
        if run is None and wait is not None and self.is_waiting(wait):
            run = wait.run
        if run is not None:
            self.pass_time(run)
        if run is None or run.gone or run.state not in WAITING:
            refusal = [call.against] if call.against in FIRST_REFUSALS else []
            late = wait is not None and self._ran_out(wait) and call.names in {None, wait.run}
            if late and wait is not None:
                self.pass_time(wait.run)
            status, codes = ("REFUSED", ["late"]) if late else ("UNMATCHED", refusal)
            about = wait.run if late and wait is not None else run
            return self._heard(call, status, codes, None if about is None or about.gone else about)
        codes = self._rings_at(run, call, contract)
        if codes:
            self._befall(run, codes)
            return self._heard(call, "REFUSED", codes, run)
        if run.procedure is TOKEN or self.policies.phone.bim_code:
            run.state = "BTR004_KEYS" if run.procedure is TOKEN else "PHONE_KEYS"
            run.call, run.missed = call.id, 0
            self._befall(run, [])
            return self._heard(call, "ANNOUNCE", [], run)
        run.proofs.append("phone")
        self.leave(run, "BIM017", "proved", self.now)
        self._befall(run, [])
        answer = self._heard(call, "VERIFIED", [], run)
        self.calls[call.id].state = run.state
        return answer

    def _ran_out(self, wait: Wait) -> bool:
        return self.now <= wait.rests and (wait.ended == "timed_out" or (wait.ended is None and self.now > wait.until))

    def _heard(self, call: Ringing, status: str, codes: list[str], run: Run | None) -> tuple[str, list[str]]:
        self.calls[call.id] = Heard(status, codes, run, self.now + self.policies.phone.call_memory, call.what)
        return status, codes

    def known_call(self, call: str) -> Heard | None:
        """The call, as long as it is remembered: after that its id may be another call's (P3)."""
        heard = self.calls.get(call)
        return heard if heard is not None and self.now <= heard.kept else None

    def _rings_again(self, call: str, heard: Heard) -> tuple[str, list[str]]:
        if heard.state is not None and heard.run is not None:
            beside = attrs.evolve(heard.run)  # who only asks again moves nothing
            self.pass_time(beside)
            return ("REFUSED", ["late"]) if beside.gone or beside.state != heard.state else ("VERIFIED", [])
        if heard.status != "ANNOUNCE" or heard.run is None:
            return heard.status, heard.codes
        self.pass_time(heard.run)
        if heard.run.call != call:
            return "REFUSED", ["late"]
        return ("REFUSED", ["call_id_reused"]) if heard.ambiguous else ("ANNOUNCE", [])

    def _rings_at(self, run: Run, call: Ringing, contract: Contract | None) -> list[str]:
        if call.against is not None:
            return [call.against]
        if call.number != run.number:
            return ["wrong_number"]
        return self._in_time(run, call.at) or self._stands(run, contract)

    def _in_time(self, run: Run, at: datetime) -> list[str]:
        if at < run.opened:
            return ["early"]
        return ["late"] if at > run.closes or at > self.now + self.policies.phone.clock_skew else []

    def _befall(self, run: Run, codes: list[str]) -> None:
        run.standing = list(codes)
        run.active, run.seen = max(run.active, self.now), max(run.seen, self.now)

    def key_in(
        self, keyed: Keyed, *, right: bool, contract: Contract | None, trouble: str | None
    ) -> tuple[str, list[str]]:
        """Keys in a call, and what the gateway is told."""
        heard = self.known_call(keyed.call)
        run = heard.run if heard is not None else None
        if run is not None:
            self.pass_time(run)
        if heard is None or run is None or heard.status != "ANNOUNCE":
            return "UNMATCHED", []
        waits = run.call == keyed.call
        told = None if heard.ambiguous else self._keyed_before(heard, run, keyed, waits=waits)
        if told is not None:
            return told
        if not waits:
            return "REFUSED", ["late"]
        if heard.ambiguous:
            return "REFUSED", ["call_id_reused"]
        codes = self._in_time(run, self.now if keyed.at is None else keyed.at)
        if codes:
            self._befall(run, codes)
            return "REFUSED", codes
        led_to, told = self._judges(run, right=right, contract=contract, trouble=trouble)
        if keyed.name is not None:
            heard.judged.append(Judged(keyed, *told, led_to))
        return told

    def _keyed_before(self, heard: Heard, run: Run, keyed: Keyed, *, waits: bool) -> tuple[str, list[str]] | None:
        """What is told of an entry whose name was judged before: it counts no second time (P4)."""
        for before in heard.judged:
            if before.keyed.name != keyed.name:
                continue
            if before.keyed.digits == keyed.digits:
                confirmed = before.state == "COMPLETING" and run.state in {"DONE", "BTR005"}
                there = not run.gone and (run.state == before.state or confirmed)
                holds = {"RETRY": waits, "VERIFIED": there}.get(before.status, True)
                return (before.status, before.codes) if holds else ("REFUSED", ["late"])
            if keyed.entry is not None:
                return "REFUSED", ["entry_id_reused" if waits else "late"]
        return None

    def _judges(
        self, run: Run, *, right: bool, contract: Contract | None, trouble: str | None
    ) -> tuple[str, tuple[str, list[str]]]:
        """Where keys in time lead, and what is told of them."""
        if not right:
            told = self._misses(run)
            return run.state, told
        codes = self._stands(run, contract)
        self._befall(run, codes)
        if codes:
            return run.state, ("REFUSED", codes)
        run.proofs.append("phone")
        if run.procedure is not TOKEN:
            self.leave(run, "BIM017", "proved", self.now)
            return run.state, ("VERIFIED", [])
        self.leave(run, "COMPLETING", "proved", self.now)
        self.order(EffectKind.ISSUE_TOKEN, run, trouble, head=True)
        return "COMPLETING", ("VERIFIED", [])

    def _misses(self, run: Run) -> tuple[str, list[str]]:
        phone = self.policies.phone
        run.wrong_codes += 1
        run.missed += 1
        status = "RETRY"
        self.code_is_wrong(run.number)
        if run.wrong_codes >= phone.codes_per_session or not self.codes_left(run.number):
            self.leave(run, "REJECTED", "left", self.now)
            status = "REFUSED"
        elif run.missed >= phone.code_attempts:
            run.state = "BTR004" if run.procedure is TOKEN else "PHONE"
            run.call, run.missed = None, 0
            status = "REFUSED"
        self._befall(run, ["wrong_code"])
        return status, ["wrong_code"]

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
        """Give again what is not confirmed; how many were settled."""
        orders = list(self.pending)
        for order in orders:
            self.give(order, None)
        return len(orders)

    def unlock(self, run: Run) -> None:
        """Clear the counts of the run's account and login id, and withdraw its pending locks (L6)."""
        customer = run.customer
        self.asked_of["find_contract"] += 1
        self.cards.pop(customer.ref, None)
        locks = {EffectKind.LOCK_SERVICE, EffectKind.LOCK_CARD}
        for order in [each for each in self.pending if each.ref == customer.ref and each.kind in locks]:
            self.pending.remove(order)
            self.withdrawn.append((order.kind, order.ref))
        for account in (
            f"{customer.institution} login {customer.login_id.lower()}",
            f"{customer.institution} {customer.branch} {customer.subject} {customer.account}",
        ):
            self.failures.pop(account, None)
        for number in offered(customer.contract.phones):
            self.codes.pop(number, None)
