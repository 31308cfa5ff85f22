"""The offer of a call's media, and the answer that a lab without sound gives to it (RFC 3264)."""

from __future__ import annotations

import re
from typing import Final

SDP: Final = "application/sdp"
_MEDIA: Final = re.compile(r"m=(\S+) [0-9]{1,5}(?:/[0-9]{1,5})? (\S+) (\S.*)", re.ASCII)
_MOST_MEDIA: Final = 8


def media_type(value: str | None) -> str:
    """The type of a Content-Type, without its parameters."""
    return (value or "").partition(";")[0].strip().lower()


def answer_to(offer: bytes, host: str) -> bytes | None:
    """The SDP that answers *offer*; None where nothing of it is audio, or nothing is read.

    The first audio is accepted in its first format, inactive: a lab has no sound. All else is refused with port 0. An
    empty offer is answered with an offer of ours.
    """
    lines = [_MEDIA.fullmatch(line) for line in offer.decode("latin-1").splitlines() if line.startswith("m=")]
    if not offer:
        media = ["m=audio 9 RTP/AVP 0"]
    elif not lines or len(lines) > _MOST_MEDIA or any(each is None for each in lines):
        return None
    else:
        media, taken = [], False
        for each in lines:
            kind, profile, formats = each.groups() if each is not None else ("", "", "")
            accepted = kind == "audio" and profile == "RTP/AVP" and not taken
            taken = taken or accepted
            media.append(f"m={kind} {9 if accepted else 0} {profile} {formats.split()[0]}")
        if not taken:
            return None
    head = ["v=0", f"o=lab 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0", *media, "a=inactive"]
    return "".join(f"{line}\r\n" for line in head).encode("latin-1")
