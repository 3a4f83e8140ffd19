"""AdamW: Adam with weights that decay by themselves, first; see Adam for where epsilon stands."""

from .._counterpart import absent
from . import adam
from ._optimisers import NO_JAX

jax = NO_JAX
tensorflow = absent("TensorFlow's own kernels have no weight decay")


def pytorch(fw, **given):
    return adam.pytorch(fw, kind="AdamW", **given)


def keras(fw, **given):
    return adam.keras(fw, kind="AdamW", **given)
