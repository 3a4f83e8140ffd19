"""Cross-entropy of logits, as each framework fuses it with softmax."""

from .._counterpart import composed


def pytorch(fw, logits, target, labels, reduction):
    return fw.functional.cross_entropy(logits, target, reduction=reduction)


def keras(fw, logits, target, labels, reduction):
    losses = fw.keras.losses
    kind = losses.SparseCategoricalCrossentropy if labels == "integer" else losses.CategoricalCrossentropy
    keras_reduction = "sum" if reduction == "sum" else "sum_over_batch_size"
    return kind(from_logits=True, reduction=keras_reduction)(target, logits)


def tensorflow(fw, logits, target, labels, reduction):
    nn = fw.tf.nn
    loss = nn.sparse_softmax_cross_entropy_with_logits if labels == "integer" else nn.softmax_cross_entropy_with_logits
    rows = loss(labels=target, logits=logits)
    return fw.tf.reduce_mean(rows) if reduction == "mean" else fw.tf.reduce_sum(rows)


@composed("JAX has no losses of its own")
def jax(fw, logits, target, labels, reduction):
    jnp = fw.jnp
    logp = fw.nn.log_softmax(logits, axis=-1)
    if labels == "integer":
        rows = -jnp.take_along_axis(logp, target[:, None], axis=-1)[:, 0]
    else:
        rows = -(target * logp).sum(axis=-1)
    return jnp.mean(rows) if reduction == "mean" else jnp.sum(rows)
