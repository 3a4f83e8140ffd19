"""Log-sum-exp along an axis, or of everything."""

from ._reducing import axis_or_none


def pytorch(fw, x, axis):
    return fw.torch.logsumexp(x, dim=tuple(range(x.ndim)) if axis == "all" else axis)


def keras(fw, x, axis):
    return fw.ops.logsumexp(x, axis=axis_or_none(axis))


def tensorflow(fw, x, axis):
    return fw.tf.reduce_logsumexp(x, axis=axis_or_none(axis))


def jax(fw, x, axis):
    return fw.nn.logsumexp(x, axis=axis_or_none(axis))
