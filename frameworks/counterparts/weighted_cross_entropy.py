"""Softmax cross-entropy with class weights and smoothed labels.

PyTorch divides by the labels' weights and weighs the smoothed part class by class; Keras has weights of rows, which
are the same only without smoothing, and both divisors.
"""

from .._counterpart import absent, composed


def pytorch(fw, logits, target, weights, smoothing, reduction):
    own = {"weighted_mean": "mean", "mean": "sum", "sum": "sum"}[reduction]
    loss = fw.functional.cross_entropy(logits, target, weight=weights, label_smoothing=smoothing, reduction=own)
    return loss / len(logits) if reduction == "mean" else loss


def keras(fw, logits, target, weights, smoothing, reduction):
    if smoothing:
        raise absent("Keras weighs rows, not classes: with smoothed labels that is another function")
    own = {"weighted_mean": "mean_with_sample_weight", "mean": "sum_over_batch_size", "sum": "sum"}[reduction]
    loss = fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=own)
    return loss(target, logits, sample_weight=fw.ops.take(weights, target))


@composed("TensorFlow's own loss has no weights")
def tensorflow(fw, logits, target, weights, smoothing, reduction):
    tf = fw.tf
    classes = logits.shape[1]
    smoothed = tf.one_hot(target, classes, dtype=logits.dtype) * (1 - smoothing) + smoothing / classes
    total = -tf.reduce_sum(weights * smoothed * tf.nn.log_softmax(logits))
    return total / _divisor(reduction, logits, tf.reduce_sum(tf.gather(weights, target)))


@composed("JAX has no losses of its own")
def jax(fw, logits, target, weights, smoothing, reduction):
    smoothed = fw.nn.one_hot(target, logits.shape[1], dtype=logits.dtype) * (1 - smoothing)
    smoothed = smoothed + smoothing / logits.shape[1]
    total = -(weights * smoothed * fw.nn.log_softmax(logits)).sum()
    return total / _divisor(reduction, logits, weights[target].sum())


def _divisor(reduction, logits, of_labels):
    return {"mean": logits.shape[0], "weighted_mean": of_labels, "sum": 1}[reduction]
