"""Pieces of Markdown: tables, fences, and text that must not be taken for markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SIGNS = re.compile(r"([\\`*_\[\]<>|{}$#~])")


def plain(text: str) -> str:
    """A text whose every sign is shown as it is, on one line."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def code(value: object) -> str:
    """A word in the typewriter face, fit for a table's cell."""
    text = str(value).replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def codes(values: Iterable[object]) -> str:
    return ", ".join(map(code, values))


def fence(text: str, language: str) -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, its cells Markdown already; nothing where there is no row."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |", *lines]) + "\n"


def page(parts: Iterable[str]) -> str:
    """Parts, each with an empty line after it; empty ones are left out."""
    return "\n".join(part.rstrip("\n") + "\n" for part in parts if part)


def unquoted(text: str) -> str:
    """reStructuredText's ``code`` as Markdown's `code`, the rest as it is."""
    return text.replace("``", "`")
