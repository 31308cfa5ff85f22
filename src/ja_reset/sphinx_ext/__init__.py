"""Sphinx directives that draw and tabulate procedures at each build, ours and a host's own.

`extensions = ["ja_reset.sphinx_ext"]`; needs `pip install 'ja-reset[docs]'`. They write no file outside the build, load
nothing from elsewhere, and report a mistake in their use with file and line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ja_reset import __version__
from ja_reset.sphinx_ext._pictures import Diagram, picture, skip, tell_html
from ja_reset.sphinx_ext._plain import Plain
from ja_reset.sphinx_ext._rules import Rules
from ja_reset.sphinx_ext._tables import Fields, Messages, PolicyFigures, Screens

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

DIRECTIVES = {
    "ja-reset-diagram": Diagram,
    "ja-reset-screens": Screens,
    "ja-reset-fields": Fields,
    "ja-reset-messages": Messages,
    "ja-reset-policies": PolicyFigures,
    "ja-reset-rules": Rules,
}


def setup(app: Sphinx) -> ExtensionMetadata:
    """What Sphinx calls."""
    app.add_node(picture, html=(tell_html, skip))
    app.add_post_transform(Plain)
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
