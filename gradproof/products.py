"""Matrix products of exact numbers at once: what term by term gives, in a fraction of the time.

Term by term, a product of (n, k) and (k, m) makes 2 n k m Python objects, and that is most of what a network costs.
Arb multiplies whole matrices, into balls that are narrower on the whole; the bounds of rounded numbers are sums that
NumPy does. Where an entry needs a rule of its own (a short mantissa, a constant among slopes), the product is left to
NumPy's object loop and the numbers' own arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import arb_mat

from .jets import Ball, Jet
from .rounding import LONG, Rounded, Working, summed

Shape = tuple[int, int, int]
MOST_TERMS = 2**18  # whose bounds are held in memory at a time
_empty: Any = np.empty  # the original: an exact run replaces it


def product(a: Any, b: Any) -> np.ndarray | None:
    """a @ b for object arrays (n, k) and (k, m) of one kind of number; None where it must be done term by term."""
    if not all(isinstance(x, np.ndarray) and x.dtype == object and x.ndim == 2 and x.size for x in (a, b)):
        return None
    (n, k), m = a.shape, b.shape[1]
    left, right = a.ravel().tolist(), b.ravel().tolist()
    kind = type(left[0])
    at_once = AT_ONCE.get(kind)
    if at_once is None or b.shape[0] != k or k == 1 or any(type(x) is not kind for x in (*left, *right)):
        return None
    numbers = at_once(left, right, (n, k, m))
    if numbers is None:
        return None
    result: np.ndarray = _empty(n * m, dtype=object)
    result[:] = numbers
    return result.reshape(n, m)


def _values(left: Sequence[Any], right: Sequence[Any], shape: Shape) -> tuple[arb_mat, arb_mat]:
    n, k, m = shape
    return arb_mat(n, k, [x.v for x in left]), arb_mat(k, m, [x.v for x in right])


def _balls(left: list[Ball], right: list[Ball], shape: Shape) -> list[Any]:
    a, b = _values(left, right, shape)
    return [Ball(v) for v in (a * b).entries()]


def _jets(left: list[Jet], right: list[Jet], shape: Shape) -> list[Any] | None:
    n, k, m = shape
    moving = [{x.s is not None for x in numbers} for numbers in (left, right)]
    if any(len(each) > 1 for each in moving):
        return None  # along a unit direction: term by term, the constants among the entries cost nothing
    a, b = _values(left, right, shape)
    slopes = [arb_mat(n, k, [x.s for x in left]) * b] if True in moving[0] else []
    slopes += [a * arb_mat(k, m, [x.s for x in right])] if True in moving[1] else []
    values = (a * b).entries()
    if not slopes:
        return [Jet(v) for v in values]
    total = slopes[0] if len(slopes) == 1 else slopes[0] + slopes[1]
    return [Jet(v, s) for v, s in zip(values, total.entries(), strict=True)]


def _rounded(left: list[Rounded], right: list[Rounded], shape: Shape) -> list[Any] | None:
    """Products of numbers that already carry rounding, as `Rounded.multiply` and `Rounded.add` bound them."""
    n, k, m = shape
    if any(x.bits != LONG for x in left) or any(x.bits != LONG for x in right):
        return None
    (sizes, errors, ulps), (sizes_, errors_, ulps_) = _bounds(left, (n, k)), _bounds(right, (k, m))
    rows = max(1, MOST_TERMS // (k * m))
    p: list[float] = []
    total: list[float] = []
    for i in range(0, n, rows):
        terms = _terms(sizes[i : i + rows, :, None], errors[i : i + rows, :, None], sizes_, errors_)
        if terms is None:
            return None
        p += terms[0].sum(axis=1).ravel().tolist()
        total += terms[1].sum(axis=1).ravel().tolist()
    ulp = np.maximum(ulps.max(axis=1)[:, None], ulps_.max(axis=0)).ravel().tolist()
    a, b = _values(left, right, shape)
    values = (a * b).entries()
    return [summed(v, e, s, k - 1, 0.0, u) for v, e, s, u in zip(values, p, total, ulp, strict=True)]


def _bounds(numbers: Sequence[Rounded], shape: tuple[int, int]) -> Any:
    """Sizes, errors and worst ulp of the functions behind them, as float matrices."""
    return np.array([(x.a, x.e, x.k) for x in numbers]).T.reshape(3, *shape)


def _terms(a: np.ndarray, e: np.ndarray, b: np.ndarray, f: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Error bounds and sizes of all products of numbers of sizes a, b and errors e, f; None where one may overflow."""
    size, spread = a * b, a * f + b * e + e * f
    reach = size + spread
    if not (reach * (1 + Working.unit) <= Working.largest).all():
        return None
    flushed = np.where((reach > 0) & (size - spread < Working.tiny), Working.tiny, 0.0)
    return spread + Working.unit * np.maximum(reach, Working.floor) + flushed, size


# By kind of number: (entries of a, entries of b, (n, k, m)) -> entries of a @ b, or None.
AT_ONCE: dict[type, Callable[..., list[Any] | None]] = {Ball: _balls, Jet: _jets, Rounded: _rounded}
