"""The laws of what a chart shows: screens ask for what forms read, every text has words, each screen is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ja_reset.chart._kept import Kept
from ja_reset.chart._spec import ChartSpec
from ja_reset.errors import ChartError
from ja_reset.fields.specs import Form, Role, field_in, fields_of
from ja_reset.policies._fields import FieldPolicy
from ja_reset.screens import SCREEN_TEXTS

_METHOD: Final = Kept.method.name


def _names(form: Form) -> tuple[str, ...]:
    return tuple(field.name for field in fields_of(form))


def forms_are_whole(spec: ChartSpec) -> Iterator[str]:
    """The fields of each form are declared as they have to be."""
    for form in {form for state in spec.states for _, form in spec.forms[state.name]}:
        try:
            fields_of(form)
        except ChartError as error:
            yield str(error)


def readers_have_their_policies(spec: ChartSpec) -> Iterator[str]:
    """A policy of a host's own that a field's reader uses is among the chart's policies."""
    for form in dict.fromkeys(form for state in spec.states for _, form in spec.forms[state.name]):
        try:
            fields = fields_of(form)
        except ChartError:  # the law of forms says so
            continue
        for field in fields:
            kind = field.reader.policy
            if kind is not FieldPolicy and kind not in spec.own.policies and not _is_ours(kind):
                where = f"form {form.__name__}: the reader of {field.name}"
                yield f"{where} uses {kind.__name__}, which is not among the chart's policies"


def _is_ours(kind: object) -> bool:
    from ja_reset.policies._parts import PARTS  # noqa: PLC0415 - loaded for a reader that uses another policy

    return kind in PARTS.values()


def screens_ask_for_the_forms(spec: ChartSpec) -> Iterator[str]:
    """A screen has a field for each that is read where it is shown, and no other (F)."""
    for state in spec.states:
        forms = spec.forms[state.name]
        for method in dict.fromkeys((*(method for method, _ in forms), *state.variants)) or (None,):
            plan = state.plan(method)
            read = _read_with(method, forms)
            if read is None:
                continue
            shown = [field.name for field in plan.fields]
            where = f"state {state.name}" + (f" with {method}" if method is not None else "")
            for name in (name for name in read if name not in shown):
                yield f"{where} reads the field {name}, which its screen {plan.id} lacks"
            for name in (name for name in shown if name not in read):
                yield f"{where} shows the field {name} on its screen {plan.id}, and nobody reads it"


def _read_with(method: str | None, forms: list[tuple[str | None, Form]]) -> list[str] | None:
    """The fields that are read where a method was chosen; None where a form is no form, or depends on the method."""
    if method is None and any(of is not None for of, _ in forms):
        return None
    try:
        return list(dict.fromkeys(name for of, form in forms if of in {None, method} for name in _names(form)))
    except ChartError:
        return None


def every_screen_is_shown(spec: ChartSpec) -> Iterator[str]:
    """A screen for a method is shown where the state keeps the method, and some form lets it be chosen."""
    chosen = set(_choices(spec))
    for state in spec.states:
        asked = {method for method, _ in spec.forms[state.name] if method is not None}
        if (state.variants or asked) and _METHOD not in state.keeps:
            yield f"state {state.name} depends on the method, and does not keep it"
        for method in sorted({*state.variants, *asked} - chosen):
            yield f"state {state.name} has a screen or a form for {method}, which nobody chooses"


def _choices(spec: ChartSpec) -> Iterator[str]:
    for state in spec.states:
        for _, form in spec.forms[state.name]:
            try:
                field = field_in(form, Role.METHOD)
            except ChartError:
                continue
            yield from field.reader.choices if field is not None else ()


def texts_are_known(spec: ChartSpec) -> Iterator[str]:
    """Each text that a screen shows has words, the library's or the chart's own (S9)."""
    for state in spec.states:
        for plan in state.plans:
            keys = {key for key in plan.text_keys() if key not in SCREEN_TEXTS and key not in spec.own.texts}
            for key in sorted(keys):
                where = f"state {state.name} shows the text {key!r} on its screen {plan.id}"
                yield f"{where}, and there are no words for it"


LAWS = (forms_are_whole, readers_have_their_policies, screens_ask_for_the_forms, every_screen_is_shown, texts_are_known)
"""The laws of screens, forms and words."""
