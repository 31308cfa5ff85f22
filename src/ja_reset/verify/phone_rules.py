"""The rules of the phone: window, call, code, the contest of a number (SPEC P)."""

from __future__ import annotations

from ja_reset.arrows import StateKind
from ja_reset.verify.bench import CALL, CONTRACT, KEYS, LEDGER, RECEIVED_AT, WAIT, Bench
from ja_reset.verify.situations import NOW, contest_of
from ja_reset.verify.steps import Source, Step
from ja_reset.waits import Wait, WaitEnd


def p2(bench: Bench, step: Step) -> str | None:
    """The window is the policy's, and what is right within it counts."""
    waiting = bench.abstraction.waiting
    if step.event.trigger in {CALL, KEYS}:
        complete = {RECEIVED_AT, CONTRACT, LEDGER} <= set(step.facts)
        if complete and not step.against and not bench.goes_on(step):
            return "it is right and in time, and yet it does not count"
        return None
    if step.state in waiting and step.before.state not in waiting and step.arrow is not None:
        window = step.session.kept.window
        figures = [learn.figure for learn in step.arrow.learns if learn.figure is not None]
        lengths = [getattr(bench.policies.phone, figure, None) for figure in figures]
        if window is None or window.opened_at != step.now:
            return "the phone screen is entered, and no window opens then"
        if window.closes_at - window.opened_at not in lengths:
            return f"the window is open for {window.closes_at - window.opened_at}, which is not the policy's figure"
    return None


def p3(bench: Bench, step: Step) -> str | None:
    """Each refused call, or entry of keys, has its own reason, and changes nothing."""
    if not step.against or step.arrow is None:
        return None
    if not step.reasons or not set(step.reasons) <= step.against:
        return f"it is {', '.join(sorted(step.against))}, and the reason given is {', '.join(step.reasons) or 'none'}"
    if not step.moved and not bench.stays(step) and step.event.trigger == CALL:
        return "a refused call changes what the session keeps"
    return None


def p4(bench: Bench, step: Step) -> str | None:
    """A wrong code counts, for its call and for the session."""
    phone, truth = bench.policies.phone, step.world.truth
    if step.arrow is None or step.against != {"wrong_code"}:
        return None
    if truth.wrong_codes >= phone.codes_per_session:
        return None if bench.ends(step, "REJECTED") else "the last wrong code of the session does not reject it"
    over = step.before.world.truth.wrong_in_call + 1 >= phone.code_attempts
    if bench.kind(step.state) is not StateKind.WAITING:
        return f"a wrong code, {truth.wrong_codes} of {phone.codes_per_session}, ends the wait"
    if over != (step.session.kept.answered is None):
        return "a call is over with another wrong code than its last"
    return None


def p6(bench: Bench, step: Step) -> str | None:
    """No more windows than the limit; the last that closes ends the session."""
    truth, limit = step.world.truth, bench.policies.phone.phone_windows
    if truth.windows > limit:
        return f"window {truth.windows} of {limit} opens"
    if step.event.source is Source.CUSTOMER and "timed_out" in step.reasons and not bench.ends(step, "EXPIRED"):
        return "no window is left, and it does not end in EXPIRED"
    if step.event.trigger == "window_closed" and step.arrow is not None:
        if "timed_out" not in step.reasons:
            return "a window closes, and the reason is not said"
        if (truth.windows >= limit) != bench.ends(step, "EXPIRED"):
            return f"window {truth.windows} of {limit} closes, and it is {step.state}"
    return None


def p7(bench: Bench, step: Step) -> str | None:
    """Proceed leads nowhere before the phone is proved."""
    echoes = bench.abstraction.chart.states[step.state].echoes
    if step.moved and echoes and (set(echoes) != {"proceed"} or "call" not in step.world.truth.proved):
        return f"{', '.join(echoes)} is let through in {step.state}, where the phone is not proved"
    if step.event.trigger == "proceed" and bench.kind(step.before.state) is StateKind.WAITING:
        fits = bench.stays(step) and step.reasons == ("phone_not_verified",)
        return None if fits else "proceed does more than say that the phone is not proved"
    return None


def p8(bench: Bench, step: Step) -> str | None:
    """A number is waited for by one session; a contested or resting one proves nobody."""
    waiting = bench.abstraction.waiting
    enters = step.state in waiting and step.before.state not in waiting
    row = step.facts.get(WAIT)
    if enters and row is None:
        return "it begins to wait, and nobody looked who waits for the number"
    if row is not None:
        held = row.value if isinstance(row.value, Wait) else None
        contest = contest_of(held)
        taken = contest in {"other waits", "other rested", "contested"}
        if taken and not (bench.stays(step) and step.reasons == ("number_in_use",)):
            return f"the number is not free ({contest}), and yet it is {step.state}"
        after = step.world.wait
        if contest == "other waits" and (after is None or after.end is not WaitEnd.CONTESTED):
            return "a number that another session waits for is asked for, and that wait goes on"
        if not taken and not enters:
            return "the number is free, and yet it does not wait for it"
    if step.before.state in waiting and bench.goes_on(step) and step.state not in waiting:
        before, after = step.before.world.wait, step.world.wait
        if after is not None and (before is None or after.rests + (step.now - NOW) != before.earlier):
            return "the wait ended in success, and yet the number rests for it"
    return _contested(bench, step) if step.event.trigger == "number_contested" and step.arrow is not None else None


def _contested(bench: Bench, step: Step) -> str | None:
    if bench.kind(step.state) is not StateKind.FORM:
        return f"the number is contested, and it is {step.state}, not where the phone is chosen"
    return None if step.reasons == ("number_contested",) else "the number is contested, and that reason is not given"
