"""A linear classifier's loss with its penalty: a hinge loss of a matrix product."""

from .._counterpart import composed
from . import hinge

WHY = "no framework has a linear classifier's loss with its penalty: built of parts"
PLAIN = {"margin": 1.0, "reduction": "mean", "per_class": False}


@composed(WHY)
def pytorch(fw, x, w, target, reg):
    return hinge.pytorch(fw, x @ w, target, **PLAIN) + reg * (w * w).sum()


@composed(WHY)
def keras(fw, x, w, target, reg):
    return hinge.keras(fw, fw.ops.matmul(x, w), target, **PLAIN) + reg * fw.ops.sum(fw.ops.square(w))


@composed(WHY)
def tensorflow(fw, x, w, target, reg):
    return hinge.tensorflow(fw, x @ w, target, **PLAIN) + reg * fw.tf.reduce_sum(fw.tf.square(w))


@composed(WHY)
def jax(fw, x, w, target, reg):
    return hinge.jax(fw, x @ w, target, **PLAIN) + reg * (w * w).sum()
