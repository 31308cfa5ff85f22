"""The rules of what is ordered of the bank: proved, recorded once, decided by its answer (A1, C3, C4, C4a, C5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ja_reset.bank._values import EffectKind
from ja_reset.chart.states import Ending, StateKind
from ja_reset.chart.transitions import EventRole, WaitWrite
from ja_reset.fields.forms import Reading
from ja_reset.fields.specs import Role
from ja_reset.text import Text
from ja_reset.verify._bench import LOCKS, PROVED, READING, Bench, required
from ja_reset.verify._steps import Step

_PROOFS: Mapping[str, str] = MappingProxyType(
    {
        "identity": "本人確認",
        "call": "電話",
        "pin": "暗証番号",
        "code": "確認番号",
        "confirmation": "電話での確認",
        "an order to the bank": "金融機関への指示",
    }
)


def proofs_in_japanese(proofs: Iterable[str]) -> str:
    """Proofs by their names, in Japanese."""
    return "・".join(_PROOFS.get(each, each) for each in proofs)


def is_disowned(step: Step) -> bool:
    """Whether the caller says that the application is not theirs (P13)."""
    return step.transition is not None and step.transition.wait is WaitWrite.DISOWN


def a1(bench: Bench, step: Step) -> Text | None:
    """Nothing is ordered, and no success reached, without the proofs that it needs (A1)."""
    proved, effects = step.environment.ghost.proved, bench.abstraction.chart.effects
    for kind in step.effects:
        if effects[kind].notice and is_disowned(step):
            continue  # it is told at the end, whatever is proved
        missing = required(effects[kind], bench.policies) - proved
        if missing:
            return Text(
                f"{proofs_in_japanese(sorted(missing))}の証明なしに {kind} を指示している",
                f"{kind} is ordered without proof of {', '.join(sorted(missing))}",
            )
    if bench.kind(step.state) is StateKind.SUCCESS and step.moved:
        order = bench.awaited(step.before.session)
        missing = required(order, bench.policies) - proved if order else frozenset({"an order to the bank"})
        if missing:
            return Text(
                f"{proofs_in_japanese(sorted(missing))}なしに完了している",
                f"success is reached without {', '.join(sorted(missing))}",
            )
    return None


def c4(bench: Bench, step: Step) -> Text | None:
    """One order at a time, recorded with its key, and the locks together (C4)."""
    kind, effects = bench.kind(step.state), bench.abstraction.chart.effects
    main = [effects[name] for name in step.effects if effects[name].needs]
    if step.moved and kind is StateKind.COMPLETING:
        if len(step.effects) != 1 or len(main) != 1:
            return Text(
                "金融機関を待っているのに、指示がちょうど一つではない",
                "it waits for the bank, and not exactly one effect is ordered",
            )
        if step.session.kept.order != main[0].key(step.before.session):
            return Text(
                "金融機関を待っているのに、指示のキーを覚えていない",
                "it waits for the bank, and does not keep the order's key",
            )
    elif main:
        return Text(
            f"{main[0].name} を指示したのに、{step.state} はその結果を待たない",
            f"{main[0].name} is ordered, and {step.state} does not wait for it",
        )
    declared = (
        LOCKS.intersection(effect.name for effect in step.transition.effects) if step.transition is not None else LOCKS
    )
    halved = declared not in (frozenset(), LOCKS)  # the chart says what is locked, though the service locks both
    if halved or (set(step.effects) & LOCKS and not (set(step.effects) == LOCKS and bench.ends(step, Ending.LOCKED))):
        return Text(
            "サービスとカードがそろって利用停止にならずに終わる",
            "service and card are not locked together, at the end",
        )
    return _c4_data(step) if step.effects else None


def _c4_data(step: Step) -> Text | None:
    before, after = step.before.session.kept, step.session.kept
    if not (before.ref or after.ref or (PROVED in step.facts and step.facts[PROVED].value is not None)):
        return Text("どの契約のためか分からない指示がある", "something is ordered, and nobody knows for which contract")
    if EffectKind.ISSUE_TOKEN in step.effects and not (after.email and before.activation):
        return Text(
            "メールアドレスか利用開始パスワードのないまま発行を指示している",
            "a token is ordered without address or activation password",
        )
    return None


def c3(_bench: Bench, step: Step) -> Text | None:
    """The token's mail goes to the address that was entered (C3), and to no other."""
    reading = step.facts[READING].value if READING in step.facts else None
    entered = reading.text(Role.EMAIL) if isinstance(reading, Reading) else None
    email = step.session.kept.email
    if step.moved and email is not None and entered is not None and email != entered:
        return Text(
            "入力されたものとは別のメールアドレスを覚えている", "another e-mail address is kept than the one entered"
        )
    return None


def c4a(bench: Bench, step: Step) -> Text | None:
    """The bank's answer decides, and nothing else (C4a)."""
    kind, role = bench.kind(step.state), bench.role(step)
    if step.moved and kind is StateKind.SUCCESS and role is not EventRole.CONFIRMED:
        return Text("金融機関の確認なしに完了している", "success is reached, and the bank has not confirmed it")
    if role is EventRole.CONFIRMED and kind is not StateKind.SUCCESS:
        return Text("金融機関が確認したのに完了しない", "the bank has confirmed, and it is no success")
    order = bench.awaited(step.before.session)
    issues = order is not None and order.name == EffectKind.ISSUE_TOKEN
    if role is EventRole.CONFIRMED and issues and step.session.kept.issued is None:
        return Text("発行されたのにサービスIDとユーザIDを覚えていない", "a token is issued, and its ids are not kept")
    return _refused(bench, step) if role is EventRole.REFUSED else None


def _refused(bench: Bench, step: Step) -> Text | None:
    """Refused for good: back to the form that the order came from; where it came from no form, rejected (C4a)."""
    if not step.moved or bench.kind(step.state) in {StateKind.SUCCESS, StateKind.COMPLETING}:
        return Text("金融機関が断ったのに先へ進む", "the bank has refused, and it goes on as if it had not")
    if step.reasons != ("refused_by_bank",):
        return Text("金融機関が断ったのにその理由を言わない", "the bank has refused, and the reason is not said")
    came_from = {
        transition.source for transition in bench.abstraction.chart.transitions if transition.to == step.before.state
    }
    forms = {name for name in came_from if bench.kind(name) is StateKind.FORM}
    fits = step.state in forms if forms else bench.ends(step, Ending.REJECTED)
    return (
        None
        if fits
        else Text(
            f"金融機関が断ったのに、指示の元の画面ではなく {step.state} になる",
            f"the bank has refused, and it is {step.state}, not where the order came from",
        )
    )


def c5(bench: Bench, step: Step) -> Text | None:
    """The customer is told of a success, of an application that was disowned (P13), and of nothing else (C5)."""
    succeeds = step.moved and bench.kind(step.state) is StateKind.SUCCESS
    if (succeeds or is_disowned(step)) != (EffectKind.NOTIFY in step.effects):
        return Text(
            "完了が顧客に通知されない、または完了でないのに通知される",
            "the customer is not notified of a success, or is of something else",
        )
    return None
