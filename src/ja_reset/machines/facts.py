"""The facts that a turn can want to know, each with its type; the script gathers them in the order of need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum

import attrs

from ja_reset.bank._values import Call, Contract, PinCheck
from ja_reset.chart.session import Answered, Fact, Session, SessionFact
from ja_reset.fields.forms import Reading
from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts, WrongCodes
from ja_reset.proofs.caller import Evidence
from ja_reset.proofs.waits import Wait
from ja_reset.secret import Secret
from ja_reset.text import Text


class AttemptState(Enum):
    """Whether a try at an account's identity could be counted before the bank is asked (I5)."""

    TAKEN = "taken"
    NONE_FREE = "none_free"


@attrs.frozen(eq=False, repr=False)
class Report:
    """A call as it was reported, what its number proves, and whether the line that was dialled is the right one."""

    call: Call
    evidence: Evidence
    line_fits: bool


READING: Fact[Reading[attrs.AttrsInstance]] = Fact("reading")
"""The form as it was read: normalised, or its errors."""
IDENTITY_ATTEMPT: Fact[AttemptState] = Fact("identity_try")
IDENTITY_ATTEMPTS: Fact[IdentityAttempts] = Fact("tries")
"""The account's failures; once the bank has answered, with this try among them."""
PROVED: Fact[Contract | None] = Fact("proved")
"""The contract whose identity (or login) the form proves, or None."""
OFFERED: Fact[tuple[str, ...]] = Fact("offered")
"""The registered phones of the contract that was proved that can be called from, in E.164 (P1)."""
PHONE_IDS: Fact[tuple[str, ...]] = Fact("phone_ids")
"""Random ids, one for each phone that is offered (F13)."""
CONTRACT: Fact[Contract | None] = Fact("contract")
"""The session's contract as the bank knows it now; in the turn that proves an identity, as it was proved."""
PIN_ATTEMPTS: Fact[PinAttempts] = Fact("ledger")
"""The PIN count of the contract's card."""
PIN_ATTEMPT: Fact[bool] = Fact("pin_try")
"""Whether an attempt could be reserved (L3)."""
PIN_CHECK: Fact[PinCheck] = Fact("pin_check")
SETTLED: Fact[PinAttempts] = Fact("settled")
"""The PIN count with the bank's answer in it."""
WAIT: Fact[Wait | None] = Fact("wait")
"""Who waits for the number that is to be waited for."""
NUMBER_CODES: Fact[WrongCodes] = Fact("number_codes")
"""The wrong codes that stand for the number that is to be, or is, waited for."""
RECEIVED_AT: Fact[datetime] = Fact("received_at")
"""When the call, or the keys, reached the gateway."""
REPORT: Fact[Report] = Fact("report")
SEALED_CODE: Fact[str] = Fact("sealed_code")
CALL_KEY: Fact[str] = Fact("call_key")
"""The name of the call's row."""
CODE: Fact[Secret] = Fact("code")
"""The code of the call that was answered."""
ENTRY: Fact[Secret] = Fact("entry")
"""The digits that were keyed in."""
SEALED_ACTIVATION: Fact[str] = Fact("sealed_activation")
ACTIVATION: Fact[Secret] = Fact("activation")
RESULT: Fact[Mapping[str, str]] = Fact("result")
"""What the bank gave when it confirmed the effect: a str for each name of `EffectSpec.result`."""
REFUSED_WORDS: Fact[Text] = Fact("refused_words")
"""The bank's words when it refused the effect for good."""
CONTESTED_UNTIL: Fact[datetime] = Fact("contested_until")
"""Until when the number rests after a contest."""


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
