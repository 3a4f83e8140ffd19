"""Inverted dropout with a given mask. The frameworks' own layers draw their masks themselves."""

from .._counterpart import composed

WHY = "its own dropout draws the mask itself"


@composed(WHY)
def pytorch(fw, x, keep, rate):
    return x * keep * (1 / (1 - rate))


@composed(WHY)
def keras(fw, x, keep, rate):
    return x * fw.ops.cast(keep, x.dtype) * (1 / (1 - rate))


@composed(WHY)
def tensorflow(fw, x, keep, rate):
    return x * fw.tf.cast(keep, x.dtype) * (1 / (1 - rate))


@composed("JAX has no dropout of its own")
def jax(fw, x, keep, rate):
    return fw.jnp.where(keep, x / (1 - rate), 0)
