"""Distances of all pairs of rows. Of the frameworks only PyTorch has them, and only the root."""

from .._counterpart import absent

keras = absent("Keras has no distances of all pairs")
tensorflow = absent("TensorFlow has no distances of all pairs")
jax = absent("JAX has no distances of all pairs")


def pytorch(fw, a, b, kind):
    if kind == "squared":
        raise absent("PyTorch's cdist is the distance, not its square")
    return fw.torch.cdist(a, b)
