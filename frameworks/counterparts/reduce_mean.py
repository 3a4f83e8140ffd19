"""Mean along an axis, or of everything."""

from ._reducing import axis_or_none


def pytorch(fw, x, axis):
    return fw.torch.mean(x, dim=axis_or_none(axis))


def keras(fw, x, axis):
    return fw.ops.mean(x, axis=axis_or_none(axis))


def tensorflow(fw, x, axis):
    return fw.tf.reduce_mean(x, axis=axis_or_none(axis))


def jax(fw, x, axis):
    return fw.jnp.mean(x, axis=axis_or_none(axis))
