"""Binary cross-entropy of logits, as each framework fuses it with the logistic function."""

from .._counterpart import composed


def pytorch(fw, logits, target, reduction):
    return fw.functional.binary_cross_entropy_with_logits(logits, target, reduction=reduction)


def keras(fw, logits, target, reduction):
    if reduction == "mean":
        return fw.keras.losses.BinaryCrossentropy(from_logits=True)(target, logits)
    # Keras averages over the last axis before it sums: one entry a row makes that the sum of all.
    entries = (fw.ops.expand_dims(target, -1), fw.ops.expand_dims(logits, -1))
    return fw.keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum")(*entries)


def tensorflow(fw, logits, target, reduction):
    entries = fw.tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=logits)
    return fw.tf.reduce_mean(entries) if reduction == "mean" else fw.tf.reduce_sum(entries)


@composed("JAX has no losses of its own")
def jax(fw, logits, target, reduction):
    entries = -target * fw.nn.log_sigmoid(logits) - (1 - target) * fw.nn.log_sigmoid(-logits)
    return fw.jnp.mean(entries) if reduction == "mean" else fw.jnp.sum(entries)
