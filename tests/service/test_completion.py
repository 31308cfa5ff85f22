"""Effects: recorded, given, confirmed, refused, given again (C1-C6, M2a)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import pytest

from hosts import ACTIVATION, EMAIL, NEW_PASSWORD, Host, named
from ja_reset import BankUnavailable, Contract, EffectRefused, Policies, Procedure, Secret, Text, View
from ja_reset.bank._values import Effect, EffectKind
from ja_reset.errors import PortError
from ja_reset.machines import PROCEDURES
from ja_reset.policies import FieldPolicy
from ja_reset.service._records import OUTBOX, OutboxEntry, OutboxStatus
from ja_reset.service.saved import load
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Store
from ja_reset.testing._rivalled_store import Rival, RivalledStore
from ja_reset.testing.cast import ORDINARY

ALL = list(Procedure)
WITH_PIN = [Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH]
HEAD = {
    Procedure.LOGIN_PASSWORD: EffectKind.SET_LOGIN_PASSWORD,
    Procedure.RISK_BASED_AUTH: EffectKind.CLEAR_RISK_AUTH,
    Procedure.TOKEN_REISSUE: EffectKind.ISSUE_TOKEN,
}
END = {
    Procedure.LOGIN_PASSWORD: "DONE",
    Procedure.RISK_BASED_AUTH: "DONE",
    Procedure.TOKEN_REISSUE: "BTR005",
}
REF = ORDINARY.ref


class OddError(Exception):
    """What no port should raise."""


def codes(view: View) -> list[str]:
    """The codes of the reasons."""
    return [reason.code for reason in view.reasons]


def orders(host: Host) -> list[OutboxEntry]:
    """The effects as they are recorded."""
    return [load(OutboxEntry, row.body, OUTBOX) for row in host.store.scan(OUTBOX)]


def plain(effect: Effect) -> Mapping[str, object]:
    """An effect's data, secrets open."""
    return {name: value if isinstance(value, str) else value.reveal() for name, value in effect.data.items()}


def last_step(host: Host, procedure: Procedure) -> View:
    """From the first screen to the last proof, and the answer to it."""
    if procedure is Procedure.TOKEN_REISSUE:
        host.at_btr004()
        host._prove_phone()
        return host.look()
    host.at_bim017(procedure)
    return host.send("submit_reset", host.reset())


def completing(host: Host, procedure: Procedure) -> View:
    """The last proof given, the bank silent."""
    return host.at(procedure, "COMPLETING")


# What is ordered --------------------------------------------------------------------------------------------


@pytest.mark.rule("C1", "C2", "C3", "C5")
@pytest.mark.parametrize("procedure", ALL, ids=named)
def test_each_procedure_orders_its_effect_and_then_a_notice(procedure: Procedure) -> None:
    """The bank gets exactly two orders: the procedure's own with its data, then a notice that names the procedure."""
    host = Host()
    view = last_step(host, procedure)
    assert (END[procedure], []) == (view.state, codes(view))
    first, notice = host.bank.carried_out
    data = {
        EffectKind.SET_LOGIN_PASSWORD: {"new_password": NEW_PASSWORD.lower()},
        EffectKind.CLEAR_RISK_AUTH: {},
        EffectKind.ISSUE_TOKEN: {"email": EMAIL, "activation_password": ACTIVATION},
    }[HEAD[procedure]]
    assert (HEAD[procedure], REF, ORDINARY.institution, data) == (
        first.kind, first.ref, first.institution, plain(first)
    )  # fmt: skip
    assert (EffectKind.NOTIFY, REF, {"what": "reset", "procedure": procedure.value}) == (
        notice.kind,
        notice.ref,
        plain(notice),
    )
    assert EMAIL not in str(notice.data), "the notice goes to what the contract had on file"
    assert first.key != notice.key


@pytest.mark.rule("C3")
def test_the_token_answer_shows_both_ids_and_the_address() -> None:
    """BTR005 gives service id, user id and where the mail goes; other procedures give no result."""
    host = Host()
    view = host.at_btr005()
    assert view.result is not None
    assert ("SV00000001", "US00000001", EMAIL) == (
        view.result.service_id, view.result.user_id, view.result.email
    )  # fmt: skip
    assert view.result == host.look().result
    assert host.at_done().result is None


@pytest.mark.rule("C2", "C3")
@pytest.mark.parametrize(
    ("procedure", "words"), [(Procedure.RISK_BASED_AUTH, "ログイン"), (Procedure.TOKEN_REISSUE, "アプリ")]
)
def test_the_last_screen_reminds_of_what_follows(procedure: Procedure, words: str) -> None:
    """The success screen says what the customer does next."""
    view = last_step(Host(), procedure)
    assert any(words in notice.ja for notice in view.screen.notices)


# Recorded before it is delivered -----------------------------------------------------------------------------


@pytest.mark.rule("C4", "S10", "M2a")
@pytest.mark.parametrize("procedure", ALL, ids=named)
def test_an_effect_is_recorded_with_its_session_before_it_is_given(procedure: Procedure) -> None:
    """While the bank carries an effect out it stands in the store, pending, sealed, and the session in COMPLETING."""
    host = Host()
    seen: list[tuple[str, list[tuple[str, str, bool]]]] = []

    def before(method: str) -> None:
        if method == "carry_out":
            kinds = [(str(each.kind), each.status.value, bool(each.sealed)) for each in orders(host)]
            seen.append((str(host.saved()["state"]), sorted(kinds)))

    host.bank.before = before
    last_step(host, procedure)
    kind, sealed = HEAD[procedure].value, procedure is not Procedure.RISK_BASED_AUTH
    assert ("COMPLETING", [(kind, "pending", sealed)]) == seen[0]
    assert (END[procedure], sorted([(kind, "confirmed", False), ("NOTIFY", "pending", False)])) == seen[1]
    assert {OutboxStatus.CONFIRMED} == {each.status for each in orders(host)}


@pytest.mark.rule("C4", "L2")
def test_both_locks_are_recorded_with_the_locked_session_before_either_is_given() -> None:
    """While the bank is asked for the first lock, session, count, both orders and the notice of them are saved."""
    host = Host()
    host.at_bim017()
    for _ in range(2):
        host.send("submit_reset", host.reset(pin="9999"))
    seen: list[object] = []

    def before(method: str) -> None:
        if method == "carry_out":
            seen.append((host.saved()["state"], sorted(each.status.value for each in orders(host))))

    host.bank.before = before
    host.send("submit_reset", host.reset(pin="9999"))
    stands = [["pending"] * 3, ["confirmed", "pending", "pending"], ["confirmed", "confirmed", "pending"]]
    assert [("LOCKED", each) for each in stands] == seen


# No answer --------------------------------------------------------------------------------------------------


@pytest.mark.rule("C4", "M2a", "M3")
@pytest.mark.parametrize("how", ["proceed", "recover"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("procedure", ALL, ids=named)
def test_an_outage_waits_in_completing_and_the_same_order_is_given_again(
    procedure: Procedure, after: bool, how: str
) -> None:
    """No answer: COMPLETING, which neither expires nor is cancelled; given again with the same key and content."""
    host = Host()
    given: list[Effect] = []
    keep = host.bank.carry_out

    def carry_out(effect: Effect, /) -> Mapping[str, str] | None:
        given.append(effect)
        return keep(effect)

    host.bank.carry_out = carry_out  # type: ignore[method-assign]
    host.bank.fail("carry_out", BankUnavailable, times=2, after=after)
    view = last_step(host, procedure)
    assert "COMPLETING" == view.state
    assert not view.final
    assert view.deadline is None
    assert ["event_not_available", "in_progress"] == codes(host.send("cancel"))
    host.clock.advance(23 * 3600)
    assert 0 == host.service.expire_due()
    assert ["in_progress"] == codes(host.send("proceed"))
    assert "COMPLETING" == host.look().state
    pins = [asked for asked in host.bank.asked if asked[0] == "check_pin"]
    if how == "proceed":
        view = host.send("proceed")
    else:
        host.clock.advance(2 * 60)
        assert 1 == host.service.recover()
        view = host.look()
    assert (END[procedure], []) == (view.state, codes(view))
    assert pins == [asked for asked in host.bank.asked if asked[0] == "check_pin"], "no new PIN is asked"
    heads = [effect for effect in given if effect.kind is HEAD[procedure]]
    assert 3 == len(heads)
    assert {heads[0].key} == {effect.key for effect in heads}
    assert all(plain(heads[0]) == plain(effect) for effect in heads)
    assert [HEAD[procedure], EffectKind.NOTIFY] == [effect.kind for effect in host.bank.carried_out]


@pytest.mark.rule("C4")
def test_nothing_takes_the_place_of_an_effect_that_is_not_confirmed() -> None:
    """In COMPLETING no form is taken: another password cannot slip in."""
    host = Host()
    host.at_bim_completing()
    view = host.send("submit_reset", host.reset(new_password="other-99", new_password_confirm="other-99"))
    assert ("COMPLETING", ["event_not_available", "in_progress"]) == (view.state, codes(view))
    host.send("proceed")
    assert NEW_PASSWORD.lower() == host.bank.customer(REF).password.lower()


@pytest.mark.rule("C4")
@pytest.mark.parametrize("leased", [59, 60])
def test_recover_leaves_alone_what_another_process_is_giving(leased: int) -> None:
    """While a process delivers an effect, neither recover nor proceed delivers it, until the lease has run out."""
    host = Host()
    host.at_bim017()
    seen: list[object] = []

    def before(method: str) -> None:
        if method == "carry_out":
            host.bank.before = None
            other = host.beside()
            host.clock.advance(leased)
            seen.extend([other.service.recover(), codes(other.send("proceed")), other.look().state])

    host.bank.before = before
    assert "DONE" == host.send("submit_reset", host.reset()).state
    assert [0, ["in_progress"], "COMPLETING"] == seen
    assert 2 == len(host.bank.carried_out)


@pytest.mark.rule("C4", "M2a")
def test_an_effect_whose_row_was_changed_by_nobody_who_gives_it_is_given() -> None:
    """A row that changed before the lease was taken is looked at again: without a lease, proceed gives the effect."""
    rival = Rival()
    host = Host(store=cast("Store", RivalledStore(MemoryStore(), rival)))
    host.at_bim_completing()
    rival.comes = 2  # the customer's activity is the first commit, the lease the second
    assert "DONE" == host.send("proceed").state


@pytest.mark.rule("C4", "A6")
def test_two_that_give_the_same_effect_settle_it_once() -> None:
    """A bank slower than the lease: recover gives the effect meanwhile, and the first giver finds it settled."""
    host = Host()
    host.at_bim017()
    seen: list[object] = []

    def before(method: str) -> None:
        if method == "carry_out":
            host.bank.before = None
            host.clock.advance(61)
            seen.append(host.beside().service.recover())

    host.bank.before = before
    assert "DONE" == host.send("submit_reset", host.reset()).state
    assert [1] == seen
    assert [EffectKind.SET_LOGIN_PASSWORD, EffectKind.NOTIFY] == [each.kind for each in host.bank.carried_out]


@pytest.mark.rule("C4", "C5")
@pytest.mark.parametrize("trouble", [BankUnavailable, EffectRefused(ja="だめ", en="no")], ids=["away", "no"])
def test_a_notice_holds_nobody_back(trouble: type[Exception] | Exception) -> None:
    """The customer is at the end although the notice is not carried out; it is delivered again, or refused for good."""
    host = Host()
    host.at_bim017()
    seen: list[str] = []

    def before(method: str) -> None:
        if method == "carry_out":
            seen.append(method)
            if len(seen) == 2:
                host.bank.fail("carry_out", trouble)

    host.bank.before = before
    view = host.send("submit_reset", host.reset())
    assert ("DONE", []) == (view.state, codes(view))
    away = trouble is BankUnavailable
    assert (1 if away else 0) == len(host.service.operator.effects(status="pending"))
    host.clock.advance(60)
    assert (1 if away else 0) == host.service.recover()
    assert ("DONE", []) == ((again := host.look()).state, codes(again))
    assert (2 if away else 1) == len(host.bank.carried_out)


# Refused ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("C4a")
@pytest.mark.parametrize("late", [False, True], ids=["at once", "on proceed"])
@pytest.mark.parametrize("procedure", WITH_PIN, ids=named)
def test_a_refused_effect_leads_back_to_the_form_with_the_banks_words(procedure: Procedure, late: bool) -> None:
    """EffectRefused: BIM017 again with the bank's text; the PIN is asked again, and a new order has a new key."""
    host = Host()
    refused = EffectRefused(ja="以前のパスワードです。", en="It was used before.")
    if late:
        completing(host, procedure)
        host.bank.fail("carry_out", refused)
        view = host.send("proceed")
    else:
        host.at_bim017(procedure)
        host.bank.fail("carry_out", refused)
        view = host.send("submit_reset", host.reset())
    words = [(reason.code, reason.ja, reason.en) for reason in view.reasons]
    assert ("BIM017", [("refused_by_bank", refused.ja, refused.en)]) == (view.state, words)
    assert 3 == view.tries_left
    assert words == [(reason.code, reason.ja, reason.en) for reason in host.look().reasons]
    assert ["wrong_pin"] == codes(host.send("submit_reset", host.reset(pin="9999")))
    assert "DONE" == host.send("submit_reset", host.reset()).state
    keys = {each.key: each.status.value for each in orders(host) if each.kind is HEAD[procedure]}
    assert ["confirmed", "refused"] == sorted(keys.values())
    assert all(not each.sealed for each in orders(host))
    assert 2 == len(host.bank.carried_out)


@pytest.mark.rule("C4a")
@pytest.mark.parametrize("late", [False, True], ids=["at once", "on recover"])
def test_a_refused_token_ends_in_rejected(late: bool) -> None:
    """TOKEN_REISSUE has no form to come back to: REJECTED, with the bank's text."""
    host = Host()
    if late:
        host.at_btr_completing()
        host.bank.fail("carry_out", EffectRefused(ja="だめ", en="no"))
        host.clock.advance(60)
        assert 1 == host.service.recover()
    else:
        host.at_btr004()
        host.bank.fail("carry_out", EffectRefused(ja="だめ", en="no"))
        host._prove_phone()
    view = host.look()
    assert ("REJECTED", [("refused_by_bank", "だめ")]) == (view.state, [(r.code, r.ja) for r in view.reasons])
    assert 0 == host.service.recover()
    assert [] == host.bank.carried_out


# Other exceptions -------------------------------------------------------------------------------------------


@pytest.mark.rule("C4", "C6")
@pytest.mark.parametrize("procedure", ALL, ids=named)
def test_another_exception_of_the_bank_is_passed_on_and_the_effect_kept(procedure: Procedure) -> None:
    """An exception of the bank's own reaches the host unchanged; the effect stays recorded and can be retried."""
    host = Host()
    error = OddError("odd")
    host.bank.fail("carry_out", error)
    with pytest.raises(OddError) as caught:
        last_step(host, procedure)
    assert error is caught.value
    assert "COMPLETING" == host.look().state
    assert (END[procedure], []) == ((view := host.send("proceed")).state, codes(view))
    assert [HEAD[procedure], EffectKind.NOTIFY] == [each.kind for each in host.bank.carried_out]


@pytest.mark.rule("C4", "A8")
@pytest.mark.parametrize("answer", [7, "ids", {"service_id": "S"}, {"service_id": 1, "user_id": 2}, None])
def test_nonsense_for_a_token_is_a_port_error_and_no_success(answer: object) -> None:
    """A bank that issues a token without both ids is an error of the port; the effect stays in the outbox."""
    host = Host()
    host.at_btr004()
    host.bank.answer("carry_out", answer)
    with pytest.raises(PortError):
        host._prove_phone()
    assert "COMPLETING" == host.look().state
    assert "BTR005" == host.send("proceed").state


@pytest.mark.rule("C6")
@pytest.mark.parametrize("error", [BankUnavailable("away"), OddError("odd")], ids=["away", "odd"])
@pytest.mark.parametrize("after", [False, True])
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
def test_a_port_that_fails_leaves_the_session_where_it_was(
    state: str, event: str, method: str, after: bool, error: Exception
) -> None:
    """Before an effect is recorded a failing port changes nothing but the version; the same event works afterwards."""
    host = Host()
    before = host.at(Procedure.TOKEN_REISSUE if state.startswith("BTR") else Procedure.LOGIN_PASSWORD, state)
    forms: dict[str, Callable[[], dict[str, str]]] = {
        "submit_identity": host.identity,
        "choose_phone": host.phone,
        "submit_reset": host.reset,
        "submit_credentials": host.credentials,
        "submit_details": host.details,
    }
    typed = forms[event]()
    host.bank.fail(method, error, after=after)
    if isinstance(error, BankUnavailable):
        assert (state, ["temporarily_unavailable"]) == ((view := host.send(event, typed)).state, codes(view))
    else:
        with pytest.raises(OddError):
            host.send(event, typed)
    view = host.look()
    assert (before.state, before.phones, before.tries_left) == (view.state, view.phones, view.tries_left)
    assert [] == orders(host)
    assert 0 == host.service.operator.sessions()[0]["identity_failures"]
    assert state != host.send(event, typed).state


@pytest.mark.rule("C5a")
@pytest.mark.parametrize(
    ("procedure", "state"),
    [
        (Procedure.LOGIN_PASSWORD, "BIM016"),
        (Procedure.RISK_BASED_AUTH, "PHONE"),
        (Procedure.LOGIN_PASSWORD, "BIM017"),
        (Procedure.TOKEN_REISSUE, "BTR003"),
        (Procedure.TOKEN_REISSUE, "BTR004"),
        (Procedure.TOKEN_REISSUE, "BTR004_KEYS"),
    ],
    ids=named,
)
def test_a_contract_that_is_gone_ends_in_rejected(procedure: Procedure, state: str) -> None:
    """The bank no longer knows the contract: the next step, or call, or keys, ends in REJECTED, and orders nothing."""
    host = Host()
    host.at_btr004() if state == "BTR004_KEYS" else host.at(procedure, state)
    code = host.call().code if state == "BTR004_KEYS" else None
    host.bank.forget(REF)
    if state in {"PHONE", "BTR004"}:
        host.call()
    elif code is not None:
        host.keys(code.reveal())
    elif state == "BIM017":
        host.send("submit_reset", host.reset())
    elif state == "BIM016":
        host.send("choose_phone", host.phone())
    else:
        host.send("submit_details", host.details())
    view = host.look()
    assert ("REJECTED", True) == (view.state, view.final)
    assert 1 == len(codes(view))
    assert ([], []) == (orders(host), host.bank.carried_out)


@pytest.mark.rule("M2a")
@pytest.mark.parametrize("procedure", ALL, ids=named)
def test_completing_is_no_place_to_leave(procedure: Procedure) -> None:
    """COMPLETING offers proceed and nothing else; every other event of the procedure is refused and changes nothing."""
    host = Host()
    before = completing(host, procedure)
    assert ("proceed",) == before.events
    for event in PROCEDURES[procedure].triggers:
        if event != "proceed":
            view = host.send(event)
            assert (before.version, "COMPLETING") == (view.version, view.state)
            assert "event_not_available" in codes(view)


# A rule of the host's own for new passwords (F9) -------------------------------------------------------------


def _no_birthday(password: Secret, contract: Contract) -> Text | None:
    if f"{contract.birth_date:%Y%m%d}" in password.reveal():
        return Text("生年月日は使えません。", "Not the birth date.")
    return None


@pytest.mark.rule("F9", "L4")
def test_a_hosts_rule_refuses_a_password_in_its_own_words_and_costs_no_attempt() -> None:
    """The password in its canonical case and the contract are given to it; what it lets through is set as ever."""
    seen: list[tuple[str, str]] = []

    def rule(password: Secret, contract: Contract) -> Text | None:
        seen.append((password.reveal(), contract.ref))
        return _no_birthday(password, contract)

    host = Host(policies=Policies(fields=FieldPolicy(password_rule=rule)))
    host.at_bim017()
    born = "Ab19800401"
    view = host.send("submit_reset", host.reset(new_password=born, new_password_confirm=born))
    (reason,) = view.reasons
    assert ("BIM017", "password_rule", "new_password") == (view.state, reason.code, reason.field)
    assert ("生年月日は使えません。", "Not the birth date.") == (reason.ja, reason.en)
    assert {("ab19800401", REF)} == set(seen)
    assert (3, 0) == (view.tries_left, sum(method == "check_pin" for method, _ in host.bank.asked))
    assert "DONE" == host.send("submit_reset", host.reset()).state


@pytest.mark.rule("F9")
def test_without_a_rule_the_choice_is_the_customers() -> None:
    """None is on by default: the birth date is a password like any other."""
    host = Host()
    host.at_bim017()
    assert (
        "DONE" == host.send("submit_reset", host.reset(new_password="19800401", new_password_confirm="19800401")).state
    )


@pytest.mark.rule("F9", "A8")
@pytest.mark.parametrize("nonsense", [True, "no", 0], ids=repr)
def test_a_hosts_rule_is_held_to_words_or_none(nonsense: object) -> None:
    """Anything else is a PortError; no PIN is checked, and the session stays usable."""
    answers: list[object] = [nonsense]
    rule = lambda *_: answers[0]  # noqa: E731 - a rule that says what it is told to
    host = Host(policies=Policies(fields=FieldPolicy(password_rule=rule)))  # type: ignore[arg-type]  # nonsense is the case
    host.at_bim017()
    with pytest.raises(PortError, match="the password_rule must return a Text or None"):
        host.send("submit_reset", host.reset())
    answers[0] = None
    assert ("BIM017", 3) == (host.look().state, host.view.tries_left)
    assert "DONE" == host.send("submit_reset", host.reset()).state


@pytest.mark.rule("C4", "A6")
def test_recover_leaves_alone_what_another_process_recovers() -> None:
    """While one process gives an effect again, the recover of another one finds nothing to give."""
    host = Host()
    host.at_bim_completing()
    host.clock.advance(61)
    meanwhile: list[int] = []

    def before(method: str) -> None:
        if method == "carry_out":
            host.bank.before = None
            meanwhile.append(host.beside().service.recover())

    host.bank.before = before
    assert (1, [0]) == (host.service.recover(), meanwhile)
    assert "DONE" == host.look().state
