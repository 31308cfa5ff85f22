"""Three sessions of one phone whose calls have codes, in every order of their events (P8, A5)."""

from __future__ import annotations

import pytest

from ja_reset import Procedure
from lines import plays


@pytest.mark.rule("P8", "A5")
def test_three_sessions_with_codes_are_each_proved_by_their_own_call() -> None:
    """With three numbers each is proved by the call to its own and the code in it: 1,680 orders."""
    assert 1680 == plays(3, ("choose", "call", "keys"), Procedure.TOKEN_REISSUE)
