"""A session's saved form: small, strict, versioned, and as its published schema says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hosts import ACTIVATION, LIVE, STATES, WITH_CODES, Host, named
from ja_reset import PROCEDURES, EffectKind, NewerSession, Procedure, StoreError, Text, UnknownProcedure
from ja_reset.bank._values import CallStatus
from ja_reset.chart.session import Answered, Claim, Issued, Offered, Refusal, Session, SessionData, Window
from ja_reset.screens.messages import CODES
from ja_reset.service._records import CallRecord, OutboxEntry, OutboxStatus, RequestRecord, ViewRecord
from ja_reset.service.saved import FORM, MIGRATIONS, load, load_session, save, save_session
from ja_reset.stores.rows import Put

Form = dict[str, Any]
SCHEMA: Final[Form] = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "session.schema.json").read_text("utf-8")
)
FITS: Final = Draft202012Validator(SCHEMA)
LIMIT: Final = 1500
"""Octets of JSON that a live session may take."""
NOON: Final = datetime(2026, 4, 1, 3, 0, 0, 250_000, tzinfo=UTC)


def _form(procedure: Procedure, state: str) -> Form:
    host = Host(policies=WITH_CODES)
    host.at(procedure, state)
    return json.loads(json.dumps(host.saved()))  # type: ignore[no-any-return]


FORMS: Final = {pair: _form(*pair) for pair in STATES}


def _full(session: Session) -> Session:
    """The same with all that may stand beside it: a claim, counts, a reason with words and an end."""
    words = Text(ja="ほかのお手続がこの番号を使っています。", en="Another procedure is using this number.")
    claim = Claim("k3Jd_92mQxE", NOON + timedelta(minutes=1))
    reasons = (Refusal("number_contested", until=NOON), Refusal("password_rule", "new_password", words=words))
    answered = session.kept.answered
    kept = attrs.evolve(session.kept, answered=attrs.evolve(answered, wrong=2)) if answered else session.kept
    return attrs.evolve(session, claim=claim, reasons=reasons, tries=4, windows=3, wrong_codes=8, kept=kept)


# What is saved ----------------------------------------------------------------------------------------------


@pytest.mark.rule("S4")
def test_the_schema_is_one() -> None:
    """It is a valid JSON schema, and each of its properties says what it is."""
    Draft202012Validator.check_schema(SCHEMA)
    undescribed = [name for name, each in _properties(SCHEMA, "") if not _described(each)]
    assert [] == undescribed


def _described(node: Form) -> bool:
    target = SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else {}
    return "description" in node or "description" in target


def _properties(node: object, place: str) -> Iterator[tuple[str, Form]]:
    if isinstance(node, dict):
        for name, each in node.get("properties", {}).items():
            yield f"{place}.{name}", each
            yield from _properties(each, f"{place}.{name}")
        for name, each in node.get("$defs", {}).items():
            yield from _properties(each, f"{place}.{name}")
        yield from _properties(node.get("items"), f"{place}[]")


@pytest.mark.rule("S4")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_every_state_fits_the_schema_and_comes_back_as_it_was(procedure: Procedure, state: str) -> None:
    """The saved session of each state, bare and with all that can stand beside it, is valid and is read back equal."""
    form = FORMS[procedure, state]
    session = load_session(form)
    for each in (session, _full(session)):
        saved = json.loads(json.dumps(save_session(each)))
        assert [] == [error.message for error in FITS.iter_errors(saved)]
        assert each == load_session(saved)
    assert form == save_session(session)


@pytest.mark.rule("S4")
@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (Session, ()),
        (Claim, ("properties", "claim")),
        (SessionData, ("$defs", "kept")),
        (Refusal, ("$defs", "reason")),
        (Text, ("$defs", "reason", "properties", "words")),
        (Offered, ("$defs", "kept", "properties", "phones", "items")),
        (Window, ("$defs", "kept", "properties", "window")),
        (Answered, ("$defs", "kept", "properties", "answered")),
        (Issued, ("$defs", "kept", "properties", "issued")),
    ],
)
def test_the_schema_knows_every_field_and_no_other(kind: type[attrs.AttrsInstance], place: tuple[str, ...]) -> None:
    """A field that a class gains or loses, or that becomes optional, is missed here until the schema says so."""
    node = SCHEMA
    for step in place:
        node = node[step]
    fields = {field.name: field.default is attrs.NOTHING for field in attrs.fields(kind)}
    if kind is Session:
        fields = {"form": True, **fields}
    assert set(fields) == set(node["properties"])
    assert {name for name, required in fields.items() if required} == set(node["required"])
    assert node["additionalProperties"] is False


@pytest.mark.rule("S4", "M4")
def test_the_schema_says_what_each_state_keeps() -> None:
    """For each procedure and state, exactly the facts that its chart has it keep."""
    said = {}
    for each in SCHEMA["allOf"]:
        when, then = each["if"]["properties"], each["then"]
        kept = then["properties"]["kept"]
        assert kept is False or kept["maxProperties"] == len(kept["required"])
        for name in when["procedure"]["enum"]:
            said[name, when["state"]["const"]] = frozenset() if kept is False else frozenset(kept["required"])
    assert said == {
        (procedure.value, state.name): state.keeps
        for procedure, chart in PROCEDURES.items()
        for state in chart.states.values()
    }
    assert all(re.search(SCHEMA["properties"]["procedure"]["pattern"], name) for name in Procedure)
    assert FORM == SCHEMA["properties"]["form"]["const"]


@pytest.mark.rule("S9")
def test_every_published_code_fits_the_schema() -> None:
    """A code is a plain word, so that the schema need not change with the catalogue."""
    reason = SCHEMA["$defs"]["reason"]["properties"]["code"]
    assert [] == [code for code in CODES if not Draft202012Validator(reason).is_valid(code)]


@pytest.mark.rule("S4")
@pytest.mark.parametrize(("procedure", "state"), LIVE, ids=named)
def test_a_live_session_is_small(procedure: Procedure, state: str) -> None:
    """With three phones, a claim and reasons it stays below a kilobyte and a half of JSON."""
    form = FORMS[procedure, state]
    phones = form.get("kept", {}).get("phones", [])
    assert len(phones) in {0, 3}
    assert LIMIT >= len(json.dumps(form, separators=(",", ":")).encode())
    full = attrs.evolve(_full(load_session(form)), reasons=(Refusal("number_contested", until=NOON),))
    assert LIMIT >= len(json.dumps(save_session(full), separators=(",", ":")).encode())


@pytest.mark.rule("S5", "S1", "A7")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_no_secret_and_no_token_is_saved(procedure: Procedure, state: str) -> None:
    """Neither the token, nor PIN, passwords or code stand in any row of the store."""
    host = Host(policies=WITH_CODES)
    view = host.at(procedure, state)
    kinds = ("session", "pin", "identity", "wait", "call", "request", "effect")
    rows = json.dumps([row.body for kind in kinds for row in host.store.scan(kind)], ensure_ascii=False)
    # the PIN has four digits, which a time or a hash may happen to have: it is looked for as a value of its own
    secrets = [view.token, ACTIVATION, host.customer.password, host.reset()["new_password"].lower()]
    assert [] == [secret for secret in secrets if secret in rows or secret in rows.lower()]
    assert f'"{host.customer.pin}"' not in rows


# What is damaged --------------------------------------------------------------------------------------------


def _places(form: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a form, from the outside in."""
    if place:
        yield place
    if isinstance(form, dict):
        for name, each in form.items():
            yield from _places(each, (*place, name))
    if isinstance(form, list):
        for index, each in enumerate(form):
            yield from _places(each, (*place, index))


def _changed(form: Form, place: tuple[str | int, ...], value: object) -> Form:
    whole = deepcopy(form)
    node: Any = whole
    for step in place[:-1]:
        node = node[step]
    if value is ...:
        del node[place[-1]]
    else:
        node[place[-1]] = value
    return whole


def _at(form: Form, place: tuple[str | int, ...]) -> object:
    node: Any = form
    for step in place:
        node = node[step]
    return node


WRONG: Final[tuple[object, ...]] = (None, True, -1, 0.5, "", "x", "2026-04-01T01:00:00", [], ["x"], {}, {"x": 1})


def _is_damage(form: Form, place: tuple[str | int, ...], value: object) -> bool:
    """Whether *value* has another type than what stands there, as JSON has types."""
    return type(_at(form, place)) is not type(value)


@pytest.mark.rule("S4", "A8")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_a_value_of_another_type_anywhere_is_a_clear_error(procedure: Procedure, state: str) -> None:
    """Wherever it stands, it is refused by the schema and by us, with a StoreError that does not quote it."""
    full = json.loads(json.dumps(save_session(_full(load_session(FORMS[procedure, state])))))
    for place in _places(full):
        for value in WRONG:
            if not _is_damage(full, place, value):
                continue
            damaged = _changed(full, place, value)
            assert not FITS.is_valid(damaged), (place, value)
            with pytest.raises(StoreError) as caught:
                load_session(damaged)
            assert "damaged at session" in str(caught.value)
            assert caught.value.__suppress_context__ or caught.value.__context__ is None


OPTIONAL: Final = {
    "marks",
    "tries",
    "windows",
    "wrong_codes",
    "wrong",
    "reasons",
    "claim",
    "until",
    "field",
    "words",
    "detail",
    "chart_version",
}


@pytest.mark.rule("S4", "A8")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_a_key_that_is_missing_or_unknown_is_a_clear_error(procedure: Procedure, state: str) -> None:
    """Each key that a state needs can be taken away, and a strange one put in, at every depth: neither is passed by."""
    full = json.loads(json.dumps(save_session(_full(load_session(FORMS[procedure, state])))))
    for place in _places(full):
        if isinstance(place[-1], str) and place[-1] not in OPTIONAL:
            _refused(_changed(full, place, ...))
        if isinstance(_at(full, place), dict):
            _refused(_changed(full, (*place, "stray"), "x"))
    _refused(_changed(full, ("stray",), "x"))
    _refused(_changed(full, ("token",), "x"))


def _refused(form: Form) -> None:
    assert not FITS.is_valid(form), form
    with pytest.raises(StoreError, match=r"damaged at session"):
        load_session(form)


@pytest.mark.rule("S4")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_facts_of_another_state_are_damage(procedure: Procedure, state: str) -> None:
    """A session holds what its state keeps, no fact less and no fact more, whichever state it claims to be in."""
    form = FORMS[procedure, state]
    for (other, name), strange in FORMS.items():
        kept = strange.get("kept")
        if other is procedure and set(kept or ()) != set(form.get("kept", ())):
            _refused({**form, "state": name} | ({} if "kept" in form else {"kept": {}} if kept is None else {}))


@pytest.mark.rule("S4")
@pytest.mark.parametrize("count", ["version", "tries", "windows", "wrong_codes"])
def test_a_count_below_its_beginning_is_damage(count: str) -> None:
    """Nobody gets more tries by a count below zero."""
    _refused({**FORMS[Procedure.LOGIN_PASSWORD, "BIM015"], count: -1})


@pytest.mark.rule("S4", "A8")
@given(
    form=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*SCHEMA["properties"], "x"]), inner, max_size=12)
        ),
        max_leaves=12,
    )
)
def test_whatever_stands_there_is_a_session_or_a_store_error(form: object) -> None:
    """No JSON at all makes reading a session raise anything else."""
    with pytest.raises(StoreError):
        load_session(cast("Mapping[str, object]", form))


@pytest.mark.rule("S4")
@pytest.mark.parametrize("form", [None, True, "1", 1.0, -1, [], {}])
def test_a_form_without_a_version_is_damaged(form: object) -> None:
    """The version is a whole number; True is none."""
    with pytest.raises(StoreError, match="damaged at session"):
        load_session({**FORMS[Procedure.TOKEN_REISSUE, "BTR001"], "form": form})


# Versions ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("S4")
def test_a_newer_form_says_what_to_do() -> None:
    """The host is told to upgrade, and nothing of the session."""
    with pytest.raises(NewerSession, match=r"newer release \(form 2; this one reads up to 1\): upgrade this host"):
        load_session({**FORMS[Procedure.TOKEN_REISSUE, "BTR001"], "form": 2, "new": "x"})


@pytest.mark.rule("S4")
def test_an_older_form_is_brought_up_step_by_step() -> None:
    """A migration is given what the older release wrote; what it gives is held to the form like any other."""
    old = {**FORMS[Procedure.TOKEN_REISSUE, "BTR003"], "form": 0}
    old["ja"] = old.pop("institution")

    def renamed(body: Mapping[str, object]) -> Mapping[str, object]:
        return {("institution" if name == "ja" else name): held for name, held in body.items()}

    assert load_session(FORMS[Procedure.TOKEN_REISSUE, "BTR003"]) == load_session(old, migrations={0: renamed})
    with pytest.raises(StoreError, match="damaged at session"):
        load_session(old, migrations={0: dict})
    with pytest.raises(StoreError, match="form 0 is too old"):
        load_session(old)
    assert {} == MIGRATIONS


@pytest.mark.rule("S4")
@pytest.mark.parametrize(("procedure", "state"), [place for place in LIVE if place[1] != "COMPLETING"], ids=named)
def test_a_state_that_the_chart_no_longer_has_ends_expired(procedure: Procedure, state: str) -> None:
    """Whatever was kept in it is dropped, the reason is told, and it is final."""
    host = Host(policies=WITH_CODES)
    view = host.at(procedure, state)
    row = host.row()
    assert host.store.commit([Put("session", row.key, row.stamp, {**row.body, "state": "BIM099"}, row.tag, row.due)])
    gone = host.service.send(view.token, "cancel", version=view.version)
    assert ("EXPIRED", True) == (gone.state, gone.final)
    assert "kept" not in host.saved()
    again = host.look()
    assert ("EXPIRED", ["procedure_changed"]) == (again.state, [reason.code for reason in again.reasons])
    assert "BIM099" in {record["before"] for record in host.store.audit(session=view.id) if "before" in record}


@pytest.mark.rule("S4")
def test_a_procedure_that_there_is_not_is_a_clear_error() -> None:
    """There is no chart to end it by."""
    with pytest.raises(UnknownProcedure, match="FOURTH, whose chart this process was not given"):
        load_session({**FORMS[Procedure.LOGIN_PASSWORD, "BIM015"], "procedure": "FOURTH"})


@pytest.mark.rule("S4", "A8")
def test_a_damaged_row_reaches_the_host_as_a_store_error() -> None:
    """Every call that needs it says so, and no other session is touched by it."""
    host = Host()
    sound = host.start()
    damaged = host.at_bim016()
    row = host.row()
    body = {name: held for name, held in row.body.items() if name != "kept"}
    assert host.store.commit([Put("session", row.key, row.stamp, body, row.tag, row.due)])
    with pytest.raises(StoreError, match=r"damaged at session\.kept"):
        host.service.view(damaged.token)
    with pytest.raises(StoreError, match=r"damaged at session\.kept"):
        host.service.send(damaged.token, "cancel")
    assert sound.state == host.service.view(sound.token).state


@pytest.mark.rule("S4")
@pytest.mark.parametrize(("procedure", "state"), LIVE, ids=named)
def test_a_session_goes_on_in_another_process(procedure: Procedure, state: str) -> None:
    """What one service saved another one shows alike, and can end."""
    host = Host(policies=WITH_CODES)
    view = host.at(procedure, state)
    other = host.beside()
    assert attrs.evolve(view, reasons=()) == attrs.evolve(other.look(), reasons=())
    event = "proceed" if state == "COMPLETING" else "cancel"
    assert other.send(event).final


# The rows beside it -----------------------------------------------------------------------------------------


@pytest.mark.rule("S2", "C4", "P3")
@pytest.mark.parametrize(
    "value",
    [
        OutboxEntry("k", "s", EffectKind.NOTIFY, "i", "r", NOON),
        OutboxEntry(
            "k",
            "s",
            EffectKind.SET_LOGIN_PASSWORD,
            "i",
            "r",
            NOON,
            data={"what": "x"},
            sealed={"new_password": "v1.x"},
            status=OutboxStatus.REFUSED,
            lease=NOON,
        ),
        CallRecord(CallStatus.ANNOUNCE, session="s"),
        CallRecord(CallStatus.ANNOUNCE, "s", (), CallStatus.RETRY),
        RequestRecord("h", NOON),
        RequestRecord(
            "h", NOON, ViewRecord("BIM016", 3, (Refusal("format", "phone_id"),), phones=("a",), masked=("090-****",))
        ),
    ],
)
def test_a_row_comes_back_as_it_was_and_damage_is_told(value: attrs.AttrsInstance) -> None:
    """Effects, calls and requests are kept by the same strict reading."""
    body = json.loads(json.dumps(save(value)))
    assert value == load(type(value), body, "row")
    for place in _places(body):
        for wrong in WRONG:
            if _is_damage(body, place, wrong):
                with pytest.raises(StoreError, match="damaged at row"):
                    load(type(value), _changed(body, place, wrong), "row")
    with pytest.raises(StoreError, match="damaged at row"):
        load(type(value), {**body, "stray": 1}, "row")
