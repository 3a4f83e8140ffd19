"""Is a backward the right derivative of the student's own forward, where that forward is wrong?

The forward is run many times in one program, along one random direction of the inputs, and differentiated by central
differences that estimate their own error (`gradproof.differences`). A backward that gives the same number is right
for the forward that it was written for: its author made one mistake, not two.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...differences import derivative, rounding_noise
from ...elementary import POWER_ULP
from ..assignments.expressions import ExpressionError, evaluate
from ..confinement.exchanged import Program, Tagged
from .answers import DEMANDING
from .asking import Subject, compiled_at
from .points import Point
from .program import Given, compile_task, mentions
from .together import renamed

if TYPE_CHECKING:
    from .program import Return

DIRECTIONS = 2  # random ones, on which a wrong gradient would have to agree by chance
CARELESS = 2.0**-40  # what a backward may lose to rounding, of the sum of its terms' magnitudes: far below a mistake


def own_derivative(subject: Subject, at: Point, returned: Return) -> bool | None:
    """Whether what the backward returns there is the derivative of the student's own forward; None if unknown."""
    output = next((r for r in compiled_at(at).returns if _flowing(at, r)), None)
    if output is None:
        return None
    y = subject.run(compiled_at(at, ("setup", "forward")).program).values.get(output.name)
    if y is None or isinstance(y, Tagged):
        return None
    chosen = _cotangent(at, output, y)
    if chosen is None:
        return None
    upstream, given = chosen
    own = subject.run(compile_task(at.task, given, own=True).program)
    got = own.values.get(returned.name)
    if got is None or isinstance(got, Tagged) or got.dtype.kind not in "fiu" or _vacuous(at, returned, got):
        return False
    return _agrees(subject, replace(at, programs={}), output, upstream, returned, np.asarray(got, dtype=np.float64))


def _vacuous(at: Point, returned: Return, got: np.ndarray) -> bool:
    """Zero, or one number everywhere, where the true gradient is not: a forward that computes nothing has such a one,
    and earns nothing by it.
    """
    true = at.true(returned).nearest

    def empty(x: np.ndarray) -> bool:
        return bool(not x.any() or (x.size > 2 and (x == x.flat[0]).all()))

    return got.size > 0 and empty(got) and not empty(true)


def _flowing(at: Point, returned: Return) -> bool:
    """Does it show an output that a gradient flows from, and no gradient?"""
    words = at.task.words
    return len(returned.words) == 1 and f"d{returned.words[0]}" in words.cotangents


def _cotangent(at: Point, output: Return, y: np.ndarray) -> tuple[np.ndarray, Given] | None:
    """The upstream gradient of what the forward returned, and the words' values with it; one of the student's own
    shape where that is another."""
    (word,) = output.words
    dy = at.cotangents()[f"d{word}"]
    try:
        upstream = np.asarray(evaluate(output.expression, {**at.numbers, word: dy}))
    except ExpressionError:
        return None
    if upstream.shape == y.shape:
        return upstream, at.given
    if not isinstance(output.expression, ast.Name):
        return None
    own = np.random.default_rng(7).standard_normal(y.shape) if mentions(at.task, f"d{word}") else np.ones(y.shape)
    return own, replace(at.given, cotangents={**at.given.cotangents, f"d{word}": own})


def _agrees(
    subject: Subject,
    at: Point,
    output: Return,
    upstream: np.ndarray,
    returned: Return,
    got: np.ndarray,
) -> bool | None:
    rng = np.random.default_rng(11)
    for _ in range(DIRECTIONS):
        pulled = _pulled_back(at, returned, rng, got.shape)
        if pulled is None:
            return False
        functional, constant, direction = pulled
        along = _along(subject, at, output, upstream, direction)
        if along is None:
            return None
        values, magnitude = along
        noise = np.maximum(2 * POWER_ULP[1] * 2.0**-53 * magnitude, 2 * rounding_noise(values))
        expected, error = derivative(values, noise)
        claimed = float((got * functional).sum()) - constant
        rounding = CARELESS * float(np.abs(got * functional).sum())
        if not abs(claimed - float(expected[0])) <= float(error[0]) + rounding:
            return False
    return True


def _pulled_back(
    at: Point, returned: Return, rng: np.random.Generator, shape: tuple[int, ...]
) -> tuple[np.ndarray, float, dict[str, np.ndarray]] | None:
    """A random functional of what is returned, as one of the gradients in it: itself, its constant, the direction.

    What is returned is an expression that is affine in the gradients: rows(db, dw), w1 - rate * dw1.
    """
    gradients = {w: at.task.words.gradients[w] for w in returned.words if w in at.task.words.gradients}
    zeros = {w: np.zeros(at.case.inputs[n].shape) for w, n in gradients.items()}
    values: dict[str, Any] = {**at.numbers, **at.case.inputs}
    try:
        start = np.asarray(evaluate(returned.expression, {**values, **zeros}), dtype=np.float64)
    except ExpressionError:
        return None
    if start.shape != shape:
        return None
    functional = rng.standard_normal(shape)
    direction = {}
    for word, name in gradients.items():
        along = np.zeros(zeros[word].size)
        for i in range(along.size):
            unit = np.zeros(along.size)
            unit[i] = 1.0
            moved = evaluate(returned.expression, {**values, **zeros, word: unit.reshape(zeros[word].shape)})
            along[i] = float(((np.asarray(moved) - start) * functional).sum())
        direction[name] = along.reshape(zeros[word].shape)
    return functional, float((start * functional).sum()), direction


def _along(
    subject: Subject,
    at: Point,
    output: Return,
    upstream: np.ndarray,
    direction: Mapping[str, np.ndarray],
) -> tuple[Callable[[float], np.ndarray], np.ndarray] | None:
    """<dy, y> of the student's forward along the direction, for every step that the differences will ask for.

    With it the sum of the terms' magnitudes.
    """
    steps = _steps_asked()
    program = _many(at, steps, direction, output)
    outcome = subject.run(program)
    if outcome.verdict != "ok":
        return None
    known, magnitude = {}, 0.0
    for k, t in enumerate(steps):
        y = outcome.values.get(f"{k}:{output.name}")
        if y is None or isinstance(y, Tagged) or y.shape != upstream.shape or y.dtype.kind not in "fiu":
            return None
        known[t] = np.array([float((upstream * y).sum())])
        magnitude = max(magnitude, float(np.abs(upstream * y).sum()))
    return known.__getitem__, np.array([magnitude])


def _steps_asked() -> list[float]:
    """The steps that `derivative` and `rounding_noise` take of a function that never settles: all they may take."""
    asked: dict[float, None] = {0.0: None}

    def record(t: float) -> np.ndarray:
        asked[t] = None
        return np.array([np.nan])

    with np.errstate(all="ignore"):
        rounding_noise(record)
        derivative(record, np.array([0.0]))
    return list(asked)


def _many(at: Point, steps: Sequence[float], direction: Mapping[str, np.ndarray], output: Return) -> Program:
    """One program that runs the forward at every step, each with names and arrays of its own."""
    every: list[dict[str, Any]] = []
    arrays: dict[str, np.ndarray] = {}
    returns = []
    for k, t in enumerate(steps):
        inputs = {n: x + t * direction[n] if n in direction else x for n, x in at.case.inputs.items()}
        one = compile_task(at.task, replace(at.given, inputs=inputs), ("setup", "forward"))
        every += [renamed(step, f"{k}:") for step in one.program.steps]
        arrays.update({f"{k}:{name}": x for name, x in one.program.arrays.items()})
        returns.append(f"{k}:{output.name}")
    return Program(tuple(every), arrays, tuple(returns))


def right_for_own(subject: Subject, suspects: Sequence[tuple[Point, Return]]) -> bool:
    """Are all these gradients the derivative of the student's own forward at their points?

    Far out on the line of floats a step of the differences is rounded away: such points are asked only where all are.
    """
    plain = [each for each in suspects if each[0].case.spec.regime not in DEMANDING] or suspects
    return bool(plain) and all(own_derivative(subject, at, returned) is True for at, returned in plain)
