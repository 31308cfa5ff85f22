"""Texts in other languages than ours, and the keys that every text names (S9)."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ja_reset import EffectRefused, InvalidArgument, Policies, Reason, Text
from ja_reset.policies import PhonePolicy
from ja_reset.screens import LOGIN_PHONE, PLANS, SCREEN_TEXTS, Screen
from ja_reset.screens._wording import Judge, names_in, own_texts
from ja_reset.screens.messages import CODES, MESSAGES, render
from ja_reset.screens.placeholders import Catalogue
from ja_reset.testing.cast import INSTITUTION
from ja_reset.text import is_other_language

pytestmark = pytest.mark.rule("S9")

TAGS = st.from_regex(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})?", fullmatch=True).filter(is_other_language)


def texts_of(screen: Screen) -> Iterator[Text]:
    """Every text of a screen."""
    yield from (screen.title, *screen.breadcrumb, *screen.notices, *(button.label for button in screen.buttons))
    yield from (text for text in (screen.application, screen.keyboard) if text is not None)
    for section in screen.sections:
        yield from (section.heading, *section.notices, *(button.label for button in section.buttons))
    for field in screen.fields:
        yield from (text for text in (field.label, field.hint, field.section) if text is not None)
        yield from (*field.notes, *(option.label for option in field.options))


# A text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", "駅"),
        ("en", "station"),
        ("en-GB", "station"),
        ("EN", "station"),
        ("vi", "ga"),
        ("vi-VN", "ga"),
        ("VI", "ga"),
        ("zh-Hant", "車站"),
        ("zh-hant-TW", "車站"),
        ("zh", "駅"),
        ("zh-Hans", "駅"),
        ("fr", "駅"),
        ("", "駅"),
        ("-", "駅"),
        ("vi,en;q=0.9", "駅"),
        ("*" * 9999, "駅"),
        (None, "駅"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_text_is_found_in_a_language(language: Any, words: str) -> None:  # noqa: ANN401 - whatever comes
    """By its tag without letter case, else by a shorter tag, else in Japanese; whatever the page asks for."""
    text = Text("駅", "station", more={"vi": "ga", "zh-Hant": "車站"})
    assert words == text.get(language)
    assert words == Reason("x", ja="駅", en="station", more=text.more).get(language)


@given(st.text(), st.text(), st.dictionaries(TAGS, st.text()), st.none() | st.text())
def test_a_text_turns_into_plain_json(ja: str, en: str, more: dict[str, str], key: str | None) -> None:
    """With every language that it is there in, and its key; or in those that were asked for alone."""
    text = Text(ja, en, more=more, key=key)
    told = json.loads(json.dumps(text.to_dict()))
    assert key == told.pop("key", None)
    assert text == Text(told.pop("ja"), told.pop("en"), more=told)
    assert {"vi": text.get("vi"), "en": en} == {
        name: words for name, words in text.to_dict("vi", "en").items() if name != "key"
    }


def test_texts_of_the_same_words_are_equal() -> None:
    """Whatever their keys; other languages count."""
    assert Text("a", "b") == Text("a", "b", key="x")
    assert hash(Text("a", "b")) == hash(Text("a", "b", key="x"))
    assert Text("a", "b") != Text("a", "b", more={"vi": "c"})


@pytest.mark.parametrize(
    "more",
    [
        *({"ja": "x"}, {"en": "x"}, {"vi_VN": "x"}, {"key": "x"}, {"vi": 3}, {3: "x"}, {"": "x"}),
        *("vi", None, [("vi", "x")]),
    ],
    ids=repr,
)
def test_what_is_no_other_language_is_refused(more: Any) -> None:  # noqa: ANN401 - whatever comes
    """A tag that is none, ours, words that are no str."""
    with pytest.raises(InvalidArgument, match="more must map"):
        Text("a", "b", more=more)


# Messages ---------------------------------------------------------------------------------------------------


def test_a_language_stands_beside_the_catalogue() -> None:
    """Its words are shown in it, all others stay; a text that it lacks is Japanese in it."""
    texts = own_texts({"vi": {"PHONE.title": "Xác thực"}})
    ours, theirs = LOGIN_PHONE.render(Policies()), LOGIN_PHONE.render(Policies(), texts)
    assert attrs.evolve(ours.title, more={"vi": "Xác thực"}) == theirs.title
    assert attrs.evolve(ours, title=theirs.title) == theirs
    assert ours.buttons[0].label.ja == theirs.buttons[0].label.get("vi")


@given(st.sets(st.sampled_from(sorted(SCREEN_TEXTS)), max_size=20), TAGS)
def test_every_text_of_a_screen_can_be_in_any_language(keys: set[str], language: str) -> None:
    """What is translated is shown so on every screen, and only that."""
    texts = own_texts({language: {key: f"<{key}>" for key in keys}})
    catalogue = Catalogue(texts)
    for plan in PLANS:
        for text in texts_of(plan.render(Policies(), catalogue)):
            assert text.more == ({language: f"<{text.key}>"} if text.key in keys else {})


def test_each_language_is_looked_up_by_itself() -> None:
    """The field's words first, then the code's, then ours: in Vietnamese the code's own may be the nearest."""
    said = render("too_long", field="email", texts=own_texts({"vi": {"too_long": "dài quá"}}))
    assert attrs.evolve(render("too_long", field="email"), more={"vi": "dài quá"}) == said
    assert "too_long.email" == said.key
    words = {"too_long": "dài quá", "too_long.email": "thư dài quá"}
    nearer = own_texts({"vi": words, "too_long": Text("長い", "long")})
    said = render("too_long", field="email", texts=nearer)
    assert ("長い", "long", "thư dài quá", "too_long") == (said.ja, said.en, said.get("vi"), said.key)


def test_japanese_and_english_can_be_reworded_one_by_one() -> None:
    """`messages={"en": …}` leaves the Japanese as it is, and goes before the whole text in the same messages."""
    said = LOGIN_PHONE.render(Policies(), own_texts({"en": {"PHONE.title": "Ring us"}})).title
    assert Text(SCREEN_TEXTS["PHONE.title"].ja, "Ring us") == said
    both = own_texts({"PHONE.title": Text("電話", "Call"), "en": {"PHONE.title": "Ring us"}})
    assert Text("電話", "Ring us") == LOGIN_PHONE.render(Policies(), both).title


def test_an_institutions_words_go_before_the_services_in_each_language() -> None:
    """Vietnamese of the service stays where the institution has reworded the Japanese, and the other way round."""
    service = own_texts({"PHONE.title": Text("電", "a"), "vi": {"PHONE.title": "b"}, "pt-BR": {"PHONE.title": "c"}})
    own = own_texts({"PHONE.title": Text("話", "d"), "pt-BR": {"PHONE.title": "e"}})
    said = LOGIN_PHONE.render(Policies(), Catalogue(service, own)).title
    assert Text("話", "d", more={"vi": "b", "pt-BR": "e"}) == said


def test_figures_are_filled_in_with_international_signs() -> None:
    """A translation needs no word of ours: seconds, minutes and hours have their signs, a date is ISO 8601."""
    words = "{bim_window}/{idle_timeout}/{unknown_lapse}/{pin_attempts}/{gaiji_until}/{other}"
    policies = Policies(phone=PhonePolicy(bim_window=timedelta(seconds=90)))
    texts = Catalogue(Catalogue({"locked": Text("x", "y", more={"vi": words})}))
    assert "90 s/10 min/1 h/3/2021-02-15/{other}" == render("locked", texts=texts, policies=policies).get("vi")


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ({"vi": {"PHONE.titel": "x"}}, r"there is no text 'PHONE.titel'; did you mean 'PHONE.title'\?"),
        (
            {"vi": {"locked": "{pin_atempts}"}},
            r"names {pin_atempts}, which is not a placeholder; did you mean",
        ),
        ({"locked": Text("x", "y", more={"vi": "{nix}"})}, "names {nix}, which is not a placeholder"),
        ({"vi_VN": {}}, "'vi_VN' is no language tag such as 'vi'"),
        ({"PHONE.title": {"vi": "x"}}, "'PHONE.title' is no language tag .* a language stands outside"),
        ({"vi": {"PHONE": {"title": "x"}}}, "vi: 'PHONE' must map a key such as 'PHONE.title', whole, to a str"),
        ({"vi": {3: "x"}}, "vi: '3' must map a key"),
        ({"vi": "x"}, "messages map a key of the catalogue to a Text, or a language to texts"),
        ({3: {}}, "messages map a key of the catalogue to a Text, or a language to texts"),
    ],
)
def test_a_wrong_translation_is_refused_in_words(messages: Any, words: str) -> None:  # noqa: ANN401 - whatever comes
    """Where the words are given: of a service and of an institution alike (`own_texts` judges both)."""
    with pytest.raises(InvalidArgument, match=words):
        attrs.evolve(INSTITUTION, messages=messages)


def test_texts_are_a_value() -> None:
    """Equal where they say the same, so that an institution that is told again renders nothing again."""
    messages = {"locked": Text("a", "b"), "vi": {"locked": "c"}}
    one, other = (attrs.evolve(INSTITUTION, messages=messages) for _ in range(2))
    assert one == other
    assert one != attrs.evolve(one, messages={"locked": Text("a", "b")})
    assert repr(one) == repr(other)
    assert "'vi': {'locked': 'c'}" in repr(one.messages)


def test_an_institution_can_be_kept_in_a_cache() -> None:
    """Pickled and read again, it is equal: its texts in every language, and its figures over the service's."""
    override = Policies.override({"phone.bim_window": timedelta(seconds=180)})
    messages = {"locked": Text("a", "b", more={"vi": "c"}), "pt-BR": {"locked": "d"}}
    found = attrs.evolve(INSTITUTION, messages=messages, policies=override)
    assert found == pickle.loads(pickle.dumps(found))  # noqa: S301 - our own


# Keys -------------------------------------------------------------------------------------------------------


def test_every_text_of_a_screen_names_its_key() -> None:
    """The key that its plan has, so that a host can find its own words."""
    for plan in PLANS:
        screen = plan.render(Policies())
        assert {text.key for text in texts_of(screen)} <= set(plan.text_keys())
        told = json.dumps(screen.to_dict())
        assert len(list(texts_of(screen))) == told.count('"key": "')


@pytest.mark.parametrize("code", CODES)
def test_every_reason_names_its_key(code: str) -> None:
    """Its code, or code and field where the field has words of its own."""
    assert code == render(code).key
    for key in MESSAGES:
        if key.startswith(f"{code}."):
            assert key == render(code, field=key.partition(".")[2]).key
    assert code == render(code, field="nothing").key


def test_an_error_names_its_field_in_every_language() -> None:
    """The label in the error's own language, in Japanese where it is not there in it, and as a host words it."""
    texts = own_texts(
        {"vi": {"required": "Hãy nhập {label}", "field.email.label": "Thư"}, "fr": {"required": "{label} ?"}}
    )
    said = render("required", field="email", texts=texts)
    assert ("Hãy nhập Thư", "メールアドレス ?") == (said.get("vi"), said.get("fr"))
    assert ("メールアドレスをご入力ください。", "Email address is required.") == (said.ja, said.en)
    english = own_texts({"en": {"field.email.label": "Your email"}})
    assert "Your email is required." == render("required", field="email", texts=english).en
    assert "メールアドレスをご入力ください。" == render("required", field="email", texts=english).ja
    assert "Hãy nhập メールアドレス" == render(
        "required", field="email", texts={"required": Text("x", "y", more={"vi": "Hãy nhập {label}"})}
    ).get("vi")


def test_our_two_languages_name_the_same_figures() -> None:
    """What a translation must not leave out is said in both."""
    judge = Judge()
    assert [] == [key for key in judge.keys if set(names_in(judge.text(key).ja)) != set(names_in(judge.text(key).en))]


def test_a_refusal_of_the_bank_takes_other_languages() -> None:
    """As a mapping of languages to texts, or not at all."""
    assert {"vi": "x"} == EffectRefused(ja="a", en="b", more={"vi": "x"}).more
    assert {} == EffectRefused(ja="a", en="b").more
    for wrong in ("vi", {"vi": 3}):
        with pytest.raises(InvalidArgument, match="EffectRefused takes two texts"):
            EffectRefused(ja="a", en="b", more=wrong)  # type: ignore[arg-type]  # what is tried


@pytest.mark.parametrize("more", [{}, {"vi": "Quay lại"}])
def test_a_text_can_be_kept_and_sent(more: dict[str, str]) -> None:
    """A host keeps a View in a cache or sends it to another process: its texts stay the same."""
    text = Text("戻る", "Back", more=more, key="button.back")
    for copied in (pickle.loads(pickle.dumps(text)), copy.deepcopy(text)):  # noqa: S301 - our own
        assert (text, text.key, text.more) == (copied, copied.key, copied.more)
