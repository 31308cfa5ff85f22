"""What is dead under any policy: transitions never taken, reasons never given, facts never kept or never read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.transitions import EventRole, Transition
from ja_reset.chart.turn import Asker, Fact
from ja_reset.fields.readers import Fault
from ja_reset.policies import LockoutPolicy, Policies
from ja_reset.verify import _samples as samples
from ja_reset.verify._exploration import EnoughError, Exploration
from ja_reset.verify._situations import Situation
from ja_reset.verify._steps import Event, Source, Step
from ja_reset.verify._strict import Read
from ja_reset.verify._turns import Turns


def switched(policies: Policies) -> Iterator[Policies]:
    """The same policies with what they switch off switched on, and the counts so low that all is soon seen.

    Codes for the BIM family are asked for in one of them and not in the other, as each leaves transitions to the other.
    One attempt at identity and PIN and one window come first: with two of each there is five times as much to see.
    """
    for most in (1, 2):
        for bim_code in (not policies.phone.bim_code, policies.phone.bim_code):
            for announces in (True, False):  # with a code, a call is announced in any case
                if not (announces and bim_code):
                    yield _with_all_switched_on(policies, most=most, bim_code=bim_code, bim_announce=announces)


def _free_key(taken: str) -> str:
    return "8" if taken == "9" else "9"


def _with_all_switched_on(policies: Policies, *, most: int, bim_code: bool, bim_announce: bool) -> Policies:
    phone = attrs.evolve(
        policies.phone,
        bim_code=bim_code,
        bim_announce=bim_announce,
        not_me_key=policies.phone.not_me_key or _free_key(policies.phone.confirm_key),
        phone_windows=most,
        code_attempts=2,
        codes_per_session=3,
        delivery_grace=max(policies.phone.delivery_grace, timedelta(seconds=1)),
        number_rest=max(policies.phone.number_rest, timedelta(seconds=1)),
    )
    return attrs.evolve(
        policies,
        phone=phone,
        identity=attrs.evolve(policies.identity, identity_attempts=most),
        lockout=LockoutPolicy(pin_attempts=most),
        caller_id=attrs.evolve(policies.caller_id, attestation="B", claimed_numbers=False, relay=True),
        fields=attrs.evolve(policies.fields, password_rule=samples.password_rule),
    )


@attrs.frozen
class Dead:
    """What is never so under any policy: transitions, reason codes, facts kept (with their state), reads."""

    transitions: tuple[Transition, ...] = ()
    codes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    reads: tuple[tuple[Asker, Fact[object]], ...] = ()
    switched_off: int = 0


def _declared(chart: Chart) -> dict[Read, tuple[Asker, Fact[object]]]:
    """Who declares that it reads which fact."""
    askers: list[Asker] = [*chart.guards.values(), *chart.effects.values()]
    askers += [assign for transition in chart.transitions for assign in transition.assigns]
    return {(id(asker), fact): (asker, fact) for asker in askers for fact in asker.reads}


def _kept_in(exploration: Exploration) -> set[tuple[str, str]]:
    """The facts that some situation keeps, each with its state."""
    return {(here.state, name) for here in exploration.situations for name in here.keeps}


def _after_a_change(turns: Turns, situations: Sequence[Situation], missing: set[int]) -> Iterator[tuple[int, Step]]:
    """The transitions that are taken where the institution changes its policies while a session is under way."""
    transitions = turns.chart.transitions
    places = {id(transition): place for place, transition in enumerate(transitions)}
    wanted: dict[tuple[str, str], set[int]] = {}
    for place in sorted(missing):
        transition = transitions[place]
        reported = transition.role in {EventRole.CALL, EventRole.KEYS, EventRole.CALL_ENDED}
        if reported or transition.trigger in turns.chart.events(transition.source):
            wanted.setdefault((transition.source, transition.trigger), set()).add(place)
        # the bank and the clock act only where there is something to answer, or to end
    only = frozenset(id(transitions[place]) for place in missing)
    found: set[int] = set()
    for (source, trigger), among in wanted.items():
        for here in situations:
            if here.state == source and not among <= found:
                for step in turns.take(here, Event(Source.OTHERS, trigger), only=only):
                    if step.transition is not None:  # else a guard breaks there
                        taken = places[id(step.transition)]
                        found.add(taken)
                        yield taken, step


def _relayed_after_a_change(turns: Turns, situations: Sequence[Situation]) -> Iterator[Step]:
    """What calls do where a relay number was chosen and the institution no longer allows it: it proves nothing (P3)."""
    seen = set[str]()
    for here in situations:
        if here.session.kept.chosen == samples.RELAY_ID and here.state not in seen:
            seen.add(here.state)
            if turns.chart.hears(here.state, EventRole.CALL):
                yield from turns.take(here, Event(Source.TELEPHONE, turns.chart.event(here.state, EventRole.CALL)))


def dead(
    exploration: Exploration,
    explore: Callable[[Policies, Callable[[Exploration], None]], Exploration],
    changed: Callable[[Exploration, Step], None],
) -> Dead:
    """What no step takes, gives or keeps, neither under these policies nor with what they switch off switched on.

    Field errors are left to the forms: which of them a chart can give depends on its fields. `changed` sees each step
    that is possible only because the policies became these ones on the way.
    """
    chart = exploration.chart
    every = {code for transition in chart.transitions for code in transition.codes} - {fault.value for fault in Fault}
    missing = {place for place in range(len(chart.transitions)) if place not in exploration.taken}
    silent = every - exploration.given_codes
    kept = {(state.name, name) for state in chart.states.values() for name in state.keeps} - _kept_in(exploration)
    declared = _declared(chart)
    unread = declared.keys() - exploration.turns.noted
    first = len(missing)

    def look(other: Exploration) -> None:
        missing.difference_update(other.taken)
        silent.difference_update(other.given_codes)
        if not missing and not silent and not unread - other.turns.noted and not kept - _kept_in(other):
            raise EnoughError

    others: list[Exploration] = []
    for policies in switched(exploration.policies):
        if not missing and not silent and not kept and not unread:
            break
        other = explore(policies, look)
        unread -= other.turns.noted
        kept -= _kept_in(other)
        for place, step in _after_a_change(exploration.turns, other.situations, set(missing)):
            missing.discard(place)
            changed(other, step)
        if not exploration.policies.caller_id.relay:
            for step in _relayed_after_a_change(exploration.turns, other.situations):
                changed(other, step)
        for each in (exploration, *others):  # from these policies to the others, and from one of the others to the next
            for place, _ in _after_a_change(other.turns, each.situations, set(missing)):
                missing.discard(place)
        others.append(other)
    transitions = tuple(chart.transitions[place] for place in sorted(missing))
    reached = {transition.to for place, transition in enumerate(chart.transitions) if place not in missing}
    facts = tuple(sorted((state, name) for state, name in kept if state in reached or state == chart.initial))
    unread -= exploration.turns.noted  # what a change of the policy led to
    reads = tuple(sorted((declared[read] for read in unread), key=lambda read: (str(read[0]), read[1].name)))
    return Dead(transitions, tuple(sorted(silent)), facts, reads, first - len(missing))
