"""Loops that many subjects share: one entry at a time, and a stretched input's gradient summed back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def each(function: Callable[..., Any], x: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """`function` of one entry at a time; the others are stretched to x's shape."""
    y = np.zeros_like(x)
    stretched = [np.broadcast_to(other, x.shape) for other in others]
    for index in np.ndindex(x.shape):
        y[index] = function(x[index], *(other[index] for other in stretched))
    return y


def summed(gradient: Any, y: np.ndarray) -> np.ndarray:
    """The gradient of stretched `y` in y's shape: each entry added to the one that it was stretched from."""
    gradient = np.asarray(gradient)
    source = np.broadcast_to(np.arange(y.size).reshape(y.shape), gradient.shape)
    total = np.zeros(y.size, dtype=gradient.dtype)
    np.add.at(total, source.ravel(), gradient.ravel())
    return total.reshape(y.shape)
