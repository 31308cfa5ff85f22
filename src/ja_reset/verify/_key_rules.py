"""The rules of what is keyed in on the phone: codes, the key that confirms, the key that disowns (P4, P13)."""

from __future__ import annotations

from ja_reset.chart.states import Ending, StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.proofs.attempts import WrongCodes
from ja_reset.service._view import asks_code
from ja_reset.text import Text
from ja_reset.verify._bank_rules import is_disowned
from ja_reset.verify._bench import CALL_KEY, NUMBER_CODES, WAIT, Bench
from ja_reset.verify._situations import NOW
from ja_reset.verify._steps import Step

_REPORTS = frozenset({EventRole.CALL, EventRole.KEYS})


def p4(bench: Bench, step: Step) -> Text | None:
    """A wrong code counts, for its call, the session and the number; a number that has none left is not chosen."""
    if bench.role(step) is EventRole.CALL_ENDED:
        after = step.session.kept.answered
        if step.moved or after is None or after.ended is None:
            return Text("通話の終了を待受けの途中で記録しない", "a call is over, and the session does not note it")
        return None
    if bench.role(step) not in _REPORTS:
        return _chosen_for_codes(bench, step)
    answered = step.session.kept.answered
    if bench.role(step) is EventRole.CALL and step.moved and answered is not None:
        key = step.facts[CALL_KEY].value if CALL_KEY in step.facts else None
        if answered.call != key or answered.wrong:
            return Text(
                "新しい電話なのに前の電話の番号を待っている", "a new call was answered, and the keys of another count"
            )
    return _keys(bench, step)


def counts(bench: Bench, step: Step) -> bool:
    """Whether `p4` looks at counts: of what is keyed in wrongly, and of a call that begins with none."""
    answers = step.moved and step.session.kept.answered is not None and bench.role(step) is EventRole.CALL
    return answers or step.against in ({"wrong_code"}, {"not_confirmed"})


def _keys(bench: Bench, step: Step) -> Text | None:
    if "not_me" in step.against or is_disowned(step):
        return _disowned(bench, step)
    if step.against == {"not_confirmed"}:
        return _not_confirmed(bench, step)
    return _wrong_code(bench, step) if step.transition is not None and step.against == {"wrong_code"} else None


def _disowned(bench: Bench, step: Step) -> Text | None:
    """The key alone ends it, at once and for good, and nothing else does so (P13)."""
    left, rest = step.environment.wait, bench.policies.phone.not_me_rest
    rests = left is not None and left.rests + (step.now - NOW) >= step.now + rest
    if step.against == {"not_me"} and bench.ends(step, Ending.REJECTED) and rests:
        return None
    return Text(
        "心当たりがないと押されても直ちに終わらない、またはそれ以外で終わる",
        "the caller disowns it and it does not end at once, or it ends though nobody does",
    )


def _not_confirmed(bench: Bench, step: Step) -> Text | None:
    """Another key than the one that confirms counts for its call alone, which is over with the last (P4)."""
    before, after = step.before.session.kept.answered, step.session.kept.answered
    wrong = 0 if before is None else before.wrong + 1
    over = wrong >= bench.policies.phone.code_attempts
    counted = after is None if over else after is not None and after.wrong == wrong
    alone = step.session.wrong_codes == step.before.session.wrong_codes
    if counted and alone and step.state in bench.abstraction.waiting:
        return None
    return Text(
        "確認されないキーがその電話だけで数えられない", "a key that does not confirm does not count for its call alone"
    )


def _wrong_code(bench: Bench, step: Step) -> Text | None:
    phone, ghost = bench.policies.phone, step.environment.ghost
    left = left_of_number(bench, step)
    of_session = ghost.wrong_codes >= phone.codes_per_session
    if left is None and not of_session:
        return Text(
            "番号の誤りの回数を確かめない", "a code is wrong, and nobody looked how many were wrong for the number"
        )
    if of_session or (left is not None and left <= 1):
        return (
            None
            if bench.ends(step, Ending.REJECTED)
            else Text(
                "セッションまたは番号で最後の誤った確認番号なのに REJECTED にならない",
                "the last wrong code of the session, or of the number, does not reject it",
            )
        )
    over = step.before.environment.ghost.wrong_in_call + 1 >= phone.code_attempts
    if bench.kind(step.state) is not StateKind.WAITING:
        return Text(
            f"誤った確認番号 ({ghost.wrong_codes}/{phone.codes_per_session} 回目) で待つのをやめる",
            f"a wrong code, {ghost.wrong_codes} of {phone.codes_per_session}, ends the wait",
        )
    if over != (step.session.kept.answered is None):
        return Text(
            "最後ではない誤りで通話が終わる、または最後の誤りで終わらない",
            "a call is over with another wrong code than its last",
        )
    return None


def left_of_number(bench: Bench, step: Step) -> int | None:
    """How many codes are left for the number, where somebody looked."""
    row = step.facts.get(NUMBER_CODES)
    held = row.value if row is not None else None
    return held.left(bench.policies.phone.codes_per_number) if isinstance(held, WrongCodes) else None


def _chosen_for_codes(bench: Bench, step: Step) -> Text | None:
    waiting, left = bench.abstraction.waiting, left_of_number(bench, step)
    enters = step.state in waiting and step.before.state not in waiting
    if enters and not left and asks_code(bench.abstraction.chart, step.session, bench.policies):
        return Text(
            "確認番号が残っていない番号からの電話を待ち始める",
            "it begins to wait for a code to be keyed in for a number that has none left, or nobody looked",
        )
    if left is not None and WAIT not in step.facts:
        return Text(
            "誰がその番号を待っているかより先に、確認番号の残りを確かめる",
            "it is asked how many codes are left before it is asked who waits for the number",
        )
    if left == 0 and not (bench.stays(step) and step.reasons == ("codes_used_up",)):
        return Text(
            "確認番号が残っていないのに、その理由で断らない",
            "no code is left for the number, and that is not the reason",
        )
    return None
