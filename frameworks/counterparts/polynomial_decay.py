"""Polynomial decay to zero."""

from ._schedules import NO_JAX, NO_TENSORFLOW, keras_rates, pytorch_rates

jax = NO_JAX
tensorflow = NO_TENSORFLOW


def pytorch(fw, rate, step, over, power):
    return pytorch_rates(fw, rate, step, "PolynomialLR", total_iters=over, power=power)


def keras(fw, rate, step, over, power):
    hyper = {"decay_steps": over, "end_learning_rate": 0.0, "power": power}
    return keras_rates(fw, rate, step, "PolynomialDecay", **hyper)
