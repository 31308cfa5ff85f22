"""`python -m ja_reset` is the command `ja-reset`."""

from __future__ import annotations

import sys

from ja_reset.cli import main

if __name__ == "__main__":
    sys.exit(main())
