"""Running a forward and backward, unchanged, on exact numbers: jets, balls, rounded numbers, or a tape of either."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from flint import arb

from .exact_arrays import exact, exact_run, flat
from .exact_number import ExactStop, Trace
from .jets import Ball, Jet
from .pair import Pair
from .rounding import Rounded, as_inputs
from .tape import Traced, ancestors, sweep
from .true_values import CannotRun


def exact_inputs(
    pair: Pair, inputs: Mapping[str, np.ndarray], make: Callable[[str, np.ndarray], list[Any]]
) -> list[Any]:
    """Exact arrays for the floating inputs, the arrays themselves for labels and masks."""
    return [exact(make(n, x), x.shape) if x.dtype.kind == "f" else x for n, x in ((n, inputs[n]) for n in pair.inputs)]


def guarded(trace: Trace, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call user code on exact numbers; whatever it raises becomes one sentence that names the function and the line."""
    trace.called = ""
    try:
        return function(*arguments)
    except Exception as error:
        stop = _stop(error)
        if stop is not None:
            raise CannotRun(f"{stop}{_place(error)}") from error
        said = " ".join(str(error).split())[:160]
        what = f"{trace.called}: " if trace.called else ""
        raise CannotRun(f"{what}{type(error).__name__}: {said}{_place(error)}") from error


def _stop(error: BaseException | None) -> ExactStop | None:
    """The stop behind an exception: NumPy reports a float() inside an assignment as its own ValueError."""
    while error is not None and not isinstance(error, ExactStop):
        error = error.__cause__ or error.__context__
    return error


def _place(error: BaseException) -> str:
    """The innermost line outside NumPy and this package: the user's own."""
    here = __file__.rsplit("exact_runs.py", 1)[0]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(here) or "numpy" in frame.filename or not frame.line:
            continue
        return f" (line {frame.lineno}: `{frame.line.strip()}`)"
    return ""


def balls(x: np.ndarray) -> list[arb]:
    return [arb(value) for value in x.ravel().tolist()]


def inner(a: Sequence[arb], b: Sequence[arb | None]) -> arb:
    total = arb(0)
    for p, q in zip(a, b, strict=True):
        if q is not None:
            total += p * q
    return total


def run_jets(
    pair: Pair,
    inputs: Mapping[str, np.ndarray],
    direction: Mapping[str, Sequence[Any]],
    bits: int,
    number: type[Jet] = Jet,
) -> tuple[list[arb], list[arb | None], int]:
    """One jet pass: values and slopes of y, and how many comparisons met a tie."""

    def make(name: str, x: np.ndarray) -> list[Any]:
        slopes = direction.get(name)
        return [
            number(v, None if s is None else arb(s)) for v, s in zip(balls(x), slopes or [None] * x.size, strict=True)
        ]

    with exact_run(number, bits) as trace:
        y, _ = guarded(trace, pair.forward, *exact_inputs(pair, inputs, make))
        numbers = guarded(trace, flat, y)
        return [n.v for n in numbers], [n.s for n in numbers], len(trace.ties)


def run_backward(
    pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray], number: Any, bits: int
) -> Any:
    """Forward and backward on balls or rounded numbers: y's numbers, and for each cotangent the gradients' numbers."""
    lift = (lambda x: [Ball(v) for v in balls(x)]) if number is Ball else (lambda x: as_inputs(x.ravel().tolist()))
    with exact_run(number, bits) as trace:
        y, saved = guarded(trace, pair.forward, *exact_inputs(pair, inputs, lambda _, x: lift(x)))
        ys = guarded(trace, flat, y)
        every = []
        for dy in cotangents:
            upstream = exact(lift(dy), dy.shape) if dy.ndim else lift(dy)[0]
            gradients = guarded(trace, pair.backward, upstream, saved)
            every.append(_by_input(trace, pair, gradients, inputs))
        return ys, every, trace


def _by_input(trace: Trace, pair: Pair, gradients: Any, inputs: Mapping[str, np.ndarray]) -> dict[str, list[Any]]:
    names = pair.differentiable
    if not isinstance(gradients, (tuple, list)) or len(gradients) != len(names):
        what = (
            f"{len(gradients)} gradients" if isinstance(gradients, (tuple, list)) else f"a {type(gradients).__name__}"
        )
        raise ValueError(f"{what}; expected a tuple of {len(names)}: {', '.join(f'd{n}' for n in names)}")
    return {n: _flat_gradient(trace, n, g, inputs[n]) for n, g in zip(names, gradients, strict=True)}


def _flat_gradient(trace: Trace, name: str, gradient: Any, x: np.ndarray) -> list[Any]:
    shape = np.shape(gradient)
    numbers = guarded(trace, flat, gradient)
    if shape != x.shape and not (x.size == 1 and len(numbers) == 1):
        raise CannotRun(f"the gradient of {name} has shape {shape} on exact numbers, the input {x.shape}")
    return numbers


def run_tape(pair: Pair, inputs: Any, cotangents: Any, rounded: bool, bits: int, at_tie: int = 0) -> Any:
    """Reverse mode of the forward, on balls or rounded numbers: y's scalars, gradients, and positions at ties.

    at_tie: 1 or -1 to take the first or the second of two equal numbers for the larger, everywhere.
    """
    number = _RoundedTraced if rounded else Traced
    leaves: dict[str, list[Traced]] = {}

    def make(name: str, x: np.ndarray) -> list[Any]:
        scalars = as_inputs(x.ravel().tolist()) if rounded else balls(x)
        constant = name not in pair.differentiable
        leaves[name] = [number(v, constant=constant) for v in scalars]
        return leaves[name]

    lift = Rounded.given if rounded else arb
    with exact_run(number, bits) as trace:
        trace.at_tie = at_tie
        y, _ = guarded(trace, pair.forward, *exact_inputs(pair, inputs, make))
        ys = guarded(trace, flat, y)
        trace.reducing = True  # a gradient gathers its terms in whatever order a program likes
        wanted = [leaf for n in pair.differentiable for leaf in leaves[n]]
        every = []
        for dy in cotangents:
            swept = iter(sweep(ys, [lift(v) for v in dy.ravel().tolist()], wanted))
            every.append({n: [next(swept) for _ in leaves[n]] for n in pair.differentiable})
        tied = set() if rounded else ancestors(node for tie in trace.ties for node in tie)
        at_ties = {n: [leaf.index in tied for leaf in leaves[n]] for n in pair.differentiable}
        return [n.v for n in ys], every, at_ties, trace


class _RoundedTraced(Traced):
    """A traced rounded number: its constants are rounded numbers too."""

    __slots__ = ()

    @classmethod
    def constant(cls, value: Any) -> Traced:
        return cls(Rounded.constant(value), constant=True)


def working_dtype(pair: Pair, inputs: Mapping[str, np.ndarray]) -> str:
    kinds = {inputs[n].dtype.name for n in pair.inputs if inputs[n].dtype.kind == "f"}
    return "float32" if kinds == {"float32"} else "float64"
