"""Sphinx: the settings of the documentation. The generated pages are written before the sources are read."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import gradproof  # noqa: E402 - the checkout is found by the line above

project = "gradproof"
author = "gradproof contributors"
copyright = "gradproof contributors, BSD-3-Clause"
version = release = gradproof.__version__

extensions = ["myst_parser"]
myst_heading_anchors = 4
exclude_patterns = ["_build", "README.md"]
templates_path: list[str] = []
nitpicky = True

html_theme = "furo"
html_title = f"gradproof {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
html_theme_options = {"top_of_page_buttons": []}


def _generate(_: Any) -> None:
    from docs.generator import write

    write(HERE / "reference", os.environ.get("GRADPROOF_FINDINGS"))


def setup(app: Any) -> None:
    """Have the generated pages written first; GRADPROOF_FINDINGS may name a findings file for their verdicts."""
    app.connect("builder-inited", _generate)
