"""Triplet loss. Of the frameworks only PyTorch has it."""

from .._counterpart import absent

keras = absent("Keras has no triplet loss")
tensorflow = absent("TensorFlow has no triplet loss of its own")
jax = absent("JAX has no losses of its own")


def pytorch(fw, anchor, positive, negative, margin, eps, reduction):
    return fw.functional.triplet_margin_loss(
        anchor, positive, negative, margin=margin, p=2, eps=eps, reduction=reduction
    )
