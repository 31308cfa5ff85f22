"""SIP: an INVITE of your own trunk or PBX, read from its header fields.

**Report a call only after the ACK to your final response.** Over UDP anybody can send one INVITE with the source
address of your carrier. Only whoever receives at that address learns the tag that you put into the response (RFC 3261,
19.3: at least 32 random bits; take 128), and the ACK has to repeat it. So answer first, call `report_call` when the ACK
with your own tag is there, and let the packet filter drop packets that bear the carrier's addresses but come from
elsewhere. A trusted peer must not forward responses to requests that it never sent, as RFC 6026 forbids too: it would
pass the tag on to whoever a forged `Via` names. The same tag is in the BYE and in each INFO of that call; without it
they are somebody else's. Over TLS the connection itself proves the peer.

What is read, and from where:

- `P-Asserted-Identity` is what the network asserts of the caller (RFC 3325; RFC 5876). It is believed from a trusted
  peer only, and ignored from any other. There may be two, a `sip:` and a `tel:` one; they must be the same number.
- `From` is what the caller's side claims (RFC 3261, 8.1.1.3). It is the number where no asserted one is there, CLAIMED.
- `Privacy` (RFC 3323, 4.2; RFC 3325, 9.3) with `id`, `user` or `header`, or a value that is unknown, and a `From`
  that is anonymous, in its URI or in its name alone, withhold the number. In Japan the name in `From` tells why (3GPP
  TS 24.008, 10.5.4.30, cause of no CLI): `"Coin line/payphone"` and two others are unavailable.
- `verstat` is what the network found of the caller's signature (3GPP TS 24.229, 7.2A.20), with the level attested. A
  level counts in an asserted identity alone: a caller can write one into `From`. A failure counts in both.
- `Diversion` (RFC 5806) and a `History-Info` with a cause, a reason or `mp` (RFC 7044; RFC 7544) say that the call was
  diverted. A cause of 380 says that a service number such as 0120 was translated (RFC 8119), which is no diversion.
- The Request-URI is the number that was dialled, or `To` where the trunk sends its own contact in the Request-URI.

No number is read from `Remote-Party-ID`, `P-Preferred-Identity` or `Identity`: the first was never standardised (its
`privacy=full` and `privacy=uri` withhold the number all the same), the second is the caller's wish, and the third has
to be verified by your network, which tells its finding in `verstat`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote

import attrs

from ja_reset.bank._script import Gather, HangUp, Reject
from ja_reset.bank._values import Call, CallResult, CallSource, Presentation
from ja_reset.fields import _phone_numbers as phone_numbers
from ja_reset.secret import shown
from ja_reset.telephony._callers import Presented, presented
from ja_reset.telephony._errors import Fault
from ja_reset.telephony._fields import LONGEST_ID, LONGEST_KEYS, LONGEST_NUMBER, Form
from ja_reset.telephony._scripts import steps as steps_of
from ja_reset.telephony._sip_headers import Address, Headers, refused
from ja_reset.telephony._sip_peers import is_trusted
from ja_reset.telephony._speech import RING, parts
from ja_reset.telephony._values import Ended, Keys

__all__ = ["Answer", "is_trusted", "read_call", "read_end", "read_keys", "reply"]

_NOT_WITHHELD: Final = frozenset({"none", "session", "critical", "history"})
_ANONYMOUS: Final = "anonymous"  # RFC 3323, 4.1.1.3
_NO_CLI: Final = frozenset({"unavailable", "interaction with other service", "coin line/payphone"})

_PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
_PLAIN = re.compile(
    r"(?:tel:|sips?:)(?:\+81|0)[0-9]{9,10}(?:@(?!\S*\.invalid\b)[-.0-9a-z]+(?:;user=phone)?)?", re.ASCII | re.IGNORECASE
)
_VERSTAT = re.compile(r";verstat=([^;?&@]*)", re.IGNORECASE)
_PASSED = re.compile(r"tn-validation-passed-([abc])", re.IGNORECASE)
_HIDDEN = re.compile(r";[ \t]*privacy[ \t]*=[ \t]*\"?(?:full|uri)\b", re.IGNORECASE)
_CAUSE = re.compile(r"[;?&][ \t]*cause[ \t]*(?:=[ \t]*\"?([^;?&<>,\" \t]*)|(?=[;?&<>,]|$))", re.IGNORECASE)
_REASON_OR_MAPPED = re.compile(r"[?&]reason=|;[ \t]*mp[ \t]*=", re.IGNORECASE)
_TRANSLATED: Final = "380"
_CSEQ = re.compile(r"([0-9]{1,10})[ \t]+([A-Z]+)", re.ASCII)
_SIGNAL = re.compile(
    r"\s*SIGNAL[ \t]*=[ \t]*([0-9*#A-D]|1[0-5])[ \t]*(?:\r?\n[ \t]*DURATION[ \t]*=[ \t]*[0-9]{1,6}[ \t]*)?\s*"
)
_KEY = re.compile(r"\s*([0-9*#A-D]|1[0-5])\s*")
_EVENTS: Final = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}  # RFC 4733, 3.2
_BODIES: Final = {"application/dtmf-relay": _SIGNAL, "application/dtmf": _KEY}


@attrs.frozen(kw_only=True)
class Answer:
    """The final response to an INVITE, after 180 for as long as `ringing`, and the steps that follow its ACK.

    A step is a text to say, in SSML, or `Gather` or `HangUp` (a BYE). Before a `Gather` with `after_speech` let the
    text be said to its end, and drop the keys that come until then. The code is in the text: log neither.
    """

    __repr__ = shown

    status: int
    reason: str
    ringing: timedelta = timedelta(0)
    steps: tuple[str | Gather | HangUp | Reject, ...] = attrs.field(default=(), repr=False)


def read_call(
    headers: Form,
    *,
    peer: str,
    trusted: Collection[str],
    request_uri: str | None = None,
    received_at: datetime | None = None,
) -> Call:
    """The call that an INVITE reports. Call it after the ACK, as the module says.

    `headers`: pairs, or a mapping of names to a value or a list of them. `peer`: the address that the message came
    from. `trusted`: addresses and networks (`"203.0.113.0/24"`) of those who may assert a number. `request_uri`: of the
    INVITE; None: the number dialled is read from `To`. Raises UnreadableReport, and InvalidArgument if `peer` or one of
    `trusted` is no address.
    """
    told = Headers(headers)
    _sequence(told, "INVITE")
    claimed = told.address("from")
    if claimed is None:
        raise refused(Fault.MISSING, "from")
    asserted = told.addresses("p-asserted-identity") if is_trusted(peer, trusted) else []
    identities = _identities([each.uri for each in asserted], claimed.uri) if asserted else [claimed.uri]
    found = _withheld(told, claimed) or _shown(_worst(identities))
    return Call(
        id=_call_id(told),
        number=found.number,
        source=CallSource.NETWORK if asserted else CallSource.CLAIMED,
        dialed=_dialed(told, request_uri),
        received_at=received_at,
        presentation=found.presentation,
        attestation=_attestation(identities) if any(_VERSTAT.search(each.uri) for each in asserted) else None,
        diverted=bool(told.all("diversion")) or any(map(_diverts, told.all("history-info"))),
    )


def read_keys(call_id: str, infos: Iterable[tuple[Form, str | bytes]], *, received_at: datetime | None = None) -> Keys:
    """One whole entry of keys: the header fields and bodies of its INFO requests in their order.

    Each tells one key (`application/dtmf-relay`: `Signal=5`; `application/dtmf`: `5`); a retransmission, of the same
    CSeq, counts once. Keys that come in RTP (RFC 4733) are told by the stack that decodes it: make a `Keys` of them.
    """
    digits: list[str] = []
    before: int | None = None
    first: int | None = None
    for headers, body in infos:
        told = Headers(headers)
        number = _sequence(told, "INFO")
        if _call_id(told) != call_id or (before is not None and number < before):
            raise refused(Fault.CONTRADICTORY, "cseq")
        if number != before:
            digits.append(_key(told, body))
        if len(digits) > LONGEST_KEYS:
            raise refused(Fault.TOO_LONG)
        before = number
        first = number if first is None else first
    entry = None if first is None else f"{first}-{before}"
    return Keys(call_id=_known(call_id), digits="".join(digits), received_at=received_at, entry_id=entry)


def read_end(headers: Form, *, received_at: datetime | None = None) -> Ended:
    """The end of the call: the header fields of a BYE or CANCEL."""
    told = Headers(headers)
    _sequence(told, "BYE", "CANCEL")
    return Ended(call_id=_call_id(told), received_at=received_at)


def reply(result: CallResult, *, language: str = "ja") -> Answer:
    """What is answered to the INVITE, and what is said and gathered; after an entry of keys, the steps alone.

    Over UDP the ACK comes before the report, so the final response was chosen by the line before that: use the steps
    alone, and end with a BYE a call that was answered but has no step that says anything.
    """
    steps = tuple(parts(steps_of(result), language))
    first = steps[0]
    if isinstance(first, Reject):
        return Answer(status=486, reason="Busy Here", ringing=first.rings * RING)
    if isinstance(first, HangUp):
        return Answer(status=603, reason="Decline", steps=steps)
    return Answer(status=200, reason="OK", steps=steps)


def _known(call_id: str) -> str:
    if _PRINTABLE.fullmatch(call_id) is None:
        raise refused(Fault.MALFORMED if call_id else Fault.MISSING, "call-id")
    if len(call_id) > LONGEST_ID:
        raise refused(Fault.TOO_LONG, "call-id")
    return call_id


def _call_id(told: Headers) -> str:
    return _known(told.one("call-id"))


def _sequence(told: Headers, *methods: str) -> int:
    """The number of the request in its dialog."""
    match = _CSEQ.fullmatch(told.one("cseq"))
    if match is None:
        raise refused(Fault.MALFORMED, "cseq")
    if match[2] not in methods:
        raise refused(Fault.WRONG_KIND, "cseq")
    return int(match[1])


def _key(told: Headers, body: str | bytes) -> str:
    form = _BODIES.get(told.one("content-type").partition(";")[0].strip(" \t").lower())
    if form is None:
        raise refused(Fault.UNKNOWN, "content-type")
    text = (body.decode("ascii", "replace") if isinstance(body, bytes) else body).upper()
    match = form.fullmatch(text) if len(text) <= LONGEST_NUMBER else None
    if match is None:
        raise refused(Fault.MALFORMED, "body")
    return _EVENTS.get(match[1], match[1].upper())


def _identities(asserted: list[str], claimed: str) -> list[str]:
    """The URIs that name the caller, all of one number; none where those that the network asserts do not agree.

    `From` is among them where it has a finding of the same number: the network may put it there.
    """
    tells = "verstat" in claimed.lower()
    if len(asserted) == 1 and not tells:
        return asserted  # the common case: the number is read once, by the service
    readings = {phone_numbers.read_presented(each) for each in asserted}
    schemes = [each.partition(":")[0].lower().replace("sips", "sip") for each in asserted]
    if len(asserted) > 1 and (None in readings or len(readings) > 1 or sorted(schemes) != ["sip", "tel"]):
        return []
    return [*asserted, claimed] if tells and phone_numbers.read_presented(claimed) in readings else asserted


def _worst(identities: list[str]) -> str | None:
    """The identity that says most against the number, which is the same in all."""
    if len(identities) < 2:  # noqa: PLR2004 - nothing to choose
        return identities[0] if identities else None
    return max(identities, key=phone_numbers.failed_validation)


def _withheld(told: Headers, claimed: Address) -> Presented | None:
    """The number that is not there because the caller, or a network, does not show it."""
    asked = {token.strip(" \t").lower() for value in told.all("privacy") for token in re.split("[;,]", value)}
    name = claimed.name.strip(" \t").lower()
    if name in _NO_CLI:
        return Presented(None, Presentation.UNAVAILABLE)
    anonymous = _shown(claimed.uri)
    if anonymous.number is None:
        return anonymous
    hidden = name == _ANONYMOUS or asked - _NOT_WITHHELD or any(map(_HIDDEN.search, told.all("remote-party-id")))
    return Presented(None, Presentation.RESTRICTED) if hidden else None


def _shown(uri: str | None) -> Presented:
    """The number of a URI, or what stands in its place; a plain number needs no second look."""
    plain = uri is not None and _PLAIN.fullmatch(uri) is not None
    return Presented(uri, Presentation.ALLOWED) if plain else presented(uri)


def _attestation(identities: list[str]) -> str | None:
    """The level that the network attests; None where it names none, or two."""
    found = {value.lower() for each in identities for value in _VERSTAT.findall(each)}
    match = _PASSED.fullmatch(found.pop()) if len(found) == 1 else None
    return None if match is None else match[1].upper()


def _diverts(history: str) -> bool:
    """Whether a value of History-Info has an entry with a cause, other than a service number's translation."""
    for entry in map(unquote, history.split(",")):
        causes = set(_CAUSE.findall(entry))
        if causes - {_TRANSLATED} or (not causes and _REASON_OR_MAPPED.search(entry)):
            return True
    return False


def _dialed(told: Headers, request_uri: str | None) -> str | None:
    if request_uri is None:
        to = told.address("to")
        return None if to is None else _line(to.uri, "to")
    return _line(request_uri, "request-uri")


def _line(uri: str, field: str) -> str:
    if len(uri) > LONGEST_NUMBER:
        raise refused(Fault.TOO_LONG, field)
    if _PRINTABLE.fullmatch(uri) is None:
        raise refused(Fault.MALFORMED if uri else Fault.MISSING, field)
    return uri
