"""Softmax cross-entropy at every step that counts, each framework's own loss; the division by N is the course's."""

from .._counterpart import composed

IGNORED = -100  # PyTorch's label of an entry that does not count


def pytorch(fw, logits, target, mask):
    target = fw.torch.where(mask, target, IGNORED)
    loss = fw.functional.cross_entropy(logits.transpose(1, 2), target, ignore_index=IGNORED, reduction="sum")
    return loss / len(logits)


def keras(fw, logits, target, mask):
    loss = fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    return loss(target, logits, sample_weight=mask) / logits.shape[0]


def tensorflow(fw, logits, target, mask):
    tf = fw.tf
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=target, logits=logits)
    return tf.reduce_sum(losses * tf.cast(mask, losses.dtype)) / logits.shape[0]


@composed("JAX has no losses of its own")
def jax(fw, logits, target, mask):
    jnp = fw.jnp
    log_p = fw.nn.log_softmax(logits, axis=-1)
    losses = -jnp.take_along_axis(log_p, target[..., None], axis=-1)[..., 0]
    return jnp.sum(jnp.where(mask, losses, 0)) / logits.shape[0]
