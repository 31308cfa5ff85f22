"""One address, spelled as addresses are, or nothing."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.provisional import domains

from ja_reset.fields import _email_addresses as addresses

LOCAL = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,10}(\.[A-Za-z0-9_-]{1,10}){0,3}", fullmatch=True)


@pytest.mark.rule("F5")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("taro0001@nochu.example.jp", "taro0001@nochu.example.jp"),
        ("Taro@Example.CO.JP", "Taro@example.co.jp"),
        ("taro+ja@example.com", "taro+ja@example.com"),
        ("foo.@docomo.ne.jp", "foo.@docomo.ne.jp"),
        ("a..b@ezweb.ne.jp", "a..b@ezweb.ne.jp"),
        ("a...@EZWEB.ne.jp", "a...@ezweb.ne.jp"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        ("taro@xn--wgv71a119e.jp", "taro@xn--wgv71a119e.jp"),
    ],
)
def test_addresses_that_exist_are_read(typed: str, expected: str) -> None:
    """Ordinary addresses and the old mobile ones are accepted, with the domain in lower case."""
    assert expected == addresses.read(typed)


@pytest.mark.rule("F5")
@pytest.mark.parametrize(
    "typed",
    [
        "",
        "taro",
        "@example.com",
        "taro@",
        "taro@localhost",
        "taro@test",
        "taro@@example.com",
        "taro@example..com",
        "taro@example.com.",
        "taro.@example.com",
        "a..b@example.com",
        ".taro@docomo.ne.jp",
        "a..b@docomo.ne.jp.example.com",
        "a..b@xdocomo.ne.jp",
        "a" * 65 + "@docomo.ne.jp",
        "a" * 65 + "@example.com",
        "a@" + "b." * 126 + "jp",
        "taro@example.com\n",
        "taro@example.com\r\nBcc: x@example.com",
        "foo.@docomo.ne.jp\n",
        "taro@exam\x00ple.com",
        "taro tanaka@example.com",
        '"taro tanaka"@example.com',
        "Taro <taro@example.com>",
        "taro@example.com,jiro@example.com",
        "taro@example.com;jiro@example.com",
        "taro@[192.0.2.1]",
        "taro(comment)@example.com",
        "太郎@example.com",
        "taro@例え.jp",
        "taro＠example.com",
        "foo.@doco\u212ao.ne.jp",
        "foo.@e\u017fweb.ne.jp",
        "\ud800@example.com",
        "a" * 1_000_000,
    ],
)
def test_what_is_not_one_plain_address_is_refused(typed: str) -> None:
    """No line break, display name, list, comment, quoting or foreign letter comes through."""
    assert addresses.read(typed) is None


@pytest.mark.parametrize("value", [None, 1, b"a@example.com", ["a@example.com"]])
def test_what_is_no_text_is_no_address(value: object) -> None:
    """Anything but a str reads as nothing, without an exception."""
    assert addresses.read(value) is None


@pytest.mark.rule("F5")
@given(LOCAL, domains())
def test_our_reading_agrees_with_the_validator(local: str, domain: str) -> None:
    """Away from the old mobile domains, what email-validator accepts is what is read."""
    typed = f"{local}@{domain}"
    try:
        expected = validate_email(typed, check_deliverability=False, test_environment=True).ascii_email
    except EmailNotValidError:
        expected = None
    assert expected == addresses.read(typed)


@given(st.text(st.characters(), max_size=60) | st.text('a.@-<>,;"\n ', max_size=20))
@example("a@b.c")
def test_whatever_is_read_fits_in_a_mail_header(text: str) -> None:
    """For any text the reader gives None or one ASCII address without blanks, quotes or brackets."""
    found = addresses.read(text)
    assert found is None or (found.isascii() and found.count("@") == 1 and not set(found) & set(' \t\r\n\x00",;<>()[]'))


@pytest.mark.rule("I2", "F5")
@given(LOCAL, domains())
def test_addresses_compare_without_letter_case(local: str, domain: str) -> None:
    """Upper and lower case make no other address."""
    assert addresses.same(f"{local}@{domain}", f"{local.upper()}@{domain.upper()}")


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    ("one", "other"), [("k@example.com", "\u212a@example.com"), ("a@b.jp", "b@b.jp"), ("ab@c.jp", "a.b@c.jp")]
)
def test_other_addresses_are_not_the_same(one: str, other: str) -> None:
    """A look-alike letter or a missing dot is another address."""
    assert not addresses.same(one, other)
