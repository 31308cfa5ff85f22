"""The wizard for Automat, as in `wizard_of_peers`; its inputs decide, as it has no guards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from automat import TypeMachineBuilder
from wizard import ACCOUNT, PIN, Reason, is_account, is_pin, to_json
from wizard_of_peers import STATES, Model, OverModels


class _Inputs(Protocol):
    def submit_identity(self, typed: str) -> None: ...
    def submit_pin(self, typed: str) -> None: ...
    def cancel(self, typed: str) -> None: ...
    def time_ran_out(self, typed: str) -> None: ...
    def clock_went_back(self, typed: str) -> None: ...
    def identity_was_right(self) -> None: ...
    def tries_were_used_up(self) -> None: ...
    def pin_was_right(self) -> None: ...
    def pins_were_used_up(self) -> None: ...


def _identity(machine: _Inputs, model: Model, typed: str) -> None:
    if not is_account(typed):
        model.say_account(typed)
    elif typed == ACCOUNT:
        machine.identity_was_right()
    elif model.tries_are_used_up(typed):
        model.count_last_try(typed)
        machine.tries_were_used_up()
    else:
        model.count_try(typed)


def _pin(machine: _Inputs, model: Model, typed: str) -> None:
    if not is_pin(typed):
        model.say_pin(typed)
    elif typed == PIN:
        machine.pin_was_right()
    elif model.pins_are_used_up(typed):
        model.count_last_pin(typed)
        machine.pins_were_used_up()
    else:
        model.count_pin(typed)


def _timed_out(_machine: _Inputs, model: Model, typed: str) -> None:
    model.say_timed_out(typed)


def _automat() -> tuple[Any, dict[str, Any]]:
    builder = TypeMachineBuilder(_Inputs, Model)
    states = {name: builder.state(name) for name in STATES}
    states["IDENTITY"].upon(_Inputs.submit_identity).loop()(_identity)
    states["PIN"].upon(_Inputs.submit_pin).loop()(_pin)
    for source, event, goal in (
        ("IDENTITY", _Inputs.identity_was_right, "PIN"),
        ("IDENTITY", _Inputs.tries_were_used_up, "LOCKED"),
        ("PIN", _Inputs.pin_was_right, "DONE"),
        ("PIN", _Inputs.pins_were_used_up, "LOCKED"),
        ("IDENTITY", _Inputs.cancel, "CANCELLED"),
        ("PIN", _Inputs.cancel, "CANCELLED"),
    ):
        states[source].upon(event).to(states[goal]).returns(None)
    for source in ("IDENTITY", "PIN"):
        for event in (_Inputs.time_ran_out, _Inputs.clock_went_back):
            states[source].upon(event).to(states["EXPIRED"])(_timed_out)
    return builder.build(), states


class Automat(OverModels):
    """Automat: a typed machine over a core, which is the model."""

    def __init__(self) -> None:
        self._make, self._states = _automat()

    def model(self, session: Any) -> Model:  # noqa: ANN401 - the engine's session
        """Its core."""
        return session.__automat_core__  # type: ignore[no-any-return]

    def state(self, session: Any) -> str:  # noqa: ANN401 - the engine's session
        """The name of the state that its transitioner is in."""
        return str(session.__automat_transitioner__._state.name)  # noqa: SLF001 - there is no other way

    def save(self, session: Any) -> str:  # noqa: ANN401 - the engine's session
        """The model's data, with the state that only the machine knows."""
        return to_json({**self.model(session).kept(), "state": self.state(session)})

    def restored(self, model: Model) -> Any:  # noqa: ANN401 - the engine's session
        """A machine in that state."""
        return self._make(model, self._states[model.state])

    def send(self, session: Any, event: str, typed: str) -> tuple[Any, Sequence[Reason]]:  # noqa: ANN401 - as above
        """The input by its name."""
        model = session.__automat_core__
        model.reasons = ()
        getattr(session, event)(typed)
        return session, model.reasons
