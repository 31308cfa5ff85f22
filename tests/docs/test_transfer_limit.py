"""The worked example, a procedure of a host's own: served, verified, drawn and played like the three."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import attrs
import pytest
from transfer_limit import TRANSFER_LIMIT, TransferPolicy

from demo_site import served, visiting
from hosts import Host, codes
from ja_reset import Policies, Text
from ja_reset.bank._values import CallStatus
from ja_reset.cli._command_line import main
from ja_reset.demo._world import make_world
from ja_reset.diagrams import Format, render, table
from ja_reset.policies import LockoutPolicy
from ja_reset.service._view import View
from ja_reset.testing import CAST, FakeClock
from ja_reset.testing.path_player import play
from ja_reset.testing.paths import paths
from ja_reset.text import Language
from ja_reset.verify import verify

FILE: Final = Path(__file__).resolve().parents[2] / "docs" / "procedures" / "transfer_limit.py"
NAME: Final = "transfer_limit:TRANSFER_LIMIT"


def _host(policies: Policies = Policies()) -> Host:  # noqa: B008 - frozen
    return Host(procedures=(TRANSFER_LIMIT,), policies=policies)


def _at_limit(host: Host) -> View:
    host.start(TRANSFER_LIMIT)
    host.send("log_in", host.credentials())
    host.send("choose_phone", host.phone())
    assert CallStatus.VERIFIED is host.call().status
    return host.look()


def test_it_is_one_file_of_150_lines_at_most() -> None:
    """A procedure is an afternoon's work: forms, texts, order and chart together."""
    assert len(FILE.read_text("utf-8").splitlines()) <= 150


def test_the_limit_is_changed_from_the_login_to_the_order() -> None:
    """The bank is told the amount as it was read, and the customer sees it written out."""
    host = _host()
    view = _at_limit(host)
    assert ("LIMIT", Text("振込限度額の変更", "Change of the transfer limit")) == (view.state, view.screen.application)
    view = host.send("change_limit", {"new_limit": " １５０００００ ", "pin": host.customer.pin})
    assert ("CHANGED", "You can now transfer 1,500,000 yen a day.") == (view.state, view.screen.notices[0].en)
    order, notice = host.bank.carried_out
    assert ("SET_TRANSFER_LIMIT", {"limit": "1500000"}) == (order.kind, dict(order.data))
    assert ("NOTIFY", {"what": "reset", "procedure": "TRANSFER_LIMIT"}) == (notice.kind, dict(notice.data))


def test_the_amount_goes_by_a_policy_of_its_own() -> None:
    """What an institution allows stands in the hint and in the reason, and no other amount is taken."""
    host = _host(Policies(own=(TransferPolicy(most_yen=2_000_000),)))
    view = _at_limit(host)
    hint = view.screen.fields[0].hint
    assert hint is not None
    assert "2000000円まで" in hint.ja
    view = host.send("change_limit", {"new_limit": "2000001", "pin": host.customer.pin})
    assert [("format", "new_limit", "Enter 1 to 2000000 yen.")] == [(r.code, r.field, r.en) for r in view.reasons]


@pytest.mark.rule("M7", "L4")
def test_the_bank_may_set_a_ceiling() -> None:
    """Above it the limit is refused with a reason of the chart's own, and costs no PIN; a bank may have no ceiling."""
    host = _host()
    host.bank.tell("transfer_ceiling", 1_000_000)
    _at_limit(host)
    view = host.send("change_limit", {"new_limit": "1000001", "pin": "0000"})
    assert ("LIMIT", 3, [("limit_too_high", "new_limit", "Your contract does not allow as much.")]) == (
        view.state,
        view.tries_left,
        [(reason.code, reason.field, reason.en) for reason in view.reasons],
    )
    assert "CHANGED" == host.send("change_limit", {"new_limit": "1000000", "pin": host.customer.pin}).state


@pytest.mark.rule("L1", "L2", "L3")
def test_its_pins_are_counted_with_those_of_the_three() -> None:
    """A wrong PIN here and one at a reset add up, and the last one allowed locks the card for all of them."""
    host = _host(Policies(lockout=LockoutPolicy(pin_attempts=2)))
    host.at_bim017()
    assert ["wrong_pin"] == codes(host.send("submit_reset", host.reset(pin="0000")))
    host.send("cancel")
    host.clock.advance(600)
    assert 1 == _at_limit(host).tries_left
    view = host.send("change_limit", {"new_limit": "1", "pin": "0000"})
    assert ("LOCKED", ["wrong_pin", "locked"]) == (view.state, codes(view))
    assert ["LOCK_CARD", "LOCK_SERVICE", "NOTIFY"] == sorted(effect.kind for effect in host.bank.carried_out)


@pytest.mark.rule("A1", "A3", "A4", "A8")
def test_it_is_verified_like_the_three() -> None:
    """Every situation of it keeps the rules, and every transition can be taken."""
    seen = verify(TRANSFER_LIMIT)
    assert seen.holds, seen.render()
    assert "102 of 102 transitions alive" in seen.render("en")


@pytest.mark.parametrize("form", [each for each in Format if each not in {Format.TABLE, Format.RST}])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_is_drawn_in_every_format(form: Format, language: Language) -> None:
    """Its own words and its order stand in the drawing."""
    drawn = render(TRANSFER_LIMIT, form, language=language)
    assert {"ja": "振込限度額", "en": "transfer limit"}[language] in drawn
    assert "SET_TRANSFER_LIMIT" in drawn.replace("&#95;", "_")


def test_it_is_told_in_tables() -> None:
    """Its title, its states and what they keep."""
    told = table(TRANSFER_LIMIT, "en")
    assert "# Change of the transfer limit (TRANSFER_LIMIT)" in told
    assert "limit" in told


SCRIPT: Final = """\
procedure TRANSFER_LIMIT
scenario the limit is changed
policy most_yen 2000000
fill
press log_in
fill
press choose_phone
call chosen
set new_limit 2000001
fill
press change_limit
expect LIMIT format
set new_limit 1500000
fill
press change_limit
expect CHANGED
"""


def test_the_command_takes_it_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`list`, `table`, `diagram` and `play` have `--chart`, in place of a procedure or beside the three."""
    script = tmp_path / "change.play"
    script.write_text(SCRIPT, "utf-8")
    for command in (
        ["list", "--lang", "en"],
        ["table", "--lang", "en"],
        ["diagram", "--lang", "en"],
        ["play", "--script", str(script), "--lang", "en"],
    ):
        assert 0 == main([*command, "--chart", NAME])
        assert "Change of the transfer limit" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["table", "diagram", "play", "verify"])
def test_a_procedure_and_a_chart_are_not_both_given(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is meant cannot be told, so the command says what to give."""
    assert 2 == main([command, "LOGIN_PASSWORD", "--chart", NAME])
    assert "not both" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["table", "diagram"])
def test_what_is_drawn_has_to_be_named(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a procedure nor a chart is a misuse, told in one line."""
    assert 2 == main([command])
    assert "required: PROCEDURE, or --chart MODULE:NAME" in capsys.readouterr().err


def test_a_chart_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The module and the name are told."""
    assert 2 == main(["play", "--chart", "transfer_limit:LIMIT"])
    assert "no chart or machine 'LIMIT'" in capsys.readouterr().err


def test_the_chart_is_frozen_as_the_three_are() -> None:
    """Its states are values."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        TRANSFER_LIMIT.states["LOGIN"].name = "OTHER"  # type: ignore[misc]  # the point


FOUND: Final = paths(TRANSFER_LIMIT)


@pytest.mark.rule("M6", "M7", "A4")
@pytest.mark.parametrize("name", FOUND.transitions)
def test_every_transition_of_it_is_taken_by_its_path(name: str) -> None:
    """The paths of the kit lead through it as through the three."""
    assert name in play(FOUND.transitions[name], chart=TRANSFER_LIMIT).taken


@pytest.mark.parametrize("name", FOUND.states)
def test_every_state_of_it_is_reached_by_its_path(name: str) -> None:
    """The shortest path to a state ends there."""
    assert name == play(FOUND.states[name], chart=TRANSFER_LIMIT).view.state


@pytest.mark.rule("E1")
def test_the_demo_shows_it_beside_the_three() -> None:
    """Its button is on the menu, its pages are shown, and the panel fills in a field of its own."""
    with served(make_world(clock=FakeClock(), procedures=[TRANSFER_LIMIT])) as site, visiting(site) as visitor:
        assert "振込限度額の変更" in visitor.get("/menu")
        visitor.start("TRANSFER_LIMIT")
        visitor.press("log_in", {"login_id": CAST[0].login_id, "password": CAST[0].password})
        visitor.press("choose_phone", {"phone_id": visitor.phone_id()})
        visitor.call()
        visitor.get("/application")
        visitor.post("/stage/fill", {"page": "/application"})
        assert 'name="new_limit" value="1"' in re.sub(r"\s+", " ", visitor.get("/application"))
        visitor.press("change_limit", {"new_limit": "1500000", "pin": CAST[0].pin})
        assert "振込限度額を1日1,500,000円に変更しました。" in visitor.get("/application")
        assert "TRANSFER_LIMIT" in visitor.get("/operator")
