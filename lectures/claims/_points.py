"""Points at which formulas are compared: smallest first, so that the first that differs is a small counterexample."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

SIZES = ((1, 1, 1, 1), (2, 1, 3, 2), (1, 2, 3, 4), (3, 2, 4, 5))
"""Of the axes in the order in which the shapes name them: scalars first, then non-square, with more than one of each."""

Point = dict[str, np.ndarray]


def points(shapes: Mapping[str, str], least: int = 1, seed: int = 0) -> list[Point]:
    """Float64 arrays for named shapes such as {"x": "N D", "b": ""}: ones, small integers, zeros and generic numbers.

    least: the smallest size of an axis (two classes, say). Axes get different sizes, N more than one at the end.
    """
    rng = np.random.default_rng(seed)
    axes = list(dict.fromkeys(axis for shape in shapes.values() for axis in shape.split()))
    made: list[Point] = []
    for chosen in SIZES:
        sizes = {axis: max(least, size) for axis, size in zip(axes, chosen, strict=False)}
        extents = {name: tuple(_extent(axis, sizes) for axis in shape.split()) for name, shape in shapes.items()}
        fillings = (np.ones, lambda e: rng.integers(-3, 4, e).astype(float), np.zeros, rng.standard_normal, lambda e: 8 * rng.standard_normal(e))
        made += [{name: np.asarray(fill(extent), dtype=np.float64) for name, extent in extents.items()} for fill in fillings]
    return made


def _extent(axis: str, sizes: Mapping[str, int]) -> int:
    return int(axis) if axis.isdigit() else sizes[axis]


def sizes_of(shape: str, point: Mapping[str, np.ndarray], shapes: Mapping[str, str]) -> tuple[int, ...]:
    """The named shape in numbers, at this point."""
    known: dict[str, int] = {}
    for name, named in shapes.items():
        known.update(zip(named.split(), point[name].shape, strict=True))
    return tuple(_extent(axis, known) for axis in shape.split())


def shown(point: Mapping[str, object]) -> str:
    """A point in words."""
    return ", ".join(f"{name} = {_short(value)}" for name, value in point.items())


def _short(value: object) -> str:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list):
        return "[" + ", ".join(_short(v) for v in value) + "]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
