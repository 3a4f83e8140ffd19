"""Tanhshrink, x - tanh(x)."""

from .._counterpart import absent

tensorflow = absent("TensorFlow has no tanhshrink of its own: its Keras has")
jax = absent("JAX has no tanhshrink")


def pytorch(fw, x):
    return fw.functional.tanhshrink(x)


def keras(fw, x):
    return fw.keras.activations.tanh_shrink(x)
