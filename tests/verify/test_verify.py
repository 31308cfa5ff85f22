"""The verifier: it passes what is right, finds what is wrong by the fewest steps, and refuses what it cannot see."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest

from broken_charts import LOGIN, RISK, TOKEN, rebuilt, with_state, with_step, without_check
from chart_faults import chart_faults
from ja_reset import EffectKind, InvalidArgument, Policies, Procedure, Text
from ja_reset.chart import Chart
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.session import Refusal, Session
from ja_reset.chart.states import Ending, State, StateKind
from ja_reset.chart.transitions import Assign, EventRole, Guard, Handler, check
from ja_reset.chart.turn import Fact, Occasion, Turn
from ja_reset.diagrams import render
from ja_reset.fields.specs import Role
from ja_reset.machines import assigns, guards
from ja_reset.machines._phones import offered
from ja_reset.machines.facts import READING, REPORT, WINDOWS
from ja_reset.policies import CallerIdPolicy, IdentityPolicy, LockoutPolicy, PhonePolicy
from ja_reset.proofs.waits import Wait, Waits
from ja_reset.screens import ButtonPlan, ScreenPlan
from ja_reset.verify import (
    NotAbstractableError,
    Source,
    Verification,
    _choices,
    always_possible,
    leads_to,
    never,
    only_after,
    verify,
)
from ja_reset.verify._counterexamples import FORMS
from ja_reset.verify._failures import ELSEWHERE, IDLE, LAWS
from ja_reset.verify._rules import RULES
from ja_reset.verify._samples import RELAY

WORDS = Text(ja="x", en="x")
ENDINGS = {"CANCELLED", "EXPIRED", "REJECTED", "LOCKED"}
SMALL = Policies(
    identity=IdentityPolicy(identity_attempts=2),
    lockout=LockoutPolicy(pin_attempts=2),
    phone=PhonePolicy(phone_windows=2, code_attempts=2, codes_per_session=3),
)
"""Low limits: as much to see, and sooner seen."""
ANNOUNCED = attrs.evolve(SMALL, phone=attrs.evolve(SMALL.phone, bim_announce=True))
"""A call of the BIM family is announced, and proves nothing until a key confirms it (P4)."""


def failing(seen: Verification) -> set[str]:
    """The names of what does not hold."""
    return {failure.name for failure in seen.failures}


def ways(seen: Verification) -> dict[str, list[str]]:
    """What does not hold, each with the states on the way to it."""
    return {failure.name: [line.target for line in failure.way.lines] for failure in seen.failures}


# What is right ----------------------------------------------------------------------------------------------


@pytest.mark.rule("A1", "A2", "A3", "A4", "A5", "A8")
@pytest.mark.parametrize("procedure", Procedure, ids=lambda each: each.name)
def test_every_procedure_holds(procedure: Procedure) -> None:
    """At the standard policy every situation of every procedure keeps every rule and law."""
    seen = verify(procedure)
    assert [] == [(failure.name, failure.what) for failure in seen.failures]
    assert {*(rule.name for rule in RULES), *LAWS} == set(seen.held)
    assert seen.transitions + seen.switched_off == seen.transitions_in_all == len(procedure.chart.transitions)


@pytest.mark.parametrize(
    "policies",
    [
        attrs.evolve(SMALL, phone=attrs.evolve(SMALL.phone, bim_code=True)),
        attrs.evolve(SMALL, phone=attrs.evolve(SMALL.phone, delivery_grace=timedelta(0), number_rest=timedelta(0))),
        attrs.evolve(SMALL, phone=attrs.evolve(SMALL.phone, clock_skew=timedelta(0), phone_windows=1)),
        attrs.evolve(
            SMALL,
            identity=IdentityPolicy(identity_attempts=1),
            lockout=LockoutPolicy(pin_attempts=1),
            phone=PhonePolicy(phone_windows=1, code_attempts=1, codes_per_session=1),
        ),
        Policies(phone=PhonePolicy(phone_windows=1, code_attempts=1, codes_per_session=1, bim_code=True)),
        attrs.evolve(SMALL, caller_id=attrs.evolve(SMALL.caller_id, attestation="A", claimed_numbers=True)),
        attrs.evolve(SMALL, session=attrs.evolve(SMALL.session, idle_timeout=timedelta(hours=1))),
        attrs.evolve(SMALL, caller_id=CallerIdPolicy(relay=True)),
        ANNOUNCED,
        attrs.evolve(ANNOUNCED, phone=attrs.evolve(ANNOUNCED.phone, bim_code=True, not_me_key=None)),
    ],
    ids=[
        *("with codes", "no grace, no rest", "no skew", "one try of each", "one code of each", "attested"),
        *("idle beyond absolute", "relay", "announced", "announced, with codes, and no key ends it"),
    ],
)
@pytest.mark.parametrize("procedure", Procedure, ids=lambda each: each.name)
def test_every_procedure_holds_at_other_policies(procedure: Procedure, policies: Policies) -> None:
    """The rules hold for the figures at their edges, too."""
    assert set() == failing(verify(procedure, policies))


@pytest.mark.rule("A1", "P4")
@pytest.mark.parametrize("source", ["PHONE", "PHONE_KEYS"])
def test_an_announced_call_that_proves_by_itself_is_found(source: str) -> None:
    """A chart that does not ask whether calls are announced leads on without a key, from either place of a call."""
    seen = verify(without_check(LOGIN, "call_received", source, "call_is_unannounced"), ANNOUNCED)
    assert failing(seen) & {"A1", "P4"}


def test_situations_grow_with_the_limits() -> None:
    """Counts are told apart up to their limits: with each limit raised there is more to see."""
    raised = [
        SMALL,
        attrs.evolve(SMALL, identity=IdentityPolicy(identity_attempts=3)),
        attrs.evolve(SMALL, lockout=LockoutPolicy(pin_attempts=3)),
        attrs.evolve(SMALL, phone=attrs.evolve(SMALL.phone, phone_windows=3)),
    ]
    least, *more = [verify(LOGIN, policies, without=ELSEWHERE).situations for policies in raised]
    assert all(each > least for each in more)


# What is wrong ----------------------------------------------------------------------------------------------


@pytest.mark.rule("A1", "L3")
def test_a_dropped_pin_is_found_by_the_fewest_steps() -> None:
    """Without the guard that the PIN is right, the shortest way to the breach is the straight one."""
    seen = verify(without_check(LOGIN, "submit_reset", "BIM017", "pin_is_right"), SMALL, without=ELSEWHERE)
    assert {"A1", "L2"} <= failing(seen)
    assert ["BIM016", "PHONE", "BIM017", "COMPLETING"] == ways(seen)["A1"]


@pytest.mark.rule("A2", "P3")
def test_a_stranger_s_call_that_counts_is_found() -> None:
    """Without the guard that the caller's number is the chosen one, any number leads on."""
    broken = without_check(LOGIN, "call_received", "PHONE", "caller_is_chosen_number")
    seen = verify(broken, SMALL, without=ELSEWHERE)
    failure = next(each for each in seen.failures if each.name == "A2")
    assert "it should be refused (wrong_number), and yet it leads on" == failure.what.en
    assert "3. PHONE → BIM017: call received (from a registered number that was not chosen" in failure.way.render("en")


@pytest.mark.rule("I6")
def test_a_lock_that_nobody_looks_at_is_found() -> None:
    """A step that goes on without having looked for a lock breaks I6, though no lock is seen."""
    broken = without_check(
        without_check(LOGIN, "choose_phone", "BIM016", "nothing_is_locked"),
        "choose_phone",
        "BIM016",
        "contract_is_known",
    )
    assert {"I6"} == failing(verify(broken, SMALL))


@pytest.mark.rule("M4")
def test_a_fact_that_is_kept_over_back_is_found() -> None:
    """戻る from the phone screen that leaves the call's window behind breaks M4."""
    broken = with_state(LOGIN, "BIM016", keeps=frozenset({"ref", "phones", "chosen", "window"}))
    seen = verify(broken, SMALL)
    assert {"M4"} == failing(seen)
    assert ["BIM016", "PHONE", "BIM016"] == ways(seen)["M4"]


@pytest.mark.rule("A4", "C4")
def test_an_effect_that_is_not_ordered_is_a_trap() -> None:
    """COMPLETING with no order waits for ever: the bank has nothing to confirm."""
    seen = verify(_ordering_nothing(RISK), SMALL)
    assert {"C4", "no trap", "no dead transition"} <= failing(seen)
    assert "COMPLETING" == ways(seen)["no trap"][-1]


@pytest.mark.rule("A8")
def test_a_guard_that_breaks_is_found() -> None:
    """A guard that raises is reported with the steps that lead to it, not raised at whoever verifies."""
    broken = without_check(LOGIN, "choose_phone", "BIM016", "contract_is_known")
    seen = verify(broken, SMALL, without=ELSEWHERE)
    failure = next(each for each in seen.failures if each.name == "A8")
    assert (
        "a guard, an assign or an effect breaks: LookupError: a guard reads the contract, but none is known; "
        "check that it still exists first"
    ) == failure.what.en
    assert ["BIM016", "BIM016"] == [line.target for line in failure.way.lines]


@pytest.mark.rule("P2")
def test_a_window_of_another_length_is_found() -> None:
    """A window that is open for longer than the policy's figure breaks P2."""

    def longer(turn: Turn, session: Session) -> Session:
        window = session.kept.window
        assert window is not None
        wider = attrs.evolve(window, closes_at=window.closes_at + timedelta(seconds=60))
        return attrs.evolve(session, kept=attrs.evolve(session.kept, window=wider))

    broken = with_step(
        LOGIN,
        "choose_phone",
        "BIM016",
        lambda handler: attrs.evolve(handler, assigns=(*handler.assigns, Assign("longer", longer))),
    )
    assert {"P2"} == failing(verify(broken, SMALL))


def _fault(name: str) -> Chart:
    """The chart with the seeded fault of that name."""
    return next(fault for fault in chart_faults() if fault.name == name).make()


@pytest.mark.rule("I5", "L2", "P8", "C4a")
@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("I5", "LOGIN_PASSWORD.BIM015.submit_identity otherwise 1 of identity_try_is_free gives another reason"),
        ("L2", "LOGIN_PASSWORD.BIM017.submit_reset without pin_was_checked"),
        ("L2", "RISK_BASED_AUTH.BIM017.submit_reset otherwise 1 of pin_is_right gives another reason"),
        ("P8", "TOKEN_REISSUE.BTR004_KEYS.number_contested gives another reason"),
        ("P8", "TOKEN_REISSUE: call_received chooses the first phone"),
        ("P8", "TOKEN_REISSUE: call_received opens the window again"),
        ("C4a", "LOGIN_PASSWORD.COMPLETING.refused leads to EXPIRED"),
        ("C4a", "TOKEN_REISSUE.COMPLETING.refused leads to EXPIRED"),
    ],
)
def test_another_reason_or_another_end_is_found(rule: str, fault: str) -> None:
    """What is refused is told with its own reason, and leads where that reason belongs."""
    assert {rule} <= failing(verify(_fault(fault), SMALL, without=ELSEWHERE))


@pytest.mark.rule("P8", "A5")
@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ("every line is free", "the number is not free"),
        ("a contest leaves the other line free", "the number is not free"),
        ("any number may wait", "the number is not free"),
        ("the first line is given to everybody", "it begins to wait on a line that is not free"),
    ],
)
def test_a_line_that_is_given_twice_is_found(fault: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two numbers to call, a line that another session has, or that rests for it, is found to be given again."""
    free = Waits.free_for
    broken: dict[str, tuple[str, object]] = {
        "every line is free": ("_keeps_from", lambda _self, _line, _session, _now: []),
        "a contest leaves the other line free": ("rests_on_all_lines", False),
        "any number may wait": ("free_for", lambda self, session, now, _most: free(self, session, now, 99)),
        "the first line is given to everybody": (
            "free_for",
            lambda self, session, now, most: self.lines[:1] if free(self, session, now, most) else (),
        ),
    }
    name, fake = broken[fault]
    monkeypatch.setattr(Wait if name == "rests_on_all_lines" else Waits, name, fake)
    most = 1 if fault == "any number may wait" else 2
    policies = attrs.evolve(SMALL, phone=attrs.evolve(SMALL.phone, waits_per_number=most))
    seen = verify(LOGIN, policies, without=ELSEWHERE)
    found = [failure.what.en for failure in seen.failures if failure.name == "P8"]
    assert [what] == [each[: len(what)] for each in found]


def _is_internet_phone(turn: Turn) -> bool:
    return turn.know(REPORT).evidence.refusal == "voip"


def _without_policy(turn: Turn) -> bool:
    phone = turn.session.phone
    return phone is None or not _is_internet_phone(turn) or turn.know(REPORT).evidence.number == phone.number


RELAY_FAULTS: dict[str, Callable[[Turn], bool]] = {
    "whatever the policy says": _without_policy,
    "every 050 number": lambda turn: not _is_internet_phone(turn) or turn.policies.caller_id.relay,
    "where another phone was chosen": lambda turn: (
        not _is_internet_phone(turn) or turn.know(REPORT).call.number == RELAY
    ),
}
"""What lets a 050 number through that is not the relay number chosen, or not allowed."""


@pytest.mark.rule("A2", "P3")
@pytest.mark.parametrize("holds", RELAY_FAULTS.values(), ids=RELAY_FAULTS)
def test_a_050_number_that_is_let_through_is_found(holds: Callable[[Turn], bool]) -> None:
    """By a wrong reason, or by leading on, at a policy with relay numbers or by a change from it to one without."""
    broken = attrs.evolve(guards.caller_is_no_internet_phone, holds=holds)

    def changed(handler: Handler) -> Handler:
        checks = (check(broken) if each.guard.name == broken.name else each for each in handler.checks)
        return attrs.evolve(handler, checks=tuple(checks))

    chart = rebuilt(TOKEN, handlers=map(changed, TOKEN.handlers))
    relayed = attrs.evolve(SMALL, caller_id=CallerIdPolicy(relay=True))
    assert {"A2", "P3"} & (failing(verify(chart, SMALL)) | failing(verify(chart, relayed)))


@pytest.mark.rule("P1")
def test_a_050_number_that_is_offered_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the policy does not offer relay numbers, and where the number is none."""
    monkeypatch.setattr(_choices, "offered", lambda contract, **_: offered(contract, relay=True))
    assert {"P1"} <= failing(verify(TOKEN, SMALL, without=ELSEWHERE))


@pytest.mark.rule("I6")
def test_a_limit_that_is_lowered_locks() -> None:
    """Wrong PINs up to a limit that the institution has lowered since are a lock, though nothing was locked then."""
    broken = _fault("TOKEN_REISSUE: nothing_is_locked allows one more PIN")
    assert {"I6"} <= failing(verify(broken, SMALL))


@pytest.mark.rule("A1")
def test_what_a_change_of_policy_opens_is_held_to_the_rules() -> None:
    """Codes were asked for when the call was answered, and no longer are when the next one comes."""
    seen = verify(_fault("LOGIN_PASSWORD.PHONE_KEYS.call_received leads to DONE"), SMALL)
    failure = next(each for each in seen.failures if each.name == "A1")
    assert failure.what.en.endswith("(the policy has changed meanwhile)")
    assert ["PHONE_KEYS", "DONE"] == [line.target for line in failure.way.lines][-2:]


@pytest.mark.parametrize("fact", ["window", "activation"])
def test_a_fact_that_is_kept_in_vain_is_found(fact: str) -> None:
    """Nothing that leads to BIM015 brings what it says it keeps: the chart claims more than it means."""
    seen = verify(with_state(LOGIN, "BIM015", keeps=frozenset({fact})), SMALL)
    assert {"no idle fact": f"kept, but never there: BIM015 never has {fact}"} == {
        failure.name: failure.what.en for failure in seen.failures
    }


# One's own properties ---------------------------------------------------------------------------------------


def test_never_is_broken_by_the_shortest_way() -> None:
    """A step that must never be is shown with what led to it; one that never is holds."""
    locks = never(
        lambda step: EffectKind.LOCK_CARD in step.effects and "wrong_pin" in step.reasons, name="no PIN locks"
    )
    silent = never(lambda step: step.state == "DONE" and step.event.source is Source.CUSTOMER, name="done by the bank")
    seen = verify(LOGIN, SMALL, properties=[locks, silent], without=ELSEWHERE)
    assert {"no PIN locks"} == failing(seen)
    assert "done by the bank" in seen.held
    assert ["BIM016", "PHONE", "BIM017", "BIM017", "LOCKED"] == ways(seen)["no PIN locks"]


def test_only_after_wants_a_proof_on_every_way() -> None:
    """What comes only after a proof holds; what can come without is shown with a way that has none."""
    done = lambda step: step.state == "COMPLETING"  # noqa: E731 - two properties share it
    pin = only_after(done, lambda step: "pin:right" in step.event.told, name="after the PIN")
    back = only_after(done, lambda step: step.event.trigger == "back", name="after going back")
    seen = verify(LOGIN, SMALL, properties=[pin, back], without=ELSEWHERE)
    assert "after the PIN" in seen.held
    assert ["BIM016", "PHONE", "BIM017", "COMPLETING"] == ways(seen)["after going back"]


def test_always_possible_looks_ahead_from_everywhere() -> None:
    """Cancelling is possible from each form and wait, success is not once the windows are used up."""
    seen = verify(
        TOKEN,
        SMALL,
        properties=[
            always_possible(lambda here: here.state in ENDINGS | {"BTR005"}, name="an end"),
            always_possible(lambda here: here.state == "BTR005", name="success"),
        ],
        without=ELSEWHERE,
    )
    assert "an end" in seen.held
    assert 2 == ways(seen)["success"].count("BTR004")


def test_leads_to_assumes_that_time_passes_and_the_bank_answers() -> None:
    """COMPLETING comes to an end though the customer does nothing, and a session does; success is not sure."""
    seen = verify(
        TOKEN,
        SMALL,
        properties=[
            leads_to(
                lambda here: here.state == "COMPLETING", lambda here: here.state in {"BTR005", "REJECTED"}, name="ends"
            ),
            leads_to(
                lambda here: here.state == "BTR004", lambda here: here.state in ENDINGS | {"BTR005"}, name="all end"
            ),
            leads_to(lambda here: here.state == "BTR003", lambda here: here.state == "BTR005", name="succeeds"),
        ],
        without=ELSEWHERE,
    )
    assert {"succeeds"} == failing(seen)


def test_leads_to_finds_a_round_that_nobody_ends() -> None:
    """What neither time nor the bank ends can go on for ever: the steps of the round are shown, and where it begins."""
    wishes = [
        leads_to(lambda here: here.state == "FORM", lambda here: here.state == "END", name="ends"),
        leads_to(lambda here: here.state == "TALK", lambda here: here.state == "END", name="is confirmed"),
    ]
    assert set() == failing(verify(_small(), without=_ALL, properties=wishes[:1]))
    seen = verify(_talking(), without=_ALL, properties=wishes)
    assert {"ends", "is confirmed"} == failing(seen)
    assert "and so on for ever, from step 2" in seen.render("en")


_ALL = [*(rule.name for rule in RULES), *LAWS]


def _ordering_nothing(chart: Chart) -> Chart:
    """*chart*, where the order of BIM017 is never due, so that COMPLETING waits for what nobody does."""

    def change(handler: Handler) -> Handler:
        never = attrs.evolve(handler.effects[0], due=lambda _: False)
        return attrs.evolve(handler, assigns=(assigns.order_is_kept(never),), effects=(never,))

    return with_step(chart, "submit_reset", "BIM017", change)


def _talking() -> Chart:
    """A chart with a state that waits for the answer to an order that is never made."""
    talk = State(name="TALK", kind=StateKind.COMPLETING, screen=_plan("proceed"), keeps=frozenset({"order"}))
    tells = EffectSpec("TELLS", needs=("identity", "call"), due=lambda _: False)
    handlers = [
        *_small().handlers,
        Handler(trigger="talk", source="FORM", to="TALK", assigns=(assigns.order_is_kept(tells),), effects=(tells,)),
        Handler(trigger="proceed", role=EventRole.PROCEED, source="TALK", to=None),
        Handler(trigger="confirmed", role=EventRole.CONFIRMED, source="TALK", to="END"),
        Handler(trigger="refused", role=EventRole.REFUSED, source="TALK", to="END", reasons=("refused_by_bank",)),
    ]
    states = [
        attrs.evolve(state, screen=_plan("go", "talk", "cancel")) if state.name == "FORM" else state
        for state in _small().states.values()
    ]
    return rebuilt(_small(), states=[*states, talk], handlers=handlers)


def _plan(*events: str) -> ScreenPlan:
    buttons = tuple(ButtonPlan(event, "button.cancel") for event in events)
    return ScreenPlan(id="X", title="DONE.title", buttons=buttons)


COLOUR: Fact[str] = Fact("colour", at=(Occasion.CUSTOMER,))


def _small(*guards: Guard, assigns: tuple[Assign, ...] = ()) -> Chart:
    """One form that leads to another and back, as a user might write it."""
    final = frozenset({"END"})
    return Chart(
        "SMALL",
        title=WORDS,
        initial="FORM",
        states=(
            State(name="FORM", kind=StateKind.FORM, screen=_plan("go", "cancel")),
            State(name="REST", kind=StateKind.FORM, screen=_plan("back", "cancel")),
            *(State(name=name, kind=StateKind.ENDING, screen=_plan(), ending=Ending.EXPIRED) for name in final),
        ),
        handlers=(
            Handler(
                trigger="go", source="FORM", to="REST", checks=tuple(check(guard) for guard in guards), assigns=assigns
            ),
            Handler(trigger="back", role=EventRole.BACK, source="REST", to="FORM"),
            *(
                Handler(trigger=role.value, role=role, source=source, to="END", reasons=reasons)
                for source in ("FORM", "REST")
                for role, reasons in (
                    (EventRole.CANCEL, ()),
                    (EventRole.TIME_RAN_OUT, ("timed_out",)),
                    (EventRole.CLOCK_WENT_BACK, ("timed_out",)),
                )
            ),
        ),
    )


def _red(code: str) -> Guard:
    return Guard("it_is_red", lambda turn: turn.know(COLOUR) == "red", (code,), says=WORDS, reads=(COLOUR,))


# A procedure of one's own -----------------------------------------------------------------------------------


def test_a_chart_of_one_s_own_is_explored() -> None:
    """A chart with no phone, no bank and a fact of its own, whose values are given, holds."""
    seen = verify(_small(_red("format")), values={COLOUR.name: ["red", "blue"]})
    assert set() == failing(seen)
    assert (3, 9, 9) == (seen.situations, seen.transitions, seen.transitions_in_all)


def test_a_guard_that_never_decides_is_found() -> None:
    """With one value only, the guard's fall is dead, and its reason silent."""
    seen = verify(_small(_red("locked")), values={COLOUR.name: ["red"]})
    assert {"no dead transition", "no idle guard", "no silent reason"} == failing(seen)
    assert "never fails where it stands: it_is_red" in seen.render("en")


def test_a_fact_without_values_is_refused() -> None:
    """What a guard wants to know and nobody can tell is named, with what to do."""
    with pytest.raises(NotAbstractableError) as caught:
        verify(_small(_red("format")))
    assert str(caught.value) == (
        "chart SMALL cannot be abstracted: no values are known for the fact 'colour'; "
        "give its values with verify(…, values={…})"
    )


def test_a_guard_that_reads_a_clock_is_refused() -> None:
    """Nobody knows the phases of a guard's own deadline."""
    young = Guard("it_is_young", lambda turn: turn.now - turn.session.created_at < timedelta(1), ("late",), says=WORDS)
    with pytest.raises(NotAbstractableError, match="the guard it_is_young reads created_at"):
        verify(_small(young))


def test_a_count_without_limit_is_refused() -> None:
    """A count that a guard reads and nothing bounds is told apart for ever: the limit of situations stops it."""
    few = Guard("few_windows", lambda turn: turn.know(WINDOWS) >= 0, ("late",), says=WORDS, reads=(WINDOWS,))
    more = Assign("one_more", lambda _, session: attrs.evolve(session, windows=session.windows + 1))
    with pytest.raises(NotAbstractableError, match=r"more than 500 situations, a count may have no limit"):
        verify(_small(few, assigns=(more,)), limit=500)


def test_an_unknown_rule_is_refused() -> None:
    """Leaving out what is not there is a slip, not a wish."""
    with pytest.raises(NotAbstractableError, match="there is no rule or law A9; there are A1, A2"):
        verify(_small(), without=["A9"])


def test_without_the_laws_of_what_is_idle_no_other_policy_is_tried() -> None:
    """Then nothing counts as switched off, as nobody has looked; all else that is explored and held stays the same."""
    whole, less = verify(LOGIN, SMALL), verify(LOGIN, SMALL, without=IDLE)
    assert whole.switched_off > 0 == less.switched_off
    assert (whole.situations, whole.steps, whole.transitions) == (less.situations, less.steps, less.transitions)
    assert set(whole.held) - IDLE == set(less.held)
    assert set() == failing(less)


def test_with_one_law_of_what_is_idle_other_policies_are_tried() -> None:
    """What this policy switches off is not dead, so a single such law needs the others."""
    seen = verify(LOGIN, SMALL, without=IDLE - {"no dead transition"})
    assert set() == failing(seen)
    assert seen.switched_off > 0


# What is read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reads", "fact", "part"),
    [
        (lambda turn: turn.session.tries < 9, "session_tries", "tries"),
        (lambda turn: getattr(turn.session, "windows") < 9, "windows", "windows"),  # noqa: B009 - it may be
        (lambda turn: _wrong_codes_of(turn.session) < 9, "wrong_codes", "wrong_codes"),
        (lambda turn: turn.session.kept.method is None, "method", "method"),
    ],
)
def test_what_is_read_of_the_session_in_secret_is_refused(reads: Callable[[Turn], bool], fact: str, part: str) -> None:
    """A count that the verifier was not told of is named, with what to declare: else it would be judged too early."""
    with pytest.raises(NotAbstractableError) as caught:
        verify(_small(Guard("it_is_so", reads, ("format",), says=WORDS)))
    assert str(caught.value) == (
        f"chart SMALL cannot be abstracted: the guard it_is_so reads {part} of the session, and the verifier has to "
        f"know where; add the fact {fact} to its reads and ask for it with turn.know(…)"
    )


def _wrong_codes_of(session: Session) -> int:
    return session.wrong_codes


def test_a_fact_that_is_not_declared_breaks_the_guard() -> None:
    """A guard gets what it declares and nothing else, in the verifier as in a service (A8)."""
    greedy = Guard("it_is_red", lambda turn: turn.know(COLOUR) == "red", ("format",), says=WORDS)
    seen = verify(_small(greedy), values={COLOUR.name: ["red", "blue"]})
    assert "A8" in failing(seen)
    assert "the guard it_is_red reads the fact colour and does not declare it" in seen.render("en")


@pytest.mark.rule("M7")
def test_a_role_that_is_not_declared_is_refused() -> None:
    """Whoever finds a field by its role says so, and so a form that lacks the field is found when a chart is made."""

    def silently(handler: Handler) -> Handler:
        return attrs.evolve(handler, assigns=tuple(attrs.evolve(each, roles=()) for each in handler.assigns))

    with pytest.raises(NotAbstractableError) as caught:
        verify(with_step(LOGIN, "choose_phone", "BIM016", silently), SMALL)
    assert str(caught.value) == (
        "chart LOGIN_PASSWORD cannot be abstracted: the assignment phone_is_chosen reads the field in the role "
        "PHONE_CHOICE; add the role to its roles"
    )


def test_a_fact_that_is_declared_and_not_read_is_found() -> None:
    """A declaration that says more than is read would have counts told apart for nothing."""
    idle = Guard("it_is_red", lambda turn: turn.know(COLOUR) == "red", ("format",), says=WORDS, reads=(COLOUR, WINDOWS))
    seen = verify(_small(idle), values={COLOUR.name: ["red", "blue"]})
    assert {"no idle read": "declared, but never read: the guard it_is_red never reads windows"} == {
        failure.name: failure.what.en for failure in seen.failures
    }


@pytest.mark.rule("M7", "S9")
def test_a_reason_that_the_guard_does_not_declare_is_found() -> None:
    """What a guard gives is among its codes: others may have no words."""
    says = lambda _: (Refusal("late"),)  # noqa: E731 - a guard's reasons
    odd = Guard(
        "it_is_red", lambda turn: turn.know(COLOUR) == "red", ("format",), says=WORDS, reads=(COLOUR,), reasons=says
    )
    failed = {
        failure.name: failure.what.en for failure in verify(_small(odd), values={"colour": ["red", "blue"]}).failures
    }
    assert "the reason late is given, and the guard does not declare it" == failed["M7"]


@pytest.mark.rule("S5")
@pytest.mark.parametrize(
    "change", [lambda s, pin: s.keep_own("amount", f"a{pin}"), lambda s, pin: s.keep(email=pin)], ids=["own", "email"]
)
def test_a_secret_that_is_kept_in_the_open_is_found(change: Callable[[Session, str], Session]) -> None:
    """A PIN among the values of a chart's own, or anywhere in what a session keeps, however it came there."""

    def keeps(turn: Turn, session: Session) -> Session:
        pin = turn.know(READING).secret(Role.PIN)
        return session if pin is None else change(session, pin.reveal())

    assign = Assign("keeps", keeps, reads=(READING,), roles=(Role.PIN,), own="amount")
    handlers = [
        attrs.evolve(each, assigns=(*each.assigns, assign)) if each.trigger == "submit_reset" else each
        for each in RISK.handlers
    ]
    states = [
        attrs.evolve(each, keeps=each.keeps | {"amount", "email"}) if each.name == "COMPLETING" else each
        for each in RISK.states.values()
    ]
    broken = rebuilt(RISK, states=states, handlers=handlers)
    failed = {failure.name: failure.what.en for failure in verify(broken, SMALL).failures}
    assert failed["S5"].startswith("a secret that was entered stands in the open in ")


@pytest.mark.rule("S5")
def test_a_secret_that_goes_to_the_bank_in_the_open_is_found() -> None:
    """Data that are no Secret are stored as they are: a PIN among them is a leak."""
    data = lambda turn: {"note": f"the PIN is {turn.know(READING).secret(Role.PIN).reveal()}"}  # noqa: E731
    tells = EffectSpec("TELLS", data, needs=("identity", "call", "pin"), reads=(READING,), roles=(Role.PIN,))
    broken = with_step(
        RISK,
        "submit_reset",
        "BIM017",
        lambda handler: attrs.evolve(handler, effects=(tells,), assigns=(assigns.order_is_kept(tells),)),
    )
    failed = {failure.name: failure.what.en for failure in verify(broken, SMALL).failures}
    assert {"S5": "a secret that was entered stands in the open in TELLS.note"} == failed


@pytest.mark.rule("A1")
def test_what_each_order_needs_is_told() -> None:
    """It is the chart's own word, by which A1 is judged, so that whoever verifies sees it."""
    seen = verify(TOKEN, SMALL)
    assert {"ISSUE_TOKEN": ("identity", "call", "code")} == seen.needs
    assert "  orders: ISSUE_TOKEN needs identity, call, code\n" in seen.render("en")
    assert "  指図: ISSUE_TOKEN (本人確認・電話・確認番号)\n" in seen.render("ja")
    assert {"ISSUE_TOKEN": ["identity", "call", "code"]} == seen.to_dict()["needs"]


KANA_OR_KANJI = re.compile("[\\u3040-\\u30ff\\u4e00-\\u9fff]")


@pytest.mark.parametrize(
    "broken",
    [
        without_check(LOGIN, "submit_reset", "BIM017", "pin_is_right"),
        without_check(TOKEN, "keys_received", "BTR004_KEYS", "nothing_is_locked"),
        _ordering_nothing(RISK),
        with_state(LOGIN, "BIM016", keeps=frozenset({"ref", "phones", "chosen", "window"})),
    ],
    ids=["pin", "locks", "effects", "keeps"],
)
def test_what_does_not_hold_is_said_in_both_languages(broken: Chart) -> None:
    """Each failure's rule, what is wrong and its steps are Japanese in Japanese, and English in English."""
    seen = verify(broken, SMALL)
    assert seen.failures
    for failure in seen.failures:
        told = [failure.says, failure.what, *(line.words for line in failure.way.lines)]
        assert [] == [text for text in told if not KANA_OR_KANJI.search(text.ja)]
        assert [] == [text for text in told if KANA_OR_KANJI.search(text.en)]


def test_rules_that_the_same_steps_break_are_told_together() -> None:
    """The steps stand once, below all that they break; the fewest steps come first, what is wrong everywhere last."""
    seen = verify(_ordering_nothing(RISK), SMALL)
    ways = list(seen.by_way())
    assert sorted(ways, key=lambda way: (way.everywhere, len(way.lines))) == ways
    assert ways[-1].everywhere
    assert [] == [line for line in seen.render("en").splitlines() if line.endswith("at the very beginning")]
    assert len([way for way in ways if way.lines]) == seen.render("en").count("   1. ")
    assert {failure.name for failure in seen.failures} == {each.name for way in ways for each in seen.by_way()[way]}


def test_a_counterexample_is_drawn_on_its_chart_in_every_format() -> None:
    """The chart's own drawing, with the states of the way lit up; without the way nothing is."""
    seen = verify(without_check(LOGIN, "call_received", "PHONE", "caller_is_chosen_number"), SMALL)
    way = next(failure for failure in seen.failures if failure.name == "A2").way
    assert way.chart is not None
    assert {"mermaid", "dot", "plantuml", "svg", "json"} == set(FORMS)
    for form, language in FORMS.items():
        drawn = way.draw(form, "en")
        assert drawn == render(way.chart, language, language="en", highlight=["BIM015", "BIM016", "PHONE", "BIM017"])
        assert drawn != render(LOGIN, language, language="en")
    with pytest.raises(InvalidArgument, match="not as 'png'"):
        way.draw("png")
