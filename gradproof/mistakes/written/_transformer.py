"""What the subjects of the transformer's layers share: normalisation, and blocks with what is added to them."""

import numpy as np

from . import _attention, feed_forward

EPSILON = 1e-5


def normalised_rows(x, scale, shift):
    """The textbook: each row by itself."""
    y = np.empty(x.shape)
    for at in np.ndindex(*x.shape[:-1]):
        y[at] = scale * (x[at] - x[at].mean()) / np.sqrt(x[at].var() + EPSILON) + shift
    return y


def textbook_residual(x, block, scale, shift, norm):
    if norm == "before":
        return x + block(normalised_rows(x, scale, shift))
    return normalised_rows(x + block(x), scale, shift)


def normalise(x, scale, shift):
    d = x - x.mean(axis=-1, keepdims=True)
    inverse = 1 / np.sqrt((d * d).mean(axis=-1, keepdims=True) + EPSILON)
    return scale * (d * inverse) + shift, (d * inverse, inverse, scale)


def normalise_back(dy, cache, through_variance=1.0):
    xhat, inverse, scale = cache
    dhat = dy * scale
    mean, spread = dhat.mean(axis=-1, keepdims=True), (dhat * xhat).mean(axis=-1, keepdims=True)
    axes = tuple(range(dy.ndim - 1))
    dx = inverse * (dhat - mean - through_variance * xhat * spread)
    return dx, (dy * xhat).sum(axis=axes), dy.sum(axis=axes)


def residual(x, block, scale, shift, norm):
    if norm == "before":
        z, at_norm = normalise(x, scale, shift)
        f, at_block = block(z)
        return x + f, (norm, at_norm, at_block)
    f, at_block = block(x)
    y, at_norm = normalise(x + f, scale, shift)
    return y, (norm, at_norm, at_block)


def residual_back(dy, back, cache, skip=1.0, through_variance=1.0):
    """dx, the block's own gradients, dscale, dshift; the flags leave something out."""
    norm, at_norm, at_block = cache
    if norm == "before":
        dz, *own = back(dy, at_block)
        dx, dscale, dshift = normalise_back(dz, at_norm, through_variance)
        return skip * dy + dx, *own, dscale, dshift
    dsum, dscale, dshift = normalise_back(dy, at_norm, through_variance)
    dx, *own = back(dsum, at_block)
    return skip * dsum + dx, *own, dscale, dshift


def itself(weights, mask, heads):
    return lambda z: _attention.many(z, z, z, *weights, mask, heads)


def other(memory, weights, mask, heads):
    return lambda z: _attention.many(z, memory, memory, *weights, mask, heads)


def fed(weights):
    return lambda z: feed_forward.forward(z, *weights)


def itself_back(dy, cache):
    dq, dk, dv, *own = _attention.many_gradients(dy, cache, saturates=False)
    return dq + dk + dv, *own


def queries_only_back(dy, cache):
    dq, _, _, *own = _attention.many_gradients(dy, cache, saturates=False)
    return dq, *own


def other_back(dy, cache):
    dq, dk, dv, *own = _attention.many_gradients(dy, cache, saturates=False)
    return dq, dk + dv, *own


def other_without_keys_back(dy, cache):
    dq, _, dv, *own = _attention.many_gradients(dy, cache, saturates=False)
    return dq, dv, *own
