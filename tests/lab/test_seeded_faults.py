"""Faults seeded one at a time: the table tells of those that exist, none lives without a reason, and they bite."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import fault_table
from broken_charts import LOGIN, RISK, TOKEN, ChartFault
from chart_faults import chart_faults
from fault_trials import faults
from ja_reset import ChartError
from ja_reset.chart import Chart
from low_policies import verdict
from source_faults import BROKEN, path_of, plant, source_faults

FOUND = fault_table.read()
CHART_FAULTS = chart_faults()
BY = {name: seen.by for name, seen in FOUND.items()}  # where the table is out of date, the first test fails, no other
BY_LAW = [fault for fault in CHART_FAULTS if BY.get(fault.name) == "law"]
BY_VERIFIER = [fault for fault in CHART_FAULTS if BY.get(fault.name) == "verifier"]
SOME = BY_VERIFIER[::25]
"""Enough to see that the table was not made up, few enough for every run of the tests."""


def test_every_fault_was_tried() -> None:
    """The table has each fault that can be made now, and no other: `make faults` brings it up to date."""
    assert [fault.name for fault in faults()] == list(FOUND)


def test_no_two_faults_share_a_name() -> None:
    """A name says which fault is meant."""
    names = [fault.name for fault in faults()]
    assert len(names) == len(set(names))


def test_no_fault_lives_without_a_reason() -> None:
    """What neither laws nor verifier nor tests see is explained, and nothing is explained that is seen."""
    alive = [name for name, seen in FOUND.items() if seen.by == "nothing"]
    assert [] == [name for name in alive if not fault_table.reason(name)]
    assert [] == fault_table.idle_reasons(FOUND)


def test_the_page_tells_what_was_found() -> None:
    """The page of the documentation is the rendering of what is kept."""
    assert fault_table.render(faults(), FOUND) == fault_table.TABLE.read_text("utf-8")


@pytest.mark.parametrize("chart", [LOGIN, RISK, TOKEN], ids=lambda chart: chart.name)
def test_nothing_is_found_where_no_fault_is(chart: Chart) -> None:
    """Under the policies that faults are tried at, the procedures themselves hold: what is found is the fault."""
    assert "" == verdict(chart, has_codes=chart is TOKEN)


def test_laws_refuse_what_the_table_says_they_do() -> None:
    """Each fault that a law is said to catch cannot be made."""
    assert BY_LAW
    for fault in BY_LAW:
        with pytest.raises(ChartError):
            fault.make()


@pytest.mark.parametrize("fault", SOME, ids=lambda fault: fault.name)
def test_the_verifier_finds_what_the_table_says_it_does(fault: ChartFault) -> None:
    """A sample of the faults that the verifier is said to catch, tried again."""
    assert FOUND[fault.name].what == verdict(fault.make(), has_codes=fault.chart is TOKEN)


def test_a_faulty_source_is_a_module_of_its_own() -> None:
    """Each faulty text compiles, and says something else than the true one."""
    true = {module: ast.dump(ast.parse(path_of(module).read_text("utf-8"))) for module in BROKEN}
    for fault in source_faults():
        compile(fault.text, fault.module, "exec")
        assert true[fault.module] != ast.dump(ast.parse(fault.text)), fault.name


def test_a_planted_fault_is_what_is_imported() -> None:
    """With a figure's fault planted, the policy has the wrong figure."""
    program = (
        "from source_faults import plant, source_faults\n"
        "name = 'policies._lockout.LockoutPolicy.pin_attempts: 3 becomes 4'\n"
        "plant(next(each for each in source_faults() if each.name == name))\n"
        "from ja_reset import Policies\n"
        "print(Policies().lockout.pin_attempts)\n"
    )
    folder = Path(fault_table.__file__).parent
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    assert "4\n" == done.stdout


def test_a_fault_comes_before_its_module() -> None:
    """A fault cannot be planted into what was imported already, and says so."""
    with pytest.raises(RuntimeError, match="is imported already"):
        plant(source_faults(["ja_reset.proofs.waits"])[0])
