"""Softmax along an axis, as each framework computes it."""


def pytorch(fw, x, axis):
    return fw.functional.softmax(x, dim=axis)


def keras(fw, x, axis):
    return fw.keras.layers.Softmax(axis=axis)(x)


def tensorflow(fw, x, axis):
    return fw.tf.nn.softmax(x, axis=axis)


def jax(fw, x, axis):
    return fw.nn.softmax(x, axis=axis)
