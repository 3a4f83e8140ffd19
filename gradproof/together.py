"""Gradients at ties, each entry of which stands alone: together they must be one subgradient (see `subgradients`)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .true_values import Together, Truth
    from .verdict import Finding, Results

DOUBLE = 2.0**-53  # unit roundoff of the products of entries and direction here
REASON = "not-one-subgradient"
PASSED = ("agree", "kink-convention")


def as_wholes(findings: Sequence[Finding], truth: Truth, results: Results) -> list[Finding]:
    """The findings of gradients, of which one is wrong where they pass entry by entry and are no subgradient."""
    found = list(findings)
    at = {finding.quantity[1:]: i for i, finding in enumerate(found)}
    for asked in truth.together:
        names = [n for n in asked.direction if n in at]
        of = [found[at[n]] for n in names]
        if any(f.status not in PASSED for f in of) or not any(f.kinks for f in of):
            continue
        worst = max(_outside(asked, truth, results), default=None)
        if worst is not None:
            first = next(at[n] for n in names if found[at[n]].kinks)
            found[first] = _refused(found[first], names, *worst)
    return found


def _outside(
    asked: Together, truth: Truth, results: Results
) -> Iterator[tuple[float, float, tuple[float, float], Mapping[str, np.ndarray]]]:
    """Where <g, direction> lies outside its interval: how many allowances, the number, the ends, the direction."""
    for k, (low, high) in enumerate(asked.ends):
        number, bound = _along(asked.direction, results.gradients[k], truth.gradients[k], truth.y.allowance.size)
        beyond = max(low - number, number - high, 0.0)
        if beyond > bound:
            yield (beyond / bound if bound else math.inf), number, (low, high), asked.direction


def _along(
    direction: Mapping[str, np.ndarray], got: Mapping[str, Any], true: Mapping[str, Any], outputs: int
) -> tuple[float, float]:
    """<g, direction>, and how far honest rounding of g may put it off; unbounded where g is not finite.

    At a tie an entry may be any share of dy, itself rounded: no program needs more roundings for it than there are
    entries in the gradient and in dy, n in all, which lose n u of it at most (Higham, lemma 3.1).
    """
    products, bound = [], 0.0
    for name, v in direction.items():
        g = np.asarray(got[name])
        unit = float(np.finfo(g.dtype).eps) / 2 if g.dtype.kind == "f" else DOUBLE
        lost = (g.size + outputs) * unit
        product = np.asarray(g, dtype=np.float64) * v
        products += product.ravel().tolist()
        bound += float((np.abs(v) * true[name].allowance).sum()) + (lost + DOUBLE) * float(np.abs(product).sum())
    if not math.isfinite(bound) or not all(map(math.isfinite, products)):
        return 0.0, math.inf
    return math.fsum(products), bound


def _refused(
    finding: Finding, names: Sequence[str], ratio: float, number: float, ends: tuple[float, float], direction: Any
) -> Finding:
    of = " and ".join(f"d{n}" for n in names)
    plain = all((v == 1).all() for v in direction.values())
    along = "added up, the entries" if plain else "along a direction v, the entries times v"
    low, high = ends
    right = f"{low:.6g} is right" if high - low <= abs(low) * 2**-40 else f"only {low:.6g} to {high:.6g} is right"
    message = (
        f"at the ties here each entry of {of} could be right alone, but together they are no subgradient: "
        f"{along} give {number:.6g}, and {right}"
    )
    return replace(finding, status="wrong", reason=REASON, ratio=ratio, message=message, worst=None, pictures=())
