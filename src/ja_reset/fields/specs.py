"""A field, declared once: how it is read, how it is shown, and what the library uses it for.

A form is a frozen attrs class with an attribute for each of its fields:

    NEW_LIMIT = FieldSpec("new_limit", AMOUNT, FieldKind.DIGITS, section="section.limit")

    @attrs.frozen(kw_only=True)
    class LimitForm:
        new_limit: str = field(NEW_LIMIT)
        pin: Secret = field(PIN)

The form's screen, the input of the verifier and the strategies, and the demo's page are derived from this declaration.
If the library has to find a field, it looks for its role, never for its name or for the class of the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from functools import cache
from typing import Any, Final

import attrs

from ja_reset.errors import ChartError
from ja_reset.fields.readers import Reader
from ja_reset.secret import Secret

Form = type[attrs.AttrsInstance]

_SPEC: Final = "ja_reset.spec"
_NOTHING: Final = Secret("")


class FieldKind(Enum):
    """How a field is filled in; a page chooses its input by it.

    `PHONE_CHOICE` is one of the View's phones and `SELECT` one of a list of the host's (prefectures, JAs): both come
    without options of their own. What `PASSWORD` and `PIN` take is a secret, not to be filled in again.
    """

    TEXT = "text"
    KANA = "kana"
    DATE = "date"
    TEL = "tel"
    EMAIL = "email"
    DIGITS = "digits"
    PASSWORD = "password"  # noqa: S105 - a kind of field, no password
    PIN = "pin"
    RADIO = "radio"
    SELECT = "select"
    CHECKBOX = "checkbox"
    PHONE_CHOICE = "phone_choice"

    @property
    def is_secret(self) -> bool:
        """Whether what is entered is a `Secret`, kept nowhere and filled in by nobody (S5)."""
        return self in {FieldKind.PASSWORD, FieldKind.PIN}


class Role(Enum):
    """What the library uses a field for; a form has at most one field of each role, and most fields need none."""

    __hash__ = object.__hash__  # a member is itself alone; that of Enum is a function in Python

    NAME_KANA = auto()
    NAME_KANJI = auto()
    BIRTH_DATE = auto()
    REGISTERED_PHONE = auto()
    REGISTERED_EMAIL = auto()
    """The five that are compared with the contract (I1-I3)."""

    BRANCH = auto()
    SUBJECT = auto()
    ACCOUNT = auto()
    LOGIN_ID = auto()
    """What the bank finds a contract by, and what failures are counted under (I5): the account, or the login id."""

    LOGIN_PASSWORD = auto()
    """The login password as it is now, which the bank checks."""
    METHOD = auto()
    """The choice of the form that comes next: the session keeps it, and a state may show a screen for each choice."""
    PHONE_CHOICE = auto()
    """The id of the registered phone to call from (F13)."""
    PIN = auto()
    NEW_PASSWORD = auto()
    """The login password to be set; the host's own rule is asked about it (F9)."""
    EMAIL = auto()
    """Where the bank is to send what it issues: the session keeps it."""
    ACTIVATION_PASSWORD = auto()
    """What the token begins with: the session keeps it under seal."""


@attrs.frozen(eq=False, repr=False)
class FieldSpec:
    """The declaration of a field.

    `name` is the attribute's and the key of the event's data. Its words are `field.TEXT.label` and, if it has a
    `hint`, `field.TEXT.hint`, where *text* is the name unless told otherwise; its errors are `CODE.NAME`, or `CODE`
    alone (S9). `section` is the key of the heading above it; a field without one stands under the heading before.
    `notes` are the keys of the rules that stand beside the field, each a text of its screen.
    `options` are the keys of the labels of the reader's choices, in their order. `confirms` names a field before it,
    which it repeats, with the same reader. A field that is not `required` may be left empty, and is then read as an
    empty text.
    """

    name: str
    reader: Reader[object]
    kind: FieldKind
    section: str | None = attrs.field(default=None, kw_only=True)
    text: str = attrs.field(default=attrs.Factory(lambda self: self.name, takes_self=True), kw_only=True)
    hint: bool = attrs.field(default=True, kw_only=True)
    notes: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    options: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    required: bool = attrs.field(default=True, kw_only=True)
    confirms: str | None = attrs.field(default=None, kw_only=True)
    role: Role | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if len(self.options) != len(self.reader.choices):
            count = len(self.reader.choices)
            msg = f"field {self.name}: it has {len(self.options)} options, but its reader has {count} choices"
            raise ChartError(msg)

    @property
    def secret(self) -> bool:
        """Whether its value is a `Secret`: its kind says so."""
        return self.kind.is_secret

    @property
    def empty(self) -> str | bool:
        """What it is before anything is entered."""
        return False if self.kind is FieldKind.CHECKBOX else ""


def field(spec: FieldSpec, *, section: str | None = None) -> Any:  # noqa: ANN401 - str, bool or Secret, as it is annotated
    """The attribute of a form that *spec* declares; *section*: the heading above it in this form, if not the spec's."""
    metadata = {_SPEC: spec if section is None else attrs.evolve(spec, section=section)}
    if spec.secret:
        return attrs.field(default=_NOTHING, converter=Secret.of, repr=False, metadata=metadata)
    return attrs.field(default=spec.empty, repr=False, metadata=metadata)


def fields_of(form: Form) -> tuple[FieldSpec, ...]:
    """The fields of a form, in its order; raises ChartError with all that is wrong with their declarations."""
    if not isinstance(form, type):
        msg = f"a form is an attrs class, and {type(form).__name__} is none"
        raise ChartError(msg)
    return _fields_of(form)


@cache
def _fields_of(form: Form) -> tuple[FieldSpec, ...]:
    if not attrs.has(form):
        msg = f"a form is an attrs class, and {form.__name__} is none"
        raise ChartError(msg)
    found = {each.name: each.metadata[_SPEC] for each in attrs.fields(form) if _SPEC in each.metadata}
    specs: tuple[FieldSpec, ...] = tuple(found.values())
    complaints = [f"{name} is declared as {spec.name}" for name, spec in found.items() if name != spec.name]
    for place, spec in enumerate(specs):
        first = next((before for before in specs[:place] if before.name == spec.confirms), None)
        if spec.confirms is not None and first is None:
            complaints.append(f"{spec.name} confirms {spec.confirms}, which is not a field before it")
        elif first is not None and first.reader is not spec.reader:
            readers = f"by {first.reader.name}, and {spec.name} by another Reader, {spec.reader.name}"
            complaints.append(f"{spec.name} confirms {spec.confirms}, which is read {readers}: give both the same")
        if spec.role is not None and spec.role in {before.role for before in specs[:place]}:
            complaints.append(f"{spec.name} is a second field in the role {spec.role.name}")
    if complaints:
        msg = f"form {form.__name__}: " + "; ".join(complaints)
        raise ChartError(msg)
    return specs


@cache
def _by_role(form: Form) -> Mapping[Role | None, FieldSpec]:
    return {spec.role: spec for spec in fields_of(form) if spec.role is not None}


def field_in(form: Form, role: Role) -> FieldSpec | None:
    """The field of the form that has the role, or None."""
    return _by_role(form).get(role)


def entered(form: attrs.AttrsInstance, role: Role) -> object:
    """What stands in the field of *form* that has the role; None if it has none."""
    spec = field_in(type(form), role)
    return None if spec is None else getattr(form, spec.name)
