"""The effects of the three procedures (C1-C5, L2): each with its data, and with what must be proved before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ja_reset.bank._kinds import EffectKind
from ja_reset.chart.effects import Data, EffectSpec
from ja_reset.chart.turn import Turn
from ja_reset.fields.specs import Role
from ja_reset.machines import facts


def _new_password(turn: Turn) -> Data:
    password = turn.know(facts.READING).secret(Role.NEW_PASSWORD)
    if password is None:
        msg = "no field in the role NEW_PASSWORD was filled in"
        raise LookupError(msg)
    return {"new_password": password}


def _token(turn: Turn) -> Data:
    return {"email": turn.session.kept.email or "", "activation_password": turn.know(facts.ACTIVATION)}


def _what_has_happened(turn: Turn) -> Data:
    """Of a notice that a transition orders: in a call it is that the caller has disowned the application (P13)."""
    return _told("reset" if turn.session.kept.answered is None else "not_me")(turn)


def _told(what: str) -> Callable[[Turn], Data]:
    """What a notice says: what has happened, and in which procedure."""
    return lambda turn: {"what": what, "procedure": turn.session.procedure}


def _count_locks(turn: Turn) -> bool:
    """Whether the count locks the card now, and no session has ordered its locks since the last unlock (L2).

    A count can lock without a PIN: where the limit was lowered, or where an institution with a lower one meets it. And
    where it has locked already, in another session, the last wrong PIN orders nothing more.
    """
    limit = turn.policies.lockout.pin_attempts
    return not turn.know(facts.PIN_ATTEMPTS).locked and turn.know(facts.SETTLED).is_locked(limit)


SET_LOGIN_PASSWORD: Final = EffectSpec(
    EffectKind.SET_LOGIN_PASSWORD,
    _new_password,
    secrets=("new_password",),
    needs=("identity", "call", "pin"),
    reads=(facts.READING,),
    roles=(Role.NEW_PASSWORD,),
)
CLEAR_RISK_AUTH: Final = EffectSpec(EffectKind.CLEAR_RISK_AUTH, needs=("identity", "call", "pin"))
ISSUE_TOKEN: Final = EffectSpec(
    EffectKind.ISSUE_TOKEN,
    _token,
    secrets=("activation_password",),
    needs=("identity", "call", "code"),
    reads=(facts.ACTIVATION,),
    result=("service_id", "user_id"),
)
NOTIFY: Final = EffectSpec(EffectKind.NOTIFY, _what_has_happened, notice=True)
NOTIFY_OF_LOCKS: Final = EffectSpec(EffectKind.NOTIFY, _told("locked"), notice=True)
"""The same effect, recorded with the locks: no transition has it, as the count alone says when it is due."""
LOCK_SERVICE: Final = EffectSpec(
    EffectKind.LOCK_SERVICE,
    due=_count_locks,
    reads=(facts.PIN_ATTEMPTS, facts.SETTLED),
    locks=True,
    tells=NOTIFY_OF_LOCKS,
)
LOCK_CARD: Final = EffectSpec(
    EffectKind.LOCK_CARD,
    due=_count_locks,
    reads=(facts.PIN_ATTEMPTS, facts.SETTLED),
    locks=True,
    tells=NOTIFY_OF_LOCKS,
)

LOCKS: Final = (LOCK_SERVICE, LOCK_CARD)
"""What locks for good: the two are ordered together (L2)."""
