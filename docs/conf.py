"""How Sphinx builds the site: from Markdown, without a network."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

project = "ja_reset"
author = "ja_reset authors"
project_copyright = "2026, ja_reset authors"
release = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
version = release

extensions = ["myst_parser", "ja_reset.sphinx_ext"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = f"ja_reset {release}"
html_copy_source = False
