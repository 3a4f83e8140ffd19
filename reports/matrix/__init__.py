"""What the merged matrix looks like: pure functions of the merged record, which `matrix.schema.json` describes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FORMATS = ("text", "json", "markdown", "html")
"""The formats of a merged matrix."""


def render(merged: Mapping[str, Any], format: str, *, width: int = 110) -> str:
    """A report of a merged matrix as text, ending in a newline. ValueError for an unknown format."""
    if format == "text":
        import io

        from rich.console import Console

        from .terminal import render as to_terminal

        out = io.StringIO()
        to_terminal(merged, Console(file=out, width=width, no_color=True, force_terminal=False, highlight=False))
        return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
    if format == "json":
        return json.dumps(merged, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if format == "markdown":
        from .markdown import render as to_markdown

        return to_markdown(merged)
    if format == "html":
        from .page import render as to_html

        return to_html(merged)
    raise ValueError(f"unknown report format {format!r}; known are {', '.join(FORMATS)}")


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a merged record."""
    schema: dict[str, Any] = json.loads(Path(__file__).with_name("matrix.schema.json").read_text(encoding="utf-8"))
    return schema
