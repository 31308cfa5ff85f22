"""What a session shows: the answer to every call about it."""

from __future__ import annotations

from ja_reset.chart.session import Refusal
from ja_reset.policies._phone import CodeChannel
from ja_reset.secret import Secret
from ja_reset.service._io import Flow, Open
from ja_reset.service._records import OUTBOX, OutboxEntry, ViewRecord
from ja_reset.service._refusals import while_completing, while_withdrawn
from ja_reset.service._session_rows import SessionRows
from ja_reset.service._view import View, asks_code, show, view_of


class ShownWork(SessionRows):
    """A unit of work bound to one session that can tell what the session shows."""

    def shown(self, reasons: tuple[Refusal, ...]) -> Flow[ViewRecord]:
        """What the present screen shows."""
        tries = None
        if self.chart.asks_pin(self.session.state) and self.session.kept.ref is not None:
            attempts = yield from self.pin_attempts(self.session.kept.ref)
            tries = attempts.tries_left(self.policies.lockout.pin_attempts)
        phone = self.session.phone if asks_code(self.chart, self.session, self.policies) else None
        if phone is not None:
            tries = (yield from self.wrong_codes(phone.number)).left(self.policies.phone.codes_per_number)
        session = self.session
        dial = self.institution.dial if self.institution else None
        if session.kept.window is not None and session.kept.window.dial is not None:
            dial = session.kept.window.dial
            if not self.has_line(dial):
                reasons = while_withdrawn(reasons)
        if self._result_is_over():  # the time of a session does not pass while nobody knows its institution
            session = session.without_result()
        if self.is_completing:
            reasons = while_completing(reasons, is_overdue=(yield from self._order_is_overdue()))
        return show(self.chart, session, self.policies, reasons=reasons, dial=dial, tries=tries)

    def _order_is_overdue(self) -> Flow[bool]:
        """Whether the session waits for an effect that is tried no longer (C4)."""
        entry = yield from self.load(OUTBOX, self.session.kept.order or "", OutboxEntry)
        return entry is not None and entry.is_open and entry.is_overdue(self.now)

    def present(self, token: Secret, reasons: tuple[Refusal, ...]) -> Flow[View]:
        """The present screen, with *reasons*."""
        return (yield from self.view(token, (yield from self.shown(reasons))))

    def view(self, token: Secret, shown: ViewRecord) -> Flow[View]:
        """The answer; the code only where the policy displays it, and only while the call waits for it (P4)."""
        code = None
        answered = self.session.kept.answered
        displays = self.policies.phone.code_channel is CodeChannel.DISPLAYED and shown.state == self.session.state
        if displays and answered is not None and answered.code and answered.ended is None:
            code = yield Open(answered.code, code_context(self.session.id, answered.call))
        return view_of(
            self.chart,
            shown,
            self.policies,
            self.texts,
            token=token,
            session_id=self.session.id,
            code=code,
            busy=(yield from self.is_busy()),
            institution=self.institution,
        )

    def is_busy(self) -> Flow[bool]:
        """Whether a turn has claimed the session, or somebody is delivering its order (S2)."""
        if self.session.is_claimed(self.now):
            return True
        if not self.is_completing:
            return False
        order = yield from self.load(OUTBOX, self.session.kept.order or "", OutboxEntry)
        return order is not None and order.is_leased(self.now)

    def _result_is_over(self) -> bool:
        """Whether the session ended so long ago that its result is no longer shown (C3)."""
        session = self.session
        if session.kept.issued is None:
            return False
        state = self.chart.states.get(session.state)
        if state is None or not state.is_final or session.kept.result is None:
            return False
        return self.now > session.active_at + self.policies.session.result_shown


def code_context(session: str, call: str) -> str:
    """What a call's code is sealed for."""
    return f"code:{session}:{call}"
