"""How a value shows itself, written once: generated for each class it would cost an import more than all else of it."""

from __future__ import annotations

from typing import Any

import attrs


def shown(value: object) -> str:
    """`Name(field=value, …)` of an attrs value, as attrs writes it; fields with `repr=False` are left out (S5)."""
    kind: Any = type(value)
    fields = ", ".join(f"{each.name}={getattr(value, each.name)!r}" for each in attrs.fields(kind) if each.repr)
    return f"{kind.__qualname__}({fields})"
