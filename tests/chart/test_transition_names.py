"""Every transition has a name of its own, and the audit says which one was taken."""

from __future__ import annotations

import pytest

from hosts import LIVE, WITH_CODES, Host, named
from ja_reset import PROCEDURES, Procedure


@pytest.mark.rule("M6", "S7")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_a_transitions_name_tells_it_from_every_other(procedure: Procedure) -> None:
    """The names of a chart's transitions differ, and begin with state and event."""
    transitions = PROCEDURES[procedure].transitions
    assert len(transitions) == len({transition.name for transition in transitions})
    assert [] == [
        transition.name
        for transition in transitions
        if not transition.name.startswith(f"{transition.source}.{transition.trigger}")
    ]


@pytest.mark.rule("S7")
@pytest.mark.parametrize(("procedure", "state"), LIVE, ids=named)
def test_the_audit_names_the_transition_that_was_taken(procedure: Procedure, state: str) -> None:
    """On the way to every state each record of a move names a transition that leads from the one state to the other."""
    host = Host(policies=WITH_CODES) if state == "PHONE_KEYS" else Host()
    host.at(procedure, state)
    transitions = {transition.name: transition for transition in PROCEDURES[procedure].transitions}
    for record in host.store.audit(session=host.view.id):
        if record["before"] != record["after"]:
            transition = transitions[str(record["arrow"])]
            assert (record["before"], record["event"], record["after"]) == (
                transition.source,
                transition.trigger,
                transition.to,
            )


@pytest.mark.rule("S7")
def test_a_refusal_names_the_guard_that_refused() -> None:
    """A wrong identity, a silent bank and a button that is not there: only the first took a transition."""
    host = Host()
    host.start()
    host.send("submit_identity", host.identity(account="7654321"))
    host.send("choose_phone", {})
    taken = [record.get("arrow") for record in host.store.audit(session=host.view.id)]
    assert [None, "BIM015.submit_identity!identity_is_proved", None] == taken
