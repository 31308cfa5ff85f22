"""The command `ja-reset demo`: its arguments, and the run until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final

import attrs

from ja_reset import InvalidArgument, Secret
from ja_reset.demo._server import address_of, hosts_of, listen, serve
from ja_reset.demo._settings import Settings
from ja_reset.demo._world import make_world, open_store

if TYPE_CHECKING:
    from ja_reset.demo._words import Language

_SAYS: Final[dict[Language, str]] = {
    "ja": "デモを開きました。ブラウザーで {address} を開いてください。終了は Ctrl-C です。\n",
    "en": "The demo is running: open {address} in a browser. Ctrl-C stops it.\n",
}
_KEYS: Final[dict[Language, str]] = {
    "ja": (
        "電話ゲートウェイのWebhook (docs/demo.md)\n  {address}gateway/call, keys, end  鍵: {key}\n"
        "  {address}twilio/call, keys, end  Auth Token: {token}\n"
    ),
    "en": (
        "Webhooks of telephone gateways (docs/demo.md)\n  {address}gateway/call, keys, end  key: {key}\n"
        "  {address}twilio/call, keys, end  auth token: {token}\n"
    ),
}
_GATEWAY_KEY: Final = "JA_RESET_GATEWAY_KEY"
_SHORTEST_KEY: Final = 32
_TWILIO_TOKEN: Final = "TWILIO_AUTH_TOKEN"  # noqa: S105 - the name that Twilio's own tools have for it
_OPEN_TO_ALL: Final = (
    "The operator's page and the telephone are open to all who reach this address: it is not this machine's own.\n"
)


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C; 0.

    Raises CannotListenError, StoreError, InvalidArgument for a key, and ImportError where a driver is missing.
    """
    language: Language = "en" if options.lang == "en" else "ja"
    listener = listen(options.host, options.port)
    store = None
    try:
        store = open_store(options.store)
        settings = _settings(language, hosts_of(listener), options.public_host)
        address = address_of(listener)
        sys.stdout.write(_SAYS[language].format(address=address))
        sys.stdout.write(_KEYS[language].format(address=address, **_told(settings)))
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


def _settings(language: Language, hosts: frozenset[str] | None, public_host: str | None) -> Settings:
    """Those of this run. Raises InvalidArgument for a key of the environment that is too short."""
    settings = Settings(language=language, hosts=hosts, public_host=public_host)
    if public_host is not None and hosts is not None:
        settings = attrs.evolve(settings, hosts=hosts | {public_host.partition(":")[0]})
    if key := os.environ.get(_GATEWAY_KEY):
        if len(key) < _SHORTEST_KEY:
            msg = f"{_GATEWAY_KEY} must have {_SHORTEST_KEY} characters or more"
            raise InvalidArgument(msg)
        settings = attrs.evolve(settings, gateway_key=Secret(key))
    if token := os.environ.get(_TWILIO_TOKEN):
        settings = attrs.evolve(settings, twilio_token=Secret(token))
    return settings


def _told(settings: Settings) -> dict[str, str]:
    """The keys of this run: made for it, and shown; or the name of the variable that has it."""
    return {
        "key": f"${_GATEWAY_KEY}" if os.environ.get(_GATEWAY_KEY) else settings.gateway_key.reveal(),
        "token": f"${_TWILIO_TOKEN}" if os.environ.get(_TWILIO_TOKEN) else settings.twilio_token.reveal(),
    }
