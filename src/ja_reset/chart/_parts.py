"""What a chart is made of, as plain data: all that a session of another version of it depends on (S4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ja_reset.chart.chart import Chart
from ja_reset.fields.specs import FieldSpec, Form, fields_of


def parts_of(chart: Chart) -> dict[str, object]:
    """Its version, its retired states, and each state, guard, form and effect by its name, in the chart's order."""
    return {
        "version": chart.version,
        "retired": dict(chart.retired),
        "states": [
            {
                "name": state.name,
                "kind": state.kind.value,
                "ending": state.ending.value if state.ending else None,
                "screens": [plan.id for plan in state.plans],
                "keeps": sorted(state.keeps),
                "tolerates": list(state.tolerates),
                "on_entry": [effect.name for effect in state.on_entry],
            }
            for state in chart.states.values()
        ],
        "guards": [
            {
                "name": guard.name,
                "says": guard.says.to_dict(),
                "reads": sorted(fact.name for fact in guard.reads),
                "reasons": list(guard.codes),
            }
            for guard in chart.guards.values()
        ],
        "forms": [{"name": name, "fields": fields} for name, fields in _forms(chart)],
        "effects": [
            {
                "name": effect.name,
                "awaited_in": waiting.name if (waiting := chart.completing(effect.name)) else None,
                "needs": sorted(effect.needs),
                "secrets": sorted(effect.secrets),
                "result": None if effect.result is None else list(effect.result),
                "locks": effect.locks,
            }
            for effect in chart.effects.values()
        ],
    }


def _forms(chart: Chart) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Each form by the state and the event that it is of, and by the method that it is for where there are several."""
    for handler in chart.handlers:
        form, where = handler.form, f"{handler.source}.{handler.trigger}"
        if form is None:
            continue
        if isinstance(form, Mapping):
            yield from ((f"{where}({method})", _fields(each)) for method, each in form.items())
        else:
            yield where, _fields(form)


def _fields(form: Form) -> list[dict[str, object]]:
    return [_field(spec) for spec in fields_of(form)]


def _field(spec: FieldSpec) -> dict[str, object]:
    return {
        "name": spec.name,
        "kind": spec.kind.value,
        "reader": spec.reader.name,
        "role": spec.role.name if spec.role else None,
        "required": spec.required,
    }
