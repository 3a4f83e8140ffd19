"""Where several ties meet in one entry, and its one-sided derivatives agree all the same.

Two ReLUs that are zero for one reason give slopes that may add up to the same number on either side of the entry. The
function is not differentiable there: moved along its other inputs as well, each ReLU takes a side of its own, and so
does every backward, which chooses one slope at each. Where instead the pieces of one formula meet smoothly (celu at 0,
log(1 + e^x) by its maximum), the entry's derivative is the same whichever way the inputs are moved, and another
number is wrong. So the derivative is asked a little off the point, along random directions: the limits are members of
Clarke's generalized gradient (Clarke, Optimization and Nonsmooth Analysis, 1983, section 2.5). If they differ, what
any choice at the ties may give is right (`subgradients.Span`); if they agree, nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb

from .exact_results import PRECISIONS
from .exact_runs import inner, run_jets
from .jets import Jet
from .pair import Pair
from .subgradients import Span
from .true_values import CannotRun

DIRECTIONS = 8  # two ties take different sides along each with probability 1/2: all eight miss them once in 256
FINER = 2**-40  # of a direction's own steps: an entry moved by it changes no side that the direction has chosen


class Surroundings:
    """The points around a case's inputs: what an entry's derivative is there, and what choices at the ties may give."""

    def __init__(self, pair: Pair, inputs: Any, upstream: Sequence[list[arb]], rng: np.random.Generator) -> None:
        self.pair, self.inputs, self.upstream, self.rng = pair, inputs, upstream, rng

    def choices(self, name: str, i: int) -> list[tuple[arb, arb]] | None:
        """For each cotangent the interval of right answers for entry i; None where the entry has one derivative.

        Asked where the derivatives along +e_i and -e_i agree.
        """
        spread = self._slopes({name: [arb(1) if j == i else None for j in range(self.inputs[name].size)]}, Span)
        if spread is not None and all(_one_number(total) for total in spread):
            return None
        near: list[list[arb]] = []
        for direction, base in self._directions:
            moved = {n: list(v) for n, v in direction.items()}
            moved[name][i] += arb(FINER)
            totals = self._slopes(moved)
            if totals is not None and base is not None:
                near.append([(t - b) / arb(FINER) for t, b in zip(totals, base, strict=True)])
        if not any(_apart(a, b) for other in near[1:] for a, b in zip(near[0], other, strict=True)):
            return None
        return [_hull(each) for each in zip(*near, *([spread] if spread is not None else []), strict=True)]

    @cached_property
    def _directions(self) -> list[tuple[dict[str, list[arb]], list[arb] | None]]:
        """Random directions in all inputs, and <dy, J v> along each."""
        found = []
        for _ in range(DIRECTIONS):
            direction = {n: self._random(self.inputs[n].size) for n in self.pair.differentiable}
            found.append((direction, self._slopes(direction)))
        return found

    def _random(self, size: int) -> list[arb]:
        steps = self.rng.integers(1, 2**20, size) * self.rng.choice([-1, 1], size)
        return [arb(int(k)) / 2**20 for k in steps]

    def _slopes(self, direction: Mapping[str, Sequence[Any]], number: type[Jet] = Jet) -> list[arb] | None:
        """<dy, J v> for each cotangent; None where the forward does not run on these numbers."""
        try:
            slopes = run_jets(self.pair, self.inputs, direction, PRECISIONS[0], number)[1]
        except CannotRun:  # a branch at a tie among others: spans know the sides of maxima, minima and clips only
            return None
        return [inner(dy, slopes) for dy in self.upstream]


def _one_number(total: arb) -> bool:
    return bool(total.rad() <= abs(total.mid()) * 2.0**-64)


def _apart(a: arb, b: arb) -> bool:
    difference = a - b
    return difference.is_finite() and not difference.contains(0)


def _hull(numbers: Sequence[arb]) -> tuple[arb, arb]:
    ends = [end for n in numbers if n.is_finite() for end in (n.lower(), n.upper())]
    low = high = ends[0]
    for end in ends[1:]:
        low, high = (end if end < low else low), (end if end > high else high)
    return low, high
