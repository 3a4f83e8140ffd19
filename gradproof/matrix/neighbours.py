"""Which cells are compared: for each implementation, those that are next to each other in its own versions.

A cell is a point in the versions that an implementation computes with: PyTorch's is not moved by a newer Keras. Points
that differ in one version only, and next to each other in it, are compared. A point that would be left alone is
compared with the nearest, and every version that differs is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from ..environment import ABSENT
from .cell_name import BY_FACTOR
from .reading import Cell

# Each framework's own package first: where several differ, the pair runs from the older of it to the newer.
COMPUTES_WITH = {
    "numpy": ("np", "py"),
    "pytorch": ("torch", "np", "py"),
    "tensorflow": ("tf", "np", "py"),
    "keras": ("keras", "tf", "np", "py"),
    "keras_torch": ("keras", "torch", "np", "py"),
    "keras_jax": ("keras", "jax", "np", "py"),
    "jax": ("jax", "np", "py"),
}
Point = tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One package whose version differs between two cells."""

    title: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.title} {self.before} → {self.after}"


@dataclass(frozen=True)
class Pair:
    """Two cells to compare in one implementation; steps: the versions that differ (none where all are the same)."""

    implementation: str
    before: Cell
    after: Cell
    steps: tuple[Step, ...]


def pairs(cells: Sequence[Cell]) -> list[Pair]:
    """Every pair of neighbours of every implementation."""
    names = dict.fromkeys(name for cell in cells for name in cell.ready)
    return [pair for name in names for pair in _pairs_of(name, [cell for cell in cells if name in cell.ready])]


def _pairs_of(name: str, cells: Sequence[Cell]) -> Iterator[Pair]:
    factors = COMPUTES_WITH.get(cells[0].framework(name), ("np", "py"))
    points: dict[Point, list[Cell]] = {}
    for cell in cells:
        points.setdefault(tuple(cell.installed.get(f, ABSENT) for f in factors), []).append(cell)
    for alike in points.values():
        yield from (Pair(name, a, b, ()) for a, b in pairwise(alike))
    for before, after in _edges(sorted(points, key=_order)):
        steps = tuple(Step(BY_FACTOR[f].title, a, b) for f, a, b in zip(factors, before, after, strict=True) if a != b)
        yield Pair(name, points[before][0], points[after][0], steps)


def _edges(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    """Neighbours in one version, and what else it takes to leave no point alone."""
    edges = []
    for axis in range(len(points[0]) if points else 0):
        lines: dict[Point, list[Point]] = {}
        for point in points:
            lines.setdefault((*point[:axis], *point[axis + 1 :]), []).append(point)
        edges += [pair for line in lines.values() for pair in pairwise(sorted(line, key=lambda p: _version(p[axis])))]
    group = {point: {point} for point in points}
    for a, b in edges:
        _join(group, a, b)
    ranks = [sorted({_version(p[axis]) for p in points}) for axis in range(len(points[0]) if points else 0)]

    def distance(pair: tuple[Point, Point]) -> tuple[int, int]:
        apart = [abs(r.index(_version(a)) - r.index(_version(b))) for r, a, b in zip(ranks, *pair, strict=True)]
        return sum(a != b for a, b in zip(*pair, strict=True)), sum(apart)

    for a, b in sorted(combinations(points, 2), key=distance):
        if group[a] is not group[b]:
            edges.append((a, b))
            _join(group, a, b)
    return edges


def _join(group: dict[Point, set[Point]], a: Point, b: Point) -> None:
    if group[a] is not group[b]:
        group[a] |= group[b]
        for point in group[b]:
            group[point] = group[a]


def _order(point: Point) -> Any:
    return [_version(version) for version in point]


def _version(text: str) -> tuple[Any, ...]:
    return (*(int(number) for number in re.findall(r"\d+", text.partition("+")[0])[:4]), text)


# -- what else differs ----------------------------------------------------------------------------------------------

VERSIONED = ("versions", "distributions", "cell", "python", "gradproof")


def also_different(pair: Pair) -> list[str]:
    """What differs between two cells beside the versions that the pair is about: processor, BLAS, threads, packages."""
    a, b = pair.before, pair.after
    said = []
    for key, value in _leaves(a.environment):
        other = dict(_leaves(b.environment)).get(key)
        if key.partition(".")[0] not in VERSIONED and key != "numpy.version" and value != other:
            said.append(f"{key}: {value} → {other}" if len(str(value)) < 60 else key)
    switches = [dict(c.findings.header["implementations"][pair.implementation].get("precision", {})) for c in (a, b)]
    said += [
        f"{key}: {switches[0].get(key)} → {switches[1].get(key)}"
        for key in dict.fromkeys([*switches[0], *switches[1]])
        if switches[0].get(key) != switches[1].get(key)
    ]
    own = {name for step in pair.steps for name in BY_TITLE[step.title]}
    mine, theirs = (c.environment.get("distributions", {}) for c in (a, b))
    packages = [n for n in mine if n in theirs and mine[n] != theirs[n] and n.lower() not in own]
    if packages:
        more = f" and {len(packages) - 6} more" if len(packages) > 6 else ""
        said.append("also other versions of " + ", ".join(packages[:6]) + more)
    return said


BY_TITLE = {package.title: {*package.distributions} for package in BY_FACTOR.values()}


def _leaves(value: Any, name: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for k, item in value.items() for leaf in _leaves(item, f"{name}.{k}" if name else str(k))]
    return [(name, ", ".join(map(str, value)) if isinstance(value, list) else value)]
