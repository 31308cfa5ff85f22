"""SIP: what an INVITE says of its caller, and what is answered to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset.bank._script import Gather, HangUp, Reject, Say
from ja_reset.bank._values import Call, CallResult, CallSource, CallStatus, Presentation
from ja_reset.errors import InvalidArgument
from ja_reset.proofs.caller import evidence
from ja_reset.secret import Secret
from ja_reset.telephony import Ended, Fault, Keys, UnreadableReport, sip
from ja_reset.testing.gateway_contract import GatewayContract, scripted
from ja_reset.testing.spellings import Spelling
from ja_reset.text import Text
from telephone_data import spellings_of

CARRIER = "203.0.113.9"
TRUSTED = ("203.0.113.0/28", "2001:db8:5::/48")
MOBILE = "+819012345678"
ASSERTED = f"<sip:{MOBILE}@ims.example.jp;user=phone>"

INVITE: dict[str, str | list[str] | None] = {
    "Via": ["SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK1", "SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK0"],
    "Max-Forwards": "68",
    "From": '"Taro" <sip:09012345678@ims.example.jp>;tag=456248',
    "To": "<sip:0120417000@bank.example>",
    "Call-ID": "843817637684230@998sdasdh09",
    "CSeq": "1826 INVITE",
    "P-Asserted-Identity": ASSERTED,
    "Content-Type": "application/sdp",
    "Content-Length": "0",
}


def invite(**changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - a value, several, or None for no such field
    """The header fields of an INVITE, with some changed: `P_Asserted_Identity=…`."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    fields = INVITE | named
    return [
        (name, each)
        for name, value in fields.items()
        if value is not None
        for each in ([value] if isinstance(value, str) else value)
    ]


def read(*, peer: str = CARRIER, request_uri: str | None = None, **changes: Any) -> Call:  # noqa: ANN401 - as above
    """The call of an INVITE with these fields changed."""
    return sip.read_call(invite(**changes), peer=peer, trusted=TRUSTED, request_uri=request_uri)


class TestSip(GatewayContract):
    """SIP does what every gateway's adapter must do."""

    not_sent: ClassVar[frozenset[str]] = frozenset({"(03) 1234 5678", "+81 90 1234 5678"})  # no URI has a blank
    own_spellings: ClassVar[tuple[Spelling, ...]] = spellings_of("sip")

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """An INVITE of the carrier that asserts that number."""
        uri = number if not number or number.strip().lower().startswith(("sip", "tel:")) else f"sip:{number}@a.jp"
        claimed = "<sip:0312345678@a.jp>;tag=1" if number else '"Unavailable" <sip:anonymous@anonymous.invalid>;tag=1'
        headers = invite(Call_ID=call_id, From=claimed, P_Asserted_Identity=f"<{uri}>" if number else None)
        return sip.read_call(headers, peer=CARRIER, trusted=TRUSTED, received_at=received_at)

    def read_keys(self, digits: str, *, call_id: str = "call-1", received_at: datetime | None = None) -> Keys:
        """An INFO request for each key."""
        infos = [info(key, at, call_id=call_id) for at, key in enumerate(digits)]
        return sip.read_keys(call_id, infos, received_at=received_at)

    def read_end(self, *, call_id: str = "call-1", received_at: datetime | None = None) -> Ended:
        """A BYE."""
        return sip.read_end({"i": call_id, "cseq": "2 BYE"}, received_at=received_at)

    def reply(self, result: CallResult, *, language: str = "ja") -> str:
        """The answer's fields."""
        return str(attrs.astuple(sip.reply(result, language=language), recurse=False))


def info(key: str, number: int, *, call_id: str = "call-1") -> tuple[dict[str, str], str]:
    """An INFO request that tells one key."""
    headers = {"Call-ID": call_id, "CSeq": f"{number} INFO", "Content-Type": "application/dtmf-relay"}
    return headers, f"Signal={key}\r\nDuration=160\r\n"


# Who may assert -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    ("peer", "trusted", "expected"),
    [
        ("203.0.113.9", ("203.0.113.9",), True),
        ("203.0.113.9", ("203.0.113.0/28",), True),
        ("203.0.113.16", ("203.0.113.0/28",), False),
        ("::ffff:203.0.113.9", ("203.0.113.0/28",), True),
        ("::ffff:203.0.113.16", ("203.0.113.0/28",), False),
        ("203.0.113.9", ("::ffff:203.0.113.0/124",), True),
        ("203.0.113.9", ("::/80",), False),
        ("2001:db8:5::1", ("2001:db8:5::/48",), True),
        ("2001:0DB8:0005:0:0:0:0:1", ("2001:db8:5::1",), True),
        ("2001:db8:6::1", ("2001:db8:5::/48",), False),
        ("fe80::1%eth0", ("fe80::/10",), False),
        ("fe80::1", ("fe80::1",), False),
        ("203.0.113.9", (), False),
    ],
)
def test_an_address_is_trusted_as_an_address(peer: str, trusted: tuple[str, ...], *, expected: bool) -> None:
    """Addresses are compared as such, in any spelling; a link-local one is never trusted."""
    assert expected == sip.is_trusted(peer, trusted)


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [
        ("sip.example.jp", TRUSTED),
        ("203.0.113.9:5060", TRUSTED),
        ("", TRUSTED),
        (3405803785, TRUSTED),
        (CARRIER, "203.0.113.9"),
        (CARRIER, ("203.0.113.9/28",)),
        (CARRIER, ("carrier.example",)),
        (CARRIER, (3405803785,)),
        (CARRIER, ("0.0.0.0/0",)),
        (CARRIER, ("::/0",)),
        (CARRIER, ("::ffff:0:0/96",)),
    ],
)
def test_what_is_no_address_is_the_hosts_mistake(peer: Any, trusted: Any) -> None:  # noqa: ANN401 - wrong types too
    """A name, a port, one text for a collection, host bits, or a network of everybody raises InvalidArgument."""
    with pytest.raises(InvalidArgument):
        sip.is_trusted(peer, trusted)


@pytest.mark.rule("P3")
def test_only_a_trusted_peer_asserts_a_number() -> None:
    """From another peer the asserted identity is ignored, and From is what the caller claims."""
    network = read()
    assert (CallSource.NETWORK, MOBILE) == (network.source, evidence(network).number)
    stranger = read(peer="198.51.100.7", From="<sip:0312345678@a.jp>;tag=1")
    assert (CallSource.CLAIMED, "+81312345678") == (stranger.source, evidence(stranger).number)
    assert stranger == read(peer="198.51.100.7", From="<sip:0312345678@a.jp>;tag=1", P_Asserted_Identity="\0 nonsense")


@pytest.mark.rule("P3")
def test_a_claimed_number_is_claimed_from_a_trusted_peer_too() -> None:
    """Without an asserted identity nobody vouches for the number, whoever passes it on."""
    assert CallSource.CLAIMED is read(P_Asserted_Identity=None).source


@pytest.mark.rule("P3")
def test_a_level_counts_from_the_network_alone() -> None:
    """Whoever writes From can write `verstat` into it."""
    passed = f"<tel:{MOBILE};verstat=TN-Validation-Passed-A>"
    assert "A" == read(P_Asserted_Identity=passed).attestation
    assert read(peer="198.51.100.7", From=f"{passed};tag=1", P_Asserted_Identity=passed).attestation is None
    assert read(From=f"{passed};tag=1", P_Asserted_Identity=None).attestation is None


# More spellings, of a whole INVITE: what is said of the caller in several fields --------------------------------------

ALLOWED, RESTRICTED, UNAVAILABLE = Presentation
ANONYMOUS = "<sip:anonymous@anonymous.invalid>;tag=1"
TEL = f"<tel:{MOBILE}>"


@pytest.mark.rule("P3", "P10")
@pytest.mark.parametrize(
    ("changes", "number", "presentation", "source"),
    [
        ({"P_Asserted_Identity": f"{ASSERTED}, {TEL}"}, MOBILE, ALLOWED, "RFC 3325, 9.1"),
        ({"P_Asserted_Identity": [TEL, f'"Yamada, Taro" {ASSERTED}']}, MOBILE, ALLOWED, "RFC 3325, 9.1"),
        ({"P_Asserted_Identity": f"tel:{MOBILE}"}, MOBILE, ALLOWED, "RFC 3325, 10.1"),
        (
            {"P_Asserted_Identity": f'"山田 \\"太郎\\"" {TEL}'},
            MOBILE,
            ALLOWED,
            "RFC 3261, 25.1: UTF-8 in quotes",
        ),
        ({"P_Asserted_Identity": f"Taro Yamada {TEL} "}, MOBILE, ALLOWED, "RFC 3261, 25.1: display-name"),
        ({"Privacy": "id"}, None, RESTRICTED, "RFC 3325, 9.3"),
        ({"Privacy": "user;id;critical"}, None, RESTRICTED, "RFC 3323, 4.2"),
        ({"Privacy": ["session", "Header"]}, None, RESTRICTED, "RFC 3323, 4.2"),
        ({"Privacy": "none;id"}, None, RESTRICTED, "RFC 3323, 4.2: contradictory, so withheld"),
        ({"Privacy": "fully"}, None, RESTRICTED, "ours: a privacy that is unknown is one that was asked for"),
        ({"Privacy ": "id"}, None, RESTRICTED, "RFC 3261, 7.3.1: blanks before the colon"),
        ({"PRIVACY\t": "id"}, None, RESTRICTED, "RFC 3261, 7.3.1: blanks before the colon"),
        ({"Remote_Party_ID": f"{TEL};privacy=full"}, None, RESTRICTED, "draft-ietf-sip-privacy-04, 6.1"),
        ({"Remote_Party_ID": f'{TEL}; Privacy = "uri-network"'}, None, RESTRICTED, "draft-ietf-sip-privacy-04, 6.1"),
        ({"Remote_Party_ID": "<tel:+819099999999>;privacy=off"}, MOBILE, ALLOWED, "draft-ietf-sip-privacy-04, 6.1"),
        ({"P_Preferred_Identity": "<tel:+819099999999>"}, MOBILE, ALLOWED, "RFC 3325, 9.2: the caller's wish"),
        ({"Privacy": "none"}, MOBILE, ALLOWED, "RFC 3323, 4.2"),
        ({"Privacy": "None"}, MOBILE, ALLOWED, "RFC 3261, 7.3.1: values in any case"),
        ({"Privacy": "session;critical"}, MOBILE, ALLOWED, "RFC 3323, 4.2: the media's, not the caller's"),
        ({"Privacy": "history"}, MOBILE, ALLOWED, "RFC 7044, 10.1"),
        ({"From": f'"Anonymous" {ANONYMOUS}', "Privacy": "id"}, None, RESTRICTED, "RFC 3325, 10.2"),
        ({"From": f'"Anonymous" {ANONYMOUS}'}, None, RESTRICTED, "RFC 3323, 4.1.1.3"),
        ({"From": f"Anonymous {ANONYMOUS}", "Privacy": "none"}, None, RESTRICTED, "RFC 3323, 4.1.1.3"),
        ({"From": "<sip:+819012345678@unknown.invalid>;tag=1"}, None, UNAVAILABLE, "3GPP TS 23.003, 13.7"),
        ({"From": "<sip:+819012345678@anonymous.invalid.>;tag=1"}, None, RESTRICTED, "RFC 3323, with the root's dot"),
        ({"P_Asserted_Identity": f"<sip:{MOBILE}@Unknown.Invalid>"}, None, UNAVAILABLE, "3GPP TS 23.003, 13.7"),
        ({"From": f'"Anonymous" {ASSERTED};tag=1'}, None, RESTRICTED, "RFC 3323, 4.1.1.3: the name alone"),
        ({"From": "ANONYMOUS <sip:x9@privacy.example>;tag=1"}, None, RESTRICTED, "RFC 3323, 4.1.1.3: the name alone"),
        ({"From": f'"Coin line/payphone" {ASSERTED};tag=1'}, None, UNAVAILABLE, "ours: whatever its URI"),
        ({"From": f'"Coin line/payphone" {ANONYMOUS}'}, None, UNAVAILABLE, "3GPP TS 24.008, 10.5.4.30"),
        ({"From": f"Unavailable  {ANONYMOUS}"}, None, UNAVAILABLE, "3GPP TS 24.008, 10.5.4.30, without quotes"),
        ({"From": f'"Unavailable" {ANONYMOUS}', "Privacy": "id"}, None, UNAVAILABLE, "3GPP TS 24.008, 10.5.4.30"),
        ({"From": f'"Interaction with other service" {ANONYMOUS}'}, None, UNAVAILABLE, "3GPP TS 24.008, 10.5.4.30"),
        ({"P_Asserted_Identity": f"{TEL}, <sip:+819012345679@a.jp>"}, None, UNAVAILABLE, "ours: they contradict"),
        ({"P_Asserted_Identity": f"{TEL}, <sip:taro@a.jp>"}, None, UNAVAILABLE, "ours: one is not a number"),
        ({"P_Asserted_Identity": f"{TEL}, {TEL}"}, None, UNAVAILABLE, "RFC 3325, 9.1: two of one scheme"),
        ({"P_Asserted_Identity": f"{TEL}, {ASSERTED}, {ASSERTED}"}, None, UNAVAILABLE, "RFC 3325, 9.1: two at most"),
        ({"P_Asserted_Identity": f"{TEL}, <{ANONYMOUS[1:-6]}"}, None, UNAVAILABLE, "ours: one is anonymous"),
        ({"P_Asserted_Identity": f"<{ANONYMOUS[1:-6]}"}, None, RESTRICTED, "RFC 3323, 4.1.1.3"),
        ({"P_Asserted_Identity": f"{ASSERTED};cpc=payphone"}, None, UNAVAILABLE, "gateways put it behind the bracket"),
    ],
)
def test_what_an_invite_says_of_its_caller(
    changes: dict[str, Any], number: str | None, presentation: Presentation, source: str
) -> None:
    """The number, or why it is not there; the source of each spelling stands beside it."""
    call = read(**changes)
    assert (presentation, number) == (call.presentation, evidence(call).number), source
    assert (call.number is None) == (number is None)


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    "changes",
    [
        {"P_Asserted_Identity": f"<tel:{MOBILE};verstat=TN-Validation-Failed>"},
        {"P_Asserted_Identity": f"tel:{MOBILE};verstat=TN-Validation-Failed"},
        {"P_Asserted_Identity": f"{TEL};verstat=TN-Validation-Failed"},
        {"P_Asserted_Identity": f"{TEL} ; verstat = TN-Validation-Failed ;a=b"},
        {"P_Asserted_Identity": f"{TEL}, <sip:{MOBILE};verstat=TN-Validation-Failed-A@a.jp>"},
        {"P_Asserted_Identity": f"<tel:{MOBILE};verstat=TN-Validation-Failed>, {ASSERTED}"},
        {"From": f"<sip:{MOBILE};verstat=TN-Validation-Failed@a.jp>;tag=1"},
        {"From": f"<sip:{MOBILE}@a.jp>;tag=1;verstat=TN-Validation-Failed"},
    ],
)
def test_a_failed_validation_is_passed_on_from_wherever_it_stands(changes: dict[str, str]) -> None:
    """In either identity, in or behind the brackets, or in From of the same number."""
    found = evidence(read(**changes))
    assert (MOBILE, "attestation") == (found.number, found.refusal)


@pytest.mark.parametrize("behind", ["x", " x", f" {TEL[1:-1]}", "@a.jp", " =;verstat=TN-Validation-Passed-A"])
def test_what_stands_behind_an_address_is_its_parameters(behind: str) -> None:
    """An address is read to its end, or not at all: nothing but parameters may follow the bracket."""
    with pytest.raises(UnreadableReport) as refused:
        read(P_Asserted_Identity=f"{TEL}{behind}")
    assert (Fault.MALFORMED, "p-asserted-identity") == (refused.value.fault, refused.value.field)


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    ("asserted", "expected"),
    [
        (f"tel:{MOBILE};verstat=TN-Validation-Passed-B", "B"),
        (f"{TEL};verstat=TN-Validation-Passed-c", "C"),
        (f"{ASSERTED}, <tel:{MOBILE};verstat=TN-Validation-Passed-A>", "A"),
        (f"<sip:{MOBILE}@a.jp;verstat=TN-Validation-Passed-A>", "A"),
        (f"tel:{MOBILE};verstat=TN-Validation-Passed", None),
        (f"tel:{MOBILE};verstat=No-TN-Validation", None),
        (f"tel:{MOBILE};verstat=TN-Validation-Passed-AA", None),
        (f"<tel:{MOBILE};verstat=TN-Validation-Passed-A>, <sip:{MOBILE};verstat=TN-Validation-Passed-C@a.jp>", None),
        (f"<tel:{MOBILE};verstat=TN-Validation-Passed-A>, <sip:{MOBILE};verstat=No-TN-Validation@a.jp>", None),
    ],
)
def test_the_level_that_the_network_attests(asserted: str, expected: str | None) -> None:
    """A level is named once, or it is none: a demand for one is then not met."""
    assert expected == read(P_Asserted_Identity=asserted).attestation


@pytest.mark.rule("P3")
def test_a_finding_in_from_counts_against_the_number_and_never_for_it() -> None:
    """A caller can write a level into its own From; there a finding says nothing of another number."""
    level_a, level_b = (f"<sip:{MOBILE};verstat=TN-Validation-Passed-{level}@a.jp>" for level in "AB")
    for identity in (ASSERTED, TEL, f"<tel:{MOBILE};verstat=No-TN-Validation>", level_b):
        assert read(P_Asserted_Identity=identity, From=f"{level_a};tag=1").attestation is None
    assert "A" == read(P_Asserted_Identity=level_a, From=f"{level_a};tag=1").attestation
    assert "A" == read(P_Asserted_Identity=level_a).attestation
    assert MOBILE == evidence(read(From="<sip:+819012345679;verstat=TN-Validation-Failed@a.jp>;tag=1")).number


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Diversion": "<sip:0312345678@a.jp>;reason=unconditional"}, True),
        ({"Diversion": "nonsense"}, True),
        ({"History_Info": "<sip:0120417000@a.jp>;index=1"}, False),
        ({"History_Info": "<sip:0120417000@a.jp>;index=1, <sip:0120417000@203.0.113.1>;index=1.1;rc=1"}, False),
        ({"History_Info": "<sip:0120417000@a.jp>;index=1, <sip:0312345678@a.jp;cause=380>;index=1.1;mp=1"}, False),
        ({"History_Info": "<sip:0312345678@a.jp>;index=1, <sip:0120417000@a.jp;cause=302>;index=1.1;mp=1"}, True),
        ({"History_Info": ["<sip:0312345678@a.jp>;index=1", "<sip:0120417000@a.jp>;index=1.1 ; mp = 1"]}, True),
        (
            {"History_Info": "<sip:0312345678@a.jp?Reason=SIP%3Bcause%3D486>;index=1, <sip:1@a.jp>;index=2"},
            True,
        ),
        ({"History_Info": "<sip:1@a.jp;cause=380>;index=1;mp=1, <sip:0120417000@a.jp>;index=2;mp=1"}, True),
        ({"History_Info": '<sip:1@a.jp>;index=1, <sip:0120417000@a.jp; cause = "302">;index=1.1'}, True),
        ({"History_Info": "<sip:1@a.jp>;index=1, <sip:0120417000@a.jp;cause=>;index=1.1"}, True),
        ({"History_Info": "<sip:1@a.jp>;index=1, <sip:0120417000@a.jp;cause=3O2>;index=1.1"}, True),
        ({"History_Info": "<sip:1@a.jp>;index=1, <sip:0120417000@a.jp;cause=380380>;index=1.1"}, True),
        ({"History_Info": "<sip:1@a.jp>;index=1, <sip:0120417000@a.jp;cause>;index=1.1"}, True),
        ({"History_Info": '<sip:1@a.jp?Reason=SIP%3Bcause%3D380%3Btext%3D"x">;index=1;mp=1'}, False),
    ],
)
def test_a_diverted_call_is_told(changes: dict[str, Any], *, expected: bool) -> None:
    """By either field; the translation of a service number is no diversion (RFC 8119)."""
    assert expected is read(**changes).diverted


@pytest.mark.rule("P11")
def test_the_number_dialled_is_the_requests_or_that_of_to() -> None:
    """The Request-URI, where the trunk routes by number; else what stands in To."""
    assert "sip:0120417000@bank.example" == read().dialed
    assert "tel:+81120417000" == read(request_uri="tel:+81120417000").dialed
    assert read(To=None).dialed is None


def test_blanks_around_a_value_are_not_of_it() -> None:
    """A call has one id, whoever folds or pads its fields on the way."""
    assert read() == read(Call_ID=f"\t {INVITE['Call-ID']} ", CSeq=" 1826  INVITE ", To=f" {INVITE['To']}\t")


def test_names_come_in_any_case_and_in_compact_form() -> None:
    """`f`, `i` and `t` are From, Call-ID and To; a mapping and pairs are read alike."""
    compact = {"CALL-ID": "i", "FROM": "f", "TO": "T"}
    pairs = [(compact.get(name.upper(), name.upper()), value) for name, value in invite()]
    assert read() == sip.read_call(pairs, peer=CARRIER, trusted=TRUSTED)
    mapping = {name: value for name, value in INVITE.items() if value is not None}
    assert read() == sip.read_call(mapping, peer=CARRIER, trusted=TRUSTED)


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    ("changes", "fault", "field"),
    [
        ({"Call_ID": None}, Fault.MISSING, "call-id"),
        ({"Call_ID": ""}, Fault.MISSING, "call-id"),
        ({"Call_ID": ["a", "a"]}, Fault.DOUBLED, "call-id"),
        ({"i": "a"}, Fault.DOUBLED, "call-id"),
        ({"Call_ID": "a" * 201}, Fault.TOO_LONG, "call-id"),
        ({"Call_ID": "a b"}, Fault.MALFORMED, "call-id"),
        ({"Call_ID": "通話"}, Fault.MALFORMED, "call-id"),
        ({"CSeq": None}, Fault.MISSING, "cseq"),
        ({"CSeq": "1 MESSAGE"}, Fault.WRONG_KIND, "cseq"),
        ({"CSeq": "INVITE"}, Fault.MALFORMED, "cseq"),
        ({"From": None}, Fault.MISSING, "from"),
        ({"From": [TEL, TEL]}, Fault.DOUBLED, "from"),
        ({"From": f"{TEL}, {TEL}"}, Fault.DOUBLED, "from"),
        ({"From": "09012345678"}, Fault.MALFORMED, "from"),
        ({"From": "山田 <sip:09012345678@a.jp>"}, Fault.MALFORMED, "from"),
        ({"To": "<sip:０１２０@bank.example>"}, Fault.NOT_ASCII, "to"),
        ({"P_Asserted_Identity": ""}, Fault.MISSING, "p-asserted-identity"),
        ({"P_Asserted_Identity": f"{ASSERTED},"}, Fault.MALFORMED, "p-asserted-identity"),
        ({"P_Asserted_Identity": f"{ASSERTED} {TEL}"}, Fault.MALFORMED, "p-asserted-identity"),
        ({"P_Asserted_Identity": ASSERTED[:-1]}, Fault.MALFORMED, "p-asserted-identity"),
        ({"P_Asserted_Identity": f'"Taro {TEL}'}, Fault.MALFORMED, "p-asserted-identity"),
        ({"P_Asserted_Identity": f"<tel:{MOBILE[:5]}\r\n {MOBILE[5:]}>"}, Fault.MALFORMED, "p-asserted-identity"),
        ({"P_Asserted_Identity": f"<tel:{MOBILE}\0>"}, Fault.MALFORMED, "p-asserted-identity"),
        ({"P_Asserted_Identity": "<tel:+81９０12345678>"}, Fault.NOT_ASCII, "p-asserted-identity"),
        ({"P_Asserted_Identity": f'"{"a" * 5000}" {TEL}'}, Fault.TOO_LONG, "p-asserted-identity"),
        ({"Privacy": "id\r\n ;none"}, Fault.MALFORMED, "privacy"),
        ({"History_Info": "a" * 5000}, Fault.TOO_LONG, "history-info"),
        ({"request_uri": ""}, Fault.MISSING, "request-uri"),
        ({"request_uri": "sip:0120 417000@a.jp"}, Fault.MALFORMED, "request-uri"),
        ({"request_uri": f"sip:{'0' * 600}@a.jp"}, Fault.TOO_LONG, "request-uri"),
        ({"X": ["a"] * 300}, Fault.TOO_MANY, None),
        ({"X": [5]}, Fault.MALFORMED, None),
    ],
)
def test_an_invite_that_cannot_be_read_is_refused(changes: dict[str, Any], fault: Fault, field: str | None) -> None:
    """What is missing, doubled, overlong, folded, foreign or malformed is named, and nothing of it is quoted."""
    with pytest.raises(UnreadableReport) as raised:
        read(**changes)
    assert ("sip", fault, field) == (raised.value.gateway, raised.value.fault, raised.value.field)
    assert MOBILE[3:] not in str(raised.value)


def test_the_longest_that_is_read() -> None:
    """An id of 200 characters, a field of 4,096."""
    assert "a" * 200 == read(Call_ID="a" * 200).id
    assert MOBILE == evidence(read(P_Asserted_Identity=f'"{"a" * (4096 - len(ASSERTED) - 2)}"{ASSERTED}')).number


@pytest.mark.parametrize("headers", [None, 5, "From: a", [("From",)], {"From": 5}, [("From", None)]])
def test_what_is_no_header_fields_is_refused(headers: Any) -> None:  # noqa: ANN401 - wrong types
    """Neither pairs nor a mapping."""
    with pytest.raises(UnreadableReport):
        sip.read_call(headers, peer=CARRIER, trusted=TRUSTED)


def test_a_long_field_is_read_in_no_time() -> None:
    """No field makes the reader go back and forth: each is read once, from left to right."""
    for sign in (" ", "\t", '"', '"\\', "a", "<", ">", ";", "a<", '""', "sip:", ";cpc=", "%"):
        for field in ("P_Asserted_Identity", "From", "To", "History_Info", "Privacy"):
            value = (sign * 4096)[:4090]
            for text in (value, f"{value}<", f'"{value}', f"<sip:a@b>{value}"):
                try:
                    read(**{field: text})
                except UnreadableReport as error:
                    assert error.field == field.lower().replace("_", "-")  # noqa: PT017 - or it is read


FRAGMENTS = ["sip:", "sips:", "tel:", "+8190", "12345678", "09012345678", MOBILE, "@", "a.jp", "<", ">", '"', ",", ";"]
FRAGMENTS += ["=", "?", "%", "%40", "verstat=TN-Validation-Failed", "cpc=payphone", "anonymous", "anonymous.invalid"]
FRAGMENTS += ["tag=1", " ", "\t", "\r\n", "\0", "\\", "é", "９", "ext=1", "user=phone", "Taro", "+819012345679"]
VALUES = st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join) | st.text(max_size=30)
NAMES = st.sampled_from(
    ["From", "f", "P-Asserted-Identity", "Call-ID", "i", "To", "Privacy", "Diversion", "History-Info"]
)


@pytest.mark.rule("P3")
@given(st.lists(st.tuples(NAMES, VALUES), max_size=6), st.booleans(), st.booleans())
@example([("P-Asserted-Identity", f"<sip:{MOBILE}>;cpc=ordinary@a.jp")], True, True)
@example([("P-Asserted-Identity", f"<sip:taro@a.jp>;ext=1;phone={MOBILE}")], True, True)
def test_no_header_fields_make_a_number_of_what_is_none(
    pairs: list[tuple[str, str]], whole: bool, trusted: bool
) -> None:
    """Whatever comes is refused, or the number stands as it is in a field of the call's source."""
    headers = [(name, value) for name, value in invite(P_Asserted_Identity=None) if whole] + pairs
    if any(name in {"From", "f"} for name, _ in pairs):
        headers = [(name, value) for name, value in headers if (name, value) not in invite() or name != "From"]
    try:
        call = sip.read_call(headers, peer=CARRIER if trusted else "198.51.100.7", trusted=TRUSTED)
    except UnreadableReport:
        return
    field = {"p-asserted-identity"} if call.source is CallSource.NETWORK else {"from", "f"}
    assert trusted or call.source is CallSource.CLAIMED
    number = evidence(call).number
    if number is not None:
        said = [value for name, value in headers if name.lower() in field]
        national = number.removeprefix("+81")
        assert any(national in value.replace("%40", "") or national in value for value in said)
        assert all(national in value for value in said if value.count(",") == 0)
        assert not any(name == "Privacy" and "id" in value.split(";") for name, value in headers)


@pytest.mark.rule("P3")
@given(
    st.sampled_from([MOBILE, "+81312345678", "+818011112222"]),
    st.sampled_from(["sip:{}@a.jp", "sip:{};npdi@a.jp:5060;user=phone", "tel:{}", "sips:{}@[2001:db8::1]"]),
    st.sampled_from(["", '"Taro" ', '"a,<tel:+819099999999>;" ', "Taro ", '"\\"" ', '"山田"']),
    st.sampled_from(["", " ", ";a=b", ';a="<tel:+819099999999>,"', " ;tag=5"]),
    st.booleans(),
)
def test_an_asserted_number_is_read_whatever_stands_around_it(
    number: str, form: str, name: str, behind: str, reverse: bool
) -> None:
    """Display names and parameters are skipped, quoted numbers in them too; the order of fields does not matter."""
    headers = invite(P_Asserted_Identity=f"{name}<{form.format(number)}>{behind}", From="<tel:+819088888888>;tag=1")
    call = sip.read_call(headers[::-1] if reverse else headers, peer=CARRIER, trusted=TRUSTED)
    assert number == evidence(call).number
    assert CallSource.NETWORK is call.source


# Keys, the end, the answer ------------------------------------------------------------------------------------------


@pytest.mark.rule("P4")
def test_an_entry_is_made_of_its_info_requests() -> None:
    """One key each, in their order; a retransmission counts once; the numbers of RFC 4733 are keys."""
    infos = [info("4", 3), info("7", 4), info("7", 4), info("11", 6), info("d", 7)]
    keys = sip.read_keys("call-1", infos)
    assert ("47#D", "3-7") == (keys.digits.reveal(), keys.entry_id)
    every = [info(str(event), event) for event in range(16)]
    assert Secret("0123456789*#ABCD") == sip.read_keys("call-1", every).digits
    bare = ({"i": "call-1", "CSeq": "9 INFO", "c": "Application/DTMF; a=b"}, b"5\r\n")
    assert Secret("5") == sip.read_keys("call-1", [bare]).digits
    assert (Secret(""), None) == (sip.read_keys("call-1", []).digits, sip.read_keys("call-1", []).entry_id)


@pytest.mark.rule("P4")
@pytest.mark.parametrize(
    "infos",
    [
        [info("1", 2), info("2", 1)],
        [info("1", 1, call_id="call-2")],
        [info("16", 1)],
        [info("12\r\nSignal=3", 1)],
        [info("", 1)],
        [info("５", 1)],
        [({"Call-ID": "call-1", "CSeq": "1 INFO"}, "Signal=5")],
        [({"Call-ID": "call-1", "CSeq": "1 INFO", "Content-Type": "text/plain"}, "Signal=5")],
        [({"Call-ID": "call-1", "CSeq": "1 BYE", "Content-Type": "application/dtmf"}, "5")],
        [({"Call-ID": "call-1", "CSeq": "x INFO", "Content-Type": "application/dtmf"}, "5")],
        [({"Call-ID": "call-1", "CSeq": "1 INFO", "Content-Type": "application/dtmf"}, b"\xff")],
        [info("1", number) for number in range(65)],
    ],
)
def test_keys_that_cannot_be_read_are_refused(infos: list[tuple[dict[str, str], str]]) -> None:
    """Out of order, of another call, of no key, in another form, or without end."""
    with pytest.raises(UnreadableReport):
        sip.read_keys("call-1", infos)


def test_a_bye_and_a_cancel_end_the_call_and_nothing_else_does() -> None:
    """An INVITE does not end what it begins."""
    ends = [sip.read_end({"Call-ID": "a", "CSeq": f"1 {method}"}) for method in ("BYE", "CANCEL")]
    assert [Ended(call_id="a")] * 2 == ends
    with pytest.raises(UnreadableReport):
        sip.read_end({"Call-ID": "a", "CSeq": "1 INVITE"})


@pytest.mark.rule("P4")
def test_the_answer_is_a_final_response_and_what_follows_it() -> None:
    """A rejected call rings and is busy; one with nothing to say is declined; another is answered, and spoken to."""
    assert sip.Answer(status=486, reason="Busy Here", ringing=timedelta(seconds=9)) == sip.reply(scripted(Reject(3)))
    assert 603 == sip.reply(CallResult(CallStatus.UNMATCHED)).status
    gather = Gather(most=6, silence=timedelta(seconds=5))
    said = Say(Text("<銀行>", "bank"))
    answer = sip.reply(scripted(said, said, gather, said, HangUp()))
    assert (200, [str, Gather, str, HangUp]) == (answer.status, [type(step) for step in answer.steps])
    assert "&lt;銀行&gt;" in str(answer.steps[0])
    assert "銀行" not in repr(answer)
    warned = attrs.evolve(gather, after_speech=True)
    assert (warned, gather) == sip.reply(scripted(said, warned, said, gather, HangUp())).steps[1:4:2]
