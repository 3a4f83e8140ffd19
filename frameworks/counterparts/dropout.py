"""Plain dropout with a given mask. The frameworks' own layers draw their masks themselves and are inverted."""

from .._counterpart import composed

WHY = "its own dropout draws the mask itself, and is inverted"


@composed(WHY)
def pytorch(fw, x, keep, rate, mode):
    return x * keep if mode == "train" else x * (1 - rate)


@composed(WHY)
def keras(fw, x, keep, rate, mode):
    return x * fw.ops.cast(keep, x.dtype) if mode == "train" else x * (1 - rate)


@composed(WHY)
def tensorflow(fw, x, keep, rate, mode):
    return x * fw.tf.cast(keep, x.dtype) if mode == "train" else x * (1 - rate)


@composed("JAX has no dropout of its own")
def jax(fw, x, keep, rate, mode):
    return fw.jnp.where(keep, x, 0) if mode == "train" else x * (1 - rate)
