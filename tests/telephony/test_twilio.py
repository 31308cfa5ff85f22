"""Twilio's requests are read whole or refused, its signature is checked, and its answers are TwiML."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlencode
from xml.etree import ElementTree as ET

import pytest

from hosts import Host
from ja_reset import Call, CallResult, CallSource, CallStatus, InvalidArgument, Presentation, Secret, Text
from ja_reset.bank._script import Gather, HangUp, Reject, Say, SayDigits
from ja_reset.proofs.caller import evidence
from ja_reset.telephony import Ended, Fault, Keys, UnreadableReport, Untrusted, twilio
from ja_reset.testing.gateway_contract import GatewayContract, scripted
from ja_reset.testing.spellings import MOBILE, Spelling
from telephone_data import spellings_of

DIAL = "+81120417000"


def sid(call_id: str) -> str:
    """A call's id as Twilio makes it."""
    return f"CA{call_id.encode().hex():0>32}" if call_id else ""


def request(**changed: str | None) -> dict[str, str]:
    """The parameters of a call that rings, as Twilio posts them; None leaves one out."""
    form: dict[str, str | None] = {
        "AccountSid": f"AC{'0' * 32}",
        "ApiVersion": "2010-04-01",
        "CallSid": sid("1"),
        "CallStatus": "ringing",
        "Called": DIAL,
        "Caller": MOBILE,
        "CallerCountry": "JP",
        "Direction": "inbound",
        "From": MOBILE,
        "FromCity": "",
        "To": DIAL,
        **changed,
    }
    return {name: value for name, value in form.items() if value is not None}


class TestTwilioContract(GatewayContract):
    """Twilio's adapter behaves as every gateway's must."""

    own_spellings: ClassVar[tuple[Spelling, ...]] = spellings_of("twilio")

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """A request to the voice address, whose older name for the caller says the same."""
        form = request(CallSid=sid(call_id), From=number, Caller=number)
        return twilio.read_call(list(form.items()), received_at=received_at)

    def read_keys(self, digits: str, *, call_id: str = "call-1", received_at: datetime | None = None) -> Keys:
        """A request to the action of a Gather."""
        form = request(CallSid=sid(call_id), CallStatus="in-progress", Digits=digits)
        return twilio.read_keys(form, received_at=received_at)

    def read_end(self, *, call_id: str = "call-1", received_at: datetime | None = None) -> Ended:
        """A request to the status callback."""
        return twilio.read_end(request(CallSid=sid(call_id), CallStatus="completed"), received_at=received_at)

    def reply(self, result: CallResult, *, language: str = "ja") -> str:
        """TwiML."""
        return twilio.reply(result, language=language)


# A call -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("P3")
def test_a_call_from_the_telephone_network_is_evidence_of_its_number() -> None:
    """A plain number is what the last carrier passed on."""
    call = twilio.read_call(request())
    assert (MOBILE, CallSource.NETWORK, DIAL) == (call.number, call.source, call.dialed)
    assert (Presentation.ALLOWED, None, False) == (call.presentation, call.attestation, call.diverted)


@pytest.mark.rule("P3")
@pytest.mark.parametrize("caller", ["client:alice", f"client:{MOBILE}", f"sip:{MOBILE}@example.jp", f"tel:{MOBILE}"])
def test_who_names_itself_merely_claims(caller: str) -> None:
    """An app or a SIP device is CLAIMED, whatever number it gives; an app's name is no number at all."""
    call = twilio.read_call(request(From=caller, Caller=caller))
    assert CallSource.CLAIMED is call.source
    assert caller.startswith("client:") is (call.number is None)


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    ("verstat", "attestation", "refusal"),
    [
        ("TN-Validation-Passed-A", "A", None),
        ("TN-Validation-Passed-B", "B", None),
        ("TN-Validation-Passed-C", "C", None),
        ("No-TN-Validation", None, None),
        ("TN-Validation-Failed", None, "attestation"),
        ("TN-Validation-Failed-A", None, "attestation"),
        ("TN-Validation-Failed-B", None, "attestation"),
        ("TN-Validation-Failed-C", None, "attestation"),
        ("TN-Validation-Passed-A-Passthrough", "A", None),
        ("TN-Validation-Failed-A-Passthrough", None, "attestation"),
        ("NULL", None, "attestation"),
    ],
)
def test_a_signature_is_passed_on(verstat: str, attestation: str | None, refusal: str | None) -> None:
    """A validation that passed gives its level; one that failed refuses the number, whatever the policy demands."""
    call = twilio.read_call(request(StirVerstat=verstat))
    assert attestation == call.attestation
    assert (MOBILE, refusal) == (evidence(call).number, evidence(call).refusal)


@pytest.mark.rule("P3")
@pytest.mark.parametrize("number", ["sip:+819012345678@example.jp", "tel:+819012345678", "anonymous", "+15558675309"])
def test_a_failed_signature_never_proves_a_number_in_another_spelling(number: str) -> None:
    """Nothing is proved, in whatever form the number came."""
    call = twilio.read_call(request(From=number, Caller=number, StirVerstat="TN-Validation-Failed"))
    assert evidence(call).refusal is not None


@pytest.mark.rule("P3")
def test_a_forwarded_call_is_diverted() -> None:
    """What the carrier says of a forwarding is passed on; without it the call is not diverted."""
    assert twilio.read_call(request(ForwardedFrom="+81312345678")).diverted
    assert not twilio.read_call(request(ForwardedFrom="")).diverted
    assert twilio.read_call(request(StirVerstat="TN-Validation-Passed-A-Diverted")).diverted
    assert not twilio.read_call(request(StirVerstat="TN-Validation-Passed-A-Passthrough")).diverted


@pytest.mark.parametrize(
    ("changed", "fault", "field"),
    [
        ({"CallSid": None}, Fault.MISSING, "CallSid"),
        ({"CallSid": ""}, Fault.MISSING, "CallSid"),
        ({"CallSid": "C" * 201}, Fault.TOO_LONG, "CallSid"),
        ({"CallSid": "CA\u0661"}, Fault.NOT_ASCII, "CallSid"),
        ({"To": None}, Fault.MISSING, "To"),
        ({"CallStatus": None}, Fault.MISSING, "CallStatus"),
        ({"CallStatus": "completed"}, Fault.WRONG_KIND, "CallStatus"),
        ({"CallStatus": "Ringing"}, Fault.WRONG_KIND, "CallStatus"),
        ({"Direction": "outbound-api"}, Fault.WRONG_KIND, "Direction"),
        ({"Direction": "outbound-dial"}, Fault.WRONG_KIND, "Direction"),
        ({"Digits": "1"}, Fault.WRONG_KIND, "Digits"),
        ({"Digits": ""}, Fault.WRONG_KIND, "Digits"),
        ({"Caller": "+819087654321"}, Fault.CONTRADICTORY, "Caller"),
        ({"From": None}, Fault.CONTRADICTORY, "Caller"),
        ({"Called": "+81120000000"}, Fault.CONTRADICTORY, "Called"),
        ({"StirVerstat": "TN-Validation-Passed"}, Fault.MALFORMED, "StirVerstat"),
        ({"StirVerstat": "tn-validation-passed-a"}, Fault.MALFORMED, "StirVerstat"),
        ({"StirVerstat": "TN-Validation-Passed-AA"}, Fault.MALFORMED, "StirVerstat"),
        ({"ForwardedFrom": "é"}, Fault.NOT_ASCII, "ForwardedFrom"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(changed: dict[str, str | None], fault: Fault, field: str) -> None:
    """Missing, overlong, not ASCII, contradictory, unknown or another kind of request: never a call."""
    with pytest.raises(UnreadableReport) as refused:
        twilio.read_call(request(**changed))
    assert (fault, field, "twilio") == (refused.value.fault, refused.value.field, refused.value.gateway)


class Multi(dict[str, Any]):
    """A framework's form: `[]` gives the last value of a name, `getlist` all."""

    def getlist(self, name: str) -> list[Any]:
        """Every value of that name."""
        return list(super().get(name, []))

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as frameworks have it
        """The last value of that name."""
        return self[name][-1] if name in self else default


class Pairs(Mapping[str, str]):
    """The form of aiohttp, Litestar or Pyramid: `[]` gives the first value of a name, `getall` all, or KeyError."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = list(pairs)

    def __getitem__(self, name: str) -> str:
        return self.getall(name)[0]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def items(self) -> Any:  # noqa: ANN401 - a view of its own
        """Every pair."""
        return self._pairs

    def getall(self, name: str) -> list[str]:
        """Every value of that name."""
        found = [value for each, value in self._pairs if each == name]
        if not found:
            raise KeyError(name)
        return found


@pytest.mark.parametrize("name", ["CallSid", "From", "To", "CallStatus", "StirVerstat", "ForwardedFrom", "Direction"])
def test_a_doubled_parameter_is_refused_in_every_kind_of_form(name: str) -> None:
    """Neither the first nor the last of two values wins, also where both are the same."""
    form = request(StirVerstat="No-TN-Validation", ForwardedFrom=MOBILE)
    doubled = [*form.items(), (name, form[name])]
    body = urlencode(doubled)
    pairs = parse_qsl(body, keep_blank_values=True)
    for each in (doubled, pairs, parse_qs(body), Multi(parse_qs(body)), Pairs(doubled)):
        with pytest.raises(UnreadableReport) as refused:
            twilio.read_call(each)
        assert (Fault.DOUBLED, name) == (refused.value.fault, refused.value.field)


def test_every_kind_of_form_is_read_the_same() -> None:
    """Pairs, a dict, lists of values and a framework's form give one call."""
    form = request()
    body = urlencode(form)
    expected = twilio.read_call(form)
    pairs = parse_qsl(body, keep_blank_values=True)
    for each in (form.items(), pairs, parse_qs(body), Multi(parse_qs(body)), Pairs(pairs)):
        assert expected == twilio.read_call(each)


@pytest.mark.parametrize("form", ["CallSid=1", b"CallSid", [1, 2], [("a",)], [("a", "b", "c")], 7, None, [([], "x")]])
def test_what_is_no_form_is_refused(form: Any) -> None:  # noqa: ANN401 - whatever came
    """A raw body, or anything else that is not pairs, is an UnreadableReport and no accident."""
    with pytest.raises(UnreadableReport):
        twilio.read_call(form)


@pytest.mark.rule("P3")
def test_a_recorded_call_is_a_new_one_once_the_service_has_forgotten_it() -> None:
    """Nothing in a request says how old it is: it is known by its call's id, for `call_memory` and no longer."""
    host = Host()
    recorded = request(From="+819012345601", Caller="+819012345601")
    host.at_phone()
    assert CallStatus.VERIFIED is host.service.report_call(twilio.read_call(recorded)).status
    for wait, expected in ((timedelta(hours=23), CallStatus.REFUSED), (timedelta(hours=2), CallStatus.VERIFIED)):
        host.clock.advance(wait)
        host.at_phone()
        assert expected is host.service.report_call(twilio.read_call(recorded)).status
        host.send("cancel")


@pytest.mark.parametrize("value", [b"+819012345678", 819012345678, None, ["+819012345678"] * 2, {"a": 1}])
def test_a_value_that_is_no_text_never_proves_a_number(value: Any) -> None:  # noqa: ANN401 - whatever came
    """Bytes, numbers, files and nested values are refused, or read as nothing."""
    form: Mapping[str, Any] = {**request(Caller=None), "From": value}
    try:
        call = twilio.read_call(form)
    except UnreadableReport:
        return
    assert call.number is None


def test_a_flood_of_parameters_is_refused() -> None:
    """A form of thousands of fields is not gone through to its end."""
    with pytest.raises(UnreadableReport) as refused:
        twilio.read_call([*request().items(), *((f"x{n}", "1") for n in range(100_000))])
    assert Fault.TOO_MANY is refused.value.fault


# Keys and the end ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("P4")
def test_a_retry_of_an_entry_has_its_id() -> None:
    """The idempotency token of the request names the entry; without one it has no id."""
    form = request(CallStatus="in-progress", Digits="123456")
    assert "f3-1" == twilio.read_keys(form, idempotency_token="f3-1").entry_id
    assert twilio.read_keys(form).entry_id is None


@pytest.mark.parametrize("token", ["é", "x" * 201, "a\nb"])
def test_a_bad_idempotency_token_is_refused(token: str) -> None:
    """An id that a store could not keep is no id."""
    with pytest.raises(UnreadableReport):
        twilio.read_keys(request(Digits="1"), idempotency_token=token)


def test_keys_that_are_missing_are_no_empty_entry() -> None:
    """A request without Digits is another request; one with empty Digits is an entry of nothing."""
    with pytest.raises(UnreadableReport):
        twilio.read_keys(request())
    assert Secret("") == twilio.read_keys(request(Digits="")).digits


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_a_call_that_is_over_has_ended(status: str) -> None:
    """Every final status ends the call."""
    assert sid("1") == twilio.read_end(request(CallStatus=status)).call_id


@pytest.mark.parametrize("status", ["queued", "ringing", "in-progress", "", "COMPLETED", "over"])
def test_a_call_that_goes_on_has_not_ended(status: str) -> None:
    """No other status ends it."""
    with pytest.raises(UnreadableReport):
        twilio.read_end(request(CallStatus=status))


# The signature ------------------------------------------------------------------------------------------------------

TOKEN = Secret("12345")
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
SIGNED = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
"""The example of https://www.twilio.com/docs/usage/security#validating-requests, with its token."""


def signature(url: str, form: Mapping[str, str], token: str = "12345") -> str:
    """Twilio's signature, made another way."""
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def test_the_documented_example_is_signed() -> None:
    """The signature that Twilio's documentation has for its example is right."""
    assert twilio.is_signed(URL, SIGNED, SIGNATURE, TOKEN)


@pytest.mark.parametrize(
    "given", [None, "", "RSOYDt4T1cUTdK1PDd93/VVr8B8", f" {SIGNATURE}", SIGNATURE.lower(), "é", "\ud800", SIGNATURE * 2]
)
def test_a_wrong_signature_is_refused(given: str | None) -> None:
    """Anything but the signature itself is none, and no accident."""
    assert not twilio.is_signed(URL, SIGNED, given, TOKEN)


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        (URL, {"Digits": "1235"}),
        (URL, {"From": "+14158675300"}),
        (URL, {"More": "1"}),
        (URL.replace("foo=1", "foo=2"), {}),
        (URL.replace("https", "http"), {}),
        (URL.replace("mycompany.com", "mycompany.org"), {}),
        (URL + "#x", {}),
    ],
)
def test_whatever_is_changed_breaks_the_signature(url: str, changed: dict[str, str]) -> None:
    """Address and every parameter are signed."""
    assert not twilio.is_signed(url, {**SIGNED, **changed}, SIGNATURE, TOKEN)
    assert not twilio.is_signed(URL, {name: SIGNED[name] for name in list(SIGNED)[1:]}, SIGNATURE, TOKEN)


def test_while_a_token_is_replaced_both_are_right() -> None:
    """Any of several tokens will do; another will not."""
    assert twilio.is_signed(URL, SIGNED, SIGNATURE, (Secret("new"), TOKEN))
    assert not twilio.is_signed(URL, SIGNED, SIGNATURE, (Secret("new"), Secret("newer")))


@pytest.mark.parametrize("token", [Secret(""), (), (TOKEN, Secret("")), "12345", (TOKEN, "12345"), None])
def test_a_token_that_is_none_is_a_mistake(token: Any) -> None:  # noqa: ANN401 - also of a wrong type
    """With an empty one anybody could sign: a host that forgot to set it is told so, and accepts nothing."""
    with pytest.raises(InvalidArgument):
        twilio.is_signed(URL, SIGNED, SIGNATURE, token)


@pytest.mark.parametrize(
    ("seen", "signed"),
    [
        ("https://bank.example/voice", "https://bank.example:443/voice"),
        ("https://bank.example:443/voice?a=1", "https://bank.example/voice?a=1"),
        ("http://bank.example/voice", "http://bank.example:80/voice"),
        ("https://bank.example:8443/voice", "https://bank.example/voice"),
        ("https://bank.example", "https://bank.example:443"),
        ("https://bank.example?a=1", "https://bank.example:443?a=1"),
        ("https://[2001:db8::1]:443/voice", "https://[2001:db8::1]/voice"),
    ],
)
def test_the_port_of_the_scheme_may_be_signed_or_not(seen: str, signed: str) -> None:
    """Twilio and the host may disagree about a port that says nothing; both spellings are tried."""
    assert twilio.is_signed(seen, SIGNED, signature(signed, SIGNED), TOKEN)


def test_another_port_is_another_address() -> None:
    """A port that the host did not name is not tried."""
    assert not twilio.is_signed(
        "https://bank.example/voice", SIGNED, signature("https://bank.example:8443/voice", SIGNED), TOKEN
    )


def test_twilio_s_example_of_doubled_parameters_is_signed() -> None:
    """The signature that the tests of Twilio's own libraries have for it."""
    form = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
    assert twilio.is_signed(URL, form, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", TOKEN)


def test_doubled_parameters_are_signed_sorted_and_once() -> None:
    """The order in which equal names come does not matter, and equal values count once."""
    pairs = [("a", "2"), ("a", "1"), ("a", "2"), ("B", "3")]
    expected = signature("https://bank.example/voiceB3a1a2", {})
    assert twilio.is_signed("https://bank.example/voice", pairs, expected, TOKEN)
    assert twilio.is_signed("https://bank.example/voice", pairs[::-1], expected, TOKEN)
    assert twilio.is_signed("https://bank.example/voice", Multi(a=["2", "1"], B=["3"]), expected, TOKEN)
    assert twilio.is_signed("https://bank.example/voice", Pairs(pairs), expected, TOKEN)


def test_values_are_signed_as_utf_8() -> None:
    """Names and cities may be in any script."""
    form = {"FromCity": "東京", "From": MOBILE}
    assert twilio.is_signed(URL, form, signature(URL, form), TOKEN)


def test_a_flood_of_parameters_is_not_signed() -> None:
    """Its first parameters are looked at, and no more."""
    asked = iter([(f"x{number}", "1") for number in range(1000)])
    assert not twilio.is_signed(URL, asked, SIGNATURE, TOKEN)
    assert len(list(asked)) > 700


@pytest.mark.parametrize("form", [None, 7, "a=1", [1]])
def test_what_is_no_form_is_not_signed(form: Any) -> None:  # noqa: ANN401 - whatever came
    """A body that could not be read is nobody's."""
    assert not twilio.is_signed(URL, form, SIGNATURE, TOKEN)


# Behind a proxy -----------------------------------------------------------------------------------------------------


def test_the_public_address_is_built_from_a_proxy_s_headers() -> None:
    """Scheme and host are those that the proxy was called by; names of headers have no case."""
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "Bank.example", "Host": "10.0.0.7:8000"}
    assert "https://Bank.example/v?x=1" == twilio.public_url("/v?x=1", headers, hosts={"bank.example"})
    assert "http://b:8080/" == twilio.public_url(
        "/", [("host", "b:8080"), ("x-forwarded-proto", "http")], hosts=["b:8080"]
    )


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/v", {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}),
        ("/v", {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "bank.example, evil.example"}),
        ("/v", {"X-Forwarded-Proto": "https, http", "X-Forwarded-Host": "bank.example"}),
        ("/v", {"X-Forwarded-Host": "bank.example"}),
        ("/v", {"X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "bank.example"}),
        ("/v", {"X-Forwarded-Proto": "https"}),
        ("@evil.example/v", {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "bank.example"}),
        ("//evil.example/v", {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "bank.example"}),
        (
            "/v",
            [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "bank.example"), ("x-forwarded-host", "b.example")],
        ),
    ],
)
def test_a_header_that_no_proxy_set_is_not_trusted(target: str, headers: Any) -> None:  # noqa: ANN401 - both kinds
    """Another host, another scheme, two of them or none: Untrusted."""
    with pytest.raises(Untrusted):
        twilio.public_url(target, headers, hosts={"bank.example"})


# What is answered ---------------------------------------------------------------------------------------------------


def parsed(twiml: str) -> ET.Element:
    """The document as Twilio's parser sees it."""
    return ET.fromstring(twiml)  # noqa: S314 - our own


@pytest.mark.rule("P4")
def test_keys_are_gathered_whole_while_the_code_is_read_out() -> None:
    """Nothing ends an entry at its first digit, and a key that is pressed early is the first of it."""
    script = scripted(
        Say(Text("番号です", "The code")),
        SayDigits(Secret("472913")),
        Gather(most=6, silence=timedelta(seconds=7.5)),
        Say(Text("さようなら", "Goodbye")),
        HangUp(),
    )
    gather, goodbye, end = parsed(twilio.reply(script, action="https://bank.example/keys?a=1&b=2"))
    assert ["Gather", "Say", "Hangup"] == [gather.tag, goodbye.tag, end.tag]
    assert {
        "input": "dtmf",
        "numDigits": "6",
        "finishOnKey": "#",
        "timeout": "8",
        "method": "POST",
        "action": "https://bank.example/keys?a=1&b=2",
    } == gather.attrib
    assert ["Say", "Say"] == [each.tag for each in gather]
    assert {"language": "ja-JP", "voice": "Polly.Mizuki"} == gather[0].attrib
    assert "さようなら" == goodbye.text


@pytest.mark.rule("P4")
def test_what_is_heard_to_its_end_stands_before_the_gather() -> None:
    """Keys are gathered by the verb alone, which has nothing to say in it; the next one takes keys while it speaks."""
    warning, silence = Say(Text("注意", "warning")), timedelta(seconds=8)
    gathers = [Gather(most=8, silence=silence, after_speech=after) for after in (True, False)]
    said, first, second, _ = parsed(
        twilio.reply(scripted(warning, gathers[0], warning, gathers[1], HangUp()), language="en")
    )
    assert ("Say", "warning") == (said.tag, said.text)
    assert ("Gather", []) == (first.tag, list(first))
    assert ["Say"] == [each.tag for each in second]
    assert first.attrib == second.attrib


def test_digits_are_words_of_their_own_slowly() -> None:
    """A code is not read as a number, in Japanese with the readings that are not mistaken on the telephone."""
    slow = parsed(twilio.reply(scripted(SayDigits(Secret("4079")))))[0][0]
    assert ("prosody", {"rate": "slow"}) == (slow.tag, slow.attrib)
    assert ["よん", "ゼロ", "なな", "きゅう"] == [slow.text, *(each.tail for each in slow)]
    assert {"break"} == {each.tag for each in slow}
    english = parsed(twilio.reply(scripted(SayDigits(Secret("4079"))), language="en"))[0]
    assert {"language": "en-US", "voice": "Polly.Joanna"} == english.attrib
    assert ["4", "0", "7", "9"] == [english[0].text, *(each.tail for each in english[0])]


@pytest.mark.parametrize("language", ["ja", "JA", "ja-JP"])
def test_japanese_digits_are_words_in_every_spelling_of_the_language(language: str) -> None:
    """Language tags have no case (BCP 47): texts and digits are in one language, whoever wrote the tag."""
    said = list(parsed(twilio.reply(scripted(SayDigits(Secret("47"))), language=language)).itertext())
    assert ["よん", "なな"] == said


def test_another_language_has_the_account_s_voice() -> None:
    """A voice that speaks another language than it should is an error of Twilio's."""
    said = parsed(twilio.reply(scripted(Say(Text("あ", "a", more={"vi": "ă"}))), language="vi"))[0]
    assert ({"language": "vi"}, "ă") == (said.attrib, said.text)
    chosen = parsed(twilio.reply(scripted(Say(Text("あ", "a"))), voice="Polly.Takumi"))[0]
    assert "Polly.Takumi" == chosen.get("voice")


@pytest.mark.rule("P4")
def test_a_call_is_rejected_before_anything_else() -> None:
    """Only a Reject that comes first leaves a call unanswered; the caller hears that the line is busy."""
    assert [("Reject", {"reason": "busy"})] == [(e.tag, e.attrib) for e in parsed(twilio.reply(scripted(Reject(3))))]


def test_texts_are_escaped() -> None:
    """A text, an address or a language of the host's own cannot add an element or an attribute."""
    evil = '"/><Dial>+81-90</Dial>&amp;<!--\0\ufffe'
    twiml = twilio.reply(
        scripted(Say(Text(evil, evil)), SayDigits(Secret('1"<')), Gather(most=1, silence=timedelta(0))),
        action=evil,
        voice=evil,
        language=evil,
    )
    document = parsed(twiml)
    assert {"Response", "Gather", "Say", "prosody", "break"} == {each.tag for each in document.iter()}
    assert "1" == document[0].get("timeout")


def test_without_a_script_the_call_ends() -> None:
    """Silence would leave the caller waiting."""
    assert ["Hangup"] == [each.tag for each in parsed(twilio.reply(CallResult(CallStatus.UNMATCHED)))]
