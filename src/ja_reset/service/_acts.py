"""What an operator does: an account is unlocked, a rest or a lease lifted before its time; each act is audited."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from ja_reset.errors import InvalidArgument, NewerSession, UnknownProcedure
from ja_reset.fields import readers
from ja_reset.fields._phone_numbers import masked, read_presented
from ja_reset.fields.readers import Reader
from ja_reset.machines._phones import offered
from ja_reset.policies import Policies
from ja_reset.proofs._identity import account_key, login_key
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.proofs.waits import Wait
from ja_reset.service._bank import find_contract
from ja_reset.service._io import Flow, Now
from ja_reset.service._names import tries_key
from ja_reset.service._outbox import PENDING, withdraw_locks
from ja_reset.service._records import CODES, IDENTITY_ATTEMPTS, OUTBOX, PIN_ATTEMPTS, WAIT, OutboxEntry, OutboxStatus
from ja_reset.service._unit_of_work import Config, UnitOfWork, arrive
from ja_reset.stores.rows import is_name

NO_DAY = date.max
"""For fields that no date bears on."""


@attrs.frozen(eq=False, repr=False)
class Account:
    """The account, and the login id if any, whose counts are cleared."""

    institution: str
    branch: object
    subject: object
    account: object
    login_id: object


def unlock(config: Config, what: Account) -> Flow[None]:
    """Clear the counts of an account, of its card and its registered numbers, and withdraw its pending locks (L6).

    Raises UnlockRefused, UnknownInstitution, InvalidArgument, BankUnavailable.
    """
    institution = yield from config.ask_institution(what.institution)
    policies = config.policies_of(institution)
    fields = policies.fields
    branch = _read("branch", readers.BRANCH, what.branch, policies, f"{fields.branch_digits} digits")
    subject = _read("subject", readers.SUBJECT, what.subject, policies, " or ".join(readers.SUBJECT.choices))
    account = _read("account", readers.ACCOUNT, what.account, policies, f"{fields.account_digits} digits")
    names = [account_key(branch, subject, account)]
    if what.login_id is not None:
        demand = f"{fields.login_id_min} to {fields.login_id_max} letters or digits"
        names.append(login_key(_read("login_id", readers.LOGIN_ID, what.login_id, policies, demand)))
    contract = yield from find_contract(institution.id, branch, subject, account)
    while True:
        unit = UnitOfWork()
        now: datetime = yield Now()
        for name in names:
            yield from unit.put(IDENTITY_ATTEMPTS, tries_key(institution.id, name), None)
        if contract is not None:
            for number in offered(contract.phones):
                yield from unit.put(CODES, number, None)
            attempts = yield from unit.load(PIN_ATTEMPTS, contract.ref, PinAttempts)
            yield from withdraw_locks(config, unit, contract.ref, attempts or PinAttempts(), now, policies=policies)
            if attempts is not None:
                yield from unit.put(PIN_ATTEMPTS, contract.ref, attempts.unlock())
        unit.audit.append(
            {
                "time": now.isoformat(),
                "session": None,
                "institution": institution.id,
                "ref": contract.ref if contract else None,
                "event": "unlock",
                "reasons": [],
            }
        )
        if (yield from unit.save()):
            return


def _read(name: str, reader: Reader, given: object, policies: Policies, demand: str) -> str:
    """The value of the argument *name*, normalised; raises InvalidArgument, which says what it must be."""
    value = reader.read(given, policies, NO_DAY)
    if not isinstance(value, str):
        msg = f"{name} must be {demand}"
        raise InvalidArgument(msg)
    return value


WORDS = 200
"""How many characters the name of an operator and the reason of an act may have."""


def lift(config: Config, *, number: object, effect: object, by: object, reason: object) -> Flow[None]:
    """Take away the rest of a number (P8) or the lease of an effect (C4) before its time; raises InvalidArgument."""
    act = {"actor": _words(by, "by"), "reason": _words(reason, "reason")}
    if (number is None) is (effect is None):
        msg = "lift takes either a number or the key of an effect"
        raise InvalidArgument(msg)
    while True:
        lifted = (yield from _lift_rest(config, number)) if effect is None else (yield from _lift_lease(effect))
        unit, record = lifted
        now: datetime = yield Now()
        unit.audit.append({"time": now.isoformat(), **record, "event": "lift", "reasons": [], **act})
        if (yield from unit.save()):
            return


def _words(text: object, name: str) -> str:
    if not isinstance(text, str) or not 0 < len(text.strip()) <= WORDS or not is_name(text) or not text.isprintable():
        msg = f"{name} must be a str of 1 to {WORDS} printable characters"
        raise InvalidArgument(msg)
    return text


def _lift_rest(config: Config, number: object) -> Flow[tuple[UnitOfWork, dict[str, object]]]:
    """The rest of a number, to be taken away; a session that waits for the number keeps it.

    A wait that was over by its row needs no chart of its session (S4): the session finds that when its window closes.
    """
    e164 = read_presented(number)
    if e164 is None:
        msg = "number must be a Japanese phone number"
        raise InvalidArgument(msg)
    now: datetime = yield Now()
    held = yield from UnitOfWork().load(WAIT, e164, Wait)
    work = None
    if held is not None and held.end is None:
        try:
            work = yield from arrive(config, held.session)
        except (UnknownProcedure, NewerSession):  # while it waits, a process that has the chart has to end it
            if held.is_waiting(now):
                raise
    unit: UnitOfWork = UnitOfWork() if work is None else work
    wait = yield from unit.load(WAIT, e164, Wait)
    if wait is None or not (wait.is_waiting(now) or now <= wait.rests):
        msg = "that number is not resting; there is nothing to lift"
        raise InvalidArgument(msg)
    if work is not None and work.waits_for(e164):
        msg = "a session waits for that number: end its wait first"
        raise InvalidArgument(msg)
    yield from unit.put(WAIT, e164, None)
    return unit, {"session": wait.session, "number": masked(e164)}


def _lift_lease(key: object) -> Flow[tuple[UnitOfWork, dict[str, object]]]:
    """The lease of an effect, to be taken away, so that `recover()` or proceed gives it now."""
    unit = UnitOfWork()
    entry = (yield from unit.load(OUTBOX, key, OutboxEntry)) if isinstance(key, str) else None
    if entry is None or entry.status is not OutboxStatus.PENDING or entry.lease is None:
        msg = "no effect with that key is leased; there is nothing to lift"
        raise InvalidArgument(msg)
    yield from unit.put(OUTBOX, entry.key, attrs.evolve(entry, lease=None), tag=PENDING)
    about = {"session": entry.session, "institution": entry.institution, "ref": entry.ref, "effect": str(entry.kind)}
    return unit, {**about}
