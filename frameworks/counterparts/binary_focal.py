"""Focal loss of logits. Of the frameworks only Keras has it; it takes the sigmoid first and clips the probability."""

from .._counterpart import absent
from ._losses import keras_loss

pytorch = absent("PyTorch has no focal loss (torchvision has)")
tensorflow = absent("TensorFlow's own loss is that of Keras")
jax = absent("JAX has no losses of its own")


def keras(fw, logits, target, gamma, alpha, balanced, reduction):
    hyper = {"gamma": gamma, "alpha": alpha, "apply_class_balancing": balanced, "from_logits": True}
    return keras_loss(fw, "BinaryFocalCrossentropy", logits, target, reduction, **hyper)
