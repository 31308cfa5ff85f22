# ruff: noqa: SIM300 - expected == actual (house style)
"""What must always hold of a service (A1, A3, A5, A6, A7), looked at after each act of a history."""

from __future__ import annotations

from collections import Counter

from hypothesis.stateful import invariant

from ja_reset.testing._entries import ACTIVATION, NEW_PASSWORD
from ja_reset.testing._service_acts import ServiceActs
from ja_reset.testing._service_runs import WAITING


class ServiceInvariants(ServiceActs):
    """A service beside the model of it, and what holds of both after each act."""

    @invariant()
    def success_rests_on_every_proof(self) -> None:
        """A1: identity, then the phone, then the last proof, all in this session and none before a 戻る past it."""
        for run in self.model.runs:
            if run.state in {"DONE", "BTR005", "COMPLETING"}:
                assert ["identity", "phone", "last"] == run.proofs

    @invariant()
    def wrong_pins_stay_within_the_limit(self) -> None:
        """A3: as the bank counts them; one whose outcome nobody knew for `unknown_lapse` no longer does (L5)."""
        limit = self.model.policies.lockout.pin_attempts
        for ref, wrong in self.watch.most_wrong_in_a_row.items():
            assert limit + self.model.card(ref).lapsed >= wrong

    @invariant()
    def the_bank_is_asked_once_for_each_try(self) -> None:
        """L3, I5: for each counted try the bank is asked once, whether it answers or not, even if others came first."""
        for method in ("check_pin", "check_login", "find_contract"):
            assert (method, self.model.asked_of[method]) == (method, self.watch.asked_of[method])

    @invariant()
    def a_number_is_waited_for_once(self) -> None:
        """A5: on each line, of sessions that time has not run out for."""
        waiting = Counter(
            (wait.run.number, wait.dial)
            for wait in self.model.waits.all()
            if wait.ended is None and wait.run.state in WAITING
        )
        assert all(1 == times for times in waiting.values())

    @invariant()
    def effects_were_carried_out_once(self) -> None:
        """A6: what the bank confirmed it did, once; what it did beyond is pending, withdrawn or settled by word."""
        confirmed = Counter(self.model.done)
        done = Counter(self.watch.done.values())
        assert confirmed - Counter(self.model.by_word) <= done
        pending = Counter[tuple[str, str]]((order.kind, order.ref) for order in self.model.pending)
        assert done - confirmed <= pending + Counter(self.model.withdrawn)

    def teardown(self) -> None:
        """A7, at the end of a history: no secret stands in what was answered, saved, audited or recorded."""
        try:
            everything = "\n".join([*self.shown, self.setting.saved(), self.drive.told()]).lower()
            pins = {customer.pin for customer in self.setting.customers}
            words = {NEW_PASSWORD, ACTIVATION, *self.tokens, *(each.password for each in self.setting.customers)}
            found = [word for word in words if word.lower() in everything]
            found += [digits for digits in pins | {*self.codes} if f'"{digits}"' in everything]
            assert [] == found
        finally:
            self.setting.end()
