"""Counts before the bank is asked: the claim of the session, the attempts, and the rows that may have changed since.

Before the bank is asked anything for a customer, the session is claimed and, in the same commit, an identity attempt is
counted; a PIN attempt is reserved before the PIN is checked (I5, L3, S2).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from ja_reset.bank._values import Contract
from ja_reset.chart._changed import changed
from ja_reset.chart.session import Claim, Session
from ja_reset.errors import BankUnavailable, ChartError, UnknownInstitution
from ja_reset.machines import facts
from ja_reset.machines.facts import AttemptState
from ja_reset.proofs.attempts import IdentityAttempts
from ja_reset.service._config import Config
from ja_reset.service._entered import EnteredWork
from ja_reset.service._institution import Institution
from ja_reset.service._io import Flow, Now
from ja_reset.service._marks import marks_of
from ja_reset.service._records import IDENTITY_ATTEMPTS, PIN_ATTEMPTS, REQUEST, RequestRecord

T = TypeVar("T")

_OF_ROWS = frozenset(
    {
        facts.PIN_ATTEMPTS.name,
        facts.SETTLED.name,
        facts.IDENTITY_ATTEMPTS.name,
        facts.WAIT.name,
        facts.DIAL.name,
        facts.NUMBER_CODES.name,
    }
)
"""Facts that stand in rows: read again after the bank was asked, and after a conflict."""


class Again(Exception):  # noqa: N818 - no error: the turn restarts
    """Another turn changed a row before anything was asked: the turn restarts."""


class ClaimedWork(EnteredWork):
    """A unit of work that counts before it asks. A customer's `claims` the session first."""

    claims: bool = False
    request: str | None = None
    claim: str | None = None
    tried: str | None = None
    attempt: str | None = None

    def __init__(self, config: Config, session: Session, institution: Institution | None, now: datetime) -> None:
        super().__init__(config, session, institution, now)
        self.answers: dict[str, bool] = {}

    def forget_rows(self) -> None:
        """Have whatever stands in rows read again."""
        self.answers.clear()
        for name in _OF_ROWS.intersection(self.facts):
            del self.facts[name]

    def _claim(self) -> Flow[None]:
        """Claim the session, and commit with it what was put; raises Again where somebody was first."""
        if not self.claims or self.claim is not None:
            return
        self.claim = yield from self.new_name()
        until = self.now + self.policies.session.effect_lease
        self.session = self.session.claimed(Claim(self.claim, until), self.now)
        yield from self.record()
        if self.request is not None:
            version = None if self.tried else self.session.version
            yield from self.put(REQUEST, self.session.id, RequestRecord(self.request, until, version=version))
        if not (yield from self.save()):
            raise Again
        self.forget_rows()
        with suppress(BankUnavailable, UnknownInstitution):  # then what is known holds
            found = yield from self.config.institution(self.session.institution)
            if found.id == self.session.institution:
                self.go_by(found)  # what was read of the form stands; a limit that was lowered holds at this step (L2)

    def _asked(self, answer: Flow[T]) -> Flow[T]:
        """What the bank says; by then the clock has gone on, and rows may have changed."""
        said = yield from answer
        self.now = max(self.now, (yield Now()))
        self.outdate()
        self.forget_rows()
        return said

    def identity_attempts(self) -> Flow[IdentityAttempts]:
        """This account's failures as they stand; a try of this turn that was answered is among them."""
        standing = yield from self.standing_attempts()
        return standing.keep(self.tried) if self.tried else standing

    def standing_attempts(self) -> Flow[IdentityAttempts]:
        """This account's failures, a try of this turn still pending."""
        identity, lease = self.policies.identity, self.policies.session.effect_lease
        held = (yield from self.load(IDENTITY_ATTEMPTS, self.attempts_row, IdentityAttempts)) or IdentityAttempts()
        return held.within(self.now, identity.identity_window, lease)

    def put_tries(self, tries: IdentityAttempts) -> Flow[None]:
        """Write this account's failures; the row is gone where none stands."""
        last, window = tries.last_at, self.policies.identity.identity_window
        yield from self.put(IDENTITY_ATTEMPTS, self.attempts_row, tries if last else None, at=last and last + window)

    def _identity_attempt(self) -> Flow[AttemptState]:
        self.session = self.session.marked(*(yield from marks_of(self.session.institution, [self.attempts_name])))
        standing = yield from self.standing_attempts()
        if max(standing.count, self.session.tries) >= self.policies.identity.identity_attempts:
            return AttemptState.NONE_FREE
        name = yield from self.new_name()
        yield from self.put_tries(standing.take(name, self.now))
        self.session = self.session.count_try()
        self.tried = name
        yield from self._claim()
        return AttemptState.TAKEN

    def _pin_attempt(self) -> Flow[bool]:
        """Reserve an attempt, even if other turns reserve one at the same time (L3)."""
        ref, name = self._ref(), (yield from self.new_name())
        yield from self._claim()
        while True:
            attempts = yield from self.pin_attempts(ref)
            if attempts.tries_left(self.policies.lockout.pin_attempts) == 0:
                self.forget_rows()
                return False
            until = self.now + self.policies.lockout.unknown_lapse
            yield from self.put(PIN_ATTEMPTS, ref, attempts.reserve(name, self.now, until=until))
            yield from self._may_take_effect()
            if (yield from self.save()):
                self.attempt = name
                self.forget_rows()
                return True

    def _may_take_effect(self) -> Flow[None]:
        """From here on nobody makes this request again, whatever becomes of the turn: a try was counted for it (S2)."""
        request = (yield from self.load(REQUEST, self.session.id, RequestRecord)) if self.request else None
        if request is not None and request.id == self.request and request.answer is None:
            yield from self.put(REQUEST, self.session.id, changed(request, version=None))

    @property
    def ref(self) -> str | None:
        """The contract that the session is about, or was just proved to be; None before there is one."""
        kept = self.session.kept.ref
        if kept:
            return kept
        contract = self.facts.get(facts.PROVED.name)
        return contract.ref if isinstance(contract, Contract) else None

    def _ref(self) -> str:
        ref = self.ref
        if ref is None:
            msg = "a guard reads the contract before one is known"
            raise ChartError(msg)
        return ref
