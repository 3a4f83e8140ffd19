"""What the systems of lecture 004 are to show, beyond what every system is tested for."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from gradproof.exact_arrays import exact, exact_run, flat
from gradproof.jets import Ball
from gradproof.lectures import Run, proving
from gradproof.lectures.data import POINT_SETS, five_digits, one_hot, points
from gradproof.lectures.systems import (
    _wu,
    _wu_deep,
    _wu_dropout,
    _wu_sets,
    dropout_mask,
    five_digits_relu,
    five_digits_sigmoid_dropout,
    initialisation_study,
    neural_network_classifier,
    perceptron_classifier,
    vanishing_gradient,
)
from gradproof.lectures.training import History


def run(module, epochs=None, seed=0, size="small"):
    history = History()
    system = module.SYSTEM
    outcome = system.run(Run(seed, system.epochs if epochs is None else epochs, history, size=size))
    return outcome, history.records


# -- the perceptron and the classifier on the three point sets ---------------------------------------------------------


def test_the_perceptrons_gradient_on_whole_numbers():
    """At w = 0 every y_hat is 1/2: dw = 1/4 [1 X]^T (1/2 - y), exact in floats."""
    X = np.array([[1.0, 2], [3, -4], [5, 6], [-7, 8]])
    y = np.array([[0.0], [1], [1], [0]])
    loss, cache = perceptron_classifier.perceptron_forward(X, np.zeros((3, 1)), y)
    (dw,) = perceptron_classifier.perceptron_backward(1.0, cache)
    assert dw[:, 0].tolist() == [0, (1 - 3 - 5 - 7) / 8, (2 + 4 - 6 + 8) / 8]
    assert f"{loss:.6f}" == f"{np.log(2):.6f}"


def test_a_perceptron_without_the_mean_or_without_the_bias_is_refuted():
    (right,) = perceptron_classifier.SYSTEM.gradients

    def summed(dloss, cache):
        X, e = cache
        return (dloss * (_wu.prepend_bias(X).T @ e),)

    def appended(dloss, cache):
        X, e = cache
        return (dloss * (np.insert(X, X.shape[1], 1, axis=1).T @ e) / len(X),)

    for wrong in (summed, appended):
        assert proving.prove(replace(right, backward=wrong)).status == "refuted"


def test_the_perceptron_divides_the_first_set_and_neither_of_the_others():
    outcome, records = run(perceptron_classifier)
    last = records[-1]
    assert last["accuracy_linearly_separable"] == 1.0
    for name in POINT_SETS[1:]:
        best = _wu_sets.best_line(outcome.arrays[f"{name} points"], outcome.arrays[f"{name} labels"])
        assert last[f"accuracy_{name}"] <= best < 0.9


def test_the_classifier_divides_all_three():
    _, records = run(neural_network_classifier)
    assert [records[-1][f"accuracy_{name}"] for name in POINT_SETS] == [1.0, 1.0, 1.0]


def test_the_best_line():
    square = np.array([[0.0, 0], [1, 1], [0.1, 1], [1, 0.2]])
    assert _wu_sets.best_line(square, np.array([0, 0, 1, 1])) == 0.75
    assert _wu_sets.best_line(square, np.array([0, 1, 0, 1])) == 1.0
    X, labels = points("linearly_separable", 40, np.random.default_rng(3))
    assert _wu_sets.best_line(X, labels) == _wu_sets.best_line(X, 1 - labels) == 1.0


# -- the lecture's functions -------------------------------------------------------------------------------------------


def test_prepend_bias_puts_the_ones_first_and_keeps_the_dtype():
    X = np.arange(6, dtype="float32").reshape(3, 2)
    assert _wu.prepend_bias(X).tolist() == [[1, 0, 1], [1, 2, 3], [1, 4, 5]]
    assert _wu.prepend_bias(X).dtype == "float32"


def test_both_printed_forms_of_dw1_are_the_same_bits():
    rng = np.random.default_rng(0)
    X, w1, w2 = rng.standard_normal((5, 3)), rng.standard_normal((4, 6)), rng.standard_normal((7, 2))
    Y = _wu.soft_targets((5, 2), rng)
    y_hat, h = _wu.forward(X, w1, w2)
    dw1, _ = _wu.back(X, Y, y_hat, w2, h)
    commented = np.matmul(
        _wu.prepend_bias(X).T, np.matmul(y_hat - Y, w2[1:].T) * _wu.sigmoid_gradient(h)
    ) / X.shape[0]  # fmt: skip
    assert dw1.tobytes() == commented.tobytes()


def test_weights_start_with_the_variance_of_their_rows():
    w1, w2 = _wu.initialize_weights(399, 500, 200, np.random.default_rng(0))
    assert (w1.shape, w2.shape) == ((400, 500), (501, 200))
    for w in (w1, w2):
        off = abs(w.var() * len(w) - 1)
        assert off < 5 * np.sqrt(2 / w.size)  # five standard deviations of a variance


def test_the_loss_from_scores_is_the_plain_one_and_stays_finite():
    scores = np.array([[0.0, 0.0], [0.0, 0.0]])
    Y = np.eye(2)
    assert _wu.cross_entropy(Y, scores) == _wu.loss(Y, _wu.softmax(scores)) == np.log(2)
    far = np.array([[0.0, 2000.0], [0.0, 2000.0]])
    assert _wu.cross_entropy(Y, far) == 1000.0
    with np.errstate(all="ignore"):
        assert not np.isfinite(_wu.loss(Y, _wu.softmax(far)))


def test_soft_targets_sum_to_one_exactly():
    for seed in range(20):
        Y = _wu.soft_targets((5, 3), np.random.default_rng(seed))
        assert Y.sum(axis=1).tolist() == [1.0] * 5
        assert (Y > 0).all() and len(np.unique(Y)) == Y.size


# -- initialisation ----------------------------------------------------------------------------------------------------


def test_the_printed_product_of_equal_weights():
    assert (np.array([[1, 2, 3], [4, 5, 6]]) @ np.ones((3, 2), int)).tolist() == [[6, 6], [15, 15]]


def trained_exactly(p, X, Y, steps, rate):
    """Descent in balls: the lecture's own forward and back, no float anywhere; the weights as strings of balls."""
    with exact_run(Ball, 256):
        own = {
            name: exact([Ball.lift(v) for v in np.asarray(w).ravel().tolist()], np.shape(w)) for name, w in p.items()
        }
        for _ in range(steps):
            y_hat, h = _wu.forward(X, own["w1"], own["w2"])
            dw1, dw2 = _wu.back(X, Y, y_hat, own["w2"], h)
            own = {"w1": own["w1"] - rate * dw1, "w2": own["w2"] - rate * dw2}
        return {name: np.reshape(np.array([n.v for n in flat(w)], dtype=object), w.shape) for name, w in own.items()}


def test_equal_weights_stay_equal_exactly():
    """Every hidden unit has the same balls after each step as the first; from random weights none has."""
    X, labels = points("non_linearly_separable", 6, np.random.default_rng(0))
    Y = one_hot(labels, 2)
    start = initialisation_study.start("equal", 2, np.random.default_rng(0))
    found = trained_exactly(start, X, Y, 3, 1.0)
    for unit in range(1, initialisation_study.HIDDEN):
        for k in range(3):
            assert found["w1"][k, unit].mid() == found["w1"][k, 0].mid()
            assert found["w1"][k, unit].rad() == found["w1"][k, 0].rad() < 1e-60
    assert not found["w1"][0, 0].contains(initialisation_study.EQUAL)  # they did move
    other = trained_exactly(initialisation_study.start("small", 2, np.random.default_rng(0)), X, Y, 3, 1.0)
    assert not other["w1"][0, 1].overlaps(other["w1"][0, 0])


def test_equal_hidden_units_are_one_unit_with_their_weights_added():
    """The lecture's `as if it had only one hidden node`, in exact numbers: same outputs for every input."""
    X, _ = points("circles", 6, np.random.default_rng(1))
    H = initialisation_study.HIDDEN
    w1, w2 = np.array([[0.5], [-1.25], [2.0]]), np.array([[0.25, -1.0], [1.5, 0.75]])
    many = np.vstack([w2[:1], np.repeat(w2[1:], H, axis=0)])
    one = np.vstack([w2[:1], H * w2[1:]])
    with exact_run(Ball, 256):
        weights = [
            exact([Ball.lift(v) for v in w.ravel().tolist()], w.shape)
            for w in (np.repeat(w1, H, axis=1), many, w1, one)
        ]
        first, second = _wu.forward(X, *weights[:2])[0], _wu.forward(X, *weights[2:])[0]
        differences = [d.v for d in flat(first - second)]
    assert all(d.contains(0) and d.rad() < 1e-60 for d in differences)


def test_small_weights_learn_where_equal_and_large_ones_do_not():
    outcome, records = run(initialisation_study)
    last = records[-1]
    assert last["loss_small"] < last["loss_equal"] / 4
    assert last["loss_small"] < last["loss_large"] / 4
    assert records[0]["loss_large"] > 10 * records[0]["loss_small"]
    assert "loss nan" in outcome.lines[-1] and "overflow" in outcome.lines[-1]


def test_large_weights_saturate():
    X, _ = points("circles", 50, np.random.default_rng(0))
    rng = np.random.default_rng(0)
    slopes = {how: initialisation_study.slope(initialisation_study.start(how, 2, rng), X) for how in ("large", "small")}
    assert slopes["large"] < 0.02 < 0.2 < slopes["small"] <= 0.25


# -- the vanishing gradient --------------------------------------------------------------------------------------------


def test_sigmoids_lose_the_gradient_with_depth_and_relu_keeps_it():
    outcome, records = run(vanishing_gradient, size="full", epochs=400)
    sizes = outcome.arrays
    ratios = [sizes[f"sigmoid {d}"][0] / sizes[f"sigmoid {d}"][-1] for d in vanishing_gradient.DEPTHS]
    assert all(deep < shallow / 2 for shallow, deep in pairwise(ratios))
    assert ratios[-1] < 1e-9
    assert sizes["ReLU from N(0, 2/r) 16"][0] / sizes["ReLU from N(0, 2/r) 16"][-1] > 0.1
    assert [len(sizes[f"ReLU {d}"]) for d in vanishing_gradient.DEPTHS] == [d + 1 for d in vanishing_gradient.DEPTHS]
    assert records[-1]["loss_ReLU"] < 0.05 < 1.5 < records[-1]["loss_sigmoid"]


def test_the_deep_network_is_the_lectures_of_the_same_weights():
    rng = np.random.default_rng(0)
    X, Y = five_digits()
    weights = _wu_deep.deep_weights(five_digits_relu.WIDTHS, rng)
    _, cache = _wu_deep.deep_forward(X, weights, Y, "ReLU")
    _, own = five_digits_relu.relu_network_forward(X, *weights, Y)
    pairs = zip(_wu_deep.deep_backward(1.0, cache), five_digits_relu.back(*own), strict=True)
    for general, printed in pairs:
        scale = np.abs(printed).max()
        assert np.abs(general - printed).max() <= 64 * np.finfo(float).eps * scale  # the mean is taken elsewhere


# -- dropout -----------------------------------------------------------------------------------------------------------


def test_the_printed_mask():
    mask = _wu_dropout.mask_from([5, 1, 2, 3, 4], (2, 3), 0.2)
    assert mask.tolist() == [[0, 1.25, 1.25], [1.25, 1.25, 1.25]]
    assert _wu_dropout.kept_elements(6, 0.2) == 5


@pytest.mark.parametrize("ratio", [0.0, 0.2, 0.25, 0.5, 0.9])
def test_every_mask_keeps_the_same_number(ratio):
    for seed in range(10):
        mask = _wu_dropout.Dropout(np.empty((3, 7), "float32"), ratio, np.random.default_rng(seed))
        assert mask.dtype == "float32" and mask.shape == (3, 7)
        assert (mask > 0).sum() == round(21 * (1 - ratio))
        assert set(np.unique(mask)) <= {np.float32(0), np.float32(1 / (1 - ratio))}


@pytest.mark.parametrize("ratio", [1.0, -0.1, 2.0, float("nan")])
def test_a_ratio_that_drops_no_share_is_refused(ratio):
    with pytest.raises(ValueError, match="drops no share"):
        _wu_dropout.Dropout(np.empty(4), ratio, np.random.default_rng(0))


def test_statistics_of_masks():
    found = dropout_mask.statistics((5, 20), 0.2, 3000, np.random.default_rng(5))
    assert set(found["counts"].tolist()) == {80}
    assert abs(found["mean"] - 1) < 1e-12  # 80 of 100 in every mask: nothing but summation is left
    assert np.abs(found["shares"] - 0.8).max() < 5 * np.sqrt(0.8 * 0.2 / 3000)
    assert -0.003 < found["covariance"] < 0


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_through_masks_that_are_drawn(seed):
    """With zeros in them, not only at the generic masks of the system's own point."""
    (gradient,) = five_digits_sigmoid_dropout.SYSTEM.gradients

    def point(rng):
        inputs = gradient.point(rng)
        return inputs | {m: _wu_dropout.Dropout(inputs[m], 0.2, rng) for m in ("m1", "m2", "m3")}

    assert proving.prove(replace(gradient, point=point), seed).status == "proved"


# -- the five digits ---------------------------------------------------------------------------------------------------


def test_relu_learns_the_five_digits():
    outcome, records = run(five_digits_relu)
    assert records[-1]["accuracy"] == 1.0 and records[-1]["loss"] < 0.01
    assert outcome.arrays["y_hat"].argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


def test_the_printed_shapes():
    X, Y = five_digits()
    weights = _wu_deep.deep_weights(five_digits_relu.WIDTHS, np.random.default_rng(0))
    assert [w.shape for w in weights] == [(26, 20), (21, 20), (21, 20), (21, 5)]
    values = five_digits_relu.forward(X, *weights)
    assert [v.shape for v in values] == [(5, 5), (5, 5), *[(5, 20)] * 6]
    _, cache = five_digits_relu.relu_network_forward(X, *weights, Y)
    assert [dw.shape for dw in five_digits_relu.back(*cache)] == [w.shape for w in weights]


def test_the_lectures_names_and_arguments():
    printed = ["X", "Y", "y_hat", "w1", "w2", "w3", "w4", "a", "b", "c", "d", "h1", "h2", "h3"]
    own = five_digits_sigmoid_dropout
    assert list(inspect.signature(five_digits_relu.back).parameters) == printed
    assert list(inspect.signature(own.back_sigmoid_as_printed).parameters) == printed
    assert list(inspect.signature(own.back_sigmoid).parameters) == [*printed, "m1", "m2", "m3"]


@pytest.mark.parametrize("masked", [True, False])
def test_the_printed_back_sigmoid_is_refuted_in_all_but_dw4(masked):
    """With dropout, and without it too: differentiating the activated value again is wrong by itself."""
    own = five_digits_sigmoid_dropout
    (gradient,) = own.SYSTEM.gradients

    def point(rng):
        inputs = gradient.point(rng)
        return inputs if masked else inputs | {m: np.ones_like(inputs[m]) for m in ("m1", "m2", "m3")}

    at = replace(gradient, point=point)
    assert proving.prove(at).status == "proved"
    assert proving.prove(replace(at, backward=own.printed_backward)).status == "refuted"
    for k, proved in ((0, False), (1, False), (2, False), (3, True)):

        def one_printed(dloss, cache, k=k):
            right = list(own.dropout_network_backward(dloss, cache))
            right[k] = own.printed_backward(dloss, cache)[k]
            return tuple(right)

        assert (proving.prove(replace(at, backward=one_printed)).status == "proved") is proved


def test_the_printed_factor_where_a_node_is_dropped():
    """h = 0: the printed factor is 1/4, and what a dropped node passes back is nothing."""
    assert _wu.sigmoid(np.zeros(1)) * (1 - _wu.sigmoid(np.zeros(1))) == 0.25


def test_what_the_printed_back_sigmoid_costs():
    _, records = run(five_digits_sigmoid_dropout, epochs=1500)
    last = records[-1]
    assert last["accuracy_right"] == 1.0 and last["loss_right"] < 0.01
    assert last["loss_printed"] > 50 * last["loss_right"]


def test_without_dropout_the_printed_back_sigmoid_goes_downhill_all_the_same(monkeypatch):
    monkeypatch.setattr(five_digits_sigmoid_dropout, "RATIO", 0.0)
    _, records = run(five_digits_sigmoid_dropout, epochs=800)
    assert records[-1]["loss_right"] < 0.02 and records[-1]["loss_printed"] < 0.02


def test_no_system_warns():
    modules = (perceptron_classifier, initialisation_study, vanishing_gradient, five_digits_sigmoid_dropout)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for module in modules:
            run(module, epochs=5)
