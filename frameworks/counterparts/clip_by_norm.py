"""Gradient clipping by norm. PyTorch adds 1e-6 to the norm."""

from .._counterpart import absent, composed
from ._clipping import keras_clipped, pytorch_clipped


def pytorch(fw, g, largest, eps):
    if eps != 1e-6:
        raise absent("PyTorch's clip_grad_norm_ always adds 1e-6 to the norm")
    return pytorch_clipped(fw, "clip_grad_norm_", [g], largest)[0]


def keras(fw, g, largest, eps):
    if eps:
        raise absent("Keras adds nothing to the norm")
    return keras_clipped(fw, [g], clipnorm=largest)[0]


def tensorflow(fw, g, largest, eps):
    if eps:
        raise absent("TensorFlow adds nothing to the norm")
    return fw.tf.clip_by_norm(g, largest)


@composed("JAX has no clipping of gradients of its own")
def jax(fw, g, largest, eps):
    jnp = fw.jnp
    return g * (largest / jnp.maximum(jnp.linalg.norm(g.ravel()) + eps, largest))
