"""The errors of a detail record in units in the last place, counted: how many entries are how far off."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from . import words
from .pictures import flat

# Upper ends of the bins in ulp. Up to 16 they double, as rounding does; beyond, only the order of magnitude tells.
ENDS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 1e2, 1e3, 1e4, 1e6, 1e9, 1e12, math.inf)
NAMES = ("0", "0.5", "1", "2", "4", "8", "16", "1e2", "1e3", "1e4", "1e6", "1e9", "1e12", "more")
ZERO, NOT_FINITE = "true 0", "inf, nan"

_WIDE, _HIGH, _TOP, _FLOOR = 46, 132, 18, 150


@dataclass(frozen=True)
class Bin:
    """Entries whose error is at most this many ulp (and more than the bin before): within, beyond, or not judged."""

    name: str
    within: int
    beyond: int
    unjudged: int

    @property
    def entries(self) -> int:
        return self.within + self.beyond + self.unjudged


@dataclass(frozen=True)
class Histogram:
    """The bins up to the last that holds an entry, and a sentence that says the same without the picture."""

    bins: tuple[Bin, ...]
    sentence: str


def histogram(detail: Mapping[str, Any], dtype: str) -> Histogram | None:
    """Errors of all entries of a detail record; None without arrays of one length, or for a dtype without ulp.

    dtype: "float32" or "float64", whose spacing at the true value is one ulp. The true values are in the record as
    float64 numbers, so an error below half an ulp of a float64 cannot be told from none.
    """
    true, got, ratio = (flat(detail.get(name)) for name in ("true", "got", "ratio"))
    if dtype not in ("float32", "float64") or not true or len(true) != len(got):
        return None
    ratios = ratio if len(ratio) == len(true) else [None] * len(true)
    counts: dict[str, list[int]] = {}
    errors = []
    for t, g, r in zip(true, got, ratios, strict=True):
        error = _ulp(t, g, dtype)
        errors.append(error)
        judged = 2 if r is None or math.isnan(r) else int(r > 1)
        counts.setdefault(_name(t, error), [0, 0, 0])[judged] += 1
    bins = [Bin(name, *counts.get(name, (0, 0, 0))) for name in NAMES]
    while bins and not bins[-1].entries:
        bins.pop()
    bins += [Bin(name, *counts[name]) for name in (ZERO, NOT_FINITE) if name in counts]
    return Histogram(tuple(bins), _sentence(errors, sum(b.beyond for b in bins), dtype))


def _ulp(true: float | None, got: float | None, dtype: str) -> float:
    """|got - true| in units in the last place of the true value; inf where either is no finite number, unless alike."""
    if true is None or got is None:
        return math.inf
    if true == got or (math.isnan(true) and math.isnan(got)):
        return 0.0
    if not (math.isfinite(true) and math.isfinite(got)):
        return math.inf
    spacing = math.ulp(true) if dtype == "float64" else math.ldexp(1.0, max(math.frexp(true)[1] - 24, -149))
    return min(abs(got - true) / spacing, 1e308)  # beyond any number is still a finite error


def _name(true: float | None, error: float) -> str:
    if error == math.inf:
        return NOT_FINITE
    if true == 0 and error:
        return ZERO  # the spacing of zero is the smallest number there is, and every error a huge number of them
    return next(name for name, end in zip(NAMES, ENDS, strict=True) if error <= end)


def _sentence(errors: list[float], beyond: int, dtype: str) -> str:
    exact = sum(e == 0 for e in errors)
    middle = sorted(errors)[len(errors) // 2]
    largest = max(errors)
    shown = [f"{words.amount(e)} ulp" if math.isfinite(e) else "not finite" for e in (middle, largest)]
    return (
        f"{words.count(len(errors), 'entry', 'entries')} in {dtype}: {exact:,} without error, the median {shown[0]}, "
        f"the largest {shown[1]}; {beyond:,} beyond the allowance"
    )


def svg(found: Histogram) -> str:
    """The histogram as SVG for a page to hold inline; what is beyond the allowance is hatched, not only coloured."""
    most = max(b.entries for b in found.bins)
    width = 12 + _WIDE * len(found.bins)
    parts = [
        f'<svg class="histogram" viewBox="0 0 {width} {_FLOOR + 38}" width="{width}" height="{_FLOOR + 38}" role="img" '
        f"aria-label={quoteattr(f'Histogram of errors in ulp: {found.sentence}')}>"
    ]
    for k, b in enumerate(found.bins):
        parts += _bar(6 + _WIDE * k, b, most)
    parts.append(f'<line class="axis" x1="0" x2="{width}" y1="{_FLOOR}" y2="{_FLOOR}"/>')
    parts.append(f'<text x="6" y="{_FLOOR + 33}">error in ulp, at most</text></svg>')
    return "".join(parts)


def _bar(x: int, b: Bin, most: int) -> list[str]:
    parts = [f"<g><title>{escape(_told(b))}</title>"]
    y = float(_FLOOR)
    for kind, entries in (("within", b.within), ("unjudged", b.unjudged), ("beyond", b.beyond)):
        if entries:
            height = max(3.0, (_HIGH - _TOP) * entries / most)
            y -= height
            place = f'x="{x + 5}" y="{y:.1f}" width="{_WIDE - 10}" height="{height:.1f}"'
            parts.append(f'<rect class="{kind}" {place}/>')
    middle = x + _WIDE / 2
    if b.entries:
        parts.append(f'<text class="count" x="{middle:g}" y="{y - 4:.1f}" text-anchor="middle">{b.entries:,}</text>')
    parts.append(f'<text x="{middle:g}" y="{_FLOOR + 15}" text-anchor="middle">{escape(b.name)}</text></g>')
    return parts


def _told(b: Bin) -> str:
    said = {"within the allowance": b.within, "beyond it": b.beyond, "not judged": b.unjudged}
    where = {ZERO: "where the true value is 0", NOT_FINITE: "not finite", "more": "more than 1e12 ulp", "0": "no error"}
    counts = ", ".join(f"{n:,} {what}" for what, n in said.items() if n) or "no entry"
    return f"{where.get(b.name, f'up to {b.name} ulp')}: {counts}"
