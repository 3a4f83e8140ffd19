"""Two inputs of which the second is stretched to the shape of the first, and its gradient summed back."""

from __future__ import annotations

import math
from typing import Any

from ._checks import check_option, check_rank, check_shape
from ._domain import Input, real

BROADCAST = ("none", "row", "column", "scalar")
_SHAPES = {"none": ("*S", "*S"), "row": ("N D", "D"), "column": ("N D", "N 1"), "scalar": ("N D", "1")}


def stretched_inputs(broadcast: str = "none", low: float | None = None, tied: bool = False) -> tuple[Input, Input]:
    """The inputs x and y under this option. low: the smallest x; tied: y is to meet entries of x."""
    of_x, of_y = _SHAPES[broadcast]
    if tied and broadcast == "none":
        return real("x", of_x), real("y", of_y, ties_with="x")
    kinks = (0.0,) if tied else ()  # zeros on both sides: of another shape y cannot copy entries of x
    return real("x", of_x, kinks=kinks, low=-math.inf if low is None else low), real("y", of_y, kinks=kinks)


def check_stretched(x: Any, y: Any, broadcast: str) -> None:
    """Raise ValueError unless `y` has the shape that is stretched to x's under this option."""
    check_option("broadcast", broadcast, BROADCAST)
    if broadcast != "none":
        check_rank("x", x, 2, "(N, D)")
    shape = {"none": x.shape, "row": x.shape[1:], "column": (*x.shape[:1], 1), "scalar": (1,)}[broadcast]
    check_shape("y", y, shape, f"since x has shape {x.shape} and broadcast is {broadcast!r}")


def summed_back(gradient: Any, y: Any) -> Any:
    """The gradient of stretched `y`, in y's shape: the sum over every axis that y was stretched along."""
    if gradient.ndim > y.ndim:
        gradient = gradient.sum(axis=tuple(range(gradient.ndim - y.ndim)))
    along = tuple(axis for axis, size in enumerate(y.shape) if size == 1 != gradient.shape[axis])
    return gradient.sum(axis=along, keepdims=True) if along else gradient
