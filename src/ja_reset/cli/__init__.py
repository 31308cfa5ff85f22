"""The command `ja-reset`; a command's own module is imported when that command is chosen."""

from ja_reset.cli._command_line import main

__all__ = ["main"]
