"""Processes that share nothing with the one that starts them, for tests in which several meet in one store."""

from __future__ import annotations

import multiprocessing
from functools import cache
from multiprocessing.context import ForkServerContext, SpawnContext
from typing import Final

LOADED: Final = ("pytest", "ja_reset.stores", "ja_reset.testing", "ja_reset.testing.store_concurrency")
"""What most of their programs import."""


@cache
def clean() -> ForkServerContext | SpawnContext:
    """Where processes are started that inherit no store, lock or thread of this one.

    A server with no threads and with the library imported forks them; where nothing forks, Python starts for each.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    return context
