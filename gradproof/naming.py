"""Sentences about names that are not there: what is nearest."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Up to three known names that look or contain like `name`."""
    every = list(known)
    alike = get_close_matches(name, every, n=3, cutoff=0.5)
    return alike or [n for n in every if name and (name in n or n in name)][:3]


def unknown_operation(name: str, known: Iterable[str]) -> str:
    """One sentence about an operation that is not in the catalogue."""
    near = nearest(name, known)
    hint = f"did you mean {' or '.join(near)}?" if near else "`gradproof list` shows them all"
    return f"there is no operation {name!r}; {hint}"
