"""A linear classifier's loss with its penalty: the cross-entropy of a matrix product."""

from .._counterpart import composed
from . import softmax_cross_entropy

WHY = "no framework has a linear classifier's loss with its penalty: built of its cross-entropy"
PLAIN = {"labels": "integer", "reduction": "mean"}


@composed(WHY)
def pytorch(fw, x, w, target, reg):
    return softmax_cross_entropy.pytorch(fw, x @ w, target, **PLAIN) + reg * (w * w).sum()


@composed(WHY)
def keras(fw, x, w, target, reg):
    return softmax_cross_entropy.keras(fw, fw.ops.matmul(x, w), target, **PLAIN) + reg * fw.ops.sum(fw.ops.square(w))


@composed(WHY)
def tensorflow(fw, x, w, target, reg):
    return softmax_cross_entropy.tensorflow(fw, x @ w, target, **PLAIN) + reg * fw.tf.reduce_sum(fw.tf.square(w))


@composed(WHY)
def jax(fw, x, w, target, reg):
    return softmax_cross_entropy.jax(fw, x @ w, target, **PLAIN) + reg * (w * w).sum()
