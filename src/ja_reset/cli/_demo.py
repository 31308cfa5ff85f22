"""`ja-reset demo`: the reference host on this machine."""

from __future__ import annotations

import argparse

from ja_reset.cli._arguments import add_chart, add_language
from ja_reset.cli._exits import UNUSABLE, CommandError
from ja_reset.demo import _command as command
from ja_reset.demo._server import CannotListenError


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--port", type=int, default=8417, help="default: 8417; 0: any that is free")
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on; default: 127.0.0.1, this machine"
    )
    parser.add_argument(
        "--store",
        metavar="WHERE",
        help="keep the sessions in this SQLite file, or at this postgresql:// URL",
    )
    parser.add_argument(
        "--public-host",
        metavar="NAME",
        help="the name by which a tunnel that sets X-Forwarded-Proto brings a gateway's webhooks here",
    )
    add_chart(parser)
    add_language(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until it is interrupted."""
    try:
        return command.run(options)
    except (CannotListenError, ImportError) as error:
        raise CommandError(str(error), UNUSABLE) from None
