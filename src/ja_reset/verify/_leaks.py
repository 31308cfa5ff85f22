"""Whether a secret that was entered is kept, or goes to the bank in the open (S5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ja_reset.chart.effects import Data, EffectSpec
from ja_reset.chart.session import Session
from ja_reset.fields.forms import Reading
from ja_reset.fields.specs import fields_of
from ja_reset.machines import facts
from ja_reset.secret import Secret


def leaks(known: Mapping[str, object], session: Session, effects: Mapping[EffectSpec, Data]) -> Iterator[str]:
    """Where a secret that was entered stands in the open: the names of what is kept, and of data of effects."""
    kept = session.kept
    texts = {"method": kept.method, "email": kept.email, **kept.own}
    for effect, data in effects.items():
        texts |= {f"{effect.name}.{name}": text for name, text in data.items() if isinstance(text, str)}
    said = [(name, text) for name, text in texts.items() if text is not None]
    secrets = tuple(_secrets(known)) if said else ()
    for name, text in said:
        if any(secret.is_quoted_in(text) for secret in secrets):
            yield name


def _secrets(known: Mapping[str, object]) -> Iterator[Secret]:
    reading = known.get(facts.READING.name)
    form = reading.form if isinstance(reading, Reading) else None
    if form is not None:
        yield from (Secret.of(getattr(form, spec.name)) for spec in fields_of(type(form)) if spec.secret)
    yield from (value for value in known.values() if isinstance(value, Secret))
