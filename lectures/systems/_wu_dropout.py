"""Wu's Dropout: a mask with an exact number of ones, scaled so that the mean of what it masks stays."""

from __future__ import annotations

import numpy as np


def kept_elements(size, ratio):
    """How many of `size` elements a mask keeps: the nearest whole number to size (1 - ratio).

    ValueError for a ratio that is not in [0, 1).
    """
    if not 0 <= ratio < 1:
        raise ValueError(f"the ratio {ratio} drops no share of the elements; give a number from 0 to below 1")
    return round(size * (1 - ratio))


def Dropout(h1, ratio, rng):
    """A mask of h1's shape and dtype: 1 / (1 - ratio) for the elements that `rng` chooses to keep, 0 for the others."""
    idx = rng.choice(h1.size, kept_elements(h1.size, ratio), replace=False)
    return mask_from(idx, h1.shape, ratio, h1.dtype)


def mask_from(idx, shape, ratio, dtype="float64"):
    """The mask that keeps the elements of these flat indices."""
    yd = np.zeros(int(np.prod(shape)), dtype=dtype)
    yd[idx] = 1.0 / (1.0 - ratio)
    return np.reshape(yd, shape)
