"""Sigmoid linear unit, which TensorFlow calls swish."""


def pytorch(fw, x):
    return fw.functional.silu(x)


def keras(fw, x):
    return fw.keras.activations.silu(x)


def tensorflow(fw, x):
    return fw.tf.nn.silu(x)


def jax(fw, x):
    return fw.nn.silu(x)
