"""The facts that a guard can read, each with its type; a turn resolves them when they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from ja_reset.chart.turn import Fact, Occasion, SessionFact
from ja_reset.fields.specs import Role

if TYPE_CHECKING:
    import attrs

    from ja_reset.bank._values import Contract, PinCheck
    from ja_reset.chart.session import Answered, Session
    from ja_reset.fields.forms import Reading
    from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts, WrongCodes
    from ja_reset.proofs.caller import Report
    from ja_reset.proofs.waits import Waits
    from ja_reset.secret import Secret


class AttemptState(Enum):
    """Whether an identity attempt for an account could be counted before the bank is asked (I5)."""

    TAKEN = "taken"
    NONE_FREE = "none_free"


_FORM = (Occasion.CUSTOMER,)
_CALL = (Occasion.CALL,)
_KEYS = (Occasion.KEYS,)
_ENDED = (Occasion.CALL_ENDED,)
_REPORTED = (Occasion.CALL, Occasion.KEYS)
_ASKED = (Occasion.CUSTOMER, Occasion.CALL, Occasion.KEYS)
_CONFIRMED = (Occasion.CONFIRMED,)
_ACCOUNT = (frozenset({Role.LOGIN_ID}), frozenset({Role.BRANCH, Role.SUBJECT, Role.ACCOUNT}))
_PIN = (frozenset({Role.PIN}),)

READING: Fact[Reading[attrs.AttrsInstance]] = Fact("reading", at=_FORM, needs_form=True)
"""The form as it was read: normalised, or its errors."""
IDENTITY_ATTEMPT: Fact[AttemptState] = Fact("identity_try", at=_FORM, roles=_ACCOUNT)
"""Whether a try at this identity could be counted before the bank is asked (I5)."""
IDENTITY_ATTEMPTS: Fact[IdentityAttempts] = Fact("tries", at=_FORM, roles=_ACCOUNT)
"""The account's failures; once the bank has answered, with this try among them."""
PROVED: Fact[Contract | None] = Fact("proved", at=_FORM, after=IDENTITY_ATTEMPT, proves=True, roles=_ACCOUNT)
"""The contract whose identity (or login) the form proves, or None."""
OFFERED: Fact[tuple[str, ...]] = Fact("offered", at=_FORM)
"""The registered phones of the contract that was proved that can be called from, in E.164 (P1)."""
PHONE_IDS: Fact[tuple[str, ...]] = Fact("phone_ids", at=_FORM)
"""Random ids, one for each phone that is offered (F13)."""
CONTRACT: Fact[Contract | None] = Fact("contract", at=_ASKED, of_bank=True, of_contract=True)
"""The session's contract as the bank knows it now; in the turn that proves an identity, as it was proved."""
PIN_ATTEMPTS: Fact[PinAttempts] = Fact("ledger", at=_ASKED, of_contract=True)
"""The PIN count of the contract's card."""
PIN_ATTEMPT: Fact[bool] = Fact("pin_try", at=_FORM, proof="pin", roles=_PIN, of_contract=True)
"""Whether an attempt could be reserved (L3)."""
PIN_CHECK: Fact[PinCheck] = Fact("pin_check", at=_FORM, after=PIN_ATTEMPT, proof="pin", roles=_PIN, of_contract=True)
"""What the bank answers about the PIN that was typed."""
SETTLED: Fact[PinAttempts] = Fact("settled", at=_ASKED, proof="pin", of_contract=True)
"""The PIN count with the bank's answer in it."""
WAIT: Fact[Waits] = Fact("wait", at=_FORM)
"""The waits for the chosen number, with the line of each."""
DIAL: Fact[str | None] = Fact("dial", at=_FORM)
"""One of the institution's numbers on whose line nobody else waits, at random; None: it has only one."""
NUMBER_CODES: Fact[WrongCodes] = Fact("number_codes", at=_ASKED)
"""The wrong codes that stand for the number that is to be, or is, waited for."""
RECEIVED_AT: Fact[datetime] = Fact("received_at", at=_REPORTED)
"""When the call, or the keys, reached the gateway."""
REPORT: Fact[Report] = Fact("report", at=_CALL)
"""The call as the gateway reported it, and what can be said of its number."""
SEALED_CODE: Fact[str] = Fact("sealed_code", at=_CALL)
"""A new code for the call, sealed (S5)."""
CALL_KEY: Fact[str] = Fact("call_key", at=_CALL)
"""The name of the call's row."""
CODE: Fact[Secret] = Fact("code", at=_KEYS)
"""The code of the call that was answered."""
ENTRY: Fact[Secret] = Fact("entry", at=_KEYS)
"""The digits that were keyed in."""
CALL_OVER: Fact[bool] = Fact("call_over", at=_KEYS)
"""Whether the call was over when the keys reached the gateway, or they were reported too long after its end."""
ENDED_AT: Fact[datetime] = Fact("ended_at", at=_ENDED)
"""When the call was over."""
SEALED_ACTIVATION: Fact[str] = Fact("sealed_activation", at=_FORM, roles=(frozenset({Role.ACTIVATION_PASSWORD}),))
"""The activation password that was typed, sealed (S5)."""
ACTIVATION: Fact[Secret] = Fact("activation", at=_ASKED)
"""The activation password that the session keeps under seal."""
RESULT: Fact[Mapping[str, str]] = Fact("result", at=_CONFIRMED)
"""What the bank gave when it confirmed the effect: a str for each name of `EffectSpec.result`."""


# What the session counts, and keeps ------------------------------------------------------------------------


def _wrong_in_call(session: Session) -> int | None:
    answered: Answered | None = session.kept.answered
    return None if answered is None else answered.wrong


SESSION_TRIES: SessionFact[int] = SessionFact("session_tries", lambda session: session.tries)
"""The session's own failures at an identity, this turn's try among them (I5)."""
WINDOWS: SessionFact[int] = SessionFact("windows", lambda session: session.windows)
"""How often the session has opened a window for a call (P6)."""
WRONG_CODES: SessionFact[int] = SessionFact("wrong_codes", lambda session: session.wrong_codes)
"""The session's wrong codes (P4)."""
WRONG_IN_CALL: SessionFact[int | None] = SessionFact("wrong_in_call", _wrong_in_call)
"""The wrong codes of the call that was answered; None where none was (P4)."""
METHOD: SessionFact[str | None] = SessionFact("method", lambda session: session.kept.method)
"""The method of authentication that was chosen, where the state keeps it (F12)."""

FACTS: Final[frozenset[Fact[Any]]] = frozenset(fact for fact in tuple(globals().values()) if isinstance(fact, Fact))
"""All of them: what a service can tell, beside what a host's bank tells (`ja_reset.chart.turn.BankFact`)."""
