"""Write the fields of each event into the tables of the host guides, as the screens declare them."""

from __future__ import annotations

import re
from pathlib import Path

from ja_reset import PROCEDURES

DOCS = Path(__file__).resolve().parent.parent / "docs"
GUIDES = (DOCS / "host-guide.md", DOCS / "ja" / "host-guide.md")
ROW = re.compile(r"^(\| (B\w+)(?: \(`(\w+)`\))? \| `(\w+)` \| ).* \|$", re.MULTILINE)


def declared() -> dict[tuple[str, str, str], str]:
    """The fields by screen, event, and the procedure or the method, as a row of a table shows them."""
    found = {}
    for chart in PROCEDURES.values():
        for state in chart.states.values():
            variants = {**dict.fromkeys(("", chart.name), state.screen), **state.variants}
            for name, plan in variants.items():
                if plan.fields:
                    fields = ", ".join(f"`{field.name}`" for field in plan.fields)
                    found[plan.id, plan.buttons[0].event or "", name] = fields
    return found


def main() -> None:
    """Write them; a row of no screen raises KeyError."""
    fields = declared()
    for guide in GUIDES:
        text = guide.read_text("utf-8")
        guide.write_text(ROW.sub(lambda row: f"{row[1]}{fields[row[2], row[4], row[3] or '']} |", text), "utf-8")


if __name__ == "__main__":
    main()
