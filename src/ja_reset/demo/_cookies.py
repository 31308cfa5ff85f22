"""One browser: who it says it is, and what its pages remember between two requests.

Law: a browser proves itself by a signed cookie, and a form by a token that belongs to that cookie (CSRF). Theory:
the cookie holds a random id, the time it was given, and a MAC over both; the token of the session itself is in a
cookie of its own, and neither ever stands in an address. What is remembered here is in the process's memory alone, for
the pages' comfort: what was typed and is no secret (M4), the reasons of the last answer, the telephone's receiver.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import attrs

from ja_reset import Field, Reason
from ja_reset.demo._settings import Settings

if TYPE_CHECKING:
    from ja_reset.demo._handset import Heard

BROWSER: Final = "ja_reset_browser"
SESSION: Final = "ja_reset_session"
LANGUAGE: Final = "ja_reset_language"
SIZE: Final = "ja_reset_size"
CUSTOMER: Final = "ja_reset_customer"

SIZES: Final = ("medium", "large", "largest")
"""What SIZE may say: 中, 大, 特大."""

_MOST: Final = 5_000
_PARTS: Final = 3


@attrs.define
class Memory:
    """What is remembered of one browser; `lock` lets one of its events happen after the other.

    `fields`, `typed` and `shown` (how many pages) are of the session's screen; on the state `retype` secrets are to be
    entered again. `entry_fields`, `entry` and `entry_reasons` (by page)
    of the way in. `logged_in`: who. `gone`: the next page says that there is no session.
    """

    session: str = ""
    token: str = attrs.field(default="", repr=False)
    ended: bool = False
    fields: tuple[Field, ...] = ()
    typed: dict[str, str] = attrs.field(factory=dict, repr=False)
    entry_fields: tuple[Field, ...] = ()
    entry: dict[str, str] = attrs.field(factory=dict, repr=False)
    entry_reasons: dict[str, tuple[Reason, ...]] = attrs.field(factory=dict)
    logged_in: str = attrs.field(default="", repr=False)
    gone: bool = False
    reasons: tuple[Reason, ...] = ()
    version: int = 0
    shown: int = 0
    retype: str = ""
    heard: Heard | None = None
    lock: asyncio.Lock = attrs.field(factory=asyncio.Lock, repr=False)

    def belongs_to(self, session: str) -> Memory:
        """Itself, with nothing left of another session."""
        if self.session != session:
            self.session, self.token, self.reasons, self.version, self.heard = session, "", (), 0, None
            self.ended, self.fields, self.typed, self.shown, self.retype = False, (), {}, 0, ""
        return self

    def tell(self, reasons: tuple[Reason, ...], version: int) -> None:
        """Keep the reasons of an answer for as long as its version stands."""
        self.reasons, self.version = reasons, version

    def told(self, version: int) -> tuple[Reason, ...]:
        """The reasons kept for that version."""
        return self.reasons if self.version == version else ()


class Memories:
    """The memories of all browsers, those longest unseen forgotten first."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, Memory] = OrderedDict()

    def of(self, browser: str) -> Memory:
        """The memory of that browser, an empty one where there is none."""
        memory = self._of.pop(browser, None) or Memory()
        self._of[browser] = memory
        if len(self._of) > _MOST:
            self._of.popitem(last=False)
        return memory


@attrs.frozen
class Browser:
    """A browser that proved itself, or (`fresh`) one that is given its cookie with this answer."""

    id: str
    cookie: str = attrs.field(repr=False)
    csrf: str = attrs.field(repr=False)
    fresh: bool


def browser_of(cookie: str | None, settings: Settings, now: datetime) -> Browser:
    """The browser of that cookie; a new one where the cookie is missing, forged or expired."""
    known = _id_of(cookie or "", settings, now)
    if known is not None:
        return Browser(known, cookie or "", _mac(settings, "csrf", known), fresh=False)
    name = secrets.token_urlsafe(24)
    issued = str(int(now.timestamp()))
    return Browser(
        name,
        f"{name}.{issued}.{_mac(settings, 'browser', name, issued)}",
        _mac(settings, "csrf", name),
        fresh=True,
    )


def is_token_of(browser: Browser, token: str) -> bool:
    """Whether a form's token belongs to that browser; never for one that has just been given its cookie."""
    return not browser.fresh and hmac.compare_digest(browser.csrf.encode(), token.encode("utf-8", "replace"))


def size_of(cookies: Mapping[str, str]) -> str:
    """The size of text that the browser asked for, else the first."""
    wanted = cookies.get(SIZE)
    return next((size for size in SIZES if size == wanted), SIZES[0])


def _id_of(cookie: str, settings: Settings, now: datetime) -> str | None:
    parts = cookie.split(".")
    if len(parts) != _PARTS:
        return None
    name, issued, mac = parts
    if not hmac.compare_digest(mac.encode("utf-8", "replace"), _mac(settings, "browser", name, issued).encode()):
        return None
    age = now.timestamp() - int(issued)  # digits: the MAC is ours
    return name if age <= settings.browser_lifetime.total_seconds() else None


def _mac(settings: Settings, *what: str) -> str:
    return hmac.new(settings.secret, "\0".join(what).encode("utf-8", "replace"), sha256).hexdigest()
