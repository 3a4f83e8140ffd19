"""What a wrong array looks like next to the true one: one short sentence, or none.

Only patterns that hold at every entry within the allowance are named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import permutations

import numpy as np


def describe(
    true: np.ndarray,
    got: np.ndarray,
    allowance: np.ndarray,
    sizes: Mapping[str, int] | None = None,
    others: Mapping[str, np.ndarray] | None = None,
) -> str:
    """The pattern of `got` against `true`, the first that holds.

    Zero; a sign or ratio with its closed form; another quantity's numbers; permuted axes; a border, rows or columns;
    constant along an axis; or of another shape, the axis that is too many.
    sizes: named sizes of the case (N, D, ...), from which closed forms of a ratio are tried.
    others: the case's other quantities by name, which may have been returned in this one's place.
    """
    if true.size == 0 or got.size == 0 or not np.isfinite(got).all() or not np.isfinite(true).all():
        return ""
    got = got.astype(np.float64)
    if got.shape != true.shape:
        return _another_shape(true, got, allowance) or _another(got, others or {}, float(allowance.max()))
    if _same(true, got, allowance):
        return ""
    for sentence in (
        _zero(true, got),
        _ratio(true, got, allowance, sizes or {}),
        _another(got, others or {}, float(allowance.max())),
        _permuted(true, got, allowance),
        _rows(true, got, allowance),
        _border(true, got, allowance),
        _some(true, got, allowance),
        _constant(true, got),
    ):
        if sentence:
            return sentence
    return ""


def sizes(inputs: Mapping[str, np.ndarray]) -> dict[str, int]:
    """Sizes of the inputs' axes, named as the messages name them; each size once."""
    found: dict[str, int] = {}
    for name, x in inputs.items():
        found.update({f"{name}.shape[{axis}]": size for axis, size in enumerate(x.shape) if size not in found.values()})
        if x.ndim > 1 and x.size not in found.values():
            found[f"{name}.size"] = x.size
    return found


def _same(a: np.ndarray, b: np.ndarray, allowance: np.ndarray) -> bool:
    return bool((np.abs(a - b) <= allowance).all())


def _zero(true: np.ndarray, got: np.ndarray) -> str:
    return "every entry is zero" if not got.any() and true.any() else ""


def _ratio(true: np.ndarray, got: np.ndarray, allowance: np.ndarray, sizes: Mapping[str, int]) -> str:
    at = np.unravel_index(np.argmax(np.abs(true)), true.shape)
    if not true[at]:
        return ""
    ratio = got[at] / true[at]
    # scaled true values carry the allowance scaled alike, and that of the entry the ratio was read from
    slack = np.abs(ratio) * allowance + np.abs(true / true[at]) * (allowance[at] * max(1.0, abs(ratio))) + allowance
    if not math.isfinite(ratio) or not ratio or not _same(ratio * true, got, slack):
        return ""
    spread = float(slack[at] / abs(true[at]))
    if abs(ratio - 1) <= spread:
        return ""
    for text, value in _closed_forms(sizes):
        if abs(ratio - value) <= spread:
            return f"every entry is the true one times {text}" if value != -1 else "every entry has the wrong sign"
    shown = f"{ratio:.6g}" if abs(ratio - 1) > 1e-5 else f"1 {'+' if ratio > 1 else '-'} {abs(ratio - 1):.2g}"
    return f"every entry is the true one times {shown}"


def _closed_forms(sizes: Mapping[str, int]) -> Iterator[tuple[str, float]]:
    yield from ((f"{n:g}", n) for n in (-1.0, 2.0, -2.0))
    yield from (("1/2", 0.5), ("-1/2", -0.5), ("ln 10", math.log(10)), ("1/ln 10", 1 / math.log(10)))
    yield from (("ln 2", math.log(2)), ("1/ln 2", 1 / math.log(2)))
    for name, n in sizes.items():
        if n > 1:
            yield from ((f"{name} = {n}", n), (f"1/{name} = 1/{n}", 1 / n), (f"-{name}", -n), (f"-1/{name}", -1 / n))
            yield from ((f"2/{name}", 2 / n), (f"{name}/2", n / 2))


def _another_shape(true: np.ndarray, got: np.ndarray, allowance: np.ndarray) -> str:
    """The right numbers, in a shape that they do not have."""
    if got.shape == true.T.shape and _same(true.T, got, allowance.T):
        return "transposed"
    if got.size == true.size and _same(true, got.reshape(true.shape), allowance):
        if got.squeeze().shape == true.squeeze().shape:
            return f"an axis of size one too {'many' if got.ndim > true.ndim else 'few'}"
        return f"the right entries in the shape {got.shape}"
    if true.ndim > 0 and got.size > true.size:
        for axis in range(got.ndim):
            summed = got.sum(axis=axis)
            if summed.shape == true.shape and _same(true, summed, allowance * got.shape[axis]):
                return f"not summed over axis {axis}, which has {got.shape[axis]} entries"
    return ""


def _another(got: np.ndarray, others: Mapping[str, np.ndarray], allowance: float) -> str:
    """Another quantity of the case, returned in this one's place. A constant array proves nothing."""
    if got.size < 2 or (got == got.flat[0]).all():
        return ""
    for name, other in others.items():
        if other.shape == got.shape and np.isfinite(other).all() and _same(other, got, np.full(got.shape, allowance)):
            return f"it is {name}"
    return ""


def _border(true: np.ndarray, got: np.ndarray, allowance: np.ndarray) -> str:
    """Wrong all around the last two axes (half of the places there at least), right inside."""
    if true.ndim < 2 or min(true.shape[-2:]) < 3:
        return ""
    bad = ~(np.abs(got - true) <= allowance)
    around = bad.size - bad[..., 1:-1, 1:-1].size
    if bad[..., 1:-1, 1:-1].any() or 2 * bad.sum() < around:
        return ""
    sides = (bad[..., 0, :], bad[..., -1, :], bad[..., :, 0], bad[..., :, -1])
    return "only the border is wrong" if all(side.any() for side in sides) else ""


def _constant(true: np.ndarray, got: np.ndarray) -> str:
    """The same along an axis, where the truth is not: a sum or mean over it was spread out again."""
    for axis, size in enumerate(true.shape):
        if size > 1 and (got == got.take([0], axis=axis)).all() and (true != true.take([0], axis=axis)).any():
            return f"the same all along axis {axis}"
    return ""


def _permuted(true: np.ndarray, got: np.ndarray, allowance: np.ndarray) -> str:
    if not 2 <= true.ndim <= 4:
        return ""
    for order in list(permutations(range(true.ndim)))[1:]:
        if true.transpose(order).shape == got.shape and _same(
            true.transpose(order), got, allowance + allowance.transpose(order)
        ):
            return "transposed" if true.ndim == 2 else f"axes permuted to {order}"
    flat = np.sort(true.ravel()), np.sort(got.ravel())
    return "the right entries in another order" if _same(*flat, np.full(true.size, allowance.max())) else ""


def _rows(true: np.ndarray, got: np.ndarray, allowance: np.ndarray) -> str:
    bad = ~(np.abs(got - true) <= allowance)
    for axis in range(true.ndim):
        lines = np.flatnonzero(bad.any(axis=tuple(a for a in range(true.ndim) if a != axis)))
        if true.shape[axis] > 2 and 0 < len(lines) <= true.shape[axis] // 2 and true.ndim > 1:
            which = ", ".join(map(str, lines[:6]))
            return f"only index {which} of axis {axis} is wrong"
    return ""


def _some(true: np.ndarray, got: np.ndarray, allowance: np.ndarray) -> str:
    bad = ~(np.abs(got - true) <= allowance)
    if true.size > 2 and 0 < bad.sum() <= true.size // 2:
        return f"{int(bad.sum())} of {true.size} entries are wrong"
    return ""
