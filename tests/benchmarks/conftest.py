"""The programs of `benchmarks/`, loaded from their files: the folder is on no path, as its names are those of rooms."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from tools import missing

FOLDER: Final = Path(__file__).resolve().parents[2] / "benchmarks"


def _load(name: str) -> Any:
    """That program; those that it imports are loaded before."""
    if name not in sys.modules:
        spec = spec_from_file_location(name, FOLDER / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture
def load() -> Callable[[str], Any]:
    """How a program is loaded."""
    return _load


@pytest.fixture
def harness() -> Any:
    """What the benchmarks are made with."""
    return _load("harness")


@pytest.fixture
def wizard() -> Any:
    """What every engine has to do."""
    return _load("wizard")


@pytest.fixture
def ours(wizard: Any) -> Any:
    """The same as a chart of ours."""
    return _load("wizard_of_ours")


@pytest.fixture
def peers(wizard: Any) -> Any:
    """The same on other engines, where `make bench` has installed them."""
    for package in ("automat", "sismic", "xstate_statemachine"):
        if find_spec(package) is None:
            missing(f"no {package} to compare with: make bench installs the other engines")
    modules = (_load(f"wizard_of_{name}") for name in ("peers", "automat", "statecharts"))
    return SimpleNamespace(**{name: each for module in modules for name, each in vars(module).items()})
