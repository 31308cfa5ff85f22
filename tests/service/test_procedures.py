"""Charts of a host's own: named, served, saved and told apart beside the three of the library."""

from __future__ import annotations

import json

from hosts import Host
from ja_reset import EffectKind, Procedure


def test_a_procedure_and_a_kind_of_effect_are_their_own_names() -> None:
    """A member is a str: it is compared, written as JSON and looked up by its name as it stands."""
    host = Host()
    view = host.at(Procedure.LOGIN_PASSWORD, "DONE")
    assert view.procedure is Procedure.LOGIN_PASSWORD
    assert '"LOGIN_PASSWORD"' == json.dumps(view.procedure)
    assert ["NOTIFY", "SET_LOGIN_PASSWORD"] == sorted(effect.kind for effect in host.bank.carried_out)
    assert {"LOCK_CARD": 1} == {EffectKind.LOCK_CARD: 1}
