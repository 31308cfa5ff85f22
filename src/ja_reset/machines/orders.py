"""What each effect tells the host to do (C1-C5, L2): its data, from the turn that orders it."""

from __future__ import annotations

from collections.abc import Mapping

from ja_reset.errors import ChartError
from ja_reset.forms import PasswordForm
from ja_reset.machines import facts
from ja_reset.secret import Secret
from ja_reset.session import Turn
from ja_reset.values import EffectKind


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
