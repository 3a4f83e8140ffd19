"""Absolute value. At zero the slope is 0 in PyTorch and TensorFlow, 1 in JAX."""


def pytorch(fw, x):
    return fw.torch.abs(x)


def keras(fw, x):
    return fw.ops.absolute(x)


def tensorflow(fw, x):
    return fw.tf.math.abs(x)


def jax(fw, x):
    return fw.jnp.abs(x)
