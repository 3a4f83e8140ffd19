"""Values of an assignment's expressions: plain arrays for the student's code, and truths to judge what it returns.

An expression is made of catalogue words, numbers, the language's structure functions (`bias_first`, `rows`, ...) and
arithmetic. On plain arrays it gives what a program is handed. On truths it is computed once more in rounded numbers
(`gradproof.rounding`): an entry's value, its interval at a kink and its rounding bound go through every operation,
so `w1 - rate * dw1` has a truth and an allowance of its own.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flint import arb, ctx

from ...exact_arrays import ExactArray, case_dtype, exact, exact_run, flat
from ...rounding import LONG, Rounded, as_inputs, mantissa_length, working_precision
from ...truth import PRECISIONS, TrueArray


class ExpressionError(ValueError):
    """An expression that has no value; the message says which and why."""


# -- structure ------------------------------------------------------------------------------------------------------


def bias_first(x: Any) -> Any:
    """(N, D) with a column of ones before it: (N, D + 1); a vector gets a one before it."""
    return np.concatenate([np.ones_like(x[..., :1]), x], axis=-1)


def bias_last(x: Any) -> Any:
    """(N, D) with a column of ones after it: (N, D + 1); a vector gets a one after it."""
    return np.concatenate([x, np.ones_like(x[..., :1])], axis=-1)


def rows(*parts: Any) -> Any:
    """Stacked from top to bottom; a vector is one row."""
    return np.concatenate([x[None, :] if x.ndim == 1 else x for x in parts], axis=0)


def columns(*parts: Any) -> Any:
    """Side by side; a vector is one column."""
    return np.concatenate([x[:, None] if x.ndim == 1 else x for x in parts], axis=1)


def row(v: Any) -> Any:
    """A vector (n,) as (1, n)."""
    return v[None, :]


def column(v: Any) -> Any:
    """A vector (n,) as (n, 1)."""
    return v[:, None]


def one_hot(target: Any, classes: int) -> Any:
    """Class labels of any shape as rows of zeros with a single one."""
    return np.eye(classes)[target]


def identity(size: int) -> Any:
    """The identity matrix."""
    return np.eye(size)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    f.__name__: f for f in (bias_first, bias_last, rows, columns, row, column, one_hot, identity)
}
METHODS = ("reshape", "transpose", "sum", "mean")
_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}


# -- evaluation -----------------------------------------------------------------------------------------------------


def evaluate(node: ast.expr, values: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] = FUNCTIONS) -> Any:
    """The value of an expression; `values` by name may be anything with NumPy's arithmetic.

    ExpressionError where a word is unknown or the shapes do not fit.
    """
    try:
        return _value(node, values, functions)
    except ExpressionError:
        raise
    except (TypeError, ValueError, IndexError, AttributeError, KeyError, ZeroDivisionError) as error:
        raise ExpressionError(f"`{ast.unparse(node)}` has no value here: {error}") from error


def _value(node: ast.expr, values: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Any:
    def of(child: ast.expr) -> Any:
        return _value(child, values, functions)

    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        if node.id not in values:
            raise ExpressionError(f"{node.id} is no word of the task; it has {', '.join(sorted(values))}")
        return values[node.id]
    if isinstance(node, (ast.Tuple, ast.List)):
        return tuple(of(child) for child in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -of(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)](of(node.left), of(node.right))
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return of(node.value).T
    if isinstance(node, ast.Subscript):
        return of(node.value)[_index(node.slice, of)]
    if isinstance(node, ast.Call):
        keywords = {k.arg: of(k.value) for k in node.keywords if k.arg is not None}
        return _called(node.func, values, functions)(*map(of, node.args), **keywords)
    raise ExpressionError(f"`{ast.unparse(node)}` is no expression of catalogue words")


def _called(
    function: ast.expr, values: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
) -> Callable[..., Any]:
    if isinstance(function, ast.Name) and function.id in functions:
        return functions[function.id]
    if isinstance(function, ast.Attribute) and function.attr in METHODS:
        bound: Callable[..., Any] = getattr(_value(function.value, values, functions), function.attr)
        return bound
    raise ExpressionError(f"`{ast.unparse(function)}` is no function of the line language")


def _index(node: ast.expr, of: Callable[[ast.expr], Any]) -> Any:
    if isinstance(node, ast.Slice):
        return slice(*(None if part is None else of(part) for part in (node.lower, node.upper, node.step)))
    return tuple(_index(part, of) for part in node.elts) if isinstance(node, ast.Tuple) else of(node)


# -- on truths --------------------------------------------------------------------------------------------------------


def true_value(node: ast.expr, values: Mapping[str, Any], dtype: str, floor: float = 0.0) -> TrueArray:
    """The truth of an expression of which some words are truths (`TrueArray`) and others plain arrays and numbers.

    dtype: the working precision, "float32" or "float64". floor: as `rounding.working_precision` has it. Where entries
    stand at a kink, each may take either end of its interval in the result, all of them the same one at a time: exact
    for expressions in which such a word stands once. ExpressionError as `evaluate`.
    """
    if isinstance(node, ast.Name) and isinstance(values.get(node.id), TrueArray):
        return values[node.id]
    low = _on_side(node, values, dtype, floor, 0)
    used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    if not any(isinstance(v, TrueArray) and n in used and v.kinks.any() for n, v in values.items()):
        return _true_array(low, low)
    high = _on_side(node, values, dtype, floor, 1)
    swapped = [(a, b) if not b[0] < a[0] else (b, a) for a, b in zip(low[0], high[0], strict=True)]
    return _true_array(([a for a, _ in swapped], low[1]), ([b for _, b in swapped], high[1]))


_Side = tuple[list[tuple[arb, float]], tuple[int, ...]]


def _on_side(node: ast.expr, values: Mapping[str, Any], dtype: str, floor: float, side: int) -> _Side:
    """Value and rounding bound of every entry, with one end of each interval."""
    bits = PRECISIONS[0]
    with ctx.workprec(PRECISIONS[-1]), case_dtype(dtype), exact_run(Rounded, bits), working_precision(dtype, floor):
        used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        lifted = {name: _lifted(value, side) for name, value in values.items() if name in used}
        result = evaluate(node, lifted)
        numbers = [(n.v, n.faithful()) for n in flat(result)]
        return numbers, tuple(np.shape(result))


def _lifted(value: Any, side: int) -> Any:
    """A truth or a floating array as rounded numbers; anything else as it is."""
    if isinstance(value, TrueArray):
        hi, lo = (value.low, value.high)[side]
        every = zip(hi.ravel().tolist(), lo.ravel().tolist(), value.allowance.ravel().tolist(), strict=True)
        numbers = [_number(arb(h) + arb(low), e) for h, low, e in every]
        return _shaped(numbers, value.shape)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return _shaped(as_inputs(value.ravel().tolist()), value.shape)
    return value


def _number(v: arb, e: float) -> Rounded:
    a = abs(float(v)) if v.is_finite() else math.inf
    return Rounded(v, a, e if math.isfinite(a) else math.inf, mantissa_length(v) if e == 0 else LONG)


def _shaped(numbers: list[Rounded], shape: tuple[int, ...]) -> ExactArray | Rounded:
    return exact(numbers, shape) if shape else numbers[0]


def _true_array(low: _Side, high: _Side) -> TrueArray:
    (lows, shape), (highs, _) = low, high
    allowance = np.array([max(a[1], b[1]) for a, b in zip(lows, highs, strict=True)], dtype=np.float64)
    return TrueArray(_split(lows, shape), _split(highs, shape), allowance.reshape(shape))


def _split(numbers: list[tuple[arb, float]], shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Double-doubles of the values."""
    hi = [float(v.mid()) if v.is_finite() else math.nan for v, _ in numbers]
    lo = [float(v.mid() - arb(h)) if math.isfinite(h) else 0.0 for (v, _), h in zip(numbers, hi, strict=True)]
    return np.array(hi, dtype=np.float64).reshape(shape), np.array(lo, dtype=np.float64).reshape(shape)
