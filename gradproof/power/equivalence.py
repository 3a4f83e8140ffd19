"""Is a changed program still the same function? Both are run in balls, and every number is compared.

Two programs agree at a case where each output and each gradient, for every cotangent, differs by a ball that contains
zero and is narrower than the radius that the judge calls proved. Entries that the reference leaves undefined (log 0)
must be undefined in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, ctx

from ..exact_arrays import case_dtype
from ..exact_runs import run_backward, working_dtype
from ..jets import Ball
from ..pair import Pair
from ..truth import PRECISIONS, PROVED_RADIUS, CannotRun, TrueArray
from .points import Point

TRIED = PRECISIONS[:3]  # bits

Numbers = dict[tuple[int, str], list[arb]]  # by cotangent and quantity; y under cotangent 0


@dataclass(frozen=True)
class Agreement:
    """What a comparison in balls came to: "same", "convention" (differs only where any of several values is right),
    "different" or "unknown"; and a sentence for the last two."""

    status: str
    message: str = ""


def agreement(point: Point, pair: Pair) -> Agreement:
    """Does a pair compute what the reference computes at this case? Nothing is taken from floats."""
    found = Agreement("unknown", "the balls are too wide")
    for bits in TRIED:
        try:
            right, other = _reference(point, bits), _numbers(point, pair, bits)
        except CannotRun as stop:
            return Agreement("unknown", f"it does not run on exact numbers: {stop}")
        except ValueError as error:
            return Agreement("unknown", f"on exact numbers it returned {error}")
        found = _compared(point, right, other, bits)
        if found.status != "unknown":
            return found
    return found


def _reference(point: Point, bits: int) -> Numbers:
    if ("balls", bits) not in point.kept:
        point.kept["balls", bits] = _numbers(point, point.pair, bits)
    return point.kept["balls", bits]


def _numbers(point: Point, pair: Pair, bits: int) -> Numbers:
    case = point.case
    with ctx.workprec(PRECISIONS[-1]), case_dtype(working_dtype(point.pair, case.inputs)):
        y, gradients, _ = run_backward(pair, case.inputs, case.cotangents, Ball, bits)
    found: Numbers = {(0, "y"): _values(y)}
    for k, by_input in enumerate(gradients):
        found |= {(k, f"d{n}"): _values(numbers) for n, numbers in by_input.items()}
    return found


def _values(numbers: Sequence[Any]) -> list[arb]:
    return [n.v for n in numbers]


def _compared(point: Point, right: Numbers, other: Numbers, bits: int) -> Agreement:
    if {q: len(x) for q, x in right.items()} != {q: len(x) for q, x in other.items()}:
        return Agreement("different", "its results have other sizes")
    convention, wide = False, False
    for (k, quantity), numbers in right.items():
        true = point.truth.gradients[k][quantity[1:]] if quantity != "y" else None
        for i, (a, b) in enumerate(zip(numbers, other[k, quantity], strict=True)):
            with ctx.workprec(PRECISIONS[-1]):
                difference = a - b
            if not difference.is_finite():
                wide = wide or a.is_finite() or b.is_finite() or bits < TRIED[-1]
            elif not difference.contains(0):
                if true is None or not _within(true, i, b):
                    return Agreement("different", f"{quantity} differs from the reference's by {float(difference):.3g}")
                convention = True
            else:
                wide = wide or float(difference.rad()) >= PROVED_RADIUS
    if wide:
        return Agreement("unknown", "the balls are too wide")
    return Agreement("convention" if convention else "same")


def _within(true: TrueArray, i: int, value: arb) -> bool:
    """Is an entry one at which several values are right, and this one of them?"""
    if not true.kinks.reshape(-1)[i]:
        return False
    (low, lower), (high, higher) = ((part.reshape(-1)[i] for part in of) for of in (true.low, true.high))
    with ctx.workprec(PRECISIONS[-1]):
        room = arb(PROVED_RADIUS) * (1 + abs(value))
        return bool(value + room > arb(low) + arb(lower) and value - room < arb(high) + arb(higher))
