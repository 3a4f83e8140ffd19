"""Cosine similarity as a loss: minus the cosine of each row. PyTorch's function is the cosine itself."""

from .._counterpart import absent
from ._losses import keras_row_loss

tensorflow = absent("TensorFlow's own loss is that of Keras")
jax = absent("JAX has no losses of its own")


def pytorch(fw, prediction, target, reduction):
    rows = -fw.functional.cosine_similarity(prediction, target, dim=1)
    return rows.mean() if reduction == "mean" else rows.sum()


def keras(fw, prediction, target, reduction):
    return keras_row_loss(fw, "CosineSimilarity", prediction, target, reduction)
