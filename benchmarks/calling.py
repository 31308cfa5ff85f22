"""Does the lab's SIP server keep up with a real caller? sipp calls it for a minute, 300 times a second, on loopback.

    make bench-sip                              a minute
    python benchmarks/calling.py --seconds 10 --rate 100

Each call rings for four seconds, is refused with 486 and acknowledged, and is then reported to a service with a
MemoryStore. The server is a process of its own (`lab/sip_load.py`, which says what the service forgets meanwhile). Its
resident memory is printed every five seconds, and compared from when as many calls end as begin. A call is lost if sipp
does not see it through, or if it is not reported. The exit code says whether none was lost, the rate was kept, and
memory grew by less than a twentieth.

On a busy machine it measures the others' share of the CPU: `chrt -r 1 python benchmarks/calling.py` (as root) goes
before them.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import attrs

ROOT: Final = Path(__file__).resolve().parents[1]
SERVER: Final = ROOT / "lab" / "sip_load.py"
SCENARIO: Final = ROOT / "tests" / "lab" / "sipp" / "rings.xml"
LOOKS: Final = 5.0
"""Seconds between two looks."""
SETTLED: Final = 2
"""The look, the first being 0, since which as many calls end as begin: they ring for four seconds, and are kept for
five after their ACK."""
SPARE: Final = 1.05
PATIENCE: Final = 30.0
KEPT: Final = 0.98
"""The share of the rate that must be kept."""


@attrs.frozen
class Look:
    """What the server has come to: reports, seconds from the first to the last, CPU seconds, bytes of memory.

    `calls`, `too_many` and `never_acknowledged` are the switchboard's.
    """

    reported: int
    seconds: float
    cpu: float
    resident: int
    calls: int
    too_many: int
    never_acknowledged: int


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of a run: calls made, those that sipp saw through, and the server when settled and at the end."""

    made: int
    seen_through: int
    settled: Look
    last: Look

    @property
    def lost(self) -> int:
        """Calls that were not seen through, or not reported."""
        return self.made - min(self.seen_through, self.last.reported)

    @property
    def rate(self) -> float:
        """Calls a second."""
        return (self.last.reported - 1) / self.last.seconds

    def is_good(self, rate: float) -> bool:
        """None lost, the rate kept, and memory flat."""
        is_flat = self.last.resident <= SPARE * self.settled.resident
        return self.lost == 0 and self.rate >= KEPT * rate and is_flat


def run(seconds: float, rate: int) -> Outcome:
    """Have sipp call, and look at the server meanwhile."""
    program = shutil.which("sipp")
    if program is None:
        sys.exit("no sipp: apt install sip-tester")
    command = [sys.executable, str(SERVER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        server, port, made = Server(process), int(process.stdout.readline()), round(seconds * rate)
        looks: list[Look] = []
        done = threading.Event()
        watching = threading.Thread(target=server.watch, args=(looks, done))
        watching.start()
        with TemporaryDirectory() as folder:
            seen_through = _call(program, port, made, rate, Path(folder))
        done.set()
        watching.join()
        ends = time.monotonic() + PATIENCE
        while (last := server.look()).reported < made and time.monotonic() < ends:
            time.sleep(0.2)
        process.stdin.close()
    return Outcome(made=made, seen_through=seen_through, settled=looks[SETTLED] if looks[SETTLED:] else last, last=last)


def _call(program: str, port: int, calls: int, rate: int, folder: Path) -> int:
    """Make the calls: how many were seen through. An ACK that is lost is sent again (RFC 3261, 17.1.1.2)."""
    scenario = folder / "rings.xml"
    waits = '<timewait milliseconds="4000"/></scenario>'
    scenario.write_text(SCENARIO.read_text("utf-8").replace("</scenario>", waits), "utf-8")
    keys = {
        "dialled": "0120417000",
        "caller": "<sip:+819099990001@127.0.0.1>",
        "one": "P-Asserted-Identity: <tel:+819099990001>",
        "two": "X-Nothing: 0",
        "three": "X-Nothing: 0",
    }
    command = [program, f"127.0.0.1:{port}", "-sf", str(scenario), "-i", "127.0.0.1", "-nostdin"]
    command += [
        "-m",
        str(calls),
        "-r",
        str(rate),
        "-l",
        "6000",
        "-buff_size",
        "4194304",
        "-timeout",
        "300",
        "-recv_timeout",
        "30000",
    ]
    for name, value in keys.items():
        command += ["-key", name, value]
    ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    lines = [line for line in ran.stdout.splitlines() if line.strip().startswith("Successful call")]
    return int(lines[-1].split("|")[2]) if lines else 0


@attrs.frozen
class Server:
    """The server's process, and how it is asked."""

    process: subprocess.Popen[str]

    def look(self) -> Look:
        """What it has come to."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline())
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        told["resident"] = pages * resource.getpagesize()
        return Look(**{each.name: told[each.name] for each in attrs.fields(Look)})

    def watch(self, looks: list[Look], done: threading.Event) -> None:
        """Look again and again, and say what is seen."""
        began = time.monotonic()
        while not done.wait(LOOKS):
            looks.append(look := self.look())
            told = f"{look.reported:>8,} reported {look.resident / 2**20:8.1f} MiB"
            print(f"{time.monotonic() - began:>6.0f} s {told}", flush=True)


def main() -> int:
    """Print what came of it; 1 if it is not good."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--rate", type=int, default=300, help="calls a second")
    asked = options.parse_args()
    found = run(asked.seconds, asked.rate)
    last, settled = found.last, found.settled
    print(f"{found.made:,} calls in {last.seconds:.1f} s: {found.rate:.0f} a second, {found.lost} lost")
    print(f"server: {settled.resident / 2**20:.1f} MiB when settled, {last.resident / 2**20:.1f} MiB at the end")
    print(f"server: {last.cpu / found.made * 1e6:.0f} µs of CPU time for each call, with what it took to start")
    if found.lost:
        print(f"sipp saw {found.seen_through:,} through; {last}")
    print("good" if found.is_good(asked.rate) else "NOT good")
    return 0 if found.is_good(asked.rate) else 1


if __name__ == "__main__":
    sys.exit(main())
