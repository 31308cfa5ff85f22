"""What is said in a call: a script of steps that any gateway can render (P12)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta

import attrs
import pytest
from transfer_limit import TEXTS, TITLE, TRANSFER_LIMIT

from hosts import KEY, WITH_CODES, Host, named
from ja_reset import (
    PROCEDURES,
    AsyncResetService,
    BankUnavailable,
    Call,
    CallResult,
    CallSource,
    CallStatus,
    Gather,
    HangUp,
    InvalidArgument,
    Policies,
    PolicyOverride,
    Presentation,
    Procedure,
    Reject,
    Say,
    SayDigits,
    Text,
)
from ja_reset.policies import CodeChannel, PhonePolicy
from ja_reset.screens import CALL_TEXTS
from ja_reset.screens._named import named_in
from ja_reset.screens.placeholders import PLACEHOLDERS
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import INSTITUTION, ORDINARY
from ja_reset.testing.telephone import other_digits
from versions import changed, limit_of_version

pytestmark = pytest.mark.rule("P12")

DISPLAYED = Policies(phone=PhonePolicy(bim_code=True, code_channel=CodeChannel.DISPLAYED))
CALLED = {procedure: "BTR004" if procedure is Procedure.TOKEN_REISSUE else "PHONE" for procedure in Procedure}
DOES = {
    Procedure.LOGIN_PASSWORD: "This call resets a login password.",
    Procedure.RISK_BASED_AUTH: "This call resets risk-based authentication.",
    Procedure.TOKEN_REISSUE: "This call reissues a one-time password.",
}
REJECTED = (Reject(3),)
STRANGER = "090-9999-0001"


def said(told: CallResult, language: str = "en") -> list[str]:
    """The words of a script."""
    return [step.text.get(language) for step in told.script if isinstance(step, Say)]


def keys_of(told: CallResult) -> list[str | None]:
    """The keys of its texts."""
    return [step.text.key for step in told.script if isinstance(step, Say)]


def kinds(told: CallResult) -> list[str]:
    """Its steps by name."""
    return [type(step).__name__ for step in told.script]


def waiting(policies: Policies = WITH_CODES, procedure: Procedure = Procedure.TOKEN_REISSUE, **more: object) -> Host:
    """A host whose session waits for the call."""
    host = Host(policies=policies, **more)  # type: ignore[arg-type]  # fields by name
    host.at(procedure, CALLED[procedure])
    return host


def code_of(told: CallResult) -> str:
    """The code that was to be read out."""
    assert told.code is not None
    return told.code.reveal()


@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_an_answered_call_says_who_speaks_what_it_does_and_that_nobody_asks_for_it(procedure: Procedure) -> None:
    """Before the code: the institution, what this call does, that it may be fraud, and which key ends it."""
    told = waiting(procedure=procedure).call()
    first_code = kinds(told).index("SayDigits")
    before = said(attrs.evolve(told, script=told.script[:first_code]))
    assert f"This is the automated service of {INSTITUTION.name}." in before[0]
    assert DOES[procedure] == before[1]
    assert "it may be fraud" in before[2]
    assert "press 9, then the hash key" in before[3]
    assert "tones" in before[4]


@pytest.mark.rule("S5")
def test_the_code_is_said_twice_and_once_more_where_nobody_keys_it_in() -> None:
    """It is in the script as a Secret alone, never in words; then keys are gathered, and at last the call ends."""
    told = waiting().call()
    code = code_of(told)
    digits = [step.digits.reveal() for step in told.script if isinstance(step, SayDigits)]
    assert [code] * 4 == digits
    steps = kinds(told)
    assert ["SayDigits", "Say", "SayDigits", "Say", "Gather"] == steps[6:11]
    assert ["Gather", "Say", "HangUp"] == steps[-3:]
    assert "call.no_keys" == keys_of(told)[-1]
    assert code not in repr(told.script)
    assert not any(code in words for words in said(told) + said(told, "ja"))


@pytest.mark.rule("P4")
@pytest.mark.parametrize("length", [2, 6, 12])
def test_there_is_room_for_the_code_and_for_the_switch_to_tones(length: int) -> None:
    """The code, a leading * and # of a dial-pulse line; the entry is complete after the silence of the policy."""
    phone = PhonePolicy(code_length=length, keys_silence=timedelta(seconds=4))
    told = waiting(Policies(phone=phone)).call()
    gathers = {step for step in told.script if isinstance(step, Gather)}
    assert {Gather(most=length + 2, silence=timedelta(seconds=4))} == gathers
    assert f"this {length}-digit code" in " ".join(said(told))


@pytest.mark.rule("P4", "P12")
@pytest.mark.parametrize("procedure", [Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH], ids=named)
def test_a_call_is_confirmed_only_after_the_whole_warning(procedure: Procedure) -> None:
    """Keys pressed while it is said for the first time are discarded; while it is repeated, they count."""
    host = waiting(Policies(phone=PhonePolicy(bim_announce=True)), procedure)
    told = host.call()
    first, *later = [at for at, step in enumerate(told.script) if isinstance(step, Gather)]
    warned = keys_of(attrs.evolve(told, script=told.script[:first]))
    assert {"call.pressure", "call.not_me", "call.confirm"} <= set(warned)
    wrong = host.keys("2")
    gathers = [told.script[first], *(told.script[at] for at in later), *wrong.script]
    assert [True, False, False] == [step.after_speech for step in gathers if isinstance(step, Gather)]


@pytest.mark.rule("P4", "P12")
@pytest.mark.parametrize(
    "policies", [WITH_CODES, DISPLAYED, Policies(phone=PhonePolicy(bim_announce=True, bim_code=True))]
)
def test_a_code_may_be_keyed_in_while_it_is_said(policies: Policies) -> None:
    """Nobody has to wait for the end of what is known."""
    told = waiting(policies, Procedure.LOGIN_PASSWORD).call()
    assert {False} == {step.after_speech for step in told.script if isinstance(step, Gather)}


@pytest.mark.rule("P4")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_a_code_on_the_screen_is_not_said(procedure: Procedure) -> None:
    """With `code_channel` displayed the caller is told to key in what the screen shows."""
    told = waiting(DISPLAYED, procedure).call()
    assert told.code is None
    assert "SayDigits" not in kinds(told)
    assert 2 == sum("shown on your screen" in words for words in said(told))


def _not_answered() -> Iterator[tuple[str, CallResult]]:
    recognised = waiting(Policies(), Procedure.LOGIN_PASSWORD)
    yield "VERIFIED", recognised.call()
    yield "REFUSED", waiting().call(diverted=True)
    yield "REFUSED", waiting().call(dialed="0120-999-999")
    yield "UNMATCHED", waiting().call(STRANGER)
    yield "UNMATCHED", waiting().call(presentation=Presentation.RESTRICTED)
    yield "UNMATCHED", Host().call()
    yield "REFUSED", recognised.call(STRANGER, id="call-1")


@pytest.mark.rule("P4", "P9", "S6")
def test_whoever_is_not_answered_hears_the_same() -> None:
    """Recognised, refused or a stranger: it rings, and is dropped unanswered; nobody learns from it which it was."""
    found = list(_not_answered())
    assert [name for name, _ in found] == [told.status.value for _, told in found]
    assert {REJECTED} == {told.script for _, told in found}


@pytest.mark.rule("C6")
def test_a_call_that_met_a_silent_bank_is_not_answered() -> None:
    """It is rejected, so that the customer can call again."""
    host = waiting()
    host.bank.fail("contract", BankUnavailable)
    told = host.call()
    assert (CallStatus.REFUSED, REJECTED) == (told.status, told.script)


@pytest.mark.rule("P3")
def test_a_call_that_is_reported_again_gets_the_same_script() -> None:
    """A webhook's retry, before and after a wrong entry."""
    host = waiting()
    first = host.call()
    assert first == host.beside().service.report_call(_same(host))
    host.keys(other_digits(code_of(first)))
    assert first == host.beside().service.report_call(_same(host))


def _same(host: Host) -> Call:
    return Call(id=f"call-{host.calls}", number=ORDINARY.contract.phones[0], source=CallSource.NETWORK)


@pytest.mark.rule("P4")
def test_after_a_wrong_entry_the_tries_left_are_said_and_keys_gathered_again() -> None:
    """The count is that of the screen; an entry that is reported again hears its own count."""
    host = waiting()
    wrong = other_digits(code_of(host.call()))
    for left, entry in ((2, "e1"), (1, "e2")):
        told = host.service.report_keys("call-1", wrong, entry_id=entry)
        assert ["Say", "Gather", "Say", "HangUp"] == kinds(told)
        assert f"Attempts left in this call: {left}." in said(told)[0]
        assert left == host.look().tries_left
    again = host.service.report_keys("call-1", wrong, entry_id="e1")
    assert "Attempts left in this call: 2." in said(again)[0]


@pytest.mark.rule("P4")
def test_the_last_wrong_entry_of_a_call_ends_it() -> None:
    """The caller is told to call again, as the screen says."""
    host = waiting()
    wrong = other_digits(code_of(host.call()))
    told = [host.keys(wrong) for _ in range(3)][-1]
    assert (["call.over"], HangUp()) == (keys_of(told), told.script[-1])


@pytest.mark.rule("P4")
def test_the_last_wrong_entry_of_all_does_not_invite_another_call() -> None:
    """The session has ended: the caller is sent to the screen, and hears nothing of why (S6)."""
    host = waiting(Policies(phone=PhonePolicy(codes_per_session=1)))
    told = host.keys(other_digits(code_of(host.call())))
    assert "REJECTED" == host.look().state
    assert (["call.stopped"], HangUp()) == (keys_of(told), told.script[-1])


@pytest.mark.rule("P4", "P7")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_the_right_entry_is_confirmed(procedure: Procedure) -> None:
    """Then the call ends, and the screen goes on."""
    host = waiting(procedure=procedure)
    told = host.keys(code_of(host.call()))
    assert (CallStatus.VERIFIED, ["call.proved"], HangUp()) == (told.status, keys_of(told), told.script[-1])


@pytest.mark.rule("C6")
def test_an_entry_that_met_a_silent_bank_may_be_keyed_in_again() -> None:
    """No try is counted, and none is spoken of."""
    host = waiting()
    code = code_of(host.call())
    host.bank.fail("contract", BankUnavailable)
    told = host.keys(code)
    assert (CallStatus.RETRY, ["call.not_processed", "call.no_keys"]) == (told.status, keys_of(told))
    assert CallStatus.VERIFIED is host.keys(code).status


@pytest.mark.rule("P9")
def test_keys_of_no_call_end_it_without_a_word() -> None:
    """Whoever is not known hears nothing."""
    assert (HangUp(),) == Host().keys("123456").script


@pytest.mark.rule("P2")
def test_keys_that_come_too_late_send_the_caller_to_the_screen() -> None:
    """The window has closed: nothing is said of why."""
    host = waiting()
    code = code_of(host.call())
    host.clock.advance(310)
    assert ["call.stopped"] == keys_of(host.keys(code))


@pytest.mark.rule("S6")
def test_nothing_of_the_customer_is_said() -> None:
    """No name, number, account or address is in any language of any script: whoever holds the phone may hear it."""
    host = waiting()
    first = host.call()
    results = [first, host.keys(other_digits(code_of(first))), host.keys(code_of(first))]
    words = " ".join(each for told in results for language in ("ja", "en") for each in said(told, language))
    contract = ORDINARY.contract
    for known in (contract.name_kana, contract.name_kanji, contract.email, ORDINARY.account, *contract.phones):
        assert known[:3] not in words


@pytest.mark.rule("P12", "S9")
def test_a_call_names_the_institution_in_the_language_that_it_speaks() -> None:
    """Its English name to an English caller, another one where there is one, and else the Japanese name."""
    own = {"vi": {"call.greeting": "{institution}!"}, "ko": {"call.greeting": "{institution}?"}}
    named = attrs.evolve(INSTITUTION, messages=own, names=Text("JAみほん", "JA Mihon", more={"vi": "JA Mẫu"}))
    host = Host(bank=FakeBank(institutions=(named,)))
    host.at_btr004()
    (greeting,) = [step.text for step in host.call().script if isinstance(step, Say)][:1]
    assert "お電話ありがとうございます。JAみほんの自動音声です。" == greeting.ja
    assert "Thank you for calling. This is the automated service of JA Mihon." == greeting.en
    assert ("JA Mẫu!", "JAみほん?") == (greeting.get("vi"), greeting.get("ko"))


@pytest.mark.rule("M2")
def test_an_ending_names_the_institution_in_the_language_of_the_page() -> None:
    """The same names stand on the screens that name whose application it was."""
    host = Host(bank=FakeBank(institutions=(attrs.evolve(INSTITUTION, names=Text("JAみほん", "JA Mihon")),)))
    texts = [notice for notice in host.at_cancelled().screen.notices if notice.key == "notice.ending.whose"]
    assert [(True, True, False)] == [("JAみほん" in t.ja, "JA Mihon" in t.en, "JAみほん" in t.en) for t in texts]


@pytest.mark.parametrize("names", ["JA Mihon", {"en": "x"}, Text("", "x"), Text("x", "x" * 201), ("x", "x")])
def test_names_that_are_none_are_refused(names: object) -> None:
    """A Text whose names are not empty, nor longer than a name; said in words, and before a customer comes."""
    with pytest.raises(InvalidArgument, match=r"Institution\.names"):
        attrs.evolve(INSTITUTION, names=names)  # type: ignore[arg-type]  # what is refused


@pytest.mark.rule("S9")
def test_an_institution_and_a_service_may_say_it_in_their_words() -> None:
    """Key by key, in any language; the placeholders of a text are filled."""
    own = {
        "call.greeting": Text("{institution}でございます。", "{institution} speaking."),
        "vi": {"call.pressure": "Cúp máy.", "call.does.TOKEN_REISSUE": "{institution}: {procedure}"},
    }
    bank = FakeBank(institutions=(attrs.evolve(INSTITUTION, messages=own),))
    told = waiting(bank=bank, messages={"call.code": Text("番号です。", "The code:")}).call()
    assert f"{INSTITUTION.name} speaking." == said(told)[0]
    vietnamese = said(told, "vi")
    assert f"{INSTITUTION.name}: {PROCEDURES[Procedure.TOKEN_REISSUE].title.ja}" == vietnamese[1]
    assert "Cúp máy." == vietnamese[2]
    assert "The code:" in said(told)


@pytest.mark.rule("S9")
@pytest.mark.parametrize(
    ("key", "words", "wrong"),
    [
        ("call.greting", "x", "did you mean 'call.greeting'"),
        ("call.does.TOKEN", "x", "did you mean 'call.does.TOKEN_REISSUE'"),
        ("call.wrong", "{institution}", "not a placeholder"),
        ("call.greeting", "{code}", "not a placeholder"),
    ],
)
def test_a_wrong_text_of_a_call_is_refused(key: str, words: str, wrong: str) -> None:
    """An unknown key, a name that its place has not, and above all the code in words."""
    with pytest.raises(InvalidArgument, match=re.escape(wrong)):
        Host(messages={key: Text(words, words)})


@pytest.mark.parametrize("own", [False, True])
def test_a_call_of_a_hosts_own_chart_says_what_it_does(own: bool) -> None:
    """By a text of the chart's under `call.does.NAME`, which a service may reword; else by the chart's title."""
    texts = {**TEXTS, "call.does.TRANSFER_LIMIT": Text("限度額を変更します。", "This call changes a limit.")}
    chart = changed(limit_of_version(1), handlers=TRANSFER_LIMIT.handlers, texts=texts if own else TEXTS)
    host = Host(policies=WITH_CODES.having(chart.policies), procedures=(chart,))
    host.start(chart)
    host.send("log_in", host.credentials())
    host.send("choose_phone", host.phone())
    assert ("This call changes a limit." if own else f"This call is for the following: {TITLE.en}.") == said(
        host.call()
    )[1]


@pytest.mark.rule("S11")
def test_the_figures_of_an_institution_hold() -> None:
    """The length of the code and the silence are those of the session's institution."""
    override = PolicyOverride({"phone.code_length": 8, "phone.keys_silence": timedelta(seconds=3)})
    bank = FakeBank(institutions=(attrs.evolve(INSTITUTION, policies=override),))
    told = waiting(Policies(), bank=bank).call()
    assert 8 == len(code_of(told))
    assert Gather(most=10, silence=timedelta(seconds=3)) in told.script


def test_the_asynchronous_service_says_the_same() -> None:
    """Word for word, but for the code."""

    async def ask() -> CallResult:
        host = waiting()
        service = AsyncResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock, policies=host.policies)
        return await service.report_call(Call(id="a1", number=ORDINARY.contract.phones[0], source=CallSource.NETWORK))

    told = asyncio.run(ask())
    assert kinds(waiting().call()) == kinds(told)
    assert keys_of(waiting().call()) == keys_of(told)


# the catalogue ----------------------------------------------------------------------------------------------


@pytest.mark.rule("S9")
@pytest.mark.parametrize("key", CALL_TEXTS)
def test_every_text_is_a_sentence_in_both_languages(key: str) -> None:
    """With the same placeholders, all known, and no limit written out."""
    text, name = CALL_TEXTS[key], re.compile(r"\{(.*?)\}")
    assert text.ja.endswith("。")
    assert text.en.endswith(".")
    assert set(name.findall(text.ja)) == set(name.findall(text.en))
    assert set(name.findall(text.ja)) <= {*PLACEHOLDERS, *named_in(key, at_field=False)}
    assert not re.search(r"\d", name.sub("", text.ja + text.en))


def test_each_procedure_of_the_library_has_a_text_of_what_its_call_does() -> None:
    """And only they; a chart of a host's own has its own, or the neutral one."""
    assert {f"call.does.{name}" for name in Procedure} == {key for key in CALL_TEXTS if key.startswith("call.does.")}


def test_every_text_is_said_somewhere() -> None:
    """No text in the catalogue is one that no script says; the neutral one is a host's chart's."""
    heard: set[str | None] = set()
    for procedure in Procedure:
        for policies in (WITH_CODES, DISPLAYED):
            host = waiting(policies, procedure)
            heard |= set(keys_of(host.call()))
            code = host.look().code
            wrong = "000000" if code is None else other_digits(code)
            heard |= {key for _ in range(3) for key in keys_of(host.keys(wrong))}
    host = waiting()
    told = host.call()
    host.bank.fail("contract", BankUnavailable)
    for _ in range(3):
        heard |= set(keys_of(host.keys(code_of(told))))
    host = waiting(Policies(phone=PhonePolicy(bim_announce=True)), Procedure.LOGIN_PASSWORD)
    heard |= {key for told in (host.call(), host.keys("2"), host.keys("9")) for key in keys_of(told)}
    assert set(CALL_TEXTS) - {"call.does"} == heard
