"""A chart whose events and states all have names of its own: what they mean is said by their roles, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs
import pytest

from hosts import Host, codes
from ja_reset import PROCEDURES, BankUnavailable, CallStatus, EffectRefused, Procedure
from ja_reset.chart import Chart
from ja_reset.chart.states import Ending, State
from ja_reset.chart.transitions import Check, EventRole, Handler, Otherwise
from ja_reset.screens import ButtonPlan, ScreenPlan
from ja_reset.service._records import SESSION
from ja_reset.stores.rows import Put
from ja_reset.testing.cast import ORDINARY
from ja_reset.verify import verify

LOGIN, _, TOKEN = Procedure


def event(name: str) -> str:
    """What an event of the three is called in the chart with names of its own."""
    return f"ours_{name}"


def state(name: str) -> str:
    """What a state of the three is called there."""
    return f"OUR_{name[::-1]}"


def _plan(plan: ScreenPlan) -> ScreenPlan:
    buttons = (ButtonPlan(button.event and event(button.event), button.text) for button in plan.buttons)
    return attrs.evolve(plan, buttons=tuple(buttons))


def _state(old: State) -> State:
    return attrs.evolve(
        old,
        name=state(old.name),
        screen=_plan(old.screen),
        variants={method: _plan(plan) for method, plan in old.variants.items()},
        tolerates=tuple(map(event, old.tolerates)),
    )


def _fall(old: Otherwise) -> Otherwise:
    return attrs.evolve(old, to=old.to and state(old.to))


def _step(old: Handler) -> Handler:
    checks = tuple(Check(each.guard, tuple(map(_fall, each.otherwise))) for each in old.checks)
    return attrs.evolve(
        old, trigger=event(old.trigger), source=state(old.source), to=old.to and state(old.to), checks=checks
    )


def renamed(chart: Chart) -> Chart:
    """The chart, with another name for each event and state, and for itself."""
    return Chart(
        f"OUR_{chart.name}",
        title=chart.title,
        initial=state(chart.initial),
        states=map(_state, chart.states.values()),
        handlers=map(_step, chart.handlers),
    )


OURS: Final = {procedure: renamed(chart) for procedure, chart in PROCEDURES.items()}


@attrs.define
class Player:
    """A customer of one of the three, or of the same chart under other names."""

    procedure: Procedure
    own: bool
    host: Host = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.host = Host(procedures=tuple(OURS.values()))

    def start(self) -> None:
        """A new session."""
        self.host.start(OURS[self.procedure] if self.own else self.procedure)

    def send(self, name: str, data: object = None) -> list[str]:
        """An event, by its name in the three; the codes of the answer."""
        self.host.send(event(name) if self.own else name, data)
        return codes(self.host.view)

    def chooses(self) -> None:
        """To where the phone is chosen, and on."""
        self.start()
        if self.procedure is TOKEN:
            self.send("choose_method", {"method": "ACCOUNT"})
            self.send("submit_credentials", self.host.credentials("ACCOUNT"))
            self.send("submit_details", self.host.details())
        else:
            self.send("submit_identity", self.host.identity())
            self.send("choose_phone", self.host.phone())

    def proves(self) -> None:
        """The phone proved, and the rest done."""
        self.chooses()
        heard = self.host.call()
        if heard.status is CallStatus.ANNOUNCE:
            assert heard.code is not None
            self.host.keys(heard.code.reveal())
        self.host.look()

    def told(self) -> list[dict[str, object]]:
        """The audit of every session, in the names of the three."""
        chart = PROCEDURES[self.procedure]
        names = {"procedure": {f"OUR_{chart.name}": chart.name}}
        names["event"] = {event(name): name for name in chart.triggers}
        names["before"] = names["after"] = {state(name): name for name in chart.states}
        names["arrow"] = {
            ours.name: theirs.name
            for ours, theirs in zip(OURS[self.procedure].transitions, chart.transitions, strict=True)
        }
        return [
            {key: names.get(key, {}).get(str(told), told) for key, told in record.items() if key != "session"}
            for record in self.host.store.audit()
        ]


def _to_the_end(player: Player) -> None:
    player.proves()
    player.send("submit_reset", player.host.reset())
    player.send("proceed")


def _contested(player: Player) -> None:
    player.chooses()
    player.chooses()
    player.host.call()


def _nobody_calls(player: Player) -> None:
    player.chooses()
    player.send("proceed")
    player.host.clock.advance(310)
    player.host.look()
    player.send("cancel")


def _idle(player: Player) -> None:
    player.start()
    player.host.clock.advance(601)
    assert 1 == player.host.service.expire_due()


def _clock_goes_back(player: Player) -> None:
    player.chooses()
    player.host.clock.advance(-60)
    player.host.look()


def _silent_then_refused(player: Player) -> None:
    player.host.bank.fail("carry_out", BankUnavailable, times=1)
    player.host.bank.fail("carry_out", EffectRefused(ja="不可", en="no"), times=1)
    _to_the_end(player)


def _silent_then_done(player: Player) -> None:
    player.host.bank.fail("carry_out", BankUnavailable, times=1)
    _to_the_end(player)


def _locked(player: Player) -> None:
    player.proves()
    for _ in range(3):
        player.send("submit_reset", player.host.reset(pin="0000"))


def _goes_back(player: Player) -> None:
    player.chooses()
    player.send("back")
    player.host.call(number=ORDINARY.contract.phones[1])
    player.send("nonsense")


SCENES: Final[dict[str, Callable[[Player], None]]] = {
    scene.__name__.strip("_"): scene
    for scene in (
        _to_the_end,
        _contested,
        _nobody_calls,
        _idle,
        _clock_goes_back,
        _silent_then_refused,
        _silent_then_done,
        _locked,
        _goes_back,
    )
}


@pytest.mark.rule("M6")
@pytest.mark.parametrize("procedure", [LOGIN, TOKEN])
@pytest.mark.parametrize("scene", SCENES)
def test_the_names_of_events_and_states_make_no_difference(procedure: Procedure, scene: str) -> None:
    """Whatever happens to a session, a chart with names of its own goes the same way as the three."""
    theirs, ours = Player(procedure, own=False), Player(procedure, own=True)
    for player in (theirs, ours):
        SCENES[scene](player)
    assert theirs.told() == ours.told()
    view, other = theirs.host.view.to_dict(), ours.host.view.to_dict()
    alike = {"version", "dial", "code", "tries_left", "final"}
    assert {name: view[name] for name in alike} == {name: other[name] for name in alike}
    assert state(theirs.host.view.state) == ours.host.view.state


@pytest.mark.rule("S4")
def test_a_session_whose_state_is_gone_ends_where_the_chart_says() -> None:
    """The ending that means EXPIRED is the chart's own, by whatever name."""
    host = Host(procedures=(OURS[LOGIN],))
    view = host.start(OURS[LOGIN])
    row = host.store.get(SESSION, view.id)
    assert row is not None
    gone = Put(SESSION, view.id, row.stamp, {**row.body, "state": "GONE"}, row.tag, row.due)
    assert host.store.commit([gone])
    assert (state("EXPIRED"), ["procedure_changed"]) == (host.look().state, codes(host.view))


@pytest.mark.rule("P7")
def test_only_the_event_that_asks_takes_no_heed_of_the_version() -> None:
    """An old version makes any other event stale, that one never."""
    player = Player(LOGIN, own=True)
    player.chooses()
    old = player.host.view
    player.host.clock.advance(1)
    player.host.call()
    host = player.host
    said = {
        name: codes(host.service.send(old.token, event(name), version=old.version)) for name in ("proceed", "cancel")
    }
    assert {"proceed": [], "cancel": ["stale"]} == said


@pytest.mark.rule("A1", "A4")
def test_the_verifier_goes_by_roles() -> None:
    """Under other names it explores as many situations, and finds every rule kept."""
    theirs, ours = verify(PROCEDURES[LOGIN]), verify(OURS[LOGIN])
    assert (True, theirs.situations) == (ours.holds, ours.situations)


@pytest.mark.rule("M6")
def test_a_chart_answers_for_its_roles() -> None:
    """By role and state it names the event, by event the role, by meaning the ending."""
    chart = OURS[LOGIN]
    phone = state("PHONE")
    assert event("call_received") == chart.event(phone, EventRole.CALL)
    assert (True, False) == (chart.hears(phone, EventRole.CALL), chart.hears(phone, EventRole.KEYS))
    assert (EventRole.BACK, None, None) == (chart.role(event("back")), chart.role("back"), chart.role(None))
    assert [state(ending.name) for ending in Ending] == [chart.ending(ending) for ending in Ending]
    with pytest.raises(KeyError):
        chart.event(phone, EventRole.KEYS)
    with pytest.raises(LookupError, match="no state of chart BARE is the ending LOCKED"):
        _bare().ending(Ending.LOCKED)


def _bare() -> Chart:
    """The fewest states that a chart can have: one form, from which it only ends."""
    plan = ScreenPlan(id="X", title="DONE.title", buttons=(ButtonPlan("leave", "button.cancel"),))
    roles = {"leave": EventRole.CANCEL, "slept": EventRole.TIME_RAN_OUT, "off": EventRole.CLOCK_WENT_BACK}
    return Chart(
        "BARE",
        title=PROCEDURES[LOGIN].title,
        initial="FORM",
        states=(
            attrs.evolve(PROCEDURES[LOGIN].states["BIM015"], name="FORM", screen=plan),
            PROCEDURES[LOGIN].states["EXPIRED"],
        ),
        handlers=(Handler(trigger=name, role=role, source="FORM", to="EXPIRED") for name, role in roles.items()),
    )


def test_limits_of_time_are_those_of_the_kind_of_state() -> None:
    """A window closes, and an idle form ends, at the same instant under any name."""
    player = Player(LOGIN, own=True)
    player.chooses()
    assert player.host.view.deadline == player.host.clock() + timedelta(seconds=120)
