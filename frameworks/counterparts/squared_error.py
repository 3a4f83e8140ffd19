"""Squared error. No framework has the factor 1/2 or the division by N alone: both are constant factors here.

Keras averages over the last axis, then over the rows; with one entry a row its "sum" is the sum of all.
"""

from .._counterpart import composed


def pytorch(fw, prediction, target, scale, reduction):
    loss = fw.functional.mse_loss(prediction, target, reduction="mean" if reduction == "mean" else "sum")
    return _scaled(loss, prediction, scale, reduction)


def keras(fw, prediction, target, scale, reduction):
    if reduction == "mean":
        loss = fw.keras.losses.MeanSquaredError()(target, prediction)
    else:
        entries = (fw.ops.expand_dims(target, -1), fw.ops.expand_dims(prediction, -1))
        loss = fw.keras.losses.MeanSquaredError(reduction="sum")(*entries)
    return _scaled(loss, prediction, scale, reduction)


@composed("TensorFlow's own losses are those of Keras, or compute in float32 only (tf.compat.v1.losses)")
def tensorflow(fw, prediction, target, scale, reduction):
    squares = fw.tf.math.squared_difference(prediction, target)
    loss = fw.tf.reduce_mean(squares) if reduction == "mean" else fw.tf.reduce_sum(squares)
    return _scaled(loss, prediction, scale, reduction)


@composed("JAX has no losses of its own")
def jax(fw, prediction, target, scale, reduction):
    squares = fw.jnp.square(prediction - target)
    loss = fw.jnp.mean(squares) if reduction == "mean" else fw.jnp.sum(squares)
    return _scaled(loss, prediction, scale, reduction)


def _scaled(loss, prediction, scale, reduction):
    if reduction == "batch_mean":
        loss = loss / prediction.shape[0]
    return loss / 2 if scale == "half" else loss
