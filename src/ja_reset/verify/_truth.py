"""What has truly happened, told by what was told alone: kept beside the machine, and never read by it."""

from __future__ import annotations

from ja_reset.bank._values import PinCheck
from ja_reset.chart.transitions import EventRole
from ja_reset.machines import facts
from ja_reset.verify._abstraction import Abstraction
from ja_reset.verify._situations import GhostState, Proof
from ja_reset.verify._steps import Step


def truth_after(step: Step, abstraction: Abstraction, *, proved: tuple[Proof, ...] | None = None) -> GhostState:
    """What has truly happened, by what was told alone: a proof that was not looked at is none.

    *proved*: the proofs that stand afterwards, where they are known.
    """
    before, told, role = step.before, step.facts, abstraction.chart.role(step.event.trigger)
    waiting = abstraction.waiting
    ghost = before.environment.ghost if step.transition is not None else step.environment.ghost
    failures, wrong_pins = ghost.failures, ghost.wrong_pins
    windows, wrong_codes, in_call = ghost.windows, ghost.wrong_codes, ghost.wrong_in_call
    proofs = ghost.proofs
    if step.moved:
        proofs = _proofs(step, proofs, abstraction) if proved is None else proved
        if step.state in waiting and before.state not in waiting:
            windows = min(windows + 1, abstraction.policies.phone.phone_windows + 1)
    if facts.PROVED.name in told and told[facts.PROVED.name].value is None:
        failures = min(failures + 1, abstraction.policies.identity.identity_attempts + 1)
    if facts.PIN_CHECK.name in told:
        match told[facts.PIN_CHECK.name].value:
            case PinCheck.WRONG:
                wrong_pins += 1
            case PinCheck.RIGHT:
                wrong_pins = 0
    judged = step.transition is not None and role is EventRole.KEYS
    if judged and "wrong_code" in step.against and not step.against & {"early", "late"}:
        wrong_codes = min(wrong_codes + 1, abstraction.policies.phone.codes_per_session + 1)
        in_call = min(in_call + 1, abstraction.policies.phone.code_attempts + 1)
    if (role is EventRole.CALL and step.moved) or step.state not in waiting:
        in_call = 0
    wrong_pins = min(wrong_pins, abstraction.policies.lockout.pin_attempts + 1)
    if (proofs, windows, wrong_codes, in_call, failures, wrong_pins) == (
        ghost.proofs,
        ghost.windows,
        ghost.wrong_codes,
        ghost.wrong_in_call,
        ghost.failures,
        ghost.wrong_pins,
    ):
        return ghost
    return GhostState(proofs, windows, wrong_codes, in_call, failures, wrong_pins)


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
    proved = told.get(facts.PROVED.name)
    if proved is not None and proved.value is not None:
        won.add("identity")
    if facts.REPORT.name in told and facts.RECEIVED_AT.name in told and not step.against:
        won.add("call")
    if {facts.ENTRY.name, facts.CODE.name, facts.RECEIVED_AT.name} <= set(told) and not step.against:
        won.add("code")
    check, reserved = told.get(facts.PIN_CHECK.name), told.get(facts.PIN_ATTEMPT.name)
    if check is not None and check.value is PinCheck.RIGHT and reserved is not None and reserved.value is True:
        won.add("pin")
    return won
