"""Subjects of affine: y = x w + b."""

import numpy as np

from ._records import Unusual, Wrong


def forward(x, w, b):
    return x @ w + b, (x, w, b)


def backward(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_db_mean(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0) / max(len(x), 1)


def backward_db_wrong_sign(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, -np.sum(dy, axis=0)


def backward_db_keepdims(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0, keepdims=True)


def backward_db_not_summed(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, dy.copy()


def backward_db_over_features(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=1, keepdims=True)


def backward_db_counts_rows(dy, cache):
    x, w, b = cache
    return dy @ w.T, x.T @ dy, len(x) * np.ones_like(b)


def backward_db_total(dy, cache):
    x, w, b = cache
    return dy @ w.T, x.T @ dy, np.full_like(b, dy.sum())


def backward_db_first_row(dy, cache):
    x, w, b = cache
    return dy @ w.T, x.T @ dy, dy[0].copy() if len(dy) else np.zeros_like(b)


def backward_db_view(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, dy[0] if len(dy) == 1 else dy.sum(axis=0)


def backward_dw_transposed(dy, cache):
    x, w, _ = cache
    return dy @ w.T, dy.T @ x, dy.sum(axis=0)


def backward_dw_reshaped(dy, cache):
    x, w, _ = cache
    return dy @ w.T, (dy.T @ x).reshape(w.shape), dy.sum(axis=0)


def backward_dw_last_example(dy, cache):
    x, w, _ = cache
    dw = np.zeros_like(w)
    for i in range(len(x)):
        dw = np.outer(x[i], dy[i])
    return dy @ w.T, dw, dy.sum(axis=0)


def backward_dx_reshaped_w(dy, cache):
    x, w, _ = cache
    return dy @ w.reshape(w.shape[::-1]), x.T @ dy, dy.sum(axis=0)


def backward_in_float32(dy, cache):
    _, w, _ = (a.astype(np.float32) for a in cache)
    dx = (dy.astype(np.float32) @ w.T).astype(dy.dtype)
    return dx, cache[0].T @ dy, dy.sum(axis=0)


def backward_ones_of_float64(dy, cache):
    x, w, _ = cache
    return dy @ w.T, x.T @ dy, np.ones(len(x)) @ dy


def backward_clipped(dy, cache):
    return tuple(np.clip(g, -1, 1) for g in backward(dy, cache))


def backward_two_gradients(dy, cache):
    return backward(dy, cache)[:2]


def backward_four_gradients(dy, cache):
    return (*backward(dy, cache), cache)


def backward_weights_first(dy, cache):
    dx, dw, db = backward(dy, cache)
    return dw, dx, db


def backward_object_array(dy, cache):
    dx, dw, db = backward(dy, cache)
    return dx, dw.astype(object), db


def backward_lists(dy, cache):
    dx, dw, db = backward(dy, cache)
    return dx, dw.tolist(), db


def forward_squeezes(x, w, b):
    rows, _ = x.squeeze().shape if x.size else x.shape
    return x @ w + b * np.ones((rows, 1), dtype=x.dtype), (x, w, b)


def forward_without_bias(x, w, b):
    return x @ w, (x, w, b)


def backward_without_bias(dy, cache):
    x, w, b = cache
    return dy @ w.T, x.T @ dy, np.zeros_like(b)


_first: dict = {}


def forward_keeps_first(x, w, b):
    _first.setdefault("x", x.copy())
    return x @ w + b, (x, w)


def backward_of_first(dy, cache):
    x, w = cache
    old = _first["x"] if _first["x"].shape == x.shape else np.resize(_first["x"], x.shape)
    return dy @ w.T, old.astype(x.dtype).T @ dy, dy.sum(axis=0)


_last: dict = {}


def forward_to_global(x, w, b):
    _last["cache"] = (x, w, b)
    return x @ w + b, None


def backward_from_global(dy, _):
    return backward(dy, _last["cache"])


_buffers: dict = {}


def backward_into_buffer(dy, cache):
    x, w, _ = cache
    dw = _buffers.setdefault((w.shape, w.dtype), np.zeros(w.shape, dtype=w.dtype))
    dw[...] = x.T @ dy
    return dy @ w.T, dw, dy.sum(axis=0)


def backward_accumulates(dy, cache):
    x, w, _ = cache
    dw = _buffers.setdefault(("sum", w.shape, w.dtype), np.zeros(w.shape, dtype=w.dtype))
    dw += x.T @ dy
    return dy @ w.T, dw.copy(), dy.sum(axis=0)


def forward_returns_dict_of_copies(x, w, b):
    return x @ w + b, {"x": x.copy(), "w": w.copy(), "b": b}


def backward_scales_cache(dy, cache):
    x, w = cache["x"], cache["w"]
    dw, db = x.T @ dy, dy.sum(axis=0)
    w *= 2
    return dy @ w.T / 2, dw, db


def backward_through_reshape(dy, cache):
    x, w, _ = cache
    dx = np.zeros_like(x)
    dx.reshape(-1)[...] = (dy @ w.T).reshape(-1)
    return dx, x.T @ dy, dy.sum(axis=0)


def forward_memory_order(x, w, b):
    return x @ w.ravel(order="K").reshape(w.shape) + b, (x, w, b)


WRONG = [
    Wrong("db-mean-instead-of-sum", "wrong n", forward, backward_db_mean, "db", "beyond-allowance"),
    Wrong("db-wrong-sign", "wrong sign", forward, backward_db_wrong_sign, "db", "beyond-allowance"),
    Wrong("db-keepdims", "wrong shape", forward, backward_db_keepdims, "db", "wrong-shape",
          says="db keeps the summed axis: shape (1, M), not (M,)"),
    Wrong("db-counts-rows", "ignores upstream", forward, backward_db_counts_rows, "db", "not-linear",
          says="db is the number of rows, as if dy were all ones"),
    Wrong("db-summed-over-everything", "wrong axis", forward, backward_db_total, "db", "beyond-allowance",
          says="db is the sum of all of dy in every entry"),
    Wrong("db-not-summed", "wrong shape", forward, backward_db_not_summed, "db", "wrong-shape",
          says="db is dy itself, not summed over the examples"),
    Wrong("db-over-the-features", "wrong axis", forward, backward_db_over_features, "db", "wrong-shape",
          says="db is summed over the features (axis 1) of each example, not over the examples"),
    Wrong("db-of-the-first-row", "one row only", forward, backward_db_first_row, "db", "beyond-allowance",
          says="db is the first row of dy, not the sum of all rows"),
    Wrong("db-view-of-one-row", "aliasing", forward, backward_db_view, "db", "alias",
          says="with a single row db is a view of dy, not an array of its own"),
    Wrong("dw-transposed", "transposed", forward, backward_dw_transposed, "dw", "wrong-shape",
          says="dw is dy^T x, the transpose of x^T dy"),
    Wrong("dw-transposed-and-reshaped", "transposed", forward, backward_dw_reshaped, "dw", "beyond-allowance",
          says="dw is dy^T x, reshaped to the right shape: its numbers stand in the wrong places"),
    Wrong("dw-of-the-last-example", "one row only", forward, backward_dw_last_example, "dw", "beyond-allowance",
          says="dw is assigned in the loop over examples, not added up, so the last one is left"),
    Wrong("dx-reshapes-w", "transposed", forward, backward_dx_reshaped_w, "dx", "beyond-allowance",
          says="w is reshaped where it must be transposed"),
    Wrong("dx-in-float32", "float32 inside", forward, backward_in_float32, "dx", "beyond-allowance",
          says="dx is computed in float32"),
    Wrong("db-through-ones-of-float64", "wrong dtype", forward, backward_ones_of_float64, "db", "wrong-dtype",
          says="db is a product with float64 ones, so it is float64"),
    Wrong("gradients-clipped", "not linear", forward, backward_clipped, "dx dw db", "not-linear",
          says="the gradients are clipped inside the backward"),
    Wrong("db-forgotten", "missing gradient", forward, backward_two_gradients, "dx", "missing",
          says="db is not returned"),
    Wrong("cache-among-the-gradients", "missing gradient", forward, backward_four_gradients, "dx", "missing",
          says="the cache is returned with the gradients"),
    Wrong("weights-first", "swapped", forward, backward_weights_first, "dx dw", besides="db",
          says="dw is returned before dx"),
    Wrong("dw-of-objects", "not an array", forward, backward_object_array, "dw", "not-numbers",
          says="dw is an array of Python objects"),
    Wrong("dw-as-lists", "not an array", forward, backward_lists, "dw", says="dw is a list of lists"),
    Wrong("squeezes-a-row", "raises", forward_squeezes, backward, "y", status="broken",
          says="squeeze removes the batch's axis where there is one example"),
    Wrong("no-bias", "wrong forward", forward_without_bias, backward_without_bias, "y db", "beyond-allowance",
          says="the bias is never added"),
    Wrong("first-calls-x", "stale cache", forward_keeps_first, backward_of_first, "dw", "beyond-allowance",
          says="dw uses the x of the first call"),
    Wrong("cache-in-a-global", "stale cache", forward_to_global, backward_from_global, "dx dw", "stale-cache"),
    Wrong("dx-written-through-reshape", "one layout only", forward, backward_through_reshape, "dx", cases=30,
          says="dx is filled through a reshape, which is a copy where the array is not contiguous"),
    Wrong("reads-w-in-memory-order", "one layout only", forward_memory_order, backward, "y", cases=18,
          says="w is read in the order of memory, which is another one where it is transposed"),
    Wrong("dw-in-one-buffer", "aliasing", forward, backward_into_buffer, "dw", "alias",
          says="dw is one buffer that every call writes into"),
    Wrong("dw-accumulates-over-calls", "not repeatable", forward, backward_accumulates, "dw", "not-repeatable",
          says="dw is added to that of the calls before"),
    Wrong("scales-w-in-the-cache", "changes in place", forward_returns_dict_of_copies, backward_scales_cache, "dx",
          "mutated-cache", says="the backward changes w in the cache"),
]  # fmt: skip


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_loops(x, w, b):
    (n, d), m = x.shape, w.shape[1]
    y = np.zeros((n, m), dtype=x.dtype)
    for i in range(n):
        for k in range(m):
            for j in range(d):
                y[i, k] += x[i, j] * w[j, k]
            y[i, k] += b[k]
    return y, {"x": x, "w": w, "b": b}


def backward_accumulates_outer(dy, cache):
    x, w = cache["x"], cache["w"]
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(cache["b"])
    for i, row in enumerate(dy):
        dx[i] = w @ row
        dw += np.outer(x[i], row)
        db += row
    return dx, dw, db


def forward_einsum(x, w, b):
    return np.einsum("nd,dm->nm", x, w) + b[None, :], (x, w)


def backward_einsum(dy, cache):
    x, w = cache
    return np.einsum("nm,dm->nd", dy, w), np.einsum("nd,nm->dm", x, dy), np.einsum("nm->m", dy)


def forward_ones_column(x, w, b):
    padded = np.concatenate([x, np.ones((len(x), 1), dtype=x.dtype)], axis=1)
    stacked = np.vstack([w, b])
    return padded @ stacked, (padded, stacked)


def backward_ones_column(dy, cache):
    padded, stacked = cache
    both = padded.T @ dy
    return (dy @ stacked.T)[:, :-1].copy(), both[:-1], both[-1]


def backward_transposed_views(dy, cache):
    x, w, _ = cache
    return (w @ dy.T).T, (dy.T @ x).T, np.add.reduce(dy, axis=0)


def forward_broadcast(x, w, b):
    return (x[:, :, None] * w[None]).sum(axis=1) + np.broadcast_to(b, (len(x), len(b))), (x, w)


def backward_broadcast(dy, cache):
    x, w = cache
    return (dy[:, None] * w).sum(axis=-1), (x[:, :, None] * dy[:, None, :]).sum(axis=0), np.sum(dy, axis=0)


def forward_in_float64(x, w, b):
    return (x.astype(np.float64) @ w.astype(np.float64) + b).astype(x.dtype), (x, w)


def backward_in_float64(dy, cache):
    x, w = (a.astype(np.float64) for a in cache)
    return {
        "x": (dy @ w.T).astype(dy.dtype),
        "b": dy.sum(axis=0, dtype="f8").astype(dy.dtype),
        "w": (x.T @ dy).astype(dy.dtype),
    }


UNUSUAL = [
    Unusual("in-float64-and-back", forward_in_float64, backward_in_float64),
    Unusual("three-loops-and-outer-products", forward_loops, backward_accumulates_outer),
    Unusual("einsum", forward_einsum, backward_einsum),
    Unusual("column-of-ones", forward_ones_column, backward_ones_column),
    Unusual("transposed-views", forward, backward_transposed_views),
    Unusual("explicit-broadcasting", forward_broadcast, backward_broadcast),
]
