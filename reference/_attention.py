"""Scaled dot-product attention over any leading axes, and heads as one of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._special import square_root


def attend(q: Any, k: Any, v: Any, mask: Any) -> tuple[Any, Any]:
    """p v with p = softmax(q k^T / sqrt(D)) over the keys where `mask` is True; and what `attend_backward` needs.

    q: (..., T, D); k: (..., K, D); v: (..., K, V); mask: booleans, of shape (..., T, K) or one that broadcasts to it.
    """
    q = q / square_root(q.shape[-1], q)
    p, top = masked_softmax(q @ k.swapaxes(-1, -2), mask)
    return p @ v, (q, k, v, p, top)


def attend_backward(dy: Any, cache: Any) -> tuple[Any, Any, Any]:
    """dq, dk, dv from dy (..., T, V).

    dp enters as its difference from the dp of the likeliest key, which changes nothing, as the rows of p sum to one:
    where that key has nearly all the weight, dp less its mean would have lost every digit there.
    """
    q, k, v, p, top = cache
    dp = dy @ v.swapaxes(-1, -2)
    dp = dp - np.take_along_axis(dp, top, axis=-1)
    ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True))
    dq = ds @ k / square_root(q.shape[-1], q)
    return dq, ds.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ dy


def masked_softmax(scores: Any, mask: Any) -> tuple[Any, Any]:
    """Softmax over the last axis of the entries where `mask` is True, 0 elsewhere; and where each row's largest is.

    Each row has such an entry. The largest of them is not only subtracted: its own exponential is exp(0), also where
    the scores are so large that their difference with themselves is not known to be 0.
    """
    top = np.where(mask, scores, -np.inf).argmax(axis=-1, keepdims=True)
    below = mask & (np.arange(scores.shape[-1]) != top)
    e = np.exp((scores - np.take_along_axis(scores, top, axis=-1)) * below) * mask
    return e / e.sum(axis=-1, keepdims=True), top


def split_heads(x: Any, heads: int) -> Any:
    """(N, T, D) as (N, heads, T, D / heads): each head has its own part of the features."""
    return x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)


def joined_heads(x: Any) -> Any:
    """(N, heads, T, d) as (N, T, heads d)."""
    return x.swapaxes(1, 2).reshape(x.shape[0], x.shape[2], -1)


def check_mask(mask: Any, shape: tuple[int, ...], why: str, name: str = "mask") -> None:
    """Raise ValueError unless `mask` holds booleans of this shape, one of them True in each row of the last axis."""
    if mask.shape != shape:
        raise ValueError(f"{name} has shape {mask.shape}; expected {shape}, {why}")
    if mask.dtype != bool:
        raise ValueError(f"{name} has dtype {mask.dtype}; expected booleans, True where a query may look")
    closed = ~mask.any(axis=-1)
    if closed.any():
        at = tuple(int(axis[0]) for axis in closed.nonzero())
        raise ValueError(f"{name}{list(at)} has no True entry; expected one key at least for each query")


def check_heads(heads: Any, features: int) -> None:
    """Raise ValueError unless `heads` is a whole number that divides the number of features."""
    if not isinstance(heads, int) or heads < 1 or features % heads:
        raise ValueError(
            f"heads={heads!r} is not allowed; expected a whole number that divides the {features} features"
        )
