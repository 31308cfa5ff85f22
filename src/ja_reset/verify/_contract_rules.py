"""The rules of the contract, of identity and PIN (specification, I, L)."""

from __future__ import annotations

from ja_reset.bank._values import PinCheck
from ja_reset.chart.states import Ending
from ja_reset.machines.facts import AttemptState
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.text import Text
from ja_reset.verify._bench import (
    CONTRACT,
    HINDRANCES,
    IDENTITY_TRY,
    LEDGER,
    LOCKS,
    PIN_CHECK,
    PIN_TRY,
    PROVED,
    READING,
    Bench,
)
from ja_reset.verify._steps import Source, Step

_NO_ANSWER, _UNDER_WAY = ("temporarily_unavailable",), ("in_progress",)


def i6(bench: Bench, step: Step) -> Text | None:
    """A contract that is gone, locked or unfit ends the session, and at every step somebody looks."""
    read = [step.facts[name] for name in (PROVED, CONTRACT, LEDGER) if name in step.facts]
    against = frozenset[str]().union(*(sample.against for sample in read)) if read else frozenset[str]()
    for code in HINDRANCES:
        if code in against:
            ending = Ending.LOCKED if code == "locked" else Ending.REJECTED
            fits = bench.ends(step, ending) and step.reasons == (code,)
            return (
                None
                if fits
                else Text(
                    f"契約は {code} なのに、その理由で {ending.name} に終わらない",
                    f"the contract is {code}, and it does not end in {ending.name} with that reason",
                )
            )
    by_whom = step.event.source in {Source.CUSTOMER, Source.TELEPHONE}
    if by_whom and bench.goes_on(step) and "identity" in step.environment.ghost.proved | step.before.proved:
        looked = LEDGER in step.facts and (CONTRACT in step.facts or PROVED in step.facts)
        if not looked:
            return Text(
                "契約の利用停止を確かめずに先へ進む", "it goes on, and nobody looked whether the contract is locked"
            )
    return None


def i5(bench: Bench, step: Step) -> Text | None:
    """The bank is asked of an identity only by a try that was counted, and no more often than the limit."""
    limit, ghost, told = bench.policies.identity.identity_attempts, step.environment.ghost, step.facts
    attempt = told.get(IDENTITY_TRY)
    asked = PROVED in told or f"{PROVED}:no_answer" in step.event.told
    if asked and (attempt is None or attempt.value is not AttemptState.TAKEN):
        return Text(
            "回数を数えずに本人確認を金融機関に尋ねている",
            "the bank is asked about an identity without a try that was counted",
        )
    if attempt is None:
        return None
    another = attempt.name.startswith("account:another")
    failures = max(ghost.failures, 0 if another else step.environment.tries.settled)
    if attempt.value is not AttemptState.TAKEN or (PROVED in told and told[PROVED].value is None):
        over = failures >= limit
        if over != bench.ends(step, Ending.REJECTED):
            return Text(
                f"失敗 {failures} 回 (上限 {limit} 回) で {step.state} になる",
                f"after {failures} failures of {limit} it is {step.state}",
            )
        waits_for_others = attempt.value is not AttemptState.TAKEN and not over
        if not waits_for_others and not _is_mismatch(step):
            return Text(
                f"失敗 {failures} 回 (上限 {limit} 回) で、言われた理由は不一致ではなく「{_given(step, 'なし')}」",
                f"after {failures} failures of {limit} the reason given is {_given(step)}, and not a mismatch",
            )
        if waits_for_others and step.reasons != _UNDER_WAY:
            return Text(
                f"残りの回数がすべて確認中なのに、言われた理由は {_given(step, 'なし')}",
                f"all tries are under way, and the reason given is {_given(step)}",
            )
    return None


def _is_mismatch(step: Step) -> bool:
    """Whether the one reason is that who one is does not fit, and nothing of what did not (I4)."""
    return step.reasons in {("identity_mismatch",), ("login_mismatch",)}


def _given(step: Step, none: str = "none") -> str:
    return ", ".join(step.reasons) or none


def l2(bench: Bench, step: Step) -> Text | None:
    """The last wrong PIN locks both; another one stays; the right one goes on; each refusal has its own reason.

    Whatever else ends LOCKED by the count orders both locks, if nobody has since the last unlock, and else none.
    """
    if (wrongly := _orders_wrongly(bench, step)) is not None:
        return wrongly
    none_free = PIN_TRY in step.facts and step.facts[PIN_TRY].value is False
    if PIN_CHECK not in step.facts and not none_free:
        return None
    check = None if none_free else step.facts[PIN_CHECK].value
    if check is PinCheck.RIGHT:
        return (
            None
            if bench.goes_on(step)
            else Text("暗証番号は正しいのに先へ進まない", "the PIN is right, and yet it does not go on")
        )
    last = check is PinCheck.WRONG and step.environment.attempts.is_locked(bench.policies.lockout.pin_attempts)
    says_so = step.transition is not None and LOCKS.issubset(effect.name for effect in step.transition.effects)
    if last and not (bench.ends(step, Ending.LOCKED) and says_so):  # the chart is what is drawn, so it has both locks
        return Text(
            "最後の誤りでサービスとカードが利用停止にならない", "the last wrong PIN does not lock service and card"
        )
    if not last and not (bench.stays(step) and not step.effects):
        return Text("暗証番号が証明されていないのに先へ進む", "the PIN is not proved, and yet it moves")
    reasons = ("wrong_pin", "locked") if last else ("wrong_pin",) if check is PinCheck.WRONG else _NO_ANSWER
    if none_free and not all(each.unknown for each in step.before.environment.attempts.open):
        reasons = _UNDER_WAY  # another session's attempt, which will be settled (L3)
    what = Text("誤り", "wrong") if check is PinCheck.WRONG else Text("照合されず", "not checked")
    return (
        None
        if step.reasons == reasons
        else Text(
            f"暗証番号は{what.ja}なのに、言われた理由は {_given(step, 'なし')}",
            f"the PIN is {what.en}, and the reason given is {_given(step)}",
        )
    )


def _orders_wrongly(bench: Bench, step: Step) -> Text | None:
    counted = step.facts.get(LEDGER)
    if counted is None or not bench.ends(step, Ending.LOCKED) or not isinstance(counted.value, PinAttempts):
        return None
    before, after = counted.value, step.environment.attempts
    limit = bench.policies.lockout.pin_attempts
    due = not before.locked and max(before.wrong, after.wrong) >= limit
    if due == (set(step.effects) == LOCKS):
        return None
    return (
        Text(
            "回数で利用停止になったのに両方の停止を指示しない",
            "it is locked by the count, and both locks are not ordered",
        )
        if due
        else Text("停止を二度指示している", "locks are ordered that are not due, or were ordered before")
    )


def l4(bench: Bench, step: Step) -> Text | None:
    """A form with an invalid field stays with its errors, and asks nobody."""
    reading = step.facts.get(READING)
    if reading is None:
        form = bench.abstraction.chart.form(step.before.state, step.event.trigger, step.before.session.kept.method)
        return (
            Text("入力が送られたのに誰も見ない", "a form is sent, and nobody looks at it") if form is not None else None
        )
    if not reading.against:
        return None
    if set(step.facts) != {READING}:
        return Text(
            "入力誤りがあるのに、入力のほかも尋ねている", "a form with an invalid field asks for more than the form"
        )
    fits = bench.stays(step) and set(step.reasons) == reading.against
    return (
        None
        if fits
        else Text(
            "入力誤りがあるのに、その誤りを示して留まらない",
            "a form with an invalid field does not stay with its errors",
        )
    )
