"""The values that each fact can have in a situation, and what resolving it changes: the counts, the attempt.

What is counted before the bank is asked is counted here as in a turn, by `PinAttempts` and `IdentityAttempts`. All
faults are combined where a state asks for a fact for the first time; elsewhere each stands by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from ja_reset.bank._values import Contract, PinCheck
from ja_reset.chart._changed import changed
from ja_reset.chart.turn import BankFact
from ja_reset.machines import facts
from ja_reset.machines._phones import offered
from ja_reset.machines.facts import AttemptState
from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts
from ja_reset.verify import _near_misses as near_misses
from ja_reset.verify import _phone_choices as phone_choices
from ja_reset.verify import _samples as samples
from ja_reset.verify._abstraction import awaited
from ja_reset.verify._drafts import MINE, NO_ANSWER, Choices, Draft
from ja_reset.verify._samples import NoSampleError, Sample
from ja_reset.verify._situations import NOW
from ja_reset.verify._values import Choose, Values


def _identity_try(values: Values, draft: Draft, _now: datetime) -> Choices:
    """The account that is typed is the one that others try too, or one that nobody has tried."""
    limit, session = values.policies.identity.identity_attempts, draft.session
    accounts = [("account:this", draft.environment.tries)]
    if draft.environment.tries.count:
        accounts.append(("account:another", IdentityAttempts()))
    for place, (name, tries) in enumerate(accounts):
        if max(tries.count, session.tries) >= limit:
            yield Sample(AttemptState.NONE_FREE, f"{name}, no try free"), None, None
            continue
        taken = changed(session, tries=session.tries + 1)
        environment = changed(draft.environment, tries=tries.take(MINE, NOW)) if place == 0 else None
        yield Sample(AttemptState.TAKEN, name if len(accounts) > 1 else ""), taken, environment


def _tries(_values: Values, draft: Draft, _now: datetime) -> Choices:
    attempt = draft.facts.get(facts.IDENTITY_ATTEMPT.name)
    another = attempt is not None and attempt.name.startswith("account:another")
    tries = draft.environment.tries
    if another:
        tries = (
            IdentityAttempts().take(MINE, NOW)
            if attempt is not None and attempt.value is AttemptState.TAKEN
            else IdentityAttempts()
        )
    yield Sample(tries.keep(MINE), ""), None, None


def _proved(values: Values, draft: Draft, _now: datetime) -> Choices:
    """Right or wrong; where the state is new, with every hindrance of the contract, else with each by itself."""
    new = values.is_new(draft.session, facts.PROVED.name)
    plain = draft.facts[facts.IDENTITY_ATTEMPT.name].name if facts.IDENTITY_ATTEMPT.name in draft.facts else ""
    for sample in samples.IDENTITIES:
        if sample.value is None or not sample.against or new or (len(sample.against) == 1 and not plain):
            yield sample, None, None
    if new:
        yield Sample(near_misses.ANOTHER, "identity:right+another"), None, None
    yield NO_ANSWER, None, None


def _offered(values: Values, draft: Draft, _now: datetime) -> Choices:
    contract = draft.known.get(facts.PROVED.name)
    numbers = offered(contract, relay=values.policies.caller_id.relay) if isinstance(contract, Contract) else ()
    yield Sample(numbers, ""), None, None


def _phone_ids(_values: Values, draft: Draft, _now: datetime) -> Choices:
    numbers = draft.known.get(facts.OFFERED.name)
    yield Sample(samples.PHONE_IDS[: len(numbers) if isinstance(numbers, tuple) else 0], ""), None, None


def _contract(_values: Values, draft: Draft, now: datetime) -> Choices:
    """As the bank may know it; what a report that came at another instant meets is no different."""
    if draft.session.kept.ref is None and facts.PROVED.name in draft.facts:  # as it was just proved
        yield Sample(draft.known[facts.PROVED.name], "", draft.facts[facts.PROVED.name].against), None, None
        return
    if _came_otherwise(draft, now):
        yield samples.CONTRACTS[0], None, None
        return
    yield from ((sample, None, None) for sample in samples.CONTRACTS)
    yield NO_ANSWER, None, None


def _came_otherwise(draft: Draft, now: datetime) -> bool:
    """Whether a call or keys came at another moment than the plainest one, which meets every contract."""
    received = draft.facts.get(facts.RECEIVED_AT.name)
    return received is not None and (now != NOW or received.name not in {"received:now", "received:last"})


def _ledger(values: Values, draft: Draft, now: datetime) -> Choices:
    """The count as it stands, locked by another session meanwhile, or at a limit that was lowered meanwhile."""
    limit, attempts = values.policies.lockout.pin_attempts, draft.environment.attempts
    locked = attempts.is_locked(limit)
    yield Sample(attempts, "count:locked" if locked else "", frozenset({"locked"} if locked else ())), None, None
    if not locked and not _came_otherwise(draft, now):
        for shut in (PinAttempts(limit, locked=True), PinAttempts(limit)):
            environment = changed(draft.environment, attempts=shut)
            yield (
                Sample(shut, "count:locked" if shut.locked else "count:full", frozenset({"locked"})),
                None,
                environment,
            )


def _pin_try(values: Values, draft: Draft, _now: datetime) -> Choices:
    if draft.environment.attempts.tries_left(values.policies.lockout.pin_attempts) == 0:
        yield Sample(False, "pin:none_free"), None, None  # noqa: FBT003 - the fact's value
        return
    environment = changed(draft.environment, attempts=draft.environment.attempts.reserve(MINE, NOW))
    yield Sample(True, ""), None, environment  # noqa: FBT003 - the fact's value


def _pin_check(_values: Values, _draft: Draft, _now: datetime) -> Choices:
    yield Sample(PinCheck.RIGHT, "pin:right"), None, None
    yield Sample(PinCheck.WRONG, "pin:wrong", frozenset({"wrong_pin"})), None, None
    yield Sample(PinCheck.NOT_CHECKED, "pin:not_checked", frozenset({"temporarily_unavailable"})), None, None
    yield NO_ANSWER, None, None


def _settled(_values: Values, draft: Draft, _now: datetime) -> Choices:
    check, attempts = draft.known.get(facts.PIN_CHECK.name), draft.environment.attempts
    if isinstance(check, PinCheck) and draft.known.get(facts.PIN_ATTEMPT.name) is True:
        attempts = attempts.settle(MINE, check)
    yield Sample(attempts, ""), None, None


def _result(values: Values, draft: Draft, _now: datetime) -> Choices:
    """What the bank gives for the effect that is awaited, by its names."""
    effect = awaited(values.chart, draft.session)
    yield Sample({name: name.upper() for name in (effect.result if effect else None) or ()}, ""), None, None


def _told_by_bank(fact: BankFact[object]) -> Choices:
    """Each value that the host has named, what holds without the method, and no answer."""
    yield from ((Sample(value, f"{fact.name}:{name}"), None, None) for name, value in fact.values.items())
    if not fact.is_required and fact.absent not in fact.values.values():
        yield Sample(fact.absent, f"{fact.name}:absent"), None, None
    yield NO_ANSWER, None, None


def _always(value: object) -> Choose:
    def choose(_values: Values, _draft: Draft, _now: datetime) -> Choices:
        yield Sample(value, ""), None, None

    return choose


_CHOICES: Mapping[str, Choose] = {
    facts.IDENTITY_ATTEMPT.name: _identity_try,
    facts.IDENTITY_ATTEMPTS.name: _tries,
    facts.PROVED.name: _proved,
    facts.OFFERED.name: _offered,
    facts.PHONE_IDS.name: _phone_ids,
    facts.CONTRACT.name: _contract,
    facts.PIN_ATTEMPTS.name: _ledger,
    facts.PIN_ATTEMPT.name: _pin_try,
    facts.PIN_CHECK.name: _pin_check,
    facts.SETTLED.name: _settled,
    facts.WAIT.name: phone_choices.wait,
    facts.DIAL.name: phone_choices.dial,
    facts.NUMBER_CODES.name: phone_choices.number_codes,
    facts.RECEIVED_AT.name: phone_choices.received_at,
    facts.REPORT.name: phone_choices.report,
    facts.ENTRY.name: phone_choices.entry,
    facts.CODE.name: _always(samples.CODE),
    facts.CALL_OVER.name: phone_choices.call_over,
    facts.ENDED_AT.name: _always(NOW),
    facts.CALL_KEY.name: phone_choices.call_key,
    facts.SEALED_CODE.name: _always("sealed code"),
    facts.SEALED_ACTIVATION.name: _always("sealed activation"),
    facts.ACTIVATION.name: _always(samples.CODE),
    facts.RESULT.name: _result,
}
"""How the values of each fact of the three procedures are found; they are the names of `machines.facts`."""


def choices(values: Values, name: str, draft: Draft, now: datetime, form: type[attrs.AttrsInstance] | None) -> Choices:
    """The values of the fact *name*; raises NoSampleError where there are none."""
    if name in values.given:
        yield from ((sample, None, None) for sample in values.given[name])
        return
    if name == facts.READING.name:
        yield from _readings(values, draft, form)
        return
    choose, fact = _CHOICES.get(name), values.chart.facts.get(name)
    if isinstance(fact, BankFact):
        yield from _told_by_bank(fact)
        return
    if choose is None:
        msg = f"no values are known for the fact {name!r}"
        raise NoSampleError(msg)
    yield from choose(values, draft, now)


def _readings(values: Values, draft: Draft, form: type[attrs.AttrsInstance] | None) -> Choices:
    if form is None:
        msg = f"a guard reads a form at an event of {draft.session.state} that has none"
        raise NoSampleError(msg)
    readings = values.readings.of(form)
    if values.is_new(draft.session, facts.READING.name):
        readings += tuple(values.readings.near(form, near_misses.NEAR_IDS))
    else:
        readings = tuple(each for each in readings if not each.against) + values.readings.one_invalid(form)
    yield from ((sample, None, None) for sample in readings)
