"""Plays paths against a service, with the fake bank and the fake clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

import attrs

from ja_reset.bank._values import Contract, PinCheck
from ja_reset.chart import Chart
from ja_reset.chart.turn import BankFact
from ja_reset.errors import BankUnavailable, EffectRefused
from ja_reset.machines import CHARTS, Procedure, own_charts
from ja_reset.machines._phones import offered
from ja_reset.policies import Policies
from ja_reset.secret import Secret
from ja_reset.service._facade import ResetService
from ja_reset.service._view import View
from ja_reset.stores import MemoryStore
from ja_reset.testing._bank import FakeBank
from ja_reset.testing._clock import FakeClock
from ja_reset.testing._own_facts import tell_facts
from ja_reset.testing._paging import paged
from ja_reset.testing.cast import EVERYBODY, INSTITUTION
from ja_reset.testing.path_steps import FIRST, PHONE, BankDoes, Dial, HangUp, Path, PathStep, Press, Send, Start, Wait
from ja_reset.testing.telephone import FakeTelephone, other_digits
from ja_reset.text import Text

MakeService = Callable[[FakeBank, FakeClock], ResetService]


def _refuses(_password: Secret, _contract: Contract) -> Text:
    return Text("そのパスワードは使えません。", "This password cannot be used.")


def with_figures(policies: Policies, figures: Mapping[str, object]) -> Policies:
    """*policies* with some figures changed, by their names; a `password_rule` refuses every password.

    Raises ValueError for a name that is no figure's.
    """
    left = dict(figures)
    for part, policy in policies.parts.items():
        names = {field.name for field in attrs.fields(type(policy))} & left.keys()
        changes = {name: left.pop(name) for name in names}
        if "password_rule" in changes:  # a path is plain JSON, which holds no function
            changes["password_rule"] = _refuses
        policies = policies.changed(part, **changes)
    if left:
        msg = f"no values of the policies: {', '.join(left)}"
        raise ValueError(msg)
    return policies


@attrs.frozen
class Played:
    """Where a path led: the last view of its first session, and the names of all transitions that were taken on it."""

    view: View
    taken: frozenset[str]


def play(
    path: Path,
    make_service: MakeService | None = None,
    *,
    policies: Policies = Policies(),  # noqa: B008 - frozen
    chart: Chart | None = None,
) -> Played:
    """Play *path* against a new service, over a new FakeBank and FakeClock that *make_service* is given.

    Without it the service is one on memory. *chart*: that of the path, where it is of a host's own.

    The institution has *policies*, those that the path was made for, with the path's figures. Raises AssertionError
    where the path does not lead to its state, if it names one, by its transition.
    """
    own = () if chart is None else own_charts(chart)

    def on_memory(bank: FakeBank, clock: FakeClock) -> ResetService:
        return ResetService(bank=bank, store=MemoryStore(), key=bytes(32), clock=clock, procedures=own)

    kinds = [kind for each in own for kind in each.policies]
    player = _Player(path, make_service or on_memory, policies.having(kinds), chart or CHARTS[path.procedure])
    for step in path.steps:
        player.do(step)
    view = player.service.view(player.views[FIRST].token)
    audit = paged(lambda after: player.service.operator.audit(limit=1000, after=after))
    taken = transitions_of(audit, path.procedure)
    assert path.state in {"", view.state}, f"{path.tell()}the state is {view.state}"
    assert not path.takes or path.takes in taken, f"{path.tell()}it took {', '.join(sorted(taken))}"
    return Played(view, frozenset(taken))


def transitions_of(audit: Iterable[Mapping[str, object]], procedure: Procedure | str) -> set[str]:
    """The names of the transitions of *procedure* that audit records tell of (`service.operator.audit()`)."""
    name = str(procedure)
    return {str(record["arrow"]) for record in audit if record.get("arrow") and record.get("procedure") == name}


class _Player:
    """The world that a path is played in."""

    def __init__(self, path: Path, make_service: MakeService, policies: Policies, chart: Chart) -> None:
        self.path = path
        self.chart = chart
        self.policies = with_figures(policies, path.figures)
        self.institution = attrs.evolve(INSTITUTION, policies=self.policies)
        self.bank = FakeBank(EVERYBODY, (self.institution,))
        tell_facts(self.bank, [chart])
        self.clock = FakeClock()
        self.service = make_service(self.bank, self.clock)
        self.views: dict[str, View] = {}
        customer = next(customer for customer in EVERYBODY if customer.ref == path.customer)
        numbers = (*offered(customer.contract, relay=self.policies.caller_id.relay), "+815039990001")
        self.telephone = FakeTelephone(self.service, numbers[0])

    def do(self, step: PathStep) -> None:
        """Do one step."""
        match step:
            case Start():
                self.views[step.who] = self.service.start(self.path.procedure, institution=self.institution.id)
            case Send():
                self._send(step)
            case Dial():
                self._dial(step)
            case Press():
                code = self.telephone.code or self.service.view(self.views[step.who].token).code or "000000"
                at = self.clock.now + _seconds(step.seconds)
                self.telephone.press(step.keys or (code if step.right else other_digits(code)), received_at=at)
            case HangUp():
                self.telephone.hang_up()
            case Wait():
                self.clock.advance(step.seconds)
                self.views = {who: self.service.view(view.token) for who, view in self.views.items()}
            case BankDoes():
                self._befall(step)

    def _send(self, step: Send) -> None:
        token = self.views[step.who].token
        phones = self.service.view(token).phones
        data = {name: phones[0].id if text == PHONE and phones else text for name, text in step.data.items()}
        if step.meanwhile:
            self.bank.before = self._once(step.meanwhile)
        self.views[step.who] = self.service.send(token, step.event, data)

    def _once(self, steps: tuple[PathStep, ...]) -> Callable[[str], None]:
        def before(_method: str) -> None:
            self.bank.before = None
            for step in steps:
                self.do(step)

        return before

    def _dial(self, step: Dial) -> None:
        self.telephone.call(
            step.caller,
            received_at=self.clock.now + _seconds(step.seconds),
            session=self.views[step.who].id if step.named else None,
            dials=None if step.right_line else "0120-000-111",
            attestation=step.attestation,
        )

    def _befall(self, step: BankDoes) -> None:
        match step.what:
            case "lock":
                self.bank.change(self.path.customer, card_locked=True)
            case "forget":
                self.bank.forget(self.path.customer)
            case "refuse":
                self.bank.fail("carry_out", EffectRefused(ja="お受けできません。", en="This cannot be accepted."))
            case "not_checked":
                self.bank.answer("check_pin", PinCheck.NOT_CHECKED)
            case "tells":
                fact = self.chart.facts[step.fact]
                if isinstance(fact, BankFact):
                    self.bank.tell(fact.method, fact.values[step.value])
            case "policy":
                policies = with_figures(self.policies, step.figures)
                self.bank.change_institution(attrs.evolve(self.institution, policies=policies))
            case _:
                self.bank.fail(step.method, BankUnavailable)


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
