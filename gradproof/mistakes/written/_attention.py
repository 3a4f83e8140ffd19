"""What the subjects of attention share: one attention with its gradients, by einsum over any number of heads."""

import numpy as np

SATURATED = "where one key takes all the weight, p (dp - sum p dp) subtracts what is nearly equal"


def weights(scores, mask):
    e = np.exp(np.where(mask, scores - np.where(mask, scores, -np.inf).max(axis=-1, keepdims=True), -np.inf))
    return e / e.sum(axis=-1, keepdims=True)


def attend(q, k, v, mask, scale=None):
    """(..., T, D), (..., K, D), (..., K, V): y and what the gradients need."""
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    p = weights(np.einsum("...td,...kd->...tk", q * scale, k), mask)
    return np.einsum("...tk,...kv->...tv", p, v), (q, k, v, p, scale)


def gradients(dy, cache, mean=1.0, scaled=True, through_softmax=True, others=True, saturates=True):
    """saturates: as most write it; without, dp is counted from that of the largest weight, and keeps its digits."""
    q, k, v, p, scale = cache
    dp = np.einsum("...tv,...kv->...tk", dy, v)
    dp = dp if saturates else dp - np.take_along_axis(dp, p.argmax(axis=-1)[..., None], axis=-1)
    ds = p * (dp - mean * np.einsum("...tk,...tk->...t", dp, p)[..., None]) if through_softmax else dp
    ds = ds if others else dp * p * (1 - p)
    ds = ds * scale if scaled else ds
    dq, dk = np.einsum("...tk,...kd->...td", ds, k), np.einsum("...tk,...td->...kd", ds, q)
    return dq, dk, np.einsum("...tk,...tv->...kv", p, dy)


def one_by_one(q, k, v, mask):
    """The textbook: each query of each sequence by itself."""
    y = np.zeros((*q.shape[:2], v.shape[2]))
    for n, t in np.ndindex(*q.shape[:2]):
        e = [np.exp(q[n, t] @ k[n, j] / np.sqrt(q.shape[2])) if mask[n, t, j] else 0.0 for j in range(k.shape[1])]
        y[n, t] = sum(e[j] / sum(e) * v[n, j] for j in range(k.shape[1]))
    return y


def heads_one_by_one(q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads):
    """The textbook of several heads: each with its own columns."""
    seen = []
    for cut in np.split(np.arange(q.shape[2]), heads):
        seen.append(one_by_one(q @ wq[:, cut] + bq[cut], k @ wk[:, cut], v @ wv[:, cut] + bv[cut], mask))
    return np.concatenate(seen, axis=2) @ wo + bo


def split(x, heads):
    return np.stack(np.split(x, heads, axis=2), axis=1)


def joined(x):
    return np.concatenate(list(np.moveaxis(x, 1, 0)), axis=2)


def many(q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads=1, scale=None):
    inner = (split(x, heads) for x in (q @ wq + bq, k @ wk, v @ wv + bv))
    seen, cache = attend(*inner, mask[:, None], scale)
    seen = joined(seen)
    return seen @ wo + bo, (q, k, v, wq, wk, wv, wo, seen, cache, heads)


def many_gradients(dy, cache, **flags):
    q, k, v, wq, wk, wv, wo, seen, inner, heads = cache
    dq, dk, dv = map(joined, gradients(split(dy @ wo.T, heads), inner, **flags))

    def of(x, da):
        return np.einsum("ntd,nte->de", x, da)

    def total(da):
        return da.sum(axis=(0, 1))

    return (
        dq @ wq.T, dk @ wk.T, dv @ wv.T, of(q, dq), total(dq), of(k, dk), of(v, dv), total(dv), of(seen, dy), total(dy),
    )  # fmt: skip
