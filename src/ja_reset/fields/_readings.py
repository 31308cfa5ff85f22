"""What reading a form gives: the form with normalised values, or every field error together (F).

No error and no repr contains a value.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

from ja_reset.fields.specs import Role, entered, field_in
from ja_reset.policies import FieldPolicy, Policies
from ja_reset.secret import Secret, by_value, shown

F = TypeVar("F", bound=attrs.AttrsInstance)
G = TypeVar("G", bound=attrs.AttrsInstance)


@by_value
@attrs.frozen(eq=False)
class FieldError:
    """What is wrong with which field; `code` is the reason's code."""

    __repr__ = shown

    field: str
    code: str


@by_value
@attrs.frozen(eq=False)
class Reading(Generic[F]):
    """A form with normalised values, or None and every error in the order of the form."""

    __repr__ = shown

    form: F | None
    errors: tuple[FieldError, ...]

    def of(self, form: type[G]) -> G:
        """The form that was read, which must be a *form*; raises LookupError where it is another, or is not valid."""
        if not isinstance(self.form, form):
            msg = f"no {form.__name__} was filled in"
            raise LookupError(msg)  # noqa: TRY004 - of the turn, not of an argument
        return self.form

    def text(self, role: Role) -> str | None:
        """The normalised text of the field in that role; None where there is none, or no valid form."""
        value = None if self.form is None else entered(self.form, role)
        return value if isinstance(value, str) else None

    def secret(self, role: Role) -> Secret | None:
        """The secret of the field in that role; None where there is none, or no valid form."""
        value = None if self.form is None else entered(self.form, role)
        return value if isinstance(value, Secret) else None

    def name(self, role: Role) -> str | None:
        """The name of the field in that role; None where there is none, or no valid form."""
        spec = None if self.form is None else field_in(type(self.form), role)
        return None if spec is None else spec.name


def policies_of(policy: Policies | FieldPolicy) -> Policies:
    """The policies that a form is read by: those of the fields alone are beside standard ones."""
    return Policies(fields=policy) if isinstance(policy, FieldPolicy) else policy
