"""Asks the host's bank and checks the types of its answers: a wrong type is a PortError, never a proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

import attrs

from ja_reset.bank._values import Contract, Effect, LoginCredentials, PinCheck
from ja_reset.chart.turn import BankFact, Required
from ja_reset.errors import BankUnavailable, EffectRefused, PortError
from ja_reset.policies import Policies
from ja_reset.proofs._identity import DECOY, proved
from ja_reset.secret import Secret
from ja_reset.service._institution import Institution
from ja_reset.service._io import Ask, Can, Flow
from ja_reset.text import Text, is_other_language

T = TypeVar("T")


def _answer(method: str, answer: object, kind: type[T]) -> T:
    if not isinstance(answer, kind):
        msg = f"the bank's {method} gave {type(answer).__name__}, not {kind.__name__}"
        raise PortError(msg)
    return answer


def ask_institution(institution: str) -> Flow[Institution | None]:
    """The institution of that id, as the bank has it now."""
    answer = yield Ask("institution", (institution,))
    return None if answer is None else _answer("institution", answer, Institution)


def ask_contract(ref: str) -> Flow[Contract | None]:
    """The contract as it is now."""
    answer = yield Ask("contract", (ref,))
    return None if answer is None else _answer("contract", answer, Contract)


def find_contract(institution: str, branch: str, subject: str, account: str) -> Flow[Contract | None]:
    """The contract with that representative account."""
    answer = yield Ask("find_contract", (institution, branch, subject, account))
    return None if answer is None else _answer("find_contract", answer, Contract)


def prove_identity(
    institution: str, account: tuple[str, str, str], form: attrs.AttrsInstance, policies: Policies
) -> Flow[Contract | None]:
    """The contract with that account whose customer the form describes, or None.

    The same work where there is no contract (I4, I7).
    """
    contract = yield from find_contract(institution, *account)
    if not (yield Can("identity_matches")):
        return contract if proved(contract, form, policy=policies.identity, relay=policies.caller_id.relay) else None
    if contract is None:
        yield from _ask_in_vain(form)
        return None
    answer = yield Ask("identity_matches", (contract, form))
    return contract if _answer("identity_matches", answer, bool) else None


def _ask_in_vain(form: attrs.AttrsInstance) -> Flow[None]:
    """Ask the bank's own rule about the decoy, so that an unknown account takes as long; never a proof (I4)."""
    try:
        yield Ask("identity_matches", (DECOY, form))
    except BankUnavailable:
        raise  # as it would be for an account that exists
    except Exception:  # noqa: BLE001, S110 - a rule that does not know the decoy must not tell what it is
        pass


def ask_fact(fact: BankFact[T], institution: str, ref: str) -> Flow[T]:
    """A fact of a host's own, as its bank tells it of a contract; where there is no method, what holds then."""
    if not isinstance(fact.absent, Required) and not (yield Can(fact.method)):
        return fact.absent
    answer = yield Ask(fact.method, (institution, ref))
    if not fact.fits(answer):
        wanted = " or ".join(kind.__name__ for kind in fact.kinds)
        msg = f"the bank's {fact.method} gave {type(answer).__name__}, not {wanted}"
        raise PortError(msg)
    return cast("T", answer)


def check_login(institution: str, credentials: LoginCredentials) -> Flow[Contract | None]:
    """The contract that the login proves, or None."""
    answer = yield Ask("check_login", (institution, credentials))
    return None if answer is None else _answer("check_login", answer, Contract)


def check_pin(ref: str, pin: Secret) -> Flow[PinCheck]:
    """What the bank says of the PIN."""
    return _answer("check_pin", (yield Ask("check_pin", (ref, pin))), PinCheck)


def carry_out(effect: Effect, wanted: tuple[str, ...] | None) -> Flow[Mapping[str, str]]:
    """Give an effect to the bank; what it gave of the results that are *wanted*, each a str that is not empty (C3)."""
    answer = yield Ask("carry_out", (effect,))
    if answer is not None:
        _answer("carry_out", answer, Mapping)  # type: ignore[type-abstract]
    result = results_in(answer or {}, wanted)
    if result is None:
        msg = f"the bank's carry_out of {effect.kind} must return {results_named(wanted)}"
        raise PortError(msg)
    return result


def results_in(given: Mapping[str, object], wanted: tuple[str, ...] | None) -> dict[str, str] | None:
    """Of *given* what is *wanted*, each a str that is not empty; None where one is missing."""
    result = {name: value for name in wanted or () if isinstance(value := given.get(name), str) and value}
    return result if len(result) == len(wanted or ()) else None


def results_named(wanted: tuple[str, ...] | None) -> str:
    """What is wanted, for a complaint."""
    return " and ".join(wanted or ()) + (", each a str" if len(wanted or ()) > 1 else ", a str")


def words_of(refusal: EffectRefused) -> Text:
    """The bank's own words of a refusal; what it has in no language of BCP 47 is left out."""
    more = {language: said for language, said in refusal.more.items() if is_other_language(language)}
    return Text(refusal.ja, refusal.en, more=more)
