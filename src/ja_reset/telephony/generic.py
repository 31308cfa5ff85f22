"""Signed JSON, for every gateway without a module of its own, and for one's own code beside an exchange.

A report is a JSON object. Each field is a string but for `diverted`; those in brackets may be left out:

- `{"kind": "call", "call_id", "number", "presentation", "source"}` and `["dialed", "received_at", "attestation",
  "diverted"]`. `presentation`: `allowed`, `restricted`, `unavailable`; with the last, `number` is left out or null.
  `source`: `network` if the carrier asserted the number (`P-Asserted-Identity` of a trusted peer, the calling party
  number of a digital line), `claimed` for anything that the caller's side sent (`From`). `attestation`: `A`, `B`, `C`,
  `failed`.
- `{"kind": "keys", "call_id", "digits", ["received_at", "entry_id"]}`: one whole entry.
- `{"kind": "end", "call_id", ["received_at"]}`.

`received_at` is ISO 8601 with its zone. Any other field, and any field that is there twice, is refused.

*Who sends it.* Three values go with the body, as headers for example: the time in whole seconds since 1970, a nonce of
16 to 64 letters, digits, - and _, and the signature: HMAC-SHA256 over time, a dot, nonce, a dot and the body as it is
sent, in lower-case hexadecimal (`sign`). A report that is older than the nonces' window, or as far in the future, is
refused, and so is a nonce that was used within it.

*Several processes* share one memory of nonces (`NonceMemory`), or a report can be replayed once to each of them. Even
then a replay does nothing: the service knows a call by its id and what it reported, an entry of keys by its id or its
time, and gives the first answer again (P3, P4). So send `received_at` or `entry_id` with keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from ja_reset.bank._script import Gather, HangUp, Reject, Say, SayDigits, Step
from ja_reset.bank._values import Call, CallResult, CallSource, Presentation
from ja_reset.secret import Secret
from ja_reset.telephony import _callers as callers
from ja_reset.telephony import _scripts as scripts
from ja_reset.telephony._errors import Fault
from ja_reset.telephony._fields import LONGEST_ID, LONGEST_NUMBER
from ja_reset.telephony._nonces import NonceMemory, Nonces
from ja_reset.telephony._signed import LONGEST_WORD, Report, Signed, sign, trusted
from ja_reset.telephony._values import Ended, Keys

__all__ = ["NonceMemory", "Nonces", "read_call", "read_end", "read_keys", "reply", "sign"]

_PRESENTATIONS: Final = {each.value.lower(): each for each in Presentation}
_SOURCES: Final = {each.value.lower(): each for each in CallSource}
_ATTESTATIONS: Final = frozenset({"A", "B", "C", "failed"})

_OF_A_CALL: Final = ("number", "presentation", "source", "dialed", "received_at", "attestation", "diverted")
_OF_KEYS: Final = ("digits", "received_at", "entry_id")
_OF_AN_END: Final = ("received_at",)


def read_call(
    body: bytes,
    *,
    signature: str | None,
    timestamp: str | None,
    nonce: str | None,
    key: Secret | Sequence[Secret],
    now: datetime,
    nonces: NonceMemory,
) -> Call:
    """The call of a report of kind `call` (P3).

    *body*: as it came. *signature*, *timestamp*, *nonce*: what came with it (None: missing). *key*: the secret that the
    gateway signs with, of 32 characters at least, or several while it is replaced. *now*: aware. *nonces*: what was
    used before. Raises Untrusted for a wrong signature, a report that is too old or from the future, or a nonce that
    was used; UnreadableReport for one that is not as the module says; InvalidArgument for a key that is too short.
    """
    signed = Signed(body, signature, timestamp, nonce)
    return _call(trusted(signed, key=key, now=now, nonces=nonces))


def _call(fields: Report) -> Call:
    fields.of_kind("call", _OF_A_CALL)
    call_id = fields.required("call_id", longest=LONGEST_ID)
    presentation = fields.one_of("presentation", _PRESENTATIONS)
    text = fields.get("number", longest=LONGEST_NUMBER)
    wrong = Presentation.ALLOWED if text is None else Presentation.UNAVAILABLE
    if presentation is wrong:
        raise fields.refused(Fault.CONTRADICTORY, "presentation")
    attestation = fields.get("attestation", longest=LONGEST_WORD)
    if attestation is not None and attestation not in _ATTESTATIONS:
        raise fields.refused(Fault.MALFORMED, "attestation")
    presented = callers.presented(text)
    number = presented.number
    if number is not None and attestation == "failed":
        number = callers.with_failed_validation(number)
    return Call(
        id=call_id,
        number=number,
        source=fields.one_of("source", _SOURCES),
        dialed=fields.get("dialed", longest=LONGEST_NUMBER),
        received_at=fields.instant("received_at"),
        presentation=presented.presentation if presentation is Presentation.ALLOWED else presentation,
        attestation=None if attestation == "failed" else attestation,
        diverted=fields.flag("diverted"),
    )


def read_keys(
    body: bytes,
    *,
    signature: str | None,
    timestamp: str | None,
    nonce: str | None,
    key: Secret | Sequence[Secret],
    now: datetime,
    nonces: NonceMemory,
) -> Keys:
    """The entry of keys of a report of kind `keys` (P4); arguments and errors are those of `read_call`."""
    signed = Signed(body, signature, timestamp, nonce)
    fields = trusted(signed, key=key, now=now, nonces=nonces).of_kind("keys", _OF_KEYS)
    return Keys(
        call_id=fields.required("call_id", longest=LONGEST_ID),
        digits=fields.keys("digits"),
        received_at=fields.instant("received_at"),
        entry_id=fields.get("entry_id", longest=LONGEST_ID),
    )


def read_end(
    body: bytes,
    *,
    signature: str | None,
    timestamp: str | None,
    nonce: str | None,
    key: Secret | Sequence[Secret],
    now: datetime,
    nonces: NonceMemory,
) -> Ended:
    """The end of a call, of a report of kind `end`; arguments and errors are those of `read_call`."""
    signed = Signed(body, signature, timestamp, nonce)
    fields = trusted(signed, key=key, now=now, nonces=nonces).of_kind("end", _OF_AN_END)
    return Ended(
        call_id=fields.required("call_id", longest=LONGEST_ID),
        received_at=fields.instant("received_at"),
    )


# What is answered ---------------------------------------------------------------------------------------------------


def reply(result: CallResult, *, language: str = "ja") -> bytes:
    """The answer as JSON in UTF-8: `{"status", "reasons", "steps"}`, to be carried out in order.

    A step is `{"do": "say", "text"}`, `{"do": "say_digits", "digits": ["4", "7"]}` (each a word of its own, slowly),
    `{"do": "gather", "most", "silence", "after_speech"}` (digits; seconds; true: let the steps before be said to their
    end, and drop the keys pressed until then), `{"do": "hang_up"}` or `{"do": "reject", "rings"}`.
    `reasons` are codes. It holds the code that is read out: send it to the gateway alone, and log it nowhere (S5).
    """
    from json import dumps  # noqa: PLC0415 - loaded when first needed

    answer = {
        "status": result.status.value,
        "reasons": [reason.code for reason in result.reasons],
        "steps": [_step(step, language) for step in scripts.steps(result)],
    }
    return dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _step(step: Step, language: str) -> dict[str, object]:
    match step:
        case Say():
            return {"do": "say", "text": scripts.words(step, language)}
        case SayDigits():
            return {"do": "say_digits", "digits": list(step.digits.reveal())}
        case Gather():
            silence = step.silence / timedelta(seconds=1)
            return {"do": "gather", "most": step.most, "silence": silence, "after_speech": step.after_speech}
        case HangUp():
            return {"do": "hang_up"}
        case Reject():
            return {"do": "reject", "rings": step.rings}
