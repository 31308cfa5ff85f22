"""Use the installed package as a host would: import it, and walk one customer through one procedure.

Run by `scripts/check_wheel.sh` in an environment that holds the wheel and its dependencies, and nothing else.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib import metadata, resources
from pathlib import Path

from ja_reset import Call, CallSource, CallStatus, Procedure, ResetService
from ja_reset.stores import SqliteStore
from ja_reset.testing import CAST, FakeBank, FakeClock, answers, identity


def main(version: str) -> None:
    """Raise SystemExit with what is wrong, if anything is."""
    _expect(version, metadata.version("ja-reset"), "version")
    if not resources.files("ja_reset").joinpath("py.typed").is_file():
        sys.exit("py.typed is not in the wheel")
    with tempfile.TemporaryDirectory() as folder:
        _reset_a_login_password(Path(folder))
    command = Path(sys.executable).with_name("ja-reset")
    listed = subprocess.run([command, "list"], check=True, capture_output=True, text=True).stdout
    _expect([], [each.value for each in Procedure if each.value not in listed], "procedures that `ja-reset list` lacks")
    print(f"ja-reset {version}: the wheel imports, resets a password and lists its procedures")


def _reset_a_login_password(folder: Path) -> None:
    customer = CAST[0]
    bank, clock = FakeBank(), FakeClock()
    with SqliteStore(str(folder / "reset.db")) as store:
        service = ResetService(bank=bank, store=store, key=bytes(32), clock=clock)
        view = service.start(Procedure.LOGIN_PASSWORD, institution=customer.institution)
        view = service.send(view.token, "submit_identity", identity(customer), version=view.version)
        view = service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id}, version=view.version)
        clock.advance(10)
        number = customer.contract.phones[0]
        call = service.report_call(Call(id="call-1", number=number, source=CallSource.NETWORK, dialed=view.dial))
        _expect(CallStatus.VERIFIED, call.status, "status of the call")
        view = service.view(view.token)
        form = answers(view, customer)
        view = service.send(view.token, "submit_reset", form, version=view.version)
        _expect(("DONE", True), (view.state, view.final), "where it ended")
    _expect(
        form["new_password"].lower(),
        bank.customer(customer.ref).password.lower(),
        "the password that the bank was given",
    )


def _expect(expected: object, actual: object, what: str) -> None:
    if expected != actual:
        sys.exit(f"{what}: expected {expected!r}, but it is {actual!r}")


if __name__ == "__main__":
    main(sys.argv[1])
