"""The commands `gradproof cases`, `gradproof cell` and `gradproof matrix`."""

from __future__ import annotations

from typing import Any


def add_parsers(commands: Any) -> None:
    """Add the three commands to the command line."""
