"""Policies with low limits, under which a fault of a chart is soon seen, and what the verifier says under them."""

from __future__ import annotations

import attrs

from ja_reset import Policies
from ja_reset.chart import Chart
from ja_reset.policies import CallerIdPolicy, IdentityPolicy, LockoutPolicy, PhonePolicy
from ja_reset.verify import NotAbstractableError, verify
from ja_reset.verify._failures import IDLE

ENOUGH = 3_000
"""Situations after which a chart counts as one without bounds; a sound one has a few hundred at these limits."""

LEAST = Policies(
    identity=IdentityPolicy(identity_attempts=1),
    lockout=LockoutPolicy(pin_attempts=1),
    phone=PhonePolicy(phone_windows=1, code_attempts=1, codes_per_session=1),
)
"""One of each: the least to see, and so the soonest seen."""

LOW = Policies(
    identity=IdentityPolicy(identity_attempts=2),
    lockout=LockoutPolicy(pin_attempts=2),
    phone=PhonePolicy(phone_windows=2, code_attempts=2, codes_per_session=3),
)
ATTESTED = attrs.evolve(LEAST, caller_id=CallerIdPolicy(attestation="B"))


def _with_codes(policies: Policies) -> Policies:
    return attrs.evolve(policies, phone=attrs.evolve(policies.phone, bim_code=True))


ANNOUNCED = attrs.evolve(LEAST, phone=attrs.evolve(LEAST.phone, bim_announce=True))
"""Calls that prove nothing until a key confirms them."""
LEAST_WITH_CODES = _with_codes(LEAST)
"""One of each, and codes in every procedure: every state of every chart."""


def verdict(chart: Chart, *, has_codes: bool) -> str:
    """What the verifier first finds wrong under any of these policies; nothing where all holds.

    `has_codes`: the chart asks for codes whatever the policy says, so that neither `bim_code` nor `bim_announce`
    makes a difference. What is idle is idle under any policy, and is looked for once.
    """
    plain = (LEAST, ATTESTED, LOW)
    for policies in plain if has_codes else (*plain, *map(_with_codes, plain), ANNOUNCED):
        try:
            seen = verify(chart, policies, first=True, limit=ENOUGH, without=() if policies is LEAST else IDLE)
        except NotAbstractableError as error:
            return f"refused: {error}"
        if seen.failures:
            return f"{seen.failures[0].name}: {seen.failures[0].what.en}"
    return ""
