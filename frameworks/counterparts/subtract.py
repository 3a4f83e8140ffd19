"""Elementwise difference; each framework stretches the second tensor by itself."""


def pytorch(fw, x, y, broadcast):
    return fw.torch.sub(x, y)


def keras(fw, x, y, broadcast):
    return fw.ops.subtract(x, y)


def tensorflow(fw, x, y, broadcast):
    return fw.tf.math.subtract(x, y)


def jax(fw, x, y, broadcast):
    return fw.jnp.subtract(x, y)
