"""Numbers as planes of bytes: all first bytes, then all second ones; close numbers share most of theirs."""

from __future__ import annotations

import numpy as np


def to_planes(numbers: np.ndarray) -> np.ndarray:
    """The bytes of a vector of n numbers of k bytes, as an array of k rows and n columns."""
    raw = np.ascontiguousarray(numbers).view(np.uint8)
    return np.ascontiguousarray(raw.reshape(-1, numbers.dtype.itemsize).T)


def from_planes(planes: np.ndarray, dtype: str) -> np.ndarray:
    """The numbers of `to_planes`. ValueError where these are no planes of that dtype."""
    kind = np.dtype(dtype)
    if planes.dtype != np.uint8 or planes.ndim != 2 or len(planes) != kind.itemsize:
        raise ValueError(f"an array of {planes.dtype} of shape {planes.shape} holds no {kind.name}")
    numbers = np.ascontiguousarray(planes.T).reshape(-1).view(kind)
    if kind.kind == "b" and planes.max(initial=0) > 1:
        raise ValueError("booleans that are neither 0 nor 1")
    return numbers.astype(kind.newbyteorder("="), copy=False)
