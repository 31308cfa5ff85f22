"""The named rules of the specification that a step can break, judged by what truly happened, not by the chart.

A rule looks at one step and says what is wrong with it, or nothing. A check that the chart did not make counts as
failed: a step that goes on without reading the contract may go on with a locked one.
"""

from __future__ import annotations

from ja_reset.bank._values import Contract
from ja_reset.chart.states import Ending, StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.machines import facts
from ja_reset.text import Text
from ja_reset.verify import _bank_rules as bank_rules
from ja_reset.verify import _contract_rules as contract_rules
from ja_reset.verify import _key_rules as key_rules
from ja_reset.verify import _phone_rules as phone_rules
from ja_reset.verify._bench import (
    CONTRACT,
    IDENTITY_TRY,
    LEDGER,
    LOCKS,
    PIN_CHECK,
    PIN_TRY,
    PROVED,
    RECEIVED_AT,
    REPORT,
    Bench,
    Rule,
)
from ja_reset.verify._situations import SELF
from ja_reset.verify._steps import Step


def _a2(bench: Bench, step: Step) -> Text | None:
    if bench.goes_on(step) and (step.state != step.before.state or bench.role(step) is EventRole.CALL):
        if step.against:
            return Text(
                f"断る理由 ({', '.join(sorted(step.against))}) があるのに先へ進む",
                f"it should be refused ({', '.join(sorted(step.against))}), and yet it leads on",
            )
        needed = {REPORT, RECEIVED_AT} if bench.role(step) is EventRole.CALL else {facts.ENTRY.name, RECEIVED_AT}
        answered = step.before.session.kept.answered
        if bench.role(step) is EventRole.KEYS and answered is not None and answered.ended is not None:
            needed.add(facts.CALL_OVER.name)
        if missing := needed - set(step.facts):
            return Text(
                f"{', '.join(sorted(missing))} を確かめずに先へ進む",
                f"it leads on and nobody looked at {', '.join(sorted(missing))}",
            )
    if step.against and step.effects and not set(step.effects) <= LOCKS and not bank_rules.is_disowned(step):
        return Text(
            "何も証明しないのに金融機関に指示している", "it orders something of the bank though it proves nothing"
        )
    return None


def _a3(bench: Bench, step: Step) -> Text | None:
    if PIN_CHECK in step.facts or f"{PIN_CHECK}:no_answer" in step.event.told:
        reserved = step.facts.get(PIN_TRY)
        if reserved is None or reserved.value is not True:
            return Text(
                "照合枠を取らずに暗証番号を照合している", "a PIN is verified without an attempt that was reserved"
            )
        if not {CONTRACT, LEDGER} <= set(step.facts):
            return Text(
                "カードの利用停止を確かめずに暗証番号を照合している",
                "a PIN is verified and nobody looked whether the card is locked",
            )
    if step.environment.ghost.wrong_pins > bench.policies.lockout.pin_attempts:
        return Text(
            f"誤った暗証番号を続けて {step.environment.ghost.wrong_pins} 回照合した",
            f"{step.environment.ghost.wrong_pins} wrong PINs in a row were verified",
        )
    return None


def _a5(bench: Bench, step: Step) -> Text | None:
    wait = step.environment.wait
    ours = wait is not None and wait.session == SELF and wait.is_waiting(step.now)
    if step.state in bench.abstraction.waiting:
        return (
            None
            if ours
            else Text(
                "着信を待っているのに、番号の記録にはそうない",
                "it waits for a call, but the number's row does not say so",
            )
        )
    return (
        Text(
            "もう着信を待っていないのに、番号の記録では待っている",
            "it no longer waits for a call, but the number's row says so",
        )
        if ours
        else None
    )


def _a8(_bench: Bench, step: Step) -> Text | None:
    return (
        None
        if step.broke is None
        else Text(
            f"条件の判定、記録または指示の内容が例外で止まる: {step.broke}",
            f"a guard, an assign or an effect breaks: {step.broke}",
        )
    )


_NO_QUESTION = frozenset({EventRole.EXTEND, EventRole.CALL_ENDED})
"""What asks for nothing, so that staying is no refusal."""


def _m7(bench: Bench, step: Step) -> Text | None:
    silent = step.transition is not None and not step.moved and not step.reasons
    undeclared = set(step.reasons).difference(step.transition.codes) if step.transition is not None else set[str]()
    if undeclared:
        return Text(
            f"条件が宣言していない理由 {', '.join(sorted(undeclared))} を言う",
            f"the reason {', '.join(sorted(undeclared))} is given, and the guard does not declare it",
        )
    if silent and bench.kind(step.state) is not StateKind.COMPLETING and bench.role(step) not in _NO_QUESTION:
        return Text("断られたのに理由がない", "it is refused, and no reason is given")
    return None


def _s5(bench: Bench, step: Step) -> Text | None:
    kind, kept = bench.kind(step.state), step.session.kept
    if step.leaks:
        return Text(
            f"入力された秘密が {', '.join(step.leaks)} にそのまま残っている",
            f"a secret that was entered stands in the open in {', '.join(step.leaks)}",
        )
    if kind is StateKind.ENDING and kept.names:
        return Text(
            f"終わったセッションに {', '.join(sorted(kept.names))} が残っている",
            f"an ending keeps {', '.join(sorted(kept.names))}",
        )
    if kind in {StateKind.COMPLETING, StateKind.SUCCESS} and (kept.activation or kept.answered):
        return Text("封じた秘密が使い終わっても残っている", "a sealed secret is kept beyond its use")
    if kind in {StateKind.COMPLETING, StateKind.SUCCESS} and (kept.phones or kept.chosen or kept.window):
        return Text("電話の情報が使い終わっても残っている", "facts of the phone are kept beyond their use")
    return None


def _s6(_bench: Bench, step: Step) -> Text | None:
    kept = step.session.kept
    proved = step.facts[PROVED].value if PROVED in step.facts else None
    if kept.ref is not None and isinstance(proved, Contract) and kept.ref != proved.ref:
        return Text("証明された契約とは別の契約を覚えている", "another contract is kept than the one that was proved")
    if (kept.ref or kept.phones) and "identity" not in step.environment.ghost.proved:
        return Text(
            "本人確認の前に契約の情報を持っている", "facts of a contract are kept, and its identity is not proved"
        )
    return None


def _s3(bench: Bench, step: Step) -> Text | None:
    fits = bench.ends(step, Ending.EXPIRED) and step.reasons == ("timed_out",)
    return None if fits else Text(f"時間切れなのに {step.state} になる", f"time has run out, and it is {step.state}")


def _m2(bench: Bench, step: Step) -> Text | None:
    order = bench.abstraction.order
    fits = order[step.state] < order[step.before.state] and bench.kind(step.state) is StateKind.FORM
    return None if fits else Text(f"「戻る」で {step.state} になる", f"going back leads to {step.state}")


def _a4(bench: Bench, step: Step) -> Text | None:
    return (
        None
        if bench.ends(step, Ending.CANCELLED) and not step.effects
        else Text(f"中止したのに {step.state} になる", f"it is cancelled, and it is {step.state}")
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "A1",
        Text(
            ja="本人確認、電話、暗証番号(確認番号)のすべてなしに完了しない",
            en="no success without identity, call, and PIN or code, in that run",
        ),
        bank_rules.a1,
        "moved",
    ),
    Rule(
        "A2",
        Text(
            ja="非通知・050(選択された電話リレーサービスの番号を除く)・別番号・早い・遅い着信では先へ進まない",
            en="a withheld, 050 (but for the relay number chosen), other, early or late call never leads on",
        ),
        _a2,
        "phone",
    ),
    Rule(
        "A3",
        Text(ja="暗証番号の連続誤りは上限を超えない", en="no more wrong PINs in a row than the limit"),
        _a3,
        counts=lambda _bench, step: step.truth.wrong_pins == 1,
    ),
    Rule("A4", Text(ja="中止すれば終わる", en="cancelling ends it"), _a4, "cancel"),
    Rule("A5", Text(ja="一つの番号を待つセッションは一つだけである", en="at most one session waits for a number"), _a5),
    Rule("A8", Text(ja="何が起きても壊れない", en="nothing breaks, whatever happens"), _a8),
    Rule(
        "C3",
        Text(ja="発行の案内は入力されたアドレスに届く", en="the token's mail goes to the address that was entered"),
        bank_rules.c3,
        "moved",
    ),
    Rule(
        "C4",
        Text(ja="指示は一つずつ記録され、確認されて完了する", en="an effect is recorded, awaited and confirmed"),
        bank_rules.c4,
        "acts",
    ),
    Rule("C4a", Text(ja="金融機関の答えで決まる", en="the bank's answer decides"), bank_rules.c4a, "acts"),
    Rule("C5", Text(ja="完了は顧客に通知される", en="the customer is notified of a success"), bank_rules.c5, "acts"),
    Rule(
        "I5",
        Text(ja="本人確認の回数には上限がある", en="identities are tried no more often than the limit"),
        contract_rules.i5,
        "customer",
        counts=lambda _bench, step: IDENTITY_TRY in step.facts,
    ),
    Rule(
        "I6",
        Text(ja="利用停止中の契約は先へ進まない", en="a locked, unknown or unfit contract never goes on"),
        contract_rules.i6,
        "acts",
    ),
    Rule(
        "L2",
        Text(ja="最後の誤りでサービスとカードが利用停止になる", en="the last wrong PIN locks service and card"),
        contract_rules.l2,
        "acts",
    ),
    Rule(
        "L4",
        Text(ja="入力誤りは回数を使わず銀行に届かない", en="an invalid field costs nothing and asks nobody"),
        contract_rules.l4,
        "customer",
    ),
    Rule("M2", Text(ja="戻るは前の画面へ戻る", en="going back leads to an earlier screen"), _m2, "back"),
    Rule("M7", Text(ja="断るときは理由を言う", en="a refusal says why"), _m7),
    Rule("P1", Text(ja="使える番号だけを示す", en="only numbers that count are offered"), phone_rules.p1, "moved"),
    Rule(
        "P2",
        Text(
            ja="受付時間は方針どおりで、時間内の電話は数える",
            en="the window is the policy's, and what is right within it counts",
        ),
        phone_rules.p2,
        "acts",
    ),
    Rule(
        "P3",
        Text(ja="断られた着信にはそれぞれの理由がある", en="each refused call has its own reason"),
        phone_rules.p3,
        "phone",
    ),
    Rule(
        "P4",
        Text(ja="確認番号の誤りには上限がある", en="codes are tried no more often than the limits"),
        key_rules.p4,
        "acts",
        counts=key_rules.counts,
    ),
    Rule(
        "P6",
        Text(ja="受付の回数には上限がある", en="there are no more windows than the limit"),
        phone_rules.p6,
        "acts",
        counts=lambda bench, step: bool(step.truth.windows) or bench.role(step) is EventRole.WINDOW_CLOSED,
    ),
    Rule(
        "P7",
        Text(ja="電話が証明されるまで先へは進めない", en="proceed does nothing before the phone is proved"),
        phone_rules.p7,
        "acts",
    ),
    Rule(
        "P8",
        Text(ja="争われた番号と休止中の番号は誰も証明しない", en="a contested or resting number proves nobody"),
        phone_rules.p8,
        "acts",
    ),
    Rule("S3", Text(ja="時間切れで終わる", en="what runs out of time expires"), _s3, "expiry"),
    Rule("S5", Text(ja="秘密は使い終われば残らない", en="no secret is kept beyond its use"), _s5, "moved"),
    Rule(
        "S6",
        Text(ja="本人確認の前に契約を示さない", en="nothing of a contract before its identity is proved"),
        _s6,
        "moved",
    ),
)
"""Every rule that is told from one step."""
