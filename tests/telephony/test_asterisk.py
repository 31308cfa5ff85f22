"""Asterisk: what AGI, ARI and AMI say of a call, what they cannot tell, and the commands of an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset.bank._script import Gather, HangUp, Reject, Say, SayDigits
from ja_reset.bank._values import Call, CallResult, CallSource, CallStatus, Presentation
from ja_reset.errors import InvalidArgument
from ja_reset.proofs.caller import evidence
from ja_reset.secret import Secret
from ja_reset.telephony import Ended, Fault, Keys, UnreadableReport, Untrusted, asterisk
from ja_reset.testing.gateway_contract import GatewayContract, scripted
from ja_reset.testing.spellings import MOBILE, Spelling
from ja_reset.text import Text
from telephone_data import spellings_of

NETWORK = CallSource.NETWORK
ALLOWED, RESTRICTED, UNAVAILABLE = Presentation

ENVIRONMENT = {
    "agi_request": "reset.py",
    "agi_channel": "PJSIP/carrier-00000004",
    "agi_language": "ja",
    "agi_type": "PJSIP",
    "agi_uniqueid": "1573228604.14",
    "agi_version": "20.9.3",
    "agi_callerid": "09012345678",
    "agi_calleridname": "山田",
    "agi_callingpres": "0",
    "agi_callingani2": "0",
    "agi_callington": "0",
    "agi_callingtns": "0",
    "agi_dnid": "0120417000",
    "agi_rdnis": "unknown",
    "agi_context": "from-carrier",
    "agi_extension": "0120417000",
    "agi_priority": "4",
    "agi_enhanced": "0.0",
    "agi_accountcode": "",
    "agi_threadid": "140045105510144",
}


def agi(**changes: str | None) -> str:
    """AGI's environment with some variables changed; None: there is no such line."""
    lines = [f"{name}: {value}" for name, value in (ENVIRONMENT | changes).items() if value is not None]
    return "\n".join([*lines, "", ""])


def ari(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """ARI's StasisStart of a call that rings, with members of its channel changed."""
    channel = {
        "id": "1573228604.14",
        "name": "PJSIP/carrier-00000004",
        "state": "Ring",
        "caller": {"name": "", "number": "09012345678"},
        "connected": {"name": "", "number": ""},
        "dialplan": {"context": "from-carrier", "exten": "0120417000", "priority": 2},
        "channelvars": {"CALLERID(num-pres)": "allowed_not_screened", "CALLERID(rdnis)": ""},
    }
    return {"type": "StasisStart", "application": "reset", "args": [], "channel": channel | changes}


def ami(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - a wrong type too
    """AMI's NewCallerid of a call that rings."""
    return {
        "Event": "NewCallerid",
        "Channel": "PJSIP/carrier-00000004",
        "ChannelState": "4",
        "CallerIDNum": "09012345678",
        "Exten": "0120417000",
        "Uniqueid": "1573228604.14",
        "CID-CallingPres": "0 (Presentation Allowed, Not Screened)",
    } | changes


class Sounds:
    """Sound files by their numbers, with what each says."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, text: str) -> str:
        """A new file that says the text."""
        self.said.append(text)
        return f"file{len(self.said)}-"

    def spoken(self, reply: str) -> str:
        """The reply, with each file as what it says."""
        for number, text in enumerate(self.said, 1):
            reply = reply.replace(f"file{number}-", text)
        return reply


class TestAgi(GatewayContract):
    """AGI does what every gateway's adapter must do."""

    own_spellings: ClassVar[tuple[Spelling, ...]] = spellings_of("asterisk")

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """AGI's environment with that number."""
        return asterisk.read_call(
            agi(agi_callerid=number, agi_uniqueid=call_id), source=NETWORK, received_at=received_at
        )

    def read_keys(self, digits: str, *, call_id: str = "call-1", received_at: datetime | None = None) -> Keys:
        """The response to GET VARIABLE."""
        return asterisk.read_keys(call_id, f"200 result=1 ({digits})\n", received_at=received_at)

    def read_end(self, *, call_id: str = "call-1", received_at: datetime | None = None) -> Ended:
        """The line that FastAGI sends."""
        return asterisk.read_end("HANGUP\n", call_id=call_id, received_at=received_at)

    def reply(self, result: CallResult, *, language: str = "ja") -> str:
        """The commands, with what each sound file says."""
        sounds = Sounds()
        return sounds.spoken("\n".join(asterisk.reply(result, sound=sounds, language=language)))


class TestAri(TestAgi):
    """ARI does too."""

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """StasisStart with that number."""
        event = ari(id=call_id, caller={"name": "", "number": number})
        return asterisk.read_call(event, source=NETWORK, received_at=received_at)

    def read_keys(self, digits: str, *, call_id: str = "call-1", received_at: datetime | None = None) -> Keys:
        """One ChannelDtmfReceived for each key."""
        events = [{"type": "ChannelDtmfReceived", "digit": key, "channel": {"id": call_id}} for key in digits]
        return asterisk.read_keys(call_id, events, received_at=received_at)

    def read_end(self, *, call_id: str = "call-1", received_at: datetime | None = None) -> Ended:
        """ChannelDestroyed."""
        event = {"type": "ChannelDestroyed", "channel": {"id": call_id}}
        return asterisk.read_end(event, received_at=received_at)

    def reply(self, result: CallResult, *, language: str = "ja") -> str:
        """The operations, with what each sound file says."""
        sounds = Sounds()
        done = asterisk.operations(result, call_id="call-1", sound=sounds, language=language)
        return sounds.spoken(
            "\n".join(f"{each} {each.query}" if isinstance(each, asterisk.Operation) else str(each) for each in done)
        )


class TestAmi(TestAgi):
    """AMI does too; its answers are AGI's."""

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """NewCallerid with that number; the dialplan tells that the call was not diverted."""
        event = ami(CallerIDNum=number, Uniqueid=call_id)
        return asterisk.read_call(event, source=NETWORK, rdnis="", received_at=received_at)

    def read_keys(self, digits: str, *, call_id: str = "call-1", received_at: datetime | None = None) -> Keys:
        """One DTMFEnd for each key, as pairs."""
        events = [
            [("Event", "DTMFEnd"), ("Digit", key), ("Direction", "Received"), ("Uniqueid", call_id)] for key in digits
        ]
        return asterisk.read_keys(call_id, events, received_at=received_at)

    def read_end(self, *, call_id: str = "call-1", received_at: datetime | None = None) -> Ended:
        """Hangup."""
        return asterisk.read_end({"Event": "Hangup", "Uniqueid": call_id, "Cause": "16"}, received_at=received_at)


# What a report says, and what it cannot tell ------------------------------------------------------------------------


@pytest.mark.rule("P3")
def test_the_three_interfaces_say_the_same_of_a_call() -> None:
    """Number, line, presentation and diversion; who vouches for the number is the host's word."""
    calls = [
        asterisk.read_call(agi(), source=NETWORK),
        asterisk.read_call(agi().encode(), source=NETWORK),
        asterisk.read_call(ENVIRONMENT, source=NETWORK),
        asterisk.read_call(ari(), source=NETWORK),
        asterisk.read_call(ari(channelvars={}), source=NETWORK, num_pres="allowed", rdnis=""),
        asterisk.read_call(ami(), source=NETWORK, rdnis="unknown"),
        asterisk.read_call(list(ami(Event="Newchannel").items()), source=NETWORK, rdnis="<unknown>"),
    ]
    expected = Call(id="1573228604.14", number="09012345678", source=NETWORK, dialed="0120417000")
    assert [expected] * len(calls) == calls
    assert CallSource.CLAIMED is asterisk.read_call(agi(), source=CallSource.CLAIMED).source


@pytest.mark.rule("P3")
def test_who_vouches_for_the_number_has_to_be_said() -> None:
    """Asterisk puts an asserted and a claimed number into the same variable."""
    with pytest.raises(TypeError):
        asterisk.read_call(agi())  # type: ignore[call-arg]  # that is the test


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    ("octet", "name", "presentation"),
    [
        ("0", "allowed_not_screened", ALLOWED),
        ("1", "allowed_passed_screen", ALLOWED),
        ("3", "allowed", ALLOWED),
        ("32", "prohib_not_screened", RESTRICTED),
        ("33", "prohib_passed_screen", RESTRICTED),
        ("34", "prohib_failed_screen", RESTRICTED),
        ("35", "prohib", RESTRICTED),
        ("67", "unavailable", UNAVAILABLE),
        ("99", None, UNAVAILABLE),
    ],
)
def test_the_presentation_is_a_number_or_a_name(octet: str, name: str | None, presentation: Presentation) -> None:
    """A number that is restricted or unavailable is not passed on, under either spelling (Q.931, octet 3a)."""
    number = "09012345678" if presentation is ALLOWED else None
    for call in (
        asterisk.read_call(agi(agi_callingpres=octet), source=NETWORK),
        asterisk.read_call(ami(**{"CID-CallingPres": f"{octet} (Presentation)"}), source=NETWORK, rdnis=""),
        asterisk.read_call(ari(channelvars={}), source=NETWORK, num_pres=name or octet, rdnis=""),
    ):
        assert (presentation, number) == (call.presentation, call.number)


@pytest.mark.rule("P3")
def test_a_number_and_a_name_of_the_same_presentation_agree() -> None:
    """Where AGI and the dialplan both tell; two that differ contradict each other, if only in the screening."""
    names = ["allowed_not_screened", "allowed_passed_screen", "allowed_failed_screen", "allowed"]
    names += [name.replace("allowed", "prohib") for name in names] + ["unavailable"]
    octets = ["0", "1", "2", "3", "32", "33", "34", "35", "67"]
    agreed = set()
    for octet in octets:
        for name in names:
            try:
                asterisk.read_call(agi(agi_callingpres=octet), source=NETWORK, num_pres=name)
            except UnreadableReport:
                continue
            agreed.add((octet, name))
    assert set(zip(octets, names, strict=True)) == agreed


@pytest.mark.rule("P3")
@pytest.mark.parametrize("number", ["09012345678", "+819012345678"])
def test_a_number_that_failed_screening_proves_nothing(number: str) -> None:
    """The network checked what the caller's side said, and it was not true."""
    found = evidence(asterisk.read_call(agi(agi_callingpres="2", agi_callerid=number), source=NETWORK))
    assert (MOBILE, "attestation") == (found.number, found.refusal)


@pytest.mark.rule("P3")
def test_on_isdn_a_number_that_was_not_screened_is_claimed() -> None:
    """There the network itself says who provided it; in SIP Asterisk always writes 0."""
    channel = "DAHDI/i1/09012345678-4"
    for octet, expected in (("0", CallSource.CLAIMED), ("1", NETWORK), ("3", NETWORK)):
        reports = (
            agi(agi_channel=channel, agi_callingpres=octet),
            ami(Channel=channel, **{"CID-CallingPres": octet}),
            ari(name=channel, channelvars={"CALLERID(num-pres)": octet}),
        )
        told = [asterisk.read_call(each, source=NETWORK, rdnis="").source for each in reports]
        assert [expected] * 3 == told


@pytest.mark.rule("P3")
def test_a_diverted_call_is_told() -> None:
    """By AGI and ARI themselves, by the dialplan for AMI."""
    assert asterisk.read_call(agi(agi_rdnis="0312345678"), source=NETWORK).diverted
    assert asterisk.read_call(ari(caller_rdnis="0312345678"), source=NETWORK).diverted
    passed = {"CALLERID(num-pres)": "allowed", "CALLERID(rdnis)": "0312345678"}
    assert asterisk.read_call(ari(channelvars=passed), source=NETWORK).diverted
    assert asterisk.read_call(ami(), source=NETWORK, rdnis="0312345678").diverted


@pytest.mark.rule("P11")
@pytest.mark.parametrize(
    ("dnid", "extension", "expected"),
    [
        ("0120417000", "s", "0120417000"),
        ("unknown", "0120417000", "0120417000"),
        ("", "+81120417000", "+81120417000"),
        ("unknown", "s", None),
        ("unknown", "i", None),
    ],
)
def test_the_line_is_what_was_dialled_not_where_the_dialplan_is(
    dnid: str, extension: str, expected: str | None
) -> None:
    """An extension with a name of its own, such as `s`, was not dialled."""
    assert expected == asterisk.read_call(agi(agi_dnid=dnid, agi_extension=extension), source=NETWORK).dialed


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    ("report", "options", "fault", "field"),
    [
        (agi(agi_uniqueid=None), {}, Fault.MISSING, None),
        (agi(agi_uniqueid=""), {}, Fault.MISSING, None),
        (agi(agi_callerid=None), {}, Fault.MISSING, None),
        (agi(agi_callingpres=None), {}, Fault.MISSING, None),
        (agi(agi_rdnis=None), {}, Fault.MISSING, None),
        (agi(agi_callingpres="-1"), {}, Fault.MALFORMED, None),
        (agi(agi_callingpres="128"), {}, Fault.MALFORMED, None),
        (agi(agi_callingpres="11"), {}, Fault.MALFORMED, None),
        (agi(agi_callingpres="03"), {}, Fault.MALFORMED, None),
        (agi(agi_callingpres="28"), {}, Fault.MALFORMED, None),
        (agi(agi_callingpres="Allowed"), {}, Fault.MALFORMED, None),
        (agi(agi_callingpres="0"), {"num_pres": "prohib"}, Fault.CONTRADICTORY, "num-pres"),
        (agi(), {"rdnis": "0312345678"}, Fault.CONTRADICTORY, "rdnis"),
        (agi(agi_calleridname="a\nagi_callingpres: 0"), {}, Fault.DOUBLED, None),
        (agi(agi_calleridname="a\n\nagi_callingpres: 0"), {}, Fault.MALFORMED, None),
        (agi() + "200 result=0", {}, Fault.MALFORMED, None),
        (agi(agi_callerid="0901234\r5678"), {}, Fault.NOT_ASCII, None),
        (agi(agi_callerid="0901234\x005678"), {}, Fault.NOT_ASCII, None),
        ("", {}, Fault.MALFORMED, None),
        ("".join(f"agi_{n}: 1\n" for n in range(300)), {}, Fault.TOO_MANY, None),
        ("a" * 70_000, {}, Fault.TOO_LONG, None),
        (ari(channelvars={}), {"rdnis": ""}, Fault.MISSING, "num-pres"),
        (ari(channelvars=None), {"rdnis": ""}, Fault.MISSING, "num-pres"),
        (ari(channelvars={"CALLERID(num-pres)": ""}), {"rdnis": ""}, Fault.MISSING, "num-pres"),
        (ari(channelvars={"CALLERID(num-pres)": "allowed"}), {}, Fault.MISSING, "rdnis"),
        (ari(), {"num_pres": "prohib"}, Fault.CONTRADICTORY, "num-pres"),
        (ari(state="Up"), {}, Fault.WRONG_KIND, "state"),
        (ari(caller=None), {}, Fault.MISSING, "caller"),
        (ari(caller="09012345678"), {}, Fault.MALFORMED, "caller"),
        (ari(caller={"number": 9012345678}), {}, Fault.MALFORMED, "number"),
        (ari(id=None), {}, Fault.MISSING, "id"),
        (ari() | {"type": "StasisEnd"}, {}, Fault.WRONG_KIND, "type"),
        (ari() | {"channel": "1"}, {}, Fault.MALFORMED, "channel"),
        (ami(Event="Newchannel", **{"CID-CallingPres": None}), {"rdnis": ""}, Fault.MISSING, "num-pres"),
        (ami(), {}, Fault.MISSING, "rdnis"),
        (ami(ChannelState="5"), {"rdnis": ""}, Fault.WRONG_KIND, "ChannelState"),
        (ami(Event="Hangup"), {"rdnis": ""}, Fault.WRONG_KIND, "Event"),
        ([*ami().items(), ("CallerIDNum", "0")], {"rdnis": ""}, Fault.DOUBLED, "CallerIDNum"),
        (5, {}, Fault.MALFORMED, None),
        ({}, {}, Fault.MISSING, None),
    ],
)
def test_a_report_that_cannot_be_read_is_refused(
    report: Any,  # noqa: ANN401 - wrong types too
    options: dict[str, str],
    fault: Fault,
    field: str | None,
) -> None:
    """What is missing, doubled, contradictory, of another call or unknown to the interface is never guessed."""
    with pytest.raises(UnreadableReport) as raised:
        asterisk.read_call(report, source=NETWORK, **options)  # type: ignore[arg-type]  # texts
    assert fault is raised.value.fault
    assert field is None or field == raised.value.field
    assert "9012345678" not in str(raised.value)


def test_fastagi_has_to_bring_the_secret() -> None:
    """Whoever reaches the port can write an environment; the first argument is compared where a secret is expected."""
    token = Secret("8f3c")
    network = {"agi_network": "yes", "agi_network_script": "reset"}
    assert asterisk.read_call(agi(**network, agi_arg_1="8f3c"), source=NETWORK, token=token).number
    for report, expected in [
        (agi(**network), None),
        (agi(**network, agi_arg_1="8f3c"), None),
        (agi(**network), token),
        (agi(**network, agi_arg_1="8f3d"), token),
        (agi(), token),
        (agi(**network, agi_arg_1=""), Secret("")),
        (agi(**network), Secret("")),
    ]:
        with pytest.raises(Untrusted) as raised:
            asterisk.read_call(report, source=NETWORK, token=expected)
        assert "8f3c" not in str(raised.value)
    with pytest.raises(InvalidArgument, match="Secret"):
        asterisk.read_call(agi(**network, agi_arg_1="8f3c"), source=NETWORK, token="8f3c")  # type: ignore[arg-type]  # a slip


FRAGMENTS = ["agi_callerid: ", "agi_callingpres: ", "agi_uniqueid: 1", "agi_rdnis: ", "agi_dnid: ", "unknown", "\n"]
FRAGMENTS += ["0", "32", "67", "09012345678", "+81", "9", " ", "\r", "\0", "é", "９", ";", "tel:", "anonymous"]


@pytest.mark.rule("P3")
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join), st.booleans())
@example("agi_callerid: 09012345678\nagi_callingpres: 32\n", False)
@example("agi_callerid: 09012345678\nagi_callingpres: 0\nagi_rdnis: \nagi_uniqueid: 1", False)
def test_no_environment_makes_a_number_of_what_is_none(text: str, whole: bool) -> None:
    """Whatever comes is refused, or the number is that of the one line for it, with the presentation of the other."""
    try:
        call = asterisk.read_call((agi()[:-1] if whole else "") + text, source=NETWORK)
    except UnreadableReport:
        return
    number = evidence(call).number
    if number is not None:
        lines = (agi() + text if whole else text).split("\n")
        told = [line.removeprefix("agi_callerid: ") for line in lines if line.startswith("agi_callerid:")]
        assert [number] == [evidence(Call(id="1", number=each, source=NETWORK)).number for each in told]
        octets = [int(line.split(": ")[1]) for line in lines if line.startswith("agi_callingpres:")]
        assert [0] == [octet & 0x60 for octet in octets]


JSON = st.recursive(
    st.none() | st.integers() | st.sampled_from(["", "StasisStart", "Ring", "0", "allowed", "09012345678", "é", "\0"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["type", "channel", "id", "state", "caller", "number", "channelvars", "dialplan", "Event"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(["id", "state", "caller", "channelvars", "dialplan", "caller_rdnis"]))
def test_no_event_breaks_the_reader(value: Any, name: str) -> None:  # noqa: ANN401 - any JSON
    """Any JSON, whole or in one member, is a call or a refusal."""
    for report in (value, ari(**{name: value})):
        try:
            call = asterisk.read_call(report, source=NETWORK)
        except UnreadableReport:
            continue
        assert call.number in {None, "09012345678", "0", "allowed", "Ring", "StasisStart"}


# Keys, the end, the answer ------------------------------------------------------------------------------------------


@pytest.mark.rule("P4")
@pytest.mark.parametrize(
    "report",
    [
        "200 result=0",
        "200 result=1",
        "200 result=-1",
        "200 result=1 (timeout)",
        "200 result=1 (12) (34)",
        "510 Invalid or unknown command",
        "",
        [{"type": "ChannelDtmfReceived", "digit": "12", "channel": {"id": "call-1"}}],
        [{"type": "ChannelDtmfReceived", "digit": "1", "channel": {"id": "call-2"}}],
        [{"type": "ChannelHangupRequest", "digit": "1", "channel": {"id": "call-1"}}],
        [{"Event": "DTMFEnd", "Digit": "1", "Direction": "Sent", "Uniqueid": "call-1"}],
        [{"Event": "DTMFBegin", "Digit": "1", "Direction": "Received", "Uniqueid": "call-1"}],
        [{}],
    ],
)
def test_keys_that_cannot_be_read_are_refused(report: Any) -> None:  # noqa: ANN401 - a text or events
    """A variable that is not set, another response, another call's keys, or those that we sent."""
    with pytest.raises(UnreadableReport):
        asterisk.read_keys("call-1", report)


def test_the_ends_of_a_call() -> None:
    """Each line and event that says that the caller is gone, and no other."""
    lines = ["HANGUP\n", "511 Command Not Permitted on a dead channel or intercept routine", "200 result=-1"]
    ends = [asterisk.read_end(line, call_id="1") for line in lines]
    ends += [
        asterisk.read_end({"type": kind, "channel": {"id": "1"}}) for kind in ("StasisEnd", "ChannelHangupRequest")
    ]
    assert [Ended(call_id="1")] * 5 == ends
    for line, call_id in (("200 result=0", "1"), ("HANGUP", None), ("HANGUP\n\n", "1")):
        with pytest.raises(UnreadableReport):
            asterisk.read_end(line, call_id=call_id)
    for event in ({"type": "StasisStart", "channel": {"id": "1"}}, {"Event": "Hangup"}, {"Event": "Newchannel"}):
        with pytest.raises(UnreadableReport):
            asterisk.read_end(event)
    with pytest.raises(UnreadableReport):
        asterisk.read_end({"Event": "Hangup", "Uniqueid": "1"}, call_id="2")


@pytest.mark.rule("P4")
def test_an_answer_is_commands_of_agi() -> None:
    """What is said before keys are gathered can be interrupted by them; a rejected call rings and is busy."""
    said, code = Say(Text("番号", "code")), SayDigits(Secret("47"))
    gather = Gather(most=6, silence=timedelta(seconds=4.5))
    files = "ja-reset/1&digits/4&silence/1&digits/7&silence/1"
    assert asterisk.reply(scripted(said, code, gather, said, HangUp()), sound=lambda _: "ja-reset/1") == (
        "ANSWER",
        'SET VARIABLE CHANNEL(language) "ja"',
        f'EXEC Read "JA_RESET_KEYS,{files},6,,1,5"',
        "GET VARIABLE JA_RESET_KEYS",
        'EXEC Playback "ja-reset/1"',
        "HANGUP",
    )
    rejected = ('EXEC Ringing ""', 'EXEC Wait "9"', 'EXEC Hangup "17"')
    assert rejected == asterisk.reply(scripted(Reject(3)), sound=str)
    assert ("HANGUP",) == asterisk.reply(CallResult(CallStatus.UNMATCHED), sound=str)


@pytest.mark.rule("P4")
def test_what_is_heard_to_its_end_is_a_playback() -> None:
    """No key ends it; then keys are read, with nothing played. In ARI the step tells it."""
    said = Say(Text("注意", "warning"))
    first, second = (Gather(most=8, silence=timedelta(seconds=8), after_speech=after) for after in (True, False))
    result = scripted(said, first, said, second, HangUp())
    assert asterisk.reply(result, sound=lambda _: "warning")[2:] == (
        'EXEC Playback "warning"',
        'EXEC Read "JA_RESET_KEYS,,8,,1,8"',
        "GET VARIABLE JA_RESET_KEYS",
        'EXEC Read "JA_RESET_KEYS,warning,8,,1,8"',
        "GET VARIABLE JA_RESET_KEYS",
        "HANGUP",
    )
    answer, play, gather, *_ = asterisk.operations(result, call_id="1", sound=lambda _: "warning")
    assert ["/channels/1/answer", "/channels/1/play"] == [answer.path, play.path]  # type: ignore[union-attr]  # requests
    assert first == gather


@pytest.mark.rule("P4")
def test_an_answer_is_operations_of_ari() -> None:
    """The same as requests; the id of the channel cannot leave its place in the path."""
    done = asterisk.operations(
        scripted(Say(Text("番号", "code")), Gather(most=6, silence=timedelta(seconds=5)), HangUp()),
        call_id="../1?a",
        sound=lambda _: "http://127.0.0.1:8088/1.wav",
        language="en",
    )
    channel = "/channels/..%2F1%3Fa"
    assert done == (
        asterisk.Operation("POST", f"{channel}/answer"),
        asterisk.Operation("POST", f"{channel}/play", {"media": "sound:http://127.0.0.1:8088/1.wav", "lang": "en"}),
        Gather(most=6, silence=timedelta(seconds=5)),
        asterisk.Operation("DELETE", channel),
    )
    ring, wait, busy = asterisk.operations(scripted(Reject(2)), call_id="1", sound=str)
    assert ("/channels/1/ring", timedelta(seconds=6)) == (ring.path, wait)  # type: ignore[union-attr]  # a request
    assert asterisk.Operation("DELETE", "/channels/1", {"reason_code": "17"}) == busy
    assert "8088" not in repr(done)


@pytest.mark.parametrize("name", ["", "a b", 'a"', "a,b", "a&b", "a\nHANGUP", "a|b", "${X}", "銀行", "a" * 300, None])
def test_a_sound_cannot_become_a_command(name: Any) -> None:  # noqa: ANN401 - a wrong type too
    """Neither its name nor a language ends the argument that it stands in."""
    result = scripted(Say(Text("番号", "code")), HangUp())
    with pytest.raises(InvalidArgument):
        asterisk.reply(result, sound=lambda _: name)
    with pytest.raises(InvalidArgument):
        asterisk.operations(result, call_id="1", sound=lambda _: name)
    with pytest.raises(InvalidArgument):
        asterisk.reply(result, sound=lambda _: "a", language=f'ja"{name}')
