"""What the pages share: the world behind them, and all that the process keeps."""

from __future__ import annotations

import attrs

from ja_reset.demo._cookies import Memories
from ja_reset.demo._events import Signal
from ja_reset.demo._gateway import Gateway
from ja_reset.demo._pages import Pages
from ja_reset.demo._settings import Settings
from ja_reset.demo._world import World


@attrs.frozen
class Host:
    """One running demo."""

    world: World
    settings: Settings
    pages: Pages
    memories: Memories
    bell: Signal
    gateway: Gateway


def make_host(world: World, settings: Settings) -> Host:
    """A demo of that world."""
    gateway = Gateway(world, settings.gateway_key, settings.twilio_token)
    return Host(world, settings, Pages(), Memories(), Signal(), gateway)
