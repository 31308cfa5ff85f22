"""Which moment of its screen a session is in, and how many windows are left: told of the saved session alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from json import dumps

import attrs
import pytest

from hosts import FINAL, LIVE, STATES, WITH_CODES, Host, named
from ja_reset import BankUnavailable, Call, CallSource, Moment, Policies, Procedure, View
from ja_reset.bank._values import CallStatus, PinCheck
from ja_reset.chart.states import StateKind
from ja_reset.policies import IdentityPolicy, PhonePolicy
from ja_reset.screens import SCREEN_TEXTS
from ja_reset.screens.messages import MESSAGES
from ja_reset.secret import Secret
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import INSTITUTION

PHONES = [(procedure, "BTR004" if procedure is Procedure.TOKEN_REISSUE else "PHONE") for procedure in Procedure]
CHOOSE = {"PHONE": "BIM016", "BTR004": "BTR003"}


def _everywhere(host: Host) -> Moment | None:
    """The moment as the next look tells it, the same in another process."""
    view = host.look()
    assert view.moment == host.beside().look().moment
    assert view.to_dict()["moment"] == (None if view.moment is None else str(view.moment))
    return view.moment


@pytest.mark.rule("S2a", "P2")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_each_state_that_is_come_to_has_its_moment(procedure: Procedure, state: str) -> None:
    """Waiting, answered, processing and proved by the state; of an ending by the reason that led there."""
    host = Host(policies=WITH_CODES)
    host.at(procedure, state)
    wanted = {
        "PHONE": Moment.WAITING,
        "BTR004": Moment.WAITING,
        "PHONE_KEYS": Moment.ANSWERED,
        "BTR004_KEYS": Moment.ANSWERED,
        "BIM017": Moment.PROVED,
        "COMPLETING": Moment.PROCESSING,
    }
    if not host.view.final:
        assert wanted.get(state) == _everywhere(host)


@pytest.mark.rule("P4")
@pytest.mark.parametrize(("procedure", "state"), PHONES, ids=named)
def test_a_call_from_the_first_ring_to_its_end(procedure: Procedure, state: str) -> None:
    """Each wrong code and the end of the call are moments of their own, and a new call begins again."""
    host = Host(policies=WITH_CODES)
    host.at(procedure, state)
    host.call()
    assert Moment.ANSWERED is _everywhere(host)
    for status in (CallStatus.RETRY, CallStatus.RETRY):
        assert status is host.keys("x").status
        assert Moment.WRONG_CODE is _everywhere(host)
    assert (1, CallStatus.REFUSED) == (host.view.tries_left, host.keys("x").status)
    assert Moment.CALL_OVER is _everywhere(host)
    assert Moment.CALL_OVER is host.send("proceed").moment, "however often the customer asks"
    stranger = Call(id="stranger", number="080-1234-5602", source=CallSource.NETWORK)
    assert CallStatus.REFUSED is host.service.report_call(stranger, session=host.view.id).status
    assert Moment.CALL_OVER is _everywhere(host)
    code = host.call().code
    assert Moment.ANSWERED is _everywhere(host)
    assert code is not None
    host.keys(code.reveal())
    assert (Moment.PROVED if state == "PHONE" else None) is _everywhere(host)


@pytest.mark.rule("P4", "M4")
def test_a_new_window_begins_without_the_wrong_codes_of_the_last() -> None:
    """Another number is called for the first time, whatever was keyed in before."""
    host = Host(policies=WITH_CODES)
    host.at_phone()
    host.call()
    for _ in range(3):
        host.keys("x")
    assert Moment.CALL_OVER is _everywhere(host)
    host.send("back")
    host.send("choose_phone", host.phone())
    assert Moment.WAITING is _everywhere(host)


@pytest.mark.rule("P7")
def test_the_proof_is_confirmed_until_the_customer_has_done_something() -> None:
    """On the form that the page has moved on to; not beside the reasons of a form that was sent."""
    host = Host()
    host.at_phone()
    host.call()
    assert Moment.PROVED is _everywhere(host)
    host.send("submit_reset", host.reset(pin="0000"))
    assert None is _everywhere(host)


@pytest.mark.rule("P7", "S2")
def test_a_second_tab_is_not_told_to_go_on_while_the_first_is_under_way() -> None:
    """The form is with the bank: the proof is not confirmed again, though the reasons of the turn before are gone."""
    seen: list[tuple[Moment | None, bool]] = []

    class Bank(FakeBank):
        def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
            view = host.service.view(host.view.token)
            seen.append((view.moment, view.busy))
            return super().check_pin(ref, pin)

    host = Host(bank=Bank())
    host.at_bim017()
    host.send("submit_reset", host.reset(pin="0000"))
    host.send("submit_reset", host.reset(pin="0000"))
    assert [(None, True)] * 2 == seen


@pytest.mark.rule("P6")
@pytest.mark.parametrize(("procedure", "state"), PHONES, ids=named)
def test_windows_are_counted_where_they_are_opened(procedure: Procedure, state: str) -> None:
    """Three before the first, two beside it; after the last one the session ends, and says that a limit was reached."""
    host = Host()
    view = host.at(procedure, CHOOSE[state])
    assert 3 == view.windows_left
    left = []
    for _ in range(3):
        view = host.service.send(view.token, *_choice(host, state), version=view.version)
        host._view = view
        assert (state, Moment.WAITING) == (view.state, view.moment)
        left.append(view.windows_left)
        host.clock.advance(timedelta(minutes=6))
        view = host.look()
    assert [2, 1, 0] == left
    assert ("EXPIRED", Moment.LIMIT, None) == (view.state, _everywhere(host), view.windows_left)


def _choice(host: Host, state: str) -> tuple[str, dict[str, str]]:
    if state == "PHONE":
        return "choose_phone", host.phone()
    return "submit_details", host.details()


@pytest.mark.rule("P6")
@pytest.mark.parametrize(("procedure", "state"), LIVE, ids=named)
def test_windows_are_told_nowhere_else(procedure: Procedure, state: str) -> None:
    """Only where a window is open or can be opened."""
    view = Host(policies=WITH_CODES).at(procedure, state)
    asks = {"BIM016", "BTR003", "PHONE", "PHONE_KEYS", "BTR004", "BTR004_KEYS"}
    assert (state in asks) == (view.windows_left is not None)


@pytest.mark.rule("I5")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_the_last_wrong_identity_reaches_a_limit_and_so_does_a_right_one_after_it(procedure: Procedure) -> None:
    """The same moment for both, and none before (I4)."""
    host = Host(policies=Policies(identity=IdentityPolicy(identity_attempts=2)))
    for typed, wanted in (("wrong", (None, Moment.LIMIT)), ("right", (Moment.LIMIT,))):
        host.at(procedure, "BTR002" if procedure is Procedure.TOKEN_REISSUE else "BIM015")
        for moment in wanted:
            assert moment is host.send(*_identity(host, procedure, typed)).moment
            assert moment is _everywhere(host)


def _identity(host: Host, procedure: Procedure, typed: str) -> tuple[str, dict[str, str]]:
    if procedure is Procedure.TOKEN_REISSUE:
        wrong = {"password": "wrong-0000"} if typed == "wrong" else {}
        return "submit_credentials", {**host.credentials(), **wrong}
    return "submit_identity", host.identity(**({"birth_date": "1999-09-09"} if typed == "wrong" else {}))


@pytest.mark.rule("L2", "I6")
def test_the_last_wrong_pin_reaches_a_limit_and_a_lock_that_was_there_does_not() -> None:
    """Who meets the lock later is told of a lock."""
    host = Host()
    host.at_bim017()
    for _ in range(3):
        host.send("submit_reset", host.reset(pin="0000"))
    assert ("LOCKED", Moment.LIMIT) == (host.view.state, _everywhere(host))
    host.start()
    host.send("submit_identity", host.identity())
    assert ("LOCKED", None) == (host.view.state, _everywhere(host))


@pytest.mark.rule("P4")
def test_the_last_wrong_code_reaches_a_limit() -> None:
    """Of the session or of the number: it is REJECTED for it."""
    host = Host(policies=Policies(phone=PhonePolicy(bim_code=True, codes_per_session=2)))
    host.at_phone()
    host.call()
    host.keys("x")
    host.keys("x")
    assert ("REJECTED", Moment.LIMIT) == (host.look().state, _everywhere(host))


@pytest.mark.rule("S3", "M3")
def test_other_endings_reach_no_limit() -> None:
    """Time that ran out, and a cancel, say so and no more."""
    host = Host()
    host.start()
    host.clock.advance(timedelta(minutes=11))
    assert ("EXPIRED", None) == (host.look().state, _everywhere(host))
    host.start()
    assert ("CANCELLED", None) == (host.send("cancel").state, _everywhere(host))


# What is read then -----------------------------------------------------------------------------------------------


def _reads(view: View) -> str:
    """Everything that the customer reads of notices and reasons, with no placeholder left in it."""
    said = [text.ja for text in view.screen.notices] + [reason.ja for reason in view.reasons]
    english = [text.en for text in view.screen.notices] + [reason.en for reason in view.reasons]
    assert not [text for text in (*said, *english) if "{" in text]
    return "\n".join((*said, *english))


@pytest.mark.rule("P4", "M7")
@pytest.mark.parametrize(("procedure", "state"), PHONES, ids=named)
@pytest.mark.parametrize("channel", ["spoken", "displayed"])
def test_the_phone_screen_says_what_is_true_just_then(procedure: Procedure, state: str, channel: str) -> None:
    """It asks for a call while one is to be made, for the code while it goes on; and says how many tries are left."""
    host = Host(policies=Policies(phone=PhonePolicy(bim_code=True, code_channel=channel)))
    waits = _reads(host.at(procedure, state))
    assert "以内にお電話" in waits
    host.call()
    answered = _reads(host.look())
    assert "お電話がつながりました" in answered
    assert not [words for words in ("以内にお電話", "非通知", "呼出音が聞こえない", "Call ") if words in answered]
    host.keys("x")
    assert "このお電話では、あと2回" in _reads(host.look())
    assert "Attempts left in this call: 2." in _reads(host.view)
    host.keys("x")
    host.keys("x")
    over = _reads(host.look())
    assert "お電話は終了しました。受付時間内に、もう一度お電話ください" in over
    assert "このお電話では" not in over


@pytest.mark.rule("P6", "P7", "M2a")
def test_a_window_that_closed_says_which_time_and_how_many_are_left() -> None:
    """And the proof is confirmed, and what is processed stands under a title of its own."""
    host = Host()
    host.at_phone()
    host.clock.advance(126)
    assert "電話番号認証は、あと2回" in _reads(host.look())
    host.send("choose_phone", host.phone())
    host.call()
    assert "電話番号認証が完了しました" in _reads(host.look())
    host.bank.fail("carry_out", BankUnavailable)
    processed = host.send("submit_reset", host.reset())
    assert ("お手続き中", Moment.PROCESSING) == (processed.screen.title.ja, processed.moment)
    assert not [words for words in ("もう一度お申し込み", "進めることができません") if words in _reads(processed)]


@pytest.mark.rule("M2", "S3")
@pytest.mark.parametrize(
    ("waits", "words"),
    [
        ([11], "10分のあいだ操作がなかった"),
        ([9, 9, 9, 9], "お手続きの開始から30分"),
        ([-1], "時刻を正しく確認できなかった"),
    ],
    ids=["idle", "too old", "clock"],
)
def test_an_ending_by_time_says_which_time(waits: list[int], words: str) -> None:
    """Idle, too old, or a clock that has gone back; and nothing that is not so."""
    host = Host()
    host.start()
    for minutes in waits:
        host.clock.advance(timedelta(minutes=minutes))
        view = host.send("extend")
    assert "EXPIRED" == view.state
    assert words in _reads(host.look())


@pytest.mark.rule("I6", "L2")
def test_a_lock_says_what_is_locked_and_threatens_nothing() -> None:
    """The service, the card, or both; and the last wrong PIN says that it was the last."""
    for locks, words in (
        ({"service_locked": True}, "本サービスのご利用を停止しています"),
        ({"card_locked": True}, "キャッシュカードのご利用を停止しているため"),
        ({"service_locked": True, "card_locked": True}, "本サービスとキャッシュカードのご利用を停止しています"),
    ):
        host = Host()
        host.start()
        host.bank.change(host.customer.ref, **locks)
        assert words in _reads(host.send("submit_identity", host.identity()))
        assert "または" not in _reads(host.view)
    host = Host()
    host.at_bim017()
    for _ in range(3):
        host.send("submit_reset", host.reset(pin="0000"))
    assert "連続して3回" in _reads(host.view)
    assert not [words for words in ("ご利用いただけなくなります", "または") if words in _reads(host.view)]


@pytest.mark.rule("I4", "I5")
def test_the_last_identity_says_how_long_and_the_same_of_every_account() -> None:
    """Known or not, wrong or right: one text."""
    said = set()
    for account in ("1234567", None):
        host = Host()
        host.start()
        typed = host.identity(birth_date="1999-09-09", **({} if account is None else {"account": account}))
        for _ in range(5):
            view = host.send("submit_identity", typed)
        said.add(_reads(view))
        host.start()
        again = typed if account else host.identity()
        said.add(_reads(host.send("submit_identity", again)))
    assert 1 == len(said)
    assert "24時間" in said.pop()


@pytest.mark.rule("M2")
@pytest.mark.parametrize(("procedure", "state"), FINAL, ids=named)
def test_an_ending_names_procedure_and_institution_and_whom_to_call(procedure: Procedure, state: str) -> None:
    """Success screens show what the manual shows; the others say whose they are."""
    host = Host(bank=FakeBank(institutions=[attrs.evolve(INSTITUTION, contact="026-000-0000")]))
    said = _reads(host.at(procedure, state))
    if procedure.chart.states[state].kind is StateKind.ENDING:
        assert f"お手続き：{procedure.chart.title.ja}　お取引JA：JAみほん" in said
        assert "お問い合わせ先：026-000-0000" in said
        assert ("本人確認書類" in said) is (state in {"LOCKED", "REJECTED"})
    assert "お問い合わせ先" not in _reads(Host().at(procedure, state))


@pytest.mark.rule("M2", "S2")
@pytest.mark.parametrize(("procedure", "state"), FINAL, ids=named)
def test_an_ending_asks_for_nothing_that_cannot_be_done_there(procedure: Procedure, state: str) -> None:
    """A button of an old page, one tick after the end as well: nothing can be operated again."""
    host = Host()
    host.at(procedure, state)
    for event in ("extend", "back", "proceed", "cancel"):
        view = host.service.send(host.view.token, event, version=host.view.version - 1)
        said = [text for reason in view.reasons for text in (reason.ja, reason.en)]
        assert not [text for text in said if "もう一度操作" in text or "try again" in text]


@pytest.mark.rule("M2", "S4")
def test_an_ending_of_which_the_order_stands_does_not_say_to_apply_again() -> None:
    """The reasons say what to do next, each what is right after it; the notice of EXPIRED says only that it ended."""
    assert "お申し込みください" not in SCREEN_TEXTS["EXPIRED.notice"].ja
    assert "apply" not in SCREEN_TEXTS["EXPIRED.notice"].en
    for detail in ("limit", "idle", "too_old", "clock"):
        assert "はじめからお申し込みください" in MESSAGES[f"timed_out.{detail}"].ja
        assert "apply again from the beginning" in MESSAGES[f"timed_out.{detail}"].en


@pytest.mark.rule("P7")
@pytest.mark.parametrize(("procedure", "state"), PHONES, ids=named)
def test_who_is_asked_for_the_code_is_not_told_to_call(procedure: Procedure, state: str) -> None:
    """The button that is pressed too early says so of the call that is under way, too."""
    host = Host(policies=WITH_CODES)
    host.at(procedure, state)
    host.call()
    (reason,) = host.send("proceed").reasons
    assert ("phone_not_verified", False, False) == (reason.code, "お電話ください" in reason.ja, "Call" in reason.en)


@pytest.mark.rule("I4", "I5")
@pytest.mark.parametrize("method", ["identity", "LOGIN_ID", "ACCOUNT"])
def test_no_attempt_tells_whether_the_account_exists(method: str) -> None:
    """Seven in a row, each answer and each later look byte for byte: wrong of a known one, right and wrong of none."""
    known = list(_seven(method, {"birth_date": "1999-09-09"} if method == "identity" else {"password": "wrong-0000"}))
    nobody = {"login_id": "nobody9999"} if method == "LOGIN_ID" else {"account": "9999999"}
    wrong = {"birth_date": "1999-09-09"} if method == "identity" else {"password": "wrong-0000"}
    assert known == list(_seven(method, nobody)) == list(_seven(method, {**nobody, **wrong}))


def _seven(method: str, changes: dict[str, str]) -> Iterator[str]:
    host, is_identity = Host(), method == "identity"
    for attempt in range(7):
        if attempt == 0 or host.view.final:
            host.at_bim015() if is_identity else host.at_btr002(method=method)
        typed = host.identity(**changes) if is_identity else host.credentials(method, **changes)
        event = "submit_identity" if is_identity else "submit_credentials"
        for view in (host.send(event, typed), host.look(), host.beside().look()):
            yield dumps({**view.to_dict(), "id": "", "reference": ""}, sort_keys=True)
