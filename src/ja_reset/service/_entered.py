"""What was entered in a turn: the form as it was read, and the account or login id in it."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TypeVar

import attrs

from ja_reset.bank._values import LoginCredentials
from ja_reset.chart.advance import Outcome
from ja_reset.chart.session import Refusal, Session
from ja_reset.errors import ChartError
from ja_reset.fields.forms import Reading
from ja_reset.fields.specs import Role, entered, field_in, fields_of
from ja_reset.machines import facts
from ja_reset.proofs._identity import account_key, login_key
from ja_reset.secret import Secret
from ja_reset.service._config import Config
from ja_reset.service._institution import Institution
from ja_reset.service._names import tries_key
from ja_reset.service._session_work import SessionWork

T = TypeVar("T")


class EnteredWork(SessionWork):
    """A unit of work bound to one session that knows the form of its turn, by the roles of the fields."""

    def __init__(self, config: Config, session: Session, institution: Institution | None, now: datetime) -> None:
        super().__init__(config, session, institution, now)
        self.facts: dict[str, object] = {}

    def unquoted(self, outcome: Outcome) -> Outcome:
        """The outcome, whose reasons name fields of the form alone and quote no secret that was entered (S5)."""
        reading = self.facts.get(facts.READING.name)
        form = reading.form if isinstance(reading, Reading) else None
        if form is None or all(each.words is None and each.field is None for each in outcome.reasons):
            return outcome
        typed = {spec.name: getattr(form, spec.name) for spec in fields_of(type(form))}
        secrets = [value for value in typed.values() if isinstance(value, Secret)]

        def unquoted(reason: Refusal) -> Refusal:
            words, field = reason.words, reason.field
            if words is not None and any(each.is_quoted_in(said) for each in secrets for said in words.words):
                words = None
            return attrs.evolve(reason, words=words, field=field if field in typed else None)

        return attrs.evolve(outcome, reasons=tuple(unquoted(each) for each in outcome.reasons))

    def _form(self) -> attrs.AttrsInstance:
        """The form as it was read, which is valid where it is asked for."""
        reading = self.facts.get(facts.READING.name)
        form: attrs.AttrsInstance | None = reading.form if isinstance(reading, Reading) else None
        if form is None:
            msg = "a guard reads a form, but this event has none"
            raise ChartError(msg)
        return form

    def _entered(self, role: Role, kind: type[T]) -> T:
        value = entered(self._form(), role)
        if not isinstance(value, kind):
            msg = f"a guard asks for the field in the role {role.name}, which the form of this event does not have"
            raise ChartError(msg)
        return value

    def _account(self) -> tuple[str, str, str]:
        branch, subject, account = (self._entered(role, str) for role in (Role.BRANCH, Role.SUBJECT, Role.ACCOUNT))
        return branch, subject, account

    def _login_id(self) -> str | None:
        has = field_in(type(self._form()), Role.LOGIN_ID) is not None
        return self._entered(Role.LOGIN_ID, str) if has else None

    def _credentials(self) -> LoginCredentials:
        password, login_id = self._entered(Role.LOGIN_PASSWORD, Secret), self._login_id()
        if login_id is not None:
            return LoginCredentials(password=password, login_id=login_id)
        branch, subject, account = self._account()
        return LoginCredentials(password=password, branch=branch, subject=subject, account=account)

    @cached_property
    def attempts_name(self) -> str:
        """The name that this account's (or login id's) failures are counted under (I5)."""
        login_id = self._login_id()
        return account_key(*self._account()) if login_id is None else login_key(login_id)

    @cached_property
    def attempts_row(self) -> str:
        """The row that counts them at this institution."""
        return tries_key(self.session.institution, self.attempts_name)
