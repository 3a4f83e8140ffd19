"""Huber loss: half the square up to delta, delta (|error| - delta / 2) beyond."""

from .._counterpart import composed


def pytorch(fw, prediction, target, delta, reduction):
    return fw.functional.huber_loss(prediction, target, reduction=reduction, delta=delta)


def keras(fw, prediction, target, delta, reduction):
    if reduction == "mean":
        return fw.keras.losses.Huber(delta=delta)(target, prediction)
    # Keras averages over the last axis before it sums: one entry a row makes that the sum of all.
    entries = (fw.ops.expand_dims(target, -1), fw.ops.expand_dims(prediction, -1))
    return fw.keras.losses.Huber(delta=delta, reduction="sum")(*entries)


@composed("TensorFlow's own losses are those of Keras, or compute in float32 only (tf.compat.v1.losses)")
def tensorflow(fw, prediction, target, delta, reduction):
    tf = fw.tf
    error = prediction - target
    size = tf.math.abs(error)
    entries = tf.where(size <= delta, tf.math.square(error) / 2, delta * (size - delta / 2))
    return tf.reduce_mean(entries) if reduction == "mean" else tf.reduce_sum(entries)


@composed("JAX has no losses of its own")
def jax(fw, prediction, target, delta, reduction):
    jnp = fw.jnp
    error = prediction - target
    size = jnp.abs(error)
    entries = jnp.where(size <= delta, jnp.square(error) / 2, delta * (size - delta / 2))
    return jnp.mean(entries) if reduction == "mean" else jnp.sum(entries)
