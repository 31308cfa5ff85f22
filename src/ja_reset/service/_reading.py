"""An operator for reading alone: over a store, without a bank. Nothing that it is asked for changes the store."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Sequence
from typing import cast

from ja_reset.chart import Chart
from ja_reset.errors import BankUnavailable
from ja_reset.policies import Policies
from ja_reset.service._construction import config_of, shell_of
from ja_reset.service._institution import Institution
from ja_reset.service._io import Flow, run
from ja_reset.service._operator import Operator, T
from ja_reset.service._sealing import KEY_BYTES
from ja_reset.service.ports import Bank
from ja_reset.stores.rows import Store


class _AnyInstitution:
    """In place of a bank: every institution is there, and accounts are read by the default policies."""

    def institution(self, name: str) -> Institution:
        return Institution(id=name, prefecture="-", name="-", dial="-")

    def __getattr__(self, method: str) -> object:
        msg = f"there is no bank to ask for {method}"
        raise BankUnavailable(msg)


def reader(store: Store, *, keys: Sequence[bytes] = (), procedures: Iterable[Chart] = ()) -> Operator:
    """The operator of *store*. Without *keys*, no account, login id or contract of a session is found."""
    config = config_of(Policies(), None, tuple(procedures), "inline")
    bank = cast("Bank", _AnyInstitution())
    shell = shell_of(bank, store, keys or secrets.token_bytes(KEY_BYTES), None, time.sleep)

    def perform(flow: Flow[T], _: object = None) -> T:
        return run(flow, shell)

    return Operator(perform, config)
