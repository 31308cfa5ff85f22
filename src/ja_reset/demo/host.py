"""What the pages share: the world behind them, and all that the process keeps."""

from __future__ import annotations

import attrs

from ja_reset.demo.browsers import Memories
from ja_reset.demo.gateway import Gateway
from ja_reset.demo.live import Bell
from ja_reset.demo.pages import Pages
from ja_reset.demo.settings import Settings
from ja_reset.demo.world import World


@attrs.frozen
class Host:
    """One running demo."""

    world: World
    settings: Settings
    pages: Pages
    memories: Memories
    bell: Bell
    gateway: Gateway


def make_host(world: World, settings: Settings) -> Host:
    """A demo of that world."""
    return Host(world, settings, Pages(), Memories(), Bell(), Gateway(world, settings.gateway_secret))
