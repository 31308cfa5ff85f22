"""The wizard for engines of statecharts, as in `wizard_of_peers`: sismic and xstate-statemachine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sismic.interpreter import Interpreter
from sismic.io import import_from_yaml
from wizard import (
    ACCOUNT,
    FORMAT_ACCOUNT,
    FORMAT_PIN,
    LOCKED,
    NO_MATCH,
    PIN,
    TIMED_OUT,
    TIMES,
    TRIES,
    WRONG,
    Reason,
    is_account,
    is_pin,
    opened,
    to_json,
)
from wizard_of_peers import FORMS, Model, OverModels
from xstate_statemachine import MachineLogic, SyncInterpreter, assign, create_machine

FINAL: Final = ("DONE", "CANCELLED", "EXPIRED", "LOCKED")


# sismic ------------------------------------------------------------------------------------------------------


def _sismic() -> Any:  # noqa: ANN401 - its statechart
    lines = ["statechart:", "  name: wizard", "  root state:", "    name: root", "    initial: IDENTITY", "    states:"]
    for state, valid, right, counted in FORMS:
        submit, to, one = f"submit_{right}", *(("PIN", "try") if state == "IDENTITY" else ("DONE", "pin"))
        is_valid, is_right = f"model.{valid}_is_valid(event.typed)", f"model.{right}_is_right(event.typed)"
        lines += [f"      - name: {state}", "        transitions:"]
        for event, target, guard, action in (
            (submit, to, f"{is_valid} and {is_right}", None),
            (submit, None, f"not {is_valid}", f"model.say_{valid}(event.typed)"),
            (
                submit,
                "LOCKED",
                f"{is_valid} and not {is_right} and model.{counted}_are_used_up(event.typed)",
                f"model.count_last_{one}(event.typed)",
            ),
            (
                submit,
                None,
                f"{is_valid} and not {is_right} and not model.{counted}_are_used_up(event.typed)",
                f"model.count_{one}(event.typed)",
            ),
            ("cancel", "CANCELLED", None, None),
            ("time_ran_out", "EXPIRED", None, "model.say_timed_out(event.typed)"),
            ("clock_went_back", "EXPIRED", None, "model.say_timed_out(event.typed)"),
        ):
            lines.append(f"          - event: {event}")
            named = (("target", target), ("guard", guard), ("action", action))
            lines += [f"            {key}: {value}" for key, value in named if value is not None]
    for state in FINAL:
        lines += [f"      - name: {state}"]
    return import_from_yaml("\n".join(lines))


class Sismic(OverModels):
    """sismic: one statechart, and an interpreter for each session; conditions are code in the statechart.

    Its final states end the interpreter and forget where it ended, so the endings are plain states.
    """

    def __init__(self) -> None:
        self._statechart = _sismic()

    def model(self, session: Interpreter) -> Model:
        """In the interpreter's context."""
        return session.context["model"]  # type: ignore[no-any-return]

    def state(self, session: Interpreter) -> str:
        """The innermost active state."""
        return str(session.configuration[-1])

    def save(self, session: Interpreter) -> str:
        """The model's data, with the state that only the interpreter knows."""
        return to_json({**self.model(session).kept(), "state": self.state(session)})

    def restored(self, model: Model) -> Interpreter:
        """An interpreter, put where the model stands; sismic itself only offers to pickle it, which costs more."""
        interpreter = Interpreter(self._statechart, initial_context={"model": model})
        interpreter.execute_once()
        if model.state != "IDENTITY":
            interpreter._configuration = {"root", model.state}  # noqa: SLF001 - as its users do
            interpreter._entry_time[model.state] = interpreter._idle_time[model.state] = 0  # noqa: SLF001 - as above
        return interpreter

    def send(self, session: Interpreter, event: str, typed: str) -> tuple[Interpreter, Sequence[Reason]]:
        """One step of the interpreter."""
        model = session.context["model"]
        model.reasons = ()
        session.queue(event, typed=typed).execute_once()
        return session, model.reasons


# xstate-statemachine -----------------------------------------------------------------------------------------


def _xstate() -> Any:  # noqa: ANN401 - its machine
    def say(reasons: tuple[Reason, ...], count: str | None = None) -> Any:  # noqa: ANN401 - its action
        if count is None:
            return assign({"reasons": lambda _: reasons})
        return assign({"reasons": lambda _: reasons, count: lambda given: given["context"][count] + 1})

    states: dict[str, Any] = {name: {"type": "final"} for name in FINAL}
    for state, valid, right, tries in FORMS:
        count, to, failed, invalid = (
            ("tries", "PIN", NO_MATCH, FORMAT_ACCOUNT)
            if state == "IDENTITY"
            else ("wrong_pins", "DONE", WRONG, FORMAT_PIN)
        )
        both = {"type": "and", "params": {"guards": [f"{valid}_is_valid", f"{right}_is_right"]}}
        neither = {"type": "not", "params": {"guards": [f"{valid}_is_valid"]}}
        states[state] = {
            "on": {
                f"submit_{right}": [
                    {"target": to, "guard": both, "actions": say(())},
                    {"guard": neither, "actions": say(invalid)},
                    {"target": "LOCKED", "guard": f"{tries}_are_used_up", "actions": say((*failed, LOCKED), count)},
                    {"actions": say(failed, count)},
                ],
                "cancel": {"target": "CANCELLED", "actions": say(())},
                "time_ran_out": {"target": "EXPIRED", "actions": say(TIMED_OUT)},
                "clock_went_back": {"target": "EXPIRED", "actions": say(TIMED_OUT)},
            }
        }
    logic = MachineLogic(
        guards={
            "account_is_valid": lambda _, event: is_account(event.payload["typed"]),
            "identity_is_right": lambda _, event: event.payload["typed"] == ACCOUNT,
            "tries_are_used_up": lambda context, _: context["tries"] >= TRIES - 1,
            "pin_is_valid": lambda _, event: is_pin(event.payload["typed"]),
            "pin_is_right": lambda _, event: event.payload["typed"] == PIN,
            "pins_are_used_up": lambda context, _: context["wrong_pins"] >= TRIES - 1,
        }
    )
    config = {"id": "wizard", "initial": "IDENTITY", "context": {**_for_snapshot(), "reasons": ()}, "states": states}
    return create_machine(config, logic=logic)


def _for_snapshot() -> dict[str, Any]:
    """A new session's data without the state, which the interpreter has; a snapshot holds what JSON can."""
    kept = opened()
    del kept["state"]
    return {name: each.isoformat() if name in TIMES else each for name, each in kept.items()}


class Xstate:
    """xstate-statemachine: one machine, a SyncInterpreter for each session, and its own snapshots."""

    def __init__(self) -> None:
        self._machine = _xstate()

    def start(self) -> Any:  # noqa: ANN401 - the engine's session
        """An interpreter, started."""
        session = SyncInterpreter(self._machine).start()
        session.context.update(_for_snapshot())
        return session

    def send(self, session: Any, event: str, typed: str) -> tuple[Any, Sequence[Reason]]:  # noqa: ANN401 - as above
        """The event, with its payload."""
        session.send(event, typed=typed)
        return session, session.context["reasons"]

    def state(self, session: Any) -> str:  # noqa: ANN401 - the engine's session
        """The one active state."""
        return str(next(iter(session.current_state_ids))).rpartition(".")[2]

    def save(self, session: Any) -> str:  # noqa: ANN401 - the engine's session
        """Its snapshot."""
        return str(session.get_snapshot())

    def load(self, saved: str) -> Any:  # noqa: ANN401 - the engine's session
        """The interpreter of the snapshot."""
        return SyncInterpreter.from_snapshot(saved, self._machine)

    def end(self, session: Any) -> None:  # noqa: ANN401 - the engine's session
        """Stopped."""
        session.stop()
