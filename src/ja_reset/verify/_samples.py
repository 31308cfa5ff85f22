"""Concrete values of the facts, one for each relevant difference.

Every value is made by the library's own readers from what a customer, a gateway or the bank could really send. It has a
name for the counterexample and, if it is evidence, what truly speaks against it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import attrs

from ja_reset.bank._values import Call, CallSource, Contract, Presentation
from ja_reset.fields.forms import Reading, read
from ja_reset.fields.specs import Form, Role, field_in, fields_of
from ja_reset.policies import CallerIdPolicy, Policies
from ja_reset.proofs.caller import Report, evidence, line_fits
from ja_reset.secret import Secret
from ja_reset.text import Text

TODAY = date(2026, 4, 1)
REF = "C-0001-2"
DIALS = ("0120-417-000", "0120-417-001")
"""The numbers to call, of which a wait is given one."""
DIAL = DIALS[0]
FIRST, CHOSEN, STRANGER, VOIP, RELAY = "09012345601", "09012345602", "09012345699", "05031234567", "05031234501"
"""Numbers: a registered one that is not chosen, the chosen one, nobody's, one on the internet, a relay service's.

Where the policy offers the last one, it is chosen too.
"""

PHONE_IDS = ("Zt0c9e-QpAs", "q3Zf0a_Lw9E", "m8Yd2b-Vu4R")
"""The ids under which the registered phones are offered, as long as real ones; never the first of them is chosen."""

RELAY_ID = PHONE_IDS[2]
"""The id of the relay number, which is offered last."""

UNKNOWN_ID = "Rb7Kx1vNd2M"
UNKNOWN_PHONE = "form:unknown_phone"
OTHER_ENTRY = "form:other:"
"""Before the name of the one field in which another valid entry stands than the reader's example."""

CODE, WRONG_CODE = Secret("314159"), Secret("271828")
REFUSED_PASSWORD = "refused9"  # noqa: S105 - nobody's
"""The password that stands for all that a host's own rule refuses."""


@attrs.frozen
class Sample:
    """A value of a fact, its name, and what truly speaks against it (reason codes)."""

    value: object
    name: str
    against: frozenset[str] = frozenset()


# Forms ------------------------------------------------------------------------------------------------------


class NoSampleError(Exception):
    """There is no value of a fact that a guard wants to know: the chart cannot be abstracted."""


def typed(form: Form, policies: Policies) -> dict[str, str]:
    """What makes *form* valid: the examples of its readers, and the phone that is offered."""
    return {
        spec.name: PHONE_IDS[1] if spec.role is Role.PHONE_CHOICE else spec.reader.example(policies)
        for spec in fields_of(form)
    }


def _repeating(form: Form, name: str) -> tuple[str, ...]:
    """The field of that name, and all that repeat it, directly or one another."""
    names = [name]
    names += [spec.name for spec in fields_of(form) if spec.confirms in names]
    return tuple(names)


@attrs.frozen(eq=False)
class Readings:
    """The readings of each form under one policy, made once."""

    policies: Policies
    _made: dict[type, tuple[Sample, ...]] = attrs.field(factory=dict, init=False)

    def of(self, form: Form) -> tuple[Sample, ...]:
        """A form as it can come: right, with an unknown phone, with a password that a host refuses, with each error."""
        if form not in self._made:
            self._made[form] = tuple(self._samples(form))
        return self._made[form]

    def near(self, form: Form, ids: Iterable[tuple[str, str]]) -> Iterator[Sample]:
        """The form with each of the *ids*, which were not offered, in place of the phone's."""
        right = typed(form, self.policies)
        if (phone := field_in(form, Role.PHONE_CHOICE)) is not None:
            for name, value in ids:
                yield Sample(self._read(form, right | {phone.name: value}), f"{UNKNOWN_PHONE}+{name}")

    def one_invalid(self, form: Form) -> tuple[Sample, ...]:
        """The first of a form's readings with an error."""
        return tuple(sample for sample in self.of(form) if sample.against)[:1]

    def _read(self, form: Form, data: Mapping[str, str]) -> Reading[attrs.AttrsInstance]:
        return read(form, data, policy=self.policies, today=TODAY)

    def _samples(self, form: Form) -> Iterator[Sample]:
        right = typed(form, self.policies)
        valid = self._read(form, right)
        if valid.form is None:
            msg = f"the data made for {form.__name__} is not valid: {', '.join(e.field for e in valid.errors)}"
            raise NoSampleError(msg)
        method = field_in(form, Role.METHOD)
        for choice in method.reader.choices if method else (None,):
            data = right if method is None or choice is None else right | {method.name: choice}
            yield Sample(self._read(form, data), f"form:{choice}" if choice else "form:right")
        yield from self._others(form, right)
        if (phone := field_in(form, Role.PHONE_CHOICE)) is not None:
            yield Sample(self._read(form, right | {phone.name: UNKNOWN_ID}), UNKNOWN_PHONE)
            if self.policies.caller_id.relay:
                yield Sample(self._read(form, right | {phone.name: RELAY_ID}), "form:relay_phone")
        new = field_in(form, Role.NEW_PASSWORD)
        if new is not None and self.policies.fields.password_rule is not None:
            refused = REFUSED_PASSWORD.ljust(self.policies.fields.password_min, "9")
            refused = refused[: self.policies.fields.password_max]
            repeated = dict.fromkeys(_repeating(form, new.name), refused)
            yield Sample(self._read(form, right | repeated), "form:refused_password")
        yield from self._invalid(form, right)

    def _others(self, form: Form, right: Mapping[str, str]) -> Iterator[Sample]:
        """The form with another valid entry in one field, and in those that confirm it; each field by itself."""
        for spec in fields_of(form):
            for place, other in enumerate(() if spec.confirms else spec.reader.others(self.policies), 1):
                reading = self._read(form, {**right, **dict.fromkeys(_repeating(form, spec.name), other)})
                if reading.form is None:
                    msg = f"Reader.others of {spec.reader.name} gives what is not valid in {form.__name__}.{spec.name}"
                    raise NoSampleError(msg)
                yield Sample(reading, f"{OTHER_ENTRY}{spec.name}" + (f" {place}" if place > 1 else ""))

    def _invalid(self, form: Form, right: Mapping[str, str]) -> Iterator[Sample]:
        """One for each code that an error of this form can have."""
        seen: set[str] = set()
        for spec in fields_of(form):
            other = (f"x{right[spec.name]}", f"9{right[spec.name][1:]}")  # right by itself, where it confirms nothing
            for value in ("", "漢" * 1000, *spec.reader.wrong, *other):
                reading = self._read(form, {**right, spec.name: value})
                codes = {error.code for error in reading.errors}
                if codes - seen:
                    seen |= codes
                    yield Sample(reading, f"form:{min(codes)}", frozenset(codes))


def password_rule(password: Secret, _contract: Contract) -> Text | None:
    """Stands for a host's own rule, which may refuse or let through whatever it likes (F9)."""
    if password.reveal().startswith(REFUSED_PASSWORD[:4]):
        return Text(ja="使えません。", en="It cannot be used.")
    return None


# The contract -----------------------------------------------------------------------------------------------


def made_contract(**changes: object) -> Contract:
    """The contract that an identity proves, but for the changes; the address on file is not the one that is typed."""
    contract = Contract(
        REF,
        individual=True,
        name_kana="ミホンタロウ",
        name_kanji="見本太郎",
        birth_date=date(1980, 4, 1),
        phones=(FIRST, CHOSEN),
        email="on-file@example.jp",
        service_started=date(2022, 6, 1),
        relay_phones=(RELAY,),
    )
    return attrs.evolve(contract, **changes)  # type: ignore[arg-type]  # fields by name


_LOCKS: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {
        "": {},
        "service_locked": {"service_locked": True},
        "card_locked": {"card_locked": True},
        "both_locked": {"service_locked": True, "card_locked": True},
    }
)

CONTRACTS: tuple[Sample, ...] = (
    Sample(made_contract(), "contract:fine"),
    *(
        Sample(made_contract(**changes), f"contract:{lock}", frozenset({"locked"}))
        for lock, changes in _LOCKS.items()
        if lock
    ),
    Sample(None, "contract:gone", frozenset({"contract_unknown"})),
)
"""The session's contract as the bank knows it now (C5a, I6)."""


def _identities() -> Iterator[Sample]:
    yield Sample(made_contract(), "identity:right")
    for (lock, changes), individual, phones in itertools.product(
        _LOCKS.items(), (True, False), ((FIRST, CHOSEN), (VOIP,))
    ):
        against = [
            *(["locked"] if lock else []),
            *([] if individual else ["not_individual"]),
            *([] if len(phones) > 1 else ["no_phone"]),
        ]
        if against:
            name = "+".join([lock or "", *against[bool(lock) :]]).strip("+")
            if lock in {"card_locked", "both_locked"} and len(against) > 1:
                continue  # as the service's lock
            relay = (RELAY,) if len(phones) > 1 else ()
            value = made_contract(individual=individual, phones=phones, relay_phones=relay, **changes)
            yield Sample(value, f"identity:right+{name}", frozenset(against))
    yield Sample(None, "identity:wrong", frozenset({"identity_mismatch", "login_mismatch"}))


IDENTITIES = tuple(_identities())
"""What an identity, or a login, proves: a contract with each of its hindrances, or nothing (I4, I6)."""


# The call ---------------------------------------------------------------------------------------------------

STRENGTH: Mapping[str | None, int] = MappingProxyType({"A": 3, "B": 2, "C": 1, None: 0})
"""Of attestations, and of what a policy demands."""
_Caller = tuple[str, str | None, Presentation, str | None]
"""A caller's name and number, how it is presented, and what speaks against it."""


def _callers(policy: CallerIdPolicy, chosen: str) -> Iterator[_Caller]:
    relay = policy.relay
    failed = f"sip:{chosen};verstat=TN-Validation-Failed@example.jp"
    counts = relay or chosen == CHOSEN
    yield "chosen", chosen, Presentation.ALLOWED, None if counts else "voip"
    yield "other_registered", FIRST, Presentation.ALLOWED, "wrong_number"
    yield "stranger", STRANGER, Presentation.ALLOWED, "wrong_number"
    yield "voip", VOIP, Presentation.ALLOWED, "voip"
    if relay and chosen == CHOSEN:
        yield "other_relay", RELAY, Presentation.ALLOWED, "voip"
    yield "failed_validation", failed, Presentation.ALLOWED, "attestation" if counts else "voip"
    yield "withheld", chosen, Presentation.RESTRICTED, "withheld"
    yield "unavailable", None, Presentation.UNAVAILABLE, "unavailable"


def reports(policies: Policies, chosen: str = CHOSEN) -> tuple[Sample, ...]:
    """Every call that can be reported: each caller, line, diversion, source and attestation, all combined (P3, P11).

    *chosen*: the number that the session waits for.
    """
    return _reports(policies.caller_id, chosen)


@lru_cache(maxsize=8)
def _reports(policy: CallerIdPolicy, chosen: str) -> tuple[Sample, ...]:
    demanded = policy.attestation
    attestations = (None,) if demanded is None else (None, "A", "B", "C")
    found = []
    for (name, number, presentation, refusal), line, diverted, source, attested in itertools.product(
        _callers(policy, chosen), (DIAL, "0120999999"), (False, True), CallSource, attestations
    ):
        claimed = source is CallSource.CLAIMED and not policy.claimed_numbers
        weak = STRENGTH[attested] < STRENGTH[demanded]
        faults = {
            "wrong_line": line != DIAL,
            "diverted": diverted,
            "claimed": claimed,
            "attestation": weak,
        }
        against = [*([refusal] if refusal else []), *(code for code, is_so in faults.items() if is_so)]
        call = Call(
            id="call",
            number=number,
            source=source,
            dialed=line,
            presentation=presentation,
            attestation=attested,
            diverted=diverted,
        )
        report = Report(call, evidence(call), line_fits(line, DIAL))
        said = [name, *(code for code, is_so in faults.items() if is_so)]
        found.append(Sample(report, f"call:{'+'.join(said)}", frozenset(against)))
    # the right call first: where two counterexamples are as short, the plainer one is found
    return tuple(sorted(found, key=lambda sample: (len(sample.against), sample.name)))


KEYS: tuple[Sample, ...] = (
    Sample(CODE, "keys:right"),
    Sample(WRONG_CODE, "keys:wrong", frozenset({"wrong_code"})),
)
"""What is keyed in (P4)."""
