"""Versions, double clicks and retries (S2, S2a)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts import LIVE, WITH_CODES, Host, named
from ja_reset import BankUnavailable, Call, CallSource, PinCheck, Presentation, Procedure, ResetService, View
from ja_reset.errors import StoreError
from ja_reset.service._records import IDENTITY_ATTEMPTS, PIN_ATTEMPTS, REQUEST, SESSION
from ja_reset.testing.cast import ORDINARY
from runs import LOCKS_TOLD, Crash, Life, Person, World

REF = ORDINARY.ref
LOGIN = Procedure.LOGIN_PASSWORD
MODES = [(procedure, state) for procedure, state in LIVE if state != "COMPLETING"]


def codes(view: View) -> list[str]:
    """The codes of the reasons."""
    return [reason.code for reason in view.reasons]


def host_for(state: str) -> Host:
    """A host whose charts can be driven to that state."""
    return Host(policies=WITH_CODES) if state == "PHONE_KEYS" else Host()


def asked(host: Host, method: str) -> int:
    """How often the bank was asked this."""
    return sum(each == method for each, _ in host.bank.asked)


def during(host: Host, method: str, act: Callable[[], object]) -> list[object]:
    """Let something happen while the bank is asked the next time; what came of it."""
    results: list[object] = []

    def before(name: str) -> None:
        if name == method:
            host.bank.before = None
            results.append(act())

    host.bank.before = before
    return results


# Versions ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("S2")
@pytest.mark.parametrize(("procedure", "state"), MODES, ids=named)
def test_an_older_version_is_refused_and_changes_nothing(procedure: Procedure, state: str) -> None:
    """An event under any other version than the present one gets `stale` with the present screen, wherever it is."""
    host = host_for(state)
    view = host.at(procedure, state)
    saved = host.row()
    for version in {1, view.version - 1, view.version + 1, 0, -1} - {view.version}:
        for event in view.events:
            if event not in {"proceed", "extend"}:
                stale = host.service.send(view.token, event, {}, version=version)
                assert "stale" == codes(stale)[0]
                assert (view.state, view.version, view.screen) == (stale.state, stale.version, stale.screen)
    assert saved == host.row()
    host.bank.asked.clear()
    host.service.send(view.token, "cancel", version=view.version - 1)
    assert [] == host.bank.asked
    assert "CANCELLED" == host.send("cancel").state


@pytest.mark.rule("S2")
@given(version=st.one_of(st.booleans(), st.floats(), st.text(), st.just(10**30)))
def test_a_version_of_whatever_type_is_no_other_version(version: object) -> None:
    """What is not the int of the present version is stale, a bool and an equal float too."""
    host = Host()
    host.start()
    view = host.service.send(host.view.token, "cancel", version=version)  # type: ignore[arg-type]
    assert ("BIM015", "stale") == (view.state, codes(view)[0])


@pytest.mark.rule("S2", "L4")
def test_a_stale_event_costs_no_attempt() -> None:
    """A wrong PIN under an old version is not checked."""
    host = Host()
    view = host.at_bim017()
    host.service.send(view.token, "submit_reset", host.reset(pin="9999"), version=1)
    assert (0, 3) == (asked(host, "check_pin"), host.look().tries_left)


@pytest.mark.rule("S2")
@pytest.mark.parametrize(("procedure", "state"), LIVE, ids=named)
def test_looking_raises_no_version(procedure: Procedure, state: str) -> None:
    """Looks, and a call that proves nothing, leave version and row as they were."""
    host = host_for(state)
    view = host.at(procedure, state)
    row = host.row()
    for _ in range(3):
        assert view.version == host.look().version
    assert row == host.row()
    host.call("03-9999-9999")
    assert view.version == host.look().version


@pytest.mark.rule("S2")
def test_versions_begin_with_one_and_only_grow() -> None:
    """The first answer has version 1, and every move to another screen a higher one than before."""
    host = Host()
    versions = [host.start().version]
    versions.append(host.send("submit_identity", host.identity()).version)
    versions.append(host.send("choose_phone", host.phone()).version)
    host.call()
    versions.append(host.look().version)
    versions.append(host.send("submit_reset", host.reset()).version)
    assert 1 == versions[0]
    assert versions == sorted(set(versions))
    assert all(type(version) is int for version in versions)


# The same request twice -------------------------------------------------------------------------------------


@pytest.mark.rule("S2")
@pytest.mark.parametrize(
    ("state", "event"), [("BIM015", "submit_identity"), ("BIM016", "choose_phone"), ("BIM017", "submit_reset")]
)
def test_the_same_request_takes_effect_once_and_has_one_answer(state: str, event: str) -> None:
    """Sent again under its id, with the same or other data or event, an event has its first answer, whole."""
    host = Host()
    view = host.at(LOGIN, state)
    forms: dict[str, Callable[[], dict[str, str]]] = {
        "submit_identity": host.identity,
        "choose_phone": host.phone,
        "submit_reset": host.reset,
    }
    typed = forms[event]()
    first = host.send(event, typed, request_id="r1")
    host.bank.asked.clear()
    send = host.service.send
    for data, name, version in (
        (typed, event, view.version), ({}, event, view.version), (typed, "cancel", None), (None, "nonsense", 77)
    ):  # fmt: skip
        assert first == send(view.token, name, data, version=version, request_id="r1")
    assert [] == host.bank.asked
    assert first.to_dict() == host.look().to_dict()


@pytest.mark.rule("S2", "L3")
def test_a_wrong_pin_sent_twice_counts_once_and_shows_the_counts_of_then() -> None:
    """A retry under the same id gets the first answer with its counts, though the count has gone on elsewhere."""
    host = Host()
    host.at_bim017()
    host.clock.advance(1)
    other = host.beside()
    other.at_bim017(Procedure.RISK_BASED_AUTH)
    first = host.send("submit_reset", host.reset(pin="9999"), request_id="r1")
    assert 2 == first.tries_left
    other.send("submit_reset", other.reset(pin="9999"))
    assert first == host.send("submit_reset", host.reset(pin="9999"), request_id="r1")
    assert (2, 1) == (asked(host, "check_pin"), host.look().tries_left)
    right = host.service.send(first.token, "submit_reset", host.reset(), version=first.version, request_id="r1")
    assert first == right, "other data under the same id"
    assert 2 == asked(host, "check_pin")


@pytest.mark.rule("S2")
def test_the_answer_is_the_same_after_the_session_has_moved_on() -> None:
    """A call has moved the session on meanwhile: the retry of the last request still gets its own answer."""
    host = Host()
    host.at_bim016()
    typed = host.phone()
    first = host.send("choose_phone", typed, request_id="r1")
    host.call()
    assert "BIM017" == host.service.view(first.token).state
    assert first == host.service.send(first.token, "choose_phone", typed, request_id="r1")
    assert "BIM017" == host.service.view(first.token).state


@pytest.mark.rule("S2")
@pytest.mark.parametrize("end", ["DONE", "LOCKED", "COMPLETING"])
def test_the_answer_of_the_last_step_is_given_again(end: str) -> None:
    """The retry of the request that ended the session gets the same end, and orders nothing more."""
    host = Host()
    view = host.at_bim017()
    if end == "LOCKED":
        for _ in range(2):
            host.send("submit_reset", host.reset(pin="9999"))
        view = host.view
    elif end == "COMPLETING":
        host.bank.fail("carry_out", BankUnavailable)
    typed = host.reset(pin="9999") if end == "LOCKED" else host.reset()
    first = host.send("submit_reset", typed, request_id="r1")
    assert end == first.state
    done = list(host.bank.carried_out)
    again = host.service.send(view.token, "submit_reset", typed, version=view.version, request_id="r1")
    assert first == again
    assert done == host.bank.carried_out


@pytest.mark.rule("S2")
def test_a_refused_field_is_remembered_too() -> None:
    """A form with errors under an id has the same errors under that id, though it is right now."""
    host = Host()
    host.start()
    first = host.send("submit_identity", host.identity(account=""), request_id="r1")
    assert ["required"] == codes(first)
    assert first == host.send("submit_identity", host.identity(), request_id="r1")
    assert "BIM016" == host.send("submit_identity", host.identity(), request_id="r2").state


@pytest.mark.rule("S2", "C6")
@pytest.mark.parametrize(
    ("state", "event", "method"),
    [
        ("BIM015", "submit_identity", "find_contract"),
        ("BIM016", "choose_phone", "contract"),
        ("BIM017", "submit_reset", "contract"),
        ("BTR002", "submit_credentials", "check_login"),
        ("BTR003", "submit_details", "contract"),
    ],
)
@pytest.mark.parametrize("error", [BankUnavailable(), RuntimeError()], ids=repr)
def test_a_request_that_took_no_effect_can_be_made_again(state: str, event: str, method: str, error: Exception) -> None:
    """A silent bank, or one that raises, is not remembered under the id: the retry of that version is answered."""
    host = Host()
    view = host.at(LOGIN if state.startswith("BIM") else Procedure.TOKEN_REISSUE, state)
    forms: dict[str, Callable[[], dict[str, str]]] = {
        "submit_identity": host.identity,
        "choose_phone": host.phone,
        "submit_reset": host.reset,
        "submit_credentials": host.credentials,
        "submit_details": host.details,
    }
    typed = forms[event]()

    def send() -> View:
        return host.service.send(view.token, event, typed, version=view.version, request_id="r1")

    for _ in range(2):
        host.bank.fail(method, error)
        if isinstance(error, BankUnavailable):
            assert (state, ["temporarily_unavailable"]) == ((silent := send()).state, codes(silent))
        else:
            with pytest.raises(RuntimeError):
                send()
    answer = send()
    assert state != answer.state
    asked_so_far = len(host.bank.asked)
    assert answer == send()
    assert asked_so_far == len(host.bank.asked)


@pytest.mark.rule("S2", "L5")
def test_a_pin_that_was_not_checked_can_be_sent_again_under_its_id() -> None:
    """`NOT_CHECKED` took no effect: the retry has the PIN checked, once."""
    host = Host()
    view = host.at_bim017()
    host.bank.answer("check_pin", PinCheck.NOT_CHECKED)
    for expected in ("BIM017", "DONE", "DONE"):
        answer = host.service.send(view.token, "submit_reset", host.reset(), version=view.version, request_id="r1")
        assert expected == answer.state
    assert 2 == asked(host, "check_pin")


@pytest.mark.rule("S2", "L5", "L3")
def test_a_pin_that_was_perhaps_checked_is_not_sent_twice_under_one_id() -> None:
    """It may have taken effect: the retry costs no second attempt and gets the first answer; a new id has a new one."""
    host = Host()
    view = host.at_bim017()
    host.bank.fail("check_pin", BankUnavailable)
    first = host.send("submit_reset", host.reset(), request_id="r1")
    assert (["temporarily_unavailable"], 2) == (codes(first), first.tries_left)
    send = host.service.send
    assert first == send(view.token, "submit_reset", host.reset(), version=view.version, request_id="r1")
    assert (1, 2) == (asked(host, "check_pin"), host.look().tries_left)
    assert "DONE" == host.send("submit_reset", host.reset(), request_id="r2").state


@pytest.mark.rule("S2", "C6")
def test_a_request_that_took_no_effect_is_stale_once_another_did() -> None:
    """Its version is judged again if anything happened to the session since."""
    host = Host()
    view = host.at_bim016()
    host.bank.fail("contract", BankUnavailable)
    typed = host.phone()
    host.send("choose_phone", typed, request_id="r1")
    assert "BIM015" == host.send("back").state
    stale = host.service.send(view.token, "choose_phone", typed, version=view.version, request_id="r1")
    assert ("BIM015", ["stale"]) == (stale.state, codes(stale))


@pytest.mark.rule("S2", "M2a", "C4")
def test_a_proceed_that_heard_nothing_can_be_made_again() -> None:
    """No answer while an effect is delivered again is not remembered; the request that recorded it keeps its answer."""
    host = Host()
    view = host.at_bim017()
    host.bank.fail("carry_out", BankUnavailable, times=2)
    typed = host.reset()
    first = host.send("submit_reset", typed, request_id="r1")
    assert ("COMPLETING", ["in_progress"]) == (first.state, codes(first))
    assert first == host.service.send(view.token, "submit_reset", typed, version=view.version, request_id="r1")
    assert "COMPLETING" == host.send("proceed", request_id="r2").state
    assert "DONE" == (done := host.send("proceed", request_id="r2")).state
    assert done == host.service.send(view.token, "proceed", request_id="r2")
    assert 2 == len(host.bank.carried_out)


@pytest.mark.rule("S2", "A6")
def test_a_request_whose_process_died_can_be_made_again_after_the_lease() -> None:
    """Nobody knows that anything happened: under the same id and version it is taken, not stale."""
    world, person = World(), Person(LOGIN)
    view = person.goes_to(world.service, "BIM016")
    event, typed = person.types(view)
    life = Life(3)  # the institution, the claim, the contract

    def send(service: ResetService) -> View:
        return service.send(view.token, event, typed, version=view.version, request_id="r1")

    with pytest.raises(Crash):
        send(world.open(life))
    assert ["in_progress"] == codes(send(world.open()))
    world.clock.advance(world.policies.session.effect_lease + timedelta(microseconds=1))
    answer = send(world.open())
    assert "PHONE" == answer.state
    assert answer == send(world.open())


@pytest.mark.rule("S2")
def test_ids_of_two_sessions_have_nothing_to_do_with_each_other() -> None:
    """The same request id in another session is another request."""
    host = Host()
    host.start()
    host.send("submit_identity", host.identity(), request_id="r1")
    host.start()
    assert "CANCELLED" == host.send("cancel", request_id="r1").state


# Under way --------------------------------------------------------------------------------------------------


@pytest.mark.rule("S2", "L3")
@pytest.mark.parametrize("method", ["contract", "check_pin"])
@pytest.mark.parametrize(
    ("first_id", "second_id", "versioned", "code"),
    [
        ("r1", "r1", True, "in_progress"),
        ("r1", "r1", False, "in_progress"),
        (None, None, True, "stale"),
        (None, None, False, "in_progress"),
        ("r1", "r2", True, "stale"),
    ],
)
def test_the_second_of_two_costs_nothing_while_the_first_is_under_way(
    first_id: str | None, second_id: str | None, versioned: bool, code: str, method: str
) -> None:
    """From inside the bank the same click comes once more: in progress after its wait, or stale; nobody is asked."""
    host = Host()
    view = host.at_bim017()
    version = view.version if versioned else None
    typed = host.reset(pin="9999")

    def send(request: str | None) -> View:
        return host.service.send(view.token, "submit_reset", typed, version=version, request_id=request)

    seen = during(host, method, lambda: send(second_id))
    first = send(first_id)
    (second,) = seen
    assert isinstance(second, View)
    assert (code, "BIM017") == (codes(second)[0], second.state)
    assert (["wrong_pin"], 1, 2) == (codes(first), asked(host, "check_pin"), first.tries_left)
    if first_id is not None:
        assert first == send(first_id)
        assert 1 == asked(host, "check_pin")


@pytest.mark.rule("S2", "C4")
def test_the_second_of_two_orders_nothing_while_the_first_is_given() -> None:
    """While the bank carries it out the same click is in progress when its wait is over, and later has the same end."""
    host = Host()
    view = host.at_bim017()
    typed = host.reset()

    def send() -> View:
        return host.service.send(view.token, "submit_reset", typed, version=view.version, request_id="r1")

    seen = during(host, "carry_out", send)
    first = send()
    (second,) = seen
    assert isinstance(second, View)
    assert ("COMPLETING", ["in_progress"]) == (second.state, codes(second))
    assert ("DONE", 2) == (first.state, len(host.bank.carried_out))
    assert first == send()


@pytest.mark.rule("S2")
def test_nothing_moves_a_session_whose_turn_is_under_way() -> None:
    """Another tab's event while the bank is asked waits its turn; afterwards it works."""
    host = Host()
    view = host.at_bim017()
    seen = during(host, "check_pin", lambda: host.service.send(view.token, "submit_reset", host.reset()))
    assert "DONE" == host.send("submit_reset", host.reset()).state
    (second,) = seen
    assert isinstance(second, View)
    assert ["in_progress"] == codes(second)


@pytest.mark.rule("M3", "S2", "L3")
@pytest.mark.parametrize("count", [0, 1], ids=["right", "wrong"])
def test_cancelling_is_held_up_by_no_turn(count: int) -> None:
    """It ends the session while the PIN is being checked: nothing is ordered, and the answer to the PIN counts."""
    host = Host()
    view = host.at_bim017()
    (ended,) = [during(host, "check_pin", lambda: host.service.send(view.token, "cancel"))]
    pin = "9999" if count else host.reset()["pin"]
    stale = host.send("submit_reset", host.reset(pin=pin))
    assert ["CANCELLED"] == [each.state for each in ended if isinstance(each, View)]
    assert ("CANCELLED", ["stale"]) == (stale.state, codes(stale))
    assert count == host.service.operator.pin_count(host.customer.contract.ref)
    assert [] == host.service.operator.effects()


@pytest.mark.rule("S2", "S5", "S1")
def test_what_an_answer_is_rebuilt_from_holds_no_token_and_no_id() -> None:
    """The remembered request keeps the hash of its id, and neither token, nor code, nor what was typed."""
    host = Host()
    view = host.at_bim017()
    host.send("submit_reset", host.reset(pin="9999"), request_id="a-request-id")
    (row,) = [row for row in host.store.scan(REQUEST) if row.key == view.id]
    for word in (view.token, "a-request-id", "9999", host.reset()["new_password"]):
        assert word not in str(row.body)


# Reasons that stay ------------------------------------------------------------------------------------------


@pytest.mark.rule("S2a")
def test_a_reason_from_elsewhere_stays_until_the_next_event_that_is_not_stale() -> None:
    """What a call said is on every view, and on stale answers; the next event of the customer takes it off."""
    host = Host()
    view = host.at_phone()
    withheld = Call(id="w", number=None, source=CallSource.NETWORK, presentation=Presentation.RESTRICTED)
    host.service.report_call(withheld, session=view.id)
    for _ in range(2):
        assert ["withheld"] == codes(host.look())
    stale = host.service.send(view.token, "back", version=1)
    assert ["stale", "withheld"] == codes(stale)
    assert ["withheld"] == codes(host.look())
    assert ("BIM016", []) == ((back := host.send("back")).state, codes(back))
    assert [] == codes(host.look())


@pytest.mark.rule("S2a", "P6")
def test_a_closed_window_is_told_until_the_next_event() -> None:
    """A window that closed shows its reason on every look, and no more after the customer has gone on."""
    host = Host()
    host.at_phone()
    host.clock.advance(timedelta(seconds=126))
    for _ in range(2):
        assert ("BIM016", ["timed_out"]) == ((view := host.look()).state, codes(view))
    assert ("PHONE", []) == ((view := host.send("choose_phone", host.phone())).state, codes(view))


@pytest.mark.rule("S2")
def test_a_stale_row_is_written_by_nobody() -> None:
    """Only one session row is kept for a session, whatever was sent."""
    host = Host()
    host.at_bim016()
    host.service.send(host.view.token, "back", version=1, request_id="r1")
    assert "BIM015" == host.send("back", request_id="r1").state, "a stale answer is not remembered"
    assert 1 == len(host.store.scan(SESSION))


# What counted is not made again -----------------------------------------------------------------------------

COUNTED = [
    (LOGIN, "BIM017", "submit_reset", "check_pin", "wrong_pin"),
    (LOGIN, "BIM015", "submit_identity", "find_contract", "identity_mismatch"),
    (Procedure.TOKEN_REISSUE, "BTR002", "submit_credentials", "check_login", "login_mismatch"),
]
"""Where a try is counted, what sends it, what the bank is asked, and the code of a wrong one."""


class Counted:
    """A session before a try that counts, whose next process may die or whose store may fail at a chosen point."""

    def __init__(self, procedure: Procedure, state: str, event: str, method: str) -> None:
        self.world, person = World(), Person(procedure)
        self.view = person.goes_to(self.world.service, state)
        self.event, typed = person.types(self.view)
        wrong = {"submit_reset": "pin", "submit_identity": "birth_date", "submit_credentials": "password"}
        self.typed = typed | {wrong[event]: "9999" if event == "submit_reset" else "1999-09-09"}
        self.method = method
        self.world.bank.asked.clear()

    def sends(self, life: Life | None = None) -> View:
        """The same wrong entry, under one id and the version of then, to a process of that life."""
        service = self.world.open(life)
        return service.send(self.view.token, self.event, self.typed, version=self.view.version, request_id="r1")

    def again(self) -> None:
        """Another wrong entry, under no id; the view is then the one after it."""
        self.view = self.world.service.send(self.view.token, self.event, self.typed)

    def count(self) -> int:
        """How many wrong ones count."""
        if self.method == "check_pin":
            return self.world.service.operator.pin_count(REF)
        (session,) = self.world.service.operator.sessions()
        return int(str(session["identity_failures"]))

    def asked(self) -> int:
        """How often the bank was asked."""
        return self.world.times_asked(self.method)

    def points(self) -> int:
        """How many commits and questions the try has."""
        life = Life()
        type(self)(*self._same).sends(life)
        return life.count

    @classmethod
    def of(cls, case: tuple[Procedure, str, str, str, str]) -> Counted:
        """The scene of a case."""
        scene = cls(*case[:4])
        scene._same = case[:4]
        return scene

    _same: tuple[Procedure, str, str, str]


@pytest.mark.rule("S2", "L3", "I5", "C6")
@pytest.mark.parametrize("case", COUNTED, ids=lambda case: case[3])
@pytest.mark.parametrize("error", [StoreError("gone for a moment"), RuntimeError("odd")], ids=["store", "odd"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_wrong_entry_whose_closing_commit_fails_costs_one_try(
    case: tuple[Procedure, str, str, str, str], error: Exception, after: bool
) -> None:
    """The bank found it wrong and the store failed once: the retry under its id gets that answer, and asks nobody."""
    scene = Counted.of(case)
    with pytest.raises(type(error)):
        scene.sends(Life(scene.points(), error=error, after=after))
    for _ in range(2):
        again = scene.sends()
        assert (case[1], case[4]) == (again.state, codes(again)[0])
        assert (1, 1) == (scene.asked(), scene.count())
    assert again.version == scene.world.service.view(again.token).version


LAST = {"check_pin": (3, "LOCKED", ["wrong_pin", "locked"]), "find_contract": (5, "REJECTED", ["identity_mismatch"])}
LAST["check_login"] = (5, "REJECTED", ["login_mismatch"])
"""How many wrong ones end a session, where, and for which reasons."""


@pytest.mark.rule("S2", "L2", "I5", "C6")
@pytest.mark.parametrize("case", COUNTED, ids=lambda case: case[3])
@pytest.mark.parametrize("error", [StoreError("gone for a moment"), RuntimeError("odd")], ids=["store", "odd"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_the_last_wrong_entry_ends_the_session_though_its_closing_commit_fails(
    case: tuple[Procedure, str, str, str, str], error: Exception, after: bool
) -> None:
    """The store failed once when the count was full: session and retry have the ending, locks and notice stand."""
    limit, state, reasons = LAST[case[3]]
    scene = Counted.of(case)
    closing = scene.points()
    for _ in range(limit - 1):
        scene.again()
    with pytest.raises(type(error)):
        scene.sends(Life(closing, error=error, after=after))
    for view in (scene.sends(), scene.world.service.view(scene.view.token), scene.sends()):
        assert (state, reasons, True, ()) == (view.state, codes(view), view.final, view.events)
    assert (limit, limit) == (scene.asked(), scene.count())
    scene.world.clock.advance(61)
    scene.world.service.recover()
    assert (LOCKS_TOLD if state == "LOCKED" else []) == scene.world.carried_out()


@pytest.mark.rule("S2", "L2", "L6")
def test_an_unlock_while_the_closing_commit_fails_leaves_the_session_where_it_is() -> None:
    """The host unlocks before the last wrong PIN is settled: it is the first of a new round, and ends nothing."""
    scene = Counted.of(COUNTED[0])
    life = Life(scene.points(), error=StoreError("gone for a moment"))
    scene.again()
    scene.again()
    bank, who = scene.world.bank, ORDINARY

    def unlocks(method: str) -> None:
        if method == "check_pin":
            bank.before = None
            scene.world.service.unlock(who.institution, branch=who.branch, subject=who.subject, account=who.account)

    bank.before = unlocks
    with pytest.raises(StoreError):
        scene.sends(life)
    assert ("BIM017", ["wrong_pin"], 2) == ((view := scene.sends()).state, codes(view), view.tries_left)


@pytest.mark.rule("S2", "L3", "L5", "I5")
@pytest.mark.parametrize("case", COUNTED, ids=lambda case: case[3])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_request_that_may_have_counted_is_not_made_again_by_anybody(
    case: tuple[Procedure, str, str, str, str], after: bool
) -> None:
    """Wherever a process dies in a try, its retries under one id cost no second one, however late they come."""
    for ends in range(1, Counted.of(case).points() + 1):
        scene = Counted.of(case)
        with pytest.raises(Crash):
            scene.sends(Life(ends, after=after))
        for _ in range(3):
            scene.world.clock.advance(scene.world.policies.session.effect_lease + timedelta(microseconds=1))
            codes(scene.sends())
        reserved = scene.world.times_reserved(PIN_ATTEMPTS if case[3] == "check_pin" else IDENTITY_ATTEMPTS)
        assert reserved <= 1, ends
        assert scene.asked() <= 1, ends


@pytest.mark.rule("S2", "L5")
def test_what_nobody_knows_the_answer_of_is_told_to_come_again() -> None:
    """After a crash while the PIN was checked the retry is `stale`, without a version it is told to come again."""
    scene = Counted.of(COUNTED[0])
    with pytest.raises(Crash):
        scene.sends(Life(scene.points() - 1, after=True))
    scene.world.clock.advance(61)
    assert ["stale"] == codes(scene.sends())
    service = scene.world.open()
    again = service.send(scene.view.token, scene.event, scene.typed, request_id="r1")
    assert ("BIM017", ["temporarily_unavailable"], 2) == (again.state, codes(again), again.tries_left)
    assert ["wrong_pin"] == codes(service.send(scene.view.token, scene.event, scene.typed, request_id="r2"))
    assert 2 == scene.asked()
