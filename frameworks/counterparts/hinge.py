"""Multiclass hinge loss. PyTorch's own divides each row's sum by the number of classes.

keras.losses.CategoricalHinge takes only the largest violation and is another function.
"""

from .._counterpart import composed


def pytorch(fw, scores, target, margin, reduction, per_class):
    if per_class:
        return fw.functional.multi_margin_loss(scores, target, margin=margin, reduction=reduction)
    # Multiplying PyTorch's loss by the number of classes would round twice where the formula does not.
    fw.composed("PyTorch's multi_margin_loss always divides by the number of classes; without that, the loss is built")
    own = scores.gather(1, target[:, None])
    others = fw.torch.ones_like(scores).scatter(1, target[:, None], 0.0)
    rows = (fw.torch.relu(scores - own + margin) * others).sum(dim=1)
    return rows.mean() if reduction == "mean" else rows.sum()


@composed("Keras has no hinge loss that sums over the wrong classes: built of keras.ops")
def keras(fw, scores, target, margin, reduction, per_class):
    ops = fw.ops
    hot = ops.one_hot(target, scores.shape[1], dtype=scores.dtype)
    right = ops.take_along_axis(scores, ops.expand_dims(target, -1), axis=-1)
    rows = ops.sum((1 - hot) * ops.relu(scores - right + margin), axis=-1)
    rows = rows / scores.shape[1] if per_class else rows
    return ops.mean(rows) if reduction == "mean" else ops.sum(rows)


@composed("TensorFlow has no multiclass hinge loss")
def tensorflow(fw, scores, target, margin, reduction, per_class):
    tf = fw.tf
    hot = tf.one_hot(target, scores.shape[1], dtype=scores.dtype)
    right = tf.gather(scores, target[:, None], axis=-1, batch_dims=1)
    rows = tf.reduce_sum((1 - hot) * tf.nn.relu(scores - right + margin), axis=-1)
    rows = rows / scores.shape[1] if per_class else rows
    return tf.reduce_mean(rows) if reduction == "mean" else tf.reduce_sum(rows)


@composed("JAX has no losses of its own")
def jax(fw, scores, target, margin, reduction, per_class):
    jnp = fw.jnp
    hot = fw.nn.one_hot(target, scores.shape[1], dtype=scores.dtype)
    right = jnp.take_along_axis(scores, target[:, None], axis=-1)
    rows = ((1 - hot) * fw.nn.relu(scores - right + margin)).sum(axis=-1)
    rows = rows / scores.shape[1] if per_class else rows
    return jnp.mean(rows) if reduction == "mean" else jnp.sum(rows)
