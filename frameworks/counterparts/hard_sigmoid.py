"""Hard sigmoid: relu6(x + 3) / 6 in all of them since Keras 3."""

from .._counterpart import absent

tensorflow = absent("TensorFlow has no hard sigmoid of its own: its Keras has")


def pytorch(fw, x):
    return fw.functional.hardsigmoid(x)


def keras(fw, x):
    return fw.keras.activations.hard_sigmoid(x)


def jax(fw, x):
    return fw.nn.hard_sigmoid(x)
