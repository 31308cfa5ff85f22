"""A customer's page in another language, from the service's answers to what is stored (S9, S5)."""

from __future__ import annotations

import asyncio

import pytest

from hosts import KEY, NEW_PASSWORD, Host
from ja_reset import AsyncResetService, EffectRefused, Policies, Procedure, Text
from ja_reset.policies import FieldPolicy
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Store
from ja_reset.testing import FakeBank, FakeClock
from ja_reset.testing.cast import INSTITUTION

pytestmark = pytest.mark.rule("S9")

VIETNAMESE = {
    "BIM015.title": "Xác minh khách hàng",
    "BIM017.title": "Nhập mật khẩu",
    "identity_mismatch": "Không khớp",
    "required": "Bắt buộc",
    "field.email.label": "Thư",
}


def test_a_view_is_in_every_language_that_its_texts_are_in() -> None:
    """Titles, labels and reasons, with their keys; alone in Vietnamese it is Japanese where that is lacking."""
    host = Host(messages={"vi": VIETNAMESE})
    host.start()
    view = host.send("submit_identity", host.identity(email=""))
    assert "Xác minh khách hàng" == view.screen.title.get("vi")
    assert {"Bắt buộc"} == {reason.get("vi") for reason in view.reasons}
    assert {"required.email", "required"} >= {reason.key for reason in view.reasons}
    whole, alone = view.to_dict(), view.to_dict("vi")
    title = whole["screen"]["title"]  # type: ignore[index]  # plain JSON
    assert {
        "key": "BIM015.title",
        "ja": "インターネット申込受付（パスワード初期化（契約者認証））",
        "en": title["en"],
        "vi": "Xác minh khách hàng",
    } == title
    assert {"key": "BIM015.title", "vi": "Xác minh khách hàng"} == alone["screen"]["title"]  # type: ignore[index]
    (button, *_) = alone["screen"]["buttons"]  # type: ignore[index]
    assert {"key": "button.to_confirmation", "vi": "確認画面へ"} == button["label"]
    assert {"code", "field", "key", "vi", "until"} == set(alone["reasons"][0])  # type: ignore[index]


def test_the_asynchronous_face_says_the_same() -> None:
    """The same title, awaited."""

    async def first() -> str:
        service = AsyncResetService(
            bank=FakeBank(), store=MemoryStore(), key=KEY, clock=FakeClock(), messages={"vi": VIETNAMESE}
        )
        view = await service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id)
        return view.screen.title.get("vi")

    assert "Xác minh khách hàng" == asyncio.run(first())


@pytest.mark.rule("F9", "S4")
def test_words_of_a_rule_are_kept_in_every_language(store: Store) -> None:
    """A rule's text is stored with the refusal, and read again with all its languages and its key."""
    words = Text("だめ", "no", more={"vi": "không"}, key="our.rule")
    host = Host(store=store, policies=Policies(fields=FieldPolicy(password_rule=lambda *_: words)))
    host.at(Procedure.LOGIN_PASSWORD, "BIM017")
    token, typed = host.view.token, host.reset()
    host.send("submit_reset", typed, request_id="r1")
    (reason,) = host.beside().service.send(token, "submit_reset", typed, request_id="r1").reasons
    assert ("password_rule", "だめ", "không", "our.rule") == (reason.code, reason.ja, reason.get("vi"), reason.key)


@pytest.mark.rule("S5", "F9")
def test_a_secret_that_is_quoted_in_another_language_is_not_kept() -> None:
    """The catalogue's text stands in its place, as for Japanese and English."""
    words = Text("だめ", "no", more={"vi": f"không: {NEW_PASSWORD}"})
    host = Host(policies=Policies(fields=FieldPolicy(password_rule=lambda *_: words)))
    host.at(Procedure.LOGIN_PASSWORD, "BIM017")
    (reason,) = host.send("submit_reset", host.reset()).reasons
    assert ("password_rule", {}) == (reason.key, dict(reason.more))
    assert NEW_PASSWORD.lower() not in str(host.store.scan("session")).lower()


@pytest.mark.rule("C4a", "S5")
@pytest.mark.parametrize(
    ("more", "shown"),
    [({"vi": "không"}, {"vi": "không"}), ({"vi_VN": "x"}, {}), ({"vi": f"x {NEW_PASSWORD}"}, {})],
    ids=["kept", "no language", "quotes a secret"],
)
def test_a_refusal_of_the_bank_is_in_other_languages_too(more: dict[str, str], shown: dict[str, str]) -> None:
    """What it has in no language is left out; what quotes the password is replaced as a whole."""
    host = Host()
    host.at(Procedure.LOGIN_PASSWORD, "BIM017")
    host.bank.fail("carry_out", EffectRefused(ja="銀行の文言", en="words of the bank", more=more))
    (reason,) = host.send("submit_reset", host.reset()).reasons
    quotes = any(NEW_PASSWORD in words for words in more.values())
    assert ("refused_by_bank", "refused_by_bank" if quotes else None) == (reason.code, reason.key)
    assert shown == dict(reason.more)
