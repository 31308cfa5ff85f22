"""The laws of what a chart reads and of what it tells the bank to do: facts, and effects.

A fact is read where somebody can tell it, what counts a try is read before what the try is for, and nothing is asked
once a PIN is being checked. An effect is ordered where it is recorded, with proofs that are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from ja_reset.chart._spec import ChartSpec
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import EventRole, Handler, forms_of
from ja_reset.chart.turn import Asker, BankFact, Fact, Occasion, SessionFact
from ja_reset.errors import ChartError
from ja_reset.fields.specs import Role, fields_of

OCCASIONS: Final[Mapping[EventRole | None, Occasion]] = MappingProxyType(
    {
        None: Occasion.CUSTOMER,
        EventRole.BACK: Occasion.CUSTOMER,
        EventRole.PROCEED: Occasion.CUSTOMER,
        EventRole.CALL: Occasion.CALL,
        EventRole.KEYS: Occasion.KEYS,
        EventRole.CALL_ENDED: Occasion.CALL_ENDED,
        EventRole.CONFIRMED: Occasion.CONFIRMED,
    }
)
"""When a fact can be had, by the role of the event; at the others nothing is asked."""


def occasion_of(spec: ChartSpec, handler: Handler) -> Occasion | None:
    """When a step happens; None where nothing can be asked: of time, another session, the bank's refusal, a cancel."""
    source = spec.state(handler.source)
    occasion = OCCASIONS.get(handler.role)
    waits_for_the_bank = source is not None and source.kind is StateKind.COMPLETING
    return None if waits_for_the_bank and occasion is Occasion.CUSTOMER else occasion


def facts_have_one_meaning(spec: ChartSpec) -> Iterator[str]:
    """What is read is a Fact, and its name is an identifier that names one fact only."""
    named: dict[str, Fact[Any]] = {}
    for _, reads in spec.asked:
        for asker, _ in reads:
            for fact in asker.reads:
                if not isinstance(fact, Fact):
                    yield f"the {asker} reads {fact!r}, which is no Fact"
                elif named.get(fact.name) is fact:
                    continue
                elif not fact.name.isidentifier() or fact.name.startswith("_"):
                    yield f"{fact.name!r} cannot name a fact"
                elif named.setdefault(fact.name, fact) is not fact:
                    yield f"two facts are named {fact.name}"


def facts_can_be_told(spec: ChartSpec) -> Iterator[str]:
    """Each fact is read where somebody can tell it (C4: what is asked at an answer of the bank is never answered)."""
    for handler, asker, _, fact in spec.read:
        if isinstance(fact, SessionFact):
            continue
        if not fact.at:
            yield f"{_reads(handler, asker, fact.name)}, which nobody tells"
        elif occasion_of(spec, handler) not in fact.at:
            yield f"{_reads(handler, asker, fact.name)}, which cannot be had there"
        elif fact.needs_form and handler.form is None:
            yield f"{_reads(handler, asker, fact.name)}, and no form comes with it"


def forms_have_what_is_read(spec: ChartSpec) -> Iterator[str]:
    """What is found by a role in the form, as a PIN is, is read where each form has a field in that role."""
    for handler, reads in spec.asked:
        forms = [(form, _roles_in(form)) for form in forms_of(handler)]
        for asker, _ in reads:
            for what, several in _wanted(asker):
                if handler.form is None:
                    yield f"{_reads(handler, asker, what)}, and no form with a {_named(several)} comes with it"
                for form, has in forms:
                    if has is not None and not any(roles <= has for roles in several):
                        yield f"{_reads(handler, asker, what)}, and its form {form.__name__} has no {_named(several)}"


def _wanted(asker: Asker) -> list[tuple[str, tuple[frozenset[Role], ...]]]:
    """What it reads in the form, each with the sets of roles of which the form must have one."""
    wanted = [(fact.name, fact.roles) for fact in asker.reads if isinstance(fact, Fact) and fact.roles]
    wanted.sort(key=lambda each: str(each[0]))
    if asker.roles:
        wanted += [("a field", (frozenset({role}),)) for role in sorted(asker.roles, key=lambda role: role.name)]
    return wanted


def _roles_in(form: type[attrs.AttrsInstance]) -> frozenset[Role | None] | None:
    """The roles of its fields; None for what is no form, as another law says."""
    try:
        return frozenset(field.role for field in fields_of(form))
    except ChartError:
        return None


def _named(several: tuple[frozenset[Role], ...]) -> str:
    return "field in the role " + " or ".join(", ".join(sorted(role.name for role in roles)) for roles in several)


def _reads(handler: Handler, asker: Asker, what: str) -> str:
    return f"{handler.trigger} from {handler.source}: the {asker} reads {what}"


def forms_are_judged_first(spec: ChartSpec) -> Iterator[str]:
    """What the form holds is read below the check that the form is valid: before, any field may be empty (F)."""
    for handler in spec.handlers:
        if handler.form is None:
            continue
        for asker in _above_judgement(spec, handler):
            for name in sorted(str(fact.name) for fact in asker.reads if _is_of_form(fact)):
                where = f"{handler.trigger} from {handler.source}: the {asker} reads {name}"
                yield f"{where} and no check above it says that the form is valid: put form_is_valid above it"


def _above_judgement(spec: ChartSpec, handler: Handler) -> Iterator[Asker]:
    """What is asked in the checks above the one that finds the form valid."""
    for each in handler.checks:
        if not each.guard.judges_form:
            yield each.guard
        for otherwise in each.otherwise:
            if otherwise.when is not None:
                yield otherwise.when
            yield from spec.on_the_way(otherwise)
        if each.guard.judges_form:
            return
    yield from spec.on_the_way(handler)


def _is_of_form(fact: object) -> bool:
    return isinstance(fact, Fact) and (fact.needs_form or bool(fact.roles))


def tries_are_counted_first(spec: ChartSpec) -> Iterator[str]:
    """A check of an identity or a PIN stands below the one that counts the try (I5, L3)."""
    for handler, asker, above, fact in spec.read:
        if fact.after is not None and fact.after not in above | asker.reads:
            where = f"{handler.trigger} from {handler.source}: the {asker}"
            yield f"{where} reads {fact.name}, and no check above it reads {fact.after.name}"


def a_contract_comes_first(spec: ChartSpec) -> Iterator[str]:
    """A fact of a contract is of one that the state keeps, or that a check above has proved (S6)."""
    for handler, asker, above, fact in spec.read:
        source = spec.state(handler.source)
        keeps = source is not None and "ref" in source.keeps
        if fact.of_contract and not keeps and not any(each.proves for each in above):
            yield f"{handler.trigger} from {handler.source}: the {asker} reads {fact.name} before there is a contract"


def nothing_refuses_after_a_proof(spec: ChartSpec) -> Iterator[str]:
    """From the check that begins a proof that counts, all belong to that proof (L1, L5).

    They read its facts, and the form, to name a field: nothing else may refuse a right PIN, and no other answer that
    is missing may cost a try.
    """
    for handler in spec.handlers:
        first: tuple[str, str] | None = None
        for each in handler.checks:
            reads = {fact for fact in each.guard.reads if isinstance(fact, Fact)}
            proof = next((fact.proof for fact in reads if fact.proof is not None), None)
            where = f"{handler.trigger} from {handler.source}: the check {each.guard.name}"
            if first is not None and proof != first[0]:
                yield f"{where} must stand above {first[1]}: nothing else is asked once the {first[0]} is"
            elif proof is not None:
                first = first or (proof, each.guard.name)
                for name in sorted(str(fact.name) for fact in reads if not (fact.needs_form or fact.proof == proof)):
                    yield f"{where} reads {name} beside the {proof}: ask that in a check of its own, above {first[1]}"


def nothing_is_asked_after_a_proof(spec: ChartSpec) -> Iterator[str]:
    """Below the check that begins a proof that counts, the bank is asked nothing else (L3).

    Its silence would cost a try: what an outcome, an assignment or an order needs of it is read above.
    """
    for handler, reads in spec.asked:
        checks = [each.guard for each in handler.checks]
        first = next((guard for guard in checks if _counts(guard)), None)
        if first is None:
            continue
        below = (read for read in reads if first.reads <= read[1] and read[0] not in checks)
        for asker, above in below:  # of the checks, another law speaks
            for name in sorted(fact.name for fact in asker.reads - above if _is_asked(fact, above)):
                where = f"{handler.trigger} from {handler.source}: the {asker} reads {name}"
                yield f"{where}, and the bank is asked nothing once {first.name} is: let a check above that read it"


def _counts(asker: Asker) -> bool:
    return any(isinstance(fact, Fact) and fact.proof is not None for fact in asker.reads)


def _is_asked(fact: object, above: frozenset[Fact[Any]]) -> bool:
    """Whether the bank is asked for it; the contract that was just proved is known."""
    if isinstance(fact, BankFact):
        return True
    return isinstance(fact, Fact) and fact.of_bank and not any(each.proves for each in above)


def bank_facts_are_whole(spec: ChartSpec) -> Iterator[str]:
    """A fact of a host's own has a method that is no other's, and values of its kind to verify and test with."""
    for fact in {fact for *_, fact in spec.read}:
        if not isinstance(fact, BankFact):
            continue
        if not fact.method.isidentifier() or fact.method.startswith("_") or fact.method in OF_THE_BANK:
            yield f"the fact {fact.name}: {fact.method!r} cannot name a method of the host's own"
        if not all(isinstance(kind, type) for kind in fact.kinds) or not fact.kinds:
            yield f"the fact {fact.name}: its kind must be a type, or several"
            continue
        if not fact.values:
            yield f"the fact {fact.name} has no values to verify and test with"
        for name, value in fact.values.items():
            if not fact.fits(value):
                yield f"the fact {fact.name}: its value {name!r} is not of its kind"
        if not fact.is_required and not fact.fits(fact.absent):
            yield f"the fact {fact.name}: what holds without the method is not of its kind"


OF_THE_BANK: Final = frozenset(
    {"institution", "find_contract", "check_login", "contract", "check_pin", "carry_out", "identity_matches"}
)
"""The methods that every bank has, or may have (`ja_reset.service.ports`)."""


LAWS = (
    facts_have_one_meaning,
    facts_can_be_told,
    forms_have_what_is_read,
    forms_are_judged_first,
    tries_are_counted_first,
    a_contract_comes_first,
    nothing_refuses_after_a_proof,
    nothing_is_asked_after_a_proof,
    bank_facts_are_whole,
)
"""The laws of facts and effects."""
