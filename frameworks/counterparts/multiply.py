"""Elementwise product, as each framework multiplies two tensors."""


def pytorch(fw, x, y):
    return fw.torch.mul(x, y)


def keras(fw, x, y):
    return fw.ops.multiply(x, y)


def tensorflow(fw, x, y):
    return fw.tf.math.multiply(x, y)


def jax(fw, x, y):
    return fw.jnp.multiply(x, y)
