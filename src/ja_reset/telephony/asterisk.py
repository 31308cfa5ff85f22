"""Asterisk: AGI scripts and FastAGI servers, and the events of ARI and AMI.

*What it tells.* AGI's environment has the caller's number, its presentation (`agi_callingpres`), the number dialled
(`agi_dnid`) and whether the call was diverted (`agi_rdnis`). The presentation is Q.931's octet 3a, as a number or under
the names of `CALLERID(num-pres)` ("CALLERID()", https://docs.asterisk.org/Latest_API/API_Documentation/Dialplan_Functions/CALLERID).

*What it cannot tell.*

- *Who vouches for the number.* Asterisk puts the asserted identity and, where there is none, `From` into the same
  variable (`trust_id_inbound`, "res_pjsip", https://docs.asterisk.org/Latest_API/API_Documentation/Module_Configuration/res_pjsip).
  So `source` has no default. NETWORK is right where the trunk's endpoint alone reaches the context, has
  `trust_id_inbound=yes`, and the dialplan hangs up if `${PJSIP_HEADER(read,P-Asserted-Identity)}` is empty. On ISDN
  the network tells it itself: a number of the caller's own that it did not check is CLAIMED, whatever `source` says.
- *Whether anybody was there.* The dialplan begins with the INVITE, and waits for no ACK: over UDP one packet with a
  forged source is a call. So let the trunk use TLS, or a line that is closed to others.
- *In ARI* the presentation, and, if there is no `caller_rdnis`, a diversion. List both in `ari.conf`,
  `channelvars = CALLERID(num-pres),CALLERID(rdnis)` ("res_ari",
  https://docs.asterisk.org/Latest_API/API_Documentation/Module_Configuration/res_ari), or pass `num_pres` and `rdnis`.
- *In AMI* the diversion, and in `Newchannel` the presentation; `NewCallerid` has it (`CID-CallingPres`). Pass both.

A report without them is refused: a number that was withheld must not prove anything.

*Whose report it is.* A local AGI script is started by Asterisk. FastAGI has no authentication at all: a connection to
its port can report any call. So a report over the network has to have a secret as its first argument,
`AGI(agi://127.0.0.1/reset,${RESET_TOKEN})`, and `token` compares it. ARI and AMI are connections that you open and log
in to yourself.

*The code is in Asterisk's log* where its verbosity is 3 or more ("Playing 'digits/4'"): keep it below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, TypeVar

import attrs

from ja_reset.bank._script import Gather, HangUp, Say, SayDigits
from ja_reset.bank._values import Call, CallResult, CallSource, Presentation
from ja_reset.errors import InvalidArgument
from ja_reset.secret import Secret, shown
from ja_reset.telephony import _scripts as scripts
from ja_reset.telephony._asterisk_reports import GATEWAY, Report, channel_of, reported, somebody
from ja_reset.telephony._callers import Presented, presented, with_failed_validation
from ja_reset.telephony._errors import Fault, UnreadableReport
from ja_reset.telephony._fields import LONGEST_ID, LONGEST_KEYS, Fields, Form
from ja_reset.telephony._speech import RING
from ja_reset.telephony._values import Ended, Keys
from ja_reset.text import is_language

__all__ = ["Operation", "operations", "read_call", "read_end", "read_keys", "reply"]

_T = TypeVar("_T")

KEYS: Final = "JA_RESET_KEYS"
"""The channel variable that an entry of keys is read into."""

_BUSY: Final = "17"  # Q.850: user busy
_NUMBERED = re.compile(r"(0|[1-9][0-9]{0,2})(?: \([^()]*\))?", re.ASCII)
_NAMES: Final = {
    f"{name}{screening}": bits | screened
    for name, bits in (("allowed", 0x00), ("prohib", 0x20))
    for screening, screened in (("_not_screened", 0), ("_passed_screen", 1), ("_failed_screen", 2), ("", 3))
} | {"unavailable": 0x43}
_PRESENTATION: Final = {0x00: Presentation.ALLOWED, 0x20: Presentation.RESTRICTED}
_SHOWN: Final = 0x60  # Q.931, table 4-11: presentation indicator
_SCREENING: Final = 0x03  # Q.931, table 4-11: who provided the number
_NOT_SCREENED: Final = 0  # the user, not verified
_FAILED: Final = 2  # the user, verified and failed
_ANSWER = re.compile(r"200 result=1 \(([^()\n]*)\)\n?")
_OVER = re.compile(r"HANGUP|511 [^\n]*|200 result=-1(?: [^\n]*)?")
_SOUND = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.:-]{0,199}", re.ASCII)
_ENDS: Final = frozenset({"StasisEnd", "ChannelDestroyed", "ChannelHangupRequest"})


def read_call(
    report: Report,
    *,
    source: CallSource,
    token: Secret | None = None,
    num_pres: str | None = None,
    rdnis: str | None = None,
    received_at: datetime | None = None,
) -> Call:
    """The call that Asterisk reports.

    `report`: AGI's environment, or ARI's `StasisStart` or AMI's `Newchannel` or `NewCallerid` of a call that rings.
    `source`: who vouches for numbers in that context; see the module. `token`: what FastAGI's first argument must be.
    `num_pres`, `rdnis`: the dialplan's `CALLERID(num-pres)` and `CALLERID(rdnis)`, where the report cannot tell.
    Raises UnreadableReport, and Untrusted for FastAGI without the token.
    """
    told = reported(report, token)
    octet = _agreed(told.pres, num_pres, _octet, "num-pres")
    found = _presented(told.number, octet)
    return Call(
        id=told.call_id,
        number=found.number,
        source=CallSource.CLAIMED if told.isdn and octet & _SCREENING == _NOT_SCREENED else source,
        dialed=told.dialed,
        received_at=received_at,
        presentation=found.presentation,
        diverted=_agreed(told.rdnis, rdnis, somebody, "rdnis") != "",
    )


def read_keys(call_id: str, report: str | Iterable[Form], *, received_at: datetime | None = None) -> Keys:
    """One whole entry of keys: AGI's response to `GET VARIABLE`, or its events in their order.

    An event is ARI's `ChannelDtmfReceived` or AMI's `DTMFEnd`, one key each.
    """
    refused = Fields(GATEWAY, ()).refused
    if isinstance(report, str):
        match = _ANSWER.fullmatch(report) if len(report) <= LONGEST_ID else None
        if match is None:
            raise refused(Fault.MALFORMED, "response")
        digits = match[1]
    else:
        digits = ""
        for event in report:
            digits += _key(Fields(GATEWAY, event), call_id)
            if len(digits) > LONGEST_KEYS:
                raise refused(Fault.TOO_LONG, "digit")
    entry = Fields(GATEWAY, {"call": call_id, "digits": digits})
    return Keys(
        call_id=entry.required("call", longest=LONGEST_ID), digits=entry.keys("digits"), received_at=received_at
    )


def read_end(report: str | Form, *, call_id: str | None = None, received_at: datetime | None = None) -> Ended:
    """The end of the call: AGI's `HANGUP`, `511` or `200 result=-1`, or ARI's or AMI's event of it.

    `call_id`: of the call that the AGI connection is about, which its lines do not name.
    """
    if isinstance(report, str):
        about = Fields(GATEWAY, {"call": call_id or ""})
        if len(report) > LONGEST_ID or _OVER.fullmatch(report.removesuffix("\n")) is None:
            raise about.refused(Fault.WRONG_KIND, "response")
        return Ended(call_id=about.required("call", longest=LONGEST_ID), received_at=received_at)
    fields = Fields(GATEWAY, report)
    ari = fields.value("channel") is not None
    kind = fields.required("type" if ari else "Event", longest=LONGEST_ID)
    if kind not in (_ENDS if ari else {"Hangup"}):
        raise fields.refused(Fault.WRONG_KIND, "type" if ari else "Event")
    ended = _channel_id(fields)
    if call_id not in {None, ended}:
        raise fields.refused(Fault.CONTRADICTORY, "call")
    return Ended(call_id=ended, received_at=received_at)


def reply(result: CallResult, *, sound: Callable[[str], str], language: str = "ja") -> tuple[str, ...]:
    """The answer as commands of AGI, to be sent one after the other, each after the response to the one before.

    `sound`: gives the name of the sound file that says a text: Asterisk has no speech engine of its own, so have the
    text spoken, and keep the file. Digits are Asterisk's own sounds: install those of the language. The keys of a
    `Read` are in the response to the `GET VARIABLE` behind it; if there are none, go on with the next command. What is
    said to its end (`after_speech`) is a `Playback`, which no key ends; Asterisk drops keys that are pressed in it
    (`waitstream_core` in its `main/file.c`; a key counts when it is let go).
    Raises InvalidArgument for a name that Asterisk would not take as one.
    """
    lines: list[str] = []
    said: list[str] = []
    for step in scripts.steps(result):
        if isinstance(step, Say | SayDigits):
            said += _sounds(step, sound, language)
        elif isinstance(step, Gather):
            if step.after_speech:
                lines += _playback(said)
                said = []
            files = "&".join(said)
            lines.append(f'EXEC Read "{KEYS},{files},{step.most},,1,{scripts.whole_seconds(step)}"')
            lines.append(f"GET VARIABLE {KEYS}")
            said = []
        elif isinstance(step, HangUp):
            lines += [*_playback(said), "HANGUP"]
            said = []
        else:
            wait = step.rings * RING // timedelta(seconds=1)
            lines += ['EXEC Ringing ""', f'EXEC Wait "{wait}"', f'EXEC Hangup "{_BUSY}"']
    lines += _playback(said)
    if lines[0].startswith(("EXEC Read", "EXEC Playback")):
        return ("ANSWER", f'SET VARIABLE CHANNEL(language) "{_tag(language)}"', *lines)
    return tuple(lines)


@attrs.frozen
class Operation:
    """A request to ARI: `path` is below `/ari`, `query` its parameters; the code may be among them, so log none."""

    __repr__ = shown

    method: str
    path: str
    query: dict[str, str] = attrs.field(factory=dict, repr=False)


def operations(
    result: CallResult, *, call_id: str, sound: Callable[[str], str], language: str = "ja"
) -> tuple[Operation | Gather | timedelta, ...]:
    """The answer as requests to ARI, in their order.

    A timedelta is a time to wait. At a `Gather`, collect the events `ChannelDtmfReceived` for `read_keys`. Keys that
    come while something is played count: stop the playback at the first. Not so before a `Gather` with `after_speech`:
    let it play, and drop the keys that come before its `PlaybackFinished`. `sound` is as in `reply`.
    """
    from urllib.parse import quote  # noqa: PLC0415 - loaded when first needed

    channel = f"/channels/{quote(call_id, safe='')}"
    done: list[Operation | Gather | timedelta] = []
    for step in scripts.steps(result):
        if isinstance(step, Say | SayDigits):
            media = ",".join(f"sound:{each}" for each in _sounds(step, sound, language))
            done.append(Operation("POST", f"{channel}/play", {"media": media, "lang": _tag(language)}))
        elif isinstance(step, Gather):
            done.append(step)
        elif isinstance(step, HangUp):
            done.append(Operation("DELETE", channel))
        else:
            busy = Operation("DELETE", channel, {"reason_code": _BUSY})
            done += [Operation("POST", f"{channel}/ring"), step.rings * RING, busy]
    first = done[0]
    if isinstance(first, Gather) or (isinstance(first, Operation) and first.path.endswith("/play")):
        return (Operation("POST", f"{channel}/answer"), *done)
    return tuple(done)


def _agreed(told: str | None, given: str | None, read: Callable[[str], _T], field: str) -> _T:
    """What the report tells and the dialplan gives, as far as they do; refused if neither does, or they differ."""
    text = given if told is None else told
    if text is None:
        raise UnreadableReport(GATEWAY, Fault.MISSING, field)
    value = read(text)
    if given is not None and read(given) != value:
        raise UnreadableReport(GATEWAY, Fault.CONTRADICTORY, field)
    return value


@lru_cache(maxsize=64)
def _octet(text: str) -> int:
    """The presentation as Q.931's octet 3a has it, of a number, or of a name of `CALLERID(num-pres)`."""
    match = _NUMBERED.fullmatch(text)
    octet = int(match[1]) if match else _NAMES.get(text)
    if octet is None or octet & ~(_SHOWN | _SCREENING):  # the bits between them are spare, the eighth an extension
        raise UnreadableReport(GATEWAY, Fault.MALFORMED, "num-pres")
    return octet


def _presented(number: str | None, octet: int) -> Presented:
    presentation = _PRESENTATION.get(octet & _SHOWN, Presentation.UNAVAILABLE)
    found = presented(number)
    if presentation is not Presentation.ALLOWED:
        return Presented(None, presentation)
    if found.number is not None and octet & _SCREENING == _FAILED:
        return Presented(with_failed_validation(found.number), presentation)
    return found


def _key(event: Fields, call_id: str) -> str:
    ari = event.value("channel") is not None
    kind = event.required("type" if ari else "Event", longest=LONGEST_ID)
    if kind != ("ChannelDtmfReceived" if ari else "DTMFEnd"):
        raise event.refused(Fault.WRONG_KIND, "type" if ari else "Event")
    if not ari and event.required("Direction", longest=LONGEST_ID) != "Received":
        raise event.refused(Fault.WRONG_KIND, "Direction")
    if _channel_id(event) != call_id:
        raise event.refused(Fault.CONTRADICTORY, "call")
    return event.required("digit" if ari else "Digit", longest=1)


def _channel_id(event: Fields) -> str:
    if event.value("channel") is not None:
        return channel_of(event).required("id", longest=LONGEST_ID)
    return event.required("Uniqueid", longest=LONGEST_ID)


def _sounds(step: Say | SayDigits, sound: Callable[[str], str], language: str) -> list[str]:
    """The sound files of a step; those of the digits, and of a second's silence between them, come with Asterisk."""
    if isinstance(step, SayDigits):
        return [
            file for digit in step.digits.reveal() if digit in "0123456789" for file in (f"digits/{digit}", "silence/1")
        ]
    name = sound(scripts.words(step, language))
    if not isinstance(name, str) or _SOUND.fullmatch(name) is None:
        msg = "sound must give the name of a sound file: ASCII letters, digits and / _ . : -"
        raise InvalidArgument(msg)
    return [name]


def _playback(said: list[str]) -> list[str]:
    return [f'EXEC Playback "{"&".join(said)}"'] if said else []


def _tag(language: str) -> str:
    if not is_language(language):
        msg = "language must be a language tag such as 'ja'"
        raise InvalidArgument(msg)
    return language
