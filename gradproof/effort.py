"""How many scalar operations a pair takes: known before exact numbers, which cost microseconds each, are run.

The forward and backward run once on numbers that only count, and stop at a limit. The count is the same on every
machine, so whether a case is judged exactly does not depend on how fast the machine is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .exact_arrays import exact, exact_run
from .exact_number import Number
from .pair import Pair
from .products import AT_ONCE
from .truth import CannotRun, guarded

MOST_OPERATIONS = 1_200_000  # of forward and backward with one cotangent; about ten seconds of exact numbers


class TooMuch(Exception):
    """The limit was reached."""


class Counted(Number):
    """A float that counts what is done with it."""

    __slots__ = ("v",)
    left = 0  # operations until the limit

    def __init__(self, v: float) -> None:
        Counted.left -= 1
        if Counted.left < 0:
            raise TooMuch
        self.v = v

    @classmethod
    def constant(cls, value: Any) -> Counted:
        return cls(float(value))

    def add(self, o: Counted) -> Counted:
        return Counted(self.v + o.v)

    def subtract(self, o: Counted) -> Counted:
        return Counted(self.v - o.v)

    def multiply(self, o: Counted) -> Counted:
        return Counted(self.v * o.v)

    def divide(self, o: Counted) -> Counted:
        return Counted(self.v / o.v if o.v else math.nan)

    def power(self, o: Counted) -> Counted:
        return Counted(float(np.float64(self.v) ** np.float64(o.v)))

    def elementary(self, name: str) -> Counted:
        function = getattr(np, name, None)
        return Counted(
            float(function(self.v)) if function is not None else math.tanh(self.v)
        )  # erf and its like: any value counts

    def compare(self, o: Counted) -> int:
        return (self.v > o.v) - (self.v < o.v)


def _product(left: list[Counted], right: list[Counted], shape: tuple[int, int, int]) -> list[Counted]:
    """A matrix product, counted as if it were done term by term."""
    n, k, m = shape
    Counted.left -= 2 * n * m * (k - 1)
    values = np.array([x.v for x in left]).reshape(n, k) @ np.array([x.v for x in right]).reshape(k, m)
    return [Counted(v) for v in values.ravel().tolist()]


AT_ONCE[Counted] = _product


def operations(pair: Pair, inputs: Mapping[str, np.ndarray], dy: np.ndarray) -> int | None:
    """Operations of the forward and of the backward for one cotangent; None beyond MOST_OPERATIONS."""
    Counted.left = MOST_OPERATIONS
    try:
        with exact_run(Counted, 53) as trace:
            arguments = [_counted(x) if x.dtype.kind == "f" else x for x in (inputs[n] for n in pair.inputs)]
            _, saved = guarded(trace, pair.forward, *arguments)
            guarded(trace, pair.backward, _counted(dy) if dy.ndim else Counted(float(dy)), saved)
    except CannotRun as stop:  # what stopped it is found, and said, where it matters
        return None if isinstance(stop.__cause__, TooMuch) else MOST_OPERATIONS - Counted.left
    except (ValueError, TooMuch):
        return MOST_OPERATIONS - Counted.left if Counted.left >= 0 else None
    return MOST_OPERATIONS - Counted.left


def _counted(x: np.ndarray) -> Any:
    return exact([Counted(v) for v in x.ravel().tolist()], x.shape)
