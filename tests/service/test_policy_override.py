"""An institution's figures lie over the service's, turn by turn; those that do not fit change nothing (S11)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import attrs
import pytest

from hosts import KEY, Host
from ja_reset import (
    AsyncResetService,
    Institution,
    InvalidArgument,
    Policies,
    PolicyOverride,
    Procedure,
)
from ja_reset.policies import FieldPolicy, IdentityPolicy, PhonePolicy, SessionPolicy
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Put, Store
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import INSTITUTION

pytestmark = pytest.mark.rule("S11")

WINDOW = timedelta(seconds=180)
LONGER = Policies.override({"phone.bim_window": WINDOW})
UNFIT = Policies.override({"fields.password_max": 7, "phone.bim_window": timedelta(seconds=7)})
"""Fits a service whose shortest password is 7 or less."""

SERVICE = Policies(fields=FieldPolicy(password_min=8), phone=PhonePolicy(number_rest=timedelta(seconds=33)))


class Bank(FakeBank):
    """A bank whose institution has the policies that a test gives it."""

    given: Policies | PolicyOverride | None = None

    def institution(self, id: str) -> Institution | None:  # noqa: A002 - the port's name
        """The institution, with `given`."""
        found = super().institution(id)
        return None if found is None else attrs.evolve(found, policies=self.given)


def host_of(given: Policies | PolicyOverride | None, store: Store | None = None) -> tuple[Host, Bank]:
    """A host whose service has policies of its own, and its bank."""
    bank = Bank()
    bank.given = given
    more: Mapping[str, Store] = {} if store is None else {"store": store}
    return Host(bank=bank, policies=SERVICE, **more), bank  # type: ignore[arg-type]  # one keyword, or none


def window_of(host: Host) -> timedelta:
    """How long the phone screen of a new session stands open."""
    host.at(Procedure.LOGIN_PASSWORD, "PHONE")
    assert host.view.deadline is not None
    window = host.view.deadline - host.clock()
    host.send("cancel")
    host.clock.advance(121)  # its number has rested
    return window


def hint(host: Host) -> str:
    """What the page says of the length of a password: figures of texts are the institution's too."""
    host.at(Procedure.LOGIN_PASSWORD, "BIM017")
    words = host.view.screen.fields[0].hint
    assert words is not None
    return words.en


def test_an_override_lies_over_the_services_figures(store: Store) -> None:
    """Its window holds, and so do the service's other figures, in the texts too."""
    host, _ = host_of(LONGER, store)
    assert window_of(host) == WINDOW
    assert "8" in hint(host)


def test_a_whole_policies_is_taken_whole() -> None:
    """What it does not name has the library's default, not the service's."""
    host, _ = host_of(Policies(phone=PhonePolicy(bim_window=WINDOW)))
    assert window_of(host) == WINDOW
    assert "8" not in hint(host)


def test_the_asynchronous_face_lays_over_too() -> None:
    """The same figure, awaited."""
    host, bank = host_of(Policies.override({"session.idle_timeout": timedelta(minutes=3)}))

    async def first() -> timedelta:
        service = AsyncResetService(bank=bank, store=host.store, key=KEY, clock=host.clock, policies=SERVICE)
        view = await service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id)
        assert view.deadline is not None
        return view.deadline - host.clock()

    assert timedelta(minutes=3) == asyncio.run(first())


def test_one_that_does_not_fit_leaves_the_last_good_one(caplog: pytest.LogCaptureFixture) -> None:
    """All that held before holds on, whole; the log says which institution and why, once for each such override."""
    host, bank = host_of(LONGER)
    assert window_of(host) == WINDOW
    bank.given = UNFIT
    with caplog.at_level(logging.WARNING, "ja_reset"):
        assert window_of(host) == WINDOW
        assert window_of(host) == WINDOW
    (line,) = caplog.messages
    assert f"institution {INSTITUTION.id!r} do not fit the service's" in line
    assert "FieldPolicy.password_max must be at least password_min" in line
    bank.given = Policies.override({"phone.bim_window": timedelta(seconds=99)})
    assert window_of(host) == timedelta(seconds=99)


def test_where_none_was_good_the_services_own_hold(caplog: pytest.LogCaptureFixture) -> None:
    """A process that begins with an override that does not fit serves its customers all the same."""
    host, _ = host_of(UNFIT)
    with caplog.at_level(logging.WARNING, "ja_reset"):
        assert window_of(host) == SERVICE.phone.bim_window
    assert 1 == len(caplog.messages)


def test_whether_it_fits_is_a_matter_of_the_service() -> None:
    """The same override over a service with a shorter minimum."""
    bank = Bank()
    bank.given = UNFIT
    host = Host(bank=bank, policies=Policies(fields=FieldPolicy(password_min=7)))
    assert window_of(host) == timedelta(seconds=7)


def test_a_class_of_the_hosts_own_may_raise_what_it_likes(caplog: pytest.LogCaptureFixture) -> None:
    """No exception of a validator reaches a customer."""
    host, _ = host_of(Policies.override({"own.Moody.figure": 2}, own=[Moody]))
    with caplog.at_level(logging.WARNING, "ja_reset"):
        assert window_of(host) == SERVICE.phone.bim_window
    assert "Moody: not today" in caplog.text


@attrs.frozen
class Moody:
    """Refuses any figure but its default, with an exception of its own choice."""

    figure: int = 1

    def __attrs_post_init__(self) -> None:
        """Raise what nobody expects."""
        if self.figure > 1:
            msg = "not today"
            raise LookupError(msg)


@pytest.mark.rule("L2")
def test_a_limit_that_was_lowered_holds_after_the_refresh() -> None:
    """An override is learned when the bank is asked, as a whole Policies is."""
    host, bank = host_of(None)
    host.start()
    bank.given = Policies.override({"identity.identity_attempts": 1})
    host.clock.advance(61)
    assert "REJECTED" == host.send("submit_identity", host.identity(birth_date="1999-09-09")).state


class Slow(MemoryStore):
    """A store whose next commit takes as long as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.takes: list[Callable[[], None]] = []

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """Commit, and let the time pass."""
        made = super().commit(puts, audit)
        if self.takes:
            self.takes.pop()()
        return made


@pytest.mark.rule("L2")
def test_a_limit_that_was_lowered_holds_in_a_turn_whose_claim_was_slow() -> None:
    """The bank is asked for its policies by the time at which the turn goes on, before the PIN is checked."""
    store = Slow()
    host, bank = host_of(None, store)
    host.at_bim017()
    assert "BIM017" == host.send("submit_reset", host.reset(pin="9999")).state
    bank.given = Policies.override({"lockout.pin_attempts": 1})
    store.takes.append(lambda: host.clock.advance(61))
    bank.asked.clear()
    assert "LOCKED" == host.send("submit_reset", host.reset(pin="9999")).state
    assert "check_pin" not in [method for method, _ in bank.asked]


@pytest.mark.parametrize("given", [{}, "default", 3, SessionPolicy(), IdentityPolicy])
def test_an_institution_takes_no_other_policies(given: object) -> None:
    """What is neither is refused where the Institution is made."""
    with pytest.raises(InvalidArgument, match=r"Institution.policies must be a Policies, a PolicyOverride or None"):
        attrs.evolve(INSTITUTION, policies=given)  # type: ignore[arg-type]  # what is tried
