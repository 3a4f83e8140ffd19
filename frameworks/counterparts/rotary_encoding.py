"""Rotary position encoding: no framework has it; written as their models do."""

from .._counterpart import composed

WHY = "no layer or function of its own"


def _turned(x, cos, sin, pairs, stack, concatenate):
    half = x.shape[2] // 2
    a, b = (x[..., ::2], x[..., 1::2]) if pairs == "neighbours" else (x[..., :half], x[..., half:])
    return (stack if pairs == "neighbours" else concatenate)([a * cos - b * sin, b * cos + a * sin])


@composed(f"PyTorch has {WHY}")
def pytorch(fw, x, pairs):
    torch = fw.torch
    rate = 1.0 / 10000 ** (torch.arange(0, x.shape[2], 2, dtype=x.dtype) / x.shape[2])
    a = torch.outer(torch.arange(x.shape[1], dtype=x.dtype), rate)
    parts = _turned(
        x, a.cos(), a.sin(), pairs, lambda each: torch.stack(each, dim=-1), lambda each: torch.cat(each, dim=-1)
    )
    return parts.reshape(x.shape)


@composed(f"Keras has {WHY}")
def keras(fw, x, pairs):
    ops = fw.ops
    rate = 1.0 / 10000 ** (ops.arange(0, x.shape[2], 2, dtype=x.dtype) / x.shape[2])
    a = ops.outer(ops.arange(x.shape[1], dtype=x.dtype), rate)
    parts = _turned(
        x,
        ops.cos(a),
        ops.sin(a),
        pairs,
        lambda each: ops.stack(each, axis=-1),
        lambda each: ops.concatenate(each, axis=-1),
    )
    return ops.reshape(parts, x.shape)


@composed(f"TensorFlow has {WHY}")
def tensorflow(fw, x, pairs):
    tf = fw.tf
    rate = 1.0 / 10000 ** (tf.range(0, x.shape[2], 2, dtype=x.dtype) / x.shape[2])
    a = tf.range(x.shape[1], dtype=x.dtype)[:, None] * rate
    parts = _turned(
        x, tf.cos(a), tf.sin(a), pairs, lambda each: tf.stack(each, axis=-1), lambda each: tf.concat(each, axis=-1)
    )
    return tf.reshape(parts, x.shape)


@composed(f"JAX has {WHY}")
def jax(fw, x, pairs):
    jnp = fw.jnp
    rate = 1.0 / 10000 ** (jnp.arange(0, x.shape[2], 2, dtype=x.dtype) / x.shape[2])
    a = jnp.outer(jnp.arange(x.shape[1], dtype=x.dtype), rate)
    parts = _turned(
        x,
        jnp.cos(a),
        jnp.sin(a),
        pairs,
        lambda each: jnp.stack(each, axis=-1),
        lambda each: jnp.concatenate(each, axis=-1),
    )
    return parts.reshape(x.shape)
