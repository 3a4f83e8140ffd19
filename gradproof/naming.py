"""Sentences about names that are not there: what is nearest."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

MISSPELT = 0.85  # a letter or two in a name of a dozen


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Up to three known names that look or contain like `name`."""
    every = list(known)
    alike = get_close_matches(name, every, n=3, cutoff=0.5)
    return alike or [n for n in every if name and (name in n or n in name)][:3]


def misspelt(name: str, known: Iterable[str], others: Iterable[str] = ()) -> list[str]:
    """Known names that are most likely meant to be `name`: alike but for a letter, capitals, underscores, word order.

    others: names that are asked for too. What is nearer to one of them is not `name` misspelt.
    """
    every, rivals = list(known), [other for other in others if other != name]
    alike = [n for n in every if _alike(name, n) >= MISSPELT]
    return [n for n in alike if all(_alike(name, n) >= _alike(other, n) for other in rivals)][:3]


def _alike(one: str, other: str) -> float:
    """How alike two names are, 0 to 1, whatever their style."""
    if sorted(one.lower().split("_")) == sorted(other.lower().split("_")):
        return 1.0
    return SequenceMatcher(None, one.lower().replace("_", ""), other.lower().replace("_", "")).ratio()


def unknown_operation(name: str, known: Iterable[str]) -> str:
    """One sentence about an operation that is not in the catalogue."""
    near = nearest(name, known)
    hint = f"did you mean {' or '.join(near)}?" if near else "`gradproof list` shows them all"
    return f"there is no operation {name!r}; {hint}"
