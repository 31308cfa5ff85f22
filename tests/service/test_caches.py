"""What the process remembers between two customers: figures, charts and grammars, nothing that anybody typed (S5)."""

from __future__ import annotations

import functools
import gc

import pytest

import ja_reset
from hosts import Host
from ja_reset import CallStatus, Procedure
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import ORDINARY

MAIL = "kioku.sarenai@example.jp"
NUMBERS = ("080-7654-3210", "+818076543210", "+819012345601", "090-1234-5601")
NESTED = (dict, tuple, list, set, frozenset)


def caches() -> list[object]:
    """Every cache of a function of the library, wherever it stands."""
    kind = type(functools.lru_cache(len))
    return [each for each in gc.get_objects() if isinstance(each, kind) and _is_ours(each)]


def _is_ours(cache: object) -> bool:
    return str(getattr(cache, "__module__", "")).startswith(ja_reset.__name__)


def remembered(cache: object) -> set[str]:
    """Every text that a cache holds, in its keys and its values, however deep."""
    found: set[str] = set()
    seen: set[int] = set()
    left = [each for each in gc.get_referents(cache) if not callable(each)]
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, str):
            found.add(each)
        elif isinstance(each, NESTED) or type(each).__name__ == "_lru_list_elem":
            left += gc.get_referents(each)
    return found


@pytest.mark.rule("S5", "S7")
@pytest.mark.parametrize("procedure", [Procedure.LOGIN_PASSWORD, Procedure.TOKEN_REISSUE])
def test_no_cache_of_the_process_holds_what_a_customer_typed(procedure: Procedure) -> None:
    """After numbers and addresses were typed, right ones and wrong ones, and a call came: no cache knows them."""
    host = Host(bank=FakeBank())
    if procedure is Procedure.LOGIN_PASSWORD:
        host.start(procedure)
        host.send("submit_identity", host.identity(phone=NUMBERS[0], email=MAIL, email_confirm=MAIL))
        host.send("submit_identity", host.identity())
        host.send("choose_phone", host.phone())
    else:
        host.at_btr003()
        host.send("submit_details", host.details(email=MAIL, email_confirm=MAIL))
    assert host.call().status in {CallStatus.VERIFIED, CallStatus.ANNOUNCE}
    typed = {MAIL, *NUMBERS, ORDINARY.contract.email, ORDINARY.contract.name_kanji, ORDINARY.account}
    assert caches(), "the search finds no cache at all"
    assert [] == [(cache, found) for cache in caches() if (found := typed & remembered(cache))]
