"""Two programs without a truth: do they compute the same, up to rounding?

Two programs that compute the same function differ by their rounding, which shrinks with the unit roundoff: from float32
to float64 by 2^-29. Two that do not differ as much in float64 as in float32. So what float32 changed in each of them is
the measure, and a difference in float64 is real where it lies nearer, in orders of magnitude, to that than to its
shrunken image: above the geometric mean of the two. Nothing else is assumed, and nothing is proved: no one is right
here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

UNIT32, UNIT64 = 2.0**-24, 2.0**-53
SHRINKS = math.sqrt(UNIT64 / UNIT32)  # the geometric mean of 1 and the ratio of the units


@dataclass(frozen=True)
class Apart:
    """How far two programs are apart in one quantity.

    difference: the largest, in float64; rounding: what float32 changes in either, the largest; entry: where.
    """

    difference: float
    rounding: float
    entry: tuple[int, ...]
    a: float
    b: float

    @property
    def differ(self) -> bool:
        return not self.difference <= self.rounding * SHRINKS


def apart(a64: np.ndarray, a32: np.ndarray, b64: np.ndarray, b32: np.ndarray) -> Apart:
    """How far a and b are apart. Arrays of one shape; a difference that is not a number counts as infinite."""
    a32, b32 = a32.astype(np.float64), b32.astype(np.float64)
    if a64.size == 0:
        return Apart(0.0, 0.0, (), 0.0, 0.0)
    with np.errstate(all="ignore"):
        difference = np.where(a64 == b64, 0.0, np.abs(a64 - b64))
        rounding = max(
            float(np.nanmax(np.abs(a64 - a32), initial=0.0)),
            float(np.nanmax(np.abs(b64 - b32), initial=0.0)),
            UNIT32 * float(np.nanmax(np.abs(a64), initial=0.0)),  # float32 cannot even hold them better
        )
    difference = np.where(np.isnan(difference), math.inf, difference)
    entry = tuple(int(i) for i in np.unravel_index(int(difference.argmax()), difference.shape))
    return Apart(float(difference[entry]), rounding, entry, float(a64[entry]), float(b64[entry]))


def of_rounding_alone(g64: np.ndarray, g32: np.ndarray) -> bool:
    """Whether a gradient is nothing but rounding: as much smaller in float64 as its unit is."""
    larger = float(np.abs(g32).max(initial=0.0))
    return larger > 0 and float(np.abs(g64).max(initial=0.0)) <= larger * SHRINKS
