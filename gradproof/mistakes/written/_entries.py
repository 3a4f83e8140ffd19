"""A textbook's step, one entry at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def entry_by_entry(step: Callable[..., Any], *arrays: np.ndarray) -> Any:
    """`step` of one entry of each array at a time: an array, or as many as it returns numbers."""
    shape = arrays[0].shape
    results = [step(*(array[index] for array in arrays)) for index in np.ndindex(shape)]
    if not results or isinstance(results[0], tuple):
        return tuple(np.array(column).reshape(shape) for column in zip(*results, strict=True))
    return np.array(results).reshape(shape)
