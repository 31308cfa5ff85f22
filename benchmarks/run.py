"""Every figure beside its goal: `make bench`, in about five minutes.

`PARTS` are the benchmarks: modules whose `figures`, given a number of rounds, gives each `harness.Figure`.
What is printed is also written as JSON, one file a run; `make performance` makes the pages of the last three.
A figure whose goal is not reached is no failure: docs/performance.md says why it is not.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import sysconfig
import time
import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from harness import Figure

PARTS: Final[Mapping[str, int]] = {
    "trips": 1,
    "turn": 7,
    "threads": 5,
    "stores": 21,
    "network": 9,
    "starting": 7,
    "verifying": 3,
    "peers": 15,
    "stages": 1,
    "limits": 7,
    "adapters": 9,
    "growing": 5,
}
"""The modules, each with its rounds."""
RESULTS: Final = Path(__file__).resolve().parent.parent / "build" / "bench"


def main() -> None:
    """Measure, print and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", choices=list(PARTS), action="append", help="this part; may be repeated")
    options.add_argument("--rounds", type=int, help="the number of rounds of each part, instead of its own")
    options.add_argument("--json", type=Path, help="the file to write (default: a new one in build/bench)")
    asked = options.parse_args()
    began, busy = datetime.now(UTC), os.getloadavg()[0]
    clock = time.monotonic()
    figures: list[Figure] = []
    broken: list[str] = []
    for part in asked.only or PARTS:
        try:
            for figure in importlib.import_module(part).figures(asked.rounds or PARTS[part]):
                figures.append(figure)
                print(figure.line(), flush=True)
        except Exception:  # noqa: BLE001 - the other parts are measured all the same
            traceback.print_exc()
            broken.append(part)
    missed = [figure for figure in figures if figure.is_reached is False]
    print(f"{len(figures)} figures in {time.monotonic() - clock:.0f} s; goals not reached: {len(missed)}")
    for figure in missed:
        print(f"  {figure.words[0]}")
    path: Path = asked.json or RESULTS / f"{began:%Y%m%dT%H%M%SZ}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_json(figures, began, busy), "utf-8")
    print(f"written to {path}")
    if broken:
        print(f"not measured, as they failed: {', '.join(broken)}", file=sys.stderr)
        sys.exit(1)


def as_json(figures: Sequence[Figure], began: datetime, busy: float) -> str:
    """The run: the machine, and the figures with their samples."""
    run = {
        "began": began.isoformat(timespec="seconds"),
        "machine": machine(),
        "load_before": round(busy, 2),
        "figures": [_plain(figure) for figure in figures],
    }
    return json.dumps(run, ensure_ascii=False, indent=1) + "\n"


def machine() -> dict[str, object]:
    """What it was measured on: names nobody's machine, only its kind."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}{_threading()}",
    }


def _threading() -> str:
    """Whether threads run side by side: on a free-threaded build they do, unless a package has turned its GIL on."""
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        return ""
    return ", free-threaded" + (", GIL on" if getattr(sys, "_is_gil_enabled", bool)() else "")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _plain(figure: Figure) -> dict[str, object]:
    low, middle, high = figure.quartiles
    goal = None if figure.goal is None else {"bound": figure.goal.bound, "at_least": figure.goal.at_least}
    return {
        "key": figure.key,
        "en": figure.words[0],
        "ja": figure.words[1],
        "unit": figure.unit,
        "value": middle,
        "low": low,
        "high": high,
        "goal": goal,
        "beside": {name: list(each) for name, each in figure.beside.items()},
        "samples": list(figure.samples),
    }


if __name__ == "__main__":
    main()
