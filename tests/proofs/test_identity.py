"""Everything typed must match, nothing tells which did not, and kana stand in for 外字 only where they may."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from types import FrameType

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset.bank._values import Contract
from ja_reset.fields.forms import IdentityForm, read
from ja_reset.machines._phones import offered
from ja_reset.policies import FieldPolicy, IdentityPolicy
from ja_reset.proofs import _identity as identity
from ja_reset.testing import names

POLICY = IdentityPolicy()
CONTRACT = Contract(
    ref="c-1",
    individual=True,
    name_kana="ノウキョウ タロウ",
    name_kanji="農協　太郎",
    birth_date=date(1980, 1, 2),
    phones=("03-1234-5678", "090-1234-5678"),
    email="Taro@Example.co.jp",
    service_started=date(2022, 4, 1),
)
TYPED = {
    "name_kana": "ノウキョウタロウ",
    "name_kanji": "農協太郎",
    "birth_date": "1980-01-02",
    "phone": "090-1234-5678",
    "email": "taro@example.co.jp",
    "email_confirm": "taro@example.co.jp",
    "branch": "001",
    "subject": "普通",
    "account": "0012345",
    "accepted": "on",
}


def _form(**changed: str) -> IdentityForm:
    reading = read(IdentityForm, {**TYPED, **changed}, policy=FieldPolicy(), today=date(2024, 1, 1))
    assert reading.form is not None, reading.errors
    return reading.form


def _matches(contract: Contract, **changed: str) -> bool:
    return identity.matches(contract, _form(**changed), policy=POLICY)


@pytest.mark.rule("I1", "I2")
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"name_kana": "ﾉｳｷｮｳ ﾀﾛｳ"},
        {"name_kanji": "農協 太郎"},
        {"name_kanji": "農\U000e0100協太郎"},
        {"phone": "+81(0)3-1234-5678"},
        {"phone": "186 ０９０ー１２３４ー５６７８"},
        {"email": "TARO@EXAMPLE.CO.JP"},
        {"birth_date": "１９８０－０１－０２"},
    ],
)
def test_every_spelling_of_the_truth_matches(changed: dict[str, str]) -> None:
    """Widths, blanks, letter case and separators keep no customer out, and any registered phone will do."""
    assert _matches(CONTRACT, **changed)


@pytest.mark.rule("I1", "I2")
@pytest.mark.parametrize(
    "changed",
    [
        {"name_kana": "ノウキョウジロウ"},
        {"name_kana": "ノウキョウタ口ウ".replace("口", "ロロ")},
        {"name_kanji": "農協次郎"},
        {"name_kanji": "農協大郎"},
        {"name_kanji": "ノウキョウタロウ"},
        {"birth_date": "1980-01-03"},
        {"birth_date": "1980-02-01"},
        {"phone": "090-1234-5679"},
        {"email": "jiro@example.co.jp", "email_confirm": "jiro@example.co.jp"},
        {"email": "taro@example.com", "email_confirm": "taro@example.com"},
    ],
)
def test_one_wrong_field_is_no_match(changed: dict[str, str]) -> None:
    """A single field that differs is enough, whichever it is."""
    assert not _matches(CONTRACT, **changed)


@pytest.mark.rule("I1", "I2")
@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("二宮", "ニ宮"),
        ("ニ宮", "二宮"),
        ("一之瀬", "ー之瀬"),
        ("山口", "山ロ"),
        ("斉藤", "斎藤"),
        ("工藤", "エ藤"),
        ("八木", "ハ木"),
    ],
)
def test_look_alikes_in_a_name_are_no_match(registered: str, typed: str) -> None:
    """Kana and kanji that look alike are different names."""
    assert not _matches(attrs.evolve(CONTRACT, name_kanji=registered), name_kanji=typed)


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("\ufa19 一郎", "神一郎"),
        ("葛\U000e0101城", "葛城"),
        ("ﾀﾅｶ太郎", "タナカ太郎"),
        ("Ｊｏｈｎ", "John"),
        ("辻\ufe00", "辻"),
    ],
)
def test_names_compare_after_nfkc_without_blanks_and_selectors(registered: str, typed: str) -> None:
    """What the bank registered in another form of the same characters matches."""
    assert _matches(attrs.evolve(CONTRACT, name_kanji=registered), name_kanji=typed)


def _matches_kana(registered: str, typed: str, *, fold: bool = True) -> bool:
    contract = attrs.evolve(CONTRACT, name_kana=registered)
    return identity.matches(contract, _form(name_kana=typed), policy=IdentityPolicy(fold_kana=fold))


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("ﾉｳﾁﾕｳ ﾀﾛｳ", "ノウチュウタロウ"),
        ("ﾉｳﾁｭｳ ﾀﾛｳ", "ノウチユウタロウ"),
        ("ｶﾂｦ", "カツオ"),
        ("ｶﾂｵ", "カツヲ"),
        ("ﾊﾂﾄﾘ ﾐﾂｷｰ", "ハットリミッキー"),
        ("ｶﾞﾝ ｳﾞｲﾄ", "ガンヴィト"),
    ],
)
def test_kana_as_core_banking_keeps_them_match(registered: str, typed: str) -> None:
    """Small kana and ヲ of either side count as what a system without them keeps; a policy can have them differ."""
    found = [_matches_kana(registered, typed, fold=fold) for fold in (True, False)]
    assert [True, False] == found


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("ﾏ-ｺ", "マーコ"),
        ("ﾏｰｺ", "マ-コ"),
        ("マ－コ", "マーコ"),
        ("ﾏｲｹﾙ ｼﾞﾔｸｿﾝ", "マイケル・ジャクソン"),
        ("ノウキョウ タロウ\x00\x00", "ノウキョウタロウ"),
        ("ノウキョウ\tタロウ", "ノウキョウタロウ"),
        ("ノウキョウタロウ\r\n", "ノウキョウタロウ"),
        ("\ufeffノウキョウタロウ", "ノウキョウタロウ"),
    ],
)
def test_what_fills_a_record_is_no_part_of_a_name(registered: str, typed: str) -> None:
    """A hyphen for ー, padding, line ends and separators of a record keep nobody out."""
    assert _matches_kana(registered, typed)


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("マコ", "マーコ"),
        ("マーコ", "マコ"),
        ("オオノ", "オーノ"),
        ("オノ", "オーノ"),
        ("ﾊｼ", "バシ"),
        ("ﾊﾞｼ", "パシ"),
        ("ヰチ", "イチ"),
        ("ヱミ", "エミ"),
        ("ジン", "ヂン"),
        ("ズイ", "ヅイ"),
        ("ヴァン", "バン"),
        ("ハ", "ワ"),
    ],
)
def test_no_more_than_that_is_folded(registered: str, typed: str) -> None:
    """ー is never dropped, and voicing, old kana and kana of one sound stay apart."""
    assert not _matches_kana(registered, typed)


@pytest.mark.rule("I2", "I3")
def test_a_kanji_name_is_not_folded() -> None:
    """Large kana for small in the kanji field match where kana stand in, and nowhere else."""
    kanji = attrs.evolve(CONTRACT, name_kanji="キャノン花子")
    gaiji = attrs.evolve(CONTRACT, name_kanji="髙橋太郎", name_kana="ﾉｳﾁﾕｳ ﾏ-ｺ", service_started=date(2000, 1, 1))
    typed = {"name_kana": "ノウチュウマーコ", "name_kanji": "ノウチュウマーコ"}
    found = (_matches(kanji, name_kanji="キヤノン花子"), _matches(gaiji, **typed))
    assert (False, True) == found


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("ジャン＝リュック", "ジャン＝リュック"),
        ("ジャン＝リュック", "ジャン・リュック"),
        ("O’Brien", "O'Brien"),
        ("O'Brien", "O’Brien"),
        ("山田（鈴木）花子", "山田(鈴木)花子"),
        ("⽥中⼀郎", "田中一郎"),
        ("田中一郎", "⽥中⼀郎"),
        ("HENRY 3RD", "ＨＥＮＲＹ　３ＲＤ"),
        ("農協　太郎\x00", "農協太郎"),
        ("農協　太郎\t\n", "農協太郎"),
        ("ピ－ター", "ピーター"),
    ],
)
def test_a_name_as_registered_can_be_typed(registered: str, typed: str) -> None:
    """Marks of foreign names, brackets, radicals and digits match in whichever way a keyboard gives them."""
    assert _matches(attrs.evolve(CONTRACT, name_kanji=registered), name_kanji=typed)


@pytest.mark.rule("I2")
@pytest.mark.parametrize("filling", ["\x00", "\t", "\r\n", " \u200e", "\x00" * 20])
def test_what_fills_a_record_is_no_part_of_a_phone_or_an_address(filling: str) -> None:
    """The padding of a fixed-width record costs no customer their phone or e-mail, in the offer neither."""
    phones = tuple(phone + filling for phone in CONTRACT.phones)
    padded = attrs.evolve(CONTRACT, phones=phones, email=CONTRACT.email + filling)
    assert (True, offered(CONTRACT, relay=False)) == (_matches(padded), offered(padded, relay=False))


@pytest.mark.rule("F1", "F2", "I2")
@given(st.data(), names.registered_names())
def test_a_registered_name_is_accepted_and_matches_itself(data: st.DataObject, name: tuple[str, str]) -> None:
    """Every name that a bank can have is typed without a fault, and matches each way its record may be kept."""
    kana, kanji = name
    kept = (data.draw(names.kept_kana(kana)), data.draw(names.kept(kanji)))
    contract = attrs.evolve(CONTRACT, name_kana=kept[0], name_kanji=kept[1])
    typed = {"name_kana": data.draw(names.typed_names(kana)), "name_kanji": data.draw(names.typed_names(kanji))}
    assert _matches(contract, **typed)


@pytest.mark.rule("I2")
@given(names.registered_names(), names.registered_names())
def test_a_match_of_names_does_not_depend_on_which_is_registered(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Whether two kana names are one is the same both ways round, folded or not, and folding never parts them."""
    found = {
        fold: (_matches_kana(one[0], other[0], fold=fold), _matches_kana(other[0], one[0], fold=fold))
        for fold in (True, False)
    }
    assert [True, True] == [there == back for there, back in found.values()]
    assert found[True][0] or not found[False][0]


@pytest.mark.rule("I3")
@pytest.mark.parametrize("name", ["髙橋太郎", "山﨑太郎", "𠮷野太郎", "\ue000田太郎", "葛\U000e0101太郎", "\ufa19太郎"])
def test_kana_stand_in_for_a_name_with_gaiji(name: str) -> None:
    """Until the last day of the old rule, the kana name in the kanji field matches, and so does the kanji name."""
    old = attrs.evolve(CONTRACT, name_kanji=name, service_started=date(2021, 2, 15))
    new = attrs.evolve(old, service_started=date(2021, 2, 16))
    kana = "ノウキョウタロウ"
    found = [_matches(c, name_kanji=typed) for c in (old, new) for typed in (kana, name)]
    assert found == [True, True, False, True]


@pytest.mark.rule("I3")
@pytest.mark.parametrize(
    "name",
    [
        "農協太郎",
        "農協 太郎",
        "農協\u00a0太郎",
        "農協\x00\u200b\ufeff\u0085",
        "〇〆々ヶ崎",
        "鷗".replace("鷗", "鴎"),
    ],
)
def test_kana_do_not_stand_in_for_an_ordinary_name(name: str) -> None:
    """Where JIS X 0208 has every character, blanks apart, only the kanji name will do."""
    old = attrs.evolve(CONTRACT, name_kanji=name, service_started=date(2000, 1, 1))
    assert (False, False) == (identity.has_gaiji(name), _matches(old, name_kanji="ノウキョウタロウ"))


@pytest.mark.rule("I3")
def test_other_kana_do_not_stand_in() -> None:
    """The kana that stand in are the contract's own."""
    old = attrs.evolve(CONTRACT, name_kanji="髙橋太郎", service_started=date(2000, 1, 1))
    assert not _matches(old, name_kanji="ノウキョウジロウ")


@pytest.mark.rule("I3")
@given(st.text(st.characters(), max_size=20))
@example("\ud800")
@example("①")
@example("ⅷ")
def test_gaiji_is_judged_for_any_registered_name(name: str) -> None:
    """Any text, of any bank's making, has 外字 or has none, without an exception."""
    whole = identity.has_gaiji(name)
    assert whole == any(identity.has_gaiji(character) for character in name)


@pytest.mark.rule("I4")
@given(st.sampled_from([{}, {"name_kanji": "他人"}, {"birth_date": "1999-09-09"}]))
def test_an_unknown_account_is_never_proved(changed: dict[str, str]) -> None:
    """Without a contract nothing matches, not even the decoy's own data."""
    decoy = identity.DECOY
    own = attrs.evolve(
        _form(**changed),
        name_kana=decoy.name_kana,
        name_kanji=decoy.name_kanji,
        birth_date=decoy.birth_date.isoformat(),
        phone="+819000000000",
        email=decoy.email,
    )
    assert identity.matches(decoy, own, policy=POLICY)
    assert not identity.proved(None, own, policy=POLICY)


@pytest.mark.rule("I4")
@given(st.booleans(), st.booleans(), st.booleans())
def test_a_known_account_is_proved_when_it_matches(wrong_name: bool, wrong_day: bool, wrong_phone: bool) -> None:
    """With a contract, proved is matched, and that is all fields right."""
    changed = {
        **({"name_kana": "ヨソ"} if wrong_name else {}),
        **({"birth_date": "1999-09-09"} if wrong_day else {}),
        **({"phone": "0312340000"} if wrong_phone else {}),
    }
    assert (not changed) == identity.proved(CONTRACT, _form(**changed), policy=POLICY)


def _steps(contract: Contract | None, form: IdentityForm) -> list[str]:
    steps: list[str] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_globals.get("__name__") == identity.__name__:
            steps.append(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        identity.proved(contract, form, policy=POLICY)
    finally:
        sys.setprofile(before)
    return steps


@pytest.mark.rule("I4")
def test_the_work_is_the_same_for_an_unknown_account() -> None:
    """The same steps are taken for a right form, one wrong field, all fields wrong, and no account at all."""
    wrong = {**TYPED, "name_kana": "ヨソ", "name_kanji": "他人", "birth_date": "1999-09-09", "phone": "0312340000"}
    found = {
        tuple(_steps(contract, form))
        for contract in (CONTRACT, None)
        for form in (_form(), _form(birth_date="1999-09-09"), _form(**wrong))
    }
    assert [2] == [steps.count("_is_registered") + steps.count("has_gaiji") for steps in found]


@pytest.mark.rule("I1")
@pytest.mark.parametrize("phones", [(), ("",), ("nonsense",), ("anonymous", "\ud800")])
def test_unreadable_registered_phones_match_nothing(phones: tuple[str, ...]) -> None:
    """A contract without a readable phone is matched by no phone."""
    assert not _matches(attrs.evolve(CONTRACT, phones=phones))


@given(st.text(st.characters(), max_size=30), st.text(st.characters(), max_size=30))
def test_any_registered_text_is_compared_without_an_exception(name: str, email: str) -> None:
    """A bank's record with surrogates or controls in it is no match and no crash."""
    contract = attrs.evolve(CONTRACT, name_kanji=name + "x", name_kana=name, email=email, phones=(name,))
    assert not _matches(contract)


@pytest.mark.rule("I3")
@given(st.integers(-1000, 1000))
def test_the_policy_says_until_when_kana_stand_in(days: int) -> None:
    """The last day of the old rule is a figure of the policy, itself included."""
    until = CONTRACT.service_started + timedelta(days=days)
    old = attrs.evolve(CONTRACT, name_kanji="髙橋太郎")
    found = identity.matches(old, _form(name_kanji="ノウキョウタロウ"), policy=IdentityPolicy(gaiji_until=until))
    assert (days >= 0) == found


@pytest.mark.rule("I5")
def test_failures_are_counted_under_stable_names() -> None:
    """An account counts as typed after normalisation, a login id without letter case, and the two never mix."""
    accounts = {identity.account_key("００１", " 普通", "0012345"), identity.account_key("001", "普通", "0012345")}
    logins = {identity.login_key("Taro0001"), identity.login_key("ｔａｒｏ０００１ ")}
    assert (accounts, logins) == ({"account:001:普通:0012345"}, {"login:taro0001"})


@pytest.mark.rule("I5")
@pytest.mark.parametrize("other", [("002", "普通", "0012345"), ("001", "当座", "0012345"), ("001", "普通", "0012346")])
def test_another_account_has_another_name(other: tuple[str, str, str]) -> None:
    """Branch, subject and account all make the name."""
    assert identity.account_key("001", "普通", "0012345") != identity.account_key(*other)
