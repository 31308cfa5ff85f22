"""What a turn leaves beside the session itself: versions, requests, records, other sessions' rows, words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import attrs
import pytest

from hosts import Host, codes
from ja_reset import Call, CallSource, EffectRefused, Policies, Text, View
from ja_reset.bank._values import CallStatus
from ja_reset.policies import LockoutPolicy, PhonePolicy, SessionPolicy
from ja_reset.service._records import SESSION
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Put
from ja_reset.testing import CAST, FakeBank
from ja_reset.testing.cast import INSTITUTION, ORDINARY

HASTY = attrs.evolve(
    INSTITUTION, id="ja-0418", policies=Policies(session=SessionPolicy(idle_timeout=timedelta(minutes=3)))
)
"""An institution with a shorter limit than the service's."""

NEIGHBOUR = attrs.evolve(
    ORDINARY,
    institution=HASTY.id,
    account="7654321",
    login_id="neighbour1",
    contract=attrs.evolve(ORDINARY.contract, ref="C-NEIGHBOUR"),
)
"""A customer of that institution who shares a phone with an ordinary one."""


def events(host: Host, view: View) -> list[tuple[object, object]]:
    """What the audit tells of a session: each event with its reasons."""
    return [(each["event"], each["reasons"]) for each in host.store.audit(session=view.id)]


# A turn that is broken off ----------------------------------------------------------------------------------


@pytest.mark.rule("S2", "S7", "C6")
def test_a_turn_that_a_port_breaks_off_raises_the_version_once_more_and_says_so() -> None:
    """The claim raised it, giving the claim up raises it again, and the audit has the event as one without effect."""
    host = Host()
    before = host.at_bim017()
    host.bank.fail("contract", RuntimeError("odd"))
    with pytest.raises(RuntimeError, match="odd"):
        host.send("submit_reset", host.reset())
    after = host.look()
    assert ("BIM017", before.version + 2) == (after.state, after.version)
    assert ("submit_reset", ["temporarily_unavailable"]) == events(host, after)[-1]


@pytest.mark.rule("S2", "L5", "C6")
def test_a_pin_whose_check_broke_off_is_not_sent_again_under_its_request() -> None:
    """Nobody knows what the bank made of it: the request's retry is answered with that (S2), and the bank unasked."""
    host = Host()
    host.at_bim017()
    host.bank.fail("check_pin", RuntimeError("odd"), after=True)
    sent = host.view
    with pytest.raises(RuntimeError, match="odd"):
        host.send("submit_reset", host.reset(), request_id="one")
    again = host.service.send(sent.token, "submit_reset", host.reset(), version=sent.version, request_id="one")
    assert ["temporarily_unavailable"] == codes(again)
    assert 1 == [method for method, _ in host.bank.asked].count("check_pin")


class Failing(MemoryStore):
    """A store that fails once when it is armed."""

    armed = False

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """As ever, but for that once."""
        if self.armed and any(put.kind == SESSION for put in puts):
            self.armed = False
            msg = "the disk is full"
            raise OSError(msg)
        return super().commit(puts, audit)


@pytest.mark.rule("S2", "C6", "S10")
def test_what_fails_before_anything_was_claimed_leaves_no_trace() -> None:
    """A store that cannot take the claim has taken nothing: version and audit stay as they were."""
    store = Failing()
    host = Host(store=store)
    before = host.at_bim017()
    told = events(host, before)
    store.armed = True
    with pytest.raises(OSError, match="the disk is full"):
        host.send("submit_reset", host.reset())
    assert told == events(host, before)
    assert before.version == host.look().version


@pytest.mark.rule("L2", "C4", "S10")
def test_the_last_wrong_pin_locks_though_the_store_fails_once() -> None:
    """The bank's answer is settled, and both locks are recorded and delivered within that call."""
    store = Failing()
    host = Host(store=store, policies=Policies(lockout=LockoutPolicy(pin_attempts=1)))
    host.at_bim017()

    def arm(method: str) -> None:
        store.armed = method == "check_pin"

    host.bank.before = arm
    with pytest.raises(OSError, match="the disk is full"):
        host.send("submit_reset", host.reset(pin="0000"))
    assert ["LOCK_CARD", "LOCK_SERVICE", "NOTIFY"] == sorted(effect.kind for effect in host.bank.carried_out)
    assert 1 == host.service.operator.pin_count(host.customer.ref)


@pytest.mark.rule("L2", "C4", "C6")
def test_locks_that_cannot_be_given_now_do_not_hide_what_broke_the_turn_off() -> None:
    """The host gets the store's error, not the bank's, and the locks are delivered later."""
    store = Failing()
    host = Host(store=store, policies=Policies(lockout=LockoutPolicy(pin_attempts=1)))
    host.at_bim017()

    def arm(method: str) -> None:
        store.armed = method == "check_pin"

    host.bank.before = arm
    host.bank.fail("carry_out", RuntimeError("odd"), times=3)
    with pytest.raises(OSError, match="the disk is full"):
        host.send("submit_reset", host.reset(pin="0000"))
    assert [] == host.bank.carried_out
    host.clock.advance(60)
    assert 3 == host.service.recover()
    assert ["LOCK_CARD", "LOCK_SERVICE", "NOTIFY"] == sorted(effect.kind for effect in host.bank.carried_out)


# Requests and reasons ---------------------------------------------------------------------------------------


@pytest.mark.rule("S2", "M5")
def test_a_refused_event_is_remembered_by_its_request() -> None:
    """An event that the state does not have, sent twice under one id: one answer, and the audit tells the second."""
    host = Host()
    host.at_bim015()
    first = host.send("submit_reset", host.reset(), request_id="one")
    second = host.send("submit_reset", host.reset(), request_id="one")
    assert first.to_dict() == second.to_dict()
    assert [None, True] == [each.get("repeated") for each in host.store.audit(session=first.id)][-2:]


@pytest.mark.rule("S2", "C4a", "M2a")
def test_a_proceed_that_the_bank_refuses_is_remembered_by_its_request() -> None:
    """The retry of a proceed by which the bank's refusal came hears that answer again, and is not stale."""
    host = Host()
    host.at_bim_completing()
    host.bank.fail("carry_out", EffectRefused(ja="だめです", en="no"))
    sent = host.view
    first = host.send("proceed", request_id="one")
    assert ("BIM017", ["refused_by_bank"]) == (first.state, codes(first))
    again = host.service.send(sent.token, "proceed", version=sent.version, request_id="one")
    assert first.to_dict() == again.to_dict()


@pytest.mark.rule("S2a", "M5")
def test_an_event_that_is_not_there_takes_the_standing_reasons_away() -> None:
    """It is the customer's next event: what happened elsewhere is told no longer, its own refusal until the next."""
    host = Host()
    host.at_phone()
    host.clock.advance(130)
    assert ["timed_out"] == codes(host.look())
    host.send("submit_reset", {})
    assert ["event_not_available"] == codes(host.look())


@pytest.mark.rule("S4")
def test_a_session_whose_state_is_gone_keeps_no_claim() -> None:
    """The turn that had claimed it will find nothing to come back to."""
    host = Host()
    view = host.at_bim016()
    row = host.row()
    claim = {"id": "somebody", "until": (host.clock.now - timedelta(seconds=1)).isoformat()}
    body = {**row.body, "state": "BIM999", "claim": claim}
    assert host.store.commit([Put(row.kind, row.key, row.stamp, body, row.tag, row.due)])
    assert "EXPIRED" == host.service.view(view.token).state
    assert "claim" not in host.saved()


# A contest --------------------------------------------------------------------------------------------------


def contested(*, forgotten: bool) -> tuple[Host, View]:
    """A neighbour's session that another one has contested, and the host of that other one."""
    bank = FakeBank((ORDINARY, NEIGHBOUR), (INSTITUTION, HASTY))
    first = Host(bank=bank, customer=NEIGHBOUR)
    view = first.at_phone()
    rival = Host(bank=bank, store=first.store, clock=first.clock)
    rival.at_bim016()
    if forgotten:
        del bank._institutions[HASTY.id]
    assert ["number_in_use"] == codes(rival.send("choose_phone", rival.phone()))
    return rival, view


@pytest.mark.rule("P8", "S3")
def test_who_is_contested_is_due_by_the_figures_of_its_own_institution() -> None:
    """The maintenance looks again when the first session's own limit has run out, not the rival's."""
    rival, view = contested(forgotten=False)
    row = rival.store.get(SESSION, view.id)
    assert row is not None
    assert rival.clock.now + timedelta(minutes=3) == row.due


@pytest.mark.rule("P8", "E2")
def test_a_contest_ends_the_wait_of_a_session_whose_institution_is_no_longer_known() -> None:
    """Its figures are not at hand, which keeps nobody from ending its wait: a call under way proves nobody."""
    rival, view = contested(forgotten=True)
    row = rival.store.get(SESSION, view.id)
    assert row is not None
    assert "BIM016" == row.body["state"]


# Words of the telephone -------------------------------------------------------------------------------------


@pytest.mark.rule("P3", "P4")
def test_a_code_that_is_displayed_is_never_read_out_to_a_retry() -> None:
    """The gateway is told to gather keys, again and again, and no code to speak."""
    host = Host(policies=Policies(phone=PhonePolicy(code_channel="displayed")))
    host.at_btr003()
    host.send("submit_details", host.details())
    first = host.call()
    number = host.customer.contract.phones[0]
    again = host.service.report_call(Call(id=f"call-{host.calls}", number=number, source=CallSource.NETWORK))
    assert (CallStatus.ANNOUNCE, None) == (first.status, first.code)
    assert first == again


@pytest.mark.rule("P3", "S9")
def test_a_proof_that_is_reported_too_late_is_told_in_the_institutions_words() -> None:
    """A call that had proved its session is late once the session moved on, in that institution's own words."""
    words = {"late": Text(ja="おそい", en="too late for us")}
    host = Host(bank=FakeBank(CAST, (attrs.evolve(INSTITUTION, messages=words),)))
    host.at_phone()
    assert CallStatus.VERIFIED is host.call().status
    host.look()
    host.send("cancel")
    number = host.customer.contract.phones[0]
    again = host.service.report_call(Call(id=f"call-{host.calls}", number=number, source=CallSource.NETWORK))
    assert (CallStatus.REFUSED, ["too late for us"]) == (again.status, [reason.en for reason in again.reasons])
