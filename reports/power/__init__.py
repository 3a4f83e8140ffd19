"""The power of checkers: the records of `gradproof power`, and pure functions of them. Imports nothing of gradproof."""

from __future__ import annotations

from .record import FORMAT, VERSION, Power, Writer, check_record, read, schema, validate

__all__ = ["FORMAT", "FORMATS", "VERSION", "Power", "Writer", "check_record", "read", "render", "schema", "validate"]

FORMATS = ("text", "json", "html")


def render(power: Power, format: str, *, width: int = 100) -> str:
    """A report of a run as text, ending in a newline. Raises ValueError for an unknown format."""
    if format == "text":
        from .terminal import render as to_text

        return to_text(power, width)
    if format == "json":
        from .summary import to_json

        return to_json(power)
    if format == "html":
        from .page import render as to_html

        return to_html(power)
    raise ValueError(f"unknown report format {format!r}; known are {', '.join(FORMATS)}")
