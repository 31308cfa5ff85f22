"""How the verifier's work grows with the limits of the counts: a table, as it stands in docs/verification.md."""

from __future__ import annotations

import sys
import time

from ja_reset import Policies, Procedure
from ja_reset.policies import IdentityPolicy, LockoutPolicy, PhonePolicy
from ja_reset.verify import verify

PROCEDURES = (Procedure.LOGIN_PASSWORD, Procedure.TOKEN_REISSUE)


def limited(most: int) -> Policies:
    """Every limit at *most*; of wrong codes a session has twice as many as a call."""
    return Policies(
        identity=IdentityPolicy(identity_attempts=most),
        lockout=LockoutPolicy(pin_attempts=most),
        phone=PhonePolicy(phone_windows=most, code_attempts=most, codes_per_session=2 * most),
    )


def main(limits: list[int]) -> None:
    """Print a row for each limit."""
    print("| every limit | procedure | situations | edges | steps | CPU seconds |")
    print("|---|---|---|---|---|---|")
    for most in limits:
        for procedure in PROCEDURES:
            began = time.process_time()
            seen = verify(procedure, limited(most))
            spent = time.process_time() - began
            print(
                f"| {most} | {procedure.name} | {seen.situations} | {seen.edges} | {seen.steps} | {spent:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [1, 2, 3, 4, 5])
