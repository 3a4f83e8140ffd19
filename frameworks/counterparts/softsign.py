"""Softsign."""


def pytorch(fw, x):
    return fw.functional.softsign(x)


def keras(fw, x):
    return fw.keras.activations.softsign(x)


def tensorflow(fw, x):
    return fw.tf.nn.softsign(x)


def jax(fw, x):
    return fw.nn.soft_sign(x)
