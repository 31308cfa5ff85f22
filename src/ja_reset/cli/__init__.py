"""The command `ja-reset`; the module of a command is imported when that command is chosen."""

from ja_reset.cli._command_line import main

__all__ = ["main"]
