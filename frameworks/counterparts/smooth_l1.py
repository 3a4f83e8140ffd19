"""Smooth L1. Only PyTorch has it."""

from .._counterpart import absent

keras = absent("Keras has Huber's loss, which is beta times this one")
tensorflow = absent("TensorFlow has no smooth L1 loss of its own")
jax = absent("JAX has no losses of its own")


def pytorch(fw, prediction, target, beta, reduction):
    return fw.functional.smooth_l1_loss(prediction, target, beta=beta, reduction=reduction)
