"""The walk in a terminal: it shows what a view shows, hides what is secret, and reaches every ending."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ja_reset.chart.states import Ending, StateKind
from ja_reset.diagrams._width import cells
from ja_reset.fields.forms import IdentityForm, fields_of
from ja_reset.machines import PROCEDURES, Procedure
from ja_reset.play._answers import printable
from ja_reset.play._page import WIDTH, countdown, page
from ja_reset.play._player import Player, UnexpectedError
from ja_reset.play._script import HAPPENINGS, HELP, Command, Scenario, ScriptError, read_command, read_script
from ja_reset.play._suite import Outcome, packaged, play_all, play_script, summary
from ja_reset.play._terminal import walk
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.testing import CAST
from ja_reset.testing._entries import ACTIVATION, NEW_PASSWORD
from ja_reset.testing.cast import ORDINARY
from ja_reset.testing.telephone import Caller, Dialling, Moment, read_dialling
from ja_reset.text import Language

DOCS = Path(__file__).resolve().parents[2] / "docs"
TO_PHONE = ("fill", "press submit_identity", "fill", "press choose_phone")


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What all packaged scenarios printed, on one store."""
    return []


@pytest.fixture(scope="module")
def outcomes(told: list[str]) -> tuple[Outcome, ...]:
    """How all packaged scenarios ended."""
    return play_all(MemoryStore(), language="ja", tell=told.append)


class Walk:
    """A player, and what it showed."""

    def __init__(self, procedure: Procedure = Procedure.LOGIN_PASSWORD, *, language: Language = "en") -> None:
        self.told: list[str] = []
        self.player = Player(MemoryStore(), procedure, language=language, tell=self.told.append, fresh=True)

    def do(self, *lines: str) -> None:
        """Carry out these commands."""
        for line in lines:
            self.player.do(read_command(line))

    @property
    def text(self) -> str:
        """All that was shown."""
        return "".join(self.told)

    def refusal(self, line: str) -> ScriptError:
        """The error that this command gives."""
        with pytest.raises(ScriptError) as caught:
            self.do(line)
        return caught.value


def play(text: str, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> tuple[list[Outcome], str]:
    """The outcomes of a script, and what was shown."""
    told: list[str] = []
    script = read_script(text, title="a script")
    return list(play_script(script, MemoryStore(), procedure, language="en", tell=told.append)), "".join(told)


def answering(*lines: str) -> tuple[Callable[[str, bool], str], list[tuple[str, bool]]]:
    """A customer at the prompt who says these lines and then no more; and what was asked."""
    left, asked = iter(lines), list[tuple[str, bool]]()

    def ask(prompt: str, hidden: bool) -> str:
        asked.append((prompt, hidden))
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return ask, asked


# The packaged scenarios ---------------------------------------------------------------------------------------------


def test_every_packaged_scenario_ends_as_expected(outcomes: tuple[Outcome, ...]) -> None:
    """No scenario has trouble, and a scenario's title stands once for each procedure."""
    assert [] == [outcome for outcome in outcomes if outcome.trouble is not None]
    names = [(outcome.procedure, outcome.scenario) for outcome in outcomes]
    assert len(set(names)) == len(names)


def test_every_packaged_scenario_expects_where_it_ends() -> None:
    """The last command of each is an `expect` of a final state, so that none can pass by chance."""
    for _, script in packaged():
        for name in script.procedures:
            states = Procedure[name].chart.states
            for scenario in script.scenarios:
                assert "expect" == scenario.commands[-1].verb
                assert states[scenario.commands[-1].words[0]].is_final


@pytest.mark.parametrize("procedure", Procedure)
@pytest.mark.rule("M2", "A4")
def test_every_cause_of_every_ending_is_played(procedure: Procedure, outcomes: tuple[Outcome, ...]) -> None:
    """Each final state is reached, REJECTED and LOCKED by each reason that a transition into them has."""
    reached = {
        (outcome.state, code) for outcome in outcomes if outcome.procedure is procedure for code in outcome.codes
    }
    states = {outcome.state for outcome in outcomes if outcome.procedure is procedure}
    chart = procedure.chart
    causes = {
        (transition.to, code)
        for transition in chart.transitions
        if transition.to in {"REJECTED", "LOCKED"}
        for code in transition.codes
    }
    assert set() == causes - reached
    played = {name for name, state in chart.states.items() if state.is_final and state.ending is not Ending.CLOSED}
    assert played == states, "the cast's institution is always open (E4)"


@pytest.mark.parametrize("procedure", Procedure)
@pytest.mark.rule("M2a", "C4")
def test_each_procedure_is_played_through_an_outage(procedure: Procedure) -> None:
    """A scenario of each procedure sees COMPLETING before it ends in success."""
    scripts = [script for _, script in packaged() if procedure.value in script.procedures]
    seen = [
        scenario.title
        for script in scripts
        for scenario in script.scenarios
        if any(command.verb == "expect" and command.words[0] == "COMPLETING" for command in scenario.commands)
        and procedure.chart.states[scenario.commands[-1].words[0]].kind is StateKind.SUCCESS
    ]
    assert [] != seen


@pytest.mark.rule("S5", "A7")
def test_no_secret_is_shown(told: list[str], outcomes: tuple[Outcome, ...]) -> None:
    """No password and no PIN stands in all that the scenarios print; what was typed stands there as stars."""
    text = "".join(told)
    secrets = {NEW_PASSWORD, ACTIVATION, *(customer.password for customer in CAST)}
    assert set() == {secret for secret in secrets if secret in text}
    shown = {line.rpartition(": ")[2] for line in text.splitlines() if "暗証番号: " in line and line.startswith("    ")}
    assert {"****"} == shown
    assert "> set pin ****" in text
    assert 0 < len(outcomes)


def test_all_is_played_twice_on_one_file(tmp_path: Path) -> None:
    """What one play leaves in an SQLite file (locks, counts, waits) does not hinder the next."""
    for _ in range(2):
        store = SqliteStore(tmp_path / "play.db")
        outcomes = play_all(store, language="en", tell=lambda _: None)
        store.close()
        assert [] == [outcome for outcome in outcomes if outcome.trouble is not None]


def test_a_summary_has_one_row_for_each_scenario(outcomes: tuple[Outcome, ...]) -> None:
    """Its columns stand under each other, whatever the width of the letters, and the trouble shows."""
    rows = summary(outcomes, "en").splitlines()
    assert len(outcomes) == len(rows)
    assert 1 == len({cells(row[: row.index("as expected")]) for row in rows})
    trouble = Outcome(Procedure.LOGIN_PASSWORD, "a", "DONE", (), "line 1: no")
    assert summary([trouble], "en").endswith("NOT as expected\n")


# Scripts ------------------------------------------------------------------------------------------------------------


def test_an_unmet_expectation_ends_the_scenario() -> None:
    """The outcome says the line, what was expected and what there was; the next scenario is played all the same."""
    outcomes, text = play("scenario a\nexpect DONE\npress cancel\nscenario b\npress cancel\nexpect CANCELLED")
    assert ["line 2: expected DONE, but it is BIM015", None] == [outcome.trouble for outcome in outcomes]
    assert ["BIM015", "CANCELLED"] == [outcome.state for outcome in outcomes]
    assert "!!! line 2" in text


def test_an_expected_reason_must_be_there() -> None:
    """`expect` wants the reasons that it names among those shown, and lets others be."""
    outcomes, _ = play("press submit_identity\nexpect BIM015 required not_accepted\nexpect BIM015 no_phone")
    assert outcomes[0].trouble is not None
    assert outcomes[0].trouble.startswith("line 3: expected BIM015 no_phone, but it is BIM015 required")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no command in it"),
        ("# nothing\n\n", "there is no command in it"),
        ("fill\njump", "line 2: there is no command 'jump'"),
        ("set pin", "line 1, field pin: BIM015 has no such field"),
        ("bank forget\nbank lock", "line 2, field lock: the bank no longer knows C-0001"),
        ("bank down\nbank unlock", "line 2, field unlock: the bank is down"),
        ("set", "line 1: set: wants a field and its value"),
        ("\nwait soon", "line 2: wait: wants seconds"),
        ("wait nan", "line 1: wait: wants seconds"),
        ("wait -1", "line 1: wait: wants seconds"),
        ("wait 1e300", "line 1: wait: wants seconds"),
        ("fill all", "line 1: fill: wants no more words"),
        ("bank", "line 1: bank: wants one of"),
        ("bank burn", "line 1: bank: wants one of"),
        ("bank fail check_pin 0", "line 1: bank: wants one of"),
        ("bank fail check_pin ²", "line 1: bank: wants one of"),
        ("scenario", "line 1: scenario needs a name"),
        ("procedure", "line 1: procedure needs a name"),
        ("fill\nprocedure LOGIN_PASSWORD", "line 2: procedure stands in front of all else"),
        ("procedure TOKEN_REISSUE\nfill", "line 1: it is for TOKEN_REISSUE"),
        ("fill\nset pinn 1", "line 2, field pinn: BIM015 has no such field; it has name_kana"),
        ("press submit", "line 1, field submit: LOGIN_PASSWORD has no such event; here are submit_identity, cancel"),
        ("press cancel\nset pin 1", "line 2, field pin: CANCELLED has no such field; it has none"),
        ("expect BTR001", "line 1, field BTR001: LOGIN_PASSWORD has no such state"),
        ("heard VERIFIED", "line 1: nobody has called yet"),
        ("keys right", "line 1: nobody is on the telephone"),
        ("call", "line 1: no phone was chosen yet"),
        ("call somebody", "line 1, field somebody: neither one who calls"),
        ("call stranger late", "line 1, field late: there is no window"),
        ("call stranger\nkeys right", "line 2, field right: no code was read out or shown"),
        ("customer C-9999", "line 1, field C-9999: there is no such customer"),
        ("fill\ncustomer C-0001", "line 2: customer stands before all that happens"),
        ("policy patience 3", "line 1, field patience: there is no such policy value"),
        ("policy code_attempts none", "line 1, field code_attempts: 'none' is no value for it"),
        ("policy code_attempts 0", "line 1, field code_attempts: '0' is no value for it"),
        ("policy bim_code maybe", "line 1, field bim_code: 'maybe' is no value for it"),
        ("policy code_channel shouted", "line 1, field code_channel: 'shouted' is no value for it"),
        ("policy bim_window 1e999", "line 1, field bim_window: '1e999' is no value for it"),
        ("policy birth_date_from 1900", "line 1, field birth_date_from: '1900' is no value for it"),
        ("look\npolicy bim_code yes", "line 2: policy stands before all that happens"),
        ("bank fail everything", "line 1, field everything: the bank has no such method"),
        ("bank down\nlook", "line 2: the bank is down"),
        ("customer C-0002\n" + "\n".join(TO_PHONE) + "\ncall other", "line 6, field other: C-0002 has no other"),
    ],
)
def test_a_line_that_makes_no_sense_is_named(text: str, message: str) -> None:
    """The error names the line, the field where there is one, and what there is instead."""
    with pytest.raises(ScriptError) as caught:
        play(text)
    assert str(caught.value).startswith(message)


def test_figures_of_every_type_can_be_set() -> None:
    """Switches, counts, lengths of time and choices are read as what they are."""
    walk = Walk()
    walk.do("policy bim_code yes", "policy code_length 4", "policy bim_window 30", "policy code_channel displayed")
    walk.do(*TO_PHONE, "call", "keys wrong", "heard RETRY wrong_code", "keys right", "heard VERIFIED", "expect BIM017")
    assert "30 s left" in walk.text


@given(text=st.text(max_size=200))
def test_any_text_is_a_script_or_a_script_error(text: str) -> None:
    """Reading raises nothing but ScriptError, and what is read has at least one scenario."""
    try:
        script = read_script(text, title="any")
    except ScriptError:
        return
    assert () != script.scenarios


_LINES = st.one_of(
    st.sampled_from(
        ["fill", "look", "bank up", "call", "call withheld named", "call late", "call early", "keys right"]
    ),
    st.sampled_from(
        ["keys wrong", "keys *#", "wait 30", "wait 700", "press proceed", "press back", "press 1", "press 9"]
    ),
    st.sampled_from([f"bank {happening}" for happening in HAPPENINGS]),
    st.sampled_from(["bank fail carry_out 2", "bank fail contract", "set phone_id 9", "set pin x", "call other"]),
    st.sampled_from(
        [f"press {event}" for event in ("submit_identity", "choose_phone", "submit_reset", "choose_method")]
    ),
    st.sampled_from(["press submit_credentials", "press submit_details", "fill", "fill"]),
)


@given(lines=st.lists(_LINES, max_size=15), procedure=st.sampled_from(Procedure))
@pytest.mark.rule("A8")
def test_whatever_is_played_ends_in_a_view_or_a_script_error(lines: list[str], procedure: Procedure) -> None:
    """No order of sensible commands makes the player fall over, and each page fits its terminal."""
    walk = Walk(procedure, language="ja")
    for line in lines:
        try:
            walk.do(line)
        except (ScriptError, UnexpectedError):
            continue
    wide = [row for row in walk.text.splitlines() if cells(row.translate({0x2500: "-", 0x2502: "|"})) > WIDTH + 2]
    assert [] == wide


def test_help_and_docs_list_every_command() -> None:
    """`--help` describes each verb that is read, and the documentation has the same words."""
    described = {line.split()[0] for line in HELP.splitlines() if line and not line.startswith(" ")}
    with pytest.raises(ScriptError) as caught:
        read_command("nonsense")
    assert described == set(caught.value.what.rpartition("there are ")[2].split(", "))
    assert HELP in (DOCS / "play.md").read_text("utf-8")


def test_the_example_in_the_docs_plays() -> None:
    """The script that the documentation shows ends as it expects."""
    example = (DOCS / "play.md").read_text("utf-8").split("```text\n")[1].split("```")[0]
    outcomes, _ = play(example)
    assert [None] == [outcome.trouble for outcome in outcomes]


def test_scenarios_are_split_by_their_titles() -> None:
    """Lines before the first title are a scenario of the file's name; comments and blanks say nothing."""
    script = read_script("procedure A B\nfill\n\n# no\nscenario two words\n  set name_kanji 見本 太郎 \n", title="file")
    expected = (
        Scenario("file", (Command("fill", (), 2),)),
        Scenario("two words", (Command("set", ("name_kanji", "見本 太郎"), 6),)),
    )
    assert (("A", "B"), expected) == (script.procedures, script.scenarios)


# The player ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("P12")
def test_what_is_said_in_the_call_is_shown() -> None:
    """The script's words up to where keys are gathered; after a wrong entry how many tries are left."""
    walk = Walk()
    walk.do("policy bim_code yes", *TO_PHONE, "call", "keys wrong")
    assert "☎ 「This call resets a login password.」" in walk.text
    assert 2 == len(re.findall("「(?:[0-9] ){5}[0-9]」", walk.text))
    assert "☎ 「That code is not correct. Attempts left in this call: 2." in walk.text


@pytest.mark.rule("P3", "P8a")
@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ("chosen", "VERIFIED", None),
        ("other named", "REFUSED", "wrong_number"),
        ("stranger named", "REFUSED", "wrong_number"),
        ("withheld", "UNMATCHED", "withheld"),
        ("withheld named", "REFUSED", "withheld"),
        ("unavailable named", "REFUSED", "unavailable"),
        ("050 named", "REFUSED", "voip"),
        ("diverted", "REFUSED", "diverted"),
        ("claimed", "REFUSED", "claimed"),
        ("early", "REFUSED", "early"),
        ("late", "REFUSED", "late"),
    ],
)
def test_the_telephone_calls_in_every_way(words: str, status: str, code: str | None) -> None:
    """Each word of `call` makes the call that has the reason it stands for."""
    walk = Walk()
    walk.do(*TO_PHONE, f"call {words}", f"heard {status}" + (f" {code}" if code else ""))
    assert f"☎ {status}" in walk.text
    assert ("BIM017" if code is None else "PHONE") == walk.player.view.state


def test_words_of_a_call_come_in_any_order() -> None:
    """Who, when and named are told apart by the words themselves; without any the chosen phone calls now."""
    assert Dialling() == read_dialling(())
    expected = Dialling(Caller.OTHER, Moment.LATE, named=True)
    assert expected == read_dialling(("named", "late", "other")) == read_dialling(("other", "named", "late"))


def test_a_chosen_phone_calls_whatever_its_place() -> None:
    """A phone is chosen by its number in the list, and that very number calls."""
    walk = Walk()
    walk.do("fill", "press submit_identity", "set phone_id 3", "press choose_phone", "call", "heard VERIFIED")
    assert "026-234-****" in walk.text


def test_what_was_typed_stays_on_its_screen_without_secrets() -> None:
    """After a refusal the fields are still filled, passwords and PIN apart; the next screen begins empty."""
    walk = Walk()
    walk.do(*TO_PHONE, "call", "fill", "set pin 0000", "press submit_reset", "expect BIM017 wrong_pin")
    assert {} == walk.player.typed
    walk = Walk()
    walk.do("fill", "set birth_date 2099-01-01", "press submit_identity", "expect BIM015 format")
    assert "2099-01-01" == walk.player.typed["birth_date"]


def test_filling_leaves_what_was_set() -> None:
    """`fill` types into empty fields alone, and repeats an entry that is to be confirmed."""
    walk = Walk()
    walk.do("set email taro@example.com", "fill")
    assert ["taro@example.com"] * 2 == [walk.player.typed["email"], walk.player.typed["email_confirm"]]
    assert ORDINARY.account == walk.player.typed["account"]


@pytest.mark.parametrize("line", ["set pin 4071", "set new_password Abc!1234", "set nothing 4071", "keys 407112"])
def test_a_command_is_spelled_without_its_secret(line: str) -> None:
    """What is shown of a typed secret, or of keys pressed, is stars; of a field that is not there, too."""
    walk = Walk()
    walk.do(*TO_PHONE, "call")
    assert walk.player.spelled(read_command(line)).endswith(" ****")


@pytest.mark.parametrize("procedure", Procedure)
def test_a_page_shows_all_that_a_view_has(procedure: Procedure) -> None:
    """Title, id, the present step, fields, notices, buttons, countdown: all in both languages."""
    walk = Walk(procedure)
    view = walk.player.view
    for language in ("ja", "en"):
        text = page(view, language, now=walk.player.stage.clock.now)
        flat = "".join(text.replace("│", "").split())
        words = [view.screen.title, *view.screen.notices, *(button.label for button in view.screen.buttons)]
        words += [field.label for field in view.screen.fields]
        words += [field.hint for field in view.screen.fields if field.hint is not None]
        words += [note for field in view.screen.fields for note in field.notes]
        assert [] == [word for word in words if "".join(word.get(language).split()) not in flat]
        assert f"【{view.screen.breadcrumb[view.screen.position or 0].get(language)}】" in text
        assert view.screen.id in text
        assert ("残り 10分00秒" if language == "ja" else "10 min 00 s left") in text


def test_a_page_shows_reasons_tries_and_the_result() -> None:
    """Reasons stand with field and code, tries and the code to key in where there are some, ids in the end."""
    walk = Walk(Procedure.TOKEN_REISSUE)
    walk.do("policy code_channel displayed", "press choose_method")
    assert "! [method] How to sign in is required. Choose one of the two. (required)" in walk.text
    walk.do("fill", "press choose_method", "fill", "press submit_credentials", "fill", "press submit_details", "call")
    assert "Code to key in: " in walk.text
    assert "Tries left: 3" in walk.text
    walk.do("keys right", "expect BTR005")
    assert "Service ID: SV00000001" in walk.text
    assert f"Email goes to: {ORDINARY.contract.email}" in walk.text


@given(seconds=st.integers(-100, 100_000))
def test_a_countdown_never_goes_below_nothing(seconds: int) -> None:
    """What is over counts as none; up to 300 seconds are told in seconds, as the manual tells its windows."""
    text = countdown(timedelta(seconds=seconds), "en")
    if seconds <= 300:
        assert f"{max(0, seconds)} s" == text
    else:
        assert f"{seconds // 60} min {seconds % 60:02} s" == text


@given(words=st.text())
def test_what_is_shown_moves_no_cursor(words: str) -> None:
    """Control characters, escape sequences and lone surrogates are spelled out."""
    assert printable(words).replace("　", "").isprintable()


# At the prompt ------------------------------------------------------------------------------------------------------


def test_a_whole_walk_at_the_prompt() -> None:
    """Numbers press buttons, Enter types what is right, and the walk ends with success."""
    walked = Walk()
    ask, asked = answering("1", "1", *[""] * len(fields_of(IdentityForm)), "1", "", "call", "1", *[""] * 3)
    walk(walked.player, ask)
    assert "DONE" == walked.player.view.state
    assert [True] * 3 == [hidden for prompt, hidden in asked if "Enter: ****" in prompt]


def test_the_prompt_lists_customers_with_their_data() -> None:
    """Each customer stands there with reference, name, account, phones, id and PIN, and is chosen by number."""
    walked = Walk()
    ask, _ = answering("C-9", "7", "5", "quit")
    walk(walked.player, ask)
    for customer in CAST:
        words = [customer.ref, customer.contract.name_kanji, customer.account, customer.login_id, customer.pin]
        assert [] == [word for word in [*words, *customer.contract.phones] if word not in walked.text]
    assert "C-0005" == walked.player.customer.ref
    assert 2 == walked.text.count("there is no such customer")


def test_a_slip_at_the_prompt_is_told_and_forgiven() -> None:
    """An unknown command, button or field, and an unmet expectation, are one line each; then the prompt is back."""
    walked = Walk()
    ask, _ = answering("", "jump", "7", "set pinn 1", "expect DONE", "", "help", "2")
    walk(walked.player, ask)
    slips = [line for line in walked.text.splitlines() if line.startswith("! ")]
    assert 4 == len(slips)
    assert "CANCELLED" == walked.player.view.state
    assert "wait SECONDS" in walked.text


@pytest.mark.parametrize("lines", [(), ("1",), ("1", "1", "a")])
def test_the_prompt_may_be_left_at_any_time(lines: tuple[str, ...]) -> None:
    """The end of input ends the walk without complaint."""
    walked = Walk()
    ask, _ = answering(*lines)
    walk(walked.player, ask)
    assert "!" not in [line[:1] for line in walked.text.splitlines()]


def test_an_empty_entry_without_a_right_one_stays_empty() -> None:
    """A phone that is not on offer is refused by the service, not by the prompt."""
    walked = Walk()
    ask, _ = answering("1", "fill", "press 1", "1", "9", "quit")
    walk(walked.player, ask)
    assert "format" in [reason.code for reason in walked.player.view.reasons]


def _charts() -> Iterator[str]:
    yield from (procedure.value for procedure in PROCEDURES)


def test_every_procedure_has_its_scripts() -> None:
    """Each procedure is named by a packaged script, and no script names one that there is not."""
    assert set(_charts()) == {name for _, script in packaged() for name in script.procedures}
