"""The demo's pages without a browser: every procedure through to its end, and what a form brings with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import attrs
import pytest

from demo_site import UNLIMITED, Site, Visitor, page_form, served, visiting
from hosts import EMAIL, details, reset
from ja_reset import PROCEDURES, Call, CallSource, Policies, ResetService, UnlockRefused
from ja_reset.demo._handset import chosen_number
from ja_reset.demo._pages import Sheet
from ja_reset.demo._world import make_world
from ja_reset.fields.forms import IdentityForm, PinForm, fields_of
from ja_reset.policies import CallerIdPolicy, PhonePolicy
from ja_reset.stores import MemoryStore
from ja_reset.testing import CAST, FakeBank, FakeClock, entries, identity
from ja_reset.testing.cast import VOIP_ONLY

WHO = {"by": "窓口", "reason": "窓口の理由"}


@pytest.fixture
def site() -> Iterator[Site]:
    """A demo in memory."""
    with served() as running:
        yield running


@pytest.fixture
def visitor(site: Site) -> Iterator[Visitor]:
    """A browser that plays the ordinary customer."""
    with visiting(site) as new:
        yield new


@pytest.mark.rule("C1", "E1")
@pytest.mark.parametrize(
    ("procedure", "entered"),
    [
        ("LOGIN_PASSWORD", {**reset(), "new_password": "Aki-2026!", "new_password_confirm": "aki-2026!"}),
        ("RISK_BASED_AUTH", entries(PinForm, CAST[0])),
    ],
)
def test_a_bim_procedure_is_walked_to_its_end(visitor: Visitor, procedure: str, entered: dict[str, str]) -> None:
    """From the menu, by what stands on the pages, to 初期化完了."""
    visitor.start(procedure)
    visitor.identify()
    visitor.press("choose_phone", {"phone_id": visitor.phone_id()})
    assert "（電話番号認証）" in visitor.title
    visitor.call()
    assert "（パスワード入力）" in visitor.title
    visitor.press("submit_reset", entered)
    assert "（初期化完了）" in visitor.title
    if "new_password" in entered:
        visitor.get("/")
        visitor.post("/login", {"login_id": visitor.customer.login_id, "password": "AKI-2026!"})
        assert "ログインしました" == visitor.title


@pytest.mark.rule("E1")
@pytest.mark.parametrize(("path", "title"), [("/help", "ヘルプ"), ("/first-time", "初めてご利用になる方")])
def test_the_login_page_leads_to_what_the_demo_does_not_have(visitor: Visitor, path: str, title: str) -> None:
    """The bank's help and first registration are linked on BL1001, and a page says that they are not here."""
    assert f'href="{path}"' in visitor.get("/")
    assert "デモには含まれていません" in visitor.get(path)
    assert title == visitor.title


@pytest.mark.rule("E1", "P2")
def test_what_stands_apart_is_shown_once_under_its_heading(visitor: Visitor) -> None:
    """The resets have a heading with their button; above the number to call stands which digits to look at."""
    page = visitor.get("/")
    assert 1 == page.count("お申し込みはこちら</a>")
    assert page.index("初期化・再設定</h2>") < page.index("お申し込みはこちら</a>")
    assert "画面ID: BL1001" in page
    visitor.start("LOGIN_PASSWORD")
    visitor.identify()
    page = visitor.press("choose_phone", {"phone_id": visitor.phone_id()})
    warning = page.index("0120の後の6桁「417-000」")
    assert page.index("ご注意ください</h2>") < warning < page.index("0120-417-000")
    assert 1 == page.count("0120の後の6桁")
    assert "画面ID" not in page


@pytest.mark.rule("C3", "P4")
def test_a_token_is_reissued(visitor: Visitor) -> None:
    """The code that the receiver says, keyed in, leads to both ids."""
    visitor.start("TOKEN_REISSUE")
    visitor.log_in()
    visitor.press("submit_details", details(visitor.customer, visitor.phone_id()))
    visitor.call()
    assert "このお電話は、ワンタイムパスワードを再発行するためのものです。" in visitor.page
    said = re.search(r'<p class="digits">([\d ]+)</p>', visitor.page)
    assert said is not None
    visitor.post("/telephone/keys", {"digits": said[1].replace(" ", ""), "page": "/application"})
    result = visitor.page[visitor.page.index('class="result"') :]
    assert [EMAIL, "SV00000001", "US00000001"] == re.findall(r"<dd[^>]*>(.*?)</dd>", result)[:3]


@pytest.mark.rule("P4")
def test_a_key_that_does_not_confirm_is_no_wrong_code() -> None:
    """Where a call is only confirmed there is no code: the heading over the numbers says what did not happen, once."""
    announced = Policies(phone=PhonePolicy(bim_announce=True))
    service = ResetService(bank=FakeBank(), store=MemoryStore(), policies=announced)
    view = service.start("LOGIN_PASSWORD", institution=CAST[0].institution)
    view = service.send(view.token, "submit_identity", identity(CAST[0]))
    view = service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id})
    service.report_call(Call(id="c1", number=CAST[0].contract.phones[0], source=CallSource.NETWORK))
    service.report_keys("c1", "5")
    view = service.view(view.token)
    sheet = Sheet(screen=view.screen, action="/application/send", view=view, reasons=view.reasons)
    assert ("moment_not_confirmed", True) == (sheet.moment, sheet.told_by_moment)


@pytest.mark.rule("P4")
def test_a_call_can_be_hung_up(visitor: Visitor) -> None:
    """The panel's telephone hangs up while keys are waited for, and the page says that the call is over."""
    visitor.start("TOKEN_REISSUE")
    visitor.log_in()
    visitor.press("submit_details", details(visitor.customer, visitor.phone_id()))
    assert "/telephone/hang-up" not in visitor.page
    visitor.call()
    assert 'data-moment="answered"' in visitor.page
    assert 'formaction="/telephone/hang-up"' in visitor.page
    visitor.post("/telephone/hang-up", {"page": "/application"})
    assert 'data-moment="call_over"' in visitor.page
    assert "/telephone/hang-up" not in visitor.page
    visitor.post("/telephone/hang-up", {"page": "/application"})  # a second press: there is no call
    assert 'data-moment="call_over"' in visitor.page
    visitor.call()
    assert 'data-moment="answered"' in visitor.page


@pytest.mark.rule("P1")
def test_a_relay_number_that_was_chosen_is_called_from() -> None:
    """Where a relay number is offered, the panel's telephone calls from it, though its mask fits another number."""
    relay = Policies(caller_id=CallerIdPolicy(relay=True))
    service = ResetService(bank=FakeBank(), store=MemoryStore(), policies=relay)
    view = service.start("LOGIN_PASSWORD", institution=VOIP_ONLY.institution)
    view = service.send(view.token, "submit_identity", identity(VOIP_ONLY))
    view = service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id})
    assert "PHONE" == view.state
    assert VOIP_ONLY.contract.relay_phones[0] == chosen_number(VOIP_ONLY, view)


def test_every_procedure_has_a_button_on_the_menu(visitor: Visitor) -> None:
    """The menu offers whatever procedures the library has."""
    visitor.get("/menu")
    offered = set(re.findall(r'<button name="event" value="(\w+)"', visitor.page))
    assert {procedure.value for procedure in PROCEDURES} == offered


def test_errors_stand_at_their_fields_and_in_the_sum(visitor: Visitor) -> None:
    """Each error is told twice: at its field, described by it, and as a link at the top."""
    visitor.start("LOGIN_PASSWORD")
    typed = {"name_kana": "カナ", "subject": "普通"}
    visitor.press("submit_identity", typed)
    links = re.findall(r'<li><a href="#(\w+)">', visitor.page)
    names = [spec.name for spec in fields_of(IdentityForm) if spec.name not in typed]
    assert {"birth_date", "accepted"} <= set(names)
    assert ["birth_date_year" if name == "birth_date" else name for name in names] == links
    for name in links:
        control = re.search(rf'<(?:input|select|fieldset)[^>]* id="{name}"[^>]*>', visitor.page)
        assert control is not None
        assert 'aria-invalid="true"' in control[0]
        described = re.search(r'aria-describedby="([^"]*)"', control[0])
        assert described is not None
        assert [] == [each for each in described[1].split() if f'id="{each}"' not in visitor.page]


@pytest.mark.rule("M4", "S5")
def test_what_was_typed_comes_back_but_no_secret(visitor: Visitor) -> None:
    """A refused form is filled in again, secrets apart, in another language too."""
    visitor.start("TOKEN_REISSUE")
    visitor.press("choose_method", {"method": "LOGIN_ID"})
    visitor.press("submit_credentials", {"login_id": "typed-by-me", "password": "himitsu-99"})
    assert 'value="typed-by-me"' in visitor.page
    visitor.post("/preferences", {"login_id": "typed-again", "password": "himitsu-99", "lang": "en"})
    assert '<html lang="en">' in visitor.page
    assert "(sign in)" in visitor.title
    assert 'value="typed-again"' in visitor.page
    assert "himitsu-99" not in visitor.page


@pytest.mark.rule("L6", "S7")
def test_the_operator_sees_what_happened_and_unlocks(site: Site, visitor: Visitor) -> None:
    """Session, chart, counts, locks, orders and audit stand on one page, without a secret; unlocking opens again."""
    visitor.start("RISK_BASED_AUTH")
    visitor.identify()
    visitor.press("choose_phone", {"phone_id": visitor.phone_id()})
    visitor.call()
    for _ in range(3):
        visitor.press("submit_reset", {**entries(PinForm, CAST[0]), "pin": "0000"})
    assert "停止" in visitor.title
    visitor.get("/operator")
    assert 200 == visitor.status
    for words in ("LOCK_SERVICE", "LOCK_CARD", "submit_reset", "BIM017 → LOCKED", "wrong_pin", "停止中"):
        assert words in visitor.page
    assert visitor.client.cookies["ja_reset_session"] not in visitor.page
    row = f"{visitor.customer.ref} <span"
    assert "<td>3</td>" in visitor.page[visitor.page.index(row) :][:120]
    visitor.post("/operator/unlock", {"ref": visitor.customer.ref, **WHO})
    assert "<td>0</td>" in visitor.page[visitor.page.index(row) :][:120]
    assert not site.world.bank.customer(visitor.customer.ref).contract.service_locked
    picture = visitor.get("/operator/chart?procedure=RISK_BASED_AUTH&state=LOCKED")
    assert "<svg" in picture


@pytest.mark.rule("L6")
def test_the_operator_cannot_unlock_while_a_lock_is_on_its_way(
    site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says to try again, and the bank's own locks stay."""

    async def unlock(*_: object, **__: object) -> None:
        raise UnlockRefused(site.world.clock() + timedelta(minutes=1))

    ref = visitor.customer.ref
    site.world.bank.change(ref, card_locked=True)
    monkeypatch.setattr(site.world.service, "unlock", unlock)
    visitor.post("/operator/unlock", {"ref": ref, **WHO})
    assert 409 == visitor.status
    assert "操作できませんでした" in visitor.page
    assert 'value="窓口の理由"' in visitor.page
    assert site.world.bank.customer(ref).contract.card_locked


@pytest.mark.rule("S3", "C4")
def test_the_housekeeping_ends_what_has_run_out() -> None:
    """Nobody need look at a session for its time to run out: the demo's own timer sees to it."""
    clock = FakeClock()
    settings = attrs.evolve(UNLIMITED, housekeeping=timedelta(milliseconds=20))
    with served(make_world(clock=clock), settings) as site, visiting(site) as visitor:
        visitor.start("LOGIN_PASSWORD")
        assert "<code>BIM015</code>" in visitor.get("/operator")
        clock.advance(timedelta(minutes=11))
        looks = (visitor.get("/operator") for _ in range(500))
        assert any("<code>EXPIRED</code>" in page for page in looks)


@pytest.mark.rule("M4", "S2")
def test_a_late_form_empties_nothing(visitor: Visitor) -> None:
    """What another tab has typed since stays, and what the late one has typed is added."""
    visitor.start("LOGIN_PASSWORD")
    late = page_form(visitor.page)
    visitor.press("submit_identity", {"name_kana": "ミホン", "email": "first@example.jp"})
    visitor.client.post("/draft", data={**late, "email": "late@example.jp", "name_kana": ""})
    page = visitor.get("/application")
    assert 'value="ミホン"' in page
    assert 'value="late@example.jp"' in page


@pytest.mark.rule("M4", "S5")
def test_a_draft_is_kept_without_secrets_and_for_its_own_session_alone(visitor: Visitor) -> None:
    """A draft changes no session; one of another session, without a token, or with a secret, leaves nothing."""
    visitor.start("TOKEN_REISSUE")
    visitor.press("choose_method", {"method": "LOGIN_ID"})
    form = page_form(visitor.page)
    for more in ({"session": "another"}, {"csrf": "forged"}):
        visitor.client.post("/draft", data={**form, **more, "login_id": "not-mine"})
    answer = visitor.client.post("/draft", data={**form, "login_id": "mine-1", "password": "himitsu-99"})
    assert (204, b"") == (answer.status_code, answer.content)
    page = visitor.get("/application")
    assert 'value="mine-1"' in page
    assert "not-mine" not in page
    assert "himitsu-99" not in page
    assert form["version"] == page_form(page)["version"]


@pytest.mark.rule("M3")
def test_cancelling_asks_first_and_a_late_answer_changes_nothing(visitor: Visitor) -> None:
    """The question is a page of its own; an answer for an older page is refused like any other late form."""
    visitor.start("LOGIN_PASSWORD")
    visitor.press("cancel")
    assert "お申し込みを中止しますか" == visitor.title
    answer = page_form(visitor.page)
    visitor.get("/application")
    visitor.identify()
    visitor.client.post("/application/send", data={**answer, "event": "cancel"})
    assert "（契約者確認）" in visitor.get("/application") or "契約者確認" in visitor.title
    assert "画面の内容が更新されています" in visitor.page
    visitor.get("/application")
    visitor.press("cancel")
    visitor.press("cancel")
    assert "中止" in visitor.title
    visitor.get("/application/cancel")
    assert "中止しますか" not in visitor.title


def test_browsers_are_told_what_they_may_fill_in(visitor: Visitor) -> None:
    """Name, birthday, phone and addresses carry their tokens; PINs and passwords of one use are never offered."""

    def tokens() -> dict[str, str]:
        return dict(re.findall(r'<input id="(\w+)"[^>]*? autocomplete="([\w-]+)"', visitor.page))

    visitor.get("/")
    assert "username" == tokens()["login_id"]
    visitor.start("LOGIN_PASSWORD")
    found = tokens()
    assert ["name", "bday-year", "bday-month", "bday-day", "tel", "email", "off"] == [
        found[name]
        for name in ("name_kanji", "birth_date_year", "birth_date_month", "birth_date_day", "phone", "email", "account")
    ]
    visitor.identify()
    visitor.press("choose_phone", {"phone_id": visitor.phone_id()})
    visitor.call()
    found = tokens()
    assert ["new-password", "new-password", "off"] == [
        found[name] for name in ("new_password", "new_password_confirm", "pin")
    ]


def test_one_way_of_logging_in_is_filled_in(visitor: Visitor) -> None:
    """The panel's button fills in the login id and takes back an account that was typed there."""
    visitor.get("/")
    visitor.post("/preferences", {"branch": "001", "account": "0123456", "subject": "普通"})
    visitor.post("/stage/fill", {"page": "/"})
    assert f'value="{visitor.customer.login_id}"' in visitor.page
    assert 'value="0123456"' not in visitor.page


def test_the_operator_reads_names_beside_codes_and_fields(visitor: Visitor) -> None:
    """A reason has its name in the page's language beside its code, and a refused act names the field."""
    visitor.start("LOGIN_PASSWORD")
    visitor.press("submit_identity", {"name_kana": "カナ"})
    assert "未入力 (required)" in visitor.get("/operator")
    visitor.post("/operator/unlock", {"ref": visitor.customer.ref, "by": "窓口", "reason": ""})
    assert 400 == visitor.status
    assert "操作の理由: " in visitor.page
    visitor.post("/preferences", {"page": "/operator", "lang": "en"})
    assert "missing (required)" in visitor.page


@pytest.mark.rule("E4", "M2")
def test_the_menu_tells_the_hours_and_a_start_outside_them_leads_to_closed(visitor: Visitor) -> None:
    """The operator's page closes for an hour: the menu says so, nothing begins, and CLOSED says from when on."""
    assert "24時間いつでも" in visitor.get("/menu")
    visitor.get("/operator")
    visitor.post("/operator/bank", {"what": "close"})
    page = visitor.get("/menu")
    assert "毎日 6:30～23:40" in page
    assert "ただいまは受付時間外です" in page
    visitor.start("LOGIN_PASSWORD")
    assert 'data-screen="CLOSED"' in visitor.page
    assert "以降にお試しください" in visitor.page
    assert 'name="event"' not in visitor.page
    visitor.get("/operator")
    visitor.post("/operator/bank", {"what": "open"})
    visitor.start("LOGIN_PASSWORD")
    assert 'data-screen="BIM015"' in visitor.page
