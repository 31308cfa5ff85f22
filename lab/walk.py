"""The verifier compared with a walk at random through the facade, which shares no code with it.

Every configuration that the walk meets must be one that the verifier knows, every event that moves a session one that
it explored; and every event that the verifier says can happen must be met by the walk. `python lab/walk.py SECONDS`
walks for so long, with new dice; `tests/lab/test_walk.py` walks as far as it takes to meet everything, with fixed ones.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Mapping

import attrs

from ja_reset import Policies, Procedure
from ja_reset.policies import IdentityPolicy, LockoutPolicy, PhonePolicy
from ja_reset.verify import Verification, verify
from ja_reset.verify._situations import Configuration
from random_walk import Walk

LOW = Policies(
    identity=IdentityPolicy(identity_attempts=2),
    lockout=LockoutPolicy(pin_attempts=2),
    phone=PhonePolicy(phone_windows=2, code_attempts=2, codes_per_session=3),
)
"""Limits so low that a walk at random comes to them."""

WITH_CODES = attrs.evolve(LOW, phone=attrs.evolve(LOW.phone, bim_code=True))

ONE_CODE = attrs.evolve(
    LOW, phone=PhonePolicy(phone_windows=2, code_attempts=1, codes_per_session=1, codes_per_number=1)
)
"""One wrong code of a number is enough: at LOW a walk comes to the limit of a number too seldom."""
SELDOM = ("codes_used_up",)
"""The reasons that are met at ONE_CODE alone."""

STEPS = 400
"""Steps of one walk; then the next begins with an empty store."""

FIELD_ERRORS = frozenset({"required", "too_long", "format", "mismatch", "not_accepted"})
ALWAYS = frozenset({"state", "keeps", "wrong_in_call"})
UNHEARD = ("call_received", "keys_received")
"""Where the bank gives no answer these leave nothing behind, not even an audit record."""
CROWDED = ("in_progress",)
"""Only another attempt under way causes it (S2, L3), and a walk takes one turn after the other: it never meets it."""

Event = tuple[str, str, str, tuple[str, ...]]


def plain(event: Event) -> Event:
    """An event with its field errors made one: which fields are wrong is the form's matter.

    What is still told of the last call beside the answer to proceed (P7) is the service's to say, not the chart's.
    """
    name, before, after, reasons = event
    if reasons[:1] == ("phone_not_verified",):
        reasons = reasons[:1]
    return (name, before, after, ("invalid",) if reasons and set(reasons) <= FIELD_ERRORS else reasons)


class Comparison:
    """What the verifier knows of the procedures at these policies, and what walks have met of it."""

    def __init__(self, policies: Policies, procedures: tuple[Procedure, ...] = tuple(Procedure)) -> None:
        self.policies = policies
        self.procedures = procedures
        self.known: dict[str, Verification] = {each.value: verify(each, policies) for each in procedures}
        self.events = {
            name: {
                plain(event)
                for event in seen.events
                if not (event[0] in UNHEARD and event[3] == ("temporarily_unavailable",))
                and (policies is ONE_CODE or event[3] != SELDOM)
                and event[3] != CROWDED
            }
            for name, seen in self.known.items()
        }
        self.met: dict[str, set[Event]] = {name: set() for name in self.known}
        self.configurations: dict[str, set[Configuration]] = {name: set() for name in self.known}
        self.unknown: list[str] = []
        self.steps = 0

    def walk(self, seed: int) -> None:
        """One walk."""
        walk = Walk(self.policies, self.procedures, random.Random(seed), self._see, self._hear)  # noqa: S311 - a walk
        for _ in range(STEPS):
            walk.step()
        self.steps += STEPS

    @property
    def unmet(self) -> dict[str, list[Event]]:
        """What no walk has met, though the verifier says that it can happen."""
        found = {name: sorted(events - self.met[name]) for name, events in self.events.items()}
        return {name: events for name, events in found.items() if events}

    def _see(self, procedure: str, seen: Mapping[str, object]) -> None:
        known = self.known[procedure]
        matters = known.matters[str(seen["state"])] | ALWAYS
        configuration = Configuration(**{name: each if name in matters else None for name, each in seen.items()})  # type: ignore[arg-type]
        if configuration in known.configurations:
            self.configurations[procedure].add(configuration)
        else:
            self.unknown.append(f"{procedure}: {configuration}")

    def _hear(self, procedure: str, event: Event) -> None:
        event = plain(event)
        name, before, after, reasons = event
        if event in self.events[procedure] or (reasons == SELDOM and event in self.known[procedure].events):
            self.met[procedure].add(event)
        elif before != after or not ("event_not_available" in reasons or (name == "proceed" and not reasons)):
            self.unknown.append(f"{procedure}: {event}")


def main(seconds: float) -> int:
    """Walk for so long; 1 where the two disagree."""
    until = time.monotonic() + seconds
    comparisons = [
        Comparison(LOW),
        Comparison(WITH_CODES, (Procedure.LOGIN_PASSWORD,)),
        Comparison(ONE_CODE, (Procedure.TOKEN_REISSUE,)),
    ]
    while time.monotonic() < until:
        for comparison in comparisons:
            comparison.walk(random.getrandbits(64))
    for comparison in comparisons:
        met = sum(map(len, comparison.met.values()))
        of = sum(map(len, comparison.events.values()))
        seen = sum(map(len, comparison.configurations.values()))
        in_all = sum(len(known.configurations) for known in comparison.known.values())
        print(
            f"{comparison.steps} steps: {met} of {of} events met, {seen} of {in_all} configurations, "
            f"{len(comparison.unknown)} unknown to the verifier"
        )
        for each in comparison.unknown[:20]:
            print(f"  unknown: {each}")
        for name, events in comparison.unmet.items():
            print("".join(f"  not met: {name} {event}\n" for event in events), end="")
    return 1 if any(comparison.unknown for comparison in comparisons) else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
