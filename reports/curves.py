"""Quantities over a training as SVG panels for a page to hold inline: each line with a mark and a colour of its own.

Colours are the page's (classes k0, k1, ...), so that a panel turns dark with the page; the marks tell the lines apart
without colour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from .power.plot import key, shape
from .table import number

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 66, 16, 14, 40
MOST_POINTS, MARKED = 300, 9
MOST_PANELS = 16
TOGETHER = ("loss", "accuracy", "error")
PLACES = ("epoch", "batch", "point", "step")


@dataclass(frozen=True)
class Panel:
    """One picture: its title, the SVG, and a small picture of each line's mark with its name."""

    title: str
    svg: str
    legend: tuple[tuple[str, str], ...]


def panels(records: Sequence[Mapping[str, Any]]) -> list[Panel]:
    """A panel for each kind of quantity in the records of a training: losses together, accuracies, errors, others.

    A quantity is a number that most records hold; lists and texts are left out.
    """
    groups: dict[str, dict[str, list[float]]] = {}
    for name in dict.fromkeys(name for record in records for name in record):
        values = [_value(record.get(name)) for record in records]
        if name not in PLACES and sum(map(_drawable, values)) > 1:
            group = next((word for word in TOGETHER if word in name.split("_")), name)
            groups.setdefault(group, {})[name] = values
    across, x = _places(records)
    return [_panel(title, lines, across, x) for title, lines in list(groups.items())[:MOST_PANELS]]


def _value(value: Any) -> float:
    found = None if isinstance(value, str) and value not in ("nan", "inf", "-inf") else number(value)
    return math.nan if found is None else found


def _drawable(value: float) -> bool:
    """Whether a value has a place on a scale; at the ends of the floats even the scale would overflow."""
    return value == 0 or 1e-300 < abs(value) < 1e300


def _places(records: Sequence[Mapping[str, Any]]) -> tuple[list[float], str]:
    epochs = [_value(record.get("epoch")) for record in records]
    if all(math.isfinite(e) for e in epochs) and all(a < b for a, b in pairwise(epochs)):
        return epochs, "epoch"
    return [float(k) for k in range(len(records))], "record of the history"


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    log: bool

    def at(self, value: float) -> float:
        """Place of a value between 0 and 1."""
        if self.log:
            return (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        if self.log:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            return [10.0**p for p in range(first, last + 1, max(1, (last - first) // 5))]
        step = 10.0 ** math.floor(math.log10(self.high - self.low))
        step *= next(m for m in (0.2, 0.5, 1.0, 2.0, 5.0) if (self.high - self.low) / (step * m) <= 6)
        return [k * step for k in range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1)]


def _scale(values: Sequence[float]) -> _Scale:
    low, high = min(values), max(values)
    if low > 0 and high / low > 30:
        return _Scale(10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(high)), True)
    if not high > low:
        spread = abs(high) or 1.0
        return _Scale(low - spread / 2, high + spread / 2, False)
    return _Scale(low, high, False)


def _panel(title: str, lines: Mapping[str, Sequence[float]], across: Sequence[float], x_name: str) -> Panel:
    up = _scale([v for values in lines.values() for v in values if _drawable(v)])
    along = _Scale(across[0], max(across[-1], across[0] + 1), False)
    said = f"{title} over each {x_name}: " + "; ".join(_said(name, values) for name, values in lines.items())
    parts = [f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label={quoteattr(said)}>']
    for tick in up.ticks():
        y = _y(up, tick)
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{_number(tick)}</text>')
    for tick in along.ticks():
        if tick == int(tick):
            parts.append(
                f'<text x="{_x(along, tick)}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{int(tick):,}</text>'
            )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:g}" y="{HEIGHT - 5}" text-anchor="middle">{escape(x_name)}</text>')
    for k, (name, values) in enumerate(lines.items()):
        parts += _line(k / len(lines), k, name, values, across, along, up)
    legend = tuple((key(k), name) for k, name in enumerate(lines))
    return Panel(title, "".join([*parts, "</svg>"]), legend)


def _line(
    share: float, k: int, name: str, values: Sequence[float], across: Sequence[float], along: _Scale, up: _Scale
) -> list[str]:
    """A line in pieces: it has a gap where the quantity is not finite. share: of a mark's distance, where it starts."""
    step = max(1, len(values) // MOST_POINTS)
    kept = [i for i in range(len(values)) if i % step == 0 or i == len(values) - 1]
    pieces: list[list[tuple[float, float, int]]] = [[]]
    for i in kept:
        v = values[i]
        if _drawable(v) and not (up.log and v <= 0):
            pieces[-1].append((_x(along, across[i]), _y(up, v), i))
        elif pieces[-1]:
            pieces.append([])
    every = max(1, sum(map(len, pieces)) // MARKED)
    start = int(share * every)
    parts = [f'<g class="k{k % 10}"><title>{escape(_said(name, values))}</title>']
    for piece in pieces:
        if len(piece) > 1:
            points = " ".join(f"{x},{y}" for x, y, _ in piece)
            parts.append(f'<polyline class="line" points="{points}"/>')
        # Each line starts its marks elsewhere, so that two lines on one another show both.
        parts += [shape(x, y, k) for j, (x, y, _) in enumerate(piece) if j % every == start or len(piece) == 1]
    return [*parts, "</g>"]


def _x(along: _Scale, value: float) -> float:
    return round(LEFT + along.at(value) * (WIDTH - LEFT - RIGHT), 1)


def _y(up: _Scale, value: float) -> float:
    return round(HEIGHT - BOTTOM - up.at(value) * (HEIGHT - TOP - BOTTOM), 1)


def _number(value: float) -> str:
    return f"{value:.4g}".replace("e+0", "e").replace("e-0", "e-")


def _said(name: str, values: Sequence[float]) -> str:
    finite = [v for v in values if math.isfinite(v)]
    text = f"{name} from {_number(finite[0])} to {_number(finite[-1])}"
    missing = len(values) - len(finite)
    return f"{text}, not finite {missing} times" if missing else text
