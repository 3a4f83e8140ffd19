"""The plot of smallest noticed errors: one panel an operation and setting, as SVG that a page holds inline.

Colours are the page's own (classes k0, k1, ...), so that it turns dark with the page. A checker has the same colour
and mark in every panel; float64 is a full line, float32 a broken one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from .summary import JUDGE, Least

WIDTH, HEIGHT = 560, 340
LEFT, RIGHT, TOP, BOTTOM = 62, 26, 34, 40
LOWEST, HIGHEST = -17, 5  # powers of ten; what passes any error stands on the top line
MARKS = ("circle", "square", "triangle", "diamond", "cross")


def order(found: Sequence[Least]) -> list[str]:
    """Checkers in the order of their colours: the judge first."""
    names = list(dict.fromkeys(x.checker for x in found))
    return [JUDGE, *(n for n in names if n != JUDGE)]


def panels(found: Sequence[Least]) -> list[tuple[str, str]]:
    """(title, SVG) of every panel: each operation at the defaults, and at the best settings beside the judge."""
    checkers = order(found)
    drawn = []
    for op in dict.fromkeys(x.op for x in found):
        for setting in ("default", "best"):
            here = [x for x in found if x.op == op and (x.setting == setting or x.checker == JUDGE)]
            if any(x.checker != JUDGE for x in here) or setting == "default":
                title = f"{op}, {'defaults' if setting == 'default' else 'best settings'}"
                drawn.append((title, _panel(title, here, checkers)))
    return drawn


def _panel(title: str, found: Sequence[Least], checkers: Sequence[str]) -> str:
    sizes = sorted({x.entries for x in found})
    place = _Places(math.log10(sizes[0]), math.log10(sizes[-1]))
    label = quoteattr(f"Smallest noticed error: {title}")
    parts = [
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label={label}>',
        *_axes(place, sizes),
    ]
    for checker in checkers:
        for dtype in ("float64", "float32"):
            line = sorted((x for x in found if (x.checker, x.dtype) == (checker, dtype)), key=lambda x: x.entries)
            parts += _line(place, line, checkers.index(checker))
    return "\n".join([*parts, "</svg>"])


class _Places:
    """From decimal logarithms to places in the picture."""

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most = least, max(most, least + 1)

    def x(self, entries: float) -> float:
        share = (math.log10(entries) - self.least) / (self.most - self.least)
        return round(LEFT + 8 + share * (WIDTH - LEFT - RIGHT - 16), 1)

    def y(self, power: float) -> float:
        share = (power - LOWEST) / (HIGHEST - LOWEST)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _axes(place: _Places, sizes: Sequence[int]) -> list[str]:
    parts = []
    for power in range(LOWEST + 1, HIGHEST - 1, 4):
        y = place.y(power)
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(_text(LEFT - 8, y + 4, f"1e{power}" if power else "1", "end"))
    top = place.y(HIGHEST)
    parts.append(f'<line class="rule never" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{top}" y2="{top}"/>')
    parts.append(_text(LEFT - 8, top + 4, "never", "end"))
    for n in sizes:
        parts.append(_text(place.x(n), HEIGHT - BOTTOM + 18, f"{n:,}", "middle"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 5, "entries of the gradient", "middle"))
    parts.append(_text(4, 14, "smallest relative error noticed", "start"))
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(place: _Places, line: Sequence[Least], k: int) -> list[str]:
    """A checker's points at one dtype. One that passes anything is on the line "never"; what was not asked is a gap."""
    points = [(place.x(x.entries), place.y(_power(x)), x) for x in line if _shown(x)]
    if not points:
        return []
    path = " ".join(f"{x},{y}" for x, y, _ in points)
    broken = " narrow" if line[0].dtype == "float32" else ""
    strong = " judge" if line[0].checker == JUDGE else ""
    return [
        f'<g class="k{k % 10}{broken}{strong}">',
        f'<polyline class="line" points="{path}"/>',
        *(_mark(x, y, k, said) for x, y, said in points),
        "</g>",
    ]


def _shown(x: Least) -> bool:
    return x.error is not None or x.why.startswith("passes")


def _power(x: Least) -> float:
    return HIGHEST if x.error is None else math.log10(x.error)


def _mark(x: float, y: float, k: int, said: Least) -> str:
    title = escape(f"{said.checker} {said.setting}, {said.dtype}, {said.entries:,} entries: {told(said)}")
    return f"<g>{shape(x, y, k)}<title>{title}</title></g>"


def told(said: Any) -> str:
    """What was found, in words."""
    return said.why if said.error is None else f"{said.error:.1e}"


def shape(x: float, y: float, k: int) -> str:
    """The mark of the k-th checker."""
    kind = MARKS[k % len(MARKS)]
    if kind == "circle":
        return f'<circle class="mark" cx="{x:g}" cy="{y:g}" r="3.6"/>'
    if kind == "square":
        return f'<rect class="mark" x="{x - 3.2:g}" y="{y - 3.2:g}" width="6.4" height="6.4"/>'
    corners = {
        "triangle": ((0, -4.4), (4, 3.2), (-4, 3.2)),
        "diamond": ((0, -4.6), (4.6, 0), (0, 4.6), (-4.6, 0)),
        "cross": ((-4, -1.4), (-1.4, -1.4), (-1.4, -4), (1.4, -4), (1.4, -1.4), (4, -1.4), (4, 1.4), (1.4, 1.4),
                  (1.4, 4), (-1.4, 4), (-1.4, 1.4), (-4, 1.4)),
    }[kind]  # fmt: skip
    return f'<polygon class="mark" points="{" ".join(f"{x + a:g},{y + b:g}" for a, b in corners)}"/>'


def key(k: int) -> str:
    """A small picture of a checker's mark, for a legend."""
    line = '<polyline class="line" points="0,6 22,6"/>'
    return f'<svg class="key k{k % 10}" viewBox="0 0 22 12" aria-hidden="true">{line}{shape(11, 6, k)}</svg>'
