"""Argument checks that every operation shares: a `ValueError` names argument, shape and expectation."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any


def check_rank(name: str, x: Any, rank: int, axes: str) -> None:
    """Raise ValueError unless array `x` has `rank` axes; `axes` says what they are, e.g. "(N, D)"."""
    if x.ndim != rank:
        raise ValueError(f"{name} has shape {x.shape}; expected {rank} axes {axes}")


def check_shape(name: str, x: Any, shape: tuple[int, ...], why: str) -> None:
    """Raise ValueError unless array `x` has exactly `shape`; `why` says where that shape comes from."""
    if x.shape != shape:
        raise ValueError(f"{name} has shape {x.shape}; expected {shape}, {why}")


def check_axis(name: str, x: Any, axis: Any) -> None:
    """Raise ValueError unless `axis` is an axis of array `x`, counted from the front or from the back."""
    if axis not in range(-x.ndim, x.ndim):
        raise ValueError(f"axis={axis!r} is not an axis of {name}, which has shape {x.shape}")


def check_option(name: str, value: Any, known: tuple[Any, ...]) -> None:
    """Raise ValueError unless `value` is one of the `known` values of option `name`."""
    if value not in known:
        raise ValueError(f"{name}={value!r} is not known; one of {', '.join(map(repr, known))}")


def check_number(name: str, value: Any, above: float = -math.inf) -> None:
    """Raise ValueError unless option `name` is a finite number greater than `above`."""
    if not (isinstance(value, Real) and above < float(value) < math.inf):
        expected = "a finite number" if above == -math.inf else f"a finite number above {above:g}"
        raise ValueError(f"{name}={value!r} is not allowed; expected {expected}")


def check_labels(name: str, target: Any, size: int, classes: int) -> None:
    """Raise ValueError unless `target` is a vector of `size` integer labels, 0 to `classes` less one."""
    check_shape(name, target, (size,), "one label a row")
    if target.dtype.kind not in "iu":
        raise ValueError(f"{name} has dtype {target.dtype}; expected integer class labels")
    outside = (target < 0) | (target >= classes)
    if outside.any():
        row = int(outside.argmax())
        raise ValueError(f"{name}[{row}] is {target[row]}; expected 0 to {classes - 1}, the {classes} classes")


def check_index(name: str, index: Any, classes: int) -> None:
    """Raise ValueError unless `index`, of one axis or more, holds integers from 0 to `classes` less one."""
    if index.dtype.kind not in "iu":
        raise ValueError(f"{name} has dtype {index.dtype}; expected integer class labels")
    outside = (index < 0) | (index >= classes)
    if outside.any():
        at = tuple(int(axis[0]) for axis in outside.nonzero())
        where = ", ".join(map(str, at))
        raise ValueError(f"{name}[{where}] is {index[at]}; expected 0 to {classes - 1}, the {classes} classes")


def check_at_least(name: str, x: Any, rank: int, axes: str) -> None:
    """Raise ValueError unless array `x` has `rank` axes or more; `axes` says what they are, e.g. "(N, C, ...)"."""
    if x.ndim < rank:
        raise ValueError(f"{name} has shape {x.shape}; expected at least {rank} axes {axes}")


def check_fraction(name: str, value: Any) -> None:
    """Raise ValueError unless option `name` is a number from 0 up to, but not including, 1."""
    if not (isinstance(value, Real) and 0 <= float(value) < 1):
        raise ValueError(f"{name}={value!r} is not allowed; expected a number of at least 0 and below 1")
