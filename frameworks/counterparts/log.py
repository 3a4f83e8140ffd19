"""Natural logarithm."""


def pytorch(fw, x):
    return fw.torch.log(x)


def keras(fw, x):
    return fw.ops.log(x)


def tensorflow(fw, x):
    return fw.tf.math.log(x)


def jax(fw, x):
    return fw.jnp.log(x)
