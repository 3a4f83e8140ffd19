"""Cosine decay. PyTorch's floor is a rate, that of Keras a share of the initial one."""

from ._schedules import NO_JAX, NO_TENSORFLOW, keras_rates, pytorch_rates

jax = NO_JAX
tensorflow = NO_TENSORFLOW


def pytorch(fw, rate, step, over, floor):
    return pytorch_rates(fw, rate, step, "CosineAnnealingLR", T_max=over, eta_min=lambda initial: floor * initial)


def keras(fw, rate, step, over, floor):
    return keras_rates(fw, rate, step, "CosineDecay", decay_steps=over, alpha=floor)
