"""Binary cross-entropy of probabilities. PyTorch clamps inside, Keras clips p: see known_differences.toml."""

from .._counterpart import composed


def pytorch(fw, p, target, reduction):
    return fw.functional.binary_cross_entropy(p, target, reduction=reduction)


def keras(fw, p, target, reduction):
    if reduction == "mean":
        return fw.keras.losses.BinaryCrossentropy()(target, p)
    # Keras averages over the last axis before it sums: one entry a row makes that the sum of all.
    entries = (fw.ops.expand_dims(target, -1), fw.ops.expand_dims(p, -1))
    return fw.keras.losses.BinaryCrossentropy(reduction="sum")(*entries)


@composed("TensorFlow's own losses are those of Keras, or compute in float32 only (tf.compat.v1.losses)")
def tensorflow(fw, p, target, reduction):
    tf = fw.tf
    entries = -target * tf.math.log(p) - (1 - target) * tf.math.log1p(-p)
    return tf.reduce_mean(entries) if reduction == "mean" else tf.reduce_sum(entries)


@composed("JAX has no losses of its own")
def jax(fw, p, target, reduction):
    jnp = fw.jnp
    entries = -target * jnp.log(p) - (1 - target) * jnp.log1p(-p)
    return jnp.mean(entries) if reduction == "mean" else jnp.sum(entries)
