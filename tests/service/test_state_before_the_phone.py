"""A state between choosing the phone and calling: the phone is chosen there, and nothing is waited for yet (P2, P8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs
import pytest

from hosts import Host, codes
from ja_reset import PROCEDURES, CallStatus, Policies, Procedure
from ja_reset.chart import Chart
from ja_reset.chart.states import State, StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.fields.forms import PhoneForm
from ja_reset.machines._bim import PHONE
from ja_reset.machines.common import back, cancel, clock
from ja_reset.machines.phone import calling, choosing
from ja_reset.policies import PhonePolicy
from ja_reset.screens import ButtonPlan
from ja_reset.service._records import WAIT
from ja_reset.testing.cast import ORDINARY
from ja_reset.verify import verify

NUMBER: Final = ORDINARY.contract.phones[0]
LOGIN: Final = PROCEDURES[Procedure.LOGIN_PASSWORD]


def _with_a_state_between() -> Chart:
    """The login password, with a screen between BIM016 and PHONE that asks whether to call now."""
    bim016 = LOGIN.states["BIM016"]
    buttons = tuple(
        attrs.evolve(button, event="call_now") if button.event == "choose_phone" else button
        for button in bim016.screen.buttons
    )
    ready = State(
        name="READY",
        kind=StateKind.FORM,
        screen=attrs.evolve(bim016.screen, id="READY", form=None, fields=(), buttons=buttons),
        keeps=bim016.keeps | {"chosen"},
    )
    return Chart(
        "LOGIN_WITH_A_PAUSE",
        title=LOGIN.title,
        initial=LOGIN.initial,
        states=(*(state for state in LOGIN.states.values() if not state.is_final), ready, *_final()),
        handlers=(
            *(handler for handler in LOGIN.handlers if handler.trigger != "choose_phone"),
            choosing(PHONE, trigger="choose_phone", form=PhoneForm, to="READY"),
            calling(PHONE, trigger="call_now", source="READY"),
            back("READY", to="BIM016"),
            *cancel("READY"),
            *clock("READY"),
        ),
    )


def _final() -> tuple[State, ...]:
    return tuple(state for state in LOGIN.states.values() if state.is_final)


PAUSE: Final = _with_a_state_between()


def _host(policies: Policies = Policies()) -> Host:  # noqa: B008 - frozen
    return Host(procedures=(PAUSE,), policies=policies)


def _ready(host: Host) -> None:
    host.start(PAUSE)
    host.send("submit_identity", host.identity())
    assert "READY" == host.send("choose_phone", host.phone()).state


def _waits(host: Host) -> bool:
    return bool(host.store.scan(WAIT))


@pytest.mark.rule("P2", "P8")
def test_choosing_opens_no_window_and_takes_no_number() -> None:
    """The phone chosen is shown alone; a call is nobody's yet, and another session may wait for the number."""
    host = _host()
    _ready(host)
    assert ([f"{NUMBER[:-4]}****".replace("-", "")], None) == (
        [phone.masked.replace("-", "") for phone in host.view.phones],
        host.view.dial,
    )
    assert not _waits(host)
    assert CallStatus.UNMATCHED is host.call().status
    other = host.beside()
    other.start()
    other.send("submit_identity", other.identity())
    assert ("PHONE", []) == (other.send("choose_phone", other.phone()).state, codes(other.view))


@pytest.mark.rule("P2", "A1")
def test_the_window_opens_when_the_phone_screen_is_entered() -> None:
    """It runs from then, however long the customer has paused; the call proves, and the procedure goes on."""
    host = _host()
    _ready(host)
    host.clock.advance(90)
    view = host.send("call_now")
    assert ("PHONE", host.clock() + timedelta(seconds=120), True) == (view.state, view.deadline, _waits(host))
    host.clock.advance(119)
    assert CallStatus.VERIFIED is host.call().status
    host.look()
    assert "DONE" == host.send("submit_reset", host.reset()).state


@pytest.mark.rule("M4", "P8")
def test_back_from_the_phone_screen_ends_the_wait() -> None:
    """What was chosen is dropped with the screen that it was chosen on, and the number rests."""
    host = _host()
    _ready(host)
    host.send("call_now")
    view = host.send("back")
    assert ("BIM016", 3) == (view.state, len(view.phones))
    assert CallStatus.UNMATCHED is host.call().status


@pytest.mark.rule("P8", "A5")
def test_a_number_is_contested_by_who_enters_the_phone_screen() -> None:
    """A second session that is ready may choose the number; entering the screen with it, both are told."""
    host = _host()
    _ready(host)
    other = host.beside()
    _ready(other)
    assert "PHONE" == host.send("call_now").state
    assert ("READY", ["number_in_use"]) == (other.send("call_now").state, codes(other.view))
    assert ("BIM016", ["number_contested"]) == (host.look().state, codes(host.view))
    assert CallStatus.VERIFIED is not host.call().status
    assert ["number_in_use"] == codes(other.send("call_now"))
    host.clock.advance(121)
    assert "PHONE" == other.send("call_now").state


@pytest.mark.rule("P6")
def test_a_window_counts_when_it_opens() -> None:
    """Choosing costs none; with the last one used up the next entering ends in EXPIRED."""
    host = _host(Policies(phone=PhonePolicy(phone_windows=1)))
    _ready(host)
    host.send("back")
    host.send("choose_phone", host.phone())
    host.send("call_now")
    host.send("back")
    host.send("choose_phone", host.phone())
    assert ("EXPIRED", ["timed_out"]) == (host.send("call_now").state, codes(host.view))


@pytest.mark.rule("A1", "P8")
def test_the_verifier_finds_nothing_against_it() -> None:
    """Every rule holds where a state stands between, and the number is still looked at where the wait begins."""
    assert [] == [failure.name for failure in verify(PAUSE).failures]
    assert {"READY"} == {
        transition.source for transition in PAUSE.transitions if transition.to == "PHONE" and transition.role is None
    }
    assert PAUSE.hears("READY", EventRole.CANCEL)
    assert {"call_now", "back", "cancel"} == {
        button.event for button in PAUSE.states["READY"].screen.buttons if isinstance(button, ButtonPlan)
    }
