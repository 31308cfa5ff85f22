"""`verify`: explores a chart under a policy completely, and checks every rule, law and property."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.effects import PROOFS
from ja_reset.errors import ResetError
from ja_reset.machines import Procedure
from ja_reset.policies import Policies
from ja_reset.text import Language, Text
from ja_reset.verify import _samples as samples
from ja_reset.verify._bank_rules import proofs_in_japanese
from ja_reset.verify._bench import Bench, required
from ja_reset.verify._counterexamples import Counterexample, counterexample
from ja_reset.verify._dead import Dead, dead
from ja_reset.verify._exploration import EnoughError, Exploration, Predecessor, TooManyError, predecessors
from ja_reset.verify._failures import (
    ELSEWHERE,
    LAWS,
    AfterAChange,
    Failure,
    dead_failures,
    graph_failures,
    property_failures,
    unvaried_failures,
)
from ja_reset.verify._garbage import seldom_collected
from ja_reset.verify._judge import Judge
from ja_reset.verify._laws import Watched
from ja_reset.verify._properties import Property
from ja_reset.verify._rules import RULES
from ja_reset.verify._samples import NoSampleError, Sample
from ja_reset.verify._situations import Configuration
from ja_reset.verify._steps import Step
from ja_reset.verify._strict import NotDeclaredError

LIMIT = 200_000
"""How many situations are explored before it is given up."""


class NotAbstractableError(ResetError):
    """The chart or the policy cannot be verified; the message says why, and what to do."""


@attrs.frozen(kw_only=True)
class Verification:
    """What was explored of a chart under a policy, and what does not hold.

    `situations`: abstract states; `states` of the chart that were reached; `steps` that were tried; `edges`: pairs
    of situations where one follows the other; `transitions` taken of `transitions_in_all`, and those that the policy
    has `switched_off`.
    """

    chart: str
    situations: int
    edges: int
    steps: int
    states: tuple[str, ...]
    transitions: int
    transitions_in_all: int
    switched_off: int
    held: tuple[str, ...]
    failures: tuple[Failure, ...]
    configurations: frozenset[Configuration] = attrs.field(repr=False)
    matters: Mapping[str, frozenset[str]] = attrs.field(repr=False)
    events: frozenset[tuple[str, str, str, tuple[str, ...]]] = attrs.field(repr=False)
    needs: Mapping[str, tuple[str, ...]] = attrs.field(repr=False)

    @property
    def holds(self) -> bool:
        """Whether everything holds."""
        return not self.failures

    def by_way(self) -> Mapping[Counterexample, tuple[Failure, ...]]:
        """What does not hold, by the steps that show it: the shortest way first, what is wrong everywhere last."""
        ways: dict[Counterexample, tuple[Failure, ...]] = {}
        for failure in sorted(self.failures, key=lambda each: (each.way.everywhere, len(each.way.lines))):
            ways[failure.way] = (*ways.get(failure.way, ()), failure)
        return ways

    def to_dict(self) -> dict[str, object]:
        """Plain JSON."""
        return {
            "chart": self.chart,
            "situations": self.situations,
            "edges": self.edges,
            "steps": self.steps,
            "states": list(self.states),
            "transitions": self.transitions,
            "transitions_in_all": self.transitions_in_all,
            "switched_off": self.switched_off,
            "needs": {name: list(needs) for name, needs in self.needs.items()},
            "held": list(self.held),
            "failures": [failure.to_dict() for failure in self.failures],
            "holds": self.holds,
        }

    def render(self, language: Language = "en") -> str:
        """What was seen and what does not hold, to read."""
        alive = self.transitions + self.switched_off
        english = (
            f"{self.chart}: {self.situations} situations of {len(self.states)} states, {self.edges} edges, "
            f"{self.steps} steps tried; {alive} of {self.transitions_in_all} transitions alive"
            + (f" ({self.switched_off} switched off by the policy)" if self.switched_off else "")
        )
        japanese = (
            f"{self.chart}: 状況 {self.situations} (状態 {len(self.states)})、状況間の辺 {self.edges}、"
            f"試行 {self.steps}、遷移 {self.transitions_in_all} のうち {alive} が有効"
            + (f" (うち {self.switched_off} はポリシーにより停止中)" if self.switched_off else "")
        )
        lines = [japanese if language == "ja" else english]
        held = ", ".join(self.held)
        lines.append(f"  成立: {held}" if language == "ja" else f"  holds: {held}")
        if self.needs:
            lines.append(self._orders(language))
        for way, failures in self.by_way().items():
            for failure in failures:
                lines.append(f"  ✗ {failure.name}: {failure.says.get(language)}")
                lines.append(f"    {failure.what.get(language)}")
            lines.append(way.render(language).rstrip("\n"))
        return "\n".join(lines) + "\n"

    def _orders(self, language: Language) -> str:
        """What has to be proved before each order to the bank: the chart's own word, by which A1 is judged."""
        if language == "ja":
            return "  指図: " + "、".join(f"{name} ({proofs_in_japanese(needs)})" for name, needs in self.needs.items())
        return "  orders: " + "; ".join(f"{name} needs {', '.join(needs)}" for name, needs in self.needs.items())


def verify(
    chart: Chart | Procedure,
    policies: Policies = Policies(),  # noqa: B008 - frozen
    *,
    properties: Iterable[Property] = (),
    without: Iterable[str] = (),
    values: Mapping[str, Iterable[object]] | None = None,
    first: bool = False,
    limit: int = LIMIT,
    progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Explore every situation of *chart* under *policies*, and check the rules, laws and *properties*.

    `without` excludes rules or laws by name; without all from `no dead transition` to `no silent reason` (`no idle
    sample` may stay), no other policies are tried. `values` are values of facts that the library does not know, by
    name, or values that replace its own. `progress` is called now and then with how many situations and steps there
    are so far. `first` stops at the first step that breaks a rule. Raises NotAbstractableError where it cannot explore.
    """
    with seldom_collected():
        return _verified(
            chart.chart if isinstance(chart, Procedure) else chart,
            policies,
            asked=tuple(properties),
            left_out=frozenset(without),
            given=_given(values or {}),
            first=first,
            limit=limit,
            progress=progress,
        )


def _verified(
    chart: Chart,
    policies: Policies,
    *,
    asked: tuple[Property, ...],
    left_out: frozenset[str],
    given: Mapping[str, tuple[Sample, ...]],
    first: bool,
    limit: int,
    progress: Callable[[int, int], None] | None,
) -> Verification:
    known = {*(rule.name for rule in RULES), *LAWS}
    if unknown := sorted(left_out - known):
        msg = f"there is no rule or law {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        raise NotAbstractableError(msg)
    bank_rule = policies.fields.password_rule
    if bank_rule is not None:  # a host's rule may refuse whatever it likes: both answers are explored
        policies = attrs.evolve(policies, fields=attrs.evolve(policies.fields, password_rule=samples.password_rule))
    exploration = Exploration(chart, policies, given=given, limit=limit, tell=progress)
    rules = tuple(rule for rule in RULES if rule.name not in left_out)
    judge = Judge(Bench(exploration.turns.abstraction, policies), rules)
    exploration.turns.is_shown = (lambda _step: True) if asked else judge.tells_apart
    watched = Watched(asked, exploration.turns.abstraction.order)
    found: dict[str, tuple[Text, Text, int, Predecessor]] = {}

    def watch(step: Step, there: int) -> None:
        for rule, what in judge.breaches(step):
            if rule.name not in found:
                found[rule.name] = (rule.says, what, step.before.number, predecessors(step))
                if first:
                    raise EnoughError
        watched.look(step, there)

    _explore(exploration, watch)
    failures = [
        Failure(name, says, what, counterexample(exploration, number, came))
        for name, (says, what, number, came) in found.items()
    ]
    if first and failures:
        return _verification(exploration, failures, frozenset(known), (), 0)
    after_a_change = AfterAChange(judge, frozenset(found))
    lifeless = Dead() if left_out >= ELSEWHERE else _dead(exploration, given, after_a_change.look)
    failures += after_a_change.failures.values()
    failures += graph_failures(exploration, watched)
    failures += dead_failures(lifeless)
    failures += unvaried_failures(exploration)
    failures = [failure for failure in failures if failure.name not in left_out]
    failures += property_failures(exploration, watched)
    return _verification(exploration, failures, left_out, asked, lifeless.switched_off)


def _explore(exploration: Exploration, watch: Callable[[Step, int], None]) -> None:
    chart = exploration.chart.name
    try:
        with suppress(EnoughError), _declared(exploration.chart):
            exploration.run(watch)
    except NoSampleError as error:
        msg = f"chart {chart} cannot be abstracted: {error}; give its values with verify(…, values={{…}})"
        raise NotAbstractableError(msg) from None
    except TooManyError as error:
        msg = f"chart {chart} cannot be abstracted: {error}, a count may have no limit; allow more with limit=…"
        raise NotAbstractableError(msg) from None


@contextmanager
def _declared(chart: Chart) -> Iterator[None]:
    try:
        yield
    except NotDeclaredError as error:
        msg = f"chart {chart.name} cannot be abstracted: {error}"
        raise NotAbstractableError(msg) from None


def _given(values: Mapping[str, Iterable[object]]) -> dict[str, tuple[Sample, ...]]:
    return {
        name: tuple(value if isinstance(value, Sample) else Sample(value, f"{name}:{value}") for value in each)
        for name, each in values.items()
    }


def _dead(
    exploration: Exploration,
    given: Mapping[str, tuple[Sample, ...]],
    changed: Callable[[Exploration, Step], None],
) -> Dead:
    def explore(policies: Policies, look: Callable[[Exploration], None]) -> Exploration:
        other = Exploration(exploration.chart, policies, given=given, limit=exploration.limit)
        other.turns.be_brief()
        seen = 0

        def watch(_step: Step, _there: int) -> None:
            nonlocal seen
            if len(other.taken) + len(other.given_codes) > seen:
                seen = len(other.taken) + len(other.given_codes)
                look(other)

        with suppress(EnoughError, TooManyError):
            other.run(watch)
        return other

    with _declared(exploration.chart):
        return dead(exploration, explore, changed)


def _verification(
    exploration: Exploration,
    failures: list[Failure],
    left_out: frozenset[str],
    asked: tuple[Property, ...],
    switched_off: int,
) -> Verification:
    broken = {failure.name for failure in failures}
    names = [*(rule.name for rule in RULES), *LAWS, *(each.name for each in asked)]
    reached = {here.state for here in exploration.situations}
    taken, abstraction = len(exploration.taken), exploration.turns.abstraction
    return Verification(
        chart=exploration.chart.name,
        situations=len(exploration.situations),
        edges=sum(map(len, exploration.edges)),
        steps=exploration.steps,
        states=tuple(name for name in exploration.chart.states if name in reached),
        transitions=taken,
        transitions_in_all=len(exploration.chart.transitions),
        switched_off=switched_off,
        held=tuple(name for name in names if name not in broken and name not in left_out),
        failures=tuple(failures),
        configurations=frozenset(map(abstraction.seen, exploration.situations)),
        matters={name: abstraction.matters(name) for name in exploration.chart.states},
        events=frozenset(exploration.events),
        needs={
            effect.name: tuple(proof for proof in PROOFS if proof in required(effect, exploration.policies))
            for effect in exploration.chart.effects.values()
            if effect.needs
        },
    )
