"""What a transition writes into the session: session data that it keeps from then on, and counts that increase."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.transitions import Assign
from ja_reset.chart.turn import Turn
from ja_reset.errors import ChartError
from ja_reset.fields.specs import Form, Role, fields_of
from ja_reset.machines import facts
from ja_reset.machines.guards import contract_of

if TYPE_CHECKING:
    from ja_reset.chart.session import Session


def _entered(turn: Turn, role: Role) -> str:
    text = turn.know(facts.READING).text(role)
    if text is None:
        msg = f"no field in the role {role.name} was filled in"
        raise LookupError(msg)
    return text


def _method(turn: Turn, session: Session) -> Session:
    return session.keep(method=_entered(turn, Role.METHOD))


def _contract(turn: Turn, session: Session) -> Session:
    from ja_reset.chart.session import Offered  # noqa: PLC0415 - loaded for a service
    from ja_reset.fields._phone_numbers import masked  # noqa: PLC0415 - loaded for a service

    contract, numbers = contract_of(turn), turn.know(facts.OFFERED)
    ids = turn.know(facts.PHONE_IDS)
    phones = tuple(Offered(name, number, masked(number)) for name, number in zip(ids, numbers, strict=True))
    return session.keep(ref=contract.ref, phones=phones)


def _chosen(turn: Turn, session: Session) -> Session:
    return session.keep(chosen=_entered(turn, Role.PHONE_CHOICE))


def _opened(turn: Turn, session: Session, length: timedelta) -> Session:
    from ja_reset.chart.session import Window  # noqa: PLC0415 - loaded for a service

    return session.window_opened(Window(turn.now, turn.now + length, dial=turn.know(facts.DIAL)))


def _details(turn: Turn, session: Session) -> Session:
    return session.keep(email=_entered(turn, Role.EMAIL), activation=turn.know(facts.SEALED_ACTIVATION))


def _answered(turn: Turn, session: Session) -> Session:
    from ja_reset.chart.session import Answered  # noqa: PLC0415 - loaded for a service

    return session.keep(answered=Answered(turn.know(facts.CALL_KEY), turn.know(facts.SEALED_CODE)))


def _announced(turn: Turn, session: Session) -> Session:
    from ja_reset.chart.session import Answered  # noqa: PLC0415 - loaded for a service

    return session.keep(answered=Answered(turn.know(facts.CALL_KEY), ""))


def _over(turn: Turn, session: Session) -> Session:
    answered = session.kept.answered
    return (
        session if answered is None else session.keep(answered=attrs.evolve(answered, ended=turn.know(facts.ENDED_AT)))
    )


def _issued(turn: Turn, session: Session) -> Session:
    from ja_reset.chart.session import Issued  # noqa: PLC0415 - loaded for a service

    given = turn.know(facts.RESULT)
    return session.keep(issued=Issued(given["service_id"], given["user_id"]))


def own_value(name: str, form: Form, field: str, *, words: Callable[[str], str] = str) -> Assign:
    """The session keeps, as a value of the chart's own, what was typed into *field* of *form*, as it was read.

    States that name *name* among their `keeps` keep it, and their screens' texts show it as `{name}`; *words* makes of
    it what is shown. Raises ChartError for a field that the form has not, and for a secret, which is kept nowhere (S5).
    """
    found = next((each for each in fields_of(form) if each.name == field), None)
    if found is None or found.secret:
        why = "has no such field" if found is None else "has a secret there, and a secret is kept nowhere"
        msg = f"value {name}: {form.__name__}.{field} cannot be kept: the form {why}"
        raise ChartError(msg)

    def keep(turn: Turn, session: Session) -> Session:
        return session.keep_own(name, words(str(getattr(turn.know(facts.READING).of(form), field))))

    return Assign(f"{name}_is_kept", keep, own=name, reads=(facts.READING,))


method_is_chosen = Assign("method_is_chosen", _method, reads=(facts.READING,), roles=(Role.METHOD,))
contract_and_phones = Assign("contract_and_phones", _contract, reads=(facts.CONTRACT, facts.OFFERED, facts.PHONE_IDS))
phone_is_chosen = Assign("phone_is_chosen", _chosen, reads=(facts.READING,), roles=(Role.PHONE_CHOICE,))
bim_window_opens = Assign(
    "bim_window_opens",
    lambda turn, s: _opened(turn, s, turn.policies.phone.bim_window),
    limit="bim_window",
    reads=(facts.DIAL,),
)
btr_window_opens = Assign(
    "btr_window_opens",
    lambda turn, s: _opened(turn, s, turn.policies.phone.btr_window),
    limit="btr_window",
    reads=(facts.DIAL,),
)
details_are_sealed = Assign(
    "details_are_sealed", _details, reads=(facts.READING, facts.SEALED_ACTIVATION), roles=(Role.EMAIL,)
)
call_is_answered = Assign("call_is_answered", _answered, reads=(facts.CALL_KEY, facts.SEALED_CODE))
call_is_announced = Assign("call_is_announced", _announced, reads=(facts.CALL_KEY,))
"""The call is answered and asks for no code, only for a confirmation (P4)."""
call_is_over = Assign("call_is_over", _over, reads=(facts.ENDED_AT,))
wrong_code_counts = Assign(
    "wrong_code_counts",
    lambda _turn, session: session.code_missed(),
)
wrong_key_counts = Assign(
    "wrong_key_counts",
    lambda _turn, session: attrs.evolve(session.code_missed(), wrong_codes=session.wrong_codes),
)
"""Counts for its call alone: it is no guess of a code (P4)."""
token_is_issued = Assign("token_is_issued", _issued, reads=(facts.RESULT,))


def order_is_kept(effect: EffectSpec) -> Assign:
    """The session keeps the key of the effect that it waits for in COMPLETING."""

    def keep(_turn: Turn, session: Session) -> Session:
        return session.keep(order=effect.key(session))

    return Assign(f"order_is_kept:{effect.name}", keep, order=effect)
