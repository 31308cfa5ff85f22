"""Programs that tests need and a machine may lack: without one CI fails, and others are told what was not tried."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final, NoReturn

import pytest

MARK: Final = "not tried: "


def missing(how: str) -> NoReturn:
    """A program that is not there; *how* says what it is needed for, and the command that brings it."""
    if os.environ.get("CI") == "true":
        pytest.fail(how)
    pytest.skip(MARK + how)


def not_tried(skipped: Iterable[pytest.TestReport | pytest.CollectReport]) -> str:
    """One line that says what was not tried and which command brings it, or nothing."""
    reasons = [report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)]
    lacking = dict.fromkeys(reason.partition(MARK)[2] for reason in reasons if MARK in reason)
    return f"Not tried here: {'; '.join(lacking)}" if lacking else ""
