"""Generated paths lead to every state and take every transition, and are data that a host can play."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from transfer_limit import CEILING, TEXTS, TRANSFER_LIMIT, LimitForm

from hosts import named
from ja_reset import PROCEDURES, Policies, Procedure, ResetService
from ja_reset.chart import Chart, Guard, Handler, Turn, check
from ja_reset.chart.states import StateKind
from ja_reset.chart.turn import Fact
from ja_reset.machines.facts import CONTRACT, PIN_ATTEMPTS, READING
from ja_reset.machines.guards import contract_of
from ja_reset.policies import PhonePolicy, SessionPolicy
from ja_reset.stores import SqliteStore
from ja_reset.testing import CAST, FakeBank, FakeClock
from ja_reset.testing.cast import KEPT
from ja_reset.testing.path_player import play, with_figures
from ja_reset.testing.path_steps import Path
from ja_reset.testing.paths import paths
from ja_reset.text import Text

ALL = {procedure: paths(procedure) for procedure in Procedure}
TO_TRANSITIONS = [(procedure, name) for procedure, found in ALL.items() for name in found.transitions]
TO_STATES = [(procedure, name) for procedure, found in ALL.items() for name in found.states]


@pytest.mark.rule("M6", "M7", "A4")
@pytest.mark.parametrize(("procedure", "name"), TO_TRANSITIONS, ids=named)
def test_every_arrow_is_taken_by_its_path(procedure: Procedure, name: str) -> None:
    """A path is played from the start, and the last thing on it is the transition that it was made for."""
    path = ALL[procedure].transitions[name]
    assert name in play(path).taken


@pytest.mark.rule("A4")
@pytest.mark.parametrize(("procedure", "name"), TO_STATES, ids=named)
def test_every_state_is_reached_by_its_path(procedure: Procedure, name: str) -> None:
    """The shortest path to a state ends there."""
    assert name == play(ALL[procedure].states[name]).view.state


@pytest.mark.rule("M6")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_the_paths_take_all_transitions_of_the_chart(procedure: Procedure) -> None:
    """100 % of the transitions that the chart has are taken by the paths, counted by what the audit says."""
    taken = {name for path in ALL[procedure].all for name in play(path).taken}
    assert {transition.name for transition in PROCEDURES[procedure].transitions} == taken
    assert [] == ALL[procedure].missing(taken)


@pytest.mark.rule("F1", "F2", "F4", "I2", "P1")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_who_is_kept_as_core_banking_keeps_them_gets_through(procedure: Procedure) -> None:
    """Half-width kana, NULs and line ends in the record keep out no customer who types and pastes as people do."""
    found = paths(procedure, customer=KEPT).states
    (success,) = [name for name, state in PROCEDURES[procedure].states.items() if state.kind is StateKind.SUCCESS]
    assert success == play(found[success]).view.state


def test_a_path_of_other_policies_waits_for_their_times() -> None:
    """Paths made for other figures are played under those."""
    policies = Policies(phone=PhonePolicy(), session=SessionPolicy())
    policies = with_figures(policies, {"bim_window": policies.phone.btr_window, "phone_windows": 5})
    found = paths(Procedure.LOGIN_PASSWORD, policies=policies)
    for name in ("PHONE.window_closed", "PHONE.call_received!window_was_not_closed", "BIM015.time_ran_out"):
        assert name in play(found.transitions[name], policies=policies).taken


def test_a_path_is_played_against_a_service_of_the_hosts(tmp_path: object) -> None:
    """A host's own service, over its own store, is played like any other."""

    def make_service(bank: FakeBank, clock: FakeClock) -> ResetService:
        return ResetService(bank=bank, store=SqliteStore(f"{tmp_path}/paths.db"), key=bytes(32), clock=clock)

    assert "DONE" == play(ALL[Procedure.LOGIN_PASSWORD].states["DONE"], make_service).view.state


def test_a_path_that_leads_elsewhere_is_told_with_its_steps() -> None:
    """A path that does not take its transition fails, and says which steps were taken."""
    path = ALL[Procedure.LOGIN_PASSWORD].states["BIM016"]
    wrong = Path(procedure=path.procedure, state="DONE", takes="", customer=path.customer, figures={}, steps=path.steps)
    with pytest.raises(AssertionError, match=r"send submit_identity\n  => DONE\nthe state is BIM016"):
        play(wrong)


@pytest.mark.rule("S5")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_a_path_is_json_and_can_be_told_without_secrets(procedure: Procedure) -> None:
    """Every path is plain JSON with all that is typed, and tells its steps in both languages, secrets apart."""
    for path in (*ALL[procedure].all, *ALL[procedure].states.values()):
        data = json.loads(json.dumps(path.to_dict()))
        assert (path.state, len(path.steps)) == (data["state"], len(data["steps"]))
        told = path.tell("ja") + path.tell("en") + repr(path)
        assert len(path.tell("ja").splitlines()) == len(path.tell("en").splitlines())
        assert not [each.ref for each in CAST if each.pin in told or each.password in told]


def test_a_figure_that_is_none_is_told() -> None:
    """A misspelt figure is no figure."""
    with pytest.raises(ValueError, match="no values of the policies: windows"):
        with_figures(Policies(), {"windows": 1})


# Guards of a chart's own ------------------------------------------------------------------------------------


def _guard(name: str, holds: Callable[[Turn], bool], *reads: Fact[Any]) -> Guard:
    return Guard(name, holds, ("limit_too_high",), says=Text(name, name), reads=reads)


def _is_something(turn: Turn) -> bool:
    ceiling = turn.know(CEILING)
    return ceiling is None or ceiling > 0


IS_SOMETHING = _guard("ceiling_is_something", _is_something, CEILING)
IS_SMALL = _guard("limit_is_small", lambda turn: int(turn.know(READING).of(LimitForm).new_limit) < 9_999, READING)
IS_MODERN = _guard(
    "service_is_modern", lambda turn: contract_of(turn).service_started.year > 2019, CONTRACT, PIN_ATTEMPTS
)
IS_NEVER_TOLD = _guard("nobody_knows", lambda turn: turn.now.year > 0)


def _with(guard: Guard, trigger: str, place: int) -> Chart:
    """The worked example with a guard more."""

    def change(handler: Handler) -> Handler:
        if handler.trigger != trigger:
            return handler
        checks = list(handler.checks)
        checks.insert(place if place >= 0 else len(checks) + 1 + place, check(guard))
        return attrs.evolve(handler, checks=tuple(checks))

    ours = TRANSFER_LIMIT
    return Chart(
        ours.name,
        title=ours.title,
        initial=ours.initial,
        states=ours.states.values(),
        handlers=map(change, ours.handlers),
        texts=TEXTS,
        codes=ours.codes,
        policies=ours.policies,
    )


@pytest.mark.parametrize(
    ("guard", "trigger", "place"),
    [
        (IS_SOMETHING, "call_received", -4),
        (IS_SMALL, "change_limit", 3),
        (IS_MODERN, "log_in", -1),
    ],
    ids=lambda each: getattr(each, "name", str(each)),
)
def test_a_guard_of_a_charts_own_fails_on_a_path(guard: Guard, trigger: str, place: int) -> None:
    """By what the bank tells, with or without a form; by another entry of a reader; by another customer."""
    chart = _with(guard, trigger, place)
    found = paths(chart, policies=Policies().having(chart.policies)).transitions
    failing = {name: path for name, path in found.items() if f"!{guard.name}" in name}
    assert failing
    for name, path in failing.items():
        assert name in play(path, chart=chart).taken


def test_a_guard_that_nothing_makes_fail_is_named() -> None:
    """The error says what was tried, so that its author knows what is missing."""
    with pytest.raises(KeyError, match=r"nothing makes nobody_knows fail at LOGIN\.log_in!nobody_knows: no value of a"):
        paths(_with(IS_NEVER_TOLD, "log_in", -1))
