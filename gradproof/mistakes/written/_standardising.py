"""Standardising over any axes, with knobs that turn it wrong; the subjects of normalisations are made of it."""

import numpy as np


def standardised(x, axes, epsilon, outside=False, spared=0):
    """xhat and the deviation it was divided by. outside: epsilon beside the root; spared: entries not counted."""
    d = x - x.mean(axis=axes, keepdims=True)
    count = d.size // max(d.mean(axis=axes).size, 1)
    variance = (d * d).sum(axis=axes, keepdims=True) / max(count - spared, 1)
    deviation = np.sqrt(variance) + epsilon if outside else np.sqrt(variance + epsilon)
    return d / deviation, deviation


def back(g, xhat, deviation, axes, mean=1, variance=1):
    """Gradient through xhat; mean, variance: the share of their paths."""
    through_mean = mean * g.mean(axis=axes, keepdims=True)
    through_variance = variance * xhat * (g * xhat).mean(axis=axes, keepdims=True)
    return (g - through_mean - through_variance) / deviation


def shaped(x, values):
    """One value a channel, to broadcast over x (N, C, ...)."""
    return values.reshape(-1, *(1,) * (x.ndim - 2))


def over(x):
    """Every axis of x (N, C, ...) but the channels'."""
    return (0, *range(2, x.ndim))


def loops(rows, epsilon):
    """Each of a list of vectors standardised, entry by entry."""
    out = []
    for row in rows:
        mean = sum(row) / len(row)
        variance = sum((entry - mean) ** 2 for entry in row) / len(row)
        out.append([(entry - mean) / np.sqrt(variance + epsilon) for entry in row])
    return out
