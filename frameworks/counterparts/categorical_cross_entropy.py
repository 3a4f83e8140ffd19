"""Categorical cross-entropy of probabilities. Only Keras has this loss; it divides each row by its sum first.

That division is normalize=True. Keras also clips the probabilities: see known_differences.toml.
"""

from .._counterpart import composed


@composed("PyTorch has no such loss on probabilities: torch.log and nll_loss")
def pytorch(fw, p, target, labels, reduction, normalize):
    if normalize:
        p = p / p.sum(dim=-1, keepdim=True)
    if labels == "integer":
        return fw.functional.nll_loss(fw.torch.log(p), target, reduction=reduction)
    rows = -(target * fw.torch.log(p)).sum(dim=-1)
    return rows.mean() if reduction == "mean" else rows.sum()


def keras(fw, p, target, labels, reduction, normalize):
    if not normalize:
        fw.composed("Keras always divides by the sum of a row; without that, the loss is built of keras.ops")
        rows = -fw.ops.sum(_one_hot(fw, target, p, labels) * fw.ops.log(p), axis=-1)
        return fw.ops.mean(rows) if reduction == "mean" else fw.ops.sum(rows)
    losses = fw.keras.losses
    kind = losses.SparseCategoricalCrossentropy if labels == "integer" else losses.CategoricalCrossentropy
    return kind(reduction="sum" if reduction == "sum" else "sum_over_batch_size")(target, p)


@composed("TensorFlow's own losses on probabilities are those of Keras")
def tensorflow(fw, p, target, labels, reduction, normalize):
    tf = fw.tf
    if normalize:
        p = p / tf.reduce_sum(p, axis=-1, keepdims=True)
    if labels == "integer":
        rows = -tf.math.log(tf.gather(p, target, axis=-1, batch_dims=1))
    else:
        rows = -tf.reduce_sum(target * tf.math.log(p), axis=-1)
    return tf.reduce_mean(rows) if reduction == "mean" else tf.reduce_sum(rows)


@composed("JAX has no losses of its own")
def jax(fw, p, target, labels, reduction, normalize):
    jnp = fw.jnp
    if normalize:
        p = p / p.sum(axis=-1, keepdims=True)
    if labels == "integer":
        rows = -jnp.log(jnp.take_along_axis(p, target[:, None], axis=-1)[:, 0])
    else:
        rows = -(target * jnp.log(p)).sum(axis=-1)
    return jnp.mean(rows) if reduction == "mean" else jnp.sum(rows)


def _one_hot(fw, target, p, labels):
    return fw.ops.one_hot(target, p.shape[-1], dtype=p.dtype) if labels == "integer" else target
