"""One ASCII address, as people in Japan have them: RFC 5321, and the old mobile addresses (F5).

A display name, a list, a comment or a quoted local part is not accepted, because an address goes into the header of an
e-mail. No DNS name is looked up: whether mail arrives is not checked.
"""

from __future__ import annotations

import re

from ja_reset.fields._normalisation import ascii_lower, plain

LONGEST = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets with its brackets
LONGEST_LOCAL = 64  # RFC 5321, 4.5.3.1.1

# Handed out by the carriers before 2009: dots in a row and a dot before the @, which RFC 5321 has no place for.
_OLD_MOBILE = re.compile(
    r"(?P<local>[a-z0-9!#$%&'*+/=?^_`{|}~-][a-z0-9!#$%&'*+/=?^_`{|}~.-]{0,63})@(?P<domain>(?:docomo|ezweb)\.ne\.jp)",
    re.ASCII | re.IGNORECASE,
)


def read(text: object) -> str | None:
    """The address with its domain in lower case, or None if it is not valid (F5)."""
    if not isinstance(text, str) or len(text) > LONGEST or not text.isascii():
        return None
    if text.find("@") > LONGEST_LOCAL:
        return None
    if (old := _OLD_MOBILE.fullmatch(text)) is not None:
        return f"{old['local']}@{ascii_lower(old['domain'])}"

    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - loaded with the first address

    try:
        # A name that is reserved for tests is spelled like any other; whether mail arrives is not asked.
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        return None
    return address.ascii_email if "." in address.domain else None


def same(one: str, other: str) -> bool:
    """Whether two addresses differ in nothing but letter case (F5, I2)."""
    return ascii_lower(plain(one)) == ascii_lower(plain(other))
