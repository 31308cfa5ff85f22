"""Twilio Programmable Voice, and gateways that speak TwiML: webhooks in, TwiML out.

*What it tells.* `From` and `To` in E.164, `CallSid`, `CallStatus`, `Direction`; `ForwardedFrom` if the carrier says
that the call was forwarded; `StirVerstat` if the call came with a signature, which only carriers in the United States
and Canada attach ("TwiML for Programmable Voice: Twilio's request", https://www.twilio.com/docs/voice/twiml#request-parameters;
"Trusted Calling with SHAKEN/STIR", https://www.twilio.com/docs/voice/trusted-calling-with-shakenstir).

*What it does not tell.* There is no field for a withheld number: words, or keypad digits that spell one, stand in its
place (`+266696687` is ANONYMOUS). Nor does it tell whether the carrier vouches for a number, unless it is signed. A
number from the telephone network is read as NETWORK, because it is the one that the last carrier passed on. A `From`
with a scheme (`client:`, `sip:`) comes from an app or a SIP device, which names itself: it is CLAIMED.

*What to check first.* `is_signed`, before anything else is read: everyone who knows the address can post to it.
A report has neither time nor nonce. If a call is posted again within `call_memory` (24 hours), the service knows its
id and gives the first answer (P3). Afterwards the same request is a new call, and it can prove a session that waits for
that number. Keys that are posted again without an idempotency token are another entry. So keep signed requests out of
logs; if somebody may have them, replace the auth token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from ja_reset.bank._script import Gather, HangUp, Reject, Say, SayDigits
from ja_reset.bank._values import Call, CallResult, CallSource
from ja_reset.errors import InvalidArgument
from ja_reset.secret import Secret
from ja_reset.telephony import _callers as callers
from ja_reset.telephony import _scripts as scripts
from ja_reset.telephony._errors import Fault, Untrusted
from ja_reset.telephony._fields import LONGEST_ID, LONGEST_NUMBER, MOST_FIELDS, Fields, Form, pairs
from ja_reset.telephony._values import Ended, Keys

__all__ = ["is_signed", "public_url", "read_call", "read_end", "read_keys", "reply"]

_GATEWAY: Final = "twilio"
_LONGEST_WORD: Final = 64
_UNDER_WAY: Final = frozenset({"queued", "ringing", "in-progress"})
_OVER: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_FOUND: Final = re.compile(
    r"TN-Validation-(?:Passed-(?P<level>[ABC])|Failed(?:-[ABC])?)(?P<diverted>-Diverted)?(?:-Passthrough)?"
    r"|No-TN-Validation|NULL",
    re.ASCII,
)
"""What Twilio found of a signature: its page has these values, NULL for one that it could not check."""


def read_call(form: Form, *, received_at: datetime | None = None) -> Call:
    """The call of a request to the number's voice address (P3); `received_at`: when it arrived (aware; None: now).

    *form*: the parameters, as pairs (`parse_qsl(body, keep_blank_values=True)`) or as the web framework's form. Raises
    UnreadableReport for a missing, doubled, overlong, non-ASCII or contradictory parameter, for a call that is over,
    for an outgoing one, and for a request with keys. A signature that failed validation proves nothing, whatever the
    policy (`attestation`).
    """
    fields = Fields(_GATEWAY, form)
    call_id = fields.required("CallSid", longest=LONGEST_ID)
    caller, dialed = fields.get("From", longest=LONGEST_NUMBER), fields.required("To", longest=LONGEST_NUMBER)
    if fields.required("CallStatus", longest=_LONGEST_WORD) not in _UNDER_WAY:
        raise fields.refused(Fault.WRONG_KIND, "CallStatus")
    if fields.get("Direction", longest=_LONGEST_WORD) not in {None, "inbound"}:  # From is a number of ours then
        raise fields.refused(Fault.WRONG_KIND, "Direction")
    if fields.value("Digits") is not None:
        raise fields.refused(Fault.WRONG_KIND, "Digits")
    for other, value in (("Caller", caller), ("Called", dialed)):  # the older names, sent beside From and To
        if fields.get(other, longest=LONGEST_NUMBER) not in {None, value}:
            raise fields.refused(Fault.CONTRADICTORY, other)
    verstat = fields.get("StirVerstat", longest=_LONGEST_WORD)
    found = _FOUND.fullmatch(verstat or "No-TN-Validation")
    if found is None:
        raise fields.refused(Fault.MALFORMED, "StirVerstat")
    failed = found[0] == "NULL" or found[0].startswith("TN-Validation-Failed")
    presented = callers.presented(None if caller is not None and caller.startswith("client:") else caller)
    number = presented.number
    return Call(
        id=call_id,
        number=callers.with_failed_validation(number) if failed and number is not None else number,
        source=CallSource.CLAIMED if caller is not None and ":" in caller else CallSource.NETWORK,
        dialed=dialed,
        received_at=received_at,
        presentation=presented.presentation,
        attestation=found["level"],
        diverted=found["diverted"] is not None or fields.get("ForwardedFrom", longest=LONGEST_NUMBER) is not None,
    )


def read_keys(form: Form, *, received_at: datetime | None = None, idempotency_token: str | None = None) -> Keys:
    """The entry of keys of a request to the `action` of a Gather (P4).

    `idempotency_token`: the header `I-Twilio-Idempotency-Token`, which a retry of the request has again ("Webhooks:
    Connection Overrides", https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides). With it an entry
    that is posted twice counts once. Raises UnreadableReport.
    """
    fields = Fields(_GATEWAY, form)
    call_id = fields.required("CallSid", longest=LONGEST_ID)
    token = Fields(_GATEWAY, (("idempotency-token", idempotency_token or ""),)).get(
        "idempotency-token", longest=LONGEST_ID
    )
    return Keys(call_id=call_id, digits=fields.keys("Digits"), received_at=received_at, entry_id=token)


def read_end(form: Form, *, received_at: datetime | None = None) -> Ended:
    """The end of the call, of a request to the number's status callback.

    Raises UnreadableReport, also for a call that is not over: subscribe to `completed` alone.
    """
    fields = Fields(_GATEWAY, form)
    call_id = fields.required("CallSid", longest=LONGEST_ID)
    if fields.required("CallStatus", longest=_LONGEST_WORD) not in _OVER:
        raise fields.refused(Fault.WRONG_KIND, "CallStatus")
    return Ended(call_id=call_id, received_at=received_at)


# Whose request it is ------------------------------------------------------------------------------------------------


def is_signed(url: str, form: Form, signature: str | None, token: Secret | Sequence[Secret]) -> bool:
    """Whether `X-Twilio-Signature` is that of the request: HMAC-SHA1 over the address and the sorted parameters.

    *url*: the address as Twilio calls it, with its query; behind a proxy see `public_url`. *form*: the parameters of a
    POST; of a GET none, as they are in the address. *token*: the account's auth token, or several while it is
    replaced. Values of a parameter that comes more than once are sorted, equal ones count once. Twilio may sign the
    address with or without its port, so both are tried. Compared in constant time ("Webhooks security",
    https://www.twilio.com/docs/usage/webhooks/webhooks-security). Raises InvalidArgument for a token that is empty or
    no Secret.
    """
    from base64 import b64encode  # noqa: PLC0415 - loaded when first needed
    from hmac import compare_digest, digest  # noqa: PLC0415 - loaded when first needed

    tokens = tuple(token) if isinstance(token, list | tuple) else (token,)
    if not tokens or not all(isinstance(each, Secret) and each.reveal() for each in tokens):
        msg = "token must be a Secret, or several, none of them empty"
        raise InvalidArgument(msg)
    try:
        named = sorted({(str(name), str(value)) for name, value in islice(pairs(form), MOST_FIELDS + 1)})
    except (TypeError, ValueError):
        return False
    if len(named) > MOST_FIELDS:  # a flood: not gone through to its end
        return False
    parameters = "".join(name + value for name, value in named)
    given = (signature or "").encode("utf-8", "surrogatepass")
    expected = [
        b64encode(digest(each.reveal().encode(), (address + parameters).encode("utf-8", "surrogatepass"), "sha1"))
        for each in tokens
        for address in _addresses(url)
    ]
    return any([compare_digest(each, given) for each in expected])  # noqa: C419 - all are compared, whatever fits


def public_url(target: str, headers: Mapping[str, str] | Iterable[tuple[str, str]], *, hosts: Iterable[str]) -> str:
    """The address that Twilio called, behind a proxy that sets `X-Forwarded-Proto` and `X-Forwarded-Host` itself.

    *target*: path and query as they came, such as `/voice?x=1`. *hosts*: the public names that may be in it, each with
    its port if it is not the scheme's own. Use it only behind such a proxy: a header that a client sent is worth
    nothing. Raises Untrusted for another host, another scheme, or a header that is there twice.
    """
    found: dict[str, str] = {}
    for name, value in pairs(headers):
        key = str(name).lower()
        if key in {"x-forwarded-proto", "x-forwarded-host", "host"} and found.setdefault(key, str(value)) != value:
            raise Untrusted(_GATEWAY, Fault.DOUBLED, key)
    scheme = found.get("x-forwarded-proto", "")
    host = found.get("x-forwarded-host") or found.get("host", "")
    if scheme not in {"http", "https"}:
        raise Untrusted(_GATEWAY, Fault.MALFORMED, "x-forwarded-proto")
    if host.lower() not in {each.lower() for each in hosts}:
        raise Untrusted(_GATEWAY, Fault.MALFORMED, "x-forwarded-host")
    if not target.startswith("/") or target.startswith("//"):
        raise Untrusted(_GATEWAY, Fault.MALFORMED, "target")
    return f"{scheme}://{host}{target}"


def _addresses(url: str) -> tuple[str, ...]:
    """The address as it stands, without its port, and with the port of its scheme if it names none."""
    scheme, _, rest = url.partition("://")
    cut = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    host, path = rest[:cut], rest[cut:]
    name, colon, port = host.rpartition(":")
    bare = name if colon and port.isdecimal() else host
    own = {"https": "443", "http": "80"}.get(scheme.lower(), "")
    return tuple(dict.fromkeys((url, f"{scheme}://{bare}{path}", f"{scheme}://{bare}:{own}{path}" if own else url)))


# What is answered ---------------------------------------------------------------------------------------------------

_VOICES: Final = {"ja": ("ja-JP", "Polly.Mizuki"), "en": ("en-US", "Polly.Joanna")}


def reply(result: CallResult, *, language: str = "ja", action: str | None = None, voice: str | None = None) -> str:
    """The answer as TwiML, to be sent as `text/xml`.

    *action*: where Twilio posts an entry of keys (None: where it posted the call; an entry has `Digits`). *voice*: one
    that takes SSML, such as `Polly.Takumi`; None: ours for Japanese and English, the account's for other languages.
    Digits are words of their own, slowly and with breaks, so that no code is read as a number. An entry ends with #,
    after the silence of the script, or with its last digit, never with its first. Keys that are pressed while something
    is said in a Gather count, and stop it. What is said to its end (`after_speech`) stands before the Gather: Twilio
    gathers by that verb alone. Its pages say only what becomes of keys inside; try with your account that keys before
    it are lost. A call is rejected as busy, without being answered; how often it rings before that is Twilio's
    (https://www.twilio.com/docs/voice/twiml/gather, `/say`, `/say/text-speech#ssml`, `/reject`).
    """
    locale, ours = _VOICES.get(language.partition("-")[0].lower(), (language, None))
    spoken = {"language": locale, "voice": voice or ours}
    done: list[str] = []
    said: list[str] = []  # since the last step that is no speech: a Gather takes keys while it is said
    for step in scripts.steps(result):
        match step:
            case Say():
                said.append(_element("Say", spoken, _escaped(scripts.words(step, language))))
            case SayDigits():
                inner = '<break time="500ms"/>'.join(map(_escaped, scripts.digit_words(step, language)))
                said.append(_element("Say", spoken, f'<prosody rate="slow">{inner}</prosody>'))
            case Gather():
                about = {
                    "input": "dtmf",
                    "numDigits": str(step.most),
                    "finishOnKey": "#",
                    "timeout": str(scripts.whole_seconds(step)),
                    "method": "POST",
                    "action": action,
                }
                before, inside = (said, []) if step.after_speech else ([], said)
                done += [*before, _element("Gather", about, "".join(inside))]
                said = []
            case HangUp():
                done += [*said, "<Hangup/>"]
                said = []
            case Reject():
                done += [*said, '<Reject reason="busy"/>']
                said = []
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join([*done, *said])}</Response>'


def _element(name: str, attributes: Mapping[str, str | None], inner: str) -> str:
    given = "".join(f' {key}="{_escaped(value)}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{given}>{inner}</{name}>"


def _escaped(text: str) -> str:
    """Text for an element or an attribute: the five signs that XML reserves, and no control character."""
    from html import escape  # noqa: PLC0415 - loaded when first needed

    return escape("".join(sign if sign.isprintable() else " " for sign in text), quote=True)
