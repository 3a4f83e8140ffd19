"""Square root."""


def pytorch(fw, x):
    return fw.torch.sqrt(x)


def keras(fw, x):
    return fw.ops.sqrt(x)


def tensorflow(fw, x):
    return fw.tf.math.sqrt(x)


def jax(fw, x):
    return fw.jnp.sqrt(x)
