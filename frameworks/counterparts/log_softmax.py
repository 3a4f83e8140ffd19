"""Logarithm of softmax along an axis, as each framework computes it."""


def pytorch(fw, x, axis):
    return fw.functional.log_softmax(x, dim=axis)


def keras(fw, x, axis):
    return fw.keras.activations.log_softmax(x, axis=axis)


def tensorflow(fw, x, axis):
    return fw.tf.nn.log_softmax(x, axis=axis)


def jax(fw, x, axis):
    return fw.nn.log_softmax(x, axis=axis)
