"""The wizard for other engines, each written as its own documentation recommends.

None of them gives reasons for a refusal; what a host would write is written here: a transition that stays, and says
why. Where an engine has guards, a transition names them. Automat has none by design, so its input decides and sends
the machine an input of its own. `restored` is how each continues a session that was stored: what its documentation
says, or, where that says nothing (sismic), the cheapest way that works.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from statemachine import State, StateChart
from transitions import Machine
from wizard import (
    ACCOUNT,
    FORMAT_ACCOUNT,
    FORMAT_PIN,
    LOCKED,
    NO_MATCH,
    PIN,
    TIMED_OUT,
    TRIES,
    WRONG,
    Reason,
    from_json,
    is_account,
    is_pin,
    opened,
    to_json,
)

STATES: Final = ("IDENTITY", "PIN", "DONE", "CANCELLED", "EXPIRED", "LOCKED")
FORMS: Final = (("IDENTITY", "account", "identity", "tries"), ("PIN", "pin", "pin", "pins"))


class Model:
    """The session, with what the transitions ask it and tell it."""

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - as it is kept
        procedure: str,
        institution: str,
        state: str,
        version: int,
        created_at: datetime,
        active_at: datetime,
        seen_at: datetime,
        tries: int,
        wrong_pins: int,
    ) -> None:
        self.id = id
        self.procedure = procedure
        self.institution = institution
        self.state = state
        self.version = version
        self.created_at = created_at
        self.active_at = active_at
        self.seen_at = seen_at
        self.tries = tries
        self.wrong_pins = wrong_pins
        self.reasons: tuple[Reason, ...] = ()

    def kept(self) -> dict[str, Any]:
        """What is saved of it."""
        return {
            "id": self.id,
            "procedure": self.procedure,
            "institution": self.institution,
            "state": self.state,
            "version": self.version,
            "created_at": self.created_at,
            "active_at": self.active_at,
            "seen_at": self.seen_at,
            "tries": self.tries,
            "wrong_pins": self.wrong_pins,
        }

    def account_is_valid(self, typed: str) -> bool:
        """Whether an account is."""
        return is_account(typed)

    def identity_is_right(self, typed: str) -> bool:
        """Whether the account is."""
        return typed == ACCOUNT

    def tries_are_used_up(self, typed: str) -> bool:  # noqa: ARG002 - as the engine calls it
        """Whether this was the last."""
        return self.tries >= TRIES - 1

    def pin_is_valid(self, typed: str) -> bool:
        """Whether a PIN is."""
        return is_pin(typed)

    def pin_is_right(self, typed: str) -> bool:
        """Whether the PIN is."""
        return typed == PIN

    def pins_are_used_up(self, typed: str) -> bool:  # noqa: ARG002 - as the engine calls it
        """Whether this was the last."""
        return self.wrong_pins >= TRIES - 1

    def say_account(self, typed: str) -> None:  # noqa: ARG002 - as the engine calls it
        """The reason of an invalid account."""
        self.reasons = FORMAT_ACCOUNT

    def say_pin(self, typed: str) -> None:  # noqa: ARG002 - as the engine calls it
        """The reason of an invalid PIN."""
        self.reasons = FORMAT_PIN

    def count_try(self, typed: str) -> None:  # noqa: ARG002 - as the engine calls it
        """One more try, and why it failed."""
        self.tries += 1
        self.reasons = NO_MATCH

    def count_last_try(self, typed: str) -> None:  # noqa: ARG002 - as the engine calls it
        """The last try, and why it failed."""
        self.tries += 1
        self.reasons = (*NO_MATCH, LOCKED)

    def count_pin(self, typed: str) -> None:  # noqa: ARG002 - as the engine calls it
        """One more wrong PIN."""
        self.wrong_pins += 1
        self.reasons = WRONG

    def count_last_pin(self, typed: str) -> None:  # noqa: ARG002 - as the engine calls it
        """The last wrong PIN."""
        self.wrong_pins += 1
        self.reasons = (*WRONG, LOCKED)

    def say_timed_out(self, typed: str) -> None:  # noqa: ARG002 - as the engine calls it
        """The reason of the clock."""
        self.reasons = TIMED_OUT


class OverModels(ABC):
    """What the engines have in common whose session is a model with its state in it."""

    def state(self, session: Any) -> str:  # noqa: ANN401 - the engine's session
        """What stands in the model."""
        return str(self.model(session).state)

    def save(self, session: Any) -> str:  # noqa: ANN401 - the engine's session
        """The model's own data."""
        return to_json(self.model(session).kept())

    def load(self, saved: str) -> Any:  # noqa: ANN401 - the engine's session
        """A model of the data, and the engine upon it."""
        return self.restored(Model(**from_json(saved)))

    def start(self) -> Any:  # noqa: ANN401 - the engine's session
        """A new one."""
        return self.restored(Model(**opened()))

    def model(self, session: Any) -> Model:  # noqa: ANN401 - the engine's session
        """The model of a session."""
        return session  # type: ignore[no-any-return]

    @abstractmethod
    def restored(self, model: Model) -> Any:  # noqa: ANN401 - the engine's session
        """The engine upon a model that has its state."""

    def end(self, session: Any) -> None:  # noqa: ANN401, B027 - the engine's session; most engines keep nothing
        """Nothing knows of it."""


# transitions -------------------------------------------------------------------------------------------------


def _arrows() -> list[dict[str, Any]]:
    arrows: list[dict[str, Any]] = []
    for state, valid, right, counted in FORMS:
        submit, to, one = f"submit_{right}", *(("PIN", "try") if state == "IDENTITY" else ("DONE", "pin"))
        both = [f"{valid}_is_valid", f"{right}_is_right"]
        own = {"trigger": submit, "source": state}
        arrows += [
            {**own, "dest": to, "conditions": both},
            {**own, "dest": None, "unless": both[0], "before": f"say_{valid}"},
            {**own, "dest": "LOCKED", "conditions": f"{counted}_are_used_up", "before": f"count_last_{one}"},
            {**own, "dest": None, "before": f"count_{one}"},
            {"trigger": "cancel", "source": state, "dest": "CANCELLED"},
            {"trigger": "time_ran_out", "source": state, "dest": "EXPIRED", "before": "say_timed_out"},
            {"trigger": "clock_went_back", "source": state, "dest": "EXPIRED", "before": "say_timed_out"},
        ]
    return arrows


ARROWS: Final = _arrows()


class TransitionsShared(OverModels):
    """`transitions`: one Machine for all, a model added for each session and removed at its end."""

    def __init__(self) -> None:
        self._machine = Machine(
            model=None, states=list(STATES), transitions=ARROWS, initial="IDENTITY", auto_transitions=False
        )

    def restored(self, model: Model) -> Model:
        """The model, added where it stands."""
        self._machine.add_model(model, initial=model.state)
        return model

    def send(self, session: Model, event: str, typed: str) -> tuple[Model, Sequence[Reason]]:
        """The trigger by its name."""
        session.reasons = ()
        session.trigger(event, typed)  # type: ignore[attr-defined]  # added by the Machine
        return session, session.reasons

    def end(self, session: Model) -> None:
        """The Machine holds its models until it is told."""
        self._machine.remove_model(session)


class TransitionsOwn(TransitionsShared):
    """`transitions`: a Machine for each session, as most of its examples have it."""

    def __init__(self) -> None:
        """Nothing is shared."""

    def restored(self, model: Model) -> Model:
        """The model, with a Machine of its own, which its triggers hold."""
        Machine(model=model, states=list(STATES), transitions=ARROWS, initial=model.state, auto_transitions=False)
        return model

    def end(self, session: Model) -> None:
        """Nothing else knows of it."""


# python-statemachine -----------------------------------------------------------------------------------------


class _Chart(StateChart):
    """Guards and actions are found on the model."""

    IDENTITY = State(initial=True)
    PIN = State()
    DONE = State(final=True)
    CANCELLED = State(final=True)
    EXPIRED = State(final=True)
    LOCKED = State(final=True)

    submit_identity = (
        IDENTITY.to(PIN, cond=["account_is_valid", "identity_is_right"])
        | IDENTITY.to.itself(internal=True, unless="account_is_valid", on="say_account")
        | IDENTITY.to(LOCKED, cond="tries_are_used_up", on="count_last_try")
        | IDENTITY.to.itself(internal=True, on="count_try")
    )
    submit_pin = (
        PIN.to(DONE, cond=["pin_is_valid", "pin_is_right"])
        | PIN.to.itself(internal=True, unless="pin_is_valid", on="say_pin")
        | PIN.to(LOCKED, cond="pins_are_used_up", on="count_last_pin")
        | PIN.to.itself(internal=True, on="count_pin")
    )
    cancel = IDENTITY.to(CANCELLED) | PIN.to(CANCELLED)
    time_ran_out = IDENTITY.to(EXPIRED, on="say_timed_out") | PIN.to(EXPIRED, on="say_timed_out")
    clock_went_back = IDENTITY.to(EXPIRED, on="say_timed_out") | PIN.to(EXPIRED, on="say_timed_out")


class PythonStatemachine(OverModels):
    """python-statemachine: a StateChart over the domain model that keeps the state."""

    def model(self, session: _Chart) -> Model:
        """The chart's own."""
        return session.model  # type: ignore[no-any-return]

    def restored(self, model: Model) -> _Chart:
        """A chart goes on where its model stands."""
        return _Chart(model)

    def send(self, session: _Chart, event: str, typed: str) -> tuple[_Chart, Sequence[Reason]]:
        """The event by its name."""
        model = session.model
        model.reasons = ()
        session.send(event, typed)
        return session, model.reasons
