"""Linear warm-up. In Keras it comes before a cosine decay, which a floor of one makes flat."""

from ._schedules import NO_JAX, NO_TENSORFLOW, keras_rates, pytorch_rates

jax = NO_JAX
tensorflow = NO_TENSORFLOW


def pytorch(fw, rate, step, over, start):
    return pytorch_rates(fw, rate, step, "LinearLR", start_factor=start, total_iters=over)


def keras(fw, rate, step, over, start):
    flat = {"decay_steps": 1, "alpha": 1.0}
    return keras_rates(fw, start * rate, step, "CosineDecay", warmup_target=rate, warmup_steps=over, **flat)
