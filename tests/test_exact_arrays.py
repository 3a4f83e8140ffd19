"""NumPy on exact numbers: the calls of ordinary forwards give what they give in floats, or say why they cannot."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flint import arb

from gradproof.exact_arrays import ExactArray, exact, exact_run, flat
from gradproof.exact_number import Current, ExactStop, Number
from gradproof.jets import Ball, Jet
from gradproof.rounding import Rounded, as_inputs, working_precision
from gradproof.tape import Traced
from gradproof.truth import CannotRun, guarded

RNG = np.random.default_rng(20)
X = RNG.standard_normal((3, 4))
W = RNG.standard_normal((4, 5))
V = RNG.standard_normal(4)
P = RNG.uniform(0.05, 0.95, (3, 4))
LABELS = np.array([2, 0, 3])
MASK = np.array([[True, False, True, True], [False, False, True, False], [True, True, False, True]])


# -- programs that build their result in more than one statement --------------------------------


def preallocated(x, w):
    y = np.zeros((x.shape[0], w.shape[1]))
    for i in range(x.shape[0]):
        for j in range(w.shape[1]):
            y[i, j] = np.sum(x[i, :] * w[:, j])
    return y


def preallocated_like_the_input(x):
    y = np.empty_like(x)
    y[:, ::2] = x[:, ::2] * 2
    y[:, 1::2] += x[:, 1::2]
    y[:, 1::2] -= np.zeros(2, dtype=x.dtype)
    return y


def like_a_plain_array(x):
    weights = np.array([0.5, 0.25, 2.0, 1.0])
    total = np.zeros_like(weights)
    total += x[0] * weights
    return total


def convolution(x):
    padded = np.pad(x, ((1, 1), (1, 1)), mode="constant")
    y = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = (padded[i : i + 3, j : j + 3] * 0.5).sum()
    return y


def strided_windows(x):
    x = np.ascontiguousarray(x)
    shape, strides = (3, 3, 2), (x.strides[0], x.strides[1], x.strides[1])
    return np.lib.stride_tricks.as_strided(x, shape, strides).sum(axis=-1)


def scattered(x):
    total = np.zeros((2, 4))
    np.add.at(total, np.array([0, 1, 0]), x)
    return total


def assigned_by_mask(x):
    y = x.copy()
    y[y < 0] *= 0.01
    y[MASK] = 0
    y[0, :2] = [1.0, x[1, 1]]
    return y


def running_average(x):
    mean = np.zeros(x.shape[1])
    for row in x:
        mean = 0.9 * mean + 0.1 * row
    return mean


def recurrence(x, w):
    h = np.zeros(5, dtype=np.float64)
    states = []
    for t in range(x.shape[0]):
        h = np.tanh(x[t] @ w + h)
        states.append(h)
    return np.stack(states)


def in_place(x):
    y = np.array(x)
    y += 1
    y *= x
    y /= 3.0
    y -= x.mean(axis=0)
    y **= 2
    return y


def with_out(x):
    y = np.empty(x.shape)
    np.multiply(x, 2, out=y)
    np.exp(y, out=y)
    np.add(y, x, out=y)
    return y


def safe_division(x):
    denominator = x * MASK
    return np.divide(x, denominator, out=np.zeros_like(x), where=denominator != 0)


def safe_logarithm(p):
    return np.log(p * MASK, out=np.full(p.shape, -1.0), where=MASK)


def dropout(x):
    keep = (np.arange(12).reshape(3, 4) % 3 > 0).astype(x.dtype) / 0.8
    return x * keep


def one_hot_loss(x):
    t = np.zeros_like(x)
    t[np.arange(3), LABELS] = 1
    p = np.exp(x - np.max(x, axis=1, keepdims=True))
    p /= np.sum(p, axis=1, keepdims=True)
    return -np.sum(t * np.log(p + 1e-12)) / x.shape[0]


def batch_normalisation(x):
    return (x - np.mean(x, axis=0)) / np.sqrt(np.var(x, axis=0) + 1e-5)


def kind_by_dtype(x):
    return x * 2 if np.issubdtype(x.dtype, np.floating) else x


PROGRAMS = [
    preallocated,
    preallocated_like_the_input,
    like_a_plain_array,
    convolution,
    strided_windows,
    scattered,
    assigned_by_mask,
    running_average,
    recurrence,
    in_place,
    with_out,
    safe_division,
    safe_logarithm,
    dropout,
    one_hot_loss,
    batch_normalisation,
    kind_by_dtype,
]

CALLS = {
    # making arrays
    "zeros": lambda x: np.zeros(x.shape) + x,
    "zeros of its dtype": lambda x: np.zeros((3, 4), dtype=x.dtype) + x,
    "zeros_like": lambda x: np.zeros_like(x) - x,
    "ones": lambda x: np.ones((3, 1)) * x,
    "ones_like": lambda x: np.ones_like(x) / x,
    "full": lambda x: np.full(x.shape, 0.1) * x,
    "full of a row": lambda x: np.full((2, 4), x[0]),
    "full_like": lambda x: np.full_like(x, 0.1) * x,
    "full_like of a column": lambda x: x / (1 + np.full_like(x, np.arange(5)[:, None], shape=(5, 1))[: len(x)]) ** 3,
    "integers in its dtype": lambda x: np.sin(np.asarray(range(len(x)), dtype=x.dtype) / 3)[:, None] * x,
    "full of a column": lambda x: x / np.full((len(x), 1), 1 + np.arange(len(x))[:, None], dtype=float) ** 3,
    "eye": lambda x: np.eye(4)[LABELS] * x,
    "eye in place": lambda w: np.add(np.eye(4), w[:, :4]),
    "eye as a mask": lambda w: w[:, :4][np.eye(4, dtype=bool)],
    "identity": lambda x: x @ np.identity(4),
    "diag": lambda x: np.diag(x[0]),
    "array of scalars": lambda x: np.array([x[0, 0], x[1, 1] * 2, 1.0]),
    "nested array of scalars": lambda x: np.array([[x[0, 0], 1], [x[1, 1], x[2, 2]]]),
    "array of rows": lambda x: np.array([row * 2 for row in x]),
    "array of a float dtype": lambda x: np.array([x[0, 0], 2], dtype=float),
    "asarray": lambda x: np.asarray(x) * 1.5,
    "asarray of a dtype": lambda x: np.asarray(x, dtype=float) * 1.5,
    "asarray of a list": lambda x: np.asarray([x[0], x[1]]),
    "array copy": lambda x: np.array(x, copy=True),
    "astype float": lambda x: x.astype(float) + x.astype(np.float64),
    "astype of a mask": lambda x: (x > 0).astype(float) * x,
    "astype its own dtype": lambda x: (x > 0).astype(x.dtype) * x,
    "copy": lambda x: np.copy(x),
    # joining and splitting
    "concatenate": lambda x: np.concatenate([x, x * 2], axis=1),
    "concatenate with plain": lambda x: np.concatenate([x, np.ones((3, 1))], axis=1),
    "stack": lambda x: np.stack([x, x + 1], axis=1),
    "hstack": lambda x: np.hstack([x, x]),
    "vstack": lambda x: np.vstack([x, x[0]]),
    "dstack": lambda x: np.dstack([x, x]),
    "column_stack": lambda x: np.column_stack([x[:, 0], x[:, 1]]),
    "append": lambda x: np.append(x, x[:1], axis=0),
    "c_": lambda x: np.c_[x, np.ones(3)],
    "split": lambda x: np.split(x, 2, axis=1)[0] * np.split(x, 2, axis=1)[1],
    "array_split": lambda x: np.array_split(x, 3, axis=1)[0],
    "pad": lambda x: np.pad(x, ((1, 2), (0, 1))),
    "pad edge": lambda x: np.pad(x, 1, mode="edge"),
    "pad with a number": lambda x: np.pad(x, 1, constant_values=-0.5),
    "block": lambda x: np.block([[x, x], [x, x]]),
    "insert": lambda x: np.insert(x, 1, 0.5, axis=0),
    "delete": lambda x: np.delete(x, 1, axis=0),
    # choosing
    "where": lambda x: np.where(x > 0, x, np.exp(x) - 1),
    "where with numbers": lambda x: np.where(x > 0.3, 1.0, 0.1) * x,
    "select": lambda x: np.select([x < -0.5, x > 0.5], [x - 1, x + 1], default=0.0),
    "piecewise": lambda x: np.piecewise(x, [x < 0, x >= 0], [lambda v: v * 0.1, lambda v: v]),
    "choose": lambda x: np.choose([0, 1, 0, 1], [x[0], x[1]]),
    "maximum": lambda x: np.exp(np.maximum(x, 0)),
    "minimum": lambda x: np.sqrt(1 - np.minimum(x, 0)),
    "fmax": lambda x: np.fmax(x, 0.1),
    "clip": lambda x: np.clip(x, -0.5, 0.5),
    "clip method": lambda x: x.clip(0, 1),
    "clip one side": lambda x: np.clip(x, None, 0.25),
    "take": lambda x: np.take(x, [1, 1, 0], axis=1),
    "take_along_axis": lambda x: np.take_along_axis(x, np.argsort(x, axis=1), axis=1),
    "put_along_axis": lambda x: _put_along(x),
    "compress": lambda x: np.compress([True, False, True], x, axis=0),
    "extract": lambda x: np.extract(x > 0, x),
    "fancy": lambda x: x[[0, 2, 2], LABELS],
    "fancy and slices": lambda x: x[:, [3, 0]],
    "labels": lambda x: x[np.arange(3), LABELS],
    "mask": lambda x: x[x > 0],
    "nonzero": lambda x: x[np.nonzero(x > 0)],
    "argwhere": lambda x: x[tuple(np.argwhere(x > 0)[0])],
    "newaxis": lambda x: x[:, None, :] - x[None],
    "ellipsis": lambda x: x[..., 0],
    # reductions
    "sum": lambda x: np.sum(x),
    "sum axes": lambda x: x.sum(axis=(0, 1)),
    "sum keepdims": lambda x: x / x.sum(axis=1, keepdims=True),
    "sum where": lambda x: np.sum(x, axis=0, where=MASK),
    "sum of a dtype": lambda x: np.sum(x, axis=0, dtype=np.float64),
    "mean": lambda x: x.mean(),
    "mean axis": lambda x: np.mean(x, axis=0, keepdims=True),
    "mean of a dtype": lambda x: np.mean(x, axis=1, dtype=float),
    "average": lambda x: np.average(x, axis=1, weights=[0.1, 0.2, 0.3, 0.4]),
    "var": lambda x: np.var(x, axis=0),
    "var ddof": lambda x: x.var(axis=0, ddof=1),
    "std": lambda x: np.std(x, axis=1, keepdims=True),
    "std of all": lambda x: x.std(),
    "prod": lambda x: np.prod(x, axis=1),
    "cumsum": lambda x: np.cumsum(x, axis=1),
    "cumprod": lambda x: np.cumprod(x, axis=0),
    "max": lambda x: np.max(x, axis=1),
    "min of all": lambda x: x.min(),
    "amax": lambda x: np.amax(x, axis=(0, 1)),
    "ptp": lambda x: np.ptp(x, axis=0),
    "argmax": lambda x: x[np.arange(3), np.argmax(x, axis=1)],
    "argmin method": lambda x: x[x.argmin(axis=0), np.arange(4)],
    "sort": lambda x: np.sort(x, axis=0),
    "argsort": lambda x: x[0][np.argsort(-x[0])],
    "partition": lambda x: np.partition(x, 1, axis=1)[:, 1],
    "median": lambda x: np.median(x, axis=1),
    "nansum": lambda x: np.nansum(x, axis=0),
    "nanmean": lambda x: np.nanmean(x, axis=0),
    "any and all": lambda x: x * np.any(x > 0) * np.all(x < 100, axis=0),
    "count_nonzero": lambda x: x / np.count_nonzero(x > 0),
    "diff": lambda x: np.diff(x, axis=1),
    "ediff1d": lambda x: np.ediff1d(x[0]),
    "gradient": lambda x: np.gradient(x[0]),
    "trapezoid": lambda x: (getattr(np, "trapezoid", None) or np.trapz)(x, axis=1),
    "add.reduce": lambda x: np.add.reduce(x, axis=0),
    "add.reduceat": lambda x: np.add.reduceat(x, [0, 2], axis=1),
    "maximum.accumulate": lambda x: np.maximum.accumulate(x, axis=1),
    "multiply.outer": lambda x: np.multiply.outer(x[0], x[1]),
    "logaddexp.reduce": lambda x: np.logaddexp.reduce(x, axis=-1),
    "logaddexp.reduce keepdims": lambda x: x - np.logaddexp.reduce(x, axis=1, keepdims=True),
    "logaddexp.reduce of all": lambda x: np.logaddexp.reduce(x, axis=(0, 1)),
    "logaddexp.outer": lambda x: np.logaddexp.outer(x[0], x[1]),
    # products
    "dot": lambda x, w: np.dot(x, w),
    "dot method": lambda x, w: x.dot(w),
    "dot of vectors": lambda x: np.dot(x[0], x[1]),
    "matmul": lambda x, w: np.matmul(x, w),
    "@": lambda x, w: x @ w + w[0],
    "@ vector": lambda x, v: x @ v,
    "@ batch": lambda x, w: np.stack([x, x]) @ w,
    "@ plain": lambda x: x @ np.array(W.tolist()),
    "plain @": lambda w: np.array(X.tolist()) @ w,
    "einsum": lambda x, w: np.einsum("nd,dm->nm", x, w),
    "einsum of three": lambda x, w, v: np.einsum("nd,dm,d->nm", x, w, v),
    "einsum optimised": lambda x, w, v: np.einsum("nd,dm,d->m", x, w, v, optimize=True),
    "einsum implicit": lambda x: np.einsum("ij->i", x),
    "tensordot": lambda x, w: np.tensordot(x, w, axes=([1], [0])),
    "inner": lambda x: np.inner(x, x),
    "outer": lambda x, v: np.outer(x[:, 0], v),
    "vdot": lambda x: np.vdot(x, x),
    "kron": lambda x: np.kron(x[:2, :2], x[:2, :2]),
    "cross": lambda x: np.cross(x[0, :3], x[1, :3]),
    "trace": lambda x: np.trace(x[:, :3]),
    "convolve": lambda x: np.convolve(x[0], x[1, :2]),
    "correlate": lambda x: np.correlate(x[0], x[1, :2], mode="valid"),
    "multi_dot": lambda x, w: np.linalg.multi_dot([x.T, x, w]),
    "norm": lambda x: np.linalg.norm(x),
    "norm of rows": lambda x: x / np.linalg.norm(x, axis=1, keepdims=True),
    "norm one": lambda x: np.linalg.norm(x, ord=1, axis=1),
    "norm max": lambda x: np.linalg.norm(x, np.inf, axis=1),
    # moving
    "transpose": lambda x: np.transpose(x),
    "T": lambda x: x.T * 2,
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "moveaxis": lambda x: np.moveaxis(x, 0, -1),
    "rollaxis": lambda x: np.rollaxis(x, 1),
    "reshape": lambda x: x.reshape(2, -1),
    "np.reshape": lambda x: np.reshape(x, (4, 3)),
    "ravel": lambda x: x.ravel(),
    "flatten": lambda x: x.flatten() * 2,
    "flat": lambda x: x.flat[5],
    "squeeze": lambda x: np.squeeze(x[:, :1]),
    "expand_dims": lambda x: np.expand_dims(x, 1),
    "broadcast_to": lambda x: np.broadcast_to(x[0], (2, 4)) * 2,
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, x[0])[1],
    "atleast_2d": lambda x: np.atleast_2d(x[0]),
    "sliding_window_view": lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2)).sum(axis=(-1, -2)),
    "repeat": lambda x: np.repeat(x, 2, axis=1),
    "repeat method": lambda x: x.repeat(2, axis=0),
    "tile": lambda x: np.tile(x, (2, 1)),
    "roll": lambda x: np.roll(x, 1, axis=0),
    "flip": lambda x: np.flip(x, 0),
    "rot90": lambda x: np.rot90(x),
    "triu": lambda x: np.triu(x),
    "tril": lambda x: np.tril(x, -1),
    "triu mask": lambda x: np.where(np.triu(np.ones((3, 4), dtype=bool)), x, -1e9),
    "tri": lambda x: x * np.tri(3, 4),
    "apply_along_axis": lambda x: np.apply_along_axis(lambda row: row / row.sum(), 1, x),
    "apply_along_axis to numbers": lambda x: np.apply_along_axis(lambda row: row.sum(), 0, x),
    "vectorize": lambda x: np.vectorize(lambda v: v * v + 1)(x),
    "fromiter": lambda x: np.array(list(map(lambda v: v * 2, x[0]))),
    "map of rows": lambda x: np.array([np.exp(row).sum() for row in x]),
    # elementary functions
    "exp": lambda x: np.exp(x),
    "exp2": lambda x: np.exp2(x),
    "expm1": lambda x: np.expm1(x),
    "log": lambda p: np.log(p),
    "log2": lambda p: np.log2(p),
    "log10": lambda p: np.log10(p),
    "log1p": lambda p: np.log1p(-p),
    "sqrt": lambda p: np.sqrt(p),
    "cbrt": lambda x: np.cbrt(x),
    "square": lambda x: np.square(x),
    "reciprocal": lambda x: np.reciprocal(x),
    "abs": lambda x: np.abs(x),
    "absolute": lambda x: np.absolute(x),
    "fabs": lambda x: np.fabs(x),
    "abs of a number": lambda x: abs(x[0, 0]),
    "sign": lambda x: np.sign(x) * x,
    "negative": lambda x: np.negative(x),
    "positive": lambda x: np.positive(x),
    "power": lambda p: np.power(p, 3),
    "power of a float": lambda p: np.power(p, 1.5),
    "** -1": lambda x: x**-1,
    "** 0.5": lambda p: p**0.5,
    "** array": lambda p: p ** np.array([1, 2, 3, 0.5]),
    "float_power": lambda p: np.float_power(p, 0.3),
    "number ** array": lambda x: 2**x,
    "sin": lambda x: np.sin(x) * np.cos(x) + np.tan(x),
    "arcs": lambda p: np.arcsin(p) + np.arccos(p) * np.arctan(p),
    "arctan2": lambda x: np.arctan2(x, x[::-1]),
    "hyperbolic": lambda x: np.sinh(x) + np.cosh(x) * np.tanh(x),
    "inverse hyperbolic": lambda p: np.arcsinh(p) + np.arccosh(1 + p) + np.arctanh(p),
    "hypot": lambda x: np.hypot(x, 2 * x),
    "logaddexp": lambda x: np.logaddexp(0, x),
    "logaddexp2": lambda x: np.logaddexp2(x, 1.5),
    "deg2rad": lambda x: np.deg2rad(x) + np.radians(x),
    "rad2deg": lambda x: np.rad2deg(x),
    "copysign": lambda x: np.copysign(x, -1.0),
    "heaviside": lambda x: np.heaviside(x, 0.5),
    "isnan": lambda x: np.where(np.isnan(x), 0.0, x),
    "isfinite": lambda x: x[np.isfinite(x)],
    "isfinite of 1/0": lambda x: np.where(np.isfinite(1 / (x * MASK)), x, 0),
    "isinf": lambda x: np.any(np.isinf(x)) + x,
    "signbit": lambda x: np.where(np.signbit(x), -x, x),
    "nan_to_num": lambda x: np.nan_to_num(x),
    "isclose": lambda x: np.where(np.isclose(x, x), x, 0),
    "allclose": lambda x: x * np.allclose(x, x + 1),
    "array_equal": lambda x: x * np.array_equal(x, x),
    "finfo": lambda p: np.log(p + np.finfo(p.dtype).eps),
    "comparisons": lambda x: (x > 0) * 1.0 + (x <= 0.5) - (x != x) + (x == x),
    "logical": lambda x: np.where(np.logical_and(x > 0, x < 1) | np.logical_not(x > -1), x, 0),
    "mask arithmetic": lambda x: x * (x > 0) + (1 - (x > 0)) * 0.01 * x,
    "real": lambda x: np.real(x) + x.real + x.imag + np.conj(x),
    "item": lambda x: x[0, 0].item() if hasattr(x[0, 0], "item") else x[0, 0],
    "tolist": lambda x: np.array(x.tolist()),
    "iteration": lambda x: sum(row.sum() for row in x),
    "built-in sum, max": lambda x: sum(x[0]) + max(x[1]) - min(x[2]),
    "if": lambda x: x if x.sum() > 0 else -x,
    "number methods": lambda x: x.sum().mean() + np.exp(x.sum()).sum(),
    "0-d": lambda x: np.sum(x)[()] + np.mean(x).reshape(1)[0],
    "size and len": lambda x: x.sum() / x.size / len(x) / x.shape[0] / x.ndim / np.size(x),
}


def _put_along(x):
    y = np.zeros_like(x)
    np.put_along_axis(y, np.argmax(x, axis=1)[:, None], 1.0, axis=1)
    return y * x


for program in PROGRAMS:
    CALLS[program.__name__] = program
GIVEN = {"x": X, "w": W, "v": V, "p": P}


def arguments(program, number):
    code = program.__code__
    arrays = [GIVEN[name] for name in code.co_varnames[: code.co_argcount]]
    make = {
        Ball: lambda v: Ball(arb(v)),
        Jet: lambda v: Jet(arb(v), arb(1)),
        Traced: lambda v: Traced(arb(v)),
        Rounded: Rounded.given,
    }
    return arrays, [lambda x=x: exact([make[number](v) for v in x.ravel().tolist()], x.shape) for x in arrays]


def run(program, number):
    arrays, lifted = arguments(program, number)
    with exact_run(number, 128) as trace, working_precision("float64"):
        y = guarded(trace, program, *(make() for make in lifted))
        return np.shape(y), flat(y), arrays


@pytest.mark.parametrize("name", CALLS)
def test_a_call_gives_on_exact_numbers_what_it_gives_in_floats(name):
    """Balls against float64 within 1e-12 of the array's size: loose for these few terms, and far below any mistake."""
    program = CALLS[name]
    shape, numbers, arrays = run(program, Ball)
    with np.errstate(all="ignore"):
        expected = np.asarray(program(*arrays), dtype=np.float64)
    assert shape == expected.shape
    got = np.array([float(n.v.mid()) for n in numbers])
    size = np.abs(expected).max(initial=1.0)
    np.testing.assert_allclose(got, expected.ravel(), rtol=0, atol=1e-12 * size)
    assert max(float(n.v.rad()) for n in numbers) < 1e-30 * size


@pytest.mark.parametrize("number", [Jet, Traced, Rounded], ids=lambda n: n.__name__)
@pytest.mark.parametrize("name", CALLS)
def test_every_kind_of_number_gives_the_same_values(name, number):
    program = CALLS[name]
    _, balls, arrays = run(program, Ball)
    _, numbers, _ = run(program, number)
    for n, b in zip(numbers, balls, strict=True):
        assert n.v.overlaps(b.v)
    if number is Rounded:
        with np.errstate(all="ignore"):
            got = np.asarray(program(*arrays), dtype=np.float64).ravel().tolist()
        assert [(n, g) for n, g in zip(numbers, got, strict=True) if abs(arb(g) - n.v) > arb(n.e)] == []


SCIPY = {
    "expit": lambda s, x: s.expit(x),
    "log_expit": lambda s, x: s.log_expit(x),
    "logit": lambda s, p: s.logit(p),
    "erf": lambda s, x: 0.5 * x * (1 + s.erf(x / np.sqrt(2))),
    "erfc": lambda s, x: s.erfc(x),
    "xlogy": lambda s, p: s.xlogy(p * MASK, p),
    "xlog1py": lambda s, p: s.xlog1py(p, -p),
    "exp2 and log1p": lambda s, p: s.exp2(p) + s.log1p(p) + s.expm1(p),
}


@pytest.mark.parametrize("name", SCIPY)
def test_functions_of_scipy_special(name):
    special = pytest.importorskip("scipy.special", reason="SciPy is not installed; gradproof does not need it")
    function = SCIPY[name]
    array = GIVEN[function.__code__.co_varnames[1]]
    with exact_run(Ball, 128) as trace:
        numbers = flat(
            guarded(trace, function, special, exact([Ball(arb(v)) for v in array.ravel().tolist()], array.shape))
        )
    np.testing.assert_allclose(
        [float(n.v.mid()) for n in numbers], function(special, array).ravel(), rtol=1e-12, atol=1e-15
    )


# -- what cannot work says so --------------------------------


CANNOT = {
    "np.floor": lambda x: np.floor(x),
    "np.round": lambda x: np.round(x),
    "np.rint": lambda x: np.rint(x),
    "%": lambda x: x % 1,
    "np.float64": lambda x: np.float64(x[0, 0]),
    "float": lambda x: float(x[0, 0]),
    "math.exp": lambda x: math.exp(x[0, 0]),
    "astype(int32)": lambda x: x.astype(np.int32),
    "np.linalg.inv": lambda x: np.linalg.inv(x[:, :3]),
    "np.linalg.det": lambda x: np.linalg.det(x[:, :3]),
    "np.fft": lambda x: np.fft.fft(x),
    "np.frexp": lambda x: np.frexp(x)[0],
    "np.nextafter": lambda x: np.nextafter(x, 1.0),
    "np.cov": lambda x: np.cov(x),
    "np.interp": lambda x: np.interp(x[0], [0, 1], [1, 2]),
    "np.linalg.norm": lambda x: np.linalg.norm(x, ord="nuc"),
    "a plain integer array": lambda x: np.copyto(np.zeros(4, dtype=int), x[0]),
    "a mistake of its own": lambda x: x.reshape(5, 5),
    "no such name": lambda x: x.softmax(),
}


@pytest.mark.parametrize("number", [Ball, Jet, Traced, Rounded], ids=lambda n: n.__name__)
@pytest.mark.parametrize("name", CANNOT)
def test_what_cannot_run_says_so_in_one_sentence_with_its_line(name, number):
    with pytest.raises(CannotRun) as stop:
        run(CANNOT[name], number)
    message = str(stop.value)
    assert "\n" not in message
    assert len(message) < 500
    assert "(line " in message and "lambda x:" in message


@pytest.mark.parametrize(
    ("program", "word"),
    [
        (lambda x: np.linalg.inv(x[:, :3]), "inv"),
        (lambda x: np.frexp(x), "np.frexp"),
        (lambda x: np.floor(x), "floor"),
        (lambda x: x.astype(int), "int()"),
        (lambda x: math.exp(x[0, 0]), "float()"),
        (lambda x: np.array([1.5, 2.5]).__setitem__(0, x[0, 0]), "float()"),
        (lambda x: np.linalg.norm(x, ord="nuc"), "np.linalg.norm"),
    ],
)
def test_the_sentence_names_the_function(program, word):
    with pytest.raises(CannotRun, match=word.replace("(", r"\(").replace(")", r"\)")):
        run(program, Ball)


def test_a_result_that_is_no_number_stops():
    with exact_run(Ball, 128):
        for result in (None, "loss", [object()], {"y": 1}):
            with pytest.raises(ExactStop, match="not numbers"):
                flat(result)


# -- the run itself --------------------------------


def originals():
    return {name: getattr(np, name) for name in dir(np) if not name.startswith("_")}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, CannotRun])
def test_numpy_is_whole_again_after_a_run_and_after_an_exception(error):
    from flint import ctx

    before, precision, trace = originals(), ctx.prec, Current.trace
    with exact_run(Ball, 300):
        assert np.zeros is not before["zeros"]
        assert ctx.prec == 300
    assert originals() == before
    with pytest.raises(error), exact_run(Jet, 300):
        raise error
    assert originals() == before
    assert ctx.prec == precision
    assert Current.trace is trace
    assert np.zeros(3).dtype == np.float64
    assert np.array([1.0]).dtype == np.float64


def test_integer_and_boolean_arrays_stay_what_they_are_inside_a_run():
    with exact_run(Ball, 128):
        for array, kind in [
            (np.zeros(3, dtype=int), "i"),
            (np.zeros((2, 2), dtype=bool), "b"),
            (np.full(3, 7), "i"),
            (np.arange(3), "i"),
            (np.array([1, 2]), "i"),
            (np.ones(3, np.int64), "i"),
            (np.zeros_like(np.arange(3)), "i"),
            (np.eye(3, dtype=bool), "b"),
            (np.identity(3, dtype=int), "i"),
            (np.asarray([True]), "b"),
            (np.ones_like(X, dtype=bool), "b"),
            (np.empty(2, dtype=np.intp), "i"),
        ]:
            assert array.dtype.kind == kind
            assert not isinstance(array, ExactArray)


@pytest.mark.parametrize("number", [Ball, Jet, Traced, Rounded], ids=lambda n: n.__name__)
def test_constants_made_inside_a_run_are_numbers_of_the_run(number):
    with exact_run(number, 128):
        for array in (
            np.zeros(3),
            np.ones((2, 2), np.float32),
            np.empty(2),
            np.full(2, 0.5),
            np.zeros_like(X),
            np.full((2, 4), V),
        ):
            assert array.dtype == object
            assert all(isinstance(n, Number) and type(n) is number for n in flat(array))


def test_a_sum_over_an_axis_is_known_to_have_no_order():
    """Every reduction adds its terms in an order of the library's own; a plain + does not."""
    x = X[:, :3]
    with working_precision("float64"), exact_run(Rounded, 128):
        lifted = exact(as_inputs(x.ravel().tolist()), x.shape)
        for total in (
            lifted.sum(axis=0)[0],
            np.add.reduce(lifted)[0],
            np.cumsum(lifted, axis=0)[-1, 0],
            np.mean(lifted, axis=0)[0] * 1,
            (lifted @ lifted)[0, 0],
            np.einsum("ij,jk->ik", lifted, lifted)[0, 0],
            np.dot(lifted, lifted)[0, 0],
            np.add.reduceat(lifted, [0], axis=0)[0, 0],
            np.tensordot(lifted, lifted, 1)[0, 0],
            np.inner(lifted, lifted)[0, 0],
            np.trace(lifted),
        ):
            assert total.n == 2 or total.e > 0
        assert (lifted[0] + lifted[1] + lifted[2])[0].n == 0
        assert np.add.outer(lifted[0], lifted[1])[0, 0].n == 0
        scattered_ = np.zeros(1)
        np.add.at(scattered_, [0, 0, 0], lifted[:, 0])
        assert scattered_[0].n == 2
