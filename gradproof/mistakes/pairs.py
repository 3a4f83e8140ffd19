"""Two mistakes at once: found from the results of each alone, then made together and run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from .derived import Mutant
from .fitting import Evidence, digits, results

if TYPE_CHECKING:
    from .catalogue import Mistake

MOST_ENTRIES = 24  # of all wrong quantities, by which pairs are sifted
MOST_TOGETHER = 60  # pairs that are made and run after the sifting
MOST_BLIND = 300  # where the sifting has found none, all pairs are made and run of an operation that has no more


def apart(
    evidence: Evidence, screened: Sequence[tuple[Mistake, dict[str, np.ndarray]]]
) -> Iterator[tuple[Mistake, ...]]:
    """Pairs of mistakes that change different quantities, each of which reproduces its own."""
    by_change: dict[frozenset[str], list[Mistake]] = {}
    for mistake, found in screened:
        changed = evidence.changed(found, 0)
        if changed and changed < evidence.wrong and evidence.fits(found, 0, changed):
            by_change.setdefault(changed, []).append(mistake)
    for first in by_change:
        rest = evidence.wrong - first
        if rest not in by_change or sorted(first) > sorted(rest):
            continue
        explain_first = [m for m in by_change[first] if evidence.everywhere(m, first)]
        explain_rest = [m for m in by_change[rest] if evidence.everywhere(m, rest)]
        yield from ((a, b) for a in explain_first for b in explain_rest)


def together(
    evidence: Evidence, screened: Sequence[tuple[Mistake, dict[str, np.ndarray]]]
) -> Iterator[tuple[Mistake, ...]]:
    """Pairs of derived mistakes that meet in one quantity, and reproduce it when both are made.

    Sifted by what two changes do to an entry that is a sum or a product: their differences add, or their ratios
    multiply. Those that pass are made together in the source, and run; where none of them fits and there are
    few, all others too.
    """
    wrong = sorted(evidence.wrong & set(evidence.points[0].got))
    shapes = {q: evidence.points[0].got[q].shape for q in wrong}
    able = [
        (m, found)
        for m, found in screened
        if isinstance(m, Mutant) and all(q in found and found[q].shape == shapes[q] for q in wrong)
        if evidence.changed(found, 0) and evidence.changed(found, 0) <= evidence.wrong
    ]
    if len(able) < 2 or any(evidence.right[0][q].shape != shapes[q] for q in wrong):
        return
    got = np.concatenate([evidence.points[0].got[q].ravel() for q in wrong]).astype(np.float64)
    right = np.concatenate([evidence.right[0][q].ravel() for q in wrong]).astype(np.float64)
    each = np.array([np.concatenate([found[q].ravel() for q in wrong]) for _, found in able], dtype=np.float64)
    chosen = np.unique(np.linspace(0, got.size - 1, MOST_ENTRIES).astype(int))
    tolerance = digits(evidence.points[0].got[wrong[0]])
    sifted = _sifted(got[chosen], right[chosen], each[:, chosen], tolerance)[:MOST_TOGETHER]
    every = list(combinations(range(len(able)), 2))
    for some in (sifted, every if len(every) <= MOST_BLIND else []):
        found = False
        for i, j in some:
            both = able[i][0].and_also(able[j][0])
            if both is not None and evidence.everywhere(both):
                found = True
                yield (able[i][0], able[j][0])
        if found:
            return


def _sifted(got: np.ndarray, right: np.ndarray, each: np.ndarray, tolerance: float) -> list[tuple[int, int]]:
    """Pairs of rows of `each` that may give `got` together, row by row."""
    found = []
    scale = max(np.abs(got[np.isfinite(got)]).max(initial=0.0), np.abs(right[np.isfinite(right)]).max(initial=0.0))
    with np.errstate(all="ignore"):
        ratios = np.where(right != 0, each / right, 1.0)
        for i in range(len(each)):
            added = each[i] + each[i + 1 :] - right
            multiplied = each[i] * ratios[i + 1 :]
            for both in (added, multiplied):
                close = (np.abs(both - got) <= tolerance * scale).all(axis=1)
                found += [(i, i + 1 + int(j)) for j in np.flatnonzero(close)]
    return list(dict.fromkeys(found))


def screened(evidence: Evidence, candidates: Sequence[Mistake]) -> list[tuple[Mistake, dict[str, np.ndarray]]]:
    """Each candidate with its results at the smallest point; those that raise are left out."""
    found = [(m, results(evidence.op, m, evidence.options, evidence.points[0])) for m in candidates]
    return [(m, r) for m, r in found if r]


def sentence(first: Mistake, second: Mistake) -> str:
    """Two mistakes' words with where each of them stands; what they share is said once."""
    if not (isinstance(first, Mutant) and isinstance(second, Mutant)):
        return "; and ".join(m.sentence for m in (first, second))
    at, other = _where(first), _where(second)
    if at == other and (first.place, first.line) != (second.place, second.line):
        at, other = (f"{at} ({m.place}, line {m.line})" for m in (first, second))
    if first.sentence == second.sentence:
        return f"{first.sentence}, {f'twice {at}' if at == other else f'{at} and {other}'}"
    return f"{first.sentence}, {at}; and {second.sentence}, {other}"


def _where(mutant: Mutant) -> str:
    """Where in a formula a mistake stands, by what is computed there: the line itself would give the answer away."""
    assigned = re.match(r"(\w+(?:, \w+)*) [-+*/]?= ", mutant.before)
    if assigned:
        return f"where `{assigned[1]}` is computed"
    return "in what is returned" if mutant.before.startswith("return") else f"in line {mutant.line} of {mutant.place}"
