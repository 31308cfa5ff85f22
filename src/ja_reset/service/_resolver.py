"""Resolves the facts that guards read: from rows, from the bank, from randomness.

The checks of a handler alone decide the order in which the bank is asked; here each fact is found by its name. Counting
comes first (`_claims`). Rows that the same event may ask for are read together.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from typing import TypeVar, cast

from ja_reset.bank._values import Contract, PinCheck
from ja_reset.chart.advance import Outcome, advance
from ja_reset.chart.turn import BankFact, FactMissing, Turn
from ja_reset.errors import ChartError
from ja_reset.fields.forms import Reading
from ja_reset.fields.specs import Role, field_in
from ja_reset.machines import facts
from ja_reset.machines._phones import offered
from ja_reset.proofs.attempts import PinAttempts, WrongCodes
from ja_reset.proofs.caller import line_called
from ja_reset.proofs.waits import Waits
from ja_reset.secret import Secret
from ja_reset.service._bank import ask_contract, ask_fact, check_login, check_pin, prove_identity
from ja_reset.service._claims import ClaimedWork
from ja_reset.service._io import Flow, Fresh, MakeCode, Open, Pick, Seal
from ja_reset.service._names import activation_context
from ja_reset.service._records import CODES, PIN_ATTEMPTS, WAIT
from ja_reset.service._shown import code_context

T = TypeVar("T")


class FactResolver(ClaimedWork):
    """A unit of work that finds facts."""

    broken_off: bool = False
    has_decided: bool = False
    code: Secret | None = None

    def decide(self, trigger: str) -> Flow[Outcome]:
        """What *trigger* makes of the session; `facts` grows by what is gathered."""
        while True:
            turn = Turn(self.session, self.now, self.policies, self.facts)
            try:
                return self.unquoted(advance(self.chart, trigger, turn, self.answers))
            except FactMissing as need:
                name = need.name
            if name in _ROWS:
                yield from self.fetch(self._rows(self.chart.reads(self.session.state, trigger)))
            gather = _RESOLVED.get(name)
            self.facts[name] = yield from gather(self) if gather is not None else self._of_bank(name)

    def _of_bank(self, name: str) -> Flow[object]:
        """A fact of a host's own."""
        fact = self.chart.facts.get(name)
        if isinstance(fact, BankFact):
            return (yield from self._told(fact))
        msg = f"nothing resolves the fact {name}"
        raise ChartError(msg)

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

    def _offered(self) -> Flow[tuple[str, ...]]:
        yield from ()
        contract = self.facts.get(facts.PROVED.name)
        return offered(contract, relay=self.policies.caller_id.relay) if isinstance(contract, Contract) else ()

    def _rows(self, names: Container[str]) -> Iterator[tuple[str, str]]:
        """The rows of those of these facts that stand in one whose name is known by now; and that of the wait.

        An event of a session that waits for a number may end its wait, whatever its guards ask for.
        """
        kinds = [kind for name, kind in _ROWS.items() if name in names]
        for kind in dict.fromkeys([*kinds, WAIT] if self._is_waiting(self.session) else kinds):
            key = self.ref if kind == PIN_ATTEMPTS else self._number
            if key is not None:
                yield kind, key

    def _pin_attempts(self) -> Flow[PinAttempts]:
        return (yield from self.pin_attempts(self._ref()))

    def _settled(self) -> Flow[PinAttempts]:
        attempts = yield from self._pin_attempts()
        check = self.facts.get(facts.PIN_CHECK.name)
        if self.attempt is None or not isinstance(check, PinCheck):
            return attempts
        return attempts.settle(self.attempt, check)

    def _wait(self) -> Flow[Waits]:
        return (yield from self.waits_of(self.wanted_number()))

    def _number_codes(self) -> Flow[WrongCodes]:
        return (yield from self.wrong_codes(self.wanted_number()))

    @property
    def _number(self) -> str | None:
        """The number of the phone that the form chooses, or else was chosen before, in E.164."""
        reading = self.facts.get(facts.READING.name)
        chosen = reading.text(Role.PHONE_CHOICE) if isinstance(reading, Reading) else None
        wanted = self.session.phone if chosen is None else self.session.offered(chosen)
        return None if wanted is None else wanted.number

    def wanted_number(self) -> str:
        """That number, where a phone has been chosen."""
        number = self._number
        if number is None:
            msg = "a guard asks for a number before a phone was chosen"
            raise ChartError(msg)
        return number

    # From chance, and under seal ----------------------------------------------------------------------------

    def _dial(self) -> Flow[str | None]:
        waits: Waits = yield from self._wait()
        free = waits.free_for(self.session.id, self.now, self.policies.phone.waits_per_number)
        named = {line_called(dial): dial for dial in self.dials}
        dials = [named[line] for line in free if line in named]
        if not dials:
            return None
        return dials[(yield Pick(len(dials)))] if len(dials) > 1 else dials[0]

    def _phone_ids(self) -> Flow[tuple[str, ...]]:
        ids: tuple[str, ...] = ()
        for _ in cast("tuple[str, ...]", self.facts[facts.OFFERED.name]):
            ids = (*ids, (yield Fresh(8)))
        return ids

    def _sealed_code(self) -> Flow[str]:
        self.code = yield MakeCode(self.policies.phone.code_length, self.policies.phone.not_me_key)
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


_ROWS: Mapping[str, str] = {
    facts.PIN_ATTEMPTS.name: PIN_ATTEMPTS,
    facts.SETTLED.name: PIN_ATTEMPTS,
    facts.WAIT.name: WAIT,
    facts.NUMBER_CODES.name: CODES,
}
"""The kind of row that each of these facts stands in."""

_RESOLVED: Mapping[str, Callable[[FactResolver], Flow[object]]] = {
    facts.CONTRACT.name: FactResolver._contract,  # noqa: SLF001 - its own table
    facts.PIN_ATTEMPTS.name: FactResolver._pin_attempts,  # noqa: SLF001 - its own table
    facts.SETTLED.name: FactResolver._settled,  # noqa: SLF001 - its own table
    facts.WAIT.name: FactResolver._wait,  # noqa: SLF001 - its own table
    facts.DIAL.name: FactResolver._dial,  # noqa: SLF001 - its own table
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
