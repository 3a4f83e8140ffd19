"""Logarithm of the logistic sigmoid."""


def pytorch(fw, x):
    return fw.functional.logsigmoid(x)


def keras(fw, x):
    return fw.keras.activations.log_sigmoid(x)


def tensorflow(fw, x):
    return fw.tf.math.log_sigmoid(x)


def jax(fw, x):
    return fw.nn.log_sigmoid(x)
