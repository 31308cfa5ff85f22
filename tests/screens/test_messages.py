"""The words of refusals: complete, in two languages, with figures from the policies and a host's own in front."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset.errors import InvalidArgument
from ja_reset.policies import FieldPolicy, IdentityPolicy, LockoutPolicy, PhonePolicy, Policies, SessionPolicy
from ja_reset.screens import CALL_TEXTS, SCREEN_TEXTS
from ja_reset.screens._named import named_in
from ja_reset.screens._reason_names import REASON_NAMES
from ja_reset.screens.messages import CODES, MESSAGES, render
from ja_reset.screens.placeholders import PLACEHOLDERS, fill, placeholder_words, placeholders_of
from ja_reset.text import Text

PUBLISHED = (
    "stale event_not_available phone_not_verified number_in_use number_contested temporarily_unavailable required "
    "too_long format mismatch not_accepted password_rule identity_mismatch login_mismatch not_individual no_phone "
    "withheld unavailable voip wrong_number wrong_line line_unknown claimed attestation diverted late early wrong_code "
    "wrong_pin locked timed_out refused_by_bank contract_unknown call_id_reused entry_id_reused codes_used_up overdue "
    "procedure_changed in_progress ended_by_operator closed not_me not_confirmed"
)
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
PLACEHOLDER = re.compile(r"\{(.*?)\}")


@pytest.mark.rule("S9")
def test_published_codes_are_the_list_that_hosts_know() -> None:
    """The codes are literally those published: none is lost, renamed or added unseen."""
    assert tuple(PUBLISHED.split()) == CODES


@pytest.mark.rule("S9")
def test_no_published_text_is_lost() -> None:
    """A key that a host may have reworded stays a key: the list grows, and nothing in it is removed or renamed."""
    published = (Path(__file__).parents[1] / "data" / "published_texts.txt").read_text("utf-8").split()
    assert [] == [key for key in published if key not in {*MESSAGES, *SCREEN_TEXTS, *CALL_TEXTS}]
    assert len(published) == len(set(published))


@pytest.mark.rule("S9", "M7")
@pytest.mark.parametrize("code", CODES)
def test_every_code_has_words_of_its_own(code: str) -> None:
    """A code renders without a field, and for a field that has no words of its own as well."""
    figures = placeholder_words(placeholders_of(Policies()))
    assert fill(MESSAGES[code], {**figures, "label": Text("この項目", "This field")}) == render(code)
    assert render(code) == render(code, field="no_such_field")


@pytest.mark.rule("S9")
def test_every_key_belongs_to_a_published_code() -> None:
    """No words stand under a code that was not published."""
    assert set(CODES) == {key.split(".")[0] for key in MESSAGES}


@pytest.mark.rule("S9")
@pytest.mark.parametrize("key", MESSAGES)
def test_every_message_is_in_japanese_and_in_english(key: str) -> None:
    """Both languages say something, each in its own letters and as a whole sentence."""
    message = MESSAGES[key]
    assert JAPANESE.search(message.ja)
    assert message.ja.endswith("。")
    assert re.search(r"[a-z]", message.en)
    assert not JAPANESE.search(message.en)
    assert message.en.endswith(".")


@pytest.mark.rule("S9")
@pytest.mark.parametrize("key", MESSAGES)
def test_messages_name_only_known_figures_and_hold_no_limit_of_their_own(key: str) -> None:
    """Each placeholder is a figure of the policies, the same ones in both languages; no literal limit stands there."""
    message = MESSAGES[key]
    assert set(PLACEHOLDER.findall(message.ja)) <= {"label", *PLACEHOLDERS, *named_in(key, at_field=False)}
    assert set(PLACEHOLDER.findall(message.ja)) == set(PLACEHOLDER.findall(message.en))
    # 050 and 186 are dialled, a leading 0 and "one" address are no limits, and the two entries are two.
    assert {"050", "186", "0", "1", "2"} >= set(re.findall(r"\d+", PLACEHOLDER.sub("", message.ja)))


@pytest.mark.rule("I4")
@pytest.mark.parametrize("code", ["identity_mismatch", "login_mismatch"])
def test_a_mismatch_names_no_detail_and_no_account(code: str) -> None:
    """The words for a failed identity, and for the last one, are the same at every field and name nothing typed."""
    assert [f"{code}.limit"] == [key for key in MESSAGES if key.startswith(f"{code}.")]
    named = "名前|氏名|生年月日|電話|メール|支店|科目|口座|暗証|パスワード|ログイン|存在|登録|契約"
    english = "name|birth|phone|mail|branch|account|password|login|exist|regist|contract"
    for said in (render(code), render(code, detail="limit")):
        assert not re.search(named, said.ja)
        assert not re.search(english, said.en.lower())


@pytest.mark.rule("E3", "P1", "I6", "L2")
@pytest.mark.parametrize(
    ("code", "ja", "en"),
    [
        ("not_individual", "店舗にて書面", "in writing at your branch"),
        ("no_phone", "店舗で電話番号の変更", "number changed at your branch"),
        ("locked", "店舗の窓口", "at your branch"),
        ("number_in_use", "お待ち", "wait"),
        ("number_contested", "お待ち", "wait"),
    ],
)
def test_a_dead_end_says_what_to_do(code: str, ja: str, en: str) -> None:
    """Where the customer cannot go on here, the words say where or when it goes on."""
    assert ja in render(code).ja
    assert en in render(code).en


@pytest.mark.rule("F6", "F8", "F9", "F10", "F11", "F1")
def test_lengths_in_messages_follow_the_policies() -> None:
    """A changed figure changes the words, in both languages."""
    policies = Policies(
        fields=FieldPolicy(
            name_max=41,
            branch_digits=21,
            account_digits=22,
            login_id_min=23,
            login_id_max=24,
            password_min=25,
            password_max=26,
            pin_digits=27,
            activation_min=28,
            activation_max=29,
        )
    )
    expected = {
        ("too_long", "name_kana"): ["41"],
        ("format", "branch"): ["21"],
        ("format", "account"): ["22"],
        ("format", "login_id"): ["23", "24"],
        ("format", "new_password"): ["25", "26"],
        ("format", "password"): ["25", "26"],
        ("too_long", "new_password_confirm"): ["25", "26"],
        ("format", "pin"): ["27"],
        ("too_long", "pin"): ["27"],
        ("format", "activation_password"): ["28", "29"],
    }
    shown = {key: render(key[0], field=key[1], policies=policies) for key in expected}
    assert expected == {key: re.findall(r"\d\d", text.ja) for key, text in shown.items()}
    assert expected == {key: re.findall(r"\d\d", text.en) for key, text in shown.items()}


@pytest.mark.rule("S9")
def test_a_hosts_words_come_before_ours() -> None:
    """The order is: its words for the field, its words for the code, ours for the field, ours for the code."""
    field, code = Text("支店", "branch"), Text("形式", "form")
    texts = {"format.branch": field, "format": code}
    assert field == render("format", field="branch", texts=texts)
    assert code == render("format", field="branch", texts={"format": code})
    assert code == render("format", field="account", texts=texts)
    assert code == render("format", texts=texts)
    assert render("format", field="branch") == render("format", field="branch", texts={"stale": code})
    assert render("format", field="branch") != render("format")


@pytest.mark.rule("S9")
def test_a_hosts_words_may_name_any_figure() -> None:
    """Numbers stand as they are, durations with their unit, dates in words; what is no figure is left alone."""
    policies = Policies(
        phone=PhonePolicy(bim_window=timedelta(seconds=300), delivery_grace=timedelta(seconds=1.5)),
        lockout=LockoutPolicy(pin_attempts=7, unknown_lapse=timedelta(hours=1)),
        session=SessionPolicy(idle_timeout=timedelta(minutes=10), effect_lease=timedelta(seconds=1)),
        identity=IdentityPolicy(gaiji_until=date(2021, 2, 5)),
    )
    every = (
        "{bim_window}/{delivery_grace}/{pin_attempts}/{unknown_lapse}/{idle_timeout}/{effect_lease}/{gaiji_until}/{nix}"
    )
    expected = Text(
        ja="300秒/1.5秒/7/1時間/10分/1秒/2021年2月5日/{nix}",
        en="300 seconds/1.5 seconds/7/1 hour/10 minutes/1 second/5 February 2021/{nix}",
    )
    assert expected == render("stale", policies=policies, texts={"stale": Text(every, every)})


@pytest.mark.rule("S9", "A8")
@given(ja=st.text(alphabet="{}a_.0![]pin_max "), en=st.text())
@example(ja="{", en="}")
@example(ja="{}", en="{0}")
@example(ja="{pin_digits.__class__}", en="{pin_digits!r:>99999}")
@example(ja="{{pin}}", en="{ pin_digits }")
def test_no_words_of_a_host_can_break_a_refusal(ja: str, en: str) -> None:
    """Braces of any kind are answered with words, and what names no figure stands as the host wrote it."""
    assert Text(ja, en) == render("stale", texts={"stale": Text(ja, en)})


ERRORS_OF_FIELDS = [key for key in MESSAGES if key.split(".")[0] in {"required", "too_long", "format", "mismatch"}]


@pytest.mark.rule("S9")
@pytest.mark.parametrize("key", ERRORS_OF_FIELDS)
def test_an_error_names_its_field(key: str) -> None:
    """What is wrong with an entry is told with the label of the field; only the notes are called by their heading."""
    assert "{label}" in MESSAGES[key].ja or key == "required.accepted"


@pytest.mark.rule("S9")
def test_the_label_of_an_error_is_the_one_on_the_screen() -> None:
    """It is given by the screen, else it is the one under the field's name, in the words of the host if it has some."""
    shown = Text("送信先メールアドレス", "Email address to send to")
    assert "送信先メールアドレスをご入力ください。" == render("required", field="email", label=shown).ja
    assert "Email address to send to is required." == render("required", field="email", label=shown).en
    assert "お名前 (全角カタカナ)をご入力ください。" == render("required", field="name_kana").ja
    assert "この項目をご入力ください。" == render("required", field="of_no_screen").ja
    own = {"field.name_kana.label": Text("お名前（カナ）", "Your name in kana")}
    assert "お名前（カナ）をご入力ください。" == render("required", field="name_kana", texts=own).ja
    assert "Your name in kana is required." == render("required", field="name_kana", texts=own).en


@pytest.mark.rule("S9")
def test_every_figure_of_the_policies_can_be_named() -> None:
    """Each int, duration, date and telephone key of each policy is one under its own name, and no name comes twice."""
    figures = [
        field.name
        for policy in (getattr(Policies(), name) for name in Policies().parts)
        for field in attrs.fields(type(policy))
        if type(getattr(policy, field.name)) in {int, str, timedelta, date}
    ]
    assert tuple(figures) == PLACEHOLDERS
    assert len(PLACEHOLDERS) == len(set(PLACEHOLDERS))


@pytest.mark.rule("S9")
def test_a_code_without_words_is_the_programmers_mistake() -> None:
    """A code that was never published raises, and does not show the customer an empty text."""
    with pytest.raises(InvalidArgument, match="no message"):
        render("no_such_code", field="pin")


@pytest.mark.rule("S9")
def test_messages_and_screens_share_no_key() -> None:
    """One mapping can hold a host's words for all of them, those of calls too."""
    assert not MESSAGES.keys() & SCREEN_TEXTS.keys()
    assert not CALL_TEXTS.keys() & {*MESSAGES, *SCREEN_TEXTS}


def test_every_published_code_has_a_short_name() -> None:
    """Drawings and operators' pages name each reason in a few words; no two reasons have the same."""
    assert set(CODES) == set(REASON_NAMES)
    for language in ("ja", "en"):
        names = [name.get(language) for name in REASON_NAMES.values()]
        assert sorted(set(names)) == sorted(names)
        assert all(len(name) <= 28 for name in names)
