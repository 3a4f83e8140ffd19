"""Maximum along an axis, or of everything: PyTorch's is amax, which shares the gradient among ties."""

from ._reducing import axis_or_none


def pytorch(fw, x, axis):
    return fw.torch.amax(x, dim=() if axis == "all" else axis)


def keras(fw, x, axis):
    return fw.ops.max(x, axis=axis_or_none(axis))


def tensorflow(fw, x, axis):
    return fw.tf.reduce_max(x, axis=axis_or_none(axis))


def jax(fw, x, axis):
    return fw.jnp.max(x, axis=axis_or_none(axis))
