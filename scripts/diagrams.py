"""Draw every chart into docs/diagrams, or with --check say which drawing there is stale (exit code 1).

A chart's JSON is what its next version is compared with: it is not drawn over by a breaking change without a new
version, which would end customers' sessions in a rolling deployment (S4).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ja_reset.diagrams import drawings, form_of, is_fresh
from ja_reset.diagrams._difference import difference_of

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "diagrams"
KEPT = {".mmd", ".dot", ".svg", ".md", ".json"}


def main() -> int:
    """Write the drawings, or compare them; 0 if they are as they should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a drawing is stale")
    wanted = drawings()
    present = {path.name for path in FOLDER.glob("*") if path.suffix in KEPT and path.name != "index.md"}
    if parser.parse_args().check:
        troubles = [f"{name} belongs to no chart" for name in sorted(present - set(wanted))]
        for name, text in wanted.items():
            path = FOLDER / name
            if not path.exists():
                troubles.append(f"{name} is missing")
            elif not is_fresh(path.read_bytes(), text, form_of(name)):
                troubles.append(f"{name} is stale")
        for trouble in troubles:
            print(f"docs/diagrams: {trouble}; run `make diagrams`", file=sys.stderr)
        return 1 if troubles else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    breaking = [
        found.render()
        for name, text in wanted.items()
        if name.endswith(".json") and (FOLDER / name).exists()
        if (found := difference_of((FOLDER / name).read_bytes(), text.encode())).needs_version
    ]
    if breaking:
        print("".join(breaking), end="", file=sys.stderr)
        return 1
    for name in sorted(present - set(wanted)):
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_bytes(text.encode())
    print(f"docs/diagrams: {len(wanted)} drawings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
