"""Mish."""

from .._counterpart import absent

tensorflow = absent("TensorFlow has no mish of its own: its Keras has")


def pytorch(fw, x):
    return fw.functional.mish(x)


def keras(fw, x):
    return fw.keras.activations.mish(x)


def jax(fw, x):
    return fw.nn.mish(x)
