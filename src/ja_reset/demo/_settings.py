"""What may differ from one run of the demo to the next, as one frozen value."""

from __future__ import annotations

import secrets
from datetime import timedelta

import attrs

from ja_reset import Secret
from ja_reset.demo._words import Language


@attrs.frozen
class Rate:
    """A token bucket for one address: `burst` at once, then `per_second`."""

    burst: int
    per_second: float


@attrs.frozen(kw_only=True)
class Settings:
    """`secret` signs cookies and CSRF tokens; `gateway_key` and `twilio_token` are shared with the telephone gateways.

    `public_host` is the name by which a tunnel that tells the scheme and the host reaches the demo (None: no tunnel).
    `secure` marks cookies for https alone; `hosts` are the names that a browser may reach the demo by (None: any);
    `looks`, `posts` and `starts` limit one address; `body_limit` is in octets; `housekeeping` is the
    time between two rounds of it.
    """

    language: Language = "ja"
    secret: bytes = attrs.field(factory=lambda: secrets.token_bytes(32), repr=False)
    gateway_key: Secret = attrs.field(factory=lambda: Secret(secrets.token_hex(32)))
    twilio_token: Secret = attrs.field(factory=lambda: Secret(secrets.token_hex(16)))
    public_host: str | None = None
    secure: bool = False
    hosts: frozenset[str] | None = None
    looks: Rate = Rate(300, 30)
    posts: Rate = Rate(60, 3)
    starts: Rate = Rate(20, 0.2)
    body_limit: int = 64 * 1024
    browser_lifetime: timedelta = timedelta(hours=12)
    housekeeping: timedelta = timedelta(seconds=20)
