"""Batch normalisation's running statistics over several steps: NumPy's reference, PyTorch's layer and Keras'.

Each framework's own layer keeps its buffers over the steps, on the same batches, and is never told the other's. They
are compared with the exact statistics, in fractions; the allowance is that of the formula on rounded numbers.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from reference import operations

BATCH_NORM = operations()["batch_norm"].forward
STEPS = 5
SHAPE = (4, 3, 2, 5)
# A running value adds two rounded products, each from a sum over the batch: a rounding for each term and a few for
# products and divisions, in every step, relative to the largest number on the way.
ROUNDINGS_A_STEP = int(np.prod(SHAPE)) // SHAPE[1] + 8


def batches(dtype):
    """Batches whose mean and spread change from step to step: buffers that lag, or do not move, show."""
    rng = np.random.default_rng(17)
    return [(rng.normal(3.0 * step, 1.0 + step, SHAPE)).astype(dtype) for step in range(STEPS)]


def exact(given, momentum, running):
    """(mean, variance) of each channel after the steps, as fractions rounded once to float64."""
    keep = Fraction(momentum)
    means, variances = [], []
    for c in range(SHAPE[1]):
        mean, variance = Fraction(0), Fraction(1)
        for x in given:
            values = [Fraction(float(v)) for v in x[:, c].ravel()]
            centre = sum(values) / len(values)
            less = 1 if running == "unbiased" else 0
            spread = sum((v - centre) ** 2 for v in values) / (len(values) - less)
            mean, variance = keep * mean + (1 - keep) * centre, keep * variance + (1 - keep) * spread
        means.append(float(mean))
        variances.append(float(variance))
    return np.array(means), np.array(variances)


def of_numpy(given, momentum, running):
    channels = SHAPE[1]
    mean, variance = np.zeros(channels, given[0].dtype), np.ones(channels, given[0].dtype)
    scale, shift = np.ones(channels, given[0].dtype), np.zeros(channels, given[0].dtype)
    for x in given:
        _, mean, variance, _ = BATCH_NORM(x, scale, shift, mean, variance, momentum=momentum, running=running)
    return mean, variance


def of_pytorch(given, momentum, running):
    torch = pytest.importorskip("torch", reason="torch is not installed in this Python")
    layer = torch.nn.BatchNorm2d(SHAPE[1], momentum=1 - momentum, dtype=getattr(torch, given[0].dtype.name))
    for x in given:
        layer(torch.tensor(x))
    return layer.running_mean.numpy(), layer.running_var.numpy()


def of_keras(given, momentum, running):
    keras = pytest.importorskip("keras", reason="keras is not installed in this Python")
    layer = keras.layers.BatchNormalization(axis=1, momentum=momentum, dtype=given[0].dtype.name)
    for x in given:
        layer(x, training=True)
    return tuple(keras.ops.convert_to_numpy(each) for each in (layer.moving_mean, layer.moving_variance))


def check(got, given, momentum, running):
    for name, values, true in zip(("mean", "variance"), got, exact(given, momentum, running), strict=True):
        assert values.dtype == given[0].dtype, name
        largest = max(float(np.abs(x).max()) for x in given) ** (1 if name == "mean" else 2)
        allowance = STEPS * ROUNDINGS_A_STEP * np.finfo(values.dtype).eps * largest
        assert (np.abs(values - true) <= allowance).all(), (name, values, true)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("momentum", [0.9, 0.99])
@pytest.mark.parametrize("running", ["unbiased", "biased"])
def test_the_references_buffers(dtype, momentum, running):
    given = batches(dtype)
    check(of_numpy(given, momentum, running), given, momentum, running)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("momentum", [0.9, 0.99])
def test_pytorchs_buffers_are_the_unbiased_ones(dtype, momentum):
    given = batches(dtype)
    check(of_pytorch(given, momentum, "unbiased"), given, momentum, "unbiased")


@pytest.mark.parametrize("momentum", [0.9, 0.99])
def test_keras_buffers_are_the_biased_ones(momentum):
    given = batches("float32")
    check(of_keras(given, momentum, "biased"), given, momentum, "biased")


@pytest.mark.parametrize(("of", "other"), [(of_numpy, "unbiased"), (of_pytorch, "biased"), (of_keras, "unbiased")])
def test_the_other_convention_or_momentum_would_be_seen(of, other):
    """The check can fail: the two conventions lie further apart than its allowance, and so do the momenta."""
    given = batches("float32")
    own = {"unbiased": "biased", "biased": "unbiased"}[other]
    got = of(given, 0.9, own)
    with pytest.raises(AssertionError):
        check(got, given, 0.9, other)
    with pytest.raises(AssertionError):
        check(got, given, 0.99, own)
    with pytest.raises(AssertionError):
        check(got, given[::-1], 0.9, own)


def test_the_example_of_two_numbers():
    """Batch [0, 2] from (0, 1): a running variance of 1.1 as in PyTorch, of 1.0 as in Keras."""
    x, one, zero = np.array([[0.0], [2.0]]), np.ones(1), np.zeros(1)
    _, mean, unbiased, _ = BATCH_NORM(x, one, zero, zero, one, momentum=0.9, running="unbiased")
    _, _, biased, _ = BATCH_NORM(x, one, zero, zero, one, momentum=0.9, running="biased")
    assert (mean.round(12), unbiased.round(12), biased.round(12)) == (0.1, 1.1, 1.0)
