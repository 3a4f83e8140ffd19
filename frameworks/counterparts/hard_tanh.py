"""Hard hyperbolic tangent. At a bound the slope is 0 in PyTorch, 1 in TensorFlow's clipping, which Keras uses."""

from .._counterpart import absent

tensorflow = absent("TensorFlow has no hard tanh of its own: its Keras has")


def pytorch(fw, x):
    return fw.functional.hardtanh(x)


def keras(fw, x):
    return fw.keras.activations.hard_tanh(x)


def jax(fw, x):
    return fw.nn.hard_tanh(x)
