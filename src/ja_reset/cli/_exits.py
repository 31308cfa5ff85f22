"""The exit codes of `ja-reset`, and the way out of a command with one line that says what to do."""

from __future__ import annotations

from typing import Final

WELL: Final = 0
NOT_AS_EXPECTED: Final = 1
MISUSED: Final = 2
UNUSABLE: Final = 3
INTERRUPTED: Final = 130
NOT_READ: Final = 141

EXIT_CODES: Final = """\
exit codes:
  0  all is well
  1  not as expected: a stale drawing, a scenario that ended elsewhere, a property that does not hold,
     a translation that lacks a text, a breaking change without a new version, tables that need a migration
  2  the command, a script, or a file of policies, texts or a chart cannot be understood, or an optional package
     is missing
  3  a file, the store or standard output cannot be used
"""


class CommandError(Exception):
    """What went wrong, in one line with what to do, and the exit code."""

    def __init__(self, what: str, code: int) -> None:
        super().__init__(what)
        self.code = code
