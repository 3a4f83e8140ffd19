"""Continuously differentiable exponential linear unit."""

from .._counterpart import absent

tensorflow = absent("TensorFlow has no CELU of its own: its Keras has")


def pytorch(fw, x, alpha):
    return fw.functional.celu(x, alpha=alpha)


def keras(fw, x, alpha):
    return fw.keras.activations.celu(x, alpha=alpha)


def jax(fw, x, alpha):
    return fw.nn.celu(x, alpha=alpha)
