"""Which tests are in which slow lane; each lane's reason stands with its marker, in pyproject.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

HERE: Final = Path(__file__).parents[1]

LANES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "browser": ("browser/", "diagrams/test_drawing_tools.py"),
        "callers": (
            "benchmarks/test_calling.py::test_no_call_is_lost",
            "lab/test_sip_callers.py::test_a_phone_calls_the_demo_through_its_webhook",
            "lab/test_sip_callers.py::test_a_page_moves_on_when_the_customer_calls",
            "lab/test_sip_callers.py::test_a_thousand_calls_in_a_row_are_each_reported_once",
            "lab/test_sip_callers.py::test_without_an_ack_with_our_tag_nothing_is_reported",
        ),
        "faults": ("service/test_secrecy_sensitivity.py", "lab/test_seeded_faults.py", "crash/test_sensitivity.py"),
        # not under coverage: an exception at any instant may strike in its tracer, which then keeps its lock for ever
        "interruptions": (
            *("crash/test_interruptions.py", "crash/test_postgres_interrupted.py"),
            *("crash/test_cancels.py", "crash/test_postgres_cancelled.py"),
        ),
        "kills": (
            *("crash/test_kills.py", "crash/test_rival_processes.py", "crash/test_skewed_machines.py"),
            "crash/test_postgres_processes.py",
            "crash/test_crashes.py::test_a_process_killed_in_the_bank_leaves_a_file_to_go_on_with",
            "crash/test_rivals.py::test_processes_that_guess_one_card_get_three_wrong_pins_and_one_lock",
        ),
        "objects": (
            "service/test_secrecy_renders.py::test_no_object_of_the_library_shows_a_secret",
            "benchmarks/test_soak.py::test_objects_rows_and_audit_stay_flat",
        ),
        "programs": (
            *("sphinx_ext/", "docs/test_testing_docs.py", "docs/test_without_drivers.py"),
            "cli/test_cli.py::test_a_full_device_is_one_line",
            "cli/test_cli.py::test_no_standard_streams_are_no_trouble",
            "docs/test_docs.py::test_commands_work",
            "docs/test_docs.py::test_the_quick_start_can_be_repeated",
            "service/test_secrecy_renders.py::test_a_failing_history_shows_steps_and_no_secret",
            "service/test_secrecy_renders.py::test_a_failing_history_that_shows_a_secret_is_found",
            "service/test_service.py::test_a_suite_tries_the_faces_that_it_names",
        ),
        "schedules": (
            *("crash/test_schedules.py", "crash/test_acts_between.py"),
            "crash/test_rivals.py::test_reads_in_between_change_nothing",
            "crash/test_rivals.py::test_three_sessions_for_two_attempts",
            "crash/test_rivals.py::test_two_pins_in_every_order_never_pass_the_limit",
            "proofs/test_dials_in_every_order.py",
        ),
        "servers": (
            *("stores/test_postgres_failover.py", "stores/test_postgres_pooler.py"),
            "stores/test_postgres_lost_answers.py",
        ),
        "verifier": (
            "docs/test_docs.py::test_python_and_json_are_true[docs/adding.md]",
            "docs/test_docs.py::test_python_and_json_are_true[docs/verification.md]",
            "docs/test_transfer_limit.py::test_it_is_verified_like_the_three",
            "service/test_own_facts.py::test_such_a_chart_is_verified_by_the_values_of_its_facts",
            "service/test_own_names.py::test_the_verifier_goes_by_roles",
            "service/test_state_before_the_phone.py::test_the_verifier_finds_nothing_against_it",
            "verify/",
        ),
        "walks": ("lab/test_second_way.py", "lab/test_walk.py"),
    }
)
"""Lane → its folders, files and tests. `make test` leaves these out, `make test-all` has everything."""

QUICK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "browser/test_endings.py::test_a_login_password_is_reset_and_logs_in[sqlite]": "one walk in a browser",
        "diagrams/test_drawing_tools.py::test_mermaid_reads_every_drawing": "one process of Node.js",
        "diagrams/test_drawing_tools.py::test_plantuml_reads_every_drawing": "one process of PlantUML",
        "verify/test_near_misses.py::test_a_guard_that_compares_too_little_is_found": "a few states of a chart",
        "verify/test_verify.py::test_a_chart_of_one_s_own_is_explored": "a chart of two states",
        "verify/test_verify.py::test_a_fact_without_values_is_refused": "a chart of two states",
        "verify/test_verify.py::test_a_guard_that_never_decides_is_found": "a chart of two states",
        "verify/test_verify.py::test_a_guard_that_reads_a_clock_is_refused": "a chart of two states",
        "verify/test_verify.py::test_leads_to_finds_a_round_that_nobody_ends": "a chart of two states",
        "verify/test_verify.py::test_every_procedure_holds_at_other_policies[LOGIN_PASSWORD-one try of each]": "small",
        "verify/test_verify.py::test_every_procedure_holds_at_other_policies[RISK_BASED_AUTH-one try of each]": "small",
        "verify/test_verify.py::test_every_procedure_holds_at_other_policies[TOKEN_REISSUE-with codes]": "small",
        "verify/test_verify_command.py::test_misuse_ends_with_2": "reads arguments",
        "verify/test_verify_command.py::test_what_holds_is_counted": "the least to see",
    }
)
"""Tests of these files that are in no lane → why they are quick, and so are in `make test`."""


EMPTY_ENTRIES: Final = pytest.StashKey[list[str]]()
"""Of a run that has collected every file: the entries of the tables that no test falls under."""


def name_of(item: pytest.Item) -> str:
    """The test's file below `tests/`, and its name within it."""
    return f"{_below(item.path)}::{item.nodeid.partition('::')[2]}"


@cache
def _below(path: Path) -> str:
    return path.relative_to(HERE).as_posix()


def covers(entry: str, name: str) -> bool:
    """Whether the folder, file or test *entry* is or has the test or file *name*."""
    return entry in _within(name)


def _within(name: str) -> set[str]:
    """Whatever covers the test or the file *name*: its folders, its file, the test of whatever parameters, itself."""
    ends = (each.end() if each[0] == "/" else each.start() for each in re.finditer(r"[/:[]", name))
    return {name, *(name[:end] for end in ends)}


def lanes_of(name: str) -> list[str]:
    """The slow lanes of the test or the file *name*: one or none."""
    within = _within(name)
    if not within.isdisjoint(QUICK):
        return []
    return [lane for lane, entries in LANES.items() if not within.isdisjoint(entries)]


def empty_entries(names: Iterable[str]) -> list[str]:
    """The entries of the tables that none of the tests called *names* falls under."""
    entries = [*(entry for each in LANES.values() for entry in each), *QUICK]
    used = {entry for name in names for entry in _within(name)}
    return [entry for entry in entries if entry not in used]
