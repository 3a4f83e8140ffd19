"""The law of dropout: a right layer obeys it, every deliberately wrong one is refused for the right reason."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest

from gradproof.laws.dropout import binomial_bounds, check_dropout

RATES = (0.5, 0.2, 0.1, 0.75)


def layer(rate, dropped=None, scale=None, backwards=None, seed=3, mask_shape=lambda shape: shape):
    """A dropout of its own mask, right unless told otherwise; backwards: the factors of the gradient."""
    rng = np.random.default_rng(seed)

    def call(x, dy):
        keep = rng.random(mask_shape(x.shape)) >= (rate if dropped is None else dropped)
        factors = (np.ones_like(x) * keep * (1 / (1 - rate) if scale is None else scale)).astype(x.dtype)
        return x * factors, dy * (factors if backwards is None else backwards(factors, rng))

    return call


def channels(shape):
    return (*shape[:2], *(1,) * (len(shape) - 2))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_right_dropout_obeys(rate, dtype):
    found = check_dropout(layer(rate), rate, dtype=dtype)
    assert found.holds and found.message == ""
    assert found.drawn == 64 * 128 and found.least <= found.kept <= found.most
    assert found.scale == float(np.dtype(dtype).type(1 / (1 - rate)))


def test_a_right_spatial_dropout_obeys():
    found = check_dropout(layer(0.3, mask_shape=channels), 0.3, shape=(40, 30, 5, 4), drawn_axes=2)
    assert found.holds and found.drawn == 1200


def test_nothing_is_dropped_at_rate_zero():
    found = check_dropout(layer(0.0), 0.0)
    assert found.holds and found.kept == found.least == found.most == found.drawn


def in_pairs(x, dy):
    """One draw for two neighbours: as many are kept as in a fair dropout, but not independently."""
    keep = np.repeat(np.random.default_rng(5).random((x.shape[0], x.shape[1] // 2)) >= 0.2, 2, axis=1)
    factors = (keep * 1.25).astype(x.dtype)
    return x * factors, dy * factors


WRONG = {
    "keeps-with-the-rate": (layer(0.2, dropped=0.8), {}, r"were kept; at a rate of 0\.2 a fair draw keeps"),
    "drops-one-in-twenty-more": (layer(0.2, dropped=0.25), {}, "were kept; at a rate"),
    "not-scaled": (layer(0.2, scale=1.0), {}, r"multiplied by 1\.0; expected 1 / \(1 - 0\.2\) = 1\.25"),
    "scale-off-in-the-fifth-digit": (layer(0.2, scale=1.2501), {}, r"multiplied by 1\.2501; expected"),
    "scaled-by-the-rate": (layer(0.2, scale=5.0), {}, r"multiplied by 5\.0; expected"),
    "noise-on-the-scale": (layer(0.2, scale=np.array([1.25, 1.26] * 64)), {}, "by 2 different numbers"),
    "gradient-of-everything": (
        layer(0.2, backwards=lambda factors, rng: np.full_like(factors, 1.25)),
        {},
        "entries differ",
    ),
    "gradient-not-scaled": (layer(0.2, backwards=lambda factors, rng: 0 * factors + (factors != 0)), {}, "entries"),
    "gradient-with-another-mask": (layer(0.2, backwards=lambda factors, rng: rng.permutation(factors)), {}, "differ"),
    "plain-for-spatial": (layer(0.2), {"shape": (40, 30, 5, 4), "drawn_axes": 2}, "kept in part; expected whole"),
    "columns-for-entries": (layer(0.2, seed=2, mask_shape=lambda s: (1, s[1])), {}, "were kept|share their fate"),
    "pairs-for-entries": (in_pairs, {}, "pairs of neighbours along axis 1 share their fate; independent draws do"),
    "float64-out": (lambda x, dy: (x.astype(float), dy), {}, r"the output is float64 of shape \(64, 128\) where"),
    "not-a-number": (lambda x, dy: (x, dy * np.nan), {}, "the gradient is not finite"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_dropout_is_refused_and_the_reason_named(name):
    call, details, words = WRONG[name]
    found = check_dropout(call, 0.2, **details)
    assert not found.holds
    assert re.search(words, found.message), found.message


def test_the_bounds_are_the_binomials():
    """Against exact fractions: outside the bounds at most half the false alarm on each side, one nearer, more."""
    draws, keep, false_alarm = 40, Fraction(3, 4), 1e-3
    chances = [math.comb(draws, k) * keep**k * (1 - keep) ** (draws - k) for k in range(draws + 1)]
    least, most = binomial_bounds(draws, float(keep), false_alarm)
    half = Fraction(false_alarm) / 2
    assert sum(chances[:least]) <= half < sum(chances[: least + 1])
    assert sum(chances[most + 1 :]) <= half < sum(chances[most:])


def test_a_rate_or_probability_out_of_range_is_named():
    with pytest.raises(ValueError, match=r"^rate=1\.0"):
        check_dropout(layer(0.5), 1.0)
    with pytest.raises(ValueError, match=r"^false_alarm=0"):
        check_dropout(layer(0.5), 0.5, false_alarm=0)


# -- the frameworks' own layers ------------------------------------------------------------------------------------


def of_pytorch(module):
    torch = pytest.importorskip("torch", reason="torch is not installed in this Python")
    torch.manual_seed(7)

    def call(x, dy):
        leaf = torch.tensor(x, requires_grad=True)
        y = module(torch.nn)(leaf)
        return y.detach().numpy(), torch.autograd.grad(y, leaf, torch.tensor(dy))[0].numpy()

    return call


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pytorchs_dropout_obeys(rate, dtype):
    found = check_dropout(of_pytorch(lambda nn: nn.Dropout(rate)), rate, dtype=dtype)
    assert found.holds, found.message


def test_pytorchs_spatial_dropout_obeys():
    found = check_dropout(of_pytorch(lambda nn: nn.Dropout2d(0.3)), 0.3, shape=(40, 30, 5, 4), drawn_axes=2)
    assert found.holds, found.message


def of_keras(make):
    tf = pytest.importorskip("tensorflow", reason="tensorflow is not installed in this Python")
    keras = pytest.importorskip("keras", reason="keras is not installed in this Python")
    if keras.backend.backend() != "tensorflow":
        pytest.skip(f"Keras computes with {keras.backend.backend()} here, not with tensorflow")

    def call(x, dy):
        leaf = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(leaf)
            y = make(keras.layers)(leaf, training=True)
        return y.numpy(), tape.gradient(y, leaf, tf.constant(dy)).numpy()

    return call


@pytest.mark.parametrize("rate", RATES)
def test_keras_dropout_obeys(rate):
    found = check_dropout(of_keras(lambda layers: layers.Dropout(rate, seed=11)), rate)
    assert found.holds, found.message


def test_keras_spatial_dropout_obeys():
    spatial = of_keras(lambda layers: layers.SpatialDropout2D(0.3, data_format="channels_first", seed=11))
    found = check_dropout(spatial, 0.3, shape=(40, 30, 5, 4), drawn_axes=2)
    assert found.holds, found.message
