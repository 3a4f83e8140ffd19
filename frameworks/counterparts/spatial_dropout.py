"""Spatial dropout with a given mask, channels on axis 1. The frameworks' own layers draw their masks themselves."""

from .._counterpart import composed

WHY = "its own dropout draws the mask itself"


def _whole(x, keep):
    return [*keep.shape, *[1] * (len(x.shape) - 2)]


@composed(WHY)
def pytorch(fw, x, keep, rate):
    return x * keep.reshape(_whole(x, keep)) * (1 / (1 - rate))


@composed(WHY)
def keras(fw, x, keep, rate):
    return x * fw.ops.cast(fw.ops.reshape(keep, _whole(x, keep)), x.dtype) * (1 / (1 - rate))


@composed(WHY)
def tensorflow(fw, x, keep, rate):
    return x * fw.tf.cast(fw.tf.reshape(keep, _whole(x, keep)), x.dtype) * (1 / (1 - rate))


@composed("JAX has no dropout of its own")
def jax(fw, x, keep, rate):
    return fw.jnp.where(keep.reshape(_whole(x, keep)), x / (1 - rate), 0)
