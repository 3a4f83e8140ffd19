"""Absolute error. At prediction = target the slope is 0 in PyTorch and TensorFlow, 1 in JAX."""

from .._counterpart import composed


def pytorch(fw, prediction, target, reduction):
    return fw.functional.l1_loss(prediction, target, reduction=reduction)


def keras(fw, prediction, target, reduction):
    if reduction == "mean":
        return fw.keras.losses.MeanAbsoluteError()(target, prediction)
    # Keras averages over the last axis before it sums: one entry a row makes that the sum of all.
    entries = (fw.ops.expand_dims(target, -1), fw.ops.expand_dims(prediction, -1))
    return fw.keras.losses.MeanAbsoluteError(reduction="sum")(*entries)


@composed("TensorFlow's own losses are those of Keras, or compute in float32 only (tf.compat.v1.losses)")
def tensorflow(fw, prediction, target, reduction):
    errors = fw.tf.math.abs(prediction - target)
    return fw.tf.reduce_mean(errors) if reduction == "mean" else fw.tf.reduce_sum(errors)


@composed("JAX has no losses of its own")
def jax(fw, prediction, target, reduction):
    errors = fw.jnp.abs(prediction - target)
    return fw.jnp.mean(errors) if reduction == "mean" else fw.jnp.sum(errors)
