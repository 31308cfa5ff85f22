"""Charts of a host's own: named, served, saved and told apart beside the three of the library."""

from __future__ import annotations

import json
from typing import cast

import attrs
import pytest

from hosts import KEY, Host, codes
from ja_reset import (
    AsyncResetService,
    Call,
    CallSource,
    CallStatus,
    EffectKind,
    InvalidArgument,
    Procedure,
    ResetService,
    UnknownProcedure,
    View,
    screens,
)
from ja_reset.chart import Chart
from ja_reset.forms import PinForm
from ja_reset.machines.bim import LOGIN_PASSWORD, bim_chart
from ja_reset.machines.effects import CLEAR_RISK_AUTH
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank
from ja_reset.text import Text


def _chart(name: str) -> Chart:
    """A procedure of the BIM family under another name."""
    return bim_chart(
        name,
        title=Text(ja="四つめの手続", en="A fourth procedure"),
        bim015=screens.RISK_BIM015,
        bim016=screens.RISK_BIM016,
        phone=screens.RISK_PHONE,
        bim017=screens.RISK_BIM017,
        processing=screens.RISK_COMPLETING,
        done=screens.RISK_DONE,
        form=PinForm,
        effect=CLEAR_RISK_AUTH,
    )


FOURTH = _chart("FOURTH")


def _without(host: Host) -> Host:
    """Another process over the same store that was not given the host's charts."""
    return attrs.evolve(host, procedures=())


def _at_phone(host: Host) -> View:
    host.start(FOURTH)
    host.send("submit_identity", host.identity())
    return host.send("choose_phone", host.phone())


def test_a_procedure_and_a_kind_of_effect_are_their_own_names() -> None:
    """A member is a str: it is compared, written as JSON and looked up by its name as it stands."""
    host = Host()
    view = host.at(Procedure.LOGIN_PASSWORD, "DONE")
    assert view.procedure is Procedure.LOGIN_PASSWORD
    assert '"LOGIN_PASSWORD"' == json.dumps(view.procedure)
    assert ["NOTIFY", "SET_LOGIN_PASSWORD"] == sorted(effect.kind for effect in host.bank.carried_out)
    assert {"LOCK_CARD": 1} == {EffectKind.LOCK_CARD: 1}


@pytest.mark.parametrize("asked", [FOURTH, "FOURTH"], ids=["chart", "name"])
def test_a_chart_of_a_hosts_own_is_served_beside_the_three(asked: Chart | str) -> None:
    """It is started by itself or by its name, and runs from its first screen to its success like any other."""
    host = Host(procedures=(FOURTH,))
    assert ["LOGIN_PASSWORD", "RISK_BASED_AUTH", "TOKEN_REISSUE", "FOURTH"] == list(host.service.procedures)
    view = host.start(asked)
    assert ("FOURTH", "BIM015") == (view.procedure, view.to_dict()["state"])
    host.send("submit_identity", host.identity())
    host.send("choose_phone", host.phone())
    assert CallStatus.VERIFIED is host.call().status
    host.look()
    view = host.send("submit_reset", host.reset())
    assert ("FOURTH", "DONE") == (view.to_dict()["procedure"], view.state)
    assert {"FOURTH"} == {effect.data["what"] for effect in host.bank.carried_out if effect.kind is EffectKind.NOTIFY}
    assert {"FOURTH"} == {record["procedure"] for record in host.service.operator.audit(session=view.id)}
    assert "DONE" == host.at(Procedure.RISK_BASED_AUTH, "DONE").state


def test_an_unknown_procedure_is_told_apart_from_one_that_was_not_given() -> None:
    """`start` says which procedures there are; of a chart, that the service was not given it."""
    host = Host(procedures=(FOURTH,))
    with pytest.raises(UnknownProcedure, match="there are LOGIN_PASSWORD, RISK_BASED_AUTH, TOKEN_REISSUE, FOURTH"):
        host.start("FIFTH")
    with pytest.raises(UnknownProcedure, match="was not given the chart FOURTH"):
        host.start(_chart("FOURTH"))
    with pytest.raises(UnknownProcedure, match="no such procedure"):
        host.start(cast("str", 4))


def test_wrong_charts_are_refused_with_every_complaint() -> None:
    """What is no chart, a name that is none or the library's, and one that comes twice: all told at once."""
    wrong = [FOURTH, 5, _chart("FOURTH"), LOGIN_PASSWORD, _chart("not a name")]
    with pytest.raises(InvalidArgument) as refused:
        Host(procedures=cast("tuple[Chart, ...]", tuple(wrong)))
    for complaint in (
        "number 2 must be a Chart, not int",
        "2 charts are named FOURTH",
        "chart LOGIN_PASSWORD has the name of a procedure of the library",
        "chart 'not a name' must have a name of 1 to 41 capitals, digits and _",
    ):
        assert complaint in str(refused.value)


@pytest.mark.parametrize("service", [ResetService, AsyncResetService])
@pytest.mark.parametrize("given", [FOURTH, "FOURTH", 4, None])
def test_charts_come_as_several(service: type[ResetService | AsyncResetService], given: object) -> None:
    """One chart by itself, a name or nothing iterable is refused in words, by both services."""
    with pytest.raises(InvalidArgument, match=r"procedures must be several charts, as in procedures=\[CHART\]; got"):
        service(bank=FakeBank(), store=MemoryStore(), key=KEY, procedures=given)  # type: ignore[arg-type]  # the point


@pytest.mark.rule("S4")
def test_a_session_of_a_chart_that_was_not_given_is_left_as_it_is() -> None:
    """Every turn for it says which chart is missing and changes nothing; the process that has the chart goes on."""
    host = Host(procedures=(FOURTH,))
    view, beside = _at_phone(host), _without(host)
    row = host.store.get("session", view.id)
    missing = "of the procedure FOURTH, whose chart this process was not given"
    with pytest.raises(UnknownProcedure, match=missing):
        beside.service.send(view.token, "back", version=view.version)
    with pytest.raises(UnknownProcedure, match=missing):
        beside.service.view(view.token)
    host.clock.advance(3600)
    assert 0 == beside.service.expire_due()
    assert ["FOURTH"] == [session["procedure"] for session in beside.service.operator.sessions()]
    assert row == host.store.get("session", view.id)
    assert 1 == host.service.expire_due()
    assert "EXPIRED" == host.look().state


@pytest.mark.rule("P9")
def test_a_call_for_a_session_of_a_missing_chart_is_told_to_come_again() -> None:
    """The gateway's report is refused as `temporarily_unavailable` and not remembered: its retry may find the chart."""
    host = Host(procedures=(FOURTH,))
    _at_phone(host)
    beside = _without(host)
    answer = beside.call(id="again")
    assert (CallStatus.REFUSED, ["temporarily_unavailable"]) == (answer.status, codes(answer))
    assert CallStatus.VERIFIED is host.call(id="again").status


@pytest.mark.rule("P8")
def test_a_contest_ends_a_wait_of_a_missing_chart_by_its_row() -> None:
    """Who asks for the number ends the wait, though the session stays where it is: a call proves nobody."""
    host = Host(procedures=(FOURTH,))
    waiting = _at_phone(host)
    beside = _without(host)
    beside.at(Procedure.RISK_BASED_AUTH, "BIM016")
    assert ["number_in_use"] == codes(beside.send("choose_phone", beside.phone()))
    assert "PHONE" == host.look().state
    assert CallStatus.UNMATCHED is host.call().status
    number = host.customer.contract.phones[0]
    call = Call(id="named", number=number, source=CallSource.NETWORK)
    named = host.service.report_call(call, session=waiting.id)
    assert (CallStatus.REFUSED, ["number_contested"]) == (named.status, codes(named))
    view = host.look()
    assert ("BIM016", ["number_contested"]) == (view.state, codes(view))


def test_an_effect_of_a_missing_chart_is_given_by_the_process_that_has_it() -> None:
    """`recover` leaves it alone where the chart is missing, and gives it where the chart is."""
    host = Host(procedures=(FOURTH,))
    _at_phone(host)
    host.call()
    host.look()
    host.bank.fail("carry_out", ConnectionError)
    with pytest.raises(ConnectionError):
        host.send("submit_reset", host.reset())
    assert 0 == _without(host).service.recover()
    assert 1 == host.service.recover()
    assert "DONE" == host.look().state
