"""Hyperbolic tangent, as each framework computes it."""


def pytorch(fw, x):
    return fw.torch.tanh(x)


def keras(fw, x):
    return fw.keras.activations.tanh(x)


def tensorflow(fw, x):
    return fw.tf.math.tanh(x)


def jax(fw, x):
    return fw.jnp.tanh(x)
