"""Propositions decided in exact numbers: formulas are the same, one is the derivative, a number rounds as printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq

from ...exact_arrays import exact, exact_run, flat
from ...jets import Ball
from ...pair import Pair
from ...truth import PRECISIONS, PROVED_RADIUS, CannotRun, Truth, find_truth
from ._outcome import Outcome
from ._points import Point, points, shown, sizes_of

Formula = Callable[..., Any]
FAULTS = (ValueError, IndexError, TypeError)  # what NumPy raises where shapes or operands do not fit


def ball(value: Any) -> arb:
    """A rational, integer or float as an exact ball."""
    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    return value if isinstance(value, arb) else arb(value)


def digits(value: Any, count: int = 8) -> str:
    """A number in words: so many digits, without the radius."""
    text = str(ball(value).str(count, radius=False))
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


# -- two formulas -----------------------------------------------------------------------------------


def same(printed: Formula, right: Formula, at: Mapping[str, str] | Sequence[Point], least: int = 1) -> Outcome:
    """Do two functions of the same named arrays give the same shape and the same numbers at every point?

    at: named shapes, for generic points of several sizes, or the points themselves (arrays of exact numbers).
    The numbers are balls: equal means a difference that contains zero and is narrower than a proof allows.
    """
    chosen = points(at, least) if isinstance(at, Mapping) else list(at)
    for point in chosen:
        found = _difference(printed, right, point)
        if found is not None:
            return found
    return Outcome(True, f"equal in exact numbers at {len(chosen)} points")


def _difference(printed: Formula, right: Formula, point: Point) -> Outcome | None:
    """None where they agree at this point; otherwise the outcome that says how they do not."""
    for bits in PRECISIONS:
        with ctx.workprec(PRECISIONS[-1]):
            true_shape, true = _run(right, point, bits)
            try:
                shape, got = _run(printed, point, bits)
            except FAULTS as error:
                return Outcome(False, f"at {shown(point)} it cannot be computed ({_said(error)})")
            if shape != true_shape:
                return Outcome(False, f"at {shown(point)} it has shape {shape}, not {true_shape}")
            differences = [a - b for a, b in zip(got, true, strict=True)]
            worst = next((i for i, d in enumerate(differences) if not d.contains(0)), None)
            if worst is not None:
                text = f"at {shown(point)} it gives {digits(got[worst])}, not {digits(true[worst])}"
                return Outcome(False, text, (("printed", digits(got[worst])), ("true", digits(true[worst]))))
            if all(d.rad() < PROVED_RADIUS for d in differences):
                return None
    return Outcome(None, f"at {shown(point)} the numbers are not to be told apart")


def _run(function: Formula, point: Point, bits: int) -> tuple[tuple[int, ...], list[arb]]:
    with exact_run(Ball, bits):
        arrays = {name: exact([Ball(ball(v)) for v in x.ravel().tolist()], x.shape) for name, x in point.items()}
        y = function(**arrays)
        return np.shape(y), [n.v for n in flat(y)]


def _said(error: Exception) -> str:
    said = " ".join(str(error).split()).partition(", with gufunc signature")[0]
    return f"{type(error).__name__}: {said[:120]}"


# -- a derivative -----------------------------------------------------------------------------------


def derivative(forward: Formula, printed: Formula, shapes: Mapping[str, str], by: str, least: int = 1) -> Outcome:
    """Is ``printed(dy, *inputs)`` the gradient of <dy, forward(*inputs)> by the inputs named in `by`, at every point?

    forward, printed: take the arrays by position, in the order of `shapes`. printed returns one array, or a tuple.
    The proof is the judge's own: exact directional derivatives of the forward against the formula in balls.
    """
    at = points(shapes, least)
    found = derivative_at(forward, printed, at, by)
    return Outcome(True, f"proved to be the derivative at {len(at)} points, zeros among them") if found.holds else found


def derivative_at(forward: Formula, printed: Formula, at: Sequence[Point], by: str) -> Outcome:
    """The same at these points, where it is defined there only: away from a kink, for probabilities or labels."""
    names = tuple(by.split())
    for point in at:
        cotangents = _cotangents(np.shape(forward(*point.values())))
        fault = _misfit(printed, cotangents[0], point, names)
        if fault:
            return Outcome(False, f"at {shown(point)} {fault}")
        pair = Pair("claim", lambda *x: (forward(*x), x), lambda dy, x: as_tuple(printed(dy, *x)), tuple(point), names)
        try:
            truth = find_truth(pair, point, cotangents)
        except CannotRun as stop:
            return Outcome(None, f"the forward does not run exactly: {stop}")
        if truth.proof.status != "proved":
            return _refuted(truth, pair, point, cotangents)
    return Outcome(True, f"proved to be the derivative at {len(at)} points")


def as_tuple(gradients: Any) -> tuple[Any, ...]:
    """Gradients as a tuple, also where there is one."""
    return gradients if isinstance(gradients, tuple) else (gradients,)


def _cotangents(shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(1)
    return tuple(np.asarray(v) for v in (np.ones(shape), rng.standard_normal(shape), rng.standard_normal(shape)))


def _misfit(printed: Formula, dy: np.ndarray, point: Point, names: Sequence[str]) -> str:
    try:
        gradients = as_tuple(printed(dy, *point.values()))
    except FAULTS as error:
        return f"it cannot be computed ({_said(error)})"
    for name, gradient in zip(names, gradients, strict=True):
        if np.shape(gradient) != point[name].shape:
            return f"the gradient by {name} has shape {np.shape(gradient)}, and {name} has {point[name].shape}"
    return ""


def _refuted(truth: Truth, pair: Pair, point: Point, cotangents: tuple[np.ndarray, ...]) -> Outcome:
    if truth.proof.status != "refuted":
        return Outcome(None, f"at {shown(point)} the proof was {truth.proof.status}: {truth.proof.message}")
    for k, dy in enumerate(cotangents):
        got = pair.backward(dy, tuple(point.values()))
        for name, gradient in zip(pair.differentiable, got, strict=True):
            true = truth.gradients[k][name]
            wrong = np.argwhere(true.error(np.asarray(gradient)) > true.allowance)
            if len(wrong):
                at = tuple(int(i) for i in wrong[0])
                numbers = (("printed", f"{np.asarray(gradient)[at]:.8g}"), ("true", f"{true.nearest[at]:.8g}"))
                where = f"{name}[{', '.join(map(str, at))}]" if at else name
                upstream = "" if k == 0 else f", upstream gradient {shown({'dy': dy})}"
                text = f"at {shown(point)}{upstream} the derivative by {where} is {numbers[1][1]}, not {numbers[0][1]}"
                return Outcome(False, text, numbers)
    return Outcome(False, f"at {shown(point)} {truth.proof.message}")


# -- numbers and shapes -----------------------------------------------------------------------------


def rounds_to(printed: str, value: Any) -> Outcome:
    """Is the exact value one that the printed decimal may stand for: within half a unit of its last place?"""
    middle = Fraction(printed)
    half = Fraction(Decimal(1).scaleb(int(Decimal(printed).as_tuple().exponent))) / 2
    if isinstance(value, Fraction):  # compared as it is: a ball at the very end of the interval would tell nothing
        low, high, x = middle - half, middle + half, value
    else:
        low, high, x = ball(middle - half), ball(middle + half), ball(value)
    numbers = (("printed", printed), ("exact", digits(x, 10)))
    if low <= x and x <= high:
        return Outcome(True, f"the exact value {digits(x, 10)} rounds to {printed}", numbers)
    if x < low or x > high:
        return Outcome(
            False,
            f"the exact value is {digits(x, 10)}, and {printed} stands for {digits(low)} to {digits(high)}",
            numbers,
        )
    return Outcome(None, f"the value {x} is not known well enough")


def has_shape(formula: Formula, claimed: str, shapes: Mapping[str, str]) -> Outcome:
    """Does the formula run at every size, and give an array of the claimed named shape?"""
    for point in points(shapes):
        expected = sizes_of(claimed, point, shapes)
        try:
            got = np.shape(formula(**point))
        except FAULTS as error:
            return Outcome(False, f"with {_extents(point)} it cannot be computed ({_said(error)})")
        if got != expected:
            return Outcome(False, f"with {_extents(point)} the shape is {got}, not {expected}")
    return Outcome(
        True, f"shape ({', '.join(claimed.split())}) at {len(points(shapes))} points, non-square ones among them"
    )


def _extents(point: Point) -> str:
    return ", ".join(f"{name} {x.shape}" for name, x in point.items())
