"""Resolves the facts that guards read: from rows, from the bank, from randomness.

The checks of a handler alone decide the order in which the bank is asked; here each fact is found by its name. Counting
comes first: before the bank is asked anything for a customer, the session is claimed and, in the same commit, an
identity attempt is counted; a PIN attempt is reserved before the PIN is checked (I5, L3, S2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TypeVar, cast

import attrs

from ja_reset.bank._values import Contract, PinCheck
from ja_reset.chart.advance import Outcome, advance
from ja_reset.chart.session import Claim, Session
from ja_reset.chart.turn import BankFact, Fact, FactMissing, Turn
from ja_reset.errors import BankUnavailable, ChartError, UnknownInstitution
from ja_reset.fields.forms import Reading
from ja_reset.fields.specs import Role, field_in
from ja_reset.machines import facts
from ja_reset.machines._phones import offered
from ja_reset.machines.facts import AttemptState
from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts, WrongCodes
from ja_reset.proofs.waits import Wait
from ja_reset.secret import Secret
from ja_reset.service._bank import ask_contract, ask_fact, check_login, check_pin, prove_identity
from ja_reset.service._entered import EnteredWork
from ja_reset.service._institution import Institution
from ja_reset.service._io import Flow, Fresh, MakeCode, Now, Open, Seal
from ja_reset.service._marks import marks_of
from ja_reset.service._names import activation_context
from ja_reset.service._records import IDENTITY_ATTEMPTS, PIN_ATTEMPTS, REQUEST, WAIT, RequestRecord
from ja_reset.service._unit_of_work import Config, code_context

T = TypeVar("T")

OF_ROWS: tuple[Fact[PinAttempts] | Fact[IdentityAttempts] | Fact[Wait | None] | Fact[WrongCodes], ...] = (
    facts.PIN_ATTEMPTS,
    facts.SETTLED,
    facts.IDENTITY_ATTEMPTS,
    facts.WAIT,
    facts.NUMBER_CODES,
)
"""Facts that stand in rows: read again after the bank was asked, and after a conflict."""


class Again(Exception):  # noqa: N818 - no error: the turn restarts
    """Another turn changed a row before anything was asked: the turn restarts."""


class FactResolver(EnteredWork):
    """A unit of work that finds facts. A customer's `claims` the session before it asks the bank."""

    claims: bool = False
    request: str | None = None
    claim: str | None = None
    tried: str | None = None
    attempt: str | None = None
    broken_off: bool = False
    has_decided: bool = False
    code: Secret | None = None

    def __init__(self, config: Config, session: Session, institution: Institution | None, now: datetime) -> None:
        super().__init__(config, session, institution, now)
        self.answers: dict[str, bool] = {}

    def decide(self, trigger: str) -> Flow[Outcome]:
        """What *trigger* makes of the session; `facts` grows by what is gathered."""
        while True:
            turn = Turn(self.session, self.now, self.policies, self.facts)
            try:
                return self.unquoted(advance(self.chart, trigger, turn, self.answers))
            except FactMissing as need:
                name = need.name
            self.facts[name] = yield from self._resolve(name)

    def forget_rows(self) -> None:
        """Have whatever stands in rows read again."""
        self.answers.clear()
        for fact in OF_ROWS:
            self.facts.pop(fact.name, None)

    def _resolve(self, name: str) -> Flow[object]:
        gather, fact = _RESOLVED.get(name), self.chart.facts.get(name)
        if gather is not None:
            return (yield from gather(self))
        if isinstance(fact, BankFact):
            return (yield from self._told(fact))
        msg = f"nothing resolves the fact {name}"
        raise ChartError(msg)

    # Claims and counts --------------------------------------------------------------------------------------

    def _claim(self) -> Flow[None]:
        """Claim the session, and commit with it what was put; raises Again where somebody was first."""
        if not self.claims or self.claim is not None:
            return
        self.claim = yield Fresh(8)
        until = self.now + self.policies.session.effect_lease
        self.session = self.session.claimed(Claim(self.claim, until), self.now)
        yield from self.record()
        if self.request is not None:
            version = None if self.tried else self.session.version
            yield from self.put(REQUEST, self.session.id, RequestRecord(self.request, until, version=version))
        if not (yield from self.save()):
            raise Again
        self.forget_rows()
        with suppress(BankUnavailable, UnknownInstitution):  # then what is known holds
            found = yield from self.config.institution(self.session.institution)
            if found.id == self.session.institution:
                self.go_by(found)  # what was read of the form stands; a limit that was lowered holds at this step (L2)

    def _asked(self, answer: Flow[T]) -> Flow[T]:
        """What the bank says; by then the clock has gone on, and rows may have changed."""
        said = yield from answer
        self.now = max(self.now, (yield Now()))
        self.outdate()
        self.forget_rows()
        return said

    def identity_attempts(self) -> Flow[IdentityAttempts]:
        """This account's failures as they stand; a try of this turn that was answered is among them."""
        standing = yield from self.standing_attempts()
        return standing.keep(self.tried) if self.tried else standing

    def standing_attempts(self) -> Flow[IdentityAttempts]:
        """This account's failures, a try of this turn still pending."""
        identity, lease = self.policies.identity, self.policies.session.effect_lease
        held = (yield from self.load(IDENTITY_ATTEMPTS, self.attempts_row, IdentityAttempts)) or IdentityAttempts()
        return held.within(self.now, identity.identity_window, lease)

    def put_tries(self, tries: IdentityAttempts) -> Flow[None]:
        """Write this account's failures; the row is gone where none stands."""
        last, window = tries.last_at, self.policies.identity.identity_window
        yield from self.put(IDENTITY_ATTEMPTS, self.attempts_row, tries if last else None, at=last and last + window)

    def _identity_attempt(self) -> Flow[AttemptState]:
        self.session = self.session.marked(*(yield from marks_of(self.session.institution, [self.attempts_name])))
        standing = yield from self.standing_attempts()
        if max(standing.count, self.session.tries) >= self.policies.identity.identity_attempts:
            return AttemptState.NONE_FREE
        name: str = yield Fresh(8)
        yield from self.put_tries(standing.take(name, self.now))
        self.session = self.session.count_try()
        self.tried = name
        yield from self._claim()
        return AttemptState.TAKEN

    def _pin_attempt(self) -> Flow[bool]:
        """Reserve an attempt, whoever else does so at the same time (L3)."""
        ref, name = self._ref(), (yield Fresh(8))
        yield from self._claim()
        while True:
            attempts = yield from self.pin_attempts(ref)
            if attempts.tries_left(self.policies.lockout.pin_attempts) == 0:
                self.forget_rows()
                return False
            until = self.now + self.policies.lockout.unknown_lapse
            yield from self.put(PIN_ATTEMPTS, ref, attempts.reserve(name, self.now, until=until))
            yield from self._may_take_effect()
            if (yield from self.save()):
                self.attempt = name
                self.forget_rows()
                return True

    def _may_take_effect(self) -> Flow[None]:
        """From here on nobody makes this request again, whatever becomes of the turn: a try was counted for it (S2)."""
        request = (yield from self.load(REQUEST, self.session.id, RequestRecord)) if self.request else None
        if request is not None and request.id == self.request and request.answer is None:
            yield from self.put(REQUEST, self.session.id, attrs.evolve(request, version=None))

    # From the bank ------------------------------------------------------------------------------------------

    def _proved(self) -> Flow[Contract | None]:
        institution, form = self.session.institution, self._form()
        asks = (
            prove_identity(institution, self._account(), form, self.policies)
            if field_in(type(form), Role.LOGIN_PASSWORD) is None
            else check_login(institution, self._credentials())
        )
        contract = yield from self._asked(asks)
        self.is_proved = contract is not None
        return contract

    def _contract(self) -> Flow[Contract | None]:
        if self.session.kept.ref is None and facts.PROVED.name in self.facts:  # just proved: it is as it is now
            return cast("Contract | None", self.facts[facts.PROVED.name])
        ref = self._ref()
        yield from self._claim()
        return (yield from self._asked(ask_contract(ref)))

    def _told(self, fact: BankFact[object]) -> Flow[object]:
        ref = self._ref()
        yield from self._claim()
        return (yield from self._asked(ask_fact(fact, self.session.institution, ref)))

    def _pin_check(self) -> Flow[PinCheck]:
        return (yield from self._asked(check_pin(self._ref(), self._entered(Role.PIN, Secret))))

    # From rows and the form ---------------------------------------------------------------------------------

    @property
    def ref(self) -> str | None:
        """The contract that the session is about, or was just proved to be; None before there is one."""
        contract = self.facts.get(facts.PROVED.name)
        return self.session.kept.ref or (contract.ref if isinstance(contract, Contract) else None)

    def _ref(self) -> str:
        ref = self.ref
        if ref is None:
            msg = "a guard reads the contract before one is known"
            raise ChartError(msg)
        return ref

    def _offered(self) -> Flow[tuple[str, ...]]:
        yield from ()
        contract = self.facts.get(facts.PROVED.name)
        return offered(contract.phones) if isinstance(contract, Contract) else ()

    def _pin_attempts(self) -> Flow[PinAttempts]:
        return (yield from self.pin_attempts(self._ref()))

    def _settled(self) -> Flow[PinAttempts]:
        attempts = yield from self._pin_attempts()
        check = self.facts.get(facts.PIN_CHECK.name)
        if self.attempt is None or not isinstance(check, PinCheck):
            return attempts
        return attempts.settle(self.attempt, check)

    def _wait(self) -> Flow[Wait | None]:
        return (yield from self.load(WAIT, self.wanted_number(), Wait))

    def _number_codes(self) -> Flow[WrongCodes]:
        return (yield from self.wrong_codes(self.wanted_number()))

    def wanted_number(self) -> str:
        """The number of the phone that the form chooses, or else was chosen before, in E.164."""
        reading = self.facts.get(facts.READING.name)
        chosen = reading.text(Role.PHONE_CHOICE) if isinstance(reading, Reading) else None
        wanted = self.session.phone if chosen is None else self.session.offered(chosen)
        if wanted is None:
            msg = "a guard asks for a number before a phone was chosen"
            raise ChartError(msg)
        return wanted.number

    # From chance, and under seal ----------------------------------------------------------------------------

    def _phone_ids(self) -> Flow[tuple[str, ...]]:
        ids: tuple[str, ...] = ()
        for _ in cast("tuple[str, ...]", self.facts[facts.OFFERED.name]):
            ids = (*ids, (yield Fresh(8)))
        return ids

    def _sealed_code(self) -> Flow[str]:
        self.code = yield MakeCode(self.policies.phone.code_length)
        call = self.facts[facts.CALL_KEY.name]
        sealed: str = yield Seal(self.code, code_context(self.session.id, str(call)))
        return sealed

    def _code(self) -> Flow[Secret]:
        answered = self.session.kept.answered
        if answered is None:
            msg = "a guard reads a code before a call was answered"
            raise ChartError(msg)
        code: Secret = yield Open(answered.code, code_context(self.session.id, answered.call))
        return code

    def _sealed_activation(self) -> Flow[str]:
        secret = self._entered(Role.ACTIVATION_PASSWORD, Secret)
        sealed: str = yield Seal(secret, activation_context(self.session.id))
        return sealed

    def _activation(self) -> Flow[Secret]:
        secret: Secret = yield Open(self.session.kept.activation or "", activation_context(self.session.id))
        return secret


_RESOLVED: Mapping[str, Callable[[FactResolver], Flow[object]]] = {
    facts.CONTRACT.name: FactResolver._contract,  # noqa: SLF001 - its own table
    facts.PIN_ATTEMPTS.name: FactResolver._pin_attempts,  # noqa: SLF001 - its own table
    facts.SETTLED.name: FactResolver._settled,  # noqa: SLF001 - its own table
    facts.WAIT.name: FactResolver._wait,  # noqa: SLF001 - its own table
    facts.NUMBER_CODES.name: FactResolver._number_codes,  # noqa: SLF001 - its own table
    facts.IDENTITY_ATTEMPTS.name: FactResolver.identity_attempts,
    facts.IDENTITY_ATTEMPT.name: FactResolver._identity_attempt,  # noqa: SLF001 - its own table
    facts.PROVED.name: FactResolver._proved,  # noqa: SLF001 - its own table
    facts.OFFERED.name: FactResolver._offered,  # noqa: SLF001 - its own table
    facts.PHONE_IDS.name: FactResolver._phone_ids,  # noqa: SLF001 - its own table
    facts.PIN_ATTEMPT.name: FactResolver._pin_attempt,  # noqa: SLF001 - its own table
    facts.PIN_CHECK.name: FactResolver._pin_check,  # noqa: SLF001 - its own table
    facts.SEALED_ACTIVATION.name: FactResolver._sealed_activation,  # noqa: SLF001 - its own table
    facts.ACTIVATION.name: FactResolver._activation,  # noqa: SLF001 - its own table
    facts.SEALED_CODE.name: FactResolver._sealed_code,  # noqa: SLF001 - its own table
    facts.CODE.name: FactResolver._code,  # noqa: SLF001 - its own table
}
"""How each fact is resolved."""
