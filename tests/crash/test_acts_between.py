"""One act of somebody else between any two steps of a turn: what the turn took for known must not be lost by it.

The acts are those that schedules of turns leave out: an operator's, the maintenance's, a new key's.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import attrs
import pytest

from hosts import KEY, Host
from ja_reset import Call, CallSource, EffectLeased, InvalidArgument, Procedure, UnknownSession, UnlockRefused, View
from ja_reset.secret import Secret
from ja_reset.service import _customer as customer
from ja_reset.service import _telephone as telephone
from ja_reset.service._config import Config
from ja_reset.service._customer import Submitted
from ja_reset.service._io import Ask, Commit, Flow, Get, GetMany, Now, Request, run
from ja_reset.service._sealing import Sealer
from ja_reset.service._shell import Shell
from ja_reset.service._typed import Typed
from ja_reset.service.saved import load_session
from ja_reset.testing.cast import ORDINARY
from runs import Person

STEPS: Final = (Get, GetMany, Commit, Ask, Now)
PAST_LEASE: Final = 61
WHO: Final[Mapping[str, Any]] = {"by": "op", "reason": "a wrong clock"}
ACCOUNT: Final[Mapping[str, Any]] = {
    "branch": ORDINARY.branch,
    "subject": ORDINARY.subject,
    "account": ORDINARY.account,
}
NUMBER: Final = ORDINARY.contract.phones[0]
REFUSALS: Final = (InvalidArgument, UnlockRefused, EffectLeased)
"""What an operator may be told, who then has changed nothing."""


def _unlocks(host: Host) -> None:
    with suppress(*REFUSALS):
        host.service.unlock(ORDINARY.institution, **ACCOUNT)


def _lifts(host: Host) -> None:
    """What a wrong clock is thought to have left: every lease, and the rest of the number."""
    for effect in host.service.operator.effects():
        with suppress(*REFUSALS):
            host.service.operator.lift(effect=effect.key, **WHO)
    with suppress(*REFUSALS):
        host.service.operator.lift(number=NUMBER, **WHO)


def _lifts_and_unlocks(host: Host) -> None:
    _lifts(host)
    _unlocks(host)


def _lifts_and_recovers(host: Host) -> None:
    _lifts(host)
    host.service.recover()


def _ends(host: Host) -> None:
    with suppress(*REFUSALS):
        host.service.operator.end(host.view.id, **WHO)


def _settles(host: Host) -> None:
    for effect in host.service.operator.effects(status="pending"):
        with suppress(*REFUSALS):
            host.service.operator.settle(effect.key, confirmed=True, **WHO)


def _reseals(host: Host) -> None:
    attrs.evolve(host, key=(bytes(range(1, 33)), KEY)).service.operator.reseal()


def _erases(host: Host) -> None:
    with suppress(*REFUSALS):
        host.service.operator.erase(ORDINARY.ref, **WHO)


def _another_chooses_the_number(host: Host) -> None:
    other = host.beside()
    other.at_bim016(Procedure.RISK_BASED_AUTH)
    if other.view.state == "BIM016":
        other.send("choose_phone", other.phone())


ACTS: Final[Mapping[str, Callable[[Host], object]]] = {
    "cancel": lambda host: host.service.send(host.view.token, "cancel"),
    "recover": lambda host: host.service.recover(),
    "expire": lambda host: host.service.expire_due(),
    "unlock": _unlocks,
    "lift and unlock": _lifts_and_unlocks,
    "lift and recover": _lifts_and_recovers,
    "end": _ends,
    "settle": _settles,
    "reseal": _reseals,
    "erase": _erases,
    "contest": _another_chooses_the_number,
}


def _sends(state: str, event: str, typed: Callable[[Host], object], *, wrong: int = 0) -> Callable[[], Scene]:
    def begin() -> Scene:
        host = Host()
        host.at(Procedure.LOGIN_PASSWORD, state)
        for _ in range(wrong):
            host.send("submit_reset", host.reset(pin="0000"))
        submitted = Submitted(Secret(host.view.token), event, Typed(typed(host)), host.view.version, "a request")
        return Scene(host, customer.send(Config(host.policies), submitted))

    return begin


def _calls() -> Scene:
    host = Host()
    host.at_phone()
    call = Call(id="one", number=NUMBER, source=CallSource.NETWORK)
    return Scene(host, telephone.report_call(Config(host.policies), call, None))


def _gives(request: Request) -> bool:
    """Whether it gives an effect: who lifts a lease then has not made sure that nobody does (docs/operations.md)."""
    return isinstance(request, Ask) and request.method == "carry_out"


@attrs.frozen
class Scene:
    """A host, and a turn of its customer or its gateway that is about to begin."""

    host: Host
    turn: Flow[Any]

    def runs(self, before: int = 0, act: Callable[[], object] = lambda: None) -> tuple[object, int]:
        """The answer, and how many steps there were; *act* is done before the step of that number."""
        shell = Shell(self.host.bank, self.host.store, self.host.clock, Sealer(KEY), lambda _seconds: None)
        steps = itertools.count(1)
        taken = 0

        def perform(request: Request) -> object:
            nonlocal taken
            if isinstance(request, STEPS) and not _gives(request):
                taken = next(steps)
                if taken == before:
                    act()
            return shell(request)

        return run(self.turn, perform), taken


SCENES: Final[Mapping[str, Callable[[], Scene]]] = {
    "an identity": _sends("BIM015", "submit_identity", lambda host: host.identity()),
    "a choice": _sends("BIM016", "choose_phone", lambda host: host.phone()),
    "a call": _calls,
    "a right PIN": _sends("BIM017", "submit_reset", lambda host: host.reset()),
    "the last wrong PIN": _sends("BIM017", "submit_reset", lambda host: host.reset(pin="0000"), wrong=2),
}


@pytest.mark.rule("S2", "S10", "C4", "L6", "A6", "P8")
@pytest.mark.parametrize("passes", [0, PAST_LEASE], ids=["at once", "past the lease"])
@pytest.mark.parametrize("name", SCENES)
def test_one_act_between_any_two_steps_of_a_turn(name: str, passes: int) -> None:
    """The trail has no gap, no effect is given twice or after it was withdrawn, and the customer comes to success."""
    _, steps = SCENES[name]().runs()
    for act, step in itertools.product(ACTS, range(1, steps + 1)):
        scene = SCENES[name]()
        beside, given = scene.host.beside(), set[str]()

        def others(act: str = act, beside: Host = beside, given: set[str] = given) -> None:
            beside.clock.advance(passes)
            given.update(each.key for each in beside.bank.carried_out)
            ACTS[act](beside)

        answer = None
        with suppress(UnknownSession):  # erased
            answer, _ = scene.runs(step, others)
        assert [] == list(_wrong(scene.host, answer, given)), (act, step)


def _wrong(host: Host, answer: object, given: set[str]) -> Iterator[str]:
    """What does not hold; *given* are the effects that the bank had carried out before the act."""
    for row in host.store.scan("session"):
        state = load_session(row.body).state
        trail = [record for record in host.store.audit(session=row.key) if record.get("after") is not None]
        if state != trail[-1]["after"]:
            yield f"a session in {state} whose trail ends in {trail[-1]['after']}"
        if any(one["after"] != other["before"] for one, other in itertools.pairwise(trail)):
            yield "a gap in the trail"
        if isinstance(answer, View) and answer.id == row.key and load_session(row.body).version < answer.version:
            yield "an answer that was not saved"
    if any(times > 1 for times in Counter(each.key for each in host.bank.carried_out).values()):
        yield "an effect that was carried out twice"
    withdrawn = {each.key for each in host.service.operator.effects(status="withdrawn")}
    if any(each.key in withdrawn - given for each in host.bank.carried_out):
        yield "a lock that was withdrawn and given"
    for seconds in (PAST_LEASE, 2 * PAST_LEASE):
        host.clock.advance(seconds)
        host.service.recover()
    if host.service.operator.effects(status="pending"):
        yield "an effect that nobody gives"
    host.clock.advance(7300)
    host.service.expire_due()
    host.service.unlock(ORDINARY.institution, **ACCOUNT)
    host.bank.unlock(ORDINARY.ref)
    state = Person(Procedure.LOGIN_PASSWORD, clock=host.clock).goes_to(host.service).state
    if state != "DONE":
        yield f"a later session that ends in {state}"
