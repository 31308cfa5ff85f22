"""A pytest plugin that seeds one fault in a procedure's chart before any test is collected (`--seeded-fault NAME`)."""

from __future__ import annotations

import pytest

from seeded_faults import faults


def pytest_addoption(parser: pytest.Parser) -> None:
    """The fault's name."""
    parser.addoption("--seeded-fault", required=True)


def pytest_configure(config: pytest.Config) -> None:
    """The chart that everybody has imported becomes the faulty one."""
    name = config.getoption("--seeded-fault")
    fault = next(each for each in faults() if each.name == name)
    fault.chart.__dict__.update(fault.make().__dict__)
