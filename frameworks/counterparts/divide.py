"""Elementwise quotient; each framework stretches the second tensor by itself."""


def pytorch(fw, x, y, broadcast):
    return fw.torch.div(x, y)


def keras(fw, x, y, broadcast):
    return fw.ops.divide(x, y)


def tensorflow(fw, x, y, broadcast):
    return fw.tf.math.divide(x, y)


def jax(fw, x, y, broadcast):
    return fw.jnp.divide(x, y)
