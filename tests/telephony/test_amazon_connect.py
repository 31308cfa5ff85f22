"""Amazon Connect: the events of a flow, and the attributes that it gets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ja_reset.bank._script import Gather, HangUp, Reject, Say, SayDigits, Step
from ja_reset.bank._values import Call, CallResult, CallSource, CallStatus, Presentation
from ja_reset.errors import InvalidArgument
from ja_reset.proofs.caller import evidence
from ja_reset.secret import Secret
from ja_reset.telephony import Ended, Fault, Keys, UnreadableReport, Untrusted, amazon_connect
from ja_reset.testing.gateway_contract import GatewayContract, scripted
from ja_reset.testing.spellings import MOBILE, Spelling
from ja_reset.text import Text
from telephone_data import spellings_of

INSTANCE = "arn:aws:connect:ap-northeast-1:123456789012:instance/c8c0e68d-2200-4265-82c0-000000000000"


def event(parameters: Any = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """The event of a flow that an incoming call begins, with members of its contact changed."""
    contact = {
        "Attributes": {},
        "Channel": "VOICE",
        "ContactId": "4a573372-1f28-4e26-b97b-000000000000",
        "CustomerEndpoint": {"Address": MOBILE, "Type": "TELEPHONE_NUMBER"},
        "InitialContactId": "4a573372-1f28-4e26-b97b-000000000000",
        "InitiationMethod": "INBOUND",
        "InstanceARN": INSTANCE,
        "PreviousContactId": "4a573372-1f28-4e26-b97b-000000000000",
        "Queue": None,
        "SystemEndpoint": {"Address": "+81120417000", "Type": "TELEPHONE_NUMBER"},
    }
    details = {"ContactData": contact | changes, "Parameters": {} if parameters is None else parameters}
    return {"Name": "ContactFlowEvent", "Details": details}


def read(parameters: Any = None, **changes: Any) -> Call:  # noqa: ANN401 - JSON
    """The call of such an event."""
    return amazon_connect.read_call(event(parameters, **changes), instance=INSTANCE)


class TestAmazonConnect(GatewayContract):
    """Amazon Connect does what every gateway's adapter must do."""

    own_spellings: ClassVar[tuple[Spelling, ...]] = spellings_of("amazon_connect")

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """The event of a call from that number."""
        endpoint = {"Address": number, "Type": "TELEPHONE_NUMBER"}
        begun = event(ContactId=call_id, CustomerEndpoint=endpoint)
        return amazon_connect.read_call(begun, instance=INSTANCE, received_at=received_at)

    def read_keys(self, digits: str, *, call_id: str = "call-1", received_at: datetime | None = None) -> Keys:
        """The event with what was stored."""
        pressed = event({"keys": digits}, ContactId=call_id)
        return amazon_connect.read_keys(pressed, instance=INSTANCE, received_at=received_at)

    def read_end(self, *, call_id: str = "call-1", received_at: datetime | None = None) -> Ended:
        """The event of a disconnect flow."""
        return amazon_connect.read_end(event(ContactId=call_id), instance=INSTANCE, received_at=received_at)

    def reply(self, result: CallResult, *, language: str = "ja") -> str:
        """The attributes."""
        return str(amazon_connect.reply(result, language=language))


@pytest.mark.rule("P3", "P11")
def test_an_event_says_who_called_which_number() -> None:
    """Number, line and contact; a carrier passed the number on."""
    expected = Call(
        id="4a573372-1f28-4e26-b97b-000000000000",
        number=MOBILE,
        source=CallSource.NETWORK,
        dialed="+81120417000",
    )
    assert expected == read()
    assert expected == amazon_connect.read_call(event() | {"Ignored": 1}, instance=INSTANCE)


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    ("endpoint", "presentation"),
    [
        (None, Presentation.UNAVAILABLE),
        ({"Type": "TELEPHONE_NUMBER"}, Presentation.UNAVAILABLE),
        ({"Address": None, "Type": "TELEPHONE_NUMBER"}, Presentation.UNAVAILABLE),
        ({"Address": "anonymous", "Type": "TELEPHONE_NUMBER"}, Presentation.RESTRICTED),
    ],
)
def test_a_number_that_is_not_there_is_withheld_or_unavailable(endpoint: Any, presentation: Presentation) -> None:  # noqa: ANN401 - JSON
    """A missing endpoint is no error: the caller's number may not be there."""
    call = read(CustomerEndpoint=endpoint)
    assert (None, presentation) == (call.number, call.presentation)


@pytest.mark.rule("P3")
def test_a_transferred_and_a_forwarded_call_are_diverted() -> None:
    """The one is told by Connect, the other by the flow, if the carrier told it."""
    assert [False, True, True, False] == [
        read().diverted,
        read(InitiationMethod="TRANSFER").diverted,
        read({"diversion": "+81312345678"}).diverted,
        read({"diversion": ""}).diverted,
    ]


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    ("report", "fault", "field"),
    [
        (event() | {"Name": "S3Event"}, Fault.WRONG_KIND, "Name"),
        (event() | {"Details": None}, Fault.MISSING, "Details"),
        (event() | {"Details": "x"}, Fault.MALFORMED, "Details"),
        ({}, Fault.MISSING, "Name"),
        ([], Fault.MALFORMED, None),
        (None, Fault.MALFORMED, None),
        (event(ContactId=None), Fault.MISSING, "ContactId"),
        (event(ContactId=5), Fault.MALFORMED, "ContactId"),
        (event(ContactId="a" * 201), Fault.TOO_LONG, "ContactId"),
        (event(ContactId="通話"), Fault.NOT_ASCII, "ContactId"),
        (event(Channel="CHAT"), Fault.WRONG_KIND, "Channel"),
        (event(Channel=None), Fault.MISSING, "Channel"),
        (event(InitiationMethod="OUTBOUND"), Fault.WRONG_KIND, "InitiationMethod"),
        (event(InitiationMethod="CALLBACK"), Fault.WRONG_KIND, "InitiationMethod"),
        (event(InitiationMethod="WEBRTC_API"), Fault.WRONG_KIND, "InitiationMethod"),
        (event(InitiationMethod="inbound"), Fault.WRONG_KIND, "InitiationMethod"),
        (event(CustomerEndpoint=MOBILE), Fault.MALFORMED, "CustomerEndpoint"),
        (event(CustomerEndpoint={"Address": MOBILE, "Type": "VOIP"}), Fault.WRONG_KIND, "CustomerEndpoint"),
        (event(CustomerEndpoint={"Address": MOBILE}), Fault.MISSING, "Type"),
        (event(CustomerEndpoint={"Address": 9, "Type": "TELEPHONE_NUMBER"}), Fault.MALFORMED, "Address"),
        (event(CustomerEndpoint={"Address": [MOBILE] * 2, "Type": "TELEPHONE_NUMBER"}), Fault.MALFORMED, "Address"),
        (event(CustomerEndpoint={"Address": "+8190\n1", "Type": "TELEPHONE_NUMBER"}), Fault.NOT_ASCII, "Address"),
        (event(SystemEndpoint="+81120417000"), Fault.MALFORMED, "SystemEndpoint"),
        (event("x"), Fault.MALFORMED, "Parameters"),
        (event({"diversion": 5}), Fault.MALFORMED, "diversion"),
    ],
)
def test_an_event_that_cannot_be_read_is_refused(report: Any, fault: Fault, field: str | None) -> None:  # noqa: ANN401 - wrong types too
    """What is missing, of another type, or no incoming call from the telephone network."""
    with pytest.raises(UnreadableReport) as raised:
        amazon_connect.read_call(report, instance=INSTANCE)
    assert fault is raised.value.fault
    assert field == raised.value.field
    assert MOBILE not in str(raised.value)


@pytest.mark.parametrize("arn", [INSTANCE.replace("c8c0", "c8c1"), INSTANCE.upper(), INSTANCE + "/queue/1"])
def test_another_instance_is_not_trusted(arn: str) -> None:
    """Who else may invoke the function does not speak for this instance."""
    for reader in (amazon_connect.read_call, amazon_connect.read_keys, amazon_connect.read_end):
        with pytest.raises(Untrusted) as raised:
            reader(event({"keys": "1"}, InstanceARN=arn), instance=INSTANCE)
        assert (Fault.STRANGER, "InstanceARN") == (raised.value.fault, raised.value.field)


@pytest.mark.parametrize("instance", ["", "c8c0e68d-2200-4265-82c0-000000000000", None])
def test_the_instance_has_to_be_named_by_its_arn(instance: Any) -> None:  # noqa: ANN401 - a wrong type too
    """An empty one would be compared with an empty one."""
    with pytest.raises(InvalidArgument):
        amazon_connect.read_call(event(InstanceARN=instance), instance=instance)


JSON = st.recursive(
    st.none()
    | st.integers()
    | st.sampled_from(["", "VOICE", "INBOUND", "TELEPHONE_NUMBER", MOBILE, INSTANCE, "é", "\0"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["Name", "Details", "ContactData", "Address", "Type", "ContactId"]), inner)
    ),
    max_leaves=10,
)


@pytest.mark.rule("P3")
@given(JSON, st.sampled_from(["ContactId", "Channel", "CustomerEndpoint", "InitiationMethod", "SystemEndpoint"]))
def test_no_event_makes_a_number_of_what_is_none(value: Any, name: str) -> None:  # noqa: ANN401 - any JSON
    """Any JSON, whole or in one member, is refused, or a call with the number that stands in its one place."""
    for report in (value, event(**{name: value}), event(value)):
        try:
            call = amazon_connect.read_call(report, instance=INSTANCE)
        except UnreadableReport:
            continue
        assert evidence(call).number in {None, MOBILE}


@pytest.mark.rule("P4")
def test_an_entry_of_keys_and_a_silence() -> None:
    """What the flow stored; an invocation that is repeated is the same entry."""
    keys = amazon_connect.read_keys(event({"keys": "472913", "entry": "r-1"}), instance=INSTANCE)
    assert (Secret("472913"), "r-1") == (keys.digits, keys.entry_id)
    silence = amazon_connect.read_keys(event({"keys": "Timeout"}), instance=INSTANCE)
    assert (Secret(""), None) == (silence.digits, silence.entry_id)
    for wrong in ({}, {"keys": None}, {"keys": "timeout"}, {"keys": 472913}, None, {"keys": "1", "entry": "a" * 300}):
        with pytest.raises(UnreadableReport):
            amazon_connect.read_keys(event(wrong), instance=INSTANCE)


SAID = Say(Text("<番号>", "code"))
GATHER = Gather(most=8, silence=timedelta(seconds=4.5))


@pytest.mark.rule("P4")
def test_the_flow_gets_what_it_says_and_gathers() -> None:
    """Flat texts: a prompt for each time that keys are gathered, and what is said when none came."""
    code = SayDigits(Secret("47"))
    answer = amazon_connect.reply(scripted(SAID, code, GATHER, SAID, GATHER, SAID, HangUp()), entry="r-1")
    assert {"action", "prompt1", "prompt2", "gathers", "most", "silence", "goodbye", "entry"} == set(answer)
    assert ("gather", "2", "8", "5", "r-1") == tuple(
        answer[name] for name in ["action", "gathers", "most", "silence", "entry"]
    )
    assert answer["prompt1"].startswith("<speak>&lt;")
    assert "&lt;番号&gt;" in answer["prompt1"]
    assert "よん" in answer["prompt1"]
    assert all(isinstance(value, str) for value in answer.values())


@pytest.mark.rule("P4")
def test_the_flow_is_told_which_prompt_is_heard_to_its_end() -> None:
    """By a text of its own beside that prompt; the others are said where keys are taken."""
    after = Gather(most=8, silence=GATHER.silence, after_speech=True)
    answer = amazon_connect.reply(scripted(SAID, after, SAID, GATHER, SAID, HangUp()))
    assert ("true", "2", answer["prompt1"]) == (answer["after_speech1"], answer["gathers"], answer["prompt2"])
    assert "after_speech2" not in answer


@pytest.mark.rule("P4")
@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), {"action": "disconnect"}),
        ((HangUp(),), {"action": "disconnect"}),
        ((Reject(3),), {"action": "disconnect"}),
    ],
)
def test_a_call_without_words_is_disconnected(steps: tuple[Step, ...], expected: dict[str, str]) -> None:
    """Connect has answered already: it cannot let the phone ring."""
    assert expected == amazon_connect.reply(CallResult(CallStatus.REFUSED, script=steps))


@pytest.mark.rule("P4")
def test_words_alone_are_said_before_the_end() -> None:
    """Nothing is gathered after the code was right."""
    answer = amazon_connect.reply(scripted(SAID, HangUp()), language="en")
    assert answer == {"action": "say", "goodbye": "<speak>code</speak>"}
    with pytest.raises(InvalidArgument):
        amazon_connect.reply(scripted(*[GATHER] * 10))


@pytest.mark.parametrize("address", [[MOBILE], (MOBILE,), {"Address": MOBILE}, 819012345678])
def test_an_address_that_is_no_text_is_refused(address: Any) -> None:  # noqa: ANN401 - JSON
    """In JSON a list is a list: its one member is not taken for the number."""
    with pytest.raises(UnreadableReport) as refused:
        read(CustomerEndpoint={"Address": address, "Type": "TELEPHONE_NUMBER"})
    assert (Fault.MALFORMED, "Address") == (refused.value.fault, refused.value.field)
