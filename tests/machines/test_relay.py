"""Calls from a relay service's 050 numbers: offered and accepted only where the policy says so (P1, P3, A2)."""

from __future__ import annotations

import attrs
import pytest

from hosts import Host, codes, named
from ja_reset import Call, CallSource, CallStatus, InvalidArgument, Policies, PolicyOverride, Presentation, Procedure
from ja_reset.machines._phones import offered
from ja_reset.policies import CallerIdPolicy, CodeChannel, PhonePolicy
from ja_reset.stores.rows import Store
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import INSTITUTION, ORDINARY, VOIP_ONLY
from ja_reset.testing.telephone import other_digits

RELAYED = Policies(caller_id=CallerIdPolicy(relay=True))
RELAY = "050-3123-9001"
CHOSEN = ORDINARY.contract.phones[0]
procedures = pytest.mark.parametrize("procedure", list(Procedure), ids=named)


def host_with(policies: Policies = RELAYED, relay_phones: tuple[str, ...] = (RELAY,), **more: object) -> Host:
    """A host whose ordinary customer has registered relay numbers."""
    host = Host(policies=policies, **more)  # type: ignore[arg-type]  # fields by name
    host.bank.change(ORDINARY.ref, relay_phones=relay_phones)
    return host


def chooses(host: Host, procedure: Procedure) -> list[str]:
    """The numbers that the page offers."""
    host.at(procedure, "BTR003" if procedure is Procedure.TOKEN_REISSUE else "BIM016")
    return [phone.masked for phone in host.view.phones]


def waits_for_relay(host: Host, procedure: Procedure = Procedure.LOGIN_PASSWORD, number: int = -1) -> Host:
    """The session waits for the call from the phone offered last, or from another."""
    chooses(host, procedure)
    if procedure is Procedure.TOKEN_REISSUE:
        host.send("submit_details", host.details(number))
    else:
        host.send("choose_phone", host.phone(number))
    assert host.view.dial is not None
    return host


@pytest.mark.rule("P1")
@procedures
def test_relay_numbers_are_offered_last_and_only_where_the_policy_says_so(procedure: Procedure) -> None:
    """Beside the ordinary ones; without the policy they are not there at all."""
    ordinary = chooses(host_with(Policies()), procedure)
    assert [*ordinary, "050-3123-****"] == chooses(host_with(), procedure)
    assert "050" not in " ".join(ordinary)


@pytest.mark.rule("P1")
def test_what_counts_as_a_relay_number() -> None:
    """050 numbers that are registered as such, in any spelling, each once; a 050 number among the phones is none."""
    contract = attrs.evolve(
        ORDINARY.contract,
        phones=("090-1234-5601", "050-1111-2222", "０５０－３１２３－９００１"),
        relay_phones=("050 3123 9001", "+81 50 3123 9001", "090-1234-5601", "090-8888-7777", "none", "050-3123-9002"),
    )
    assert ("+819012345601", "+815031239001", "+815031239002") == offered(contract, relay=True)
    assert ("+819012345601",) == offered(contract, relay=False)
    only = attrs.evolve(contract, phones=("050-1111-2222",), relay_phones=())
    assert () == offered(only, relay=True)


@pytest.mark.rule("P3", "A2", "S7")
@procedures
def test_a_call_from_the_relay_number_that_was_chosen_counts(procedure: Procedure, store: Store) -> None:
    """Although it begins with 050; the audit says that it was relayed, of this call alone."""
    host = waits_for_relay(host_with(store=store), procedure)
    told = host.call(RELAY)
    if told.status is CallStatus.ANNOUNCE:
        assert told.code is not None
        told = host.keys(told.code.reveal())
    assert (CallStatus.VERIFIED, []) == (told.status, codes(told))
    records = list(host.service.operator.audit(session=host.view.id))
    assert ["call_received"] == [record["event"] for record in records if record.get("relay")]


@pytest.mark.rule("S7")
def test_an_ordinary_call_is_not_audited_as_relayed() -> None:
    """Nor is a 050 call that was refused."""
    host = waits_for_relay(host_with(), number=0)
    host.call(RELAY)
    assert CallStatus.VERIFIED is host.call(CHOSEN).status
    assert not [record for record in host.service.operator.audit() if "relay" in record]


@pytest.mark.rule("P3", "A2")
@pytest.mark.parametrize(
    ("chosen", "number", "reason"),
    [
        (0, RELAY, "voip"),
        (-1, "050-3123-9002", "voip"),
        (-1, "050-3123-9000", "voip"),
        (-1, CHOSEN, "wrong_number"),
        (-1, "090-3123-9001", "wrong_number"),
    ],
)
def test_another_number_than_the_chosen_one_does_not_count(chosen: int, number: str, reason: str) -> None:
    """A relay number counts for its own choice alone; of 050 numbers none but the chosen one."""
    host = waits_for_relay(host_with(relay_phones=("050-3123-9002", RELAY)), number=chosen)
    call = Call(id="c1", number=number, source=CallSource.NETWORK)
    told = host.service.report_call(call, session=host.view.id)
    assert (CallStatus.REFUSED, [reason]) == (told.status, codes(told))
    assert "PHONE" == host.look().state


@pytest.mark.rule("P3", "P11")
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"presentation": Presentation.RESTRICTED}, "withheld"),
        ({"dialed": "0120-999-999"}, "wrong_line"),
        ({"diverted": True}, "diverted"),
        ({"source": CallSource.CLAIMED}, "claimed"),
        ({"number": "sip:+815031239001;verstat=TN-Validation-Failed@gw.example"}, "attestation"),
    ],
)
def test_a_relay_call_needs_everything_else(how: dict[str, object], reason: str) -> None:
    """Only that it begins with 050 is let pass: what else speaks against a call speaks against this one."""
    host = waits_for_relay(host_with())
    fields: dict[str, object] = {"id": "c1", "number": RELAY, "source": CallSource.NETWORK, **how}
    told = host.service.report_call(Call(**fields), session=host.view.id)  # type: ignore[arg-type]  # by name
    assert [reason] == codes(told)
    assert "PHONE" == host.look().state


@pytest.mark.rule("P3")
def test_a_relay_call_whose_validation_failed_is_another_call() -> None:
    """Under the same id it is refused, as that of any number is."""
    host = waits_for_relay(host_with())
    failed = "sip:+815031239001;verstat=TN-Validation-Failed@gw.example"
    assert CallStatus.VERIFIED is host.call("sip:+815031239001@gw.example", id="c1").status
    assert ["call_id_reused"] == codes(host.call(failed, id="c1"))


@pytest.mark.rule("P3", "S11", "A2")
@procedures
def test_the_policy_is_looked_at_again_at_the_call(procedure: Procedure) -> None:
    """Switched off after the choice, as an institution may, the call is refused, in another process too."""
    override = PolicyOverride({"caller_id.relay": True})
    bank = FakeBank(institutions=(attrs.evolve(INSTITUTION, policies=override),))
    host = waits_for_relay(host_with(Policies(), bank=bank), procedure)
    bank.change_institution(INSTITUTION)
    host.clock.advance(61)
    assert ["voip"] == codes(host.beside().call(RELAY))
    assert host.look().dial is not None


@pytest.mark.rule("I1")
@pytest.mark.parametrize(("policies", "state"), [(RELAYED, "BIM016"), (Policies(), "BIM015")])
def test_a_relay_number_is_a_registered_phone_where_the_policy_says_so(policies: Policies, state: str) -> None:
    """For the identity as for the offer: who has no other phone could not get in."""
    host = host_with(policies)
    host.start(Procedure.LOGIN_PASSWORD)
    assert state == host.send("submit_identity", host.identity(phone=RELAY)).state


@pytest.mark.rule("P1")
def test_who_has_nothing_but_a_relay_number_gets_through_where_the_policy_says_so() -> None:
    """And is REJECTED without it, as with any other 050 number."""
    refused, served = (Host(policies=each, customer=VOIP_ONLY) for each in (Policies(), RELAYED))
    for host in (refused, served):
        host.start(Procedure.LOGIN_PASSWORD)
        host.send("submit_identity", host.identity())
    assert ("REJECTED", ["no_phone"]) == (refused.view.state, codes(refused.view))
    assert ["050-3123-****"] == [phone.masked for phone in served.view.phones]


@pytest.mark.rule("P8", "A5")
def test_one_session_waits_for_a_relay_number_at_a_time() -> None:
    """A second one contests it, and a call proves neither."""
    host = waits_for_relay(host_with())
    other = waits_for_relay_refused(host.beside())
    assert ["number_in_use"] == other
    assert CallStatus.UNMATCHED is host.call(RELAY).status


def waits_for_relay_refused(host: Host) -> list[str]:
    """What a second session is told that chooses the same number."""
    host.at(Procedure.LOGIN_PASSWORD, "BIM016")
    return codes(host.send("choose_phone", host.phone(-1)))


@pytest.mark.rule("L6", "P4", "S8")
def test_the_wrong_codes_of_a_relay_number_are_cleared_and_exported() -> None:
    """`unlock` and `export` know the number, whatever the policy says by now."""
    host = host_with(attrs.evolve(RELAYED, phone=PhonePolicy(bim_code=True)))
    waits_for_relay(host)
    told = host.call(RELAY)
    assert told.code is not None
    host.keys(other_digits(told.code.reveal()))
    assert 1 == len(host.service.operator.export(ORDINARY.ref)["codes"])  # type: ignore[arg-type]  # a list
    later = attrs.evolve(host, policies=Policies())
    later.service.unlock(
        ORDINARY.institution, branch=ORDINARY.branch, subject=ORDINARY.subject, account=ORDINARY.account
    )
    assert [] == host.service.operator.export(ORDINARY.ref)["codes"]


@pytest.mark.rule("S9", "P1")
@procedures
def test_the_screens_say_that_a_relay_number_may_be_chosen(procedure: Procedure) -> None:
    """Beside the sentence that 050 does not do, and only where it is so."""
    for policies in (RELAYED, Policies()):
        host = host_with(policies)
        host.at(procedure, "BTR004" if procedure is Procedure.TOKEN_REISSUE else "PHONE")
        said = [notice.key for notice in host.view.screen.notices]
        assert policies.caller_id.relay == ("notice.phone.relay" in said)


@pytest.mark.rule("P4", "P12")
@pytest.mark.parametrize("channel", CodeChannel)
@procedures
def test_the_screen_says_what_a_customer_who_cannot_hear_does(procedure: Procedure, channel: CodeChannel) -> None:
    """With a displayed code that nothing has to be heard, with a spoken one whom to ask; before and during the call."""
    host = Host(policies=Policies(phone=PhonePolicy(bim_code=True, code_channel=channel)))
    host.at(procedure, "BTR004" if procedure is Procedure.TOKEN_REISSUE else "PHONE")
    before = {notice.key for notice in host.view.screen.notices}
    host.call()
    during = {notice.key for notice in host.look().screen.notices}
    for said in (before, during):
        told = {key for key in said if str(key).startswith("notice.phone.hearing")}
        assert {f"notice.phone.hearing_{channel}"} == told


@pytest.mark.rule("P4", "P12")
def test_a_call_that_is_only_confirmed_needs_no_hearing() -> None:
    """The screen says when to press which key."""
    host = Host(policies=Policies(phone=PhonePolicy(bim_announce=True)))
    host.at(Procedure.LOGIN_PASSWORD, "PHONE")
    host.call()
    said = {str(notice.key): notice for notice in host.look().screen.notices}
    assert ["notice.phone.hearing_confirmed"] == [key for key in said if "hearing" in key]
    assert "press 1 and #" in said["notice.phone.hearing_confirmed"].en
    assert CallStatus.VERIFIED is host.keys("1").status


@pytest.mark.rule("P4", "P6")
@pytest.mark.parametrize(
    ("phone", "told"),
    [
        (PhonePolicy(), False),
        (PhonePolicy(bim_announce=True), True),
        (PhonePolicy(bim_code=True), True),
        (PhonePolicy(bim_code=True, code_channel="displayed"), True),
    ],
    ids=["silent", "announced", "spoken", "displayed"],
)
def test_where_keys_are_pressed_the_screen_says_that_they_count_within_the_window(
    phone: PhonePolicy, told: bool
) -> None:
    """The window of the BIM family ends for the keys too, so whoever calls late is told before the call."""
    host = Host(policies=Policies(phone=phone))
    host.at(Procedure.LOGIN_PASSWORD, "PHONE")
    assert told is ("PHONE.notice.keys_in_time" in {str(notice.key) for notice in host.look().screen.notices})


@pytest.mark.rule("P4")
def test_where_nothing_is_to_be_heard_the_screen_says_nothing_of_it() -> None:
    """The BIM family's call is recognised and dropped: there is nothing to hear."""
    host = Host()
    host.at(Procedure.LOGIN_PASSWORD, "PHONE")
    assert not [notice for notice in host.view.screen.notices if "hearing" in str(notice.key)]


@pytest.mark.parametrize("wrong", ["050-3123-9001", 5, (1,), None])
def test_relay_phones_are_a_sequence_of_texts(wrong: object) -> None:
    """One text, a number, or none is a mistake of the host's, and no number is quoted."""
    with pytest.raises(InvalidArgument, match="phones must be") as caught:
        attrs.evolve(ORDINARY.contract, relay_phones=wrong)
    assert "3123" not in str(caught.value)


@pytest.mark.rule("S5")
def test_the_repr_of_a_contract_has_no_relay_number() -> None:
    """As it has no other number."""
    assert "9001" not in repr(attrs.evolve(ORDINARY.contract, relay_phones=(RELAY,)))
