"""By what a seeded fault is caught: a law when the chart is made, the verifier at low limits, or a test.

A fault of a chart is tried in this process; one of a source needs an interpreter of its own, into which it is planted
before `ja_reset` is imported (`python fault_trials.py NAME` tells what the laws and the verifier say there). Tests run
with `lab/fault_plugin.py`, those that are the likeliest to see the fault first, all others last.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Literal, NamedTuple

import source_faults

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 600
"""Seconds after which a run of tests that a fault keeps from ending counts as failed."""

By = Literal["law", "verifier", "test", "nothing"]


class Caught(NamedTuple):
    """By what a fault is caught, and what it says; by "nothing" where it is not."""

    by: By
    what: str = ""


class Fault(NamedTuple):
    """A fault to be tried: its name, its kind, and what it is in (a chart's name, or a module's)."""

    name: str
    kind: str
    where: str


# What is tried ----------------------------------------------------------------------------------------------


def faults() -> tuple[Fault, ...]:
    """Every fault, in a fixed order."""
    from chart_faults import chart_faults  # noqa: PLC0415 - imports ja_reset, which a planted fault must come before

    return (
        *(Fault(each.name, each.kind, each.chart.name) for each in chart_faults()),
        *(Fault(each.name, each.kind, each.module) for each in source_faults.source_faults()),
    )


def caught(fault: Fault) -> Caught:
    """By what *fault* is caught."""
    seen = _by_verifier(fault)
    return _by_tests(fault) if seen.by == "nothing" else seen


# Laws and the verifier --------------------------------------------------------------------------------------


def _by_verifier(fault: Fault) -> Caught:
    if fault.where not in source_faults.BROKEN:
        return _chart_by_verifier(fault.name)
    if source_faults.BROKEN[fault.where] != "whole":
        return Caught("nothing")  # forms and figures are what the verifier is given, and no chart's
    done = subprocess.run(
        [sys.executable, __file__, fault.name], cwd=ROOT, capture_output=True, text=True, check=False, timeout=LONGEST
    )
    if done.returncode:
        error = done.stderr.strip().rpartition("\n")[2]
        is_law = error.startswith("ja_reset.errors.ChartError")
        return Caught("law", error.partition(": ")[2]) if is_law else Caught("verifier", f"breaks off: {error}")
    by, what = json.loads(done.stdout)
    return Caught(by, what)


def _chart_by_verifier(name: str) -> Caught:
    from chart_faults import chart_faults  # noqa: PLC0415 - as above
    from ja_reset import ChartError  # noqa: PLC0415
    from low_policies import verdict  # noqa: PLC0415

    fault = next(each for each in chart_faults() if each.name == name)
    try:
        chart = fault.make()
    except ChartError as error:
        return Caught("law", str(error).partition(": ")[2].split("; ")[0])
    what = verdict(chart, has_codes=fault.chart.name == "TOKEN_REISSUE")
    return Caught("verifier", what) if what else Caught("nothing")


def _source_by_verifier(name: str) -> Caught:
    source_faults.plant(next(each for each in source_faults.source_faults() if each.name == name))
    from broken_charts import LOGIN, TOKEN  # noqa: PLC0415 - imported with the fault in it
    from low_policies import verdict  # noqa: PLC0415

    what = verdict(LOGIN, has_codes=False) or verdict(TOKEN, has_codes=True)
    return Caught("verifier", what) if what else Caught("nothing")


# Tests ------------------------------------------------------------------------------------------------------

_OF_CHARTS = (
    "machines/test_not_me.py",
    "machines/test_ends_of_calls.py",
    "machines/test_relay.py",
    "machines/test_machines.py",
    "machines/test_phone_flow.py",
    "machines/test_calls.py",
    "machines/test_keys.py",
    "proofs/test_waits.py",
    "machines/test_lockout.py",
    "machines/test_identity_flow.py",
    "service/test_completion.py",
    "machines/test_last_step.py",
    "service/test_time.py",
    "screens/test_screens.py",
)
_NEAREST = {
    "ja_reset.policies": ("policies/test_policies.py", "fields/test_forms.py"),
    "ja_reset.fields.forms": ("fields/test_forms.py", "service/test_secrecy.py", "test_secret.py"),
    "ja_reset.fields.readers": ("fields/test_forms.py",),
    "ja_reset.proofs.caller": ("proofs/test_caller.py",),
    "ja_reset.proofs._identity": ("proofs/test_identity.py", "machines/test_identity_flow.py"),
    "ja_reset.proofs.attempts": ("proofs/test_ledger.py", "proofs/test_ledger_pins.py", "machines/test_lockout.py"),
    "ja_reset.chart._deadlines": ("service/test_time.py",),
    "ja_reset.chart._start": ("service/test_hours.py",),
    "ja_reset.proofs.waits": ("proofs/test_waits.py", "proofs/test_dials.py"),
    "ja_reset.machines.assigns": ("chart/test_own_laws.py", "service/test_procedures.py"),
    "ja_reset.machines.guards": (
        "machines/test_not_me.py",
        "machines/test_relay.py",
        "machines/test_ends_of_calls.py",
        "machines/test_last_step.py",
        "service/test_quoted_secrets.py",
    ),
}
_FURTHER = (
    "chart/test_advance.py",
    "chart/test_transition_names.py",
    "diagrams/test_diagrams.py",
    "service/test_facade.py",
    "service/test_requests.py",
    "crash/test_rivals.py",
    "service/test_service.py",
    "service/test_sessions.py",
    "service/test_view.py",
    "verify/test_verify.py",
    "service/test_saved.py",
)


def _by_tests(fault: Fault) -> Caught:
    nearest = next((files for start, files in _NEAREST.items() if fault.where.startswith(start)), ())
    tried: set[str] = set()
    for files in (nearest, _OF_CHARTS, _FURTHER):
        fresh = [name for name in files if name not in tried]
        tried.update(fresh)
        if fresh and (failure := failed(fault.name, fresh)):
            return Caught("test", failure)
    return Caught("nothing")


def every_test_file() -> list[str]:
    """The files that faults are tried on, each once."""
    return list(dict.fromkeys([name for files in (*_NEAREST.values(), _OF_CHARTS, _FURTHER) for name in files]))


def failed(name: str, files: list[str]) -> str:
    """The first test of these files that fails with the fault of that name, without its parameters; "" where none does.

    With no name no fault is seeded.
    """
    paths = [str(ROOT / "tests" / name) for name in files]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "fault_plugin", "-p", "no:cacheprovider", *paths]
    command += ["-k", "not postgres"]  # a server for each of hundreds of runs would see nothing that memory does not
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
            # as in CI hypothesis throws the same dice each time, so that what is found can be found again
            env=os.environ | {"SEEDED_FAULT": name, "PYTHONPATH": str(ROOT / "lab"), "CI": "true"},
        )
    except subprocess.TimeoutExpired:
        return f"{files[0]} and others, which do not end"
    if done.returncode == 0:
        return ""
    said = [line.split(" ")[1] for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if said:
        return said[0].removeprefix("tests/").partition("[")[0]
    return f"{files[0]} and others, which cannot be imported"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_source_by_verifier(sys.argv[1])))
