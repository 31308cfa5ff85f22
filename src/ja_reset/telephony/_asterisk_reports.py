"""The three ways in which Asterisk reports a call, brought to one: AGI's environment, ARI's and AMI's events."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.secret import Secret, shown
from ja_reset.telephony._errors import Fault, UnreadableReport, Untrusted
from ja_reset.telephony._fields import LONGEST_ID, LONGEST_NUMBER, Fields, Form

GATEWAY: Final = "asterisk"

Report: TypeAlias = str | bytes | Form
"""AGI's environment as text, or its variables by name; or an event of ARI (decoded JSON) or AMI (its fields)."""

_LONGEST_TEXT: Final = 64_000  # of an environment: ours; Asterisk sends 1 kB
_LONGEST_WORD: Final = 64
_NOBODY: Final = frozenset({"unknown", "<unknown>"})  # what AGI and AMI write where there is no number
_LINE = re.compile(r"\+?[0-9]{2,20}", re.ASCII)  # not `s`, nor another name of an extension
_RING: Final = "4"  # AST_STATE_RING: a call that comes in, not answered yet


@attrs.define(kw_only=True, eq=False)
class Reported:
    """What a report says of a call; None: it cannot tell."""

    __repr__ = shown

    call_id: str
    number: str | None = attrs.field(repr=False)
    pres: str | None
    dialed: str | None
    rdnis: str | None = attrs.field(repr=False)
    """The number that the call was diverted from, empty if it was not."""
    isdn: bool
    """Whether the number came over an ISDN line, with the network's own word on who provided it."""


def reported(report: Report, token: Secret | None) -> Reported:
    """The report of a call, in whichever of its forms."""
    if token is not None and not isinstance(token, Secret):
        msg = "token must be a Secret"
        raise InvalidArgument(msg)
    if isinstance(report, str | bytes):
        return _of_agi(Fields(GATEWAY, variables(report)), token)
    fields = Fields(GATEWAY, report)
    if fields.value("channel") is not None:
        return _of_ari(fields)
    if fields.value("Event") is not None:
        return _of_ami(fields)
    return _of_agi(fields, token)


def variables(text: str | bytes) -> dict[str, str]:
    """AGI's environment: a variable a line, up to an empty line, and nothing behind it."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if len(plain) > _LONGEST_TEXT:
        raise UnreadableReport(GATEWAY, Fault.TOO_LONG)
    lines = plain.replace(":\n", ": \n").removesuffix("\n").removesuffix("\n").split("\n")
    try:
        found = dict([line.split(": ", 1) for line in lines])
    except ValueError:  # a line without a name
        raise UnreadableReport(GATEWAY, Fault.MALFORMED) from None
    if len(found) < len(lines):
        raise UnreadableReport(GATEWAY, Fault.DOUBLED)
    return found


def channel_of(fields: Fields) -> Fields:
    """The channel of an event of ARI."""
    return fields.inside("channel")


def _of_agi(fields: Fields, token: Secret | None) -> Reported:
    if token is not None or fields.get("agi_network", longest=_LONGEST_WORD) == "yes":
        said = Secret(fields.get("agi_arg_1", longest=LONGEST_NUMBER) or "")
        if token is None or not token.reveal() or said != token:
            raise Untrusted(GATEWAY, Fault.STRANGER, "agi_arg_1")
    dialed = _somebody(fields, "agi_dnid") or _line(fields, "agi_extension")
    return Reported(
        call_id=fields.required("agi_uniqueid", longest=LONGEST_ID),
        number=_somebody(fields, "agi_callerid"),
        pres=fields.required("agi_callingpres", longest=_LONGEST_WORD),
        dialed=dialed or None,
        rdnis=_somebody(fields, "agi_rdnis"),
        isdn=_isdn(fields, "agi_channel"),
    )


def _of_ari(fields: Fields) -> Reported:
    channel = channel_of(fields)
    if fields.required("type", longest=_LONGEST_WORD) != "StasisStart":
        raise fields.refused(Fault.WRONG_KIND, "type")
    if channel.required("state", longest=_LONGEST_WORD) != "Ring":
        raise fields.refused(Fault.WRONG_KIND, "state")
    passed = channel.inside("channelvars") if channel.value("channelvars") is not None else Fields(GATEWAY, ())
    diversions = ((channel, "caller_rdnis"), (passed, "CALLERID(rdnis)"))
    rdnis = [_somebody(fields, name) for fields, name in diversions if fields.value(name) is not None]
    return Reported(
        call_id=channel.required("id", longest=LONGEST_ID),
        number=_somebody(channel.inside("caller"), "number"),
        pres=passed.get("CALLERID(num-pres)", longest=_LONGEST_WORD),
        dialed=_line(channel.inside("dialplan"), "exten"),
        rdnis=max(rdnis, default=None),
        isdn=_isdn(channel, "name"),
    )


def _of_ami(fields: Fields) -> Reported:
    if fields.required("Event", longest=_LONGEST_WORD) not in {"Newchannel", "NewCallerid"}:
        raise fields.refused(Fault.WRONG_KIND, "Event")
    if fields.required("ChannelState", longest=_LONGEST_WORD) != _RING:
        raise fields.refused(Fault.WRONG_KIND, "ChannelState")
    return Reported(
        call_id=fields.required("Uniqueid", longest=LONGEST_ID),
        number=_somebody(fields, "CallerIDNum"),
        pres=fields.get("CID-CallingPres", longest=_LONGEST_WORD),
        dialed=_line(fields, "Exten"),
        rdnis=None,
        isdn=_isdn(fields, "Channel"),
    )


def _somebody(fields: Fields, name: str) -> str:
    """The number in that field, empty where it says that there is none; a field that is missing is refused."""
    text = fields.get(name, longest=LONGEST_NUMBER)
    if text is None and fields.value(name) is None:
        raise fields.refused(Fault.MISSING, name)
    return somebody(text or "")


def somebody(text: str) -> str:
    """The number; empty where Asterisk says that there is none."""
    return "" if text.lower() in _NOBODY else text


def _isdn(fields: Fields, name: str) -> bool:
    """Whether the channel is a DAHDI channel."""
    return (fields.get(name, longest=LONGEST_NUMBER) or "")[:6].lower() == "dahdi/"


def _line(fields: Fields, name: str) -> str | None:
    """The extension that was dialled, where it is a number."""
    text = fields.get(name, longest=LONGEST_NUMBER)
    return text if text is not None and _LINE.fullmatch(text) else None
