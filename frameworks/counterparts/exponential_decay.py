"""Exponential decay. PyTorch's factor is that of one step."""

from ._schedules import NO_JAX, NO_TENSORFLOW, keras_rates, pytorch_rates

jax = NO_JAX
tensorflow = NO_TENSORFLOW


def pytorch(fw, rate, step, over, factor):
    return pytorch_rates(fw, rate, step, "ExponentialLR", gamma=factor ** (1 / over))


def keras(fw, rate, step, over, factor):
    return keras_rates(fw, rate, step, "ExponentialDecay", decay_steps=over, decay_rate=factor)
