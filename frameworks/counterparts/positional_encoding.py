"""Sinusoidal positional encoding: no framework has it; written as their tutorials do."""

from .._counterpart import composed

WHY = "no layer or function of its own"


def _encoded(library, steps, features, x):
    """x plus the waves, in PyTorch or JAX: sines and cosines of one rate side by side."""
    rate = library.exp(-9.210340371976184 / x.shape[2] * features)  # -log(10000)
    wave = library.stack([library.sin(steps * rate), library.cos(steps * rate)], -1)
    return x + wave.reshape(x.shape[1], -1)[:, : x.shape[2]]


@composed(f"PyTorch has {WHY}")
def pytorch(fw, x):
    torch = fw.torch
    steps = torch.arange(x.shape[1], dtype=x.dtype)[:, None]
    return _encoded(torch, steps, torch.arange(0, x.shape[2], 2, dtype=x.dtype), x)


@composed(f"Keras has {WHY}")
def keras(fw, x):
    ops = fw.ops
    steps = ops.arange(x.shape[1], dtype=x.dtype)[:, None]
    rate = ops.exp(ops.arange(0, x.shape[2], 2, dtype=x.dtype) * (-9.210340371976184 / x.shape[2]))
    wave = ops.stack([ops.sin(steps * rate), ops.cos(steps * rate)], axis=-1)
    return x + ops.reshape(wave, (x.shape[1], -1))[:, : x.shape[2]]


@composed(f"TensorFlow has {WHY}")
def tensorflow(fw, x):
    tf = fw.tf
    steps = tf.range(x.shape[1], dtype=x.dtype)[:, None]
    rate = tf.exp(tf.range(0, x.shape[2], 2, dtype=x.dtype) * (-9.210340371976184 / x.shape[2]))
    wave = tf.stack([tf.sin(steps * rate), tf.cos(steps * rate)], axis=-1)
    return x + tf.reshape(wave, (x.shape[1], -1))[:, : x.shape[2]]


@composed(f"JAX has {WHY}")
def jax(fw, x):
    jnp = fw.jnp
    steps = jnp.arange(x.shape[1], dtype=x.dtype)[:, None]
    return _encoded(jnp, steps, jnp.arange(0, x.shape[2], 2, dtype=x.dtype), x)
