"""A bank for tests: it keeps its contract, records what it is asked, and fails on command.

It uses no random values and no clock: the same questions get the same answers. It does what a real bank must do (honour
an idempotency key, distinguish a wrong PIN from an unchecked one), and on command what a real bank may do (no answer, a
late answer, nonsense).
"""

from __future__ import annotations

from collections import defaultdict, deque
from threading import RLock
from typing import TYPE_CHECKING, Final, TypeVar, cast

import attrs

from ja_reset.bank._values import Contract, Effect, EffectKind, LoginCredentials, PinCheck
from ja_reset.errors import BankUnavailable, EffectRefused
from ja_reset.secret import Secret
from ja_reset.service._institution import Institution
from ja_reset.testing.cast import CAST, INSTITUTION, Customer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

METHODS: Final = ("institution", "find_contract", "check_login", "contract", "check_pin", "carry_out")
"""The methods of the port, as `fail`, `answer` and `before` name them."""

_T = TypeVar("_T")


@attrs.frozen
class _Trouble:
    error: BaseException | type[BaseException]
    after: bool
    kind: str | None


class FakeBank:
    """A bank with these customers and institutions. Any number of threads may use it.

    - `asked`: (method, account or ref) of each question, in order; no secrets.
    - `carried_out`: the effects, each key once.
    - `down`: every method raises BankUnavailable.
    - `before`: called with the method's name before each method does its work, while no lock is held.
    - `forgiving`: an institution's id is found whatever its case and surrounding blanks, as in many databases.
    """

    def __init__(
        self,
        customers: Iterable[Customer] = CAST,
        institutions: Iterable[Institution] = (INSTITUTION,),
        *,
        forgiving: bool = False,
    ) -> None:
        self.forgiving = forgiving
        self.down = False
        self.before: Callable[[str], None] | None = None
        self.asked: list[tuple[str, str]] = []
        self.carried_out: list[Effect] = []
        self._lock = RLock()
        self._institutions = {institution.id: institution for institution in institutions}
        self._customers = {customer.ref: customer for customer in customers}
        self._results: dict[str, tuple[Effect, dict[str, str] | None]] = {}
        self._wrong_pins: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        self._troubles: defaultdict[str, deque[_Trouble]] = defaultdict(deque)
        self._answers: defaultdict[str, deque[object]] = defaultdict(deque)
        self._told: dict[str, object] = {}
        self._tokens = 0

    # what a host's chart asks for beside the port

    def tell(self, method: str, answer: object) -> None:
        """Have a method of the bank's own, asked for a fact of a host's chart, and answer with *answer* from now on.

        It is asked with an institution's id and a contract's ref.
        """
        with self._lock:
            self._told[method] = answer

    def __getattr__(self, name: str) -> Callable[[str, str], object]:
        if name not in self.__dict__.get("_told", {}):
            msg = f"{type(self).__name__} has no {name}; a fact of a host's own is told with tell()"
            raise AttributeError(msg)
        return lambda _institution, ref: self._ask(name, ref, lambda: self._told[name])

    # the port

    def institution(self, institution: str, /) -> Institution | None:
        """The institution of that id, or None."""
        return self._ask("institution", institution, lambda: self._institutions.get(self._id(institution)))

    def find_contract(self, institution: str, branch: str, subject: str, account: str, /) -> Contract | None:
        """The contract with that account, or None."""
        return self._ask(
            "find_contract", account, lambda: _contract(self._with_account(institution, branch, subject, account))
        )

    def check_login(self, institution: str, credentials: LoginCredentials, /) -> Contract | None:
        """The contract that the login proves, or None; neither login id nor password has a case (F9, I5)."""
        name = credentials.login_id or credentials.account or ""
        return self._ask("check_login", name, lambda: self._login(institution, credentials))

    def contract(self, ref: str, /) -> Contract | None:
        """The contract as it is now, or None."""
        return self._ask("contract", ref, lambda: _contract(self._customers.get(ref)))

    def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        """Whether the PIN is right; NOT_CHECKED for a contract that is not there."""
        return self._ask("check_pin", ref, lambda: self._pin(ref, pin))

    def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """Do what the effect says, once for each key; the same key again gives the same result.

        Raises EffectRefused for a contract that is not there, and ValueError for a key that comes back with
        another content (C4).
        """
        return self._ask("carry_out", effect.ref, lambda: self._once(effect), effect.kind)

    # what tests tell it

    def fail(
        self,
        method: str,
        exc: BaseException | type[BaseException],
        *,
        times: int = 1,
        after: bool = False,
        kind: str | None = None,
    ) -> None:
        """Let *method* raise *exc* the next *times* times; with *after*, after it has done its work.

        `kind`: only when an effect of that kind is to be carried out, whatever is carried out before it.
        """
        if kind is not None and method != "carry_out":
            msg = "only carry_out fails for a kind of effect"
            raise ValueError(msg)
        with self._lock:
            self._troubles[self._known(method)].extend([_Trouble(exc, after, kind)] * times)

    def answer(self, method: str, value: object) -> None:
        """Let *method* return *value* in place of its answer the next time, after it has done its work."""
        with self._lock:
            self._answers[self._known(method)].append(value)

    def change(self, ref: str, **changes: object) -> None:
        """Change fields of the contract: `change(ref, card_locked=True)`."""
        with self._lock:
            customer = self._customers[ref]
            contract = attrs.evolve(customer.contract, **changes)  # type: ignore[arg-type]  # fields by name
            self._customers[ref] = attrs.evolve(customer, contract=contract)

    def change_institution(self, institution: Institution) -> None:
        """Have the institution of that id as it is given: with other policies, say."""
        with self._lock:
            self._institutions[institution.id] = institution

    def forget_institution(self, institution: str) -> None:
        """Remove the institution, as after a merger."""
        with self._lock:
            del self._institutions[institution]

    def unlock(self, ref: str) -> None:
        """Remove both locks of the contract and reset its row of wrong PINs, as its branch would."""
        with self._lock:
            self.change(ref, service_locked=False, card_locked=False)
            self._wrong_pins[ref] = [0, 0]

    def forget(self, ref: str) -> None:
        """Remove the contract (C5a)."""
        with self._lock:
            del self._customers[ref]

    # what tests ask it

    def customer(self, ref: str) -> Customer:
        """The customer as the bank has them now, with a new password or locks."""
        with self._lock:
            return self._customers[ref]

    def wrong_pins_in_a_row(self, ref: str) -> int:
        """How many wrong PINs were checked for the contract since the last right one."""
        with self._lock:
            return self._wrong_pins[ref][0]

    def most_wrong_pins_in_a_row(self, ref: str) -> int:
        """How many there ever were since the beginning or the last `unlock`: what L3 sets a limit to."""
        with self._lock:
            return self._wrong_pins[ref][1]

    # what it does

    def _ask(self, method: str, name: str, work: Callable[[], _T], kind: str | None = None) -> _T:
        with self._lock:
            self.asked.append((method, name))
        if self.before is not None:
            self.before(method)
        with self._lock:
            if self.down:
                msg = "the fake bank is down"
                raise BankUnavailable(msg)
            troubles = self._troubles[method]
            trouble = next((each for each in troubles if each.kind in {None, kind}), None)
            if trouble is not None:
                troubles.remove(trouble)
            if trouble is not None and not trouble.after:
                raise trouble.error
            result = work()
            if trouble is not None:
                raise trouble.error
            # nonsense is the point, so its type is not the port's
            return cast("_T", self._answers[method].popleft()) if self._answers[method] else result

    def _known(self, method: str) -> str:
        if method not in METHODS and method not in self._told:
            msg = f"no method of the port: {method!r}"
            raise ValueError(msg)
        return method

    def _id(self, institution: str) -> str:
        """The institution's own id, where *institution* is a spelling of one."""
        if not self.forgiving:
            return institution
        spelled = {each.strip().casefold(): each for each in self._institutions}
        return spelled.get(institution.strip().casefold(), institution)

    def _with_account(self, institution: str, *rest: str | None) -> Customer | None:
        account = (self._id(institution), *rest)
        for customer in self._customers.values():
            if account == (customer.institution, customer.branch, customer.subject, customer.account):
                return customer
        return None

    def _login(self, institution: str, given: LoginCredentials) -> Contract | None:
        if given.login_id is None:
            customer = self._with_account(institution, given.branch, given.subject, given.account)
        else:
            wanted = (self._id(institution), given.login_id.lower())
            of_id = {(each.institution, each.login_id.lower()): each for each in self._customers.values()}
            customer = of_id.get(wanted)
        if customer is None or customer.password.lower() != given.password.reveal().lower():
            return None
        return customer.contract

    def _pin(self, ref: str, pin: Secret) -> PinCheck:
        customer = self._customers.get(ref)
        if customer is None:
            return PinCheck.NOT_CHECKED
        row = self._wrong_pins[ref]
        if pin == Secret(customer.pin):
            row[0] = 0
            return PinCheck.RIGHT
        row[0] += 1
        row[1] = max(row)
        return PinCheck.WRONG

    def _once(self, effect: Effect) -> dict[str, str] | None:
        if effect.key in self._results:
            first, result = self._results[effect.key]
            if first != effect:
                msg = f"the key {effect.key!r} came back with another content"
                raise ValueError(msg)
            return result
        if effect.ref not in self._customers:
            raise EffectRefused(ja="ご契約が見つかりません。", en="There is no such contract.")
        result = self._apply(effect)
        self._results[effect.key] = (effect, result)
        self.carried_out.append(effect)
        return result

    def _apply(self, effect: Effect) -> dict[str, str] | None:
        if effect.kind is EffectKind.SET_LOGIN_PASSWORD:
            password = Secret.of(effect.data["new_password"]).reveal()
            self._customers[effect.ref] = attrs.evolve(self._customers[effect.ref], password=password)
        elif effect.kind is EffectKind.LOCK_SERVICE:
            self.change(effect.ref, service_locked=True)
        elif effect.kind is EffectKind.LOCK_CARD:
            self.change(effect.ref, card_locked=True)
        elif effect.kind is EffectKind.ISSUE_TOKEN:
            self._tokens += 1
            return {"service_id": f"SV{self._tokens:08d}", "user_id": f"US{self._tokens:08d}"}
        return None


def _contract(customer: Customer | None) -> Contract | None:
    return None if customer is None else customer.contract
