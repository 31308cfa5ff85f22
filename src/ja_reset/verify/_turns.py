"""One event of the chart, with every answer that its facts can give, by running the real machine.

A turn begins with no facts. A guard that wants to know one raises FactMissing: then the event goes on once for
each value that the fact can have here (`ja_reset.verify._choices`), and so on until a transition is taken. So the order
of the guards decides what is asked, as it does in a turn, and an answer that nobody needs is not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime

import attrs

from ja_reset.chart import Chart
from ja_reset.policies import Policies
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.verify._abstraction import Abstraction
from ja_reset.verify._branches import Branch, Walks, Whole
from ja_reset.verify._choices import choices
from ja_reset.verify._consequences import Consequences, Walked
from ja_reset.verify._counts import counts_of, uncounted
from ja_reset.verify._decisions import Decisions
from ja_reset.verify._drafts import NO_ANSWER, Draft
from ja_reset.verify._points import Point, Run
from ja_reset.verify._repeats import Alike, Made, Place, Proofs, Repeat
from ja_reset.verify._samples import NoSampleError, Sample
from ja_reset.verify._situations import NOW, Situation
from ja_reset.verify._steps import Event, Step
from ja_reset.verify._strict import NotDeclaredError, Read, StrictTurn
from ja_reset.verify._unvaried import Reads
from ja_reset.verify._values import Values


@attrs.define(eq=False, repr=False)
class Turns:
    """The turns of a chart under a policy. `given`: values of facts that the library does not know."""

    chart: Chart
    policies: Policies
    abstraction: Abstraction
    values: Values
    reads: Reads
    noted: set[Read] = attrs.field(factory=set, init=False)
    """Which reader has read which of the facts that it declares; it grows."""
    decisions: Decisions = attrs.field(init=False)
    consequences: Consequences = attrs.field(init=False)
    is_shown: Callable[[Step], bool] = attrs.field(default=lambda _step: True, init=False)
    """Whether a step is shown by itself each time that it is repeated; see `Step.times`."""
    _points: dict[Place, Point] = attrs.field(factory=dict, init=False)
    """How each turn begins that has been taken: the world beside the session does not change what the machine does."""
    _made: dict[Place, dict[Place, Made]] = attrs.field(factory=dict, init=False)
    """By where a walk begins but for the world, what its steps make of sessions."""
    _walks: dict[Place, Walks] = attrs.field(factory=dict, init=False)
    """Where the walks from each place have led."""
    _numbers: dict[Hashable, int] = attrs.field(factory=dict, init=False)
    """The numbers of sessions, but for their counts, and of worlds, but for the truth."""
    _last: tuple[Situation | None, int, int] = attrs.field(default=(None, 0, 0), init=False)

    @decisions.default
    def _of_chart(self) -> Decisions:
        return Decisions(self.chart)

    @consequences.default
    def _of_abstraction(self) -> Consequences:
        return Consequences(self.abstraction)

    @classmethod
    def of(cls, chart: Chart, policies: Policies, given: Mapping[str, tuple[Sample, ...]]) -> Turns:
        """The turns of *chart* under *policies*."""
        return cls(chart, policies, Abstraction.of(chart, policies), Values.of(chart, policies, given), Reads(chart))

    def be_brief(self) -> None:
        """Show one step for all that do the same, and note no more what guards read: for turns that nobody judges."""
        self.is_shown = lambda _step: False
        self.reads.note_no_more()

    def take(
        self,
        before: Situation,
        event: Event,
        *,
        now: datetime = NOW,
        grace: bool = False,
        only: frozenset[int] | None = None,
    ) -> Iterator[Step]:
        """Every step that *event* can be from *before*, at *now*; or *only* those that take these transitions."""
        begun, world = self._numbered(before)
        began: Place = (begun, event.trigger, now)
        place = (began, world, before.grace, grace, event.source, event.told)
        walks, counts = self._walks.get(place), counts_of(before.session)
        if walks is None:
            draft = Draft(before.session, before.environment, {}, {}, event.told)
            walks = self._walks[place] = Walks(Branch(draft, self._points.setdefault(began, Point())))
        proofs = before.environment.ghost.proofs
        whole = walks.found(proofs, counts)
        repeated = None if whole is None else self._repeated(before, whole, only)
        if repeated is not None:
            yield from repeated
            return
        combined = len(self.values.combined)
        walked = Walked(before, event, now, grace, only, counts, self._made.setdefault(began, {}))
        yield from self._walk(walked, walks.root)
        if only is None and not walked.has_broken and combined == len(self.values.combined):
            walks.keep(proofs, counts, walked.reads, walked.repeats)

    def _repeated(self, before: Situation, whole: Whole, only: frozenset[int] | None) -> list[Step] | None:
        """The steps of a walk again; None where an assign breaks for these counts."""
        groups: Iterable[Repeat | Alike] = whole.groups(self.is_shown)
        if only is not None:
            groups = (each for each in whole.repeats if id(each.step.transition) in only)
        with suppress(Exception):
            return [step for each in groups for step in each.all_again(before, self.abstraction, self.noted)]
        return None

    def _numbered(self, before: Situation) -> tuple[int, int]:
        last, begun, world = self._last
        if last is not before:
            at, numbers = before.environment, self._numbers
            begun = numbers.setdefault(uncounted(before.session), len(numbers))
            world = numbers.setdefault((at.attempts, at.tries, at.wait, at.beside, at.ordered), len(numbers))
            self._last = (before, begun, world)
        return begun, world

    def _walk(self, walked: Walked, root: Branch) -> Iterator[Step]:
        todo = [root]
        while todo:
            branch = todo.pop()
            counts, draft = branch.counts(walked.counts), None
            run = branch.point.runs.found(counts)
            if run is None:
                draft = branch.at(walked.before)
                turn = self._turn(walked, draft)
                try:
                    run = branch.point.run(walked.event.trigger, turn, counts, self.decisions, self.reads)
                except (NoSampleError, NotDeclaredError):
                    raise
                except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a guard raises is a finding
                    yield walked.shown(self.consequences.broken(walked, draft, error), None)
                    continue
            walked.reads |= run.reads
            if run.missing is None:
                yield from self._ended(walked, branch, run)
                continue
            ways = branch.fork(run)
            if not ways:
                yield from walked.counted()  # before more facts are asked for, which tell more situations apart
                ways = self._ways(walked, branch, run, run.missing, draft)
            for way in ways:
                if way.unanswered is None:
                    todo.append(way)
                else:
                    yield from self._ended(walked, way, None)
        yield from walked.counted()

    def _turn(self, walked: Walked, draft: Draft) -> StrictTurn:
        return StrictTurn(draft.session, walked.now, self.policies, draft.known, read=self.noted)

    def _ways(self, walked: Walked, branch: Branch, run: Run, name: str, draft: Draft | None) -> tuple[Branch, ...]:
        """What follows where the fact *name* is missing, the last of its values first."""
        values, before, draft = self.values, walked.before, draft or branch.at(walked.before)
        self.abstraction.asked.add((before.state, name))
        combined = len(values.combined)
        form = self.chart.form(before.state, walked.event.trigger, before.session.kept.method)
        ways = []
        for sample, session, environment in reversed(list(choices(values, name, draft, walked.now, form))):
            if sample is NO_ANSWER:
                ways.append(Branch(draft, branch.point, branch.tried, name))
            else:
                values.note(name, sample)
                known = draft.with_fact(name, sample, session=session, environment=environment)
                tried = branch.tried if session is None else branch.tried + session.tries - draft.session.tries
                ways.append(Branch(known, run.after(sample, tried=session is not None), tried))
        if combined == len(values.combined):  # or there are fewer of them the next time
            branch.keep(run, tuple(ways))
        return tuple(ways)

    def _ended(self, walked: Walked, branch: Branch, run: Run | None) -> Iterator[Step]:
        """The step at the end of a branch, or none if one was shown that does the same; no run: there is no answer."""
        only, known = walked.only, branch.steps(run)
        if only is not None and (run is None or id(run.transition) not in only):
            return
        repeat = known.get(walked.before.environment.ghost.proofs)
        if repeat is None or only is not None or self.is_shown(repeat.step):
            yield walked.shown(*self._step(walked, branch, run, known))
            return
        same = walked.alike.get(repeat.effect)
        if same is not None:
            walked.left[same] += 1
            walked.repeats.append(repeat)
            return
        step = walked.shown(*self._step(walked, branch, run, known))
        if step.like is not None:
            walked.alike[repeat.effect] = step
        yield step

    def _step(
        self, walked: Walked, branch: Branch, run: Run | None, known: dict[Proofs, Repeat]
    ) -> tuple[Step, Repeat | None]:
        """The step, repeated where it is *known*, and what repeats it."""
        before = walked.before
        proofs = before.environment.ghost.proofs
        if known:
            with suppress(Exception):  # an assign that breaks for these counts: walk, and see
                if proofs in known:
                    return known[proofs].again(before, self.abstraction, self.noted), known[proofs]
                repeat = next(iter(known.values())).elsewhere(before, self.abstraction, self.noted)
                known[proofs] = repeat
                return repeat.step, repeat
        draft = branch.at(before)
        try:
            if run is None:
                step = self.consequences.unanswered(walked, draft, branch.unanswered or "")
            else:
                outcome = run.outcome(self._turn(walked, draft), branch.counts(walked.counts), self.chart)
                step = self.consequences.taken(walked, draft, outcome)
        except (NoSampleError, NotDeclaredError):
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever an assign raises is a finding
            return self.consequences.broken(walked, draft, error), None
        repeat = known[proofs] = Repeat.of(step, draft, walked.made)
        return step, repeat

    def tries_left(self, attempts: PinAttempts) -> int:
        """How many PINs can be tried now."""
        return attempts.tries_left(self.policies.lockout.pin_attempts)
