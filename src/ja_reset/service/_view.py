"""What a host shows: the answer to every call, rendered from what the session keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from ja_reset.bank._values import Reason
from ja_reset.chart import Chart
from ja_reset.chart._deadlines import deadline
from ja_reset.chart._moments import can_be_extended, moment, windows_left
from ja_reset.chart.session import Refusal, Session
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.chart.turn import Turn
from ja_reset.machines import Procedure, procedure_of
from ja_reset.policies import Policies
from ja_reset.screens import Moment, Screen
from ja_reset.screens._named import NOTHING_TOLD
from ja_reset.screens.messages import render
from ja_reset.secret import Secret, shown
from ja_reset.service._institution import Institution, name_of
from ja_reset.service._records import ViewRecord
from ja_reset.service._terms import reference_of
from ja_reset.text import Text


@attrs.frozen
class PhoneChoice:
    """A phone as it is offered: the opaque id to choose it by, and the number without its last four digits."""

    __repr__ = shown

    id: str
    masked: str


@attrs.frozen
class Result:
    """The result of TOKEN_REISSUE (C3): both ids, and the address that the e-mail goes to."""

    __repr__ = shown

    service_id: str
    user_id: str
    email: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class View:
    """The answer to every call about a session.

    `token` names the session to the host only (repr and `to_dict` hide it); `id` is public. `reference`: eight
    characters for the customer to read out, by which an operator finds the session. `events` can be sent now.
    `deadline` (aware UTC) ends this screen, without the grace; `extendable`: only because the customer does nothing, so
    the event `extend` postpones it (S3). `moment`: which moment of its screen this is, if it has words of its own.
    `windows_left`: how many windows for a call can still be opened, without the present one (P6). `code` is set only if
    the policy displays it. `busy`: a turn or an order of the session is under way now, so a page asks for the view
    again.
    `procedure` is a member for the three procedures, otherwise the name of the host's chart.
    """

    __repr__ = shown

    token: str = attrs.field(repr=False)
    id: str
    version: int
    procedure: Procedure | str
    state: str
    screen: Screen = attrs.field(repr=False)
    events: tuple[str, ...]
    reasons: tuple[Reason, ...]
    phones: tuple[PhoneChoice, ...]
    dial: str | None
    code: str | None = attrs.field(repr=False)
    deadline: datetime | None
    tries_left: int | None
    result: Result | None
    final: bool
    busy: bool = False
    moment: Moment | None = None
    windows_left: int | None = None
    extendable: bool = False

    reference: str = attrs.field(init=False)

    @reference.default
    def _of_id(self) -> str:
        return reference_of(self.id)

    def to_dict(self, *languages: str) -> dict[str, object]:
        """Plain JSON, without the token; times in ISO 8601.

        Each text is in all the languages that it is there in, and names its key. With *languages*, as in
        `to_dict("vi")`, it is in these alone, in Japanese where it is not there in one.
        """
        return {
            "id": self.id,
            "reference": self.reference,
            "version": self.version,
            "procedure": str(self.procedure),
            "state": self.state,
            "screen": self.screen.to_dict(*languages),
            "events": list(self.events),
            "reasons": [reason.to_dict(*languages) for reason in self.reasons],
            "phones": [attrs.asdict(phone) for phone in self.phones],
            "dial": self.dial,
            "code": self.code,
            "deadline": None if self.deadline is None else self.deadline.isoformat(),
            "tries_left": self.tries_left,
            "result": None if self.result is None else attrs.asdict(self.result),
            "final": self.final,
            "busy": self.busy,
            "moment": None if self.moment is None else self.moment.value,
            "windows_left": self.windows_left,
            "extendable": self.extendable,
        }


def reason_of(
    refusal: Refusal,
    policies: Policies,
    texts: Mapping[str, Text],
    screen: Screen | None = None,
    told: Mapping[str, Text] = NOTHING_TOLD,
) -> Reason:
    """A refusal with its words: the bank's or the host's own, else the catalogue's, naming the field of *screen*."""
    fields = () if screen is None or refusal.field is None else screen.fields
    label = next((field.label for field in fields if field.name == refusal.field), None)
    words = refusal.words or render(
        refusal.code,
        field=refusal.field,
        detail=refusal.detail,
        label=label,
        texts=texts,
        policies=policies,
        told=told,
    )
    return Reason(
        code=refusal.code,
        field=refusal.field,
        ja=words.ja,
        en=words.en,
        until=refusal.until,
        more=words.more,
        key=words.key,
    )


def show(
    chart: Chart,
    session: Session,
    policies: Policies,
    *,
    reasons: tuple[Refusal, ...],
    dial: str | None,
    tries: int | None,
) -> ViewRecord:
    """What the session's present screen shows.

    *tries*: those left of the card, where it asks for the PIN; of the number, where it waits for a call with a code.
    """
    waiting = chart.states[session.state].kind is StateKind.WAITING
    kept, result = session.kept, session.kept.result
    phones = kept.phones if kept.chosen is None else tuple(phone for phone in kept.phones if phone.id == kept.chosen)
    return ViewRecord(
        state=session.state,
        version=session.version,
        reasons=reasons,
        method=kept.method,
        phones=tuple(phone.id for phone in phones),
        masked=tuple(phone.masked for phone in phones),
        dial=dial if waiting else None,
        deadline=deadline(chart, session, policies),
        tries_left=_tries_left(chart, session, policies, tries),
        service_id=result.service_id if result else None,
        user_id=result.user_id if result else None,
        email=kept.email if result else None,
        own=kept.own,
        moment=moment(chart, session),
        windows_left=windows_left(chart, session, policies),
        extendable=can_be_extended(chart, session, policies),
    )


def asks_code(chart: Chart, session: Session, policies: Policies) -> bool:
    """Whether the session waits for a call in which a code is keyed in (P4)."""
    if not chart.hears(session.state, EventRole.CALL):
        return False
    return chart.asks_code(Turn(session, session.seen_at, policies, {}))


def _tries_left(chart: Chart, session: Session, policies: Policies, tries: int | None) -> int | None:
    if not asks_code(chart, session, policies):
        return tries
    return codes_left(session, policies, policies.phone.codes_per_number if tries is None else tries)


def codes_left(session: Session, policies: Policies, of_number: int) -> int:
    """How many codes may still be keyed in, in the present call (P4); *of_number* are left of the number's."""
    phone, answered = policies.phone, session.kept.answered
    of_call = phone.code_attempts - (answered.wrong if answered and answered.ended is None else 0)
    return max(0, min(of_number, of_call, phone.codes_per_session - session.wrong_codes))


def view_of(
    chart: Chart,
    shown: ViewRecord,
    policies: Policies,
    texts: Mapping[str, Text],
    *,
    token: Secret,
    session_id: str,
    code: Secret | None,
    busy: bool,
    institution: Institution | None,
) -> View:
    """The answer that shows *shown*, in the words of the catalogue as the host has it."""
    state = chart.states[shown.state]
    told = _left(shown) if state.kind is not StateKind.ENDING else _whose(chart, institution)
    screen = state.plan(shown.method).render(
        policies,
        texts,
        shown.own,
        dial=shown.dial,
        moment=shown.moment,
        told=told if shown.moment in _COUNTED or state.kind is StateKind.ENDING else NOTHING_TOLD,
    )
    result = None
    if shown.service_id is not None and shown.user_id is not None:
        result = Result(shown.service_id, shown.user_id, shown.email or "")
    return View(
        token=token.reveal(),
        id=session_id,
        version=shown.version,
        procedure=procedure_of(chart.name),
        state=state.name,
        screen=screen,
        events=chart.events(state.name),
        reasons=tuple(reason_of(refusal, policies, texts, screen, told) for refusal in shown.reasons),
        phones=tuple(PhoneChoice(*pair) for pair in zip(shown.phones, shown.masked, strict=True)),
        dial=shown.dial,
        code=None if code is None else code.reveal(),
        deadline=shown.deadline,
        tries_left=shown.tries_left,
        result=result,
        final=state.is_final,
        busy=busy,
        moment=shown.moment,
        windows_left=shown.windows_left,
        extendable=shown.extendable,
    )


_COUNTED = frozenset({Moment.ANSWERED, Moment.WRONG_CODE, Moment.CALL_OVER})
"""The moments whose notices may say what is left."""


def _left(shown: ViewRecord) -> Mapping[str, Text]:
    """What is left, in words: where a call is waited for, and where the reason of the last one is told."""
    counts = {"tries_left": shown.tries_left, "windows_left": shown.windows_left}
    if shown.windows_left is None:
        return NOTHING_TOLD
    return {name: Text(str(count), str(count)) for name, count in counts.items() if count is not None}


def _whose(chart: Chart, institution: Institution | None) -> Mapping[str, Text]:
    """What an ending names: the procedure, the institution, and its number for questions."""
    if institution is None:
        return NOTHING_TOLD
    words = {"procedure": chart.title, "institution": name_of(institution)}
    contact = institution.contact
    return words if contact is None else {**words, "contact": Text(contact, contact)}
