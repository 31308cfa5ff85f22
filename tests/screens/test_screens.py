"""The screens are the manual's: titles, breadcrumbs, fields and buttons literally, figures from the policies."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta

import pytest

from ja_reset import screens
from ja_reset.errors import ChartError
from ja_reset.policies import CodeChannel, FieldPolicy, IdentityPolicy, PhonePolicy, Policies
from ja_reset.screens import PLANS, SCREEN_TEXTS, FieldKind, Screen, ScreenPlan, SectionPlan
from ja_reset.screens._named import named_in
from ja_reset.screens.placeholders import PLACEHOLDERS
from ja_reset.text import Text

STANDARD = Policies()
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
PLACEHOLDER = re.compile(r"\{(.*?)\}")

BIM_FIRST = "契約者認証 > 契約者確認 > パスワード入力 > 初期化完了"
BIM = "契約者認証 > 契約者確認 > 電話番号認証 > パスワード入力 > 初期化完了"
BTR = "認証方法選択 > 認証 > 情報入力 > 電話番号認証 > 完了"
BTR_LAST = "申込種別選択 > 認証方法選択 > 認証 > 情報入力 > 電話番号認証 > 完了"

CANCEL = ("cancel", "申込を中止する")
BACK = ("back", "戻る")
CHECK = ("proceed", "処理の結果を確認する")

# specification M: name of the plan, id, title, breadcrumb, the present step, buttons.
TABLE = [
    ("LOGIN_BIM015", "BIM015", "契約者認証", BIM_FIRST, 0, [("submit_identity", "確認画面へ"), CANCEL]),
    ("LOGIN_BIM016", "BIM016", "契約者確認", BIM, 1, [("choose_phone", "電話番号認証を行う"), BACK, CANCEL]),
    ("LOGIN_PHONE", "PHONE", "電話番号認証", BIM, 2, [("proceed", "パスワード入力へ"), BACK, CANCEL]),
    ("LOGIN_BIM017", "BIM017", "パスワード入力", BIM, 3, [("submit_reset", "初期化を行う"), CANCEL]),
    ("LOGIN_COMPLETING", "BIM017", "お手続き中", BIM, 3, [CHECK]),
    ("LOGIN_DONE", "DONE", "初期化完了", BIM, 4, []),
    ("RISK_BIM015", "BIM015", "契約者認証", BIM_FIRST, 0, [("submit_identity", "確認画面へ"), CANCEL]),
    ("RISK_BIM016", "BIM016", "契約者確認", BIM, 1, [("choose_phone", "電話番号認証を行う"), BACK, CANCEL]),
    ("RISK_PHONE", "PHONE", "電話番号認証", BIM, 2, [("proceed", "暗証番号入力へ"), BACK, CANCEL]),
    ("RISK_BIM017", "BIM017", "パスワード入力", BIM, 3, [("submit_reset", "初期化を行う"), CANCEL]),
    ("RISK_COMPLETING", "BIM017", "お手続き中", BIM, 3, [CHECK]),
    ("RISK_DONE", "DONE", "初期化完了", BIM, 4, []),
    ("BTR001", "BTR001", "認証方法選択", BTR, 0, [("choose_method", "認証画面へ"), CANCEL]),
    ("BTR002_LOGIN_ID", "BTR002", "認証", BTR, 1, [("submit_credentials", "次へ"), BACK, CANCEL]),
    ("BTR002_ACCOUNT", "BTR002", "認証", BTR, 1, [("submit_credentials", "次へ"), BACK, CANCEL]),
    ("BTR003", "BTR003", "情報入力", BTR, 2, [("submit_details", "電話番号認証を行う"), CANCEL]),
    ("BTR004", "BTR004", "電話番号認証", BTR, 3, [("proceed", "確定する"), BACK, CANCEL]),
    ("BTR_COMPLETING", "BTR004", "お手続き中", BTR, 3, [CHECK]),
    ("BTR005", "BTR005", "完了", BTR_LAST, 5, [(None, "ページを印刷する"), (None, "JAバンクホームページへ")]),
]

_IDENTITY = "name_kana name_kanji birth_date phone email email_confirm branch subject account accepted"
FIELDS = {
    "BL1001": "login_id branch subject account password",
    "MENU": "prefecture institution",
    "LOGIN_BIM015": _IDENTITY,
    "RISK_BIM015": _IDENTITY,
    "LOGIN_BIM016": "phone_id",
    "RISK_BIM016": "phone_id",
    "LOGIN_BIM017": "new_password new_password_confirm pin",
    "RISK_BIM017": "pin",
    "BTR001": "method",
    "BTR002_LOGIN_ID": "login_id password",
    "BTR002_ACCOUNT": "branch subject account password",
    "BTR003": "email email_confirm activation_password activation_password_confirm phone_id",
}

LABELS = {
    "LOGIN_BIM015": {
        "name_kana": "お名前 (全角カタカナ)",
        "name_kanji": "お名前 (漢字)",
        "birth_date": "生年月日",
        "phone": "お届け電話番号",
        "email": "メールアドレス",
        "email_confirm": "メールアドレス（確認用）",
        "branch": "支店番号",
        "subject": "科目",
        "account": "口座番号",
        "accepted": "この内容を確認し、承諾します。",
    },
    "LOGIN_BIM016": {"phone_id": "電話番号"},
    "LOGIN_BIM017": {
        "new_password": "新しいログインパスワード",
        "new_password_confirm": "新しいログインパスワード（確認用）",
        "pin": "キャッシュカード暗証番号",
    },
    "BTR002_LOGIN_ID": {"login_id": "ログインID", "password": "ログインパスワード"},
    "BTR003": {
        "email": "送信先メールアドレス",
        "email_confirm": "送信先メールアドレス（確認用）",
        "activation_password": "利用開始パスワード",
        "activation_password_confirm": "利用開始パスワード（確認用）",
        "phone_id": "電話番号",
    },
}


def plan_of(name: str) -> ScreenPlan:
    """The plan that hosts know by *name*."""
    plan = getattr(screens, name)
    assert isinstance(plan, ScreenPlan)
    return plan


def screen_of(name: str, policies: Policies = STANDARD) -> Screen:
    """That plan with the figures of *policies*."""
    return plan_of(name).render(policies)


def full_title(step: str, screen_id: str) -> str:
    """The manual's title: what is applied for, with the step in brackets."""
    if screen_id.startswith("BTR"):
        return f"ソフトウェアトークン再発行（{step}）"
    return f"インターネット申込受付（パスワード初期化（{step}））"


def words_of(screen: Screen) -> str:
    """All that a screen says, to search in."""
    return json.dumps(screen.to_dict(), ensure_ascii=False)


@pytest.mark.rule("M1", "M2a", "M3")
@pytest.mark.parametrize(("name", "screen_id", "title", "breadcrumb", "position", "buttons"), TABLE)
def test_a_screen_is_the_one_of_the_table(  # noqa: PLR0917 - the columns of the table
    name: str, screen_id: str, title: str, breadcrumb: str, position: int, buttons: list[tuple[str | None, str]]
) -> None:
    """Id, title, breadcrumb with the present step, and buttons with their events are literally those of SPEC M."""
    screen = screen_of(name)
    assert screen_id == screen.id
    assert (title if name.endswith("COMPLETING") else full_title(title, screen_id)) == screen.title.ja
    assert breadcrumb == " > ".join(step.ja for step in screen.breadcrumb)
    assert position == screen.position
    assert buttons == [(button.event, button.label.ja) for button in screen.buttons]


@pytest.mark.rule("M1")
def test_the_present_step_of_the_breadcrumb_bears_the_title() -> None:
    """The step that is marked is what the screen is called in short, and stands in its title in brackets."""
    for name, *_ in TABLE:
        screen = screen_of(name)
        assert screen.step == screen.breadcrumb[screen.position or 0]
        if name.endswith("COMPLETING"):  # which has a title of its own (M2a)
            continue
        assert f"（{screen.step.ja}）" in screen.title.ja
        assert f"({screen.step.en.lower()})" in screen.title.en.lower()


@pytest.mark.rule("M2", "A4")
@pytest.mark.parametrize("name", ["CANCELLED", "EXPIRED", "REJECTED", "LOCKED", "CLOSED"])
def test_an_ending_has_a_title_and_a_text_of_its_own_and_no_way_out(name: str) -> None:
    """Its id is the state's; it has neither breadcrumb nor field nor button."""
    screen = screen_of(name)
    assert name == screen.id
    assert ((), None, (), ()) == (screen.breadcrumb, screen.position, screen.fields, screen.buttons)
    others = [plan.render(STANDARD) for plan in PLANS if plan is not plan_of(name)]
    assert screen.title not in [other.title for other in others]
    assert (2 if name in {"REJECTED", "LOCKED"} else 1) == len(screen.notices), "and what to bring"
    assert screen.notices[0] not in [notice for other in others for notice in other.notices]


@pytest.mark.rule("M2a")
@pytest.mark.parametrize("name", ["LOGIN_COMPLETING", "RISK_COMPLETING", "BTR_COMPLETING"])
def test_completing_takes_no_form_and_says_that_it_is_being_processed(name: str) -> None:
    """The last screen without its fields, and words that nothing need be entered again."""
    screen = screen_of(name)
    assert screen.fields == ()
    assert "処理しております" in screen.notices[0].ja
    assert "being processed" in screen.notices[0].en


@pytest.mark.rule("F1", "F2", "F8", "F12", "F13")
def test_each_form_asks_for_the_fields_of_its_event() -> None:
    """The names are literally those that the event's data go by; no other screen has a field."""
    names = {id(getattr(screens, name)): name for name in screens.__all__}
    expected = {names[id(plan)]: FIELDS.get(names[id(plan)], "").split() for plan in PLANS}
    assert expected == {names[id(plan)]: [field.name for field in plan.render(STANDARD).fields] for plan in PLANS}


@pytest.mark.rule("F1", "F5", "F9", "F11")
@pytest.mark.parametrize("name", LABELS)
def test_labels_are_the_manuals(name: str) -> None:
    """A field is called what the manual calls it, its reading slips put right."""
    assert LABELS[name] == {field.name: field.label.ja for field in screen_of(name).fields}


@pytest.mark.rule("F6", "F12")
def test_choices_post_the_values_that_the_event_reads() -> None:
    """The account's type posts 普通 or 当座, the method LOGIN_ID or ACCOUNT; other fields have no options."""
    choices = {
        (field.name, tuple((option.value, option.label.ja) for option in field.options))
        for plan in PLANS
        for field in plan.render(STANDARD).fields
        if field.options or field.kind is FieldKind.RADIO
    }
    assert choices == {
        ("subject", (("普通", "普通"), ("当座", "当座"))),
        ("method", (("LOGIN_ID", "ログインIDを入力する"), ("ACCOUNT", "代表口座番号を入力する"))),
    }


@pytest.mark.rule("S5")
def test_secrets_are_asked_for_in_fields_that_hide_them() -> None:
    """Whatever is a password or a PIN has a kind that a page never fills in again, and nothing else has."""
    hidden = {
        field.name
        for plan in PLANS
        for field in plan.render(STANDARD).fields
        if field.kind in {FieldKind.PASSWORD, FieldKind.PIN}
    }
    assert hidden == {
        "password",
        "new_password",
        "new_password_confirm",
        "pin",
        "activation_password",
        "activation_password_confirm",
    }


@pytest.mark.rule("E1")
def test_the_way_in_leads_to_one_button_for_each_procedure() -> None:
    """BL1001 leads to the menu, where prefecture and JA are chosen and each procedure has its button."""
    login, menu = (plan.render(STANDARD) for plan in screens.ENTRY)
    assert ["BL1001", "MENU"] == [login.id, menu.id]
    assert ["ログイン", "お申し込みはこちら", "初めてご利用になる方", "ヘルプ"] == [b.label.ja for b in login.buttons]
    assert {None} == {button.event for button in login.buttons}
    assert ["都道府県名", "JA名"] == [field.label.ja for field in menu.fields]
    assert [
        ("LOGIN_PASSWORD", "ログインパスワード初期化"),
        ("RISK_BASED_AUTH", "リスクベース認証(追加認証)初期化"),
        ("TOKEN_REISSUE", "ワンタイムパスワード(トークン)再発行"),
    ] == [(button.event, button.label.ja) for button in menu.buttons]


@pytest.mark.rule("M1", "E1")
def test_every_step_says_what_is_applied_for() -> None:
    """The line お申込種別 is the procedure's on each of its screens, and on no other."""
    bim = {"お申込種別：ログインパスワード初期化", "お申込種別：リスクベース認証初期化"}
    btr = {"お申込種別：ソフトウェアトークン再発行"}
    expected: dict[str, set[str | None]] = {
        **{screen_id: {*bim} for screen_id in ("BIM015", "BIM016", "PHONE", "BIM017", "DONE")},
        **{screen_id: {*btr} for screen_id in ("BTR001", "BTR002", "BTR003", "BTR004", "BTR005")},
        **{
            screen_id: {None}
            for screen_id in ("BL1001", "MENU", "CANCELLED", "EXPIRED", "REJECTED", "LOCKED", "CLOSED")
        },
    }
    shown: dict[str, set[str | None]] = {plan.id: set() for plan in PLANS}
    for plan in PLANS:
        application = plan.render(STANDARD).application
        shown[plan.id].add(None if application is None else application.ja)
    assert expected == shown


@pytest.mark.rule("C2", "C3")
def test_success_says_what_follows() -> None:
    """Risk-based authentication is registered again after the next login; the token app is still to be set up."""
    assert "あらためてご登録" in screen_of("RISK_DONE").notices[0].ja
    assert "When you next sign in, you will be asked to register it again" in screen_of("RISK_DONE").notices[0].en
    token = words_of(screen_of("BTR005"))
    assert [] == [
        word
        for word in ("ダウンロード", "サービスID", "ユーザID", "利用開始パスワード", "download")
        if word not in token
    ]


@pytest.mark.rule("S9")
@pytest.mark.parametrize("key", SCREEN_TEXTS)
def test_every_text_is_in_japanese_and_in_english(key: str) -> None:
    """Both languages say something; only an example of a name keeps its Japanese in English."""
    text = SCREEN_TEXTS[key]
    assert JAPANESE.search(text.ja)
    assert re.search(r"[a-z]", text.en)
    example = key in {"field.name_kana.hint", "field.name_kanji.hint"}
    assert example == bool(JAPANESE.search(text.en))


@pytest.mark.rule("S9", "P2", "F6")
@pytest.mark.parametrize("key", SCREEN_TEXTS)
def test_texts_name_only_known_figures_and_hold_no_limit_of_their_own(key: str) -> None:
    """Each placeholder is a figure, the same ones in both languages; what digits are left are no figure of a policy."""
    text = SCREEN_TEXTS[key]
    assert set(PLACEHOLDER.findall(text.ja)) <= {*PLACEHOLDERS, *named_in(key, at_field=False)}
    assert set(PLACEHOLDER.findall(text.ja)) == set(PLACEHOLDER.findall(text.en))
    # JIS levels 1 and 2; two to three rings; one phone with two numbers; the last four digits hidden; 050 and the 186
    # that is dialled; the manual's example of an account.
    assert {"1", "2", "3", "4", "050", "186", "0012345"} >= set(re.findall(r"\d+", PLACEHOLDER.sub("", text.ja)))


@pytest.mark.rule("S9")
def test_the_catalogue_holds_exactly_what_the_screens_show() -> None:
    """Every key that a plan names has words, and no words are shown nowhere."""
    assert set(SCREEN_TEXTS) == {key for plan in PLANS for key in plan.text_keys()}


@pytest.mark.rule("M1")
def test_no_screen_says_the_same_thing_twice() -> None:
    """Names of fields, events and notices are each there once on a screen."""
    for plan in PLANS:
        screen = plan.render(STANDARD)
        for said in (
            [field.name for field in screen.fields],
            [button.label.ja for button in screen.buttons],
            [notice.ja for notice in screen.notices],
        ):
            assert [] == [word for word, times in Counter(said).items() if times > 1]


@pytest.mark.rule("P2", "P4", "F6", "F8", "F9", "F10", "F11", "I3")
@pytest.mark.parametrize(
    ("name", "policies", "ja", "en"),
    [
        ("LOGIN_PHONE", Policies(phone=PhonePolicy(bim_window=timedelta(seconds=77))), "77秒以内", "within 77 seconds"),
        ("BTR004", Policies(phone=PhonePolicy(btr_window=timedelta(seconds=78))), "78秒以内", "within 78 seconds"),
        ("BTR004", Policies(phone=PhonePolicy(code_length=9)), "9桁の確認番号", "a code of 9 digits"),
        ("RISK_BIM017", Policies(fields=FieldPolicy(pin_digits=6)), "半角数字6桁", "6 digits"),
        ("BTR003", Policies(fields=FieldPolicy(activation_max=9)), "4～9桁", "4 to 9"),
        ("LOGIN_BIM017", Policies(fields=FieldPolicy(password_min=8)), "8～12桁", "8 to 12"),
        ("BTR002_LOGIN_ID", Policies(fields=FieldPolicy(login_id_max=20)), "半角英数字4～20桁", "4 to 20"),
        ("BTR002_ACCOUNT", Policies(fields=FieldPolicy(branch_digits=5)), "半角数字5桁", "5 digits"),
        ("LOGIN_BIM015", Policies(fields=FieldPolicy(account_digits=8)), "半角数字8桁", "8 digits"),
        (
            "LOGIN_BIM015",
            Policies(identity=IdentityPolicy(gaiji_until=date(2022, 12, 31))),
            "2022年12月31日以前",
            "31 December 2022",
        ),
    ],
)
def test_a_figure_on_a_screen_is_the_policys(name: str, policies: Policies, ja: str, en: str) -> None:
    """Changing a figure of the policy changes what the screen says, in both languages."""
    assert (False, False) == (ja in words_of(screen_of(name)), en in words_of(screen_of(name)))
    assert (True, True) == (ja in words_of(screen_of(name, policies)), en in words_of(screen_of(name, policies)))


@pytest.mark.rule("P2", "F9", "F8", "F11", "I3")
def test_the_figures_of_the_manual_are_shown_by_default() -> None:
    """120 seconds for a call alone, 300 for call and keys, the lengths of the fields and the day of the 外字 rule."""
    shown = {
        "LOGIN_PHONE": "120秒以内",
        "RISK_PHONE": "120秒以内",
        "BTR004": "300秒以内",
        "LOGIN_BIM017": "半角英数字記号4～12桁",
        "BTR002_LOGIN_ID": "半角英数字4～12桁",
        "BTR003": "半角数字4～8桁",
        "LOGIN_BIM015": "2021年2月15日以前",
    }
    assert [] == [name for name, words in shown.items() if words not in words_of(screen_of(name))]


SPOKEN = "自動音声が読み上げる"
DISPLAYED = "この画面に表示される"
RINGS_OFF = "自動で切れます"
DIAL_LINE = "ダイヤル回線"


@pytest.mark.rule("P4")
@pytest.mark.parametrize(
    ("name", "phone", "said"),
    [
        ("LOGIN_PHONE", PhonePolicy(), {RINGS_OFF}),
        ("RISK_PHONE", PhonePolicy(code_channel=CodeChannel.DISPLAYED), {RINGS_OFF}),
        ("LOGIN_PHONE", PhonePolicy(bim_code=True), {SPOKEN, DIAL_LINE}),
        ("RISK_PHONE", PhonePolicy(bim_code=True, code_channel=CodeChannel.DISPLAYED), {DISPLAYED, DIAL_LINE}),
        ("BTR004", PhonePolicy(), {SPOKEN, DIAL_LINE}),
        ("BTR004", PhonePolicy(code_channel=CodeChannel.DISPLAYED), {DISPLAYED, DIAL_LINE}),
    ],
)
def test_the_notices_tell_how_the_call_will_be_answered(name: str, phone: PhonePolicy, said: set[str]) -> None:
    """Cut off after some rings, a code read out or a code on the screen: as the policy has it, and nothing else."""
    notices = " ".join(notice.ja for notice in screen_of(name, Policies(phone=phone)).notices)
    assert said == {words for words in (SPOKEN, DISPLAYED, RINGS_OFF, DIAL_LINE) if words in notices}


@pytest.mark.rule("P3", "P9", "P10")
@pytest.mark.parametrize("name", ["LOGIN_PHONE", "RISK_PHONE", "BTR004"])
def test_the_screen_of_a_call_says_why_one_is_not_recognised(name: str) -> None:
    """A call that is not recognised reaches no page (P9, P10), so the page says beforehand what may be the cause."""
    shown = screen_of(name).notices
    for words in ("非通知の設定.*186", "公衆電話", "通話アプリ", "内線", "海外", "2つの番号"):
        assert any(re.search(words, notice.ja) for notice in shown), words
    for words in ("set to withhold.*186", "public phone", "calling app", "office extension", "abroad", "two numbers"):
        assert any(re.search(words, notice.en) for notice in shown), words


@pytest.mark.rule("S9")
def test_a_host_can_replace_any_text_of_any_screen() -> None:
    """With every key replaced, nothing of ours is left on any screen."""
    own = {key: Text(ja=f"«{key}»", en=f"<{key}>") for key in SCREEN_TEXTS}
    for plan in PLANS:
        screen = plan.render(STANDARD, own)
        texts = [screen.title, *screen.breadcrumb, *screen.notices, *(button.label for button in screen.buttons)]
        texts += [text for text in (screen.application, screen.keyboard) if text is not None]
        texts += [section.heading for section in screen.sections]
        for field in screen.fields:
            texts += [text for text in (field.label, field.hint, field.section) if text is not None]
            texts += [*field.notes, *(option.label for option in field.options)]
        assert [own[text.ja.strip("«»")] for text in texts] == texts
        assert {text.ja.strip("«»") for text in texts} <= set(plan.text_keys())


@pytest.mark.rule("S9", "A8")
def test_one_replaced_text_changes_that_text_alone() -> None:
    """A host's title takes figures, keeps what is none, and leaves the rest of the screen and later answers as ours."""
    plan = plan_of("LOGIN_PHONE")
    ours = plan.render(STANDARD)
    own = Text("{bim_window}の認証 {unknown} {", "{bim_window} {unknown} }")
    screen = plan.render(STANDARD, {"PHONE.title": own, "no.such.key": own})
    assert Text("120秒の認証 {unknown} {", "120 seconds {unknown} }") == screen.title
    assert {**ours.to_dict(), "title": screen.title.to_dict()} == screen.to_dict()
    assert ours == plan.render(STANDARD)


@pytest.mark.rule("S9", "M1")
@pytest.mark.parametrize("plan", PLANS)
def test_a_text_calls_buttons_and_headings_by_their_names(plan: ScreenPlan) -> None:
    """What stands in quotation marks is the label of a button, a step, or a heading that the customer finds."""
    said = {key: SCREEN_TEXTS[key] for key in SCREEN_TEXTS if key.startswith(("button.", "section.", "step."))}
    names = [{text.ja for text in said.values()}, {text.en for text in said.values()}]
    outside = [
        {"各種お申込み・手続き", "ワンタイムパスワード申請"},
        {"Applications and procedures", "Apply for a one-time password"},
    ]
    on_a_phone = [{"*", "#", "トーン", "P#", "・", "＝", "’"}, {"*", "#", "tone", "P#"}]
    screen = plan.render(STANDARD, dial="0120-417-000")
    for notice in (*screen.notices, *(note for field in screen.fields for note in field.notes)):
        for words, known, *others in zip((notice.ja, notice.en), names, outside, on_a_phone, strict=True):
            quoted = set(re.findall("「(.*?)」|“(.*?)”", words))
            flat = {ja or en for ja, en in quoted} - {"417-000"}
            assert flat <= known.union(*others)


@pytest.mark.rule("P2")
@pytest.mark.parametrize(
    ("dial", "ja"),
    [
        ("0120-417-000", "0120の後の6桁「417-000」"),
        ("0120417000", "0120の後の6桁「417-000」"),
        ("+81 120 417 000", "0120の後の6桁「417-000」"),
        ("0800-123-4567", "0800の後の7桁「123-4567」"),
        ("03-1234-5678", None),
        ("-", None),
        (None, None),
    ],
)
def test_the_digits_after_the_toll_free_prefix_are_shown_as_they_are(dial: str | None, ja: str | None) -> None:
    """The warning names the digits of this number; a number that is not toll-free, or none, gets the general one."""
    screen = plan_of("LOGIN_PHONE").render(STANDARD, dial=dial)
    (section,) = screen.sections
    assert "おかけ間違いにご注意ください" in section.heading.ja
    assert [notice for notice in screen.notices if notice in section.notices] == list(section.notices)
    assert (1 if ja is None else 2) == len(section.notices)
    assert ja is None or ja in section.notices[1].ja
    assert "{dial" not in words_of(screen)


@pytest.mark.rule("E1", "M1")
def test_only_screens_with_an_id_in_the_manual_print_one() -> None:
    """The manual prints none on the phone screen of BIM, on the menu and at the end."""
    printed = {plan.id: plan.render(STANDARD).printed_id for plan in PLANS}
    none = {"PHONE", "MENU", "DONE", "CANCELLED", "EXPIRED", "REJECTED", "LOCKED"}
    assert none == {name for name, shown in printed.items() if shown is None} - {"CLOSED"}
    assert all(name == shown for name, shown in printed.items() if shown is not None)


@pytest.mark.rule("E1", "S5")
def test_the_screens_of_the_manual_offer_an_on_screen_keyboard() -> None:
    """Where login password and PIN are entered, with the reason and the way to turn it off; BTR003 has none."""
    there = {plan.id for plan in PLANS if plan.render(STANDARD).keyboard is not None}
    assert {"BL1001", "BTR002", "BIM017"} == there
    for plan in PLANS:
        screen = plan.render(STANDARD)
        assert screen.keyboard is None or any(field.kind.is_secret for field in screen.fields)


@pytest.mark.rule("M1")
def test_a_section_of_what_is_not_there_is_refused() -> None:
    """A heading over a notice or a button that the screen lacks is an error at import."""
    with pytest.raises(ChartError, match=r"screen X: section section.resets names BL1001.notice.fraud"):
        ScreenPlan(id="X", title="DONE.title", sections=(SectionPlan("section.resets", ("BL1001.notice.fraud",)),))


@pytest.mark.rule("I3", "F9", "F11")
@pytest.mark.parametrize(
    ("name", "field", "ja"),
    [
        ("LOGIN_BIM015", "name_kanji", "外字"),
        ("LOGIN_BIM017", "new_password", "大文字と小文字"),
        ("BTR003", "activation_password", "お忘れにならない"),
    ],
)
def test_a_rule_stands_beside_its_field(name: str, field: str, ja: str) -> None:
    """It is a note of that field, and not a notice at the head of the screen."""
    screen = screen_of(name)
    (found,) = (each for each in screen.fields if each.name == field)
    assert any(ja in note.ja for note in found.notes)
    assert not any(ja in notice.ja for notice in screen.notices)


@pytest.mark.rule("S9")
def test_a_screen_is_rendered_once_for_the_same_figures() -> None:
    """Equal policies give the very same screen again, also where a part of them has no hash."""

    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self, password: object, contract: object) -> None:
            """Refuse nothing."""

    plan = plan_of("LOGIN_BIM017")
    assert plan.render(Policies()) is plan.render(Policies(fields=FieldPolicy(password_rule=Unhashable())))


@pytest.mark.rule("S9")
def test_a_screen_turns_into_plain_json() -> None:
    """Texts in both languages, kinds as words, a button of the page with no event; it survives a round trip."""
    told = screen_of("BTR005").to_dict()
    assert told == json.loads(json.dumps(told))
    assert [
        {"event": None, "label": {"key": "button.print", "ja": "ページを印刷する", "en": "Print this page"}},
        {
            "event": None,
            "label": {"key": "button.home", "ja": "JAバンクホームページへ", "en": "JA Bank website"},
        },
    ] == told["buttons"]
    assert {
        "name": "method",
        "label": {"key": "field.method.label", "ja": "認証方法", "en": "How to sign in"},
        "kind": "radio",
        "required": True,
        "hint": None,
        "options": [
            {
                "value": "LOGIN_ID",
                "label": {"key": "option.LOGIN_ID", "ja": "ログインIDを入力する", "en": "Use my login ID"},
            },
            {
                "value": "ACCOUNT",
                "label": {
                    "key": "option.ACCOUNT",
                    "ja": "代表口座番号を入力する",
                    "en": "Use my representative account",
                },
            },
        ],
        "section": {"key": "section.method", "ja": "認証方法選択", "en": "How to sign in"},
        "notes": [],
    } in list(screen_of("BTR001").to_dict()["fields"])  # type: ignore[call-overload]
