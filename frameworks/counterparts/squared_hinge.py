"""Squared hinge loss of two classes. Of the frameworks only Keras has it."""

from .._counterpart import absent
from ._losses import keras_loss

pytorch = absent("PyTorch has a squared hinge loss of several classes only: multi_margin_loss with p=2")
tensorflow = absent("TensorFlow's own loss is that of Keras")
jax = absent("JAX has no losses of its own")


def keras(fw, prediction, target, reduction):
    return keras_loss(fw, "SquaredHinge", prediction, target, reduction)
