"""What a host's own chart asks its bank, and tells it to do: facts by a method of its own, effects with data."""

from __future__ import annotations

import asyncio
from types import NoneType
from typing import Final

import attrs
import pytest

from broken_charts import with_checks, with_step
from hosts import KEY, Host
from ja_reset import (
    AsyncResetService,
    BankUnavailable,
    EffectKind,
    InvalidArgument,
    Policies,
    PortError,
    ResetService,
    Secret,
    View,
    screens,
)
from ja_reset.chart import Chart
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.transitions import Guard, Handler, check
from ja_reset.chart.turn import BankFact, Fact, Occasion, Required, Turn
from ja_reset.fields.forms import PinForm
from ja_reset.fields.specs import Role
from ja_reset.machines import facts
from ja_reset.machines._bim import bim_chart
from ja_reset.machines.assigns import order_is_kept
from ja_reset.machines.effects import CLEAR_RISK_AUTH
from ja_reset.stores import MemoryStore
from ja_reset.testing import AsyncFakeBank, FakeBank
from ja_reset.testing._bank_spy import Watch, spied
from ja_reset.testing._sync_bank import in_sync
from ja_reset.text import Text
from ja_reset.verify import verify

WORDS: Final = Text(ja="上限内である", en="it is within the ceiling")
CEILING: Final = BankFact[int | None](
    "ceiling",
    method="transfer_ceiling",
    kind=(int, NoneType),
    absent=None,
    values={"none": None, "low": 1, "high": 9},
)


def _pin(turn: Turn) -> Secret:
    pin = turn.know(facts.READING).secret(Role.PIN)
    assert pin is not None
    return pin


ALLOW: Final = EffectSpec(
    "ALLOW",
    lambda turn: {"ceiling": str(turn.know(CEILING)), "pin": _pin(turn)},
    secrets=("pin",),
    needs=("identity", "call", "pin"),
    reads=(CEILING, facts.READING),
    roles=(Role.PIN,),
    result=("receipt",),
)


def _chart(fact: BankFact[int | None] = CEILING, effect: EffectSpec = ALLOW) -> Chart:
    """The BIM family's chart with a check of the host's own above the PIN's, and an order of its own."""
    chart = bim_chart(
        "CAPPED",
        title=Text(ja="上限", en="A ceiling"),
        bim015=screens.RISK_BIM015,
        bim016=screens.RISK_BIM016,
        phone=screens.RISK_PHONE,
        bim017=screens.RISK_BIM017,
        processing=screens.RISK_COMPLETING,
        done=screens.RISK_DONE,
        form=PinForm,
        effect=CLEAR_RISK_AUTH,
    )
    is_high = Guard(
        "ceiling_is_high",
        lambda turn: (ceiling := turn.know(fact)) is None or ceiling > 1,
        ("refused_by_bank",),
        says=WORDS,
        reads=(fact,),
    )

    def change(handler: Handler) -> Handler:
        checks = (*handler.checks[:3], check(is_high), *handler.checks[3:])
        return attrs.evolve(handler, checks=checks, effects=(effect,), assigns=(order_is_kept(effect),))

    return with_step(chart, "submit_reset", "BIM017", change)


@attrs.define(eq=False)
class Asked:
    """What a bank was asked of ceilings, and what it says; an exception is raised."""

    says: object = 9
    asked: list[tuple[str, str]] = attrs.field(factory=list)

    def tell(self, institution: str, ref: str) -> int | None:
        """What it says of a contract."""
        self.asked.append((institution, ref))
        if isinstance(self.says, Exception):
            raise self.says
        return self.says  # type: ignore[return-value]  # what it says may be nonsense


class Ceilings(FakeBank):
    """A bank that tells ceilings, and gives receipts."""

    def __init__(self, says: object = 9, receipt: object = "R-1") -> None:
        super().__init__()
        self.ceilings = Asked(says)
        self._receipt = receipt

    def transfer_ceiling(self, institution: str, ref: str, /) -> int | None:
        """See `Asked`."""
        return self.ceilings.tell(institution, ref)

    def carry_out(self, effect: object, /) -> dict[str, str] | None:
        """As any bank; what the host has added gives a receipt."""
        result = super().carry_out(effect)  # type: ignore[arg-type]  # as it came
        mine = getattr(effect, "kind", None) == "ALLOW"
        return {"receipt": self._receipt} if mine else result  # type: ignore[dict-item, return-value]  # or nonsense


def _at_pin(host: Host) -> None:
    host.start("CAPPED")
    host.send("submit_identity", host.identity())
    host.send("choose_phone", host.phone())
    host.call()
    host.look()


def _done(bank: FakeBank, chart: Chart | None = None) -> tuple[Host, View]:
    host = Host(bank=bank, procedures=(chart or _chart(),))
    _at_pin(host)
    return host, host.send("submit_reset", host.reset())


def test_a_fact_of_the_bank_is_asked_and_goes_with_the_order() -> None:
    """The method gets the institution and the contract, once a turn; the order has its data, the secret sealed."""
    bank = Ceilings()
    host, view = _done(bank)
    assert "DONE" == view.state
    assert [("ja-0417", host.customer.ref)] == bank.ceilings.asked
    (order,) = [each for each in bank.carried_out if each.kind == "ALLOW"]
    pin = order.data["pin"]
    assert ("9", host.customer.pin) == (order.data["ceiling"], pin.reveal() if isinstance(pin, Secret) else None)
    (row,) = [each for each in host.service.operator.effects() if each["kind"] == "ALLOW"]
    assert "confirmed" == row["status"]


@pytest.mark.rule("L1", "L3")
def test_a_check_of_ones_own_refuses_before_the_pin_costs_anything() -> None:
    """It stands above the PIN: nothing is reserved, nothing is verified, and the reason is said."""
    bank = Ceilings(says=1)
    host, view = _done(bank)
    assert ("BIM017", ["refused_by_bank"], 3) == (view.state, [each.code for each in view.reasons], view.tries_left)
    assert 0 == bank.wrong_pins_in_a_row(host.customer.ref)
    bank.ceilings.says = 2
    assert "DONE" == host.send("submit_reset", host.reset()).state


@pytest.mark.rule("C6")
def test_a_bank_that_gives_no_answer_leaves_the_session_as_it_was() -> None:
    """The same request can be made again, and nothing was counted."""
    bank = Ceilings(says=BankUnavailable())
    host, view = _done(bank)
    assert ("BIM017", ["temporarily_unavailable"]) == (view.state, [each.code for each in view.reasons])
    assert 3 == view.tries_left
    bank.ceilings.says = 2
    assert "DONE" == host.send("submit_reset", host.reset()).state


@pytest.mark.parametrize("said", ["9", 9.0, True])
def test_an_answer_of_another_kind_is_the_banks_fault(said: object) -> None:
    """It is no proof, and no value of it is told; a bool is no int."""
    with pytest.raises(PortError) as caught:
        _done(Ceilings(says=said))
    assert f"the bank's transfer_ceiling gave {type(said).__name__}, not int or NoneType" == str(caught.value)


def test_a_bank_without_the_method_has_what_the_fact_says_of_that() -> None:
    """The bank may do without it only where the chart says what holds then."""
    host, view = _done(FakeBank(), _chart(effect=attrs.evolve(ALLOW, result=None)))
    assert "DONE" == view.state
    assert {"None"} == {each.data["ceiling"] for each in host.bank.carried_out if each.kind == "ALLOW"}


@pytest.mark.parametrize("make", [ResetService, AsyncResetService], ids=["sync", "async"])
def test_a_method_that_a_chart_must_have_is_looked_for_at_once(make: type) -> None:
    """A wrapper that hides the method does not fail open when a customer comes: the service is not made."""
    must = attrs.evolve(CEILING, absent=Required.REQUIRED)
    bank = AsyncFakeBank() if make is AsyncResetService else FakeBank()
    chart = _chart(must, attrs.evolve(ALLOW, reads=(must, facts.READING)))
    with pytest.raises(InvalidArgument) as caught:
        make(bank=bank, store=MemoryStore(), key=KEY, procedures=[chart])
    assert str(caught.value) == (
        f"bank must have transfer_ceiling(institution, ref), which CAPPED asks for the fact ceiling: "
        f"{type(bank).__name__} has none; where a bank may do without, the BankFact says what holds then (absent=…)"
    )


@pytest.mark.parametrize("make", [ResetService, AsyncResetService], ids=["sync", "async"])
def test_a_value_in_the_place_of_an_optional_method_is_no_lack_of_it(make: type) -> None:
    """A bank that has the answer where its method should be is refused at once; without it, the check would be off."""

    class Told(FakeBank):
        transfer_ceiling = ()

    with pytest.raises(InvalidArgument) as caught:
        make(bank=Told(), store=MemoryStore(), key=KEY, procedures=[_chart()])
    assert str(caught.value) == (
        "bank must have as a method, or not at all, transfer_ceiling(institution, ref), which CAPPED asks for the fact "
        "ceiling: it has a tuple by that name, which cannot be called"
    )


def test_a_fake_bank_tells_what_it_was_told() -> None:
    """Tests give it the method and a value of the fact's; it fails, and answers nonsense, as any other."""
    bank = FakeBank()
    bank.tell(CEILING.method, CEILING.values["low"])
    host, view = _done(bank, _chart(effect=attrs.evolve(ALLOW, result=None)))
    assert ["refused_by_bank"] == [each.code for each in view.reasons]
    bank.tell(CEILING.method, CEILING.values["high"])
    bank.fail("transfer_ceiling", BankUnavailable)
    assert ["temporarily_unavailable"] == [each.code for each in host.send("submit_reset", host.reset()).reasons]
    assert "DONE" == host.send("submit_reset", host.reset()).state
    assert 3 == bank.asked.count(("transfer_ceiling", host.customer.ref))
    with pytest.raises(ValueError, match="no method of the port: 'transfer_floor'"):
        bank.fail("transfer_floor", BankUnavailable)


def test_a_bank_of_coroutines_is_asked_as_well() -> None:
    """The asynchronous service awaits the host's own method; what stands in front of a bank lets it through."""
    plain = FakeBank()
    bank = AsyncFakeBank(plain)
    with pytest.raises(AttributeError):
        _ = bank.transfer_ceiling
    plain.tell(CEILING.method, 1)
    with asyncio.Runner() as runner:
        for each in (in_sync(bank, runner), in_sync(spied(bank, Watch()), runner), spied(plain, Watch())):
            assert 1 == each.transfer_ceiling("ja-0417", "C-0001")  # type: ignore[union-attr, operator]  # the host's own
            assert not hasattr(each, "_own")
    must = attrs.evolve(CEILING, absent=Required.REQUIRED)
    chart = _chart(must, attrs.evolve(ALLOW, reads=(must, facts.READING)))
    service = AsyncResetService(bank=bank, store=MemoryStore(), key=KEY, procedures=[chart])
    assert "CAPPED" in service.procedures


def test_a_coroutine_is_for_the_other_service() -> None:
    """A synchronous service cannot await a method of the host's own, either."""

    class Later(FakeBank):
        async def transfer_ceiling(self, _institution: str, _ref: str, /) -> int:
            return 9

    with pytest.raises(InvalidArgument, match=r"bank has coroutines \(transfer_ceiling\): use AsyncResetService"):
        Host(bank=Later(), procedures=(_chart(),))


@pytest.mark.parametrize("receipt", ["", 5, None])
def test_a_result_that_is_missing_is_the_banks_fault(receipt: object) -> None:
    """What the order's result must have is named; the order stays, to be delivered again."""
    bank = Ceilings(receipt=receipt)
    with pytest.raises(PortError, match="the bank's carry_out of ALLOW must return receipt, a str"):
        _done(bank)


def test_a_fact_that_no_service_tells_is_refused_when_the_chart_is_given() -> None:
    """A fact of the host's own has to be one of the bank's: nobody else is asked."""
    luck: Fact[bool] = Fact("luck", at=(Occasion.CUSTOMER,))
    lucky = Guard("lucky", lambda turn: turn.know(luck), ("late",), says=WORDS, reads=(luck,))
    chart = with_checks(_chart(), "submit_reset", "BIM017", lambda checks: (check(lucky), *checks))
    with pytest.raises(InvalidArgument, match="chart CAPPED reads the fact luck, which nobody tells: make it a Bank"):
        Host(procedures=(chart,))


def test_two_effects_of_one_name_are_refused_when_the_charts_are_given() -> None:
    """Keys and proofs go by the name: an effect that is not the library's object has a name of its own."""
    other = EffectSpec("ISSUE_TOKEN", needs=("identity", "call"))
    with pytest.raises(InvalidArgument, match="chart CAPPED has another effect ISSUE_TOKEN than chart TOKEN_REISSUE"):
        Host(procedures=(_chart(effect=other),))


@pytest.mark.rule("A1", "A3", "A8")
def test_such_a_chart_is_verified_by_the_values_of_its_facts() -> None:
    """Each value is tried, and no answer; what the order needs is judged, and its data are made."""
    assert () == verify(_chart(), Policies()).failures
    broken = attrs.evolve(ALLOW, data=lambda turn: {"pin": _pin(turn), "c": str(1 // _low(turn))})
    failed = {failure.name: failure.what.en for failure in verify(_chart(effect=broken)).failures}
    assert "ZeroDivisionError" in failed["A8"]
    unproved = attrs.evolve(ALLOW, needs=("identity", "call", "code"))
    failed = {failure.name: failure.what.en for failure in verify(_chart(effect=unproved)).failures}
    assert "ALLOW is ordered without proof of code" == failed["A1"]


def _low(turn: Turn) -> int:
    return (turn.know(CEILING) or 9) - 9


def test_the_last_wrong_pin_of_such_a_chart_locks_both() -> None:
    """The locks are the library's, whoever orders them, and the customer is told of them (L2, C5)."""
    host = Host(bank=Ceilings(), procedures=(_chart(),))
    _at_pin(host)
    for _ in range(3):
        view = host.send("submit_reset", host.reset(pin="9999"))
    assert "LOCKED" == view.state
    ordered = [EffectKind.LOCK_SERVICE, EffectKind.LOCK_CARD, EffectKind.NOTIFY]
    assert ordered == [each.kind for each in host.bank.carried_out]
