"""Points at which formulas are compared: smallest first, so that the first that differs is a small counterexample."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

SIZES = ((1, 1, 1, 1), (2, 1, 3, 2), (1, 2, 3, 4), (2, 3, 1, 2), (3, 4, 2, 5))
"""Of the axes in the order in which the shapes name them: scalars first, then non-square; each of the first
three axes is 1, 2 and 3 or more somewhere (two classes hide what three show)."""

Point = dict[str, np.ndarray]


def points(shapes: Mapping[str, str], least: int = 1, seed: int = 0) -> list[Point]:
    """Float64 arrays for named shapes such as {"x": "N D", "b": ""}: ones, counted-up, zeros and generic numbers.

    least: the smallest size of an axis (two classes, say). Axes get different sizes, N more than one at the end.
    """
    rng = np.random.default_rng(seed)
    axes = list(dict.fromkeys(axis for shape in shapes.values() for axis in shape.split()))
    made: list[Point] = []
    for chosen in SIZES:
        sizes = {axis: max(least, size) for axis, size in zip(axes, chosen, strict=False)}
        extents = {name: tuple(_extent(axis, sizes) for axis in shape.split()) for name, shape in shapes.items()}
        counted = {name: _counting(extent, start) for start, (name, extent) in enumerate(extents.items(), start=1)}
        fillings = (np.zeros, rng.standard_normal, lambda e: 8 * rng.standard_normal(e))
        filled = ({n: np.asarray(fill(e), dtype=np.float64) for n, e in extents.items()} for fill in fillings)
        made += [{n: np.ones(e) for n, e in extents.items()}, counted, *filled]
    return made


def _counting(extent: tuple[int, ...], start: int) -> np.ndarray:
    return np.arange(start, start + np.prod(extent, dtype=int), dtype=np.float64).reshape(extent)


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
