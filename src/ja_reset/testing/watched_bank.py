"""A host's bank, watched: what it was asked, what it did, and silence on command.

It stands between the service and any `ja_reset.ports.Bank`, so that suites can hold the library to its promises at
a bank that was not written for tests.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import attrs

from ja_reset.errors import BankUnavailable, EffectRefused
from ja_reset.ports import Bank, MatchesIdentity
from ja_reset.values import EffectKind, PinCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from ja_reset.forms import IdentityForm
    from ja_reset.secret import Secret
    from ja_reset.values import Contract, Effect, Institution, LoginCredentials

    _T = TypeVar("_T")

BEFORE: Final = "before"
AFTER: Final = "after"
REFUSED: Final = "refused"


class WatchedBank:
    """*bank*, with a record. `wrong_in_a_row`: by reference, the PINs that it found wrong since the last right one.

    `done`: each key that it carried out, with the kind and the contract. Locks that this service has ordered are
    taken off again by `unlocked`, in the bank's answers, as a branch takes them off.
    """

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._silence: dict[str, str] = {}
        self._changed: dict[str, str] = {}
        self._unlocked: set[str] = set()
        self.wrong_in_a_row: defaultdict[str, int] = defaultdict(int)
        self.most_wrong_in_a_row: defaultdict[str, int] = defaultdict(int)
        self.done: dict[str, tuple[EffectKind, str]] = {}

    def fall_silent(self, method: str, when: str) -> None:
        """Raise BankUnavailable the next time that *method* is asked, BEFORE or AFTER its work; or refuse an effect."""
        self._silence[method] = when

    def speak(self) -> None:
        """Take back a silence that nobody met."""
        self._silence.clear()

    def unlocked(self, ref: str) -> None:
        """Begin the row of wrong PINs of that contract anew, and take off the locks that were ordered (L6)."""
        self._unlocked.add(ref)
        self.wrong_in_a_row[ref] = self.most_wrong_in_a_row[ref] = 0

    def changes(self, ref: str, what: str | None) -> None:
        """Answer as if that contract were `card_locked`, `service_locked` or `gone`; None: as it is."""
        if what is None:
            self._changed.pop(ref, None)
        else:
            self._changed[ref] = what

    def now(self, ref: str) -> Contract | None:
        """The contract as the service would be told, asked behind its back."""
        return self._as_told(self._bank.contract(ref))

    def _as_told(self, contract: Contract | None) -> Contract | None:
        if contract is None:
            return None
        what = self._changed.get(contract.ref)
        if contract.ref in self._unlocked:
            contract = attrs.evolve(contract, service_locked=False, card_locked=False)
        if what == "card_locked":
            return attrs.evolve(contract, card_locked=True)
        if what == "service_locked":
            return attrs.evolve(contract, service_locked=True)
        return None if what == "gone" else contract

    # the port

    def institution(self, institution: str, /) -> Institution | None:
        """As the bank has it."""
        return self._ask("institution", lambda: self._bank.institution(institution))

    def find_contract(self, institution: str, branch: str, subject: str, account: str, /) -> Contract | None:
        """As the bank has it."""
        return self._ask(
            "find_contract",
            lambda: self._as_told(self._bank.find_contract(institution, branch, subject, account)),
        )

    def check_login(self, institution: str, credentials: LoginCredentials, /) -> Contract | None:
        """As the bank has it."""
        return self._ask("check_login", lambda: self._as_told(self._bank.check_login(institution, credentials)))

    def contract(self, ref: str, /) -> Contract | None:
        """As the bank has it."""
        return self._ask("contract", lambda: self._as_told(self._bank.contract(ref)))

    def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        """As the bank has it, counted."""

        def counted() -> PinCheck:
            check = self._bank.check_pin(ref, pin)
            if check is PinCheck.RIGHT:
                self.wrong_in_a_row[ref] = 0
            elif check is PinCheck.WRONG:
                self.wrong_in_a_row[ref] += 1
                self.most_wrong_in_a_row[ref] = max(self.most_wrong_in_a_row[ref], self.wrong_in_a_row[ref])
            return check

        return self._ask("check_pin", counted)

    def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """As the bank does it, recorded by key."""
        if self._silence.get("carry_out") == REFUSED and self._silence.pop("carry_out") and effect.key not in self.done:
            raise EffectRefused(ja="お受けできません。", en="This cannot be accepted.")

        def recorded() -> Mapping[str, str] | None:
            result = self._bank.carry_out(effect)
            self.done[effect.key] = (effect.kind, effect.ref)
            if effect.kind in {EffectKind.LOCK_SERVICE, EffectKind.LOCK_CARD}:
                self._unlocked.discard(effect.ref)
            return result

        return self._ask("carry_out", recorded)

    def _ask(self, method: str, work: Callable[[], _T]) -> _T:
        when = self._silence.pop(method, None)
        if when == BEFORE:
            raise BankUnavailable
        answer = work()
        if when == AFTER:
            raise BankUnavailable
        return answer


class _JudgingBank(WatchedBank):
    """The same, of a bank that judges identity itself (I7)."""

    def __init__(self, bank: Bank, matches: MatchesIdentity) -> None:
        super().__init__(bank)
        self._matches = matches

    def identity_matches(self, contract: Contract, form: IdentityForm, /) -> bool:
        """As the bank judges."""
        return self._matches.identity_matches(contract, form)


def watched(bank: Bank) -> WatchedBank:
    """*bank*, watched, with the optional method where it has that."""
    return _JudgingBank(bank, bank) if isinstance(bank, MatchesIdentity) else WatchedBank(bank)
