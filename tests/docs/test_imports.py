"""What `import ja_reset` loads, seen from a fresh interpreter."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ja_reset

LATER = (
    "cryptography",
    "phonenumbers",
    "email_validator",
    "sqlite3",
    "asyncio",
    "psycopg",
    "prometheus_client",
    "opentelemetry",
    "hypothesis",
    "pytest",
)
"""Loaded when first needed, or never: each costs more than all that an import of ours may take."""


FOR_A_SERVICE = (
    "transitions",
    *("hashlib", "hmac", "json", "urllib.parse", "ipaddress", "difflib", "random", "secrets", "logging.config"),
    *("ja_reset.stores", "ja_reset.service._session_work", "ja_reset.service._operator", "ja_reset.diagrams"),
    *("ja_reset.bank._values", "ja_reset.bank._script", "ja_reset.bank._hours", "ja_reset.proofs"),
    *("ja_reset.fields._phone_numbers", "ja_reset.fields._email_addresses", "ja_reset.fields._readings"),
    *("ja_reset.screens._screen", "ja_reset.screens._entry", "ja_reset.screens._call_texts"),
    *("ja_reset.screens._plans", "ja_reset.screens._wording", "ja_reset.screens._reason_names"),
    *("ja_reset.policies._policies", "ja_reset.policies._phone", "ja_reset.policies._session"),
    *("ja_reset.chart.session", "ja_reset.chart._changed"),
    *("ja_reset.policies._override", "ja_reset.screens._figures", "ja_reset.screens.messages"),
)
"""Loaded when a service is made, or when something is first read: not by who only looks at a chart."""


def _loaded_by(statement: str) -> set[str]:
    """The names of all modules that *statement* loads in an interpreter that has loaded nothing of its own.

    -S and the path given by hand: no site-packages hook (coverage has one) may load something first.
    """
    program = f"import sys; sys.path[:] = {sys.path!r}; {statement}; print(*sys.modules)"
    command = [sys.executable, "-S", "-E", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a program of ours
    assert (0, "") == (done.returncode, done.stderr)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_that_can_wait() -> None:
    """`import ja_reset` loads none of the packages that are heavy or belong to one kind of host."""
    assert set() == _loaded_by("import ja_reset") & set(LATER)


@pytest.mark.parametrize("module", ["ja_reset.errors", "ja_reset.testing", "ja_reset.observing"])
def test_a_submodule_loads_nothing_that_can_wait_either(module: str) -> None:
    """Nor does a documented submodule, so that a host may import it at its own start."""
    assert set() == _loaded_by(f"import {module}") & set(LATER)


@pytest.mark.parametrize("gateway", ["twilio", "generic", "sip", "asterisk", "amazon_connect"])
def test_an_adapter_loads_nothing_of_a_service(gateway: str) -> None:
    """A gateway's adapter can be imported where only reports are read: no service, no chart, no OpenSSL."""
    loaded = _loaded_by(f"import ja_reset.telephony.{gateway}")
    assert set() == loaded & {*LATER, "hashlib", "hmac", "json", "html", "ja_reset.chart", "ja_reset.service"}


def test_the_charts_and_the_class_load_nothing_of_a_service() -> None:
    """With the charts made and checked, and `ResetService` at hand, what only a service needs has not been loaded."""
    loaded = _loaded_by("from ja_reset import PROCEDURES, Procedure, ResetService; PROCEDURES[Procedure.TOKEN_REISSUE]")
    assert "ja_reset.chart.laws" in loaded
    assert set() == loaded & {*LATER, *FOR_A_SERVICE}


def test_a_service_is_whole_once_it_is_made() -> None:
    """The first customer waits for no module of ours: making the service has loaded what serves them all."""
    program = """
from ja_reset import ResetService
from ja_reset.testing import CAST, FakeBank, FakeClock, identity
from ja_reset.stores import MemoryStore
service = ResetService(bank=FakeBank(), store=MemoryStore(), key=bytes(32), clock=FakeClock())
before = {name for name in sys.modules if name.startswith(("ja_reset", "transitions"))}
assert all("_compiled" in vars(chart) for chart in service.procedures.values())
view = service.start("LOGIN_PASSWORD", institution="ja-0417")
view = service.send(view.token, "submit_identity", identity(CAST[0]), version=view.version)
assert view.state == "BIM016", view.state
service.expire_due(); service.operator.sessions()
late = sorted(name for name in sys.modules if name.startswith(("ja_reset", "transitions")) and name not in before)
assert not late, late
"""
    assert "ja_reset.service._customer" in _loaded_by(f"exec({program!r})")


def test_every_public_name_is_there_when_it_is_asked_for() -> None:
    """Each name of `ja_reset.__all__` resolves, to what the type checker is told that it is."""
    tree = ast.parse(Path(ja_reset.__file__).read_text("utf-8"))
    told = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ja_reset")
        for alias in node.names
    }
    assert sorted(ja_reset.__all__) == sorted(told)
    assert {name: module.removeprefix("ja_reset.") for name, module in told.items() if module} == ja_reset._MODULES
    assert [] == [name for name in ja_reset.__all__ if not hasattr(ja_reset, name)]


def test_what_a_plain_import_offered_it_offers() -> None:
    """`import ja_reset` alone makes the submodules attributes of it, and a wrong name is an AttributeError."""
    assert "ja_reset.policies" in _loaded_by("import ja_reset; ja_reset.policies.PhonePolicy")
    with pytest.raises(AttributeError, match="has no attribute 'ResetServise'"):
        ja_reset.ResetServise  # type: ignore[attr-defined]  # noqa: B018 - a slip of the hand
