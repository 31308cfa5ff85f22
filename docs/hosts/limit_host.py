"""The Flask host with a procedure of its own beside the three. To run: flask --app limit_host run."""

import os
import sys
from pathlib import Path

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "procedures")]

import flask_host
from transfer_limit import TRANSFER_LIMIT

from ja_reset import ResetService
from ja_reset.stores import SqliteStore

app, BANK = flask_host.app, flask_host.BANK
BANK.tell("transfer_ceiling", 3_000_000)  # your bank has the method: the most that this contract may transfer in a day
flask_host.SERVICE = ResetService(
    bank=BANK, store=SqliteStore(os.environ["RESET_DB"]), key=flask_host.KEY, procedures=[TRANSFER_LIMIT]
)
