"""Numbers are read whole or not at all: a mistake lets a stranger in or keeps the customer out."""

from __future__ import annotations

import re
import subprocess
import sys

import phonenumbers as plan
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ja_reset.fields import _phone_numbers as numbers

DASHES = ["", "-", "ー", "－", "−", "‐", "–", "―", "\u2011", "\u2012", "—", "─", "﹣", "ｰ"]
SEPARATORS = [*DASHES, " ", "\u3000", "\u00a0", "(", ")", "（", "）"]
INVISIBLE = "\u00ad\u200b\u200d\u200e\u200f\u202a\u202c\u202d\u202e\u2060\u2066\u2069\ufeff"
FULL_WIDTH = str.maketrans("0123456789+", "０１２３４５６７８９＋")


def _is_real(nsn: str) -> bool:
    return plan.is_valid_number(plan.PhoneNumber(country_code=81, national_number=int(nsn)))


def _digits(count: int, first: str = "0123456789") -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(first), st.text("0123456789", min_size=count - 1, max_size=count - 1)).map("".join)


MOBILE_RANGES = re.compile("[6-9]0[0-9]{8}", re.ASCII)
MOBILE = st.tuples(st.sampled_from(["70", "80", "90"]), _digits(8, "123456789")).map("".join)
FIXED = st.tuples(st.sampled_from(["3", "6", "45", "75", "11"]), _digits(8)).map(lambda t: "".join(t)[:9])
TOLL_FREE = _digits(6).map("120".__add__)
NSN = st.one_of(MOBILE, FIXED, TOLL_FREE).filter(_is_real)


@st.composite
def spelled(draw: st.DrawFn, prefixes: list[str], nsn: str | None = None) -> tuple[str, str]:
    """A number in E.164 and one of its spellings, with separators anywhere and digits of either width."""
    number = draw(NSN) if nsn is None else nsn
    plain = draw(st.sampled_from(prefixes)) + number
    parts = [c + draw(st.sampled_from(SEPARATORS)) for c in plain] if draw(st.booleans()) else [plain]
    text = draw(st.sampled_from(["", *SEPARATORS[len(DASHES) :]])) + "".join(parts)
    return f"+81{number}", text.translate(FULL_WIDTH) if draw(st.booleans()) else text


TYPED = spelled(["0", "+81", "+81(0)", "+810", "1840", "1860", "184-0", "186 0", "186+81"])
PRESENTED = spelled(["0", "+81", "0081", "+81(0)", "0081(0)", "+81（0）"])


@pytest.mark.rule("F4")
@given(TYPED)
@example(("+819012345678", "090-1234-5678"))
@example(("+819012345678", "186-090ー1234ー5678"))
@example(("+81312345678", "03（1234）5678"))
@example(("+81312345678", "03)1234-5678"))
@example(("+81123456789", "012-345-6789"))
def test_every_way_of_typing_a_number_is_read(case: tuple[str, str]) -> None:
    """A number typed with any separators, in either width, national or with +81, gives its E.164."""
    e164, text = case
    assert e164 == numbers.read_typed(text)


@pytest.mark.rule("P3")
@given(PRESENTED)
@example(("+819012345678", "0081-90-1234-5678"))
def test_every_way_of_presenting_a_number_is_read(case: tuple[str, str]) -> None:
    """A number as a gateway may present it gives its E.164."""
    e164, text = case
    assert e164 == numbers.read_presented(text)


@pytest.mark.rule("P3")
@given(
    NSN,
    st.sampled_from(["0", "+81", "0081", "+81(0)"]),
    st.sampled_from(
        ["tel:{}", "TEL:{}", "sip:{}@gw.example.jp", "sips:{}@10.0.0.1:5061", "SIP:{}@[2001:db8::1];user=phone"]
    ),
)
def test_bare_uris_are_read(nsn: str, prefix: str, uri: str) -> None:
    """`tel:`, `sip:` and `sips:` URIs of a number give its E.164, whatever the host and its parameters."""
    assert f"+81{nsn}" == numbers.read_presented(uri.format(prefix + nsn))


PARAMETERS = [
    "verstat=TN-Validation-Passed",
    "verstat=TN-Validation-Passed-A",
    "verstat=No-TN-Validation",
    "VERSTAT=no-tn-validation-c",
    "npdi",
    "rn=+81312340000",
    "rn=%2B81312340000",
    "rn-context=+81",
    "cic=0123",
    "cpc=ordinary",
    "cpc=mobile-hplmn",
    "phone-context=+81",
    "phone-context=%2B81",
    "tgrp=tg1",
    "trunk-context=gw.example",
    "enumdi",
]


@pytest.mark.rule("P3")
@given(
    NSN,
    st.sampled_from(["0", "+81", "%2B81", "%2b81", "%2B8%31", "0081", "+81-"]),
    st.lists(st.sampled_from(PARAMETERS), max_size=5, unique_by=lambda each: each.lower().partition("=")[0]),
    st.sampled_from(["tel:{}", "sip:{}@gw.example.jp", "sips:{}@10.0.0.1:5061;user=phone"]),
)
@example("9012345678", "+81", ["verstat=TN-Validation-Passed"], "sip:{}@gw.example.jp;user=phone")
@example("9012345678", "%2B81", [], "sip:{}@gw.example.jp")
def test_parameters_that_say_nothing_against_a_number_are_dropped(
    nsn: str, prefix: str, parameters: list[str], uri: str
) -> None:
    """What networks add to a number in a URI, and the escapes that they write it with, leave it the number it is."""
    assert f"+81{nsn}" == numbers.read_presented(uri.format(";".join([prefix + nsn, *parameters])))


@pytest.mark.rule("P3")
@given(NSN, st.text("%;=+0123456789abCDEfnprxtvc-@:?&", max_size=24))
@example("9012345678", ";ext=1")
@example("9012345678", "%30")
@example("9012345678", ";rn=+819099999999")
def test_nothing_behind_a_number_makes_it_another(nsn: str, more: str) -> None:
    """Whatever follows a number in a URI, it is read or nothing is, or a longer number by digits right behind it."""
    found = numbers.read_presented(f"sip:+81{nsn}{more}@gw.example")
    longer = found is not None and len(found) > len(nsn) + 3
    assert found in {None, f"+81{nsn}"} or (longer and found.startswith(f"+81{nsn}") and more[0] in "0123456789%-")


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sip:+819012345678;verstat=TN-Validation-Failed@gw.example", True),
        ("sip:+819012345678;npdi;verstat=tn-validation-failed-a@gw.example", True),
        ("sip:+819012345678@gw.example;verstat=TN-Validation-Failed", True),
        ("sip:+819012345678;verstat=TN-Validation-Passed@gw.example;verstat=TN-Validation-Failed", True),
        ("tel:+819012345678;verstat=TN-Validation-Failed", True),
        ("sip:+819012345678;verstat=TN-Validation-Passed@gw.example", False),
        ("sip:+819012345678;verstat=No-TN-Validation@gw.example", False),
        ("+819012345678", False),
        ("sip:+819012345678;verstat=TN-Validation-Failed@gw.example" + " " * 1000, False),
    ],
)
def test_a_failed_validation_is_seen(text: str, *, expected: bool) -> None:
    """The network's word that the signature was wrong is found wherever a gateway puts it."""
    assert expected == numbers.failed_validation(text)


@pytest.mark.rule("P3", "F4")
@given(
    st.one_of(TYPED, PRESENTED),
    st.characters(exclude_categories=["Zs", "Cf"]).filter(
        lambda c: c not in [*DASHES, *"⁃━﹘()（）+＋"] and not c.isdecimal()
    ),
    st.data(),
)
def test_a_number_with_anything_left_over_is_not_read(case: tuple[str, str], extra: str, data: st.DataObject) -> None:
    """A letter, sign, control or surrogate anywhere in or around a number spoils it."""
    _, text = case
    at = data.draw(st.integers(0, len(text)))
    spoilt = text[:at] + extra + text[at:]
    assert (None, None) == (numbers.read_typed(spoilt), numbers.read_presented(spoilt))


@pytest.mark.rule("F4", "P3")
@given(TYPED, st.sampled_from(INVISIBLE), st.data())
@example(("+819012345678", "090-1234-5678"), "\u202a", None)
def test_invisible_marks_are_no_part_of_a_typed_number(
    case: tuple[str, str], mark: str, data: st.DataObject | None
) -> None:
    """What is pasted along is dropped from what a person typed; a gateway has no reason to send it, and is not read."""
    e164, text = case
    at = data.draw(st.integers(0, len(text))) if data else 0
    pasted = text[:at] + mark + text[at:]
    assert (e164, None) == (numbers.read_typed(pasted), numbers.read_presented(pasted))


@pytest.mark.rule("P3", "F4")
@given(NSN, st.sampled_from("0123456789"), st.data())
def test_a_digit_more_never_reads_as_the_number(nsn: str, digit: str, data: st.DataObject) -> None:
    """A digit too many gives another number or none, never the one without it."""
    text = f"0{nsn}"
    at = data.draw(st.integers(0, len(text)))
    other = text[:at] + digit + text[at:]
    assert f"+81{nsn}" not in {numbers.read_typed(other), numbers.read_presented(other)}


@pytest.mark.rule("P3", "F4")
@given(NSN, st.integers(0, 9))
def test_a_digit_less_never_reads_as_the_number(nsn: str, at: int) -> None:
    """A digit too few gives another number or none."""
    text = f"0{nsn}"
    assert f"+81{nsn}" not in {numbers.read_typed(text[:at] + text[at + 1 :]), numbers.read_presented(text[:at])}


@pytest.mark.rule("P3")
@given(NSN)
def test_numbers_without_their_prefix_are_not_read(nsn: str) -> None:
    """National digits without the 0, and digits that begin with 81 without a +, are nobody's number."""
    found = {
        f(t) for f in (numbers.read_presented, numbers.read_typed) for t in (nsn, f"81{nsn}", f"810{nsn}", f"+{nsn}")
    }
    assert {None} == found


@pytest.mark.rule("P3")
@given(NSN, st.sampled_from(["184", "186"]))
def test_a_dialled_prefix_is_not_dropped_from_what_a_gateway_reports(nsn: str, prefix: str) -> None:
    """184 and 186 are dropped only where a person typed them."""
    assert (None, f"+81{nsn}") == (numbers.read_presented(f"{prefix}0{nsn}"), numbers.read_typed(f"{prefix}0{nsn}"))


@pytest.mark.rule("P3", "F4")
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "0",
        "09012345678a",
        "0901234567８９",
        "8109012345678",
        "819012345678",
        "9012345678",
        "0909-TAXI-123",
        "03-1234-5678 ext 5",
        "03-1234-5678内線5",
        "03-1234-5678#5",
        "03-1234-5678,5",
        "090.1234.5678",
        "090/1234/5678",
        "09012345678\n",
        "\t09012345678",
        "09012345678\x00",
        "\ud800" + "09012345678",
        "0901234567²",
        "090123456٧8",
        "+1 212 555 0100",
        "+8190123456789",
        "00819012345678 9",
        "010819012345678",
        "++819012345678",
        "+81+819012345678",
        "184186 09012345678",
        "+81(0)(0)9012345678",
        "000-0000-0000",
        "110",
        "09012345678 09012345678",
        "09012345678;ext=1",
        "tel:+819012345678;ext=1",
        "tel:+819012345678;isub=1",
        "tel:+819012345678;phone-context=+1",
        "sip:+819012345678;ext=1@gw.example",
        "sip:+819012345678@gw.example;ext=1",
        "sip:+819012345678:secret@gw.example",
        "sip:+819012345678@",
        "sip:+819012345678",
        "sip:+819012345678@a@b",
        "sip:alice@gw.example",
        "%2B819012345678",
        "sip:%252B819012345678@gw.example",
        "sip:%2B81901234567%@gw.example",
        "sip:%2B819012345678%00@gw.example",
        "sip:+819012345678%3Bext=1@gw.example",
        "sip:+819012345678%40gw.example",
        "sip:+81901234567%C2%B2@gw.example",
        "sip:+819012345678;%65xt=1@gw.example",
        "sip:+819012345678;isub=1@gw.example",
        "sip:+819012345678;postd=1@gw.example",
        "sip:+819012345678;isub=1;npdi@gw.example",
        "sip:+819012345678;npdi;npdi@gw.example",
        "sip:+819012345678;rn=1;RN=2@gw.example",
        "sip:+819012345678;verstat=TN-Validation-Passed;verstat=TN-Validation-Passed@gw.example",
        "sip:+819012345678;rn=%3Bext=1@gw.example",
        "sip:+819012345678;rn=%00@gw.example",
        "sip:+819012345678;npdi:secret@gw.example",
        "sip:+819012345678;nonsense=1@gw.example",
        "sip:+819012345678;verstat=nonsense@gw.example",
        "sip:+819012345678;verstat@gw.example",
        "sip:+819012345678;cpc=payphone@gw.example",
        "sip:+819012345678;cpc=operator@gw.example",
        "sip:+819012345678;cpc=prison@gw.example",
        "sip:+819012345678;cpc=p%61yphone@gw.example",
        "sip:+819012345678;CPC=PayPhone@gw.example",
        "sip:+819012345678;phone-context=+1@gw.example",
        "sip:09012345678;phone-context=gw.example@gw.example",
        "sip:09012345678;phone-context=+8@gw.example",
        "sip:+819012345678@gw.example;user=phone;ext=1",
        "sip:+819012345678@gw.example;ext",
        "sip:+819012345678@gw.example;%65xt=1",
        "sip:+819012345678@gw.example;isub=1?x=y",
        "sip:+819012345678@gw.example?ext=1",
        "sip:+819012345678@gw.example;cpc=payphone",
        "sip:+819012345678@gw.example;cpc=nonsense",
        "tel:+819012345678;cpc=payphone",
        "tel:+819012345678;npdi;",
        "tel:+819012345678;;npdi",
        "tel:+819012345678@gw.example;npdi",
        "tel:%2B819012345678%00",
        "sip:+819012345678@gw.example\r\nFrom: x",
        "sip:+819012345678@anonymous.invalid",
        "sip:+819012345678@anonymous.invalid.",
        "sip:+819012345678@unknown.invalid",
        '"090" <sip:+819012345678@gw.example>',
        "<sip:+819012345678@gw.example>",
        "\u017fip:+819012345678@gw.example",
        "ſips:+819012345678@gw.example",
        "http:+819012345678@gw.example",
        "tel:tel:+819012345678",
        "anonymous",
        "+266696687",
    ],
)
def test_what_is_no_number_of_a_customer_is_not_read(text: str) -> None:
    """Extensions, vanity letters, look-alike digits, foreign and damaged numbers read as nothing."""
    assert (None, None) == (numbers.read_typed(text), numbers.read_presented(text))


@pytest.mark.parametrize("value", [None, 9012345678, b"09012345678", ["09012345678"], {}])
def test_what_is_no_text_is_no_number(value: object) -> None:
    """Anything but a str reads as nothing, without an exception."""
    found = (
        numbers.read_typed(value),
        numbers.read_presented(value),
        numbers.stand_in_for(value),
    )
    assert (None, None, None) == found


@pytest.mark.rule("F4")
@pytest.mark.parametrize("huge", ["0" * 1_000_000, "-" * 1_000_000 + "09012345678", "09012345678" + " " * 1_000_000])
def test_a_huge_text_is_refused_by_its_length(huge: str) -> None:
    """A megabyte is not looked through, whatever is in it, and is kept by no cache."""
    assert (None, None, None) == (numbers.read_typed(huge), numbers.read_presented(huge), numbers.stand_in_for(huge))


@given(st.text(st.characters(), max_size=80))
@example("tel:")
@example("sip:@")
def test_whatever_is_read_is_a_valid_e164_number(text: str) -> None:
    """For any text the readers give None or +81 with nine or ten digits, what is typed of the numbering plan."""
    typed, presented = numbers.read_typed(text), numbers.read_presented(text)
    assert typed is None or (typed.startswith("+81") and (_is_real(typed[3:]) or MOBILE_RANGES.fullmatch(typed[3:])))
    assert presented is None or re.fullmatch(r"\+81[1-9][0-9]{8,9}", presented, re.ASCII)


@given(_digits(9, "123456789") | _digits(10, "123456789"))
@example("6000000000")
@example("6012345678")
@example("901234567")
def test_what_is_read_is_in_the_numbering_plan(nsn: str) -> None:
    """A typed number must be in the plan; what a network or the bank's record presents need only be spelled right.

    Of the mobile ranges the plan is not asked, as new parts of them are opened every few years.
    """
    typed = f"+81{nsn}" if _is_real(nsn) or MOBILE_RANGES.fullmatch(nsn) else None
    assert (typed, f"+81{nsn}") == (numbers.read_typed(f"0{nsn}"), numbers.read_presented(f"+81{nsn}"))


@pytest.mark.rule("P1", "P3")
@given(_digits(9, "123456789") | _digits(10, "123456789") | _digits(8).map("50".__add__))
def test_050_is_what_the_plan_calls_voip(nsn: str) -> None:
    """For every number of the plan, `is_voip` says what the plan says."""
    assume(_is_real(nsn))
    kind = plan.number_type(plan.PhoneNumber(country_code=81, national_number=int(nsn)))
    assert (kind == plan.PhoneNumberType.VOIP) == numbers.is_voip(f"+81{nsn}")


@pytest.mark.rule("P1")
@pytest.mark.parametrize(
    ("e164", "expected"),
    [
        ("+819000000000", "090-0000-****"),
        ("+819012345678", "090-1234-****"),
        ("+81312345678", "03-1234-****"),
        ("+81120417000", "0120-41*-***"),
        ("+819999999999999", "****"),
        ("no number", "****"),
    ],
)
def test_the_last_four_digits_are_hidden(e164: str, expected: str) -> None:
    """A phone is shown in national form with its last four digits as stars."""
    assert expected == numbers.masked(e164)


@pytest.mark.rule("P1")
@given(_digits(9, "123456789") | _digits(10, "123456789"))
def test_a_mask_shows_all_but_four_digits(nsn: str) -> None:
    """Whatever the grouping, the digits shown are the national number's without the last four."""
    shown = numbers.masked(f"+81{nsn}")
    assert (f"0{nsn}"[:-4], 4) == (shown.replace("-", "").replace("*", ""), shown.count("*"))


@pytest.mark.rule("P3", "P10")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anonymous", "withheld"),
        (" Anonymous ", "withheld"),
        ("RESTRICTED", "withheld"),
        ("private", "withheld"),
        ("No Caller-ID", "withheld"),
        ("非通知", "withheld"),
        ("sip:anonymous@gw.example", "withheld"),
        ("sip:anonymous@anonymous.invalid", "withheld"),
        ("sip:+819012345678@Anonymous.INVALID", "withheld"),
        ("sip:+819012345678@anonymous.invalid.:5060", "withheld"),
        ("sip:unavailable@unknown.invalid", "unavailable"),
        ("sip:+819012345678@Unknown.invalid.", "unavailable"),
        ("sip:anonymous@unknown.invalid", "withheld"),
        ("sip:anonymous;npdi@gw.example", "withheld"),
        ("sip:%2B266696687@gw.example", "withheld"),
        ("sip:+819012345678;cpc=payphone@gw.example", "unavailable"),
        ("sip:+819012345678;cpc=payphone@anonymous.invalid", "withheld"),
        ("sip:+819012345678;cpc=ordinary@gw.example", None),
        ("+266696687", "withheld"),
        ("266696687", "withheld"),
        ("+7378742833", "withheld"),
        ("+2562533", "withheld"),
        ("unavailable", "unavailable"),
        ("Unknown", "unavailable"),
        ("公衆電話", "unavailable"),
        ("+86282452253", "unavailable"),
        ("+8656696", "unavailable"),
        ("09012345678", None),
        ("", None),
        ("nobody", None),
    ],
)
def test_stand_ins_are_known_for_what_they_say(text: str, expected: str | None) -> None:
    """Words and keypad digits that gateways put in a number's place say why there is none."""
    assert expected == numbers.stand_in_for(text)


@pytest.mark.rule("P3")
@given(PRESENTED)
def test_no_customers_number_is_taken_for_a_stand_in(case: tuple[str, str]) -> None:
    """However it is spelled, a Japanese number is never a stand-in."""
    assert numbers.stand_in_for(case[1]) is None


@pytest.mark.rule("P11")
@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("0120-417-000", "+81120417000", True),
        ("sip:0120417000@gw.example", "0120417000", True),
        ("0120-417-000", "0120-417-001", False),
        ("7000", "70-00", True),
        ("sip:7000@gw.example", "7000", True),
        ("sip:0120417000;npdi;rn=+81312340000@gw.example;user=phone", "0120-417-000", True),
        ("sip:%2B81120417000@gw.example", "0120-417-000", True),
        ("sip:0120417000;ext=1@gw.example", "0120-417-000", False),
        ("", "", False),
        ("abc", "abc", False),
        ("0120417000", "7000", False),
    ],
)
def test_lines_are_compared_by_what_they_reach(one: str, other: str, *, expected: bool) -> None:
    """Two spellings of one line are the same; short internal numbers compare by their digits."""
    assert (expected, expected) == (numbers.same_line(one, other), numbers.same_line(other, one))


def test_the_numbering_plan_is_loaded_when_the_first_number_is_read() -> None:
    """Importing the readers costs no numbering plan."""
    script = "import sys, ja_reset.fields._phone_numbers, ja_reset.fields.forms; print('phonenumbers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert done.stdout.strip() == "False"
