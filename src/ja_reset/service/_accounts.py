"""Attempts that count against a customer, as an operator reads them and lifts them (I5, L).

The counts of a card go by its contract, those of an identity by the account or login id that was typed, whether it
exists or not. Attempts that are under way are never lifted: the bank may still find them wrong.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import attrs

from ja_reset.errors import InvalidArgument, UnknownAccount
from ja_reset.fields import readers
from ja_reset.fields.readers import Reader
from ja_reset.machines._phones import offered
from ja_reset.policies import Policies
from ja_reset.proofs._identity import account_key, login_key
from ja_reset.proofs.attempts import Attempt, IdentityAttempts, PinAttempts
from ja_reset.service._bank import find_contract
from ja_reset.service._config import Config
from ja_reset.service._institution import Institution
from ja_reset.service._io import Flow, Now
from ja_reset.service._marks import marks_of
from ja_reset.service._names import tries_key
from ja_reset.service._outbox import withdraw_locks
from ja_reset.service._pages import Item
from ja_reset.service._records import CODES, IDENTITY_ATTEMPTS, PIN_ATTEMPTS
from ja_reset.service._unit_of_work import UnitOfWork
from ja_reset.stores.rows import is_name

NO_DAY = date.max
"""For fields that no date bears on."""
WORDS = 200
"""How many characters the name of an operator and the reason of an act may have."""


@attrs.frozen(eq=False, repr=False)
class Account:
    """The account, and the login id if any, whose counts are read or cleared."""

    institution: str
    branch: object
    subject: object
    account: object
    login_id: object


@attrs.frozen(eq=False)
class OpenAttempt(Item):
    """A PIN attempt without an outcome: reserved at `since`, it counts until `until`, that instant included (L5)."""

    since: datetime
    until: datetime


@attrs.frozen(eq=False)
class Attempts(Item):
    """The PIN attempts that count for the card of contract `ref` (L).

    `wrong`: wrong PINs in a row. `in_doubt`: the bank gave no answer. `under_way`: the bank is being asked, or the
    process that asked it has died. `locked`: the count has locked service and card, and nobody has unlocked them.
    """

    ref: str
    wrong: int
    in_doubt: tuple[OpenAttempt, ...]
    under_way: tuple[OpenAttempt, ...]
    locked: bool


@attrs.frozen(eq=False)
class IdentityCount(Item):
    """The failures that count for an account or a login id, whether it exists or not (I5).

    `failures`: certain ones. `under_way`: attempts that the bank is answering now. `until`: the last instant at which
    no attempt is free; None if one is.
    """

    failures: int
    under_way: int
    until: datetime | None


def read_attempts(config: Config, ref: object) -> Flow[Attempts]:
    """The PIN attempts of a contract; none for a contract that nobody has tried, or that is none."""
    if not is_name(ref):
        msg = "ref must be a str: a contract's reference"
        raise InvalidArgument(msg)
    lapse, name = config.policies.lockout.unknown_lapse, str(ref)
    held = (yield from UnitOfWork().load(PIN_ATTEMPTS, name, PinAttempts)) or PinAttempts()
    standing = held.lapse((yield Now()), lapse)
    return Attempts(
        ref=name,
        wrong=standing.wrong,
        in_doubt=tuple(_open(each, lapse) for each in standing.open if each.unknown),
        under_way=tuple(_open(each, lapse) for each in standing.open if not each.unknown),
        locked=standing.locked,
    )


def _open(attempt: Attempt, lapse: timedelta) -> OpenAttempt:
    return OpenAttempt(attempt.at, attempt.until or attempt.at + lapse)


def read_identity(config: Config, what: Account) -> Flow[IdentityCount]:
    """The failures of an account, or of a login id. Raises InvalidArgument, UnknownInstitution, BankUnavailable."""
    account = (what.branch, what.subject, what.account)
    if (what.login_id is None) is (account == (None, None, None)):
        msg = "identity takes either branch, subject and account, or login_id"
        raise InvalidArgument(msg)
    institution = yield from config.ask_institution(what.institution)
    policies = config.policies_of(institution)
    row = tries_key(institution.id, counted_name(what, policies))
    held = (yield from UnitOfWork().load(IDENTITY_ATTEMPTS, row, IdentityAttempts)) or IdentityAttempts()
    standing = held.within((yield Now()), policies.identity.identity_window, policies.session.effect_lease)
    free = standing.free_after(policies.identity.identity_attempts, policies.identity.identity_window)
    return IdentityCount(failures=standing.settled, under_way=len(standing.pending), until=free)


def unlock(config: Config, what: Account, *, by: object, reason: object) -> Flow[None]:
    """Clear the counts of an account, of its card and its registered numbers, and withdraw its pending locks (L6).

    Raises UnlockRefused, UnknownInstitution, UnknownAccount, InvalidArgument, BankUnavailable.
    """
    act = {}
    if by is not None:
        act["actor"] = words(by, "by")
    if reason is not None:
        act["reason"] = words(reason, "reason")
    institution = yield from config.ask_institution(what.institution)
    policies = config.policies_of(institution)
    account = _account(what, policies)
    names = [account_key(*account)]
    if what.login_id is not None:
        names.append(_login(what, policies))
    contract = yield from find_contract(institution.id, *account)
    if contract is None:
        msg = "the bank knows no contract with that account; nothing was unlocked"
        raise UnknownAccount(msg)
    marks = yield from marks_of(institution.id, names)
    while True:
        unit = UnitOfWork()
        unit.marks = marks
        now: datetime = yield Now()
        for name in names:
            yield from _clear_failures(unit, institution, policies, name, now)
        for number in offered(contract, relay=True):
            yield from unit.put(CODES, number, None)
        attempts = yield from unit.load(PIN_ATTEMPTS, contract.ref, PinAttempts)
        yield from withdraw_locks(config, unit, contract.ref, attempts or PinAttempts(), now, policies=policies)
        if attempts is not None:
            yield from unit.put(PIN_ATTEMPTS, contract.ref, attempts.unlock())
        about = {"session": None, "institution": institution.id, "ref": contract.ref}
        unit.audit.append({"time": now.isoformat(), **about, "event": "unlock", "reasons": [], **act})
        if (yield from unit.save()):
            return


def _clear_failures(
    unit: UnitOfWork, institution: Institution, policies: Policies, name: str, now: datetime
) -> Flow[None]:
    """Take the failures of an account away, but the attempts that the bank is answering now."""
    row, window = tries_key(institution.id, name), policies.identity.identity_window
    held = (yield from unit.load(IDENTITY_ATTEMPTS, row, IdentityAttempts)) or IdentityAttempts()
    kept = held.within(now, window, policies.session.effect_lease).unlock()
    last = kept.last_at
    yield from unit.put(IDENTITY_ATTEMPTS, row, kept if last else None, at=last and last + window)


def counted_name(what: Account, policies: Policies) -> str:
    """The name that failures of the login id, if there is one, or else of the account are counted under (I5)."""
    return account_key(*_account(what, policies)) if what.login_id is None else _login(what, policies)


def _account(what: Account, policies: Policies) -> tuple[str, str, str]:
    fields = policies.fields
    return (
        _read("branch", readers.BRANCH, what.branch, policies, f"{fields.branch_digits} digits"),
        _read("subject", readers.SUBJECT, what.subject, policies, " or ".join(readers.SUBJECT.choices)),
        _read("account", readers.ACCOUNT, what.account, policies, f"{fields.account_digits} digits"),
    )


def _login(what: Account, policies: Policies) -> str:
    demand = f"{policies.fields.login_id_min} to {policies.fields.login_id_max} letters or digits"
    return login_key(_read("login_id", readers.LOGIN_ID, what.login_id, policies, demand))


def _read(name: str, reader: Reader, given: object, policies: Policies, demand: str) -> str:
    """The value of the argument *name*, normalised; raises InvalidArgument, which says what it must be."""
    value = reader.read(given, policies, NO_DAY)
    if not isinstance(value, str):
        msg = f"{name} must be {demand}"
        raise InvalidArgument(msg)
    return value


def words(text: object, name: str) -> str:
    """Who does something, or why, as the audit has it; raises InvalidArgument."""
    if not isinstance(text, str) or not 0 < len(text.strip()) <= WORDS or not is_name(text) or not text.isprintable():
        msg = f"{name} must be a str of 1 to {WORDS} printable characters"
        raise InvalidArgument(msg)
    return text
