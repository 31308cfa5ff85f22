"""What each effect tells the host to do (C1-C5, L2): its data, from the turn that orders it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ja_reset.errors import ChartError
from ja_reset.forms import PasswordForm
from ja_reset.machines import facts
from ja_reset.secret import Secret
from ja_reset.session import Turn
from ja_reset.values import EffectKind

LOCKS: Final = (EffectKind.LOCK_SERVICE, EffectKind.LOCK_CARD)
"""What locks for good: the two are ordered together (L2)."""


def effects_of(effects: tuple[EffectKind, ...], state: str, turn: Turn) -> tuple[EffectKind, ...]:
    """What *turn* orders on an arrow with *effects* to *state*: these, and both locks, once, if the count locks (L2).

    A count can lock without a PIN: where the limit was lowered, or where an institution with a lower one meets it. And
    where it has locked already, in another session, the last wrong PIN orders nothing more.
    """
    if state != "LOCKED" or facts.LEDGER.name not in turn.facts:
        return effects
    before = turn.know(facts.LEDGER)
    ledger = turn.know(facts.SETTLED) if facts.PIN_CHECK.name in turn.facts else before
    others = tuple(kind for kind in effects if kind not in LOCKS)
    is_due = not before.locked and ledger.is_locked(turn.policies.lockout.pin_attempts)
    return (*others, *LOCKS) if is_due else others


def order_data(kind: EffectKind, turn: Turn) -> Mapping[str, str | Secret]:
    """The data of an effect of *kind* that the arrow taken in *turn* orders."""
    match kind:
        case EffectKind.SET_LOGIN_PASSWORD:
            form = turn.know(facts.READING).form
            if not isinstance(form, PasswordForm):
                msg = "a new login password is ordered without its form"
                raise ChartError(msg)
            return {"new_password": form.new_password}
        case EffectKind.ISSUE_TOKEN:
            return {"email": turn.session.kept.email or "", "activation_password": turn.know(facts.ACTIVATION)}
        case EffectKind.NOTIFY:
            return {"what": turn.session.procedure}
        case _:
            return {}
