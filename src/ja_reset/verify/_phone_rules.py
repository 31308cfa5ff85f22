"""The rules of the phone: window, call, code, the contest of a number (specification, P)."""

from __future__ import annotations

from ja_reset.bank._values import Contract
from ja_reset.chart.session import SessionData, Window
from ja_reset.chart.states import Ending, StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.proofs.waits import WaitEnd, Waits
from ja_reset.text import Text
from ja_reset.verify._bench import CONTRACT, LEDGER, PROVED, RECEIVED_AT, WAIT, Bench
from ja_reset.verify._key_rules import left_of_number
from ja_reset.verify._samples import DIALS
from ja_reset.verify._situations import LINES, NOW, contest_of
from ja_reset.verify._steps import Source, Step

_INTERNET = "050"
REPORTS = frozenset({EventRole.CALL, EventRole.KEYS})
"""What a gateway tells."""


def p1(bench: Bench, step: Step) -> Text | None:
    """Only registered numbers are offered; of 050 numbers only a relay service's, if the policy says so."""
    proved = step.facts[PROVED].value if PROVED in step.facts else None
    if not isinstance(proved, Contract):
        return None
    may = {number for number in proved.phones if not number.startswith(_INTERNET)}
    if bench.policies.caller_id.relay:
        may |= {number for number in proved.relay_phones if number.startswith(_INTERNET)}
    if {f"0{phone.number.removeprefix('+81')}" for phone in step.session.kept.phones} <= may:
        return None
    return Text("示してはならない番号を示す", "a number is offered that may not be")


def p2(bench: Bench, step: Step) -> Text | None:
    """The window is the policy's, and what is right within it counts."""
    waiting = bench.abstraction.waiting
    if bench.role(step) in REPORTS:
        complete = {RECEIVED_AT, CONTRACT, LEDGER} <= set(step.facts)
        if complete and not step.against and not bench.goes_on(step):
            return Text("正しく時間内なのに数えられない", "it is right and in time, and yet it does not count")
        return None
    if step.state in waiting and step.before.state not in waiting and step.transition is not None:
        window = step.session.kept.window
        figures = [assign.limit for assign in step.transition.assigns if assign.limit is not None]
        lengths = [getattr(bench.policies.phone, figure, None) for figure in figures]
        if window is None or window.opened_at != step.now:
            return Text(
                "電話の画面に入ったのに受付時間が始まらない", "the phone screen is entered, and no window opens then"
            )
        if window.closes_at - window.opened_at not in lengths:
            return Text(
                f"受付時間が {window.closes_at - window.opened_at} で、方針の値ではない",
                f"the window is open for {window.closes_at - window.opened_at}, which is not the policy's figure",
            )
    return None


def p3(bench: Bench, step: Step) -> Text | None:
    """Each refused call, or entry of keys, has its own reason, and changes nothing."""
    if not step.against or step.transition is None:
        return None
    if not step.reasons or not set(step.reasons) <= step.against:
        due, given = ", ".join(sorted(step.against)), ", ".join(step.reasons)
        return Text(
            f"断る理由は {due} なのに、言われた理由は {given or 'なし'}",
            f"it should be refused ({due}), and the reason given is {given or 'none'}",
        )
    if not step.moved and not bench.stays(step) and bench.role(step) is EventRole.CALL:
        return Text("断られた着信がセッションの内容を変える", "a refused call changes what the session keeps")
    return None


def p6(bench: Bench, step: Step) -> Text | None:
    """No more windows than the limit; the last that closes ends the session."""
    ghost, limit = step.environment.ghost, bench.policies.phone.phone_windows
    if ghost.windows > limit:
        return Text(f"{limit} 回までの受付の {ghost.windows} 回目が始まる", f"window {ghost.windows} of {limit} opens")
    if step.event.source is Source.CUSTOMER and "timed_out" in step.reasons and not bench.ends(step, Ending.EXPIRED):
        return Text("受付が残っていないのに EXPIRED で終わらない", "no window is left, and it does not end in EXPIRED")
    if bench.role(step) is EventRole.WINDOW_CLOSED and step.transition is not None:
        if "timed_out" not in step.reasons:
            return Text("受付時間が終わったのに理由を言わない", "a window closes, and the reason is not said")
        if (ghost.windows >= limit) != bench.ends(step, Ending.EXPIRED):
            return Text(
                f"{limit} 回までの受付の {ghost.windows} 回目が終わり、{step.state} になる",
                f"window {ghost.windows} of {limit} closes, and it is {step.state}",
            )
    return None


def p7(bench: Bench, step: Step) -> Text | None:
    """Proceed leads nowhere before the phone is proved."""
    echoes = bench.abstraction.chart.states[step.state].tolerates
    only_asks = {bench.abstraction.chart.role(event) for event in echoes} == {EventRole.PROCEED}
    if step.moved and echoes and (not only_asks or "call" not in step.environment.ghost.proved):
        return Text(
            f"電話が証明されていない {step.state} で {', '.join(echoes)} が通る",
            f"{', '.join(echoes)} is let through in {step.state}, where the phone is not proved",
        )
    if bench.role(step) is EventRole.PROCEED and bench.kind(step.before.state) is StateKind.WAITING:
        fits = bench.stays(step) and step.reasons == ("phone_not_verified",)
        return (
            None
            if fits
            else Text(
                "proceed が「電話が未証明」と言うほかのことをする",
                "proceed does more than say that the phone is not proved",
            )
        )
    return None


def p8(bench: Bench, step: Step) -> Text | None:
    """A number is waited for by one session; a contested or resting one proves nobody."""
    waiting = bench.abstraction.waiting
    enters = step.state in waiting and step.before.state not in waiting
    row = step.facts.get(WAIT)
    if enters and row is None:
        return Text(
            "その番号を誰が待っているかを確かめずに待ち始める",
            "it begins to wait, and nobody looked who waits for the number",
        )
    if row is not None and (what := _of_row(bench, step, row.value, enters=enters)) is not None:
        return what
    if step.before.state in waiting and bench.goes_on(step) and step.state not in waiting:
        held, left = step.before.environment.wait, step.environment.wait
        if left is not None and (held is None or left.rests + (step.now - NOW) != held.earlier):
            return Text(
                "成功して終わったのに、番号が休止している", "the wait ended in success, and yet the number rests for it"
            )
    is_contested = bench.role(step) is EventRole.CONTESTED and step.transition is not None
    return _contested(bench, step) if is_contested else _within_a_wait(bench, step)


def _of_row(bench: Bench, step: Step, row: object, *, enters: bool) -> Text | None:
    """Only a line that is free for the session is waited on; a number that is asked for in vain is contested."""
    waits = row if isinstance(row, Waits) else Waits()
    free = _free_lines(waits, bench.policies.phone.waits_per_number)
    contest = ", ".join(contest_of(wait) for wait in waits.held)
    taken = not free
    if taken and not (bench.stays(step) and step.reasons == ("number_in_use",)):
        return Text(
            f"番号が空いていない ({contest}) のに {step.state} になる",
            f"the number is not free ({contest}), and yet it is {step.state}",
        )
    if enters and step.session.kept.window is not None and _line_of(step.session.kept.window) not in free:
        return Text(
            f"空いていない発信先 ({contest}) で待ち始める",
            f"it begins to wait on a line that is not free ({contest})",
        )
    left = step.environment.wait
    if taken and "other waits" in contest and (left is None or left.end is not WaitEnd.CONTESTED):
        return Text(
            "別のセッションが待つ番号を求めたのに、そのセッションの待ちが続いている",
            "a number that another session waits for is asked for, and that wait goes on",
        )
    if not taken and not enters and left_of_number(bench, step) != 0:
        return Text("番号は空いているのに待ち始めない", "the number is free, and yet it does not wait for it")
    return None


def _free_lines(waits: Waits, most: int) -> set[str | None]:
    """The lines on which no other session waits, and for no other's wait the number rests (P8)."""
    phases = [(contest_of(wait), wait.line) for wait in waits.held]
    waiting = sum(phase == "other waits" for phase, _ in phases)
    if waiting >= most or any(phase == "contested" for phase, _ in phases):
        return set()
    taken = {line for phase, line in phases if phase in {"other waits", "other rested"}}
    return {line for line in waits.lines if not taken & {line, None} and not (line is None and taken)}


def _line_of(window: Window) -> str | None:
    return dict(zip(DIALS, LINES, strict=True)).get(window.dial or "")


def _wait(kept: SessionData) -> tuple[object, ...]:
    """The number and the window that are waited for, however many wrong codes were keyed in."""
    window = kept.window
    return (kept.chosen, None if window is None else (window.opened_at, window.closes_at, window.dial))


def _within_a_wait(bench: Bench, step: Step) -> Text | None:
    before, after = step.before.session.kept, step.session.kept
    if {step.state, step.before.state} <= bench.abstraction.waiting and _wait(before) != _wait(after):
        return Text(
            "電話を待つ間に、選んだ番号または受付時間が変わる",
            "the number chosen, or its window, changes while a call is waited for",
        )
    return None


def _contested(bench: Bench, step: Step) -> Text | None:
    if bench.kind(step.state) is not StateKind.FORM:
        return Text(
            f"番号が争われたのに、電話を選ぶ画面ではなく {step.state} になる",
            f"the number is contested, and it is {step.state}, not where the phone is chosen",
        )
    return (
        None
        if step.reasons == ("number_contested",)
        else Text("番号が争われたのに、その理由を言わない", "the number is contested, and that reason is not given")
    )
