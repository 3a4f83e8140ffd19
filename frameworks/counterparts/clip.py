"""Clipping at two bounds. On a bound the slope is 1 in PyTorch and TensorFlow, 1/2 in JAX."""


def pytorch(fw, x, low, high):
    return fw.torch.clamp(x, low, high)


def keras(fw, x, low, high):
    return fw.ops.clip(x, low, high)


def tensorflow(fw, x, low, high):
    return fw.tf.clip_by_value(x, low, high)


def jax(fw, x, low, high):
    return fw.jnp.clip(x, low, high)
