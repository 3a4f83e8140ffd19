"""Sum along an axis, or of everything."""

from ._reducing import axis_or_none


def pytorch(fw, x, axis):
    return fw.torch.sum(x, dim=axis_or_none(axis))


def keras(fw, x, axis):
    return fw.ops.sum(x, axis=axis_or_none(axis))


def tensorflow(fw, x, axis):
    return fw.tf.reduce_sum(x, axis=axis_or_none(axis))


def jax(fw, x, axis):
    return fw.jnp.sum(x, axis=axis_or_none(axis))
