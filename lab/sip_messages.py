"""SIP messages as RFC 3261 writes them: read whole from one datagram, or not at all.

What is no SIP, or has no Via to answer to, is not answered. What can be answered and is wrong gets a 400 that names the
header. No value is searched for inside another: a header that may stand once and stands twice is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

import attrs

Address: TypeAlias = tuple[str, int]
"""Host and port, as a UDP socket of IPv4 gives them."""

Header: TypeAlias = tuple[str, str]
"""A name in lower case, never the compact form, and the value without blanks around it."""

COOKIE: Final = "z9hG4bK"
"""A branch begins with it and is then unique, so it names a transaction (RFC 3261, 8.1.1.7)."""

_COMPACT: Final = {
    "c": "content-type",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "s": "subject",
    "t": "to",
    "v": "via",
}
_ONCE: Final = ("from", "to", "call-id", "cseq")
_AT_MOST_ONCE: Final = ("max-forwards", "content-length", "content-type")
_ECHOED: Final = ("via", "from", "to", "call-id", "cseq")
_LONGEST_NAME: Final = 256  # of a Call-ID, tag or branch; RFC 3261 names no limit
_HIGHEST_CSEQ: Final = 2**31

_REQUEST: Final = re.compile(r"([A-Za-z0-9.!%*_+`'~-]{1,32}) (\S+) SIP/2\.0", re.ASCII)
_RESPONSE: Final = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: .*)?", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+", re.ASCII)
_CONTROL: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_VIA: Final = re.compile(
    r"SIP[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*UDP[ \t]+(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])"
    r"(?:[ \t]*:[ \t]*(?P<port>[0-9]{1,5}))?(?P<rest>[ \t]*(?:;.*)?)",
    re.ASCII | re.IGNORECASE,
)
_CSEQ: Final = re.compile(r"([0-9]{1,10})[ \t]+(\S+)", re.ASCII)
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_NUMBER: Final = re.compile("[0-9]{1,5}", re.ASCII)
_VISIBLE: Final = re.compile("[!-~]+", re.ASCII)
_SIP_PORT: Final = 5060
_HIGHEST_PORT: Final = 65535


class NotSipError(Exception):
    """A datagram that is no SIP message, or one that nobody can be answered about."""


@attrs.frozen
class Via:
    """Whoever sent a request last, as it says itself. `asks_port`: answers go to the port that it came from."""

    host: str
    port: int
    branch: str
    asks_port: bool


@attrs.frozen
class Response:
    """A response, to a request of ours."""

    status: int
    headers: tuple[Header, ...]

    @property
    def branch(self) -> str | None:
        """That of the request of ours that it answers."""
        return None if (via := _top_via(self.headers)) is None else via.branch

    @property
    def method(self) -> str | None:
        """That of the same request."""
        read = _CSEQ.fullmatch(value_of(self.headers, "cseq") or "")
        return read and read[2]


@attrs.frozen
class Request:
    """A request. `fault` is what is wrong with it, or None; with a fault, what is read is not to be relied on.

    `from_tag` is the caller's tag, `to_tag` ours, where it is about a dialog; `cseq` its number within the dialog.
    """

    method: str
    uri: str
    headers: tuple[Header, ...]
    body: bytes
    via: Via
    call_id: str
    from_tag: str
    to_tag: str | None
    cseq: int
    fault: str | None

    def value(self, name: str) -> str | None:
        """The first value of that header."""
        return value_of(self.headers, name)

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of that header, as they stand."""
        return tuple(value for each, value in self.headers if each == name)


def read(datagram: bytes, *, most: int) -> Request | Response:
    """The message of that datagram. Raises NotSipError, also for more than *most* octets."""
    if len(datagram) > most:
        raise NotSipError
    head, end, body = datagram.lstrip(b"\r\n").partition(b"\r\n\r\n")
    try:
        start, *lines = head.decode("utf-8").replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")
    except UnicodeDecodeError:
        raise NotSipError from None
    if not end:
        raise NotSipError
    headers, fault = _headers(lines)
    if (answer := _RESPONSE.fullmatch(start)) is not None:
        return Response(int(answer[1]), headers)
    asked, via = _REQUEST.fullmatch(start), _top_via(headers)
    if asked is None or via is None:
        raise NotSipError
    return _request(asked[1], asked[2], headers, body, via=via, fault=fault or _misnumbered(headers))


def response(
    request: Request,
    peer: Address,
    status: str,
    *,
    tag: str | None = None,
    headers: Iterable[Header] = (),
    body: bytes = b"",
) -> bytes:
    """The response to *request* of *peer*; *status* is the code and its phrase, *tag* ours, where To has none."""
    lines = [f"SIP/2.0 {status}"]
    first = True
    for name, value in request.headers:
        if name not in _ECHOED:
            continue
        if name == "via" and first:
            value, first = _received(value, request.via, peer), False  # noqa: PLW2901 - the value as it is sent
        elif name == "to" and tag is not None and not tags_of(value):
            value = f"{value};tag={tag}"  # noqa: PLW2901 - as above
        lines.append(f"{_written(name)}: {value}")
    return _message(lines, headers, body)


def request(method: str, uri: str, headers: Iterable[Header], body: bytes = b"") -> bytes:
    """A request of ours."""
    return _message([f"{method} {uri} SIP/2.0"], headers, body)


def answered_at(request: Request, peer: Address) -> Address:
    """Where its responses go: always to the host that it came from, whatever it says (18.2.2; RFC 3581)."""
    return peer if request.via.asks_port else (peer[0], request.via.port)


def value_of(headers: Iterable[Header], name: str) -> str | None:
    """The first value of that header, or None."""
    return next((value for each, value in headers if each == name), None)


def uri_of(value: str) -> str | None:
    """The URI of a Contact, From or To, without parameters of the header; None where none is read."""
    rest = _after_name(value)
    before, opened, after = rest.partition("<")
    if not opened:
        uri = before.partition(";")[0].strip()
    else:
        uri, closed, _ = after.partition(">")
        if not closed:
            return None
    return uri if re.fullmatch(r"[!-;=?-~]+", uri, re.ASCII) else None


def tags_of(value: str) -> list[str]:
    """The tags of a From or a To: one or none, where it is right."""
    rest = _after_name(value)
    parameters = rest.rpartition(">")[2] if "<" in rest else rest
    pairs = (each.partition("=") for each in parameters.split(";")[1:])
    return [content.strip() for name, _, content in pairs if name.strip().lower() == "tag"]


def _after_name(value: str) -> str:
    """What follows a display name in quotes, in which any sign may stand."""
    name = _QUOTED.match(value)
    return value if name is None else value[name.end() :]


def _headers(lines: Iterable[str]) -> tuple[tuple[Header, ...], str | None]:
    """What can be read, and what is wrong with the rest."""
    found, fault = [], None
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t").lower()
        if not colon or not _NAME.fullmatch(name) or _CONTROL.search(line):
            fault = "Header"
            continue
        found.append((_COMPACT.get(name, name), value.strip(" \t")))
    return tuple(found), fault


def _request(
    method: str, uri: str, headers: tuple[Header, ...], body: bytes, *, via: Via, fault: str | None
) -> Request:
    """A request whose start line and Via are read."""
    length = int(value_of(headers, "content-length") or len(body)) if fault is None else 0
    caller, called = (tags_of(value_of(headers, name) or "") for name in ("from", "to"))
    call_id, cseq = value_of(headers, "call-id") or "", _CSEQ.fullmatch(value_of(headers, "cseq") or "")
    if fault is None:
        wrong = {
            "Content-Length": length > len(body),
            "CSeq": cseq is None or int(cseq[1]) >= _HIGHEST_CSEQ or cseq[2] != method,
            "Call-ID": not _is_name(call_id),
            "From": len(caller) != 1 or not _is_name(caller[0]),
            "To": len(called) > 1 or not all(map(_is_name, called)),
            "Via": not via.branch.startswith(COOKIE) or not _is_name(via.branch),
        }
        fault = next((name for name, is_wrong in wrong.items() if is_wrong), None)
    return Request(
        *(method, uri, headers, body[:length], via, call_id),
        from_tag=caller[0] if caller else "",
        to_tag=called[0] if called else None,
        cseq=int(cseq[1]) if cseq else 0,
        fault=fault,
    )


def _misnumbered(headers: tuple[Header, ...]) -> str | None:
    """The header that stands too often or is missing, or whose number is none."""
    names = [name for name, _ in headers]
    for name in (*_ONCE, *_AT_MOST_ONCE):
        if names.count(name) > 1 or (name in _ONCE and name not in names):
            return _written(name)
    for name, value in headers:
        if name in {"max-forwards", "content-length"} and not _NUMBER.fullmatch(value):
            return _written(name)
    return None


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and _VISIBLE.fullmatch(text) is not None


def _top_via(headers: Iterable[Header]) -> Via | None:
    value = value_of(headers, "via")
    read = None if value is None else _VIA.fullmatch(_first(value))
    if read is None:
        return None
    parameters = [each.strip().partition("=") for each in read["rest"].split(";")[1:]]
    branches = [content.strip() for name, _, content in parameters if name.strip().lower() == "branch"]
    port = int(read["port"] or _SIP_PORT)
    if not 0 < port <= _HIGHEST_PORT:
        return None
    asks_port = any(name.strip().lower() == "rport" for name, _, _ in parameters)
    return Via(read["host"].lower(), port, branches[0] if len(branches) == 1 else "", asks_port)


def _first(value: str) -> str:
    """The first of the values that commas part; no comma can stand in a Via in another meaning that we answer to."""
    return value.partition(",")[0].strip()


def _received(value: str, via: Via, peer: Address) -> str:
    """A Via with where its datagram came from (18.2.1; RFC 3581)."""
    own, comma, others = value.partition(",")
    own = re.sub(r";[ \t]*(?:received|rport)[ \t]*(?:=[^;]*)?(?=;|$)", "", own.strip(), flags=re.IGNORECASE)
    own += f";received={peer[0]}" + (f";rport={peer[1]}" if via.asks_port else "")
    return own + comma + others


def _message(lines: list[str], headers: Iterable[Header], body: bytes) -> bytes:
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def _written(name: str) -> str:
    return {"call-id": "Call-ID", "cseq": "CSeq"}.get(name, name.title())
