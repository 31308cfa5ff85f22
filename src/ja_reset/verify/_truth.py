"""What has truly happened, told by what was told alone: kept beside the machine, and never read by it."""

from __future__ import annotations

from ja_reset.bank._values import PinCheck
from ja_reset.chart.transitions import EventRole
from ja_reset.machines import facts
from ja_reset.verify._abstraction import Abstraction
from ja_reset.verify._situations import Proof, Truth
from ja_reset.verify._steps import Step

PROVED, PIN_CHECK = facts.PROVED.name, facts.PIN_CHECK.name


def truth_of(step: Step, abstraction: Abstraction) -> Truth:
    """What *step* adds, by what was told alone: a proof that was not looked at is none."""
    before, told, role = step.before, step.facts, abstraction.chart.role(step.event.trigger)
    waiting, moved = abstraction.waiting, step.moved
    check = told[PIN_CHECK].value if PIN_CHECK in told else None
    judged = role is EventRole.KEYS and step.transition is not None
    return Truth(
        _proofs(step, before.environment.ghost.proofs, abstraction) if moved else None,
        1 if moved and step.state in waiting and before.state not in waiting else 0,
        1 if PROVED in told and told[PROVED].value is None else 0,
        1 if judged and "wrong_code" in step.against and not step.against & {"early", "late"} else 0,
        None if check is PinCheck.RIGHT else 1 if check is PinCheck.WRONG else 0,
        (moved and role is EventRole.CALL) or step.state not in waiting,
    )


def _proofs(step: Step, proofs: tuple[Proof, ...], abstraction: Abstraction) -> tuple[Proof, ...]:
    entered, place = abstraction.order[step.state], abstraction.order[step.before.state]
    won = proved_by(step)
    return (
        *(proof for proof in proofs if proof.place < entered and proof.what not in won),
        *(Proof(what, place) for what in sorted(won)),
    )


def proved_by(step: Step) -> set[str]:
    """What a step that moves on proves: looked at, and in truth so."""
    told, won = step.facts, set[str]()
    if not step.moved or step.against & {"locked", "contract_unknown", "not_individual", "no_phone"}:
        return won
    proved = told.get(PROVED)
    if proved is not None and proved.value is not None:
        won.add("identity")
    if facts.REPORT.name in told and facts.RECEIVED_AT.name in told and not step.against:
        won.add("call")
    if {facts.ENTRY.name, facts.RECEIVED_AT.name} <= set(told) and not step.against:
        won |= {"confirmation", "code"} if facts.CODE.name in told else {"confirmation"}
    check, reserved = told.get(PIN_CHECK), told.get(facts.PIN_ATTEMPT.name)
    if check is not None and check.value is PinCheck.RIGHT and reserved is not None and reserved.value is True:
        won.add("pin")
    return won
