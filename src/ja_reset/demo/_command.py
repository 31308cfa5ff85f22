"""The command `ja-reset demo`: its arguments, and the run until Ctrl-C."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from ja_reset.demo._server import address_of, hosts_of, listen, serve
from ja_reset.demo._settings import Settings
from ja_reset.demo._world import make_world, open_store

if TYPE_CHECKING:
    from ja_reset.demo._words import Language

_SAYS: Final[dict[Language, str]] = {
    "ja": "デモを開きました。ブラウザーで {address} を開いてください。終了は Ctrl-C です。\n",
    "en": "The demo is running: open {address} in a browser. Ctrl-C stops it.\n",
}
_OPEN_TO_ALL: Final = (
    "The operator's page and the telephone are open to whoever reaches this address: it is not this machine's own.\n"
)


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C; 0. Raises CannotListenError, StoreError, and ImportError where a driver is missing."""
    language: Language = "en" if options.lang == "en" else "ja"
    listener = listen(options.host, options.port)
    store = None
    try:
        store = open_store(options.store)
        settings = Settings(language=language, hosts=hosts_of(listener))
        sys.stdout.write(_SAYS[language].format(address=address_of(listener)))
        sys.stdout.flush()
        if not listener.getsockname()[0].startswith("127.") and listener.getsockname()[0] != "::1":
            sys.stderr.write(_OPEN_TO_ALL)
        own = () if options.chart is None else (options.chart,)
        serve(make_world(store, procedures=own), settings, listener)
    except KeyboardInterrupt:
        sys.stdout.write("\n")
    finally:
        listener.close()
        if store is not None:
            store.close()
    return 0
