"""Charts of a host's own: named, served, saved and told apart beside the three of the library."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import cast

import attrs
import pytest
from transfer_limit import TRANSFER_LIMIT

from hosts import KEY, WITH_CODES, Host, codes
from ja_reset import (
    PROCEDURES,
    AsyncResetService,
    Call,
    CallSource,
    CallStatus,
    ChartError,
    EffectKind,
    InvalidArgument,
    NewerSession,
    Policies,
    Procedure,
    ResetService,
    StoreError,
    UnknownProcedure,
    View,
    screens,
)
from ja_reset.chart import Chart
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.states import State
from ja_reset.chart.transitions import Handler
from ja_reset.fields.forms import PhoneForm, PinForm
from ja_reset.machines._bim import LOGIN_PASSWORD, bim_chart
from ja_reset.machines.assigns import own_value
from ja_reset.machines.effects import CLEAR_RISK_AUTH
from ja_reset.screens.messages import render
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank
from ja_reset.text import Text


def _chart(name: str, effect: EffectSpec = CLEAR_RISK_AUTH) -> Chart:
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
        effect=effect,
    )


FOURTH = _chart("FOURTH")


def _without(host: Host) -> Host:
    """Another process over the same store that was not given the host's charts."""
    return attrs.evolve(host, procedures=())


def _at_phone(host: Host, procedure: Chart | str = FOURTH) -> View:
    host.start(procedure)
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
    assert {"FOURTH"} == {
        effect.data["procedure"] for effect in host.bank.carried_out if effect.kind is EffectKind.NOTIFY
    }
    assert {"FOURTH"} == {record["procedure"] for record in host.store.audit(session=view.id)}
    assert "DONE" == host.at(Procedure.RISK_BASED_AUTH, "DONE").state


def test_an_unknown_procedure_is_told_apart_from_one_that_was_not_given() -> None:
    """`start` says which procedures there are; of a chart, that the service was not given it."""
    host = Host(procedures=(FOURTH,))
    with pytest.raises(UnknownProcedure, match="there are LOGIN_PASSWORD, RISK_BASED_AUTH, TOKEN_REISSUE, FOURTH"):
        host.start("FIFTH")
    with pytest.raises(UnknownProcedure, match="does not have the chart FOURTH: pass it in procedures="):
        host.start(_chart("FOURTH"))
    with pytest.raises(UnknownProcedure, match="no such procedure"):
        host.start(cast("str", 4))


def test_wrong_charts_are_refused_with_every_complaint() -> None:
    """What is no chart, a name that is the library's, and one that comes twice: all told at once."""
    wrong = [FOURTH, 5, _chart("FOURTH"), LOGIN_PASSWORD]
    with pytest.raises(InvalidArgument) as refused:
        Host(procedures=cast("tuple[Chart, ...]", tuple(wrong)))
    for complaint in (
        "number 2 must be a Chart, not int",
        "2 charts are named FOURTH",
        "chart LOGIN_PASSWORD has the name of a procedure of the library",
    ):
        assert complaint in str(refused.value)


def test_charts_share_an_effect_only_as_the_same_object() -> None:
    """By its name the bank is told what to do: another effect of the same name is refused, of the library's too."""
    ours, twin = (
        EffectSpec("CLEAR_RISK_AUTH", needs=("identity", "call")),
        EffectSpec("SET_LIMIT", needs=("identity", "call")),
    )
    with pytest.raises(InvalidArgument, match="FIFTH has another effect CLEAR_RISK_AUTH than chart RISK_BASED_AUTH"):
        Host(procedures=(_chart("FIFTH", ours),))
    with pytest.raises(InvalidArgument, match="SIXTH has another effect SET_LIMIT than chart FIFTH"):
        Host(procedures=(_chart("FIFTH", twin), _chart("SIXTH", EffectSpec("SET_LIMIT", needs=("identity", "call")))))
    with pytest.raises(ChartError, match="'setLimit' cannot name an effect: it has 1 to 41 capitals"):
        _chart("FIFTH", EffectSpec("setLimit", needs=("identity", "call")))
    assert "SIXTH" in Host(procedures=(_chart("FIFTH", twin), _chart("SIXTH", twin))).service.procedures


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


@pytest.mark.rule("S4", "S8")
def test_an_ended_session_of_a_missing_chart_is_purged_when_its_row_is_due() -> None:
    """Retention is a promise about the customer's data: a chart that no process has any more does not prolong it."""
    host = Host(procedures=(FOURTH,))
    view = _at_phone(host)
    host.send("cancel")
    beside = _without(host)
    host.clock.advance(timedelta(days=30).total_seconds())
    assert (0, 0) == (beside.service.expire_due(), beside.service.purge())
    assert None is not host.store.get("session", view.id)
    host.clock.advance(1)
    assert 1 == beside.service.purge()
    assert None is host.store.get("session", view.id)


@pytest.mark.rule("S4", "S8", "C3")
def test_a_result_of_a_missing_chart_is_purged_after_the_services_retention() -> None:
    """Only a process with the chart drops the result after `result_shown`; the row goes after that and `retention`."""
    token = PROCEDURES[Procedure.TOKEN_REISSUE]
    fourth = Chart(
        "FOURTH",
        title=token.title,
        initial=token.initial,
        states=token.states.values(),
        handlers=token.handlers,
    )
    host = Host(procedures=(fourth,))
    view = host.at_btr005(cast("Procedure", fourth))
    beside = _without(host)
    host.clock.advance(timedelta(days=30, minutes=30).total_seconds())
    assert 0 == beside.service.purge()
    host.clock.advance(1)
    assert 1 == beside.service.purge()
    assert None is host.store.get("session", view.id)


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
    """Asking for the number ends the wait, although the session stays where it is: a call proves nobody."""
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


@pytest.mark.rule("P8", "P4")
def test_keys_prove_nobody_after_a_contest_by_the_row() -> None:
    """The right code in the call that was answered before is refused, and the session is told of the contest."""
    host = Host(procedures=(FOURTH,), policies=WITH_CODES)
    _at_phone(host)
    announced = host.call(id="answered")
    assert announced.code is not None
    beside = _without(host)
    beside.at(Procedure.RISK_BASED_AUTH, "BIM016")
    beside.send("choose_phone", beside.phone())
    told = host.keys(announced.code.reveal(), call_id="answered")
    assert (CallStatus.REFUSED, ["number_contested"]) == (told.status, codes(told))


def test_a_number_that_a_session_of_a_missing_chart_waits_for_is_not_lifted() -> None:
    """The operator is told which chart is missing."""
    host = Host(procedures=(FOURTH,))
    _at_phone(host)
    number = host.customer.contract.phones[0]
    with pytest.raises(UnknownProcedure, match="FOURTH"):
        _without(host).service.operator.lift(number=number, by="Yamada", reason="a wrong clock")


@pytest.mark.rule("P8", "S4")
def test_a_rest_after_the_wait_of_a_missing_chart_is_lifted_by_its_row() -> None:
    """Once the wait is over by the clock no chart is needed; the session itself stays as it is."""
    host = Host(procedures=(FOURTH,))
    view = _at_phone(host)
    row = host.store.get("session", view.id)
    host.clock.advance(126)  # the window, and the grace
    beside = _without(host)
    number = host.customer.contract.phones[0]
    beside.service.operator.lift(number=number, by="Yamada", reason="a wrong clock")
    assert row == host.store.get("session", view.id)
    assert ["timed_out"] == codes(host.look())
    beside.at(Procedure.RISK_BASED_AUTH, "BIM016")
    assert "PHONE" == beside.send("choose_phone", beside.phone()).state


def test_the_asynchronous_service_serves_it_too() -> None:
    """The same chart, awaited."""

    async def walk() -> tuple[str, str]:
        service = AsyncResetService(bank=FakeBank(), store=MemoryStore(), key=KEY, procedures=[FOURTH])
        view = await service.start(FOURTH, institution="ja-0417")
        view = await service.send(view.token, "submit_identity", Host().identity())
        return str(view.procedure), view.state

    assert ("FOURTH", "BIM016") == asyncio.run(walk())


def test_an_effect_of_a_missing_chart_is_given_by_the_process_that_has_it() -> None:
    """`recover` leaves it alone where the chart is missing, and gives it where the chart is."""
    host = Host(procedures=(FOURTH,))
    _at_phone(host)
    host.call()
    host.look()
    host.bank.fail("carry_out", ConnectionError)
    with pytest.raises(ConnectionError):
        host.send("submit_reset", host.reset())
    host.clock.advance(60)
    assert 0 == _without(host).service.recover()
    assert 1 == host.service.recover()
    assert "DONE" == host.look().state


# What a chart brings of its own ------------------------------------------------------------------------------


@attrs.frozen
class ChoicePolicy:
    """A policy of a host's own."""

    choices: int = 2


TOO_MANY = Text(ja="{choices}回まで", en="{choices} times at most")
PHONE_IS_KEPT = own_value("phone_chosen", PhoneForm, "phone_id", words=lambda _: "4711")
DRAWN = attrs.evolve(screens.LOGIN_PHONE, title="four.title", notices=(), sections=())


def _worded(version: int = 1, *, keeps: bool = True, renamed: str = "BIM016") -> Chart:
    """The chart of LOGIN_PASSWORD with a title of its own on PHONE, which shows a figure and a value of its own."""
    ours = LOGIN_PASSWORD
    waiting = {"PHONE", "PHONE_KEYS"} if keeps else set()
    shows = Text(ja="{phone_chosen}・{choices}", en="{phone_chosen}, {choices}") if keeps else TOO_MANY

    def state(each: State) -> State:
        if each.name not in {"PHONE", "PHONE_KEYS"}:
            return attrs.evolve(each, name=renamed if each.name == "BIM016" else each.name)
        more = {"phone_chosen"} if each.name in waiting else set()
        return attrs.evolve(each, screen=DRAWN, keeps=each.keeps | more)

    def step(each: Handler) -> Handler:
        names = {"BIM016": renamed}
        assigns = (*each.assigns, PHONE_IS_KEPT) if keeps and each.trigger == "choose_phone" else each.assigns
        checks = tuple(
            attrs.evolve(
                check, otherwise=tuple(attrs.evolve(f, to=names.get(f.to or "", f.to)) for f in check.otherwise)
            )
            for check in each.checks
        )
        source, to = names.get(each.source, each.source), names.get(each.to or "", each.to)
        return attrs.evolve(each, source=source, to=to, checks=checks, assigns=assigns)

    return Chart(
        "FOURTH",
        title=ours.title,
        initial=ours.initial,
        states=map(state, ours.states.values()),
        handlers=map(step, ours.handlers),
        version=version,
        texts={"four.title": shows},
        codes={"too_many": TOO_MANY},
        policies=[ChoicePolicy],
    )


WORDED = _worded()


def test_a_text_of_a_chart_is_filled_with_its_figures_and_the_sessions_values() -> None:
    """The institution's figure stands in it, else the service's; the value stands in the answer and in its repeat."""
    host = Host(procedures=(WORDED,), policies=Policies(own=(ChoicePolicy(choices=5),)))
    host.start(WORDED)
    host.send("submit_identity", host.identity())
    view = host.send("choose_phone", host.phone(), request_id="one")
    assert Text("4711・5", "4711, 5") == view.screen.title
    assert view == host.service.send(view.token, "choose_phone", host.phone(), request_id="one")
    row = host.store.get("session", view.id)
    assert row is not None
    assert {"phone_chosen": "4711"} == cast("dict[str, object]", row.body["kept"])["own"]
    assert 1 == row.body["chart_version"]
    host.send("back")
    row = host.store.get("session", view.id)
    assert row is not None
    assert "own" not in cast("dict[str, object]", row.body["kept"])


def test_an_institutions_policies_leave_the_services_own_where_they_have_none() -> None:
    """Policies of a host's own are resolved class by class: institution, service, defaults."""
    bank = FakeBank()
    found = bank.institution("ja-0417")
    assert found is not None
    titles = []
    for own in ((), (ChoicePolicy(choices=7),)):
        bank.change_institution(attrs.evolve(found, policies=Policies(own=own)))
        host = Host(procedures=(WORDED,), policies=Policies(own=(ChoicePolicy(choices=5),)), bank=bank)
        titles.append(_at_phone(host, WORDED).screen.title.en)
    assert ["4711, 5", "4711, 7"] == titles


def test_a_host_rewords_a_chart_for_all_or_for_one_institution() -> None:
    """The service's text goes before the chart's, the institution's before both; the same screen is returned again."""
    plain, of_service, of_institution = Text("a", "a"), Text("b{choices}", "b{choices}"), Text("c", "c")
    chart = _worded(keeps=False)
    host = Host(procedures=(chart,), messages={"four.title": of_service})
    assert Text("b2", "b2") == _at_phone(host, chart).screen.title
    host.clock.advance(3600)
    bank = FakeBank()
    found = bank.institution("ja-0417")
    assert found is not None
    bank.change_institution(attrs.evolve(found, messages=chart.reworded({"four.title": of_institution})))
    beside = Host(procedures=(chart,), messages={"four.title": of_service, "BIM015.title": plain}, bank=bank)
    first = _at_phone(beside, chart)
    assert of_institution == first.screen.title
    assert first.screen is beside.look().screen
    assert plain == beside.start(chart).screen.title


def _small(name: str, title: Text, *, code: Text = TOO_MANY) -> Chart:
    """The chart with words of its own under another name, and another title."""
    return Chart(
        name,
        title=title,
        initial="BIM015",
        states=_worded(keeps=False).states.values(),
        handlers=_worded(keeps=False).handlers,
        texts={"four.title": title},
        codes={"too_many": code},
        policies=[ChoicePolicy],
    )


@pytest.mark.rule("S9")
def test_an_institution_rewords_several_charts_together() -> None:
    """Each that was named has the new words, by one key or by keys of its own; one that was not keeps its words."""
    one, two, three = (_small(name, Text(name, name)) for name in ("ONE", "TWO", "THREE"))
    reworded = one.reworded({"four.title": Text("新", "new"), "BIM015.title": Text("初", "first")}, two)
    bank = FakeBank()
    found = bank.institution("ja-0417")
    assert found is not None
    bank.change_institution(attrs.evolve(found, messages=reworded))
    host = Host(procedures=(one, two, three), bank=bank)
    titles = []
    for chart in (one, two, three):
        titles += [host.start(chart).screen.title.en, _at_phone(host, chart).screen.title.en]
        host.clock.advance(3600)
    assert ["first", "new", "first", "new", "first", "THREE"] == titles


@pytest.mark.rule("S9")
def test_charts_are_reworded_in_other_languages_too() -> None:
    """The charts that were named, and the library's texts on all; a chart that was not keeps its words in each."""
    one, two = _small("ONE", Text("ONE", "ONE")), _small("TWO", Text("TWO", "TWO", more={"vi": "hai"}))
    words = {"vi": {"four.title": "một", "BIM015.title": "đầu"}}
    bank = FakeBank()
    found = bank.institution("ja-0417")
    assert found is not None
    bank.change_institution(attrs.evolve(found, messages=one.reworded(words)))
    host = Host(procedures=(one, two), bank=bank)
    titles = []
    for chart in (one, two):
        titles += [host.start(chart).screen.title.get("vi"), _at_phone(host, chart).screen.title.get("vi")]
        host.clock.advance(3600)
    assert ["đầu", "một", "đầu", "hai"] == titles
    with pytest.raises(InvalidArgument, match=r"there is no text 'four.title'"):
        attrs.evolve(found, messages=words)


@pytest.mark.rule("S9")
def test_what_was_reworded_for_one_chart_is_judged_by_another() -> None:
    """Another chart's keys are none here, however they come; a service's text is judged by all charts that show it."""
    other = TRANSFER_LIMIT.reworded({"limit.now": Text("{limit}円", "{limit} yen")})
    with pytest.raises(InvalidArgument, match=r"there is no text 'limit.now'"):
        WORDED.reworded(other)
    with pytest.raises(InvalidArgument, match=r"there is no text 'limit.now'"):
        Host(procedures=(WORDED,), messages=other)
    assert other.keys() == TRANSFER_LIMIT.reworded(other, WORDED).keys()
    kept, lost = WORDED, _small("FIFTH", Text("五", "five"))
    of_value = {"four.title": Text("{phone_chosen}", "{phone_chosen}")}
    assert of_value == Host(procedures=(kept,), messages=of_value).messages
    with pytest.raises(InvalidArgument, match=r"names {phone_chosen}, a value that is not kept"):
        Host(procedures=(kept, lost), messages=of_value)


@pytest.mark.rule("S9")
def test_a_code_of_a_charts_own_is_reworded_for_a_field() -> None:
    """`code.field` is a key for any code of the chart or the library, and any field of either."""
    texts = {f"{code}.new_limit": TOO_MANY for code in ("limit_too_high", "required")}
    texts |= {"limit_too_high.pin": Text("{most_yen}", "{most_yen}")}
    texts = {key: Text("言葉", "words") if key.endswith("limit") else text for key, text in texts.items()}
    assert texts == dict(TRANSFER_LIMIT.reworded(texts))
    assert "words" == render("limit_too_high", field="new_limit", texts=TRANSFER_LIMIT.reworded(texts)).en
    with pytest.raises(InvalidArgument, match=r"there is no text 'limit_too_high.new_limt'; did you mean"):
        TRANSFER_LIMIT.reworded({"limit_too_high.new_limt": TOO_MANY})


@pytest.mark.rule("S9")
def test_a_code_that_two_charts_share_has_the_same_words() -> None:
    """A code has one meaning in a service; a key of a text may stand in two charts, each with its words."""
    one, other = _small("ONE", Text("一", "one")), _small("TWO", Text("二", "two"), code=Text("違う", "other"))
    with pytest.raises(InvalidArgument, match="chart TWO has other words for the reason code too_many than chart ONE"):
        Host(procedures=(one, other))
    assert "TWO" in Host(procedures=(one, _small("TWO", Text("二", "two")))).service.procedures


def test_a_text_of_a_missing_chart_is_no_text() -> None:
    """A service knows the texts of its own charts, and none of another's; a figure of one chart is no other's."""
    with pytest.raises(InvalidArgument, match=r"there is no text 'four.title'"):
        Host(messages={"four.title": TOO_MANY})
    with pytest.raises(InvalidArgument, match=r"'BIM015.title' names {choices}, which is not a placeholder"):
        Host(procedures=(WORDED,), messages={"BIM015.title": TOO_MANY})
    with pytest.raises(InvalidArgument, match=r"'four.title' names {chosen}, which is not a placeholder"):
        WORDED.reworded({"four.title": Text("{chosen}", "")})


@pytest.mark.rule("S9")
@pytest.mark.parametrize("key", ["limit.lead", "limit.title", "limit_too_high"])
def test_a_reworded_text_names_no_value_that_its_states_do_not_keep(key: str) -> None:
    """What a chart's own text may not name, no text in its place may, a service's or an institution's."""
    wrong = {key: Text("{limit}円", "{limit} yen")}
    for reword in (TRANSFER_LIMIT.reworded, lambda texts: Host(procedures=(TRANSFER_LIMIT,), messages=texts)):
        with pytest.raises(InvalidArgument, match=f"messages: '{key}' names {{limit}}, a value that is not kept"):
            reword(wrong)
        reword({key: Text("{most_yen}円", "{most_yen} yen"), "limit.now": Text("{limit}円", "{limit} yen")})


@pytest.mark.rule("S4")
def test_a_session_goes_on_by_a_newer_chart_where_its_state_keeps_the_same() -> None:
    """It is of the newer version from then on; the process that has the older one leaves it alone."""
    old = Host(procedures=(_worded(1),))
    view = _at_phone(old, "FOURTH")
    new = attrs.evolve(old, procedures=(_worded(2),))
    assert "PHONE" == new.service.view(view.token).state
    new.service.send(view.token, "back")
    row = new.store.get("session", view.id)
    assert row is not None
    assert 2 == row.body["chart_version"]
    missing = "of version 2 of the procedure FOURTH, and this process was given version 1: give it the newer chart"
    with pytest.raises(NewerSession, match=missing):
        old.service.view(view.token)
    old.clock.advance(3600)
    assert (0, 1) == (old.service.expire_due(), new.service.expire_due())


@pytest.mark.rule("S4")
@pytest.mark.parametrize("newer", [_worded(2, renamed="CHOICE"), _worded(2, keeps=False)], ids=["gone", "keeps_other"])
def test_a_session_that_a_newer_chart_cannot_go_on_from_ends_expired(newer: Chart) -> None:
    """Its state is gone, or keeps other facts now; one that has ended stays as it is."""
    old = Host(procedures=(_worded(1),))
    ended = _at_phone(old, "FOURTH")
    old.send("cancel")
    old.clock.advance(130)
    view = _at_phone(old, "FOURTH")
    if "CHOICE" in newer.states:
        view = old.send("back")
    new = attrs.evolve(old, procedures=(newer,))
    assert ("EXPIRED", ["procedure_changed"]) == ((seen := new.service.view(view.token)).state, codes(seen))
    assert "CANCELLED" == new.service.view(ended.token).state


@pytest.mark.rule("S4")
def test_a_session_that_keeps_other_facts_than_its_version_says_is_damaged() -> None:
    """Within one version of a chart the facts are exact."""
    old = Host(procedures=(_worded(1),))
    view = _at_phone(old, "FOURTH")
    same = attrs.evolve(old, procedures=(_worded(1, keeps=False),))
    with pytest.raises(StoreError, match=r"damaged at session\.kept"):
        same.service.view(view.token)
