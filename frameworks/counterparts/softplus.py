"""Softplus. PyTorch's changes to y = x above its default threshold of 20; that default is what users get."""


def pytorch(fw, x):
    return fw.functional.softplus(x)


def keras(fw, x):
    return fw.keras.activations.softplus(x)


def tensorflow(fw, x):
    return fw.tf.math.softplus(x)


def jax(fw, x):
    return fw.nn.softplus(x)
