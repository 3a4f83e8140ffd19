"""Logistic function, as each framework computes it."""


def pytorch(fw, x):
    return fw.torch.sigmoid(x)


def keras(fw, x):
    return fw.keras.activations.sigmoid(x)


def tensorflow(fw, x):
    return fw.tf.math.sigmoid(x)


def jax(fw, x):
    return fw.nn.sigmoid(x)
