"""Exponential function."""


def pytorch(fw, x):
    return fw.torch.exp(x)


def keras(fw, x):
    return fw.ops.exp(x)


def tensorflow(fw, x):
    return fw.tf.math.exp(x)


def jax(fw, x):
    return fw.jnp.exp(x)
