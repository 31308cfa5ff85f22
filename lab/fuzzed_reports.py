"""Reports of calls, spoilt at random: none may prove a number that it does not have.

Each report is made for a caller near the number that a session waits for, or that number itself: shown or withheld,
asserted or claimed, in any spelling, then spoilt: fields dropped, doubled, swapped, cut and put together, the number
that is waited for put into any of them. Whether the report has exactly that number is told by its digits and by a few
plain conditions of the gateway, another way than the adapter's own. `python lab/fuzzed_reports.py REPORTS [SEED]`
prints how many reports of each gateway matched, and how many wrongly; `tests/lab/test_fuzzed_reports.py` runs a few.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Final

from fuzzed_callers import Caller, Gateway, Pairs, is_in
from fuzzed_gateways import GATEWAYS
from ja_reset import Call, CallSource, InvalidArgument, Presentation
from ja_reset.telephony import UnreadableReport
from ja_reset.testing.gateway_contract import proof, spoilt

STAND_INS: Final = ("anonymous", "restricted", "+266696687", "+7378742833", "unavailable", "+86282452253", "")
BETWEEN: Final = (",", ";", " ", "\n", "\0", "@", "?", "&", "=", "><", ";ext=", ", ", "")


def number(chance: random.Random) -> str:
    """A number of a mobile phone or a line at home."""
    digits = "".join(chance.choices("0123456789", k=8))
    return f"+81{chance.choice('6789')}0{digits}" if is_in(chance, 0.8) else f"+81{chance.choice('346')}{digits}"


def near(waited: str, chance: random.Random) -> str:
    """A number that is nearly the one that is waited for."""
    signs = list(waited[3:])
    at = chance.randrange(len(signs))
    signs[at] = chance.choice("123456789")
    if is_in(chance, 0.3):
        signs.insert(at, chance.choice("123456789")) if is_in(chance, 0.5) else signs.pop()
    return "+81" + "".join(signs)


def spelled(e164: str, chance: random.Random) -> str:
    """One of the ways to write it."""
    national = e164[3:]
    dashed = f"{national[:2]}-{national[2:6]}-{national[6:]}"
    return chance.choice(
        (
            e164,
            e164,
            f"0{national}",
            f"0{dashed}",
            f"+81-{dashed}",
            f"+81(0){dashed}",
            f"0081{national}",
            f"tel:{e164}",
            f"sip:{e164}@ims.example.jp",
            f"sip:{e164};npdi@ims.example.jp;user=phone",
            f"tel:0{national};phone-context=+81",
        )
    )


def caller(waited: str, chance: random.Random) -> Caller:
    """Whoever calls: the one who is waited for, nearly that one, or anybody."""
    anybody = near(waited, chance) if is_in(chance, 0.7) else number(chance)
    e164 = waited if is_in(chance, 0.4) else anybody
    seldom = [is_in(chance, 0.1) for _ in range(4)]
    text = chance.choice(STAND_INS) if is_in(chance, 0.1) else spelled(e164, chance)
    return Caller(e164, text, not seldom[0], not seldom[1], seldom[2], seldom[3])


def spoil(pairs: Pairs, places: Sequence[str], waited: str, chance: random.Random) -> Pairs:
    """The report with one thing changed; the number that is waited for is what a forger would put in."""
    pairs = list(pairs)
    if not pairs:
        return pairs
    in_place = [at for at, (name, _) in enumerate(pairs) if name in places]
    at = chance.choice(in_place) if in_place and is_in(chance, 0.6) else chance.randrange(len(pairs))
    name, value = pairs[at]
    theirs = spelled(waited, chance)
    match chance.randrange(11):
        case 0:
            del pairs[at]
        case 1:
            pairs.insert(chance.randrange(len(pairs) + 1), (name, value))
        case 2:
            pairs.insert(chance.randrange(len(pairs) + 1), (chance.choice(tuple(places)), theirs))
        case 3:
            other = chance.randrange(len(pairs))
            pairs[at], pairs[other] = (name, pairs[other][1]), (pairs[other][0], value)
        case 4:
            pairs[at] = (name.swapcase() if is_in(chance, 0.5) else f"{name} ", value)
        case 5:
            parts = [str(value), theirs]
            chance.shuffle(parts)
            pairs[at] = (name, chance.choice(BETWEEN).join(parts))
        case 6:
            pairs[at] = (name, chance.choice((None, True, 819012345678, [theirs], {"x": theirs}, "", " ")))
        case 7:
            pairs.insert(chance.randrange(len(pairs) + 1), (f"X-{name}", theirs))
        case _:
            pairs[at] = (name, spoilt(str(value), chance))
    return pairs


def fuzzed(gateway: Gateway, reports: int, chance: random.Random) -> tuple[Counter[str], list[str]]:
    """How many reports matched, did not match or were refused, and which matched wrongly."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for _ in range(reports):
        waited = number(chance)
        pairs = gateway.report(caller(waited, chance))
        for _ in range(chance.choice((0, 0, 1, 1, 1, 2, 3))):
            pairs = spoil(pairs, gateway.places, waited, chance)
        try:
            call = gateway.read(pairs, chance)
        except (UnreadableReport, InvalidArgument):
            counts["refused"] += 1
            continue
        if not _proves(call, waited):
            counts["no match"] += 1
        elif gateway.has(pairs, waited):
            counts["matched"] += 1
        else:
            counts["wrong"] += 1
            wrong.append(f"{gateway.name}: {pairs!r} as {waited}")
    return counts, wrong


def _proves(call: Call, waited: str) -> bool:
    """Whether the call would prove that number to a service whose policies are the standard ones (P3)."""
    found = proof(call)
    return (
        (waited, None) == (found.number, found.refusal)
        and call.source is CallSource.NETWORK
        and call.presentation is Presentation.ALLOWED
        and not call.diverted
    )


def main() -> None:
    """Print what became of the reports of each gateway; the exit status tells whether one matched wrongly."""
    reports = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > len(("program", "reports")) else random.randrange(1 << 32)  # noqa: S311 - an argument; dice
    print(f"{reports:,} reports, seed {seed}")
    total: Counter[str] = Counter()
    for place, kind in enumerate(GATEWAYS):
        share = reports // len(GATEWAYS) + (place < reports % len(GATEWAYS))
        counts, wrong = fuzzed(kind(), share, random.Random(f"{seed} {kind.name}"))  # noqa: S311 - test data
        total += counts
        print(f"{kind.name:16}", _line(counts), flush=True)
        for each in wrong[:5]:
            print(f"  {each}")
    print(f"{'all':16}", _line(total))
    sys.exit(1 if total["wrong"] else 0)


def _line(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[name]:,} {name}" for name in ("wrong", "matched", "no match", "refused"))


if __name__ == "__main__":
    main()
