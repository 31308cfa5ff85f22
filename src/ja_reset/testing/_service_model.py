"""What the specification says a service does, as a model: plain dicts and lists, one thing after another.

Nothing here is read from the charts. No stamps, claims or leases: the model stands for one process that is never
interrupted, so that a suite can hold the real one to it. Times are aware UTC; reasons go by their codes.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import attrs

from ja_reset.bank._values import Contract, EffectKind
from ja_reset.policies import Policies
from ja_reset.testing._service_runs import TOKEN, WAITING, Card, Heard, Order, Run, Wait
from ja_reset.testing._service_waits import ModelWaits


@attrs.define
class Model:
    """The whole service at one time."""

    policies: Policies
    now: datetime
    runs: list[Run] = attrs.field(factory=list)
    waits: ModelWaits = attrs.field(factory=ModelWaits)
    calls: dict[str, Heard] = attrs.field(factory=dict)
    cards: dict[str, Card] = attrs.field(factory=dict)
    failures: dict[str, list[datetime]] = attrs.field(factory=dict)
    codes: dict[str, list[datetime]] = attrs.field(factory=dict)
    pending: list[Order] = attrs.field(factory=list)
    done: list[tuple[str, str]] = attrs.field(factory=list)
    withdrawn: list[tuple[str, str]] = attrs.field(factory=list)
    """What an unlock found pending, or an operator called refused; the bank may have carried it out (L6, C4)."""
    by_word: list[tuple[str, str]] = attrs.field(factory=list)
    """What an operator called confirmed, though the bank has not carried it out (C4)."""
    asked_of: Counter[str] = attrs.field(factory=Counter)
    """How often the bank was asked each question that a try is counted for (I5, L3)."""

    # time: S3, P6

    def deadline(self, run: Run) -> datetime | None:
        """The last instant of the run's screen."""
        session = self.policies.session
        if run.is_final or run.state == "COMPLETING":
            return None
        if run.state in WAITING:
            return run.closes
        return min(run.active + session.idle_timeout, run.created + session.absolute_timeout)

    def pass_time(self, run: Run) -> bool:
        """Let happen what is overdue; whether anything was."""
        phone, moved = self.policies.phone, False
        self.has_result(run)
        if run.is_final or run.state == "COMPLETING":
            return False
        if self.now < run.seen - phone.clock_skew:
            self.leave(run, "EXPIRED", "left", self.now)
            moved = self._befalls(run, "timed_out", self.now)
        while (end := self.deadline(run)) is not None:
            waiting = run.state in WAITING
            due = end + phone.delivery_grace if waiting else end
            if self.now <= due:
                break
            used_up = run.windows >= phone.phone_windows
            self.leave(run, run.chooses if waiting and not used_up else "EXPIRED", "timed_out", due)
            moved = self._befalls(run, "timed_out", due)
        return moved

    def has_result(self, run: Run) -> bool:
        """Whether the run's result is still kept (C3); once it was dropped, no clock that goes back gives it again."""
        if run.result and self.now > run.active + self.policies.session.result_shown:
            run.result = False
        return run.result

    def _befalls(self, run: Run, code: str, at: datetime) -> bool:
        run.standing = [code]
        run.active, run.seen = max(run.active, at), max(run.seen, self.now)
        return True

    def leave(self, run: Run, state: str, how: str, at: datetime) -> None:
        """Move the run to *state*; a wait that it leaves ends, and a state keeps only what was proved before (M4)."""
        if run.state in WAITING and state not in WAITING:
            wait = self.waits.of(run)
            if wait is not None:
                self._end(wait, how, at)
            run.call, run.missed, run.over, run.dial = None, 0, None, None
        run.state = state
        if state in {"BIM015", "BTR001", "BTR002"}:
            run.proofs, run.numbers, run.proved = [], [], False
        elif state in {"BIM016", "BTR003"}:
            run.proofs = run.proofs[:1]

    def _end(self, wait: Wait, how: str, at: datetime) -> None:
        phone = self.policies.phone
        if how == "disowned":
            wait.ended, wait.rests = "contested", at + max(phone.number_rest, phone.not_me_rest)
        elif how != "proved":
            wait.ended, wait.rests = how, at + phone.number_rest
        elif wait.earlier is not None and at <= wait.earlier:
            wait.ended, wait.rests = "left", wait.earlier
        else:
            self.waits.drop(wait)

    # how it ends, and what hinders it: I6, C5a

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

    # the phone: P8

    def may_wait(self, run: Run, number: str) -> bool:
        """Whether the number is free for the run; asking for it in vain ends all waits for it."""
        if self.waits.free(run, number, self.now):
            return True
        for wait in self.waits.live(number, self.now):
            other = wait.run
            self.leave(other, other.chooses, "contested", self.now)
            self._befalls(other, "number_contested", self.now)
        return False

    def is_waiting(self, wait: Wait) -> bool:
        """Whether a call could prove the wait's run."""
        return wait.ended is None and self.now <= wait.until

    def opens(self, run: Run, number: str) -> None:
        """The phone screen is entered: a window opens (P2, P6)."""
        phone = self.policies.phone
        run.windows += 1
        run.number, run.call, run.missed, run.over = number, None, 0, None
        run.opened = self.now
        run.closes = self.now + (phone.btr_window if run.procedure is TOKEN else phone.bim_window)
        run.may_dial = self.waits.free(run, number, self.now)
        if len(run.may_dial) == 1:
            self.is_given(run, run.may_dial[0])
        run.state = "BTR004" if run.procedure is TOKEN else "PHONE"

    def is_given(self, run: Run, dial: str | None) -> None:
        """The run waits on the line of *dial*, which was drawn for it."""
        until, run.dial, run.may_dial = run.closes + self.policies.phone.delivery_grace, dial, ()
        self.waits.begin(Wait(run, until, until + self.policies.phone.number_rest, dial))

    # counts: I5, L

    def failed(self, account: str) -> list[datetime]:
        """The account's failures, each of which counts for a window from its own time."""
        window = self.policies.identity.identity_window
        failures = [at for at in self.failures.get(account, []) if self.now <= at + window]
        self.failures[account] = failures
        return failures

    def codes_left(self, number: str) -> int:
        """How many more wrong codes a number has, each of which stands for a window (P4)."""
        return max(0, self.policies.phone.codes_per_number - len(self._wrong_codes(number)))

    def _wrong_codes(self, number: str) -> list[datetime]:
        window = self.policies.phone.codes_window
        return sorted(at for at in self.codes.get(number, []) if self.now <= at + window)

    def code_is_wrong(self, number: str) -> None:
        """Count a wrong code for a number, whatever the session."""
        most = self.policies.phone.codes_per_number
        self.codes[number] = [*self._wrong_codes(number), self.now][-most:]

    def card(self, ref: str) -> Card:
        """The card's count, without what has been unknown for too long."""
        card = self.cards.setdefault(ref, Card())
        known = [at for at in card.unknown if self.now > at + self.policies.lockout.unknown_lapse]
        card.unknown = [at for at in card.unknown if at not in known]
        card.lapsed += len(known)
        return card

    def pins_left(self, ref: str) -> int:
        """How many PINs may be tried now."""
        card = self.card(ref)
        return 0 if card.locked else max(0, self.policies.lockout.pin_attempts - card.wrong - len(card.unknown))

    def asks_code(self, run: Run) -> bool:
        """Whether a code is keyed in, in the run's call (P4)."""
        return run.procedure is TOKEN or self.policies.phone.bim_code

    def asks_key(self, run: Run) -> bool:
        """Whether the run's call is announced, and proves nothing until a key confirms it (P4)."""
        return self.policies.phone.bim_announce and not self.asks_code(run)

    def tries_left(self, run: Run) -> int | None:
        """What the view says is left."""
        phone = self.policies.phone
        if run.state == "BIM017":
            return self.pins_left(run.customer.ref)
        if run.state in WAITING and self.asks_code(run):
            of_session = phone.codes_per_session - run.wrong_codes
            of_call = phone.code_attempts - (run.missed if run.over is None else 0)
            return max(0, min(of_call, of_session, self.codes_left(run.number)))
        return None

    # effects

    def order(self, kind: EffectKind, run: Run, trouble: str | None, *, head: bool = False) -> None:
        """Record an effect and give it; *trouble* is what the bank makes of that."""
        order = Order(kind, run.customer.ref, run, self.new_deadline(), run if head else None)
        if head:
            run.state, run.order = "COMPLETING", order
            run.proofs = [*run.proofs, "last"]
        self.pending.append(order)
        self.give(order, trouble)

    def new_deadline(self) -> datetime:
        """The last instant of an effect that is ordered, or retried, now."""
        return self.now + self.policies.session.effect_deadline

    def is_late(self, order: Order) -> bool:
        """Whether its deadline has passed, noted or not."""
        return order.is_overdue or self.now > order.deadline

    def give(self, order: Order, trouble: str | None) -> None:
        """Give an effect: it is confirmed, refused for good, or stays pending; of what is overdue, locks only."""
        self.has_result(order.of)
        if self.is_late(order):
            order.is_overdue = True
            if not order.locks:
                return
        order.tries += 1
        if trouble in {"before", "after"}:
            order.is_done = order.is_done or trouble == "after"
            order.next_try = self.now + self.policies.session.backoff(order.tries)
            return
        self.hear(order, is_refused=trouble == "refused" and not order.is_done)

    def hear(self, order: Order, *, is_refused: bool) -> None:
        """The bank's answer, or an operator's word for it."""
        self.pending.remove(order)
        run = order.run
        if is_refused:
            if run is not None:
                run.state = "REJECTED" if run.procedure is TOKEN else "BIM017"
                run.proofs = run.proofs[:2]
                self._befalls(run, "refused_by_bank", self.now)
            return
        self.done.append((order.kind, order.ref))
        if run is not None:
            run.state = "BTR005" if run.procedure is TOKEN else "DONE"
            run.standing, run.result = [], run.procedure is TOKEN
            run.active, run.seen = max(run.active, self.now), max(run.seen, self.now)
            self.order(EffectKind.NOTIFY, run, None)
