"""Seed faults one at a time, find by what each is caught, and write docs/seeded-faults.md.

`python lab/seeded_faults.py` tries every fault, `--new` those that were not tried yet; with words it tries the
faults whose names have one of them, and prints instead of writing. The exit code is 1 where one lives without a reason.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterable, Sequence

import fault_table
from broken_charts import LOGIN, RISK, TOKEN
from fault_trials import Caught, Fault, caught, every_test_file, failed, faults
from low_policies import verdict


def found_now(chosen: Sequence[Fault]) -> dict[str, Caught]:
    """By what each is caught, tried on every core."""
    found = {}
    with multiprocessing.get_context("spawn").Pool() as pool:
        for number, (fault, seen) in enumerate(zip(chosen, pool.imap(caught, chosen), strict=True), 1):
            found[fault.name] = seen
            if seen.by == "nothing":
                print(f"{number}/{len(chosen)} lives: {fault.name}", flush=True)
    return found


def wrong_already() -> str:
    """What fails without any fault; nothing where all is as it should be."""
    for chart in (LOGIN, RISK, TOKEN):
        if what := verdict(chart, has_codes=chart is TOKEN):
            return f"{chart.name}: {what}"
    return failed("", every_test_file())


def living(found: dict[str, Caught]) -> list[str]:
    """The faults that live without a reason."""
    return [name for name, seen in found.items() if seen.by == "nothing" and not fault_table.reason(name)]


def main(words: Iterable[str]) -> int:
    """Try the faults; 1 where one lives without a reason, 2 where the tests fail without any fault."""
    asked, every = list(words), faults()
    if failure := wrong_already():
        print(f"no fault can be told from none: {failure}")
        return 2
    if asked and asked != ["--new"]:
        found = found_now([fault for fault in every if any(word in fault.name for word in asked)])
        for name, seen in found.items():
            print(f"{name}: {seen.by} {seen.what}")
    else:
        known = fault_table.read() if asked else {}
        found = known | found_now([fault for fault in every if fault.name not in known])
        found = {fault.name: found[fault.name] for fault in every}
        fault_table.write(every, found)
        for pattern in fault_table.idle_reasons(found):
            print(f"a reason that no fault needs: {pattern}")
    alive = living(found)
    print(f"{len(found)} faults, {len(alive)} alive without a reason")
    return 1 if alive or (not asked and fault_table.idle_reasons(found)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
