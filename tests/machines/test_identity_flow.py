"""Who the customer is, through the whole service (SPEC I): one answer for every mismatch, and a count of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import partial
from types import FrameType
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts import Host, codes, named
from ja_reset import BankUnavailable, Contract, Policies, PortError, Procedure, View
from ja_reset.fields.forms import IdentityForm
from ja_reset.policies import IdentityPolicy
from ja_reset.proofs.attempts import IdentityAttempts
from ja_reset.service._records import IDENTITY_ATTEMPTS
from ja_reset.service.saved import load
from ja_reset.stores.rows import Store
from ja_reset.testing import Customer, FakeBank, FakeClock
from ja_reset.testing.cast import CAST, GAIJI, INSTITUTION, LOCKED, NOT_INDIVIDUAL, OLD_DOCOMO, ORDINARY, VOIP_ONLY

TICK = timedelta(microseconds=1)
DAY = timedelta(hours=24)
BIM = [Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH]
WRONG_DAY = {"birth_date": "1980-04-02"}
WRONG_PASSWORD = {"password": "wrong-1"}

MISMATCHES: dict[str, dict[str, str]] = {
    "name_kana": {"name_kana": "ミホンジロウ"},
    "name_kanji": {"name_kanji": "見本次郎"},
    "kana instead of kanji": {"name_kanji": "ミホンタロウ"},
    "birth_date": WRONG_DAY,
    "phone": {"phone": "090-1234-5611"},
    "email": {"email": "jiro@example.jp", "email_confirm": "jiro@example.jp"},
    "branch": {"branch": "002"},
    "subject": {"subject": "当座"},
    "account": {"account": "0123457"},
    "another customer's account": {"account": GAIJI.account},
}
procedures = pytest.mark.parametrize("procedure", list(Procedure), ids=named)


def asked(host: Host, method: str = "find_contract") -> int:
    """How often the bank was asked for who somebody is."""
    return sum(each == method for each, _ in host.bank.asked)


def open_(host: Host, procedure: Procedure = Procedure.LOGIN_PASSWORD, method: str = "ACCOUNT") -> View:
    """A new session where it is told who one is."""
    if procedure is Procedure.TOKEN_REISSUE:
        return host.at_btr002(method=method)
    return host.at_bim015(procedure)


def prove(host: Host, *, right: bool, method: str = "ACCOUNT", **changes: str) -> View:
    """Tell who one is, rightly or not."""
    if host.view.procedure is Procedure.TOKEN_REISSUE:
        wrong = {} if right else WRONG_PASSWORD
        return host.send("submit_credentials", host.credentials(method, **{**wrong, **changes}))
    wrong = {} if right else WRONG_DAY
    return host.send("submit_identity", host.identity(**{**wrong, **changes}))


def fail(host: Host, times: int, procedure: Procedure = Procedure.LOGIN_PASSWORD, /, **changes: str) -> None:
    """So many failures, each in a session of its own."""
    for _ in range(times):
        open_(host, procedure)
        prove(host, right=False, **changes)


def comparable(view: View) -> dict[str, object]:
    """The answer, but for the session's name."""
    return {name: value for name, value in view.to_dict().items() if name not in {"id", "reference"}}


# The answer (I1, I4, S6) ------------------------------------------------------------------------------------


@pytest.mark.rule("I1", "I4", "S6", "S7")
@pytest.mark.parametrize("procedure", BIM, ids=named)
@pytest.mark.parametrize("mismatch", list(MISMATCHES))
def test_every_mismatch_gets_the_answer_of_an_unknown_account(
    store: Store, procedure: Procedure, mismatch: str
) -> None:
    """Whichever field is wrong: same answer, same questions to the bank, same audit and same counts as for nobody."""
    told, questions, audits, rows = [], [], [], []
    for changes in ({"account": "9999999"}, MISMATCHES[mismatch]):
        host = Host(store=store)
        open_(host, procedure)
        before = len(host.bank.asked)
        told.append(comparable(host.send("submit_identity", host.identity(**changes))))
        questions.append([method for method, _ in host.bank.asked[before:]])
        audits.append([{**each, "session": None} for each in store.audit(session=host.view.id)])
        rows.append({**host.saved(), "id": None, "marks": None})
        assert ["identity_mismatch"] == codes(host.view)
        assert (None, ()) == (host.view.reasons[0].field, host.view.phones)
    assert told[0] == told[1]
    assert questions[0] == questions[1]
    assert audits[0] == audits[1]
    assert rows[0] == rows[1]
    kept = [set(row.body) for row in store.scan(IDENTITY_ATTEMPTS)]
    assert all(each == kept[0] for each in kept)


@pytest.mark.rule("I4", "S6")
@pytest.mark.parametrize("method", ["LOGIN_ID", "ACCOUNT"])
def test_a_wrong_password_gets_the_answer_of_an_unknown_login(method: str) -> None:
    """BTR002: same answer, same questions, whether the login exists or not."""
    unknown = {"login_id": "nobody99"} if method == "LOGIN_ID" else {"account": "9999999"}
    told, questions = [], []
    for changes in (unknown, WRONG_PASSWORD):
        host = Host()
        open_(host, Procedure.TOKEN_REISSUE, method)
        before = len(host.bank.asked)
        told.append(comparable(prove(host, right=True, method=method, **changes)))
        questions.append([each for each, _ in host.bank.asked[before:]])
        assert ["login_mismatch"] == codes(host.view)
    assert told[0] == told[1]
    assert questions[0] == questions[1]


@pytest.mark.rule("I4", "S6", "E3", "I6", "P1")
@pytest.mark.parametrize("procedure", list(Procedure), ids=named)
@pytest.mark.parametrize("customer", [LOCKED, NOT_INDIVIDUAL, VOIP_ONLY], ids=lambda each: each.ref)
def test_what_hinders_a_contract_is_told_only_after_its_identity(procedure: Procedure, customer: Customer) -> None:
    """A locked, corporate or phoneless contract answers a mismatch as any other does; proved, it is told why not."""
    host = Host(customer=customer)
    open_(host, procedure)
    changes = WRONG_PASSWORD if procedure is Procedure.TOKEN_REISSUE else {"birth_date": "1980-04-02"}
    prove(host, right=True, **changes)
    mismatch = "login_mismatch" if procedure is Procedure.TOKEN_REISSUE else "identity_mismatch"
    assert ([mismatch], False) == (codes(host.view), host.view.final)
    prove(host, right=True)
    expected = {
        LOCKED.ref: ("LOCKED", ["locked"]),
        NOT_INDIVIDUAL.ref: ("REJECTED", ["not_individual"]),
        VOIP_ONLY.ref: ("REJECTED", ["no_phone"]),
    }
    assert expected[customer.ref] == (host.view.state, codes(host.view))
    assert () == host.view.phones


@pytest.mark.rule("I6", "E3", "P1")
@procedures
@given(
    locked=st.sampled_from([None, "service_locked", "card_locked", "pins"]), corporate=st.booleans(), bare=st.booleans()
)
def test_of_several_hindrances_the_first_is_told(
    procedure: Procedure, locked: str | None, corporate: bool, bare: bool
) -> None:
    """Locked, then not individual, then no phone; the bank's flags and our own count lock alike."""
    host = Host()
    if locked == "pins":
        host.at_bim017()
        for _ in range(3):
            host.send("submit_reset", host.reset(pin="0000"))
        host.bank.unlock(ORDINARY.ref)
    elif locked is not None:
        host.bank.change(ORDINARY.ref, **{locked: True})
    if corporate:
        host.bank.change(ORDINARY.ref, individual=False)
    phones = ("050-3123-4567", "no number") if bare else ORDINARY.contract.phones
    open_(host, procedure)
    if bare:  # the phone that is typed has to be registered all the same
        host.bank.change(ORDINARY.ref, phones=phones)
    prove(host, right=True, **({"phone": "050-3123-4567"} if bare and procedure is not Procedure.TOKEN_REISSUE else {}))
    if locked:
        expected = ("LOCKED", ["locked"])
    elif corporate:
        expected = ("REJECTED", ["not_individual"])
    elif bare:
        expected = ("REJECTED", ["no_phone"])
    else:
        expected = ("BTR003" if procedure is Procedure.TOKEN_REISSUE else "BIM016", [])
    assert expected == (host.view.state, codes(host.view))


@pytest.mark.rule("S6", "M4")
def test_nothing_of_the_contract_is_shown_before_and_after_the_proof() -> None:
    """The phones are there on BIM016 alone: not before, not after 戻る, and under other names the next time."""
    host = Host()
    assert () == host.at_bim015().phones
    first = prove(host, right=True).phones
    assert 3 == len(first)
    assert () == host.send("back").phones
    assert ORDINARY.ref not in repr(host.saved())
    second = prove(host, right=True).phones
    assert {phone.id for phone in first}.isdisjoint(phone.id for phone in second)
    assert [phone.masked for phone in first] == [phone.masked for phone in second]


# The rule of matching (I1-I3, I7) ---------------------------------------------------------------------------


@pytest.mark.rule("I1", "I2", "F4")
@pytest.mark.parametrize(
    "changes",
    [
        {"name_kana": "ﾐﾎﾝ ﾀﾛｳ"},
        {"name_kanji": "見本　太郎"},
        {"email": "TARO@Example.JP", "email_confirm": "taro@EXAMPLE.jp"},
        {"phone": "+81 26 234 5603"},
        {"phone": "184-080-1234-5602"},
        {"branch": "００１", "account": "０１２３４５６"},
    ],
    ids=["half width", "blank", "case", "landline", "184", "full width"],
)
def test_other_spellings_of_the_truth_match(changes: dict[str, str]) -> None:
    """Width, blanks, letter case and phone formats make no difference, and any registered phone will do."""
    host = Host()
    host.at_bim015()
    assert "BIM016" == host.send("submit_identity", host.identity(**changes)).state


@pytest.mark.rule("I2", "F5")
def test_the_registered_data_are_normalised_too() -> None:
    """Half-width kana, blanks, old mobile addresses and bare digits on file match what is typed in full."""
    host = Host(customer=OLD_DOCOMO)
    host.at_bim015()
    typed = host.identity(name_kana="モリジロウ", name_kanji="森次郎", phone="090-1234-5651")
    assert "BIM016" == host.send("submit_identity", typed).state


@pytest.mark.rule("I3")
@pytest.mark.parametrize(
    ("started", "name", "proves"),
    [
        (date(2021, 2, 15), "髙橋花子", True),
        (date(2021, 2, 16), "髙橋花子", False),
        (date(2019, 4, 1), "高橋花子", False),
        (date(2019, 4, 1), "高橋\u2f94子", True),
        (date(2019, 4, 1), "葛\U000e0100城花子", True),
    ],
    ids=["last day", "day after", "no gaiji", "radical", "variant"],
)
def test_kana_stand_in_for_gaiji_only(started: date, name: str, proves: bool) -> None:
    """Service started by the day, a character outside JIS X 0208 as registered: then the kana name will do."""
    host = Host(customer=GAIJI)
    host.bank.change(GAIJI.ref, service_started=started, name_kanji=name)
    host.at_bim015()
    view = host.send("submit_identity", host.identity(name_kanji=GAIJI.contract.name_kana))
    assert ("BIM016" if proves else "BIM015") == view.state
    if not proves:
        assert ["identity_mismatch"] == codes(view)
        assert "BIM016" == host.send("submit_identity", host.identity(name_kanji=name)).state


@pytest.mark.rule("F3")
@pytest.mark.parametrize(
    ("utc", "born", "expected"),
    [
        ("2026-04-01T14:59:59+00:00", "2026-04-02", "format"),
        ("2026-04-01T15:00:00+00:00", "2026-04-02", "identity_mismatch"),
        ("2026-04-01T15:00:00+00:00", "2026-04-03", "format"),
    ],
)
def test_today_is_the_date_in_tokyo(utc: str, born: str, expected: str) -> None:
    """Whoever is born today is born at most today in Japan, nine hours ahead of UTC."""
    host = Host(clock=FakeClock(datetime.fromisoformat(utc)))
    host.at_bim015()
    assert [expected] == codes(host.send("submit_identity", host.identity(birth_date=born)))


class Listening(FakeBank):
    """A bank that keeps what it was asked for in whole."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[object, ...]] = []

    def find_contract(self, institution: str, branch: str, subject: str, account: str, /) -> Contract | None:
        """As ever."""
        self.heard.append((institution, branch, subject, account))
        return super().find_contract(institution, branch, subject, account)


@pytest.mark.rule("E1", "I1")
@pytest.mark.parametrize("customer", [ORDINARY, LOCKED], ids=["普通", "当座"])
def test_a_contract_is_looked_for_by_the_representative_account_alone(customer: Customer) -> None:
    """Institution, branch, subject and account, as they were typed and nothing else."""
    bank = Listening()
    host = Host(bank=bank, customer=customer)
    host.at_bim015()
    host.send("submit_identity", host.identity(account=f" {customer.account} "))
    assert [(INSTITUTION.id, customer.branch, customer.subject, customer.account)] == bank.heard


@pytest.mark.rule("I4")
def test_the_whole_turn_does_the_same_for_an_unknown_account() -> None:
    """The same steps of the comparison are taken with one wrong field as without an account, number by number apart."""

    def steps(**changes: str) -> list[str]:
        host = Host()
        host.at_bim015()
        seen: list[str] = []

        def note(frame: FrameType, event: str, _argument: object) -> None:
            step = frame.f_code.co_name  # _same: once for each registered number
            if event == "call" and frame.f_globals.get("__name__") == "ja_reset.proofs._identity" and step != "_same":
                seen.append(step)

        before = sys.getprofile()
        sys.setprofile(note)
        try:
            view = host.send("submit_identity", host.identity(**changes))
        finally:
            sys.setprofile(before)
        assert ["identity_mismatch"] == codes(view)
        return seen

    known, unknown = steps(**WRONG_DAY), steps(account="9999999")
    assert 1 == unknown.count("matches")
    assert known == unknown


class OwnRule(FakeBank):
    """A core-banking system that only answers yes or no."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.verdict = answer
        self.compared: list[tuple[str, str]] = []

    def identity_matches(self, contract: Contract, form: IdentityForm, /) -> bool:
        """What it was made to say."""
        self.compared.append((contract.ref, form.name_kana))
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict  # type: ignore[return-value]  # nonsense is a case


@pytest.mark.rule("I7")
@pytest.mark.parametrize("verdict", [True, False])
def test_the_bank_may_bring_a_matching_rule_of_its_own(verdict: bool) -> None:
    """Its yes or no decides in place of ours, for right data and wrong, and is asked for the contract and the form."""
    bank = OwnRule(verdict)
    host = Host(bank=bank)
    for changes in ({}, WRONG_DAY):
        host.at_bim015()
        view = host.send("submit_identity", host.identity(**changes))
        assert ("BIM016", []) == (view.state, codes(view)) if verdict else ["identity_mismatch"] == codes(view)
    assert [(ORDINARY.ref, "ミホンタロウ")] * 2 == bank.compared


@pytest.mark.rule("I7", "I4")
@pytest.mark.parametrize("verdict", [True, False, None, KeyError("decoy")], ids=repr)
def test_a_rule_of_the_banks_own_proves_no_unknown_account(verdict: object) -> None:
    """Even a bank that says yes to everything, or does not know the decoy that it is asked about all the same."""
    bank = OwnRule(verdict)
    host = Host(bank=bank)
    host.at_bim015()
    assert ["identity_mismatch"] == codes(host.send("submit_identity", host.identity(account="9999999")))
    assert [("decoy", "ミホンタロウ")] == bank.compared


@pytest.mark.rule("I7", "I4")
@pytest.mark.parametrize("verdict", [False, BankUnavailable("no line")], ids=repr)
def test_a_rule_of_the_banks_own_is_asked_as_often_for_an_unknown_account(verdict: object) -> None:
    """The same questions and the same answer, whether the account exists or not, and where the rule is silent."""
    seen = []
    for account in (ORDINARY.account, "9999999"):
        bank = OwnRule(verdict)
        host = Host(bank=bank)
        host.at_bim015()
        view = host.send("submit_identity", host.identity(account=account, **WRONG_DAY))
        seen.append((codes(view), view.version, [method for method, _ in bank.asked], len(bank.compared)))
    assert seen[0] == seen[1]


@pytest.mark.rule("I7", "I5", "C6")
def test_a_silent_rule_of_the_banks_own_costs_nothing() -> None:
    """No answer from it is no answer of the bank."""
    bank = OwnRule(BankUnavailable("no line"))
    host = Host(bank=bank)
    host.at_bim015()
    for _ in range(7):
        assert ["temporarily_unavailable"] == codes(prove(host, right=True))
    bank.verdict = True
    assert "BIM016" == prove(host, right=True).state


@pytest.mark.rule("I7", "A8")
@pytest.mark.parametrize("nonsense", [None, 1, "yes"])
def test_nonsense_of_the_banks_rule_is_an_error_and_no_proof(nonsense: object) -> None:
    """What is no bool raises a documented error, proves nothing and costs no try."""
    host = Host(bank=OwnRule(nonsense))
    view = host.at_bim015()
    with pytest.raises(PortError):
        prove(host, right=True)
    assert (view.state, 0, []) == (
        host.look().state,
        host.saved().get("tries", 0),
        list(host.store.scan(IDENTITY_ATTEMPTS)),
    )


# Attempts (I5) ----------------------------------------------------------------------------------------------


@pytest.mark.rule("I5")
@procedures
@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_the_last_failure_of_a_session_ends_it(store: Store, procedure: Procedure, attempts: int) -> None:
    """So many failures, each for another account: with the last one REJECTED, with the reason as ever."""
    host = Host(store=store, policies=Policies(identity=IdentityPolicy(identity_attempts=attempts)))
    open_(host, procedure)
    mismatch = "login_mismatch" if procedure is Procedure.TOKEN_REISSUE else "identity_mismatch"
    for n in range(attempts):
        assert not host.view.final
        prove(host, right=True, account=f"900000{n}")
        assert [mismatch] == codes(host.view)
    assert "REJECTED" == host.view.state


@pytest.mark.rule("I5")
@procedures
def test_the_last_failure_of_an_account_ends_the_session(store: Store, procedure: Procedure) -> None:
    """Four failures in four sessions, then a fifth session: with its first failure REJECTED, and right or not later."""
    host = Host(store=store)
    fail(host, 4, procedure)
    assert not host.view.final
    fail(host, 1, procedure)
    mismatch = "login_mismatch" if procedure is Procedure.TOKEN_REISSUE else "identity_mismatch"
    assert ("REJECTED", [mismatch]) == (host.view.state, codes(host.view))
    questions = len(host.bank.asked)
    for right in (True, False):
        open_(host, procedure)
        prove(host, right=right)
        assert ("REJECTED", [mismatch]) == (host.view.state, codes(host.view))
    assert {"institution"} == {method for method, _ in host.bank.asked[questions:]}


@pytest.mark.rule("I5", "S6")
def test_past_the_limit_right_answers_look_like_wrong_ones() -> None:
    """Neither answer nor questions to the bank differ, known account or not."""
    told, questions = [], []
    for changes in ({}, {"account": "9999999"}):
        for right in (True, False):
            host = Host()
            fail(host, 5, Procedure.LOGIN_PASSWORD, **changes)
            open_(host)
            before = len(host.bank.asked)
            told.append(comparable(prove(host, right=right, **changes)))
            questions.append([method for method, _ in host.bank.asked[before:]])
    assert all(each == told[0] for each in told)
    assert all(each == questions[0] for each in questions)


@pytest.mark.rule("I5")
@pytest.mark.parametrize("procedure", [Procedure.LOGIN_PASSWORD, Procedure.TOKEN_REISSUE], ids=named)
def test_the_window_is_of_the_first_failure_and_nothing_lengthens_it(store: Store, procedure: Procedure) -> None:
    """Through its last instant the account stays shut, whatever is tried meanwhile; a microsecond later it is free."""
    host = Host(store=store)
    fail(host, 1, procedure)
    opened = host.clock.now
    host.clock.advance(DAY / 2)
    fail(host, 4, procedure)
    for moment in (DAY * 3 / 4, DAY - TICK, DAY):
        host.clock.advance(opened + moment - host.clock.now)
        for right in (True, False):
            open_(host, procedure)
            assert "REJECTED" == prove(host, right=right).state
    host.clock.advance(TICK)
    open_(host, procedure)
    assert ("BTR003" if procedure is Procedure.TOKEN_REISSUE else "BIM016") == prove(host, right=True).state


@pytest.mark.rule("I5")
def test_after_the_window_all_tries_are_there_again() -> None:
    """The new window begins with its own first failure."""
    host = Host()
    fail(host, 5)
    host.clock.advance(DAY + TICK)
    fail(host, 4)
    assert ("BIM015", ["identity_mismatch"]) == (host.view.state, codes(host.view))
    host.clock.advance(DAY)
    fail(host, 1)
    assert "REJECTED" == host.view.state


@pytest.mark.rule("I5")
def test_purging_frees_no_account_before_its_time() -> None:
    """The counts outlive the maintenance for as long as they say something, and no longer."""
    host = Host()
    fail(host, 5)
    host.clock.advance(DAY)
    host.service.purge()
    open_(host)
    assert "REJECTED" == prove(host, right=True).state
    host.clock.advance(TICK)
    host.service.purge()
    assert [] == host.store.scan(IDENTITY_ATTEMPTS)


@pytest.mark.rule("I5", "F12")
def test_failures_on_btr002_and_bim015_count_together() -> None:
    """The representative account is one account, wherever it is typed and however wide."""
    host = Host()
    fail(host, 2, Procedure.LOGIN_PASSWORD)
    fail(host, 2, Procedure.TOKEN_REISSUE, branch="００１", account="０１２３４５６")
    fail(host, 1, Procedure.RISK_BASED_AUTH)
    assert "REJECTED" == host.view.state
    open_(host, Procedure.TOKEN_REISSUE)
    assert "REJECTED" == prove(host, right=True).state


@pytest.mark.rule("I5", "F8")
def test_login_ids_count_without_letter_case() -> None:
    """TARO0001, taro0001 and ｔａｒｏ０００１ are one login id; another one, and the account, count for themselves."""
    host = Host()
    for login_id in ("taro0001", "TARO0001", "ｔａｒｏ０００１", "Taro0001", " taro0001 "):
        open_(host, Procedure.TOKEN_REISSUE, "LOGIN_ID")
        prove(host, right=False, method="LOGIN_ID", login_id=login_id)
    assert "REJECTED" == host.view.state
    open_(host, Procedure.TOKEN_REISSUE, "LOGIN_ID")
    assert "REJECTED" == prove(host, right=True, method="LOGIN_ID").state
    open_(host, Procedure.TOKEN_REISSUE, "ACCOUNT")
    assert "BTR003" == prove(host, right=True).state


@pytest.mark.rule("I5")
@pytest.mark.parametrize("changes", [{"branch": "002"}, {"subject": "当座"}, {"account": "0123457"}], ids=str)
def test_another_account_counts_for_itself(changes: dict[str, str]) -> None:
    """Branch, subject and number together name an account."""
    host = Host()
    fail(host, 5, Procedure.LOGIN_PASSWORD, **changes)
    assert "REJECTED" == host.view.state
    open_(host)
    assert "BIM016" == prove(host, right=True).state


@pytest.mark.rule("I5")
def test_another_institutions_account_counts_for_itself() -> None:
    """The same digits at another institution are another account."""
    there = attrs.evolve(INSTITUTION, id="ja-9999")
    namesake = attrs.evolve(ORDINARY, institution="ja-9999")
    host = Host(bank=FakeBank(CAST, (INSTITUTION, there)), customer=namesake)
    fail(host, 5)
    host.customer = ORDINARY
    open_(host)
    assert "BIM016" == prove(host, right=True).state


@pytest.mark.rule("I5", "L4")
@procedures
def test_a_field_error_costs_nothing_and_reaches_no_port(procedure: Procedure) -> None:
    """However often: no try, no question; all right answers are still let in."""
    host = Host()
    open_(host, procedure)
    host.look()
    before = [each for each in host.bank.asked if each[0] != "institution"]
    for changes in ({"account": "12345678"}, {"account": "12345a7"}, {"branch": ""}) * 3:
        view = prove(host, right=True, **changes)
        assert {"account", "branch"} >= {reason.field for reason in view.reasons}
        assert view.reasons
    assert before == [each for each in host.bank.asked if each[0] != "institution"]
    assert [] == host.store.scan(IDENTITY_ATTEMPTS)
    assert not prove(host, right=True).reasons


@pytest.mark.rule("I5", "C6")
@procedures
@pytest.mark.parametrize("after", [False, True], ids=["unanswered", "answer lost"])
def test_a_try_that_the_bank_did_not_answer_is_taken_back(store: Store, procedure: Procedure, after: bool) -> None:
    """`temporarily_unavailable` any number of times, right or wrong, costs neither the session nor the account."""
    host = Host(store=store)
    fail(host, 4, procedure)
    open_(host, procedure)
    method = "check_login" if procedure is Procedure.TOKEN_REISSUE else "find_contract"
    for right in (True, False) * 3:
        host.bank.fail(method, BankUnavailable, after=after)
        assert ["temporarily_unavailable"] == codes(prove(host, right=right))
        assert not host.view.final
    assert not prove(host, right=True).reasons


@pytest.mark.rule("I5", "A8")
@procedures
def test_a_try_at_which_the_bank_broke_is_taken_back(procedure: Procedure) -> None:
    """Whatever the bank raises reaches the host unchanged, and the session goes on as if nothing had been asked."""
    host = Host()
    fail(host, 4, procedure)
    view = open_(host, procedure)
    method = "check_login" if procedure is Procedure.TOKEN_REISSUE else "find_contract"
    for error in (RuntimeError("boom"), KeyboardInterrupt()):
        host.bank.fail(method, error)
        with pytest.raises(type(error)) as raised:
            prove(host, right=True)
        assert error is raised.value
        assert view.state == host.look().state
    assert not prove(host, right=True).reasons


@pytest.mark.rule("I5")
@pytest.mark.parametrize("account", [ORDINARY.account, GAIJI.account], ids=["same account", "another"])
def test_a_process_that_dies_with_a_try_gains_none(account: str) -> None:
    """What nobody took back counts for the session and for the account: with one try in all there is no second."""
    host = Host(policies=Policies(identity=IdentityPolicy(identity_attempts=1)))
    open_(host)
    host.bank.fail("find_contract", GeneratorExit())  # the flow is dropped as it stands
    with pytest.raises(GeneratorExit):
        prove(host, right=True)
    host.clock.advance(61)
    host.look()
    assert ("REJECTED", ["identity_mismatch"]) == (prove(host, right=True, account=account).state, codes(host.view))
    assert 1 == asked(host)
    open_(host)
    assert "REJECTED" == prove(host, right=True).state


@pytest.mark.rule("I5")
@procedures
def test_a_right_try_is_taken_back_and_clears_nothing(procedure: Procedure) -> None:
    """Right answers cost nothing, however many; the failures before them stand."""
    host = Host()
    fail(host, 4, procedure)
    for _ in range(6):
        open_(host, procedure)
        assert not prove(host, right=True).reasons
        host.send("cancel")
    fail(host, 1, procedure)
    assert "REJECTED" == host.view.state


@pytest.mark.rule("I5", "M4")
def test_going_back_gives_a_session_no_more_tries() -> None:
    """The count of a session outlives 戻る, and being proved in between."""
    host = Host()
    open_(host)
    for n in range(4):
        prove(host, right=True, account=f"900000{n}")
    prove(host, right=True)
    host.send("back")
    assert "REJECTED" == prove(host, right=True, account="9000009").state


@pytest.mark.rule("I5", "S2")
def test_a_stale_or_doubled_event_costs_no_try() -> None:
    """An older version is refused, a request repeated is answered again, before anything is counted."""
    host = Host()
    open_(host)
    old = host.view
    prove(host, right=False)
    for _ in range(7):
        again = host.service.send(old.token, "submit_identity", host.identity(**WRONG_DAY), version=old.version)
        assert "stale" == codes(again)[0]
    for _ in range(7):
        host.service.send(old.token, "submit_identity", host.identity(**WRONG_DAY), request_id="one")
    assert 2 == host.saved()["tries"]


@pytest.mark.rule("I5", "L6")
def test_unlocking_clears_the_counts_of_account_and_login_id() -> None:
    """The host's unlock opens what the failures had shut, and nothing else."""
    host = Host()
    fail(host, 5)
    fail(host, 5, account=GAIJI.account)
    for _ in range(5):
        open_(host, Procedure.TOKEN_REISSUE, "LOGIN_ID")
        prove(host, right=False, method="LOGIN_ID")
    typed: dict[str, Any] = {"branch": ORDINARY.branch, "subject": ORDINARY.subject, "account": ORDINARY.account}
    host.service.unlock(INSTITUTION.id, **typed)
    open_(host)
    assert "BIM016" == prove(host, right=True).state
    open_(host, Procedure.TOKEN_REISSUE, "LOGIN_ID")
    assert "REJECTED" == prove(host, right=True, method="LOGIN_ID").state
    host.service.unlock(INSTITUTION.id, **typed, login_id="TARO0001")
    open_(host, Procedure.TOKEN_REISSUE, "LOGIN_ID")
    assert "BTR003" == prove(host, right=True, method="LOGIN_ID").state
    open_(host)
    assert "REJECTED" == prove(host, right=False, account=GAIJI.account).state


# Side by side (I5) ------------------------------------------------------------------------------------------


def at_once(host: Host, method: str, steps: Iterable[Callable[[], object]]) -> None:
    """Take the steps, those that are left within the bank's answer to each *method*: nested as deep as can be."""
    left = iter(list(steps))

    def take(asked_for: str) -> None:
        if asked_for == method:
            for step in left:
                step()

    host.bank.before = take
    for step in left:
        step()
    host.bank.before = None


@pytest.mark.rule("I5")
@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
@procedures
def test_side_by_side_the_bank_gets_no_more_questions_than_there_are_tries(
    store: Store, procedure: Procedure, right: bool
) -> None:
    """Nine sessions, each within the bank's answer to the other: five are asked about, the others may try again."""
    host = Host(store=store)
    method = "check_login" if procedure is Procedure.TOKEN_REISSUE else "find_contract"
    sessions = [host.beside() for _ in range(9)]
    for each in sessions:
        open_(each, procedure)
    at_once(host, method, [partial(prove, each, right=right) for each in sessions])
    assert 5 == asked(host, method)
    here = open_(host, procedure).state
    mismatch = "login_mismatch" if procedure is Procedure.TOKEN_REISSUE else "identity_mismatch"
    told = [(each.view.state, *codes(each.view)) for each in sessions]
    assert [(here, "in_progress")] * 4 == told[5:]
    if right:
        assert [("BTR003" if procedure is Procedure.TOKEN_REISSUE else "BIM016",)] * 5 == told[:5]
        assert [] == store.scan(IDENTITY_ATTEMPTS)
    else:
        assert [("REJECTED", mismatch)] + [(here, mismatch)] * 4 == told[:5]
        assert ("REJECTED", [mismatch]) == (prove(host, right=True).state, codes(host.view))
    retried = prove(sessions[-1], right=True)
    assert ("REJECTED" if not right else "BTR003" if here == "BTR002" else "BIM016") == retried.state


@pytest.mark.rule("I5")
@given(st.lists(st.booleans(), min_size=1, max_size=9), st.integers(1, 4))
def test_the_count_after_any_nesting_is_that_of_the_failures(rights: list[bool], attempts: int) -> None:
    """Whoever is asked in the midst of whom: no more wrong answers from the bank than tries, and none forgotten."""
    host = Host(policies=Policies(identity=IdentityPolicy(identity_attempts=attempts)))
    sessions = [host.beside() for _ in rights]
    for each in sessions:
        open_(each)
    at_once(
        host, "find_contract", [partial(prove, each, right=right) for each, right in zip(sessions, rights, strict=True)]
    )
    failed = sum("identity_mismatch" in codes(each.view) for each in sessions)
    counted = [load(IdentityAttempts, row.body, IDENTITY_ATTEMPTS) for row in host.store.scan(IDENTITY_ATTEMPTS)]
    assert min(failed, attempts) == sum(tries.settled for tries in counted) == sum(tries.count for tries in counted)
    assert asked(host) <= attempts + sum(each.view.state == "BIM016" for each in sessions)


@pytest.mark.rule("I5", "S2")
def test_two_tabs_of_one_session_get_one_try() -> None:
    """While the first submit is under way the second of the same session is refused, and costs no try."""
    host = Host()
    open_(host)
    tab = host.beside()
    at_once(host, "find_contract", [partial(prove, each, right=False) for each in (host, tab, tab)])
    assert 1 == host.saved()["tries"]
    assert 1 == asked(host)
    assert {"stale", "in_progress"} >= set(codes(tab.view))
