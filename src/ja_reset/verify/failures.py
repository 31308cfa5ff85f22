"""What does not hold: each failure with its name, what is wrong, and the fewest steps that lead to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from ja_reset.arrows import Arrow
from ja_reset.text import Text
from ja_reset.verify.counterexamples import Counterexample, counterexample
from ja_reset.verify.exploration import Exploration, came_by
from ja_reset.verify.laws import Dead, Watched, goes_on_without, leads_nowhere
from ja_reset.verify.properties import AlwaysPossible, Never, OnlyAfter
from ja_reset.verify.rules import Judge
from ja_reset.verify.steps import Step

LAWS: Mapping[str, Text] = {
    "no trap": Text("どこからでも終わりに行き着く (A4)", "an end can be reached from everywhere (A4)"),
    "no dead arrow": Text("通らない矢印はない", "every arrow is taken"),
    "no idle guard": Text("結果を変えない条件はない", "every guard decides"),
    "no idle fact": Text("状態が残すことはどれもそこにありうる", "what a state keeps can be there"),
    "no silent reason": Text("言われない理由はない", "every reason is given"),
    "M4": Text("戻れば、その先で分かったことは残らない", "going back keeps nothing that was learned after it"),
}
"""The laws of the whole graph, by name."""


@attrs.frozen
class Failure:
    """A rule, law or property that does not hold: what is wrong, and the fewest steps that lead to it."""

    name: str
    says: Text
    what: str
    way: Counterexample

    def to_dict(self) -> dict[str, object]:
        """Plain JSON."""
        return {
            "property": self.name,
            "says": self.says.to_dict(),
            "what": self.what,
            "steps": [
                {
                    "from": line.source,
                    "event": line.event,
                    "words": line.words.to_dict(),
                    "told": line.told.to_dict(),
                    "to": line.target,
                    "reasons": list(line.reasons),
                }
                for line in self.way.lines
            ],
            "loops_from": self.way.loops_from,
            "mermaid": self.way.mermaid(),
        }


@attrs.define(eq=False)
class AfterAChange:
    """Holds steps that only a change of the policy makes possible to the rules that no other step breaks."""

    judge: Judge
    broken: frozenset[str]
    failures: dict[str, Failure] = attrs.field(factory=dict, init=False)

    def look(self, exploration: Exploration, step: Step) -> None:
        """See such a step, from a situation of the *exploration* under the policy before."""
        for rule, what in self.judge.breaches(step):
            if rule.name not in self.broken and rule.name not in self.failures:
                way = counterexample(exploration, step.before.number, came_by(step))
                said = f"{what} (the policy has changed meanwhile)"
                self.failures[rule.name] = Failure(rule.name, rule.says, said, way)


def graph_failures(exploration: Exploration, watched: Watched) -> Iterator[Failure]:
    """What the graph as a whole breaks: a trap, something kept over 戻る."""
    chart, final = exploration.chart, exploration.turns.abstraction.final
    trap = leads_nowhere(exploration, lambda here: here.state in final)
    if trap is not None:
        state = exploration.situations[trap].state
        what = f"from this situation of {state} no final state can be reached"
        yield Failure("no trap", LAWS["no trap"], what, counterexample(exploration, trap))
    kept = watched.kept_over_back(chart)
    if kept is not None:
        what, number, came = kept
        yield Failure("M4", LAWS["M4"], what, counterexample(exploration, number, came))


def dead_failures(lifeless: Dead) -> Iterator[Failure]:
    """What is in the chart in vain."""
    nowhere = Counterexample(())
    if lifeless.arrows:
        what = "; ".join(_arrow(arrow) for arrow in lifeless.arrows)
        yield Failure("no dead arrow", LAWS["no dead arrow"], f"never taken: {what}", nowhere)
        idle = {arrow.because.name for arrow in lifeless.arrows if arrow.because is not None and arrow.falls}
        if idle:
            what = f"never fails where it stands: {', '.join(sorted(idle))}"
            yield Failure("no idle guard", LAWS["no idle guard"], what, nowhere)
    if lifeless.facts:
        what = "; ".join(f"{state} never has {name}" for state, name in lifeless.facts)
        yield Failure("no idle fact", LAWS["no idle fact"], f"kept, but never there: {what}", nowhere)
    if lifeless.codes:
        yield Failure(
            "no silent reason", LAWS["no silent reason"], f"never given: {', '.join(lifeless.codes)}", nowhere
        )


def _arrow(arrow: Arrow) -> str:
    wants = [*arrow.conditions, *(f"not {name}" for name in arrow.unless)]
    return (
        f"{arrow.trigger} from {arrow.source} to {arrow.to or arrow.source} if {' and '.join(wants) or 'nothing else'}"
    )


def property_failures(exploration: Exploration, watched: Watched) -> Iterator[Failure]:
    """The user's own properties that do not hold."""
    for each in watched.properties:
        if isinstance(each, Never):
            if each.name in watched.broken:
                number, came = watched.broken[each.name]
                yield Failure(each.name, each.says, "it happens", counterexample(exploration, number, came))
        elif isinstance(each, OnlyAfter):
            unproved = watched.before_proof(each)
            if unproved is not None:
                way, came = unproved
                yield Failure(each.name, each.says, "no proof before it", counterexample(exploration, 0, *way, came))
        elif isinstance(each, AlwaysPossible):
            final, wanted = exploration.turns.abstraction.final, each.predicate
            number_ = leads_nowhere(exploration, wanted, beside=final)
            if number_ is not None:
                yield Failure(each.name, each.says, "not possible from here", counterexample(exploration, number_))
        else:
            round_ = goes_on_without(exploration, each)
            if round_ is not None:
                number, onwards, loops = round_
                start = len(exploration.way_to(number))
                loops_from = None if loops is None else start + loops
                way_ = counterexample(exploration, number, *onwards, loops_from=loops_from)
                what = "it ends without" if loops is None else "it can go on for ever without"
                yield Failure(each.name, each.says, what, way_)
