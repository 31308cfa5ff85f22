"""What does not hold: each failure with its name, what is wrong, and the shortest sequence of steps to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from ja_reset.chart.transitions import Transition
from ja_reset.fields.forms import Reading
from ja_reset.text import Text
from ja_reset.verify._counterexamples import Counterexample, counterexample
from ja_reset.verify._dead import Dead
from ja_reset.verify._exploration import Exploration, predecessors
from ja_reset.verify._judge import Judge
from ja_reset.verify._laws import Watched, goes_on_without, leads_nowhere
from ja_reset.verify._properties import AlwaysPossible, Never, OnlyAfter
from ja_reset.verify._starting import starting_breaches
from ja_reset.verify._steps import Step

LAWS: Mapping[str, Text] = {
    "no trap": Text("どこからでも終わりに行き着く (A4)", "an end can be reached from everywhere (A4)"),
    "no dead transition": Text("通らない遷移はない", "every transition is taken"),
    "no idle guard": Text("結果を変えない条件はない", "every guard decides"),
    "no idle fact": Text("状態が残すことはどれもそこにありうる", "what a state keeps can be there"),
    "no idle read": Text("宣言した事実はどれも読まれる", "every fact that is declared is read"),
    "no idle sample": Text("条件が読む値はどれも変えて試される", "every value that a guard reads is varied"),
    "no silent reason": Text("言われない理由はない", "every reason is given"),
    "E4": Text("受付時間外には始まらない", "nothing begins out of hours"),
    "M4": Text("戻れば、その先で分かったことは残らない", "going back keeps nothing that was assigned after it"),
}
"""The laws of the whole graph, by name."""

IDLE = frozenset(name for name in LAWS if name.startswith(("no dead", "no idle", "no silent")))
"""The laws of what is idle."""
ELSEWHERE = IDLE - {"no idle sample"}
"""Those of them for which other policies are tried before anything counts as idle."""


@attrs.frozen
class Failure:
    """A rule, law or property that does not hold: what is wrong, and the shortest sequence of steps to it."""

    name: str
    says: Text
    what: Text
    way: Counterexample

    def to_dict(self) -> dict[str, object]:
        """Plain JSON."""
        return {
            "property": self.name,
            "says": self.says.to_dict(),
            "what": self.what.to_dict(),
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
            "mermaid": self.way.draw("mermaid", "en") if self.way.lines else None,
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
                way = counterexample(exploration, step.before.number, predecessors(step))
                said = Text(f"{what.ja} (方針はその間に変わった)", f"{what.en} (the policy has changed meanwhile)")
                self.failures[rule.name] = Failure(rule.name, rule.says, said, way)


def graph_failures(exploration: Exploration, watched: Watched) -> Iterator[Failure]:
    """What the graph as a whole breaks: a trap, something kept over 戻る."""
    chart, final = exploration.chart, exploration.turns.abstraction.final
    trap = leads_nowhere(exploration, lambda here: here.state in final)
    if trap is not None:
        state = exploration.situations[trap].state
        what = Text(
            f"{state} のこの状況からはどの終わりにも行き着けない",
            f"from this situation of {state} no final state can be reached",
        )
        yield Failure("no trap", LAWS["no trap"], what, counterexample(exploration, trap))
    for what in starting_breaches(chart, exploration.policies):
        yield Failure("E4", LAWS["E4"], what, Counterexample((), everywhere=True))
    kept = watched.kept_over_back(chart)
    if kept is not None:
        what, number, came = kept
        yield Failure("M4", LAWS["M4"], what, counterexample(exploration, number, came))


def dead_failures(lifeless: Dead) -> Iterator[Failure]:
    """What is in the chart in vain."""
    everywhere = Counterexample((), everywhere=True)
    if lifeless.transitions:
        dead = [_told(transition) for transition in lifeless.transitions]
        never = Text("; ".join(each.ja for each in dead), "; ".join(each.en for each in dead))
        what = Text(f"一度も通らない: {never.ja}", f"never taken: {never.en}")
        yield Failure("no dead transition", LAWS["no dead transition"], what, everywhere)
        idle = {
            transition.because.name
            for transition in lifeless.transitions
            if transition.because is not None and transition.otherwise
        }
        if idle:
            names = ", ".join(sorted(idle))
            what = Text(f"その場所では必ず成り立つ: {names}", f"never fails where it stands: {names}")
            yield Failure("no idle guard", LAWS["no idle guard"], what, everywhere)
    if lifeless.facts:
        japanese = "、".join(f"{state} の {name}" for state, name in lifeless.facts)
        english = "; ".join(f"{state} never has {name}" for state, name in lifeless.facts)
        what = Text(f"残すはずなのに、そこにはない: {japanese}", f"kept, but never there: {english}")
        yield Failure("no idle fact", LAWS["no idle fact"], what, everywhere)
    if lifeless.reads:
        japanese = "、".join(f"{asker} の {fact.name}" for asker, fact in lifeless.reads)
        english = "; ".join(f"the {asker} never reads {fact.name}" for asker, fact in lifeless.reads)
        what = Text(f"宣言したのに読まれない: {japanese}", f"declared, but never read: {english}")
        yield Failure("no idle read", LAWS["no idle read"], what, everywhere)
    if lifeless.codes:
        codes = ", ".join(lifeless.codes)
        what = Text(f"一度も言われない: {codes}", f"never given: {codes}")
        yield Failure("no silent reason", LAWS["no silent reason"], what, everywhere)


def unvaried_failures(exploration: Exploration) -> Iterator[Failure]:
    """What guards read and no sample varies."""
    told = exploration.turns.values.told.values()
    forms = {type(each.form).__name__ for each in told if isinstance(each, Reading)}
    values = [
        *told,
        *((each.session, each.environment) for each in exploration.situations),
    ]
    idle = exploration.turns.reads.unvaried(values)
    if idle:
        japanese = "、".join(f"{guard} の {', '.join(names)}" for guard, names in idle.items())
        english = "; ".join(f"{guard} reads {', '.join(names)}" for guard, names in idle.items())
        what = Text(
            f"条件が読むのに、どの試行でも同じ値である: {japanese}", f"read, but alike in every sample: {english}"
        )
        if any(name.partition(".")[0] in forms for names in idle.values() for name in names):
            more = Text("(入力欄の別の値は Reader.others で与える)", " (Reader.others gives more samples of a field)")
            what = Text(what.ja + more.ja, what.en + more.en)
        yield Failure("no idle sample", LAWS["no idle sample"], what, Counterexample((), everywhere=True))


def _told(transition: Transition) -> Text:
    to = transition.to or transition.source
    wants = [*transition.conditions, *(f"not {name}" for name in transition.unless)]
    return Text(
        f"{transition.source} → {to}、{transition.trigger} (条件: {', '.join(wants) or 'なし'})",
        f"{transition.trigger} from {transition.source} to {to} if {' and '.join(wants) or 'nothing else'}",
    )


def property_failures(exploration: Exploration, watched: Watched) -> Iterator[Failure]:
    """The user's own properties that do not hold."""
    for each in watched.properties:
        if isinstance(each, Never):
            if each.name in watched.broken:
                number, came = watched.broken[each.name]
                yield Failure(
                    each.name, each.says, Text("起こる", "it happens"), counterexample(exploration, number, came)
                )
        elif isinstance(each, OnlyAfter):
            unproved = watched.before_proof(each)
            if unproved is not None:
                way, came = unproved
                yield Failure(
                    each.name,
                    each.says,
                    Text("その前の証明がない", "no proof before it"),
                    counterexample(exploration, 0, *way, came),
                )
        elif isinstance(each, AlwaysPossible):
            final, wanted = exploration.turns.abstraction.final, each.predicate
            number_ = leads_nowhere(exploration, wanted, beside=final)
            if number_ is not None:
                yield Failure(
                    each.name,
                    each.says,
                    Text("ここからはできない", "not possible from here"),
                    counterexample(exploration, number_),
                )
        else:
            round_ = goes_on_without(exploration, each)
            if round_ is not None:
                number, onwards, loops = round_
                start = len(exploration.way_to(number))
                loops_from = None if loops is None else start + loops
                way_ = counterexample(exploration, number, *onwards, loops_from=loops_from)
                what = (
                    Text("それなしに終わる", "it ends without")
                    if loops is None
                    else Text("それなしにいつまでも続きうる", "it can go on for ever without")
                )
                yield Failure(each.name, each.says, what, way_)
