"""The values that each fact can have in a situation, and what resolving it changes: the counts, the attempt.

What is counted before the bank is asked is counted here as in a turn, by `PinAttempts` and `IdentityAttempts`. All
faults are combined where a state asks for a fact for the first time; elsewhere each stands by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import attrs

from ja_reset.bank._values import Contract, PinCheck
from ja_reset.chart import Chart
from ja_reset.chart.session import BankFact, Session, Window
from ja_reset.chart.transitions import StateKind
from ja_reset.fields.forms import Reading
from ja_reset.machines import facts
from ja_reset.machines._phones import offered
from ja_reset.machines.facts import AttemptState
from ja_reset.policies import Policies
from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts, WrongCodes
from ja_reset.verify import _near_misses as near_misses
from ja_reset.verify import _samples as samples
from ja_reset.verify._abstraction import awaited
from ja_reset.verify._drafts import MINE, NO_ANSWER, Choices, Draft
from ja_reset.verify._samples import NoSampleError, Readings, Sample
from ja_reset.verify._situations import INSTANT, NOW


@attrs.frozen(eq=False)
class Values:
    """Where the values come from. `given`: those of facts that the library does not know."""

    chart: Chart
    policies: Policies
    given: Mapping[str, tuple[Sample, ...]]
    readings: Readings
    reports: tuple[Sample, ...]
    combined: set[tuple[str, str | None, str]] = attrs.field(factory=set, init=False)
    """Where every combination of a fact's faults has been tried."""
    told: dict[tuple[str, str, type | None], object] = attrs.field(factory=dict, init=False)
    """A value of each fact, by the fact's name and the sample's."""

    @classmethod
    def of(cls, chart: Chart, policies: Policies, given: Mapping[str, tuple[Sample, ...]]) -> Values:
        """The values for *chart* under *policies*."""
        return cls(chart, policies, given, Readings(policies), samples.reports(policies))

    def is_new(self, session: Session, name: str) -> bool:
        """Whether a fact is asked for in this state for the first time: then its faults are combined, too."""
        place = (session.state, session.kept.method, name)
        new = place not in self.combined
        self.combined.add(place)
        return new

    def note(self, name: str, sample: Sample) -> None:
        """Remember that the fact was told so: the first value of each name, and of a reading's name with each form."""
        form = type(sample.value.form) if isinstance(sample.value, Reading) else None
        self.told.setdefault((name, sample.name, form), sample.value)

    def choices(self, name: str, draft: Draft, now: datetime, form: type[attrs.AttrsInstance] | None) -> Choices:
        """The values of the fact *name*; raises NoSampleError where there are none."""
        if name in self.given:
            yield from ((sample, None, None) for sample in self.given[name])
            return
        if name == facts.READING.name:
            yield from self._readings(draft, form)
            return
        choose, fact = _CHOICES.get(name), self.chart.facts.get(name)
        if isinstance(fact, BankFact):
            yield from _told_by_bank(fact)
            return
        if choose is None:
            msg = f"no values are known for the fact {name!r}"
            raise NoSampleError(msg)
        yield from choose(self, draft, now)

    def _readings(self, draft: Draft, form: type[attrs.AttrsInstance] | None) -> Choices:
        if form is None:
            msg = f"a guard reads a form at an event of {draft.session.state} that has none"
            raise NoSampleError(msg)
        readings = self.readings.of(form)
        if self.is_new(draft.session, facts.READING.name):
            readings += tuple(self.readings.near(form, near_misses.NEAR_IDS))
        else:
            readings = tuple(each for each in readings if not each.against) + self.readings.one_invalid(form)
        yield from ((sample, None, None) for sample in readings)


Choose = Callable[[Values, Draft, datetime], Choices]


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
        taken = attrs.evolve(session, tries=session.tries + 1)
        environment = attrs.evolve(draft.environment, tries=tries.take(MINE, NOW)) if place == 0 else None
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


def _offered(_values: Values, draft: Draft, _now: datetime) -> Choices:
    contract = draft.known.get(facts.PROVED.name)
    numbers = offered(contract.phones) if isinstance(contract, Contract) else ()
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
            environment = attrs.evolve(draft.environment, attempts=shut)
            yield (
                Sample(shut, "count:locked" if shut.locked else "count:full", frozenset({"locked"})),
                None,
                environment,
            )


def _pin_try(values: Values, draft: Draft, _now: datetime) -> Choices:
    if draft.environment.attempts.tries_left(values.policies.lockout.pin_attempts) == 0:
        yield Sample(False, "pin:none_free"), None, None  # noqa: FBT003 - the fact's value
        return
    environment = attrs.evolve(draft.environment, attempts=draft.environment.attempts.reserve(MINE, NOW))
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


def _wait(_values: Values, draft: Draft, now: datetime) -> Choices:
    """The row as it stands, and at the last instant of its phase."""
    wait = draft.environment.wait
    yield Sample(wait, ""), None, None
    if wait is not None:
        last = attrs.evolve(wait, rests=now) if wait.end else attrs.evolve(wait, until=now)
        yield Sample(last, "wait:last_instant"), None, attrs.evolve(draft.environment, wait=last)


def _received_at(values: Values, draft: Draft, now: datetime) -> Choices:
    """Before the window, at its first and last instant, after it; at the present, and ahead of it (P2)."""
    window, skew = draft.session.kept.window, values.policies.phone.clock_skew
    yielded = set[datetime]()
    instants = [("now", now)]
    if window is not None:
        instants += [
            ("first", window.opened_at),
            ("last", window.closes_at),
            ("before", window.opened_at - INSTANT),
            ("after", window.closes_at + INSTANT),
        ]
    instants += [("ahead", now + skew), ("future", now + skew + INSTANT)]
    near = set[datetime]()
    if window is not None and values.is_new(draft.session, facts.RECEIVED_AT.name):
        off = [(f"{name}_{where}", at) for name, by in near_misses.NEAR_TIMES for where, at in _off(window, by)]
        instants += off
        near = {at for _, at in off}
    for name, at in instants:
        if at in yielded or (at > now + skew + INSTANT and at not in near):
            continue
        yielded.add(at)
        against = set[str]()
        if window is None or at < window.opened_at:
            against.add("early")
        if window is None or at > window.closes_at or at > now + skew:
            against.add("late")
        yield Sample(at, f"received:{name}", frozenset(against)), None, None


def _off(window: Window, by: timedelta) -> tuple[tuple[str, datetime], ...]:
    return ("early", window.opened_at - by), ("late", window.closes_at + by)


def _report(values: Values, draft: Draft, now: datetime) -> Choices:
    """All faults, combined, where the state is new; then each by itself; at a last instant the right call alone."""
    new = values.is_new(draft.session, facts.REPORT.name)
    most = len(values.reports) if new else 1 if now == NOW else 0
    yield from ((sample, None, None) for sample in values.reports if len(sample.against) <= most)
    if new:
        yield from ((sample, None, None) for sample in near_misses.near_reports(values.policies))


def _entry(values: Values, draft: Draft, _now: datetime) -> Choices:
    yield from ((sample, None, None) for sample in samples.KEYS)
    if values.is_new(draft.session, facts.ENTRY.name):
        yield from ((sample, None, None) for sample in near_misses.NEAR_KEYS)


def _call_key(_values: Values, draft: Draft, _now: datetime) -> Choices:
    """Another call than the one that was answered, if one was."""
    answered = draft.session.kept.answered
    yield Sample("another call" if answered is not None and answered.call == "call" else "call", ""), None, None


def _number_codes(values: Values, draft: Draft, _now: datetime) -> Choices:
    """None was wrong, all but one were, or, where the number is not waited for yet, all were (P4)."""
    limit = values.policies.phone.codes_per_number
    yield Sample(WrongCodes(), ""), None, None
    if limit > 1:
        yield Sample(WrongCodes((NOW,) * (limit - 1)), "codes:last_of_number"), None, None
    if values.chart.states[draft.session.state].kind is not StateKind.WAITING:
        used_up = WrongCodes((NOW,) * limit)
        yield Sample(used_up, "codes:none_of_number", frozenset({"codes_used_up"})), None, None


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
    facts.WAIT.name: _wait,
    facts.NUMBER_CODES.name: _number_codes,
    facts.RECEIVED_AT.name: _received_at,
    facts.REPORT.name: _report,
    facts.ENTRY.name: _entry,
    facts.CODE.name: _always(samples.CODE),
    facts.CALL_KEY.name: _call_key,
    facts.SEALED_CODE.name: _always("sealed code"),
    facts.SEALED_ACTIVATION.name: _always("sealed activation"),
    facts.ACTIVATION.name: _always(samples.CODE),
    facts.RESULT.name: _result,
}
"""How the values of each fact of the three procedures are found; they are the names of `machines.facts`."""
