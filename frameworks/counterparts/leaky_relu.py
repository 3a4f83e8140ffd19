"""Leaky rectifier; every framework has its own default slope, so the slope is always given."""


def pytorch(fw, x, slope):
    return fw.functional.leaky_relu(x, negative_slope=slope)


def keras(fw, x, slope):
    return fw.keras.activations.leaky_relu(x, negative_slope=slope)


def tensorflow(fw, x, slope):
    return fw.tf.nn.leaky_relu(x, alpha=slope)


def jax(fw, x, slope):
    return fw.nn.leaky_relu(x, negative_slope=slope)
