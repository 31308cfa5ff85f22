"""Words of a host or a bank that quote a secret are neither stored nor shown (S5, F9, C4a)."""

from __future__ import annotations

import json

import pytest

from hosts import ACTIVATION, NEW_PASSWORD, Host
from ja_reset import Contract, EffectRefused, Policies, Secret, Text
from ja_reset.policies import FieldPolicy
from ja_reset.service._records import REQUEST, SESSION

PASSWORD = NEW_PASSWORD.lower()
WIDE = "".join(chr(ord(each) + 0xFEE0) for each in PASSWORD)
QUOTES = [PASSWORD, PASSWORD.upper(), WIDE, WIDE.upper(), " ".join(PASSWORD), f"<<{PASSWORD}>>"]
SHAPES = ["plain", "upper case", "full width", "full width and upper case", "spaced", "in brackets"]


def stored(host: Host) -> str:
    """The session's row and its request's, and the audit."""
    rows = [row.body for kind in (SESSION, REQUEST) for row in host.store.scan(kind)]
    return json.dumps([*rows, *host.store.audit()], ensure_ascii=False)


@pytest.mark.rule("S5", "F9")
@pytest.mark.parametrize("quote", QUOTES, ids=SHAPES)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_password_rule_that_quotes_the_password_has_its_words_replaced(quote: str, lang: str) -> None:
    """By the catalogue's text, in the answer and in what is stored of it; the refusal is the same."""

    def rule(_: Secret, __: Contract) -> Text:
        said = f"too easy: {quote}!"
        return Text(ja=said if lang == "ja" else "簡単すぎます。", en=said if lang == "en" else "Too easy.")

    host = Host(policies=Policies(fields=FieldPolicy(password_rule=rule)))
    host.at_bim017()
    view = host.send("submit_reset", host.reset(), request_id="r1")
    (reason,) = view.reasons
    assert ("BIM017", "password_rule", "new_password") == (view.state, reason.code, reason.field)
    assert not Secret(PASSWORD).is_quoted_in(reason.ja + reason.en)
    assert reason.ja
    assert reason.en
    assert quote not in stored(host)
    assert view == host.send("submit_reset", host.reset(), request_id="r1")


@pytest.mark.rule("F9")
def test_a_rules_own_words_are_shown_where_they_quote_nothing() -> None:
    """As they are, in both languages."""
    words = Text(ja="生年月日は使えません。", en="No birth dates, please.")
    host = Host(policies=Policies(fields=FieldPolicy(password_rule=lambda _, __: words)))
    host.at_bim017()
    (reason,) = host.send("submit_reset", host.reset()).reasons
    assert (words.ja, words.en) == (reason.ja, reason.en)


@pytest.mark.rule("S5", "C4a")
@pytest.mark.parametrize("quote", QUOTES, ids=SHAPES)
def test_a_bank_that_quotes_the_password_has_its_words_replaced(quote: str) -> None:
    """The words of a refusal for good stay on the session; they are the catalogue's then."""
    host = Host()
    host.at_bim017()
    host.bank.fail("carry_out", EffectRefused(ja=f"「{quote}」は使用済みです。", en="It was used before."))
    view = host.send("submit_reset", host.reset(), request_id="r1")
    (reason,) = view.reasons
    assert ("BIM017", "refused_by_bank") == (view.state, reason.code)
    assert not Secret(PASSWORD).is_quoted_in(reason.ja)
    assert "It was used before." not in reason.en
    assert quote not in stored(host)


@pytest.mark.rule("S5", "C4a")
def test_a_bank_that_quotes_the_activation_password_has_its_words_replaced() -> None:
    """The other secret that is handed over in an effect."""
    host = Host()
    host.at_btr004()
    code = host.call().code
    assert code is not None
    host.bank.fail("carry_out", EffectRefused(ja="使えません。", en=f"Not {ACTIVATION}."))
    host.keys(code.reveal())
    assert "REJECTED" == host.look().state
    assert ["refused_by_bank"] == [reason.code for reason in host.view.reasons]
    assert ACTIVATION not in stored(host) + host.view.reasons[0].en
