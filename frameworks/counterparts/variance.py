"""Variance along an axis, or of everything."""

from ._reducing import axis_or_none, in_dtype_of


def _to_unbiased(x, axis):
    """n / (n - 1) of the n entries that each variance is of."""
    n = 1
    for size in x.shape if axis == "all" else (x.shape[axis],):
        n *= int(size)
    return n / (n - 1)


def pytorch(fw, x, axis, correction):
    return fw.torch.var(x, dim=axis_or_none(axis), correction=correction)


def keras(fw, x, axis, correction):
    biased = in_dtype_of(fw, x, fw.ops.var(x, axis=axis_or_none(axis)))
    if correction == 0:
        return biased
    fw.composed("Keras has the biased variance only")
    return biased * _to_unbiased(x, axis)


def tensorflow(fw, x, axis, correction):
    biased = fw.tf.math.reduce_variance(x, axis=axis_or_none(axis))
    if correction == 0:
        return biased
    fw.composed("TensorFlow has the biased variance only")
    return biased * _to_unbiased(x, axis)


def jax(fw, x, axis, correction):
    return fw.jnp.var(x, axis=axis_or_none(axis), ddof=correction)
