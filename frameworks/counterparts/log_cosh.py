"""Log-cosh. Of the frameworks only Keras has it."""

from .._counterpart import absent
from ._losses import keras_loss

pytorch = absent("PyTorch has no log-cosh loss")
tensorflow = absent("TensorFlow's own loss is that of Keras")
jax = absent("JAX has no losses of its own")


def keras(fw, prediction, target, reduction):
    return keras_loss(fw, "LogCosh", prediction, target, reduction)
