"""Forms are read whole: every error at once, nothing let through that only looks right, no value shown."""

from __future__ import annotations

import copy
import pickle
import unicodedata
from collections import UserDict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset.fields import _normalisation as normalisation
from ja_reset.fields import forms
from ja_reset.fields.forms import AccountForm, FieldError, IdentityForm, LoginIdForm, PasswordForm, fields_of
from ja_reset.policies import FieldPolicy, Policies
from ja_reset.secret import Secret
from ja_reset.service._typed import Typed

F = TypeVar("F", bound=attrs.AttrsInstance)

TODAY = date(2024, 2, 29)
_KNOWN: dict[type[Any], dict[str, object]] = {
    IdentityForm: {
        "name_kana": "ノウキョウ タロウ",
        "name_kanji": "農協 太郎",
        "birth_date": "1980-01-02",
        "phone": "090-1234-5678",
        "email": "Taro@example.co.jp",
        "email_confirm": "taro@EXAMPLE.co.jp",
        "branch": "001",
        "subject": "普通",
        "account": "0012345",
        "accepted": True,
    },
    forms.PhoneForm: {"phone_id": "Zk3-_x"},
    PasswordForm: {"new_password": "Abc!123~", "new_password_confirm": "aBC!123~", "pin": "0123"},
    forms.PinForm: {"pin": "0000"},
    forms.MethodForm: {"method": "LOGIN_ID"},
    LoginIdForm: {"login_id": "Taro0001", "password": "Old#Pass"},
    forms.AccountForm: {"branch": "001", "subject": "当座", "account": "0000000", "password": "oldpass"},
    forms.DetailsForm: {
        "email": "foo.@docomo.ne.jp",
        "email_confirm": "FOO.@docomo.ne.jp",
        "activation_password": "00001234",
        "activation_password_confirm": "00001234",
        "phone_id": "a",
    },
}
GOOD: dict[type[Any], dict[str, object]] = {
    form: {**{spec.name: spec.reader.example(Policies()) for spec in fields_of(form)}, **known}
    for form, known in _KNOWN.items()
}
"""A field that is not written out above is filled in with its reader's example."""
EVERY_FIELD = [(form, field.name) for form in GOOD for field in fields_of(form)]
JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.binary()
    | st.text(st.characters(), max_size=300)
    | st.recursive(st.text(max_size=3), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner))
)


def _read(form: type[Any], data: object, policy: FieldPolicy | None = None) -> forms.Reading[Any]:
    return forms.read(form, data, policy=policy or FieldPolicy(), today=TODAY)


def _codes(form: type[Any], **changed: object) -> dict[str, str]:
    return {error.field: error.code for error in _read(form, {**GOOD[form], **changed}).errors}


def _form(form: type[F], data: object) -> F:
    reading = forms.read(form, data, policy=FieldPolicy(), today=TODAY)
    assert reading.form is not None, reading.errors
    return reading.form


def _plain(form: attrs.AttrsInstance) -> dict[str, object]:
    return {
        name: value.reveal() if isinstance(value, Secret) else value
        for name, value in attrs.asdict(form, recurse=False).items()
    }


@pytest.mark.parametrize("form", GOOD)
def test_a_good_form_is_read(form: type[Any]) -> None:
    """What is right has no errors, whether it comes as a mapping or as a form."""
    from_mapping, from_form = _read(form, GOOD[form]), _read(form, form(**GOOD[form]))
    assert ((), from_mapping) == (from_mapping.errors, from_form)


@pytest.mark.parametrize("form", GOOD)
def test_reading_again_changes_nothing(form: type[Any]) -> None:
    """A form with normalised values reads as itself."""
    once = _read(form, GOOD[form])
    assert once == _read(form, once.form)


@pytest.mark.parametrize("form", GOOD)
def test_every_attribute_of_a_form_has_a_reader(form: type[Any]) -> None:
    """No attribute is left to be taken as it came, and a confirmation names a field before it."""
    names = [field.name for field in fields_of(form)]
    confirmed = [field.confirms for field in fields_of(form) if field.confirms is not None]
    assert [attribute.name for attribute in attrs.fields(form)] == names
    assert all(f"{name}_confirm" in names[names.index(name) :] for name in confirmed)


@pytest.mark.rule("F14")
def test_the_values_of_a_form_are_normalised() -> None:
    """Names lose their blank, the phone is E.164, the domain in lower case, the box is ticked."""
    typed = {
        **GOOD[IdentityForm],
        "name_kana": "ﾉｳｷｮｳ\u3000ﾀﾞﾛｳ",
        "branch": "００１",
        "birth_date": "１９８０－０１－０２",
        "accepted": "ON",
        "csrf_token": "x",
    }
    expected = {
        "name_kana": "ノウキョウダロウ",
        "name_kanji": "農協太郎",
        "birth_date": "1980-01-02",
        "phone": "+819012345678",
        "email": "Taro@example.co.jp",
        "email_confirm": "taro@example.co.jp",
        "branch": "001",
        "subject": "普通",
        "account": "0012345",
        "accepted": True,
    }
    normalised = _plain(_form(IdentityForm, typed))
    assert expected == {name: normalised[name] for name in expected}


@pytest.mark.rule("F14")
@pytest.mark.parametrize(
    "data", [None, {}, [], "name_kana=x", 1, object(), IdentityForm, UserDict(), [("pin", "1234")]]
)
def test_what_is_no_form_counts_as_empty(data: object) -> None:
    """Anything but an attrs object or a mapping has no fields, and every field is then required."""
    expected = [
        (field.name, "not_accepted" if field.name == "accepted" else "required") for field in fields_of(IdentityForm)
    ]
    assert expected == [(error.field, error.code) for error in _read(IdentityForm, data).errors]


@pytest.mark.rule("F14")
@pytest.mark.parametrize(("form", "name"), [pair for pair in EVERY_FIELD if pair[1] != "accepted"])
@pytest.mark.parametrize("value", ["", None])
def test_an_empty_field_is_required(form: type[Any], name: str, value: object) -> None:
    """Empty and missing are the same fault, of that field alone."""
    without = {key: entry for key, entry in GOOD[form].items() if key != name}
    expected = (FieldError(name, "required"),)
    assert (expected, expected) == (_read(form, {**without, name: value}).errors, _read(form, without).errors)


@pytest.mark.parametrize(("form", "name"), [pair for pair in EVERY_FIELD if pair[1] != "accepted"])
@pytest.mark.parametrize("value", [1234567, 12.5, True, b"0012345", ["0012345"], {"a": "b"}, object()])
def test_a_value_that_is_no_text_is_malformed(form: type[Any], name: str, value: object) -> None:
    """Numbers, bytes, lists and nested mappings are no text, however much they look like it."""
    assert _codes(form, **{name: value}) == {name: "format"}


@pytest.mark.parametrize(("form", "name"), [pair for pair in EVERY_FIELD if pair[1] != "accepted"])
@pytest.mark.parametrize("filler", ["0", "a", " ", "ｱ", "\n", "\ud800"])
def test_a_megabyte_is_too_long_for_every_field(form: type[Any], name: str, filler: str) -> None:
    """What is longer than any field allows is refused by its length alone."""
    assert _codes(form, **{name: filler * 1_000_000}) == {name: "too_long"}


@pytest.mark.parametrize(("form", "name"), [pair for pair in EVERY_FIELD if pair[1] != "accepted"])
@pytest.mark.parametrize("spoiler", ["\n", "\r\n", "\t", "\x00", "\x85", "\u0600", "\u2028", "\ud800"])
def test_control_characters_are_refused_not_stripped(form: type[Any], name: str, spoiler: str) -> None:
    """A control, separator or surrogate character behind or before a right value makes it malformed."""
    value = str(GOOD[form][name])
    found = {tuple(_codes(form, **{name: text}).items()) for text in (value + spoiler, spoiler + value)}
    assert found == {((name, "format"),)}


AS_TYPED = [
    (form, field.name) for form in GOOD for field in fields_of(form) if field.secret or field.name == "phone_id"
]
INVISIBLE = "\u00ad\u200b\u200d\u200e\u200f\u202a\u202c\u202d\u202e\u2060\u2066\u2069\ufeff"


@pytest.mark.rule("F9", "S5")
@pytest.mark.parametrize("equal", [True, RuntimeError("typed")])
def test_a_text_with_an_equality_of_its_own_confirms_nothing(equal: bool | Exception) -> None:
    """Whichever of the two entries it is, they are compared as text, and whatever it raises stays inside (S5)."""

    class Same(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            if isinstance(equal, Exception):
                raise equal
            return equal

    for names in (("new_password", "new_password_confirm"), ("new_password_confirm", "new_password")):
        data = {**GOOD[PasswordForm], names[0]: Same("Abcdef12"), names[1]: "Other999"}
        assert [FieldError("new_password_confirm", "mismatch")] == list(
            forms.read(PasswordForm, data, policy=Policies(), today=TODAY).errors
        )


@pytest.mark.rule("F9", "F10", "F11", "F13")
@pytest.mark.parametrize(("form", "name"), AS_TYPED)
@pytest.mark.parametrize("blank", [" ", "\u3000", "\u00a0", *INVISIBLE], ids=ascii)
def test_secrets_and_ids_are_not_trimmed(form: type[Any], name: str, blank: str) -> None:
    """Passwords, PINs and opaque ids are taken exactly as typed: a blank or an invisible mark spoils them."""
    codes = _codes(form, **{name: f"{GOOD[form][name]}{blank}"})
    assert codes in ({name: "format"}, {name: "too_long"})


@pytest.mark.rule("F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8")
@pytest.mark.parametrize(("form", "name"), [pair for pair in EVERY_FIELD if pair not in AS_TYPED])
@pytest.mark.parametrize("mark", INVISIBLE, ids=ascii)
def test_marks_that_nobody_sees_leave_no_trace(form: type[Any], name: str, mark: str) -> None:
    """What is pasted with direction marks, zero-width marks or a soft hyphen is read as it looks."""
    value = "on" if name == "accepted" else str(GOOD[form][name])
    pasted = {**GOOD[form], name: f"{mark}{value[:1]}{mark}{value[1:]} {mark}"}
    assert _read(form, GOOD[form]) == _read(form, pasted)
    assert "not_accepted" if name == "accepted" else "required" == _codes(form, **{name: mark * 2}).get(name)


@pytest.mark.parametrize("name", [name for form, name in EVERY_FIELD if form is IdentityForm and name != "accepted"])
@pytest.mark.parametrize("blank", [" ", "\u3000", " \u00a0 "])
def test_blanks_around_text_are_dropped(name: str, blank: str) -> None:
    """Surrounding spaces of any width are no fault and leave no trace."""
    value = str(GOOD[IdentityForm][name])
    assert _read(IdentityForm, GOOD[IdentityForm]) == _read(
        IdentityForm, {**GOOD[IdentityForm], name: blank + value + blank}
    )


LOOK_ALIKES: list[tuple[str, list[str]]] = [
    (
        "name_kana",
        [
            "農協",
            "のうきょう",
            "Taro",
            "・",
            "（）",
            "口口",
            "ニ二",
            "一",
            "マ一コ",
            "ア゛",
            "-マコ",
            "ピ～タ",
            "ヷ゙",
            "\u31f0",
            "-",
            "−",
            "ア1",
        ],
    ),
    (
        "name_kanji",
        [
            "123",
            "²",
            "（）",
            "’",
            "\u02bc",
            "=",
            "農協😀",
            "👨\u200d👩",
            "農協<b>",
            "農協\u0663",
            "農協$",
            "-",
            "・",
            "\U000e0100",
            "\uffff",
            "\U0002ffff",
            "\U0002fffe",
        ],
    ),
    (
        "birth_date",
        [
            "1980-1-2",
            "19800102",
            "1980/01/02",
            "1980-W01-1",
            "1980-02-30",
            "0000-01-01",
            "１９８０年",
            "٠٠٠٠-٠١-٠٢",
            "198²-01-02",
        ],
    ),
    ("phone", ["1234", "9012345678", "+1 212 555 0100", "09012345678a", "0901234567²"]),
    ("email", ["taro", "taro@", "Taro <t@example.com>", "a@example.com,b@example.com", "taro＠example.com"]),
    ("branch", ["01", "²²²", "٠٠١", "0 1", "abc", "0-1", "①①①"]),
    ("subject", ["貯蓄", "普", "普通預金", "futsu", "普 通", "1"]),
    ("account", ["123456", "²²²²²²²", "٠٠١٢٣٤٥", "001 345", "-012345", "1e10000", "0x12345"]),
    ("login_id", ["abc", "tar_0001", "taro-001", "ta\u212ao", "\u017fato", "tarö", "ta ro", "²²²²"]),
    ("password", ["abc", "ab c", "パスワード", "ａｂｃｄ", "pas\u212a", "caf\u00e9", "ab\x7fcd", "\u017fecret"]),
    ("pin", ["123", "１２３４", "²²²²", "12a4", "٠١٢٣", "-123", " 123", "1 34"]),
    ("activation_password", ["123", "１２３４", "²²²²", "12a45", "1234 567", "٠١٢٣"]),
    ("method", ["login_id", "LOGIN", "ACCOUNTS", "1"]),
    ("phone_id", ["090-1234-5678!", "a b", "ａ", "../a", "a'b", "é"]),
]


@pytest.mark.rule("F1", "F2", "F3", "F4", "F5", "F6", "F8", "F9", "F10", "F11", "F12", "F13")
@pytest.mark.parametrize(("reader", "values"), LOOK_ALIKES, ids=[name for name, _ in LOOK_ALIKES])
def test_what_only_looks_right_is_malformed(reader: str, values: list[str]) -> None:
    """Superscripts, other scripts' digits, the Kelvin sign, look-alike kana and near misses are format errors."""
    places = [(form, f.name) for form in GOOD for f in fields_of(form) if f.reader.name == reader and not f.confirms]
    found = {(value, _codes(form, **{name: value}).get(name)) for form, name in places for value in values}
    assert found == {(value, "format") for value in values}


@pytest.mark.rule("F1", "F2", "F6", "F8", "F9", "F10", "F11")
@pytest.mark.parametrize(
    ("form", "name", "least", "most", "character"),
    [
        (IdentityForm, "name_kana", 1, 50, "ア"),
        (IdentityForm, "name_kanji", 1, 50, "農"),
        (IdentityForm, "branch", 3, 3, "0"),
        (IdentityForm, "account", 7, 7, "0"),
        (LoginIdForm, "login_id", 4, 12, "z"),
        (LoginIdForm, "password", 4, 12, "~"),
        (forms.PinForm, "pin", 4, 4, "9"),
    ],
)
def test_lengths_include_their_limits(form: type[Any], name: str, least: int, most: int, character: str) -> None:
    """The shortest and the longest are fine, one more is too long, one less is malformed or missing."""
    lengths = [least - 1, least, most, most + 1]
    expected = ["required" if least == 1 else "format", None, None, "too_long"]
    assert expected == [_codes(form, **{name: character * length}).get(name) for length in lengths]


@pytest.mark.rule("F11")
@pytest.mark.parametrize(("length", "expected"), [(3, "format"), (4, None), (8, None), (9, "too_long")])
def test_the_activation_password_has_4_to_8_digits(length: int, expected: str | None) -> None:
    """利用開始パスワード is bounded on both sides."""
    codes = _codes(forms.DetailsForm, activation_password="1" * length, activation_password_confirm="1" * length)
    assert expected == codes.get("activation_password")


@pytest.mark.rule("F1", "F6", "F10")
def test_lengths_are_the_policys() -> None:
    """Another policy, other lengths."""
    policy = FieldPolicy(branch_digits=4, account_digits=8, name_max=2)
    typed = {**GOOD[IdentityForm], "branch": "0001", "account": "00123456", "name_kana": "アアア", "name_kanji": "農"}
    assert _read(IdentityForm, typed, policy).errors == (FieldError("name_kana", "too_long"),)


@pytest.mark.rule("F1")
@given(st.text(st.characters(min_codepoint=0x30A1, max_codepoint=0x30FA) | st.just("ー"), min_size=1, max_size=50))
def test_every_katakana_name_is_read_in_every_spelling(name: str) -> None:
    """Katakana and ー in full width, in half width and decomposed are one name."""
    half = "".join(HALF.get(c, c) for c in name)
    found = {
        _form(IdentityForm, {**GOOD[IdentityForm], "name_kana": t}).name_kana
        for t in (name, half, unicodedata.normalize("NFD", name))
    }
    assert found == {name}


HALF = {unicodedata.normalize("NFKC", c + m): c + m for c in map(chr, range(0xFF66, 0xFF9E)) for m in ("", "ﾞ", "ﾟ")}
HALF = {full: half for full, half in HALF.items() if len(full) == 1}


@pytest.mark.rule("F2", "I3")
@pytest.mark.parametrize(
    "name",
    [
        "農協太郎",
        "髙橋",
        "山﨑",
        "𠮷野",
        "\ue000田",
        "葛\U000e0100城",
        "佐々木",
        "〇田",
        "ノウキョウタロウ",
        "ジョン・スミス",
        "O'Brien",
        "Nguyễn",
        "김",
        "\U00031350田",
        "ジャン＝リュック",
        "ジャン゠リュック",
        "O’Brien",
        "O\u02bcBrien",
        "山田（鈴木）花子",
        "山田〔鈴木〕花子",
        "山田“鈴木”花子",
        "みほん‹店›",
        "みほん«店»",
        "⽥中⼀郎",
        "⻑谷川",
        "HENRY 3RD",
        "ＨＥＮＲＹ　３ＲＤ",
        "Ⅲ世",
        "㈱みほん",
        "みほん＆Co.",
        "Jean‑Luc",
        "ジョン･スミス",
    ],
)
def test_every_name_that_a_bank_may_have_can_be_typed(name: str) -> None:
    """Kanji of any plane, 外字, variation selectors, katakana and foreign names with their marks are names."""
    assert _codes(IdentityForm, name_kanji=name) == {}


@pytest.mark.rule("F1")
@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("マイケル・ジャクソン", "マイケル・ジャクソン"),
        ("ﾏｲｹﾙ･ｼﾞｬｸｿﾝ", "マイケル・ジャクソン"),
        ("マイケル·ジャクソン", "マイケル・ジャクソン"),
        ("マイケル.ジャクソン", "マイケル.ジャクソン"),
        ("ジャン＝リュック", "ジャン=リュック"),
        ("オ’ブライエン", "オ'ブライエン"),
        ("ヤマダ（スズキ）ハナコ", "ヤマダ(スズキ)ハナコ"),
        ("ミスヾ", "ミスヾ"),
        ("カ゛ク", "ガク"),
        *((f"マ{dash}コ", "マーコ") for dash in "-‐‑‒–—―−－ｰー﹘﹣─"),
        ("ピ-タ-", "ピーター"),
        ("ア--イ", "アーーイ"),
        ("マ -コ", "マーコ"),
    ],
)
def test_a_kana_name_is_read_with_its_marks(typed: str, read_as: str) -> None:
    """Dots, apostrophes, double hyphens and brackets are read, and a dash after a kana is ー."""
    assert read_as == _form(IdentityForm, {**GOOD[IdentityForm], "name_kana": typed}).name_kana


@pytest.mark.rule("F1", "F2")
@pytest.mark.parametrize(
    ("name", "unit", "one"), [("name_kana", "ｶﾞ", 1), ("name_kanji", "㈱", 3), ("name_kanji", "ﾊﾟ", 1)]
)
def test_the_length_of_a_name_is_that_of_what_is_read(name: str, unit: str, one: int) -> None:
    """A character that is several after NFKC, or part of one, counts as what it is then."""
    fits = 50 // one
    found = [_codes(IdentityForm, **{name: unit * count}).get(name) for count in (fits, fits + 1)]
    assert [None, "too_long"] == found


@pytest.mark.rule("F1", "F2")
# \u00b4 is typed as an apostrophe, and read as one; its NFKC is an accent of the letter before
@given(st.text(st.characters(exclude_characters="\u00b4"), max_size=30), st.sampled_from(["name_kana", "name_kanji"]))
@example("⽥中", "name_kanji")
@example("ﾏ-ｺ", "name_kana")
@example("\u2103", "name_kanji")
def test_a_name_is_judged_after_nfkc(text: str, name: str) -> None:
    """A name and its NFKC have one fault or none, and where there is none are read as one, with a letter to compare."""
    first, second = (
        _read(IdentityForm, {**GOOD[IdentityForm], name: each}) for each in (text, unicodedata.normalize("NFKC", text))
    )
    assert first == second
    assert first.form is None or normalisation.name_key(getattr(first.form, name))


@pytest.mark.rule("F3")
@given(st.dates())
@example(TODAY)
@example(TODAY + timedelta(days=1))
@example(date(1868, 1, 25))
@example(date(1868, 1, 24))
def test_a_birth_date_is_real_and_within_bounds(day: date) -> None:
    """From the first day of 明治 to today, both included."""
    expected = {} if date(1868, 1, 25) <= day <= TODAY else {"birth_date": "format"}
    assert expected == _codes(IdentityForm, birth_date=day.isoformat())


@pytest.mark.rule("F5", "F9", "F11")
@pytest.mark.parametrize(
    ("form", "name", "other"),
    [
        (IdentityForm, "email_confirm", "jiro@example.co.jp"),
        (PasswordForm, "new_password_confirm", "abc!123-"),
        (forms.DetailsForm, "email_confirm", "fo.o@docomo.ne.jp"),
        (forms.DetailsForm, "activation_password_confirm", "0001234"),
    ],
)
def test_a_second_entry_that_differs_is_a_mismatch(form: type[Any], name: str, other: str) -> None:
    """A mismatch is the second entry's, and only where both are fine by themselves."""
    first = name.removesuffix("_confirm")
    found = (_codes(form, **{name: other}), _codes(form, **{name: other, first: "\n"}), _codes(form, **{name: "\n"}))
    assert found == ({name: "mismatch"}, {first: "format"}, {name: "format"})


@pytest.mark.rule("F7")
@pytest.mark.parametrize(
    "value", [True, 1, "on", "ON", "true", "True", "1", "yes", "YES", " on ", "ｏｎ", "１"], ids=repr
)
def test_the_notice_is_accepted(value: object) -> None:
    """What a ticked box posts, in any case and width, accepts."""
    assert _form(IdentityForm, {**GOOD[IdentityForm], "accepted": value}).accepted is True


@pytest.mark.rule("F7", "F14")
def test_a_form_that_says_nothing_of_the_notice_does_not_accept_it() -> None:
    """A form object made without the box is a form with an empty one."""
    rest = {name: value for name, value in GOOD[IdentityForm].items() if name != "accepted"}
    form: type[Any] = IdentityForm
    reading = forms.read(form, form(**rest), policy=FieldPolicy(), today=TODAY)
    assert (FieldError("accepted", "not_accepted"),) == reading.errors


@pytest.mark.rule("F7")
@given(
    JUNK.filter(
        lambda v: not (isinstance(v, int) and v == 1) and str(v).strip().lower() not in {"on", "true", "1", "yes"}
    )
)
@example(value=False)
@example("off")
@example("no")
@example("はい")
@example(0)
@example(2)
@example(1.0)
@example([True])
@example("on\n")
@example("ye\u017f")
@example("on" * 1_000_000)
def test_anything_else_does_not_accept(value: object) -> None:
    """What is no known yes is a no."""
    assert _codes(IdentityForm, accepted=value) == {"accepted": "not_accepted"}


@pytest.mark.rule("F9", "F12")
@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=4, max_size=12))
def test_every_password_of_the_manual_is_read_in_one_case(password: str) -> None:
    """4 to 12 letters, digits and symbols are a password; letters have no case, all else is kept."""
    typed = {**GOOD[PasswordForm], "new_password": password, "new_password_confirm": password.swapcase()}
    form = _form(PasswordForm, typed)
    expected = Secret("".join(c.lower() if c.isalpha() else c for c in password))
    assert (expected, expected) == (form.new_password, form.new_password_confirm)


@pytest.mark.rule("F12", "F6")
@pytest.mark.parametrize(
    ("field", "value"), [("branch", "00a"), ("account", "a123456"), ("account", "123456"), ("subject", "貯蓄")]
)
def test_the_account_of_a_login_is_read_as_that_of_an_identity(field: str, value: str) -> None:
    """BTR002 takes no branch, account and subject that BIM015 would not take, and names the same fault."""
    typed = {"branch": "001", "subject": "普通", "account": "0123456", "password": "OldPass"}
    assert {"account": "0123456", "branch": "001", "password": "oldpass", "subject": "普通"} == _plain(
        _form(AccountForm, typed)
    )
    faults = [_codes(form, **{**typed, field: value}).get(field) for form in (AccountForm, IdentityForm)]
    assert ["too_long" if len(value) > 7 else "format"] * 2 == faults


@pytest.mark.rule("F4")
@pytest.mark.parametrize("number", ["010-000-0000", "01-0123-45678", "090-123-4567", "+81 10 0000 000"])
def test_a_number_that_no_line_can_have_is_refused(number: str) -> None:
    """Of the right shape, and in no part of the numbering plan."""
    assert "format" == _codes(IdentityForm, phone=number)["phone"]


@pytest.mark.rule("F8")
def test_a_login_id_keeps_its_case() -> None:
    """The id goes to the bank as typed, but for its width."""
    assert _plain(_form(LoginIdForm, {"login_id": "Ｔａｒｏ0001", "password": "OldPass"})) == {
        "login_id": "Taro0001",
        "password": "oldpass",
    }


@pytest.mark.rule("F13")
@pytest.mark.parametrize(("length", "expected"), [(0, "required"), (1, None), (64, None), (65, "too_long")])
def test_a_phone_id_has_1_to_64_characters(length: int, expected: str | None) -> None:
    """The opaque id is bounded, whatever a page posts."""
    assert expected == _codes(forms.PhoneForm, phone_id="a" * length).get("phone_id")


@pytest.mark.rule("S5")
def test_secrets_may_come_as_secrets() -> None:
    """A host that holds a Secret hands it in as it is."""
    typed = {name: Secret(str(value)) for name, value in GOOD[PasswordForm].items()}
    assert _read(PasswordForm, GOOD[PasswordForm]) == _read(PasswordForm, typed)


@pytest.mark.rule("S5", "A7")
@pytest.mark.parametrize("form", GOOD)
def test_no_repr_shows_what_was_typed(form: type[Any]) -> None:
    """Neither a form, nor its reading, nor an error shows a value: a form shows its name, and nothing else."""
    nothing = f"{form.__name__}()"
    assert nothing == repr(form(**GOOD[form]))
    assert f"Reading(form={nothing}, errors=())" == repr(_read(form, GOOD[form]))
    wrong = _read(form, {name: f"{value}\x00" for name, value in GOOD[form].items()})
    assert wrong.errors
    for error in wrong.errors:
        assert f"FieldError(field={error.field!r}, code={error.code!r})" == repr(error)


@given(st.sampled_from(list(GOOD)), st.data())
def test_whatever_is_thrown_at_a_form_is_read_or_refused(form: type[Any], data: st.DataObject) -> None:
    """Any mapping gives a form or errors, never both or neither, in the form's order, each field once at most."""
    names = [field.name for field in fields_of(form)]
    good = st.sampled_from(names).map(GOOD[form].get)
    typed = data.draw(st.dictionaries(st.sampled_from(names) | st.text(max_size=3), JUNK | good))
    reading = _read(form, typed)
    wrong = [error.field for error in reading.errors]
    assert (reading.form is None) == bool(wrong)
    assert wrong == [name for name in names if name in wrong]


def test_errors_come_back_together_in_the_order_of_the_form() -> None:
    """One look at the page shows everything that is wrong."""
    typed = {
        **GOOD[IdentityForm],
        "name_kana": "x",
        "phone": "",
        "account": "1" * 8,
        "accepted": "no",
        "email_confirm": "a@b.jp",
    }
    expected = (
        FieldError("name_kana", "format"),
        FieldError("phone", "required"),
        FieldError("email_confirm", "mismatch"),
        FieldError("account", "too_long"),
        FieldError("accepted", "not_accepted"),
    )
    assert expected == _read(IdentityForm, typed).errors


@pytest.mark.parametrize("away", [pickle.dumps, copy.copy, copy.deepcopy])
def test_what_was_typed_is_not_taken_out_of_a_frame(away: Callable[[object], object]) -> None:
    """What carries it through a turn refuses to be pickled or copied, and says so."""
    with pytest.raises(TypeError, match=r"^a submitted form cannot be pickled$"):
        away(Typed({"pin": "0123"}))
