"""Gaussian error linear unit. The default is the exact form in PyTorch and Keras, the tanh form in JAX."""


def pytorch(fw, x, approximate):
    return fw.functional.gelu(x, approximate=approximate)


def keras(fw, x, approximate):
    return fw.keras.activations.gelu(x, approximate=approximate == "tanh")


def tensorflow(fw, x, approximate):
    return fw.tf.nn.gelu(x, approximate=approximate == "tanh")


def jax(fw, x, approximate):
    return fw.nn.gelu(x, approximate=approximate == "tanh")
