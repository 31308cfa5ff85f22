"""Steps that differ from earlier ones in counts alone: they are as if walked, and skip what finds nothing."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from broken_charts import LOGIN, TOKEN, without_check
from ja_reset import Policies
from ja_reset.chart import Chart
from ja_reset.verify._bench import Bench
from ja_reset.verify._exploration import Exploration
from ja_reset.verify._judge import Judge
from ja_reset.verify._rules import RULES
from ja_reset.verify._situations import Situation
from ja_reset.verify._steps import Source, Step
from ja_reset.verify._turns import Turns
from low_policies import LEAST_WITH_CODES, LOW

CODES = attrs.evolve(LOW, phone=LEAST_WITH_CODES.phone)


def _explored(chart: Chart, policies: Policies, watch: Callable[[Step, int], None]) -> Exploration:
    exploration = Exploration(chart, policies, given={}, limit=10_000)
    exploration.run(watch)
    return exploration


def _told(step: Step) -> tuple[object, ...]:
    return (
        *(step.event, step.now, step.transition, step.effects, step.reasons, step.session, step.environment),
        *(step.grace, step.leaks, step.moved, step.against, step.facts),
    )


@pytest.mark.parametrize("chart", [LOGIN, TOKEN], ids=lambda chart: str(chart.name))
def test_a_repeated_step_is_what_walking_there_gives(chart: Chart) -> None:
    """From every situation, each event leads by the same steps, walked for itself or repeated."""
    shown: dict[tuple[int, str], list[Step]] = {}

    def watch(step: Step, _: int) -> None:
        if step.event.source is Source.CUSTOMER:
            shown.setdefault((step.before.number, step.event.trigger), []).append(step)

    exploration = _explored(chart, LOW, watch)
    compared, turns = 0, exploration.turns
    for (number, _), steps in shown.items():
        repeated = [step.like is not None for step in steps]
        if any(repeated):
            for known in (turns._walks, turns._points, turns._made):
                known.clear()
            event, here = attrs.evolve(steps[0].event, told=()), exploration.situations[number]
            walked = list(turns.take(here, event, now=steps[0].now, grace=here.grace))
            assert not any(step.like for step in walked)
            assert [_told(step) for step in walked] == [_told(step) for step in steps]
            compared += sum(repeated)
    assert compared > 100


@pytest.mark.parametrize("chart", [LOGIN, TOKEN], ids=lambda chart: str(chart.name))
def test_steps_that_do_the_same_are_counted_though_one_is_shown(chart: Chart) -> None:
    """Shown one by one or one for all that do the same, the steps are as many, and lead to the same situations."""
    each, some = (Exploration(chart, LOW, given={}, limit=10_000) for _ in range(2))
    some.turns.is_shown = lambda _step: False
    shown = [0, 0]

    def count(at: int) -> Callable[[Step, int], None]:
        def watch(_step: Step, _there: int) -> None:
            shown[at] += 1

        return watch

    each.run(count(0))
    some.run(count(1))
    assert shown[0] == each.steps == some.steps > shown[1]
    assert [_stands(here) for here in each.situations] == [_stands(here) for here in some.situations]
    assert (each.came, each.edges, each.fairly) == (some.came, some.edges, some.fairly)
    assert (each.taken, each.given_codes, each.events) == (some.taken, some.given_codes, some.events)


def _stands(here: Situation) -> tuple[object, ...]:
    return (here.session, here.environment, here.grace)


@pytest.mark.parametrize(
    ("chart", "policies"),
    [
        (LOGIN, LOW),
        (without_check(LOGIN, "call_received", "PHONE", "caller_is_chosen_number"), LOW),
        (without_check(LOGIN, "choose_phone", "BIM016", "number_is_free"), LOW),
        (without_check(LOGIN, "submit_reset", "BIM017", "pin_is_right"), LOW),
        (without_check(TOKEN, "keys_received", "BTR004_KEYS", "code_is_right"), CODES),
    ],
    ids=["sound", "any caller", "any number", "any PIN", "any code"],
)
def test_a_repeated_step_breaks_no_rule_that_is_skipped_for_it(chart: Chart, policies: Policies) -> None:
    """The same rules are broken by some step, whether repeated steps are held to all of them or to some."""
    bench = Bench(Turns.of(chart, policies, {}).abstraction, policies)
    judge = Judge(bench, RULES)
    whole, some = set[str](), set[str]()
    repeats = 0

    def watch(step: Step, _: int) -> None:
        nonlocal repeats
        some.update(rule.name for rule, _ in judge.breaches(step))
        like, step.like = step.like, None
        repeats += like is not None
        whole.update(rule.name for rule, _ in judge.breaches(step))
        step.like = like

    exploration = _explored(chart, policies, watch)
    assert repeats > exploration.steps // 10
    assert whole == some
