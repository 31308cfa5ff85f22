"""What must hold once a process was killed, and once another one has gone on to the end (A3, A6, A7, S10)."""

from __future__ import annotations

import itertools
from contextlib import closing
from datetime import timedelta

from file_bank import FileBank
from hosts import ACTIVATION, NEW_PASSWORD
from ja_reset import ResetService
from ja_reset.proofs.waits import Wait
from ja_reset.service._records import OUTBOX, WAIT, OutboxEntry, OutboxStatus
from ja_reset.service.saved import load, load_session
from ja_reset.stores.rows import Store
from ja_reset.testing.cast import ORDINARY
from journeys import Journey, Place, noted
from runs import LOCKS_TOLD, WRONG_PIN, Person, ordered, success

LIMIT = 3
PAST_LEASE = 61
PAST_LAPSE = 3601
PAST_REST = 500
LAPSE = timedelta(hours=1)
SECRETS = (NEW_PASSWORD, ACTIVATION, ORDINARY.password, "wrong-pass")


def settle(journey: Journey, place: Place) -> None:
    """Go on where a killed process has left *place*, to the customer's end, and hold it to the rules all the way."""
    place.wait_for_the_dead()
    with closing(place.opened()) as store:
        bank = place.bank(journey)
        is_as_it_was_saved(place, store)
        has_no_secret(place, store)
        service = place.service(journey, store)
        place.clock.advance(PAST_LEASE)
        for wait in (0, 120):  # a bank that does its work and gives no answer is asked again, after the back-off
            place.clock.advance(wait)
            service.recover()
        assert 0 == service.recover(), "what was given is settled"
        is_as_it_was_saved(place, store)
        person = Person(journey.procedure, pin=WRONG_PIN if journey.guesses else None, clock=place.clock)  # type: ignore[arg-type]
        known = noted(place)
        person.token = str(known[0]["token"]) if known else None
        if journey.guesses:
            guesses_on(place, service, bank, person)
        else:
            succeeds(journey, service, bank, person)
        place.clock.advance(PAST_REST)
        is_whole(place, service, store, bank)
        if not journey.guesses:
            stranger = Person(journey.procedure)
            assert stranger.goes_to(service, "PHONE", "BTR004").state in {"PHONE", "BTR004"}, "the number is stuck"
        has_no_secret(place, store)


def is_as_it_was_saved(place: Place, store: Store) -> None:
    """Every session is where its last audit record says, and no answer that was given goes beyond what is kept."""
    kept = {}
    for row in store.scan("session"):
        session = kept[row.key] = load_session(row.body)
        trail = [record for record in store.audit(session=row.key) if "after" in record]
        assert trail, "a session without a trail"
        assert session.state == trail[-1]["after"]
        assert all(one["after"] == other["before"] for one, other in itertools.pairwise(trail))
    for answer in noted(place):
        session = kept[str(answer["id"])]
        version = answer["version"]
        assert isinstance(version, int)
        assert session.version >= version, "an answer was given that was not saved"
        assert session.version > version or session.state == answer["state"]


def succeeds(journey: Journey, service: ResetService, bank: FileBank, person: Person) -> None:
    """The customer, and where his windows or attempts have run out another session of his, comes to the end."""
    for _ in range(3):
        view = person.goes_to(service)
        if view.state == success(journey.procedure):
            break
        # an attempt whose outcome nobody knows is held back for an hour, longer than a session lasts
        assert view.state == "EXPIRED" or view.tries_left == 0, view
        assert not bank.kinds()
        assert person.clock is not None
        person.clock.advance(PAST_LAPSE)
        person.token = None
    assert success(journey.procedure) == view.state
    assert [kind.value for kind in ordered(journey.procedure)] == bank.kinds(), "each effect once"


def guesses_on(place: Place, service: ResetService, bank: FileBank, person: Person) -> None:
    """The guesser goes on: what is not known counts until it lapses; then he comes to the lock."""
    for _ in range(3):
        view = person.goes_to(service, "BIM017")
        while not view.final and view.tries_left:
            view = person.steps(service, view)
        if view.state == "LOCKED":
            break
        assert len(bank.pins()) <= LIMIT, "an attempt came for free"
        assert not bank.kinds(), "locked by what is not known"
        place.clock.advance(PAST_LAPSE)
        person.token = None
    assert "LOCKED" == view.state
    assert [kind.value for kind in LOCKS_TOLD] == bank.kinds(), "both locks, once"


def is_whole(place: Place, service: ResetService, store: Store, bank: FileBank) -> None:
    """Nothing is pending, sealed or waited for; keys were honoured; and no row of wrong PINs passed the limit."""
    for row in store.scan(OUTBOX):
        entry = load(OutboxEntry, row.body, OUTBOX)
        assert entry.status is not OutboxStatus.PENDING
        assert {} == dict(entry.sealed)
    keys = bank.keys_told()
    assert {row.key for row in store.scan(OUTBOX)} == set(keys), "what was ordered is what was told"
    for told in keys.values():
        assert 1 == sum(each in {"done", "refused"} for each in told)
    assert [] == service.operator.effects(status="pending")
    service.expire_due()
    for row in store.scan(WAIT):
        wait = load(Wait, row.body, WAIT)
        assert wait.is_free_for("another", place.clock()), "a wait is stuck"
    assert bank.most_wrong_pins_within(LAPSE) <= LIMIT
    for row in store.scan("session"):
        session = load_session(row.body)
        assert session.kept.activation is None
        assert session.kept.answered is None


def has_no_secret(place: Place, store: Store) -> None:
    """Neither the store's files nor its rows and audit hold what was typed, nor a token."""
    texts = [path.read_bytes().decode("latin-1") for path in place.folder.glob("reset.db*")]
    texts += [str(row.body) for kind in ("session", "request", "call", "effect", "pin") for row in store.scan(kind)]
    texts += map(str, store.audit())
    tokens = {str(answer["token"]) for answer in noted(place)}
    low = "\n".join(texts).lower()
    for secret in {*SECRETS, *tokens}:
        assert secret.lower() not in low
    for pin in (ORDINARY.pin, WRONG_PIN):  # four digits stand in hashes by chance: as a value of their own
        assert f'"{pin}"' not in low
        assert f"'{pin}'" not in low
