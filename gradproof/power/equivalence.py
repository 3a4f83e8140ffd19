"""Is a changed program still the same function? Both are run in balls, and every number is compared.

Two programs agree at a case where each output and each gradient, for every cotangent, differs by a ball that contains
zero and is narrower than the radius that the judge calls proved. Entries that the reference leaves undefined (log 0)
must be undefined in both. Where they differ, but by less than half a unit in the last place of the case's dtype, no
float need show it: a correctly rounded result of the one may be that of the other.

What a program makes of floats that should be exact may be all that differs. So it is asked again with the case's
options as exact numbers (`with_exact_options`), and, where an input is declared to have rows that sum to one, with rows
that do (`on_its_domain`): those of floats do so up to a rounding only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb, ctx

from ..exact_arrays import case_dtype
from ..exact_number import Current
from ..exact_runs import run_backward, working_dtype
from ..jets import Ball
from ..pair import Pair
from ..truth import PRECISIONS, PROVED_RADIUS, CannotRun, TrueArray
from .points import Point

TRIED = PRECISIONS[:3]  # bits

Numbers = dict[tuple[int, str], list[arb]]  # by cotangent and quantity; y under cotangent 0


class ExactOption(float):
    """A float option that stays exact in all that a run on exact numbers computes of it, be it of options alone."""

    __slots__ = ()


def _exactly(name: str) -> Any:
    def operator(self: ExactOption, *others: Any) -> Any:
        value = float(self) if Current.number is None else Current.number.lift(float(self))
        return getattr(value, name)(*others)

    return operator


for _name in ("add", "sub", "mul", "truediv", "pow"):
    for _side in (f"__{_name}__", f"__r{_name}__"):
        setattr(ExactOption, _side, _exactly(_side))
ExactOption.__neg__ = _exactly("__neg__")  # type: ignore[method-assign]


@dataclass(frozen=True)
class Agreement:
    """What a comparison in balls came to: "same", "convention" (differs only where any of several values is right),
    "rounding" (differs by less than half a unit in the last place), "different" or "unknown"; and a sentence for the
    last two."""

    status: str
    message: str = ""


def agreement(point: Point, pair: Pair, reference: Pair | None = None) -> Agreement:
    """Does a pair compute what the reference computes at this case? Nothing is taken from floats.

    reference: what to compare with instead of the operation's own pair.
    """
    found = Agreement("unknown", "the balls are too wide")
    for bits in TRIED:
        try:
            right = _numbers(point, reference, bits) if reference else _reference(point, bits)
            other = _numbers(point, pair, bits)
        except CannotRun as stop:
            return Agreement("unknown", f"it does not run on exact numbers: {stop}")
        except ValueError as error:
            return Agreement("unknown", f"on exact numbers it returned {error}")
        found = _compared(point, right, other, bits)
        if found.status != "unknown":
            return found
    return found


def with_exact_options(point: Point) -> Point:
    """The same case, whose float options are exact numbers."""
    other = replace(point)
    options = {n: ExactOption(v) if isinstance(v, float) else v for n, v in point.case.options.items()}
    other.__dict__["case"] = replace(point.case, options=options)
    return other


def on_its_domain(point: Point, pair: Pair) -> Pair | None:
    """The pair on rows divided by their exact sums; None where no input is declared to sum to one."""
    declared = {i.name for i in point.op.inputs_for(point.case.options) if i.kind == "simplex"}
    if not declared & set(pair.inputs):
        return None

    def forward(*inputs: Any) -> tuple[Any, Any]:
        given = zip(pair.inputs, inputs, strict=True)
        return pair.forward(*(x / x.sum(axis=-1, keepdims=True) if n in declared else x for n, x in given))

    return replace(pair, forward=forward)


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
    convention, wide, below = False, False, False
    kind = np.finfo(point.spec.dtype)
    for (k, quantity), numbers in right.items():
        true = point.truth.gradients[k][quantity[1:]] if quantity != "y" else None
        for i, (a, b) in enumerate(zip(numbers, other[k, quantity], strict=True)):
            with ctx.workprec(PRECISIONS[-1]):
                difference = a - b
            if not difference.is_finite():
                wide = wide or a.is_finite() or b.is_finite() or bits < TRIED[-1]
            elif difference.contains(0):
                wide = wide or float(difference.rad()) >= PROVED_RADIUS
            elif _half_a_unit(difference, a, kind):
                below = True
            else:
                if true is None or not _within(true, i, b):
                    return Agreement("different", f"{quantity} differs from the reference's by {float(difference):.3g}")
                convention = True
    if wide:
        return Agreement("unknown", "the balls are too wide")
    return Agreement("convention" if convention else "rounding" if below else "same")


def _half_a_unit(difference: arb, value: arb, kind: Any) -> bool:
    """Is a difference certainly less than half a unit in the last place of a value, in a float type?"""
    exponent = math.frexp(float(value))[1] - 1 if value.is_finite() else 0
    last = max(exponent, kind.minexp) - kind.nmant
    with ctx.workprec(PRECISIONS[-1]):
        return bool(abs(difference) < arb(2) ** (last - 1))


def _within(true: TrueArray, i: int, value: arb) -> bool:
    """Is an entry one at which several values are right, and this one of them?"""
    if not true.kinks.reshape(-1)[i]:
        return False
    (low, lower), (high, higher) = ((part.reshape(-1)[i] for part in of) for of in (true.low, true.high))
    with ctx.workprec(PRECISIONS[-1]):
        room = arb(PROVED_RADIUS) * (1 + abs(value))
        return bool(value + room > arb(low) + arb(lower) and value - room < arb(high) + arb(higher))
