"""A host's own words: a typing error in a key or in a figure's name is refused when the words are given."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ja_reset import AsyncResetService, InvalidArgument, ResetService, Text
from ja_reset.screens import CALL_TEXTS, PLANS, SCREEN_TEXTS
from ja_reset.screens._wording import own_texts
from ja_reset.screens.messages import CODES, MESSAGES
from ja_reset.screens.placeholders import PLACEHOLDERS
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import INSTITUTION

WORDS = Text(ja="当行の文言", en="words of our own")

WRONG = [
    ({"PHONE.notice.led": WORDS}, "there is no text 'PHONE.notice.led'; did you mean 'PHONE.notice.lead'?"),
    ({"identity_mismach": WORDS}, "there is no text 'identity_mismach'; did you mean 'identity_mismatch'?"),
    ({"required.new_pasword": WORDS}, "did you mean 'required.new_password'?"),
    ({"Required": WORDS}, "there is no text 'Required'; did you mean 'required'?"),
    (
        {"": WORDS},
        "there is no text ''; keys are in ja_reset.screens.SCREEN_TEXTS, ja_reset.screens.CALL_TEXTS and",
    ),
    (
        {"locked": Text(ja="{pin_atempts}", en="x")},
        "names {pin_atempts}, which is not a placeholder; did you mean 'pin_attempts'?",
    ),
    ({"locked": Text(ja="x", en="{PIN_attempts}")}, "names {PIN_attempts}, which is not a placeholder"),
    (
        {"locked": Text(ja="x", en="{ pin_attempts }")},
        "names { pin_attempts }, which is not a placeholder; did you mean 'pin_att",
    ),
    (
        {"locked": Text(ja="{bim_window", en="x")},
        "names {bim_window, which is not a placeholder; did you mean 'bim_window'?",
    ),
    ({"locked": Text(ja="x", en="wait {bim_window {pin_attempts}")}, "names {bim_window , which is not a placeholder"),
    ({"PHONE.title": Text(ja="{label}", en="x")}, "'PHONE.title' names {label}, which is not a placeholder"),
    ({"locked": Text(ja="{label}", en="x")}, "'locked' names {label}, which is not a placeholder"),
    ({"PHONE.title": Text(ja="{dial_rest}", en="x")}, "'PHONE.title' names {dial_rest}, which is not a placeholder"),
    ({"required": Text(ja="{dial_rest}", en="x")}, "'required' names {dial_rest}, which is not a placeholder"),
    (
        {"required": Text(ja="{lable}", en="x")},
        "'required' names {lable}, which is not a placeholder; did you mean 'label'?",
    ),
    ({"locked": Text(ja="{}", en="x")}, "names {}, which is not a placeholder"),
    ({"locked": Text(ja="x", en="{ }")}, "names { }, which is not a placeholder"),
    ({"locked": Text(ja="{bim_window.x!r:9}", en="x")}, "names {bim_window.x!r:9}, which is not a placeholder"),
    (
        {"locked": Text(ja="{bim-window}", en="x")},
        "names {bim-window}, which is not a placeholder; did you mean 'bim_window'?",
    ),
]


def test_a_text_may_name_what_its_place_has() -> None:
    """An error its field's label, by code or at one field; the warning of misdialling the parts of the number."""
    right = Text("{label} {dial_start}", "x")
    label, dial = Text("{label}", "{label}"), Text("{dial_start}{dial_rest}{dial_digits}", "x")
    own_texts({"required": label, "format.pin": label, "password_rule": label, "notice.phone.dial_digits": dial})
    for key in ("required", "notice.phone.dial_digits"):
        with pytest.raises(InvalidArgument, match="not a placeholder"):
            own_texts({key: right})


@pytest.mark.rule("S9")
@pytest.mark.parametrize(("messages", "said"), WRONG)
def test_a_typing_error_is_refused_where_the_words_are_given(messages: dict[str, Text], said: str) -> None:
    """Both services and an Institution say which key or figure is none, and which one is near."""
    for make in (
        lambda: ResetService(bank=FakeBank(), store=MemoryStore(), messages=messages),
        lambda: AsyncResetService(bank=FakeBank(), store=MemoryStore(), messages=messages),
        lambda: attrs.evolve(INSTITUTION, messages=messages),
    ):
        with pytest.raises(InvalidArgument) as caught:
            make()
        assert said in str(caught.value)


@pytest.mark.rule("S9")
def test_every_text_can_be_replaced() -> None:
    """Each key of the three catalogues is accepted with the catalogue's own text, and any code at any field."""
    texts = {**MESSAGES, **SCREEN_TEXTS, **CALL_TEXTS}
    fields = {field.name for plan in PLANS for field in plan.fields}
    texts |= {f"{code}.{field}": WORDS for code in CODES for field in fields}
    assert texts == dict(own_texts(texts))


@given(st.sampled_from(PLACEHOLDERS), st.sampled_from(["{山}", "{1}", "a } b {", "{{", "}}"]))
def test_other_braces_stay(figure: str, braces: str) -> None:
    """Only what begins like a name, or is empty, must be a figure."""
    text = Text(ja=f"{{{figure}}} {braces}", en=braces)
    assert {"locked": text} == dict(own_texts({"locked": text}))
