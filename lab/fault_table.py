"""What was found of each seeded fault, kept as JSON beside the documentation, and its table for readers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from fault_trials import ROOT, By, Caught, Fault

FOUND = ROOT / "docs" / "seeded-faults.json"
TABLE = ROOT / "docs" / "seeded-faults.md"

REASONS: tuple[tuple[str, str], ...] = (
    (
        r".*\.keys_received fall 1 of code_is_right learns nothing",
        "the session ends there: nothing reads its count of wrong codes any more",
    ),
    (
        r"LOGIN_PASSWORD: pins_are_used_up allows one more PIN",
        "the count itself locks with the last wrong PIN (`Ledger.settle`), and one that is locked is full at any limit",
    ),
    (
        r"TOKEN_REISSUE\.BTR002\.back resets (windows|wrong_codes)",
        "no window opens and no code is keyed in before BTR003, and nothing leads back from it: both are 0",
    ),
    (
        r"TOKEN_REISSUE\.(BTR003\.submit_details|BTR004\.back|BTR004_KEYS\.back) resets tries",
        "nothing leads back to BTR002, where the tries are read",
    ),
    (
        r"readers\.(SUBJECT|ACCEPTED|METHOD): 16 becomes 17",
        "any length that no choice has will do: it is there so that a longer word is unknown, not too long",
    ),
    (
        r"identity\.DECOY: .*",
        "what an unknown account is compared with has only to be compared: nothing that it says decides (I4)",
    ),
    (
        r"machines\.learns\._contract\.phones: strict is False",
        "ids are made for the phones that are offered: the two are of one length, and strict says so to the reader",
    ),
)
"""Why a fault may live, by the pattern of its whole name."""


def reason(name: str) -> str:
    """Why the fault of that name may live; nothing where no reason was written."""
    return next((why for pattern, why in REASONS if re.fullmatch(pattern, name)), "")


def idle_reasons(found: Mapping[str, Caught]) -> list[str]:
    """The patterns of reasons that no living fault needs any more."""
    alive = [name for name, seen in found.items() if seen.by == "nothing"]
    return [pattern for pattern, _ in REASONS if not any(re.fullmatch(pattern, name) for name in alive)]


def read() -> dict[str, Caught]:
    """What was found, by the fault's name; nothing where no fault was tried yet."""
    if not FOUND.exists():
        return {}
    return {name: Caught(by, what) for name, (by, what) in json.loads(FOUND.read_text("utf-8")).items()}


def write(faults: Iterable[Fault], found: Mapping[str, Caught]) -> None:
    """Keep what was found, and the table of it."""
    chosen = tuple(faults)
    kept = {fault.name: list(found[fault.name]) for fault in chosen}
    FOUND.write_text(json.dumps(kept, ensure_ascii=False, indent=0) + "\n", "utf-8")
    TABLE.write_text(render(chosen, found), "utf-8")


def render(faults: Iterable[Fault], found: Mapping[str, Caught]) -> str:
    """The page: how many faults of each kind are caught by what, those that live, and every one."""
    chosen = tuple(faults)
    kinds = Counter((fault.kind, found[fault.name].by) for fault in chosen)
    order: tuple[By, ...] = ("law", "verifier", "test", "nothing")
    lines = [
        "# Seeded faults",
        "",
        "Made by `make faults`. Each fault is made alone, in a procedure's chart or in the source of its guards,",
        "figures, forms and counts. It must be caught when the chart is made (a *law*), by",
        "[`ja_reset.verify`](verification.md) at low limits, or by a *test*; later ones are not asked where an earlier",
        "one has seen it. A fault may live only with a written reason.",
        "",
        "| kind of fault | law | verifier | test | alive |",
        "|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(fault.kind for fault in chosen):
        lines += [f"| {kind} | {' | '.join(str(kinds[kind, by]) for by in order)} |"]
    totals = Counter[By](found[fault.name].by for fault in chosen)
    lines.append(f"| **all {len(chosen)}** | {' | '.join(f'**{totals[by]}**' for by in order)} |")
    lines += ["", "## Alive, and why", "", "| fault | why nothing can see it |", "|---|---|"]
    lines += [
        f"| {_code(fault.name)} | {reason(fault.name) or '**no reason yet**'} |"
        for fault in chosen
        if found[fault.name].by == "nothing"
    ]
    lines += ["", "## Each fault"]
    for where in dict.fromkeys(fault.where for fault in chosen):
        lines += ["", f"### `{where}`", "", "| fault | caught by | what it says |", "|---|---|---|"]
        lines += [_row(fault, found[fault.name]) for fault in chosen if fault.where == where]
    return "\n".join(lines) + "\n"


LONGEST = 160
"""Characters of what was said that the table shows; the JSON has all of it."""


def _row(fault: Fault, seen: Caught) -> str:
    what = seen.what if len(seen.what) <= LONGEST else f"{seen.what[: LONGEST - 1]}…"
    name = fault.name.removeprefix(f"{fault.where}.").removeprefix(f"{fault.where.removeprefix('ja_reset.')}.")
    return f"| {_code(name)} | {'' if seen.by == 'nothing' else seen.by} | {_code(what) if what else ''} |"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", r"\|")
