"""Gradient clipping by the norm of all gradients together. PyTorch adds 1e-6 to the norm."""

from .._counterpart import absent, composed
from ._clipping import keras_clipped, pytorch_clipped


def pytorch(fw, gw, gb, largest, eps):
    if eps != 1e-6:
        raise absent("PyTorch's clip_grad_norm_ always adds 1e-6 to the norm")
    return pytorch_clipped(fw, "clip_grad_norm_", [gw, gb], largest)


def keras(fw, gw, gb, largest, eps):
    if eps:
        raise absent("Keras adds nothing to the norm")
    return keras_clipped(fw, [gw, gb], global_clipnorm=largest)


def tensorflow(fw, gw, gb, largest, eps):
    if eps:
        raise absent("TensorFlow adds nothing to the norm")
    return tuple(fw.tf.clip_by_global_norm([gw, gb], largest)[0])


@composed("JAX has no clipping of gradients of its own")
def jax(fw, gw, gb, largest, eps):
    jnp = fw.jnp
    factor = largest / jnp.maximum(jnp.sqrt((gw * gw).sum() + (gb * gb).sum()) + eps, largest)
    return gw * factor, gb * factor
