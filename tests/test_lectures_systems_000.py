"""What the systems of lecture 000 are to show, beyond what every system is tested for."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from gradproof.lectures import Run, all_systems, proving
from gradproof.lectures.claims._exact import same
from gradproof.lectures.systems import _digits_512 as digits
from gradproof.lectures.systems import (
    digits_512_batch,
    digits_512_mini_batch,
    digits_512_single_sample,
    logistic_against_softmax,
    one_hidden_layer_softmax,
)
from gradproof.lectures.training import History

NET = {"x": "t n", "Wh": "m n", "bh": "m", "Wo": "k m", "bo": "k"}
MNIST = os.environ.get("GRADPROOF_MNIST")
TRAINED = {s.SYSTEM.name: s.SYSTEM for s in (digits_512_batch, digits_512_mini_batch, digits_512_single_sample)}


@pytest.fixture(autouse=True)
def small_data(monkeypatch):
    """The default tests need no folder: the digits stand in for MNIST."""
    monkeypatch.delenv("GRADPROOF_MNIST", raising=False)


def run(system, epochs, seed=0):
    if system.images:
        pytest.importorskip("sklearn", reason="scikit-learn, which carries the small digits, is not installed")
    history = History()
    return system.run(Run(seed, epochs, history, size="small")), history.records


# -- logistic outputs against softmax ------------------------------------------------------------------------------


def test_softmax_outputs_sum_to_one_and_logistic_ones_do_not():
    outcome, _ = run(logistic_against_softmax.SYSTEM, 5)
    sums = {kind: outcome.arrays[f"{kind}_outputs"].sum(axis=1) for kind in logistic_against_softmax.KINDS}
    assert np.abs(sums["softmax"] - 1).max() <= 10 * np.finfo(float).eps  # ten summands, a rounding or so each
    assert np.abs(sums["logistic"] - 1).max() > 0.01


def test_one_logistic_output_above_a_half_is_not_assured():
    """Scores of one sign: every logistic output is high, or none; softmax has at most one above a half."""
    w, b = np.zeros((2, 3)), {"all": np.array([1.0, 2, 3]), "none": np.array([-3.0, -2, -1])}
    for which, bias in b.items():
        p = {f"{kind}_{name}": value for kind in ("logistic", "softmax") for name, value in (("w", w), ("b", bias))}
        high = logistic_against_softmax.outputs("logistic", p, np.ones((1, 2))) > 0.5
        assert high.all() if which == "all" else not high.any()
        assert (logistic_against_softmax.outputs("softmax", p, np.ones((1, 2))) > 0.5).sum() == 1


def test_both_gradients_are_the_outputs_less_the_targets_times_the_inputs():
    """At weights of zero, on whole numbers: o is 1/2, or 1/4 for four classes, and nothing is rounded."""
    x, y = np.array([[1.0, 2, -3], [4, -5, 6]]), np.array([[0.0, 1, 0, 0], [0, 0, 0, 1]])
    p = {
        f"{kind}_{name}": np.zeros(shape)
        for kind in ("logistic", "softmax")
        for name, shape in (("w", (3, 4)), ("b", 4))
    }
    forms = logistic_against_softmax.one_form(p, x, y)
    for kind, start in (("logistic", 1 / 2), ("softmax", 1 / 4)):
        by_backward, by_form = forms[kind]
        assert by_backward.tolist() == by_form.tolist() == (x.T @ (start - y) / 2).tolist()


def test_both_learn():
    _, records = run(logistic_against_softmax.SYSTEM, 20)
    assert records[-1]["loss"] < records[0]["loss"] / 2
    assert min(records[-1][f"{kind}_accuracy"] for kind in logistic_against_softmax.KINDS) > 0.9


# -- scalar form and matrix form -----------------------------------------------------------------------------------


def test_the_forms_have_the_same_bits_where_nothing_is_rounded():
    found = one_hidden_layer_softmax.at_whole_numbers()
    assert found["scalar"] == found["matrix"]
    _, *gradients = found["matrix"]
    assert all(np.any(g) for g in gradients)
    assert [np.shape(g) for g in gradients] == [
        one_hidden_layer_softmax.WHOLE[name].shape for name in one_hidden_layer_softmax.NAMES
    ]


def test_the_backpropagated_gradients_have_the_same_bits_on_whole_numbers():
    rng = np.random.default_rng(1)
    x, a, d, Wo = (rng.integers(-9, 9, s).astype(float) for s in ((5, 3), (5, 4), (5, 2), (2, 4)))
    each = [one_hidden_layer_softmax.scalar_gradients(*rows, Wo) for rows in zip(x, a, d, strict=True)]
    scalar = [sum(np.array(g) for g in gradients).tolist() for gradients in zip(*each, strict=True)]
    assert scalar == [g.tolist() for g in one_hidden_layer_softmax.matrix_gradients(x, a, d, Wo)]


def _all_of(form, x, Wh, bh, Wo, bo, target):
    """Loss and gradients of one form in one vector; the targets are made of scores, so that they sum to one."""
    forward, backward = one_hidden_layer_softmax.FORMS[form]
    powers = np.exp(target)
    loss, cache = forward(x, Wh, bh, Wo, bo, powers / powers.sum(axis=1, keepdims=True))
    return np.concatenate([np.reshape(part, -1) for part in (loss, *backward(1, cache))])


def test_the_forms_are_the_same_in_exact_numbers():
    scalar, matrix = (partial(_all_of, form) for form in ("scalar", "matrix"))
    found = same(scalar, matrix, {**NET, "target": "t k"})
    assert found.holds, found

    def transposed_error(x, Wh, bh, Wo, bo, target):
        return matrix(x, Wh, bh, Wo, bo, -target)

    assert not same(scalar, transposed_error, {**NET, "target": "t k"}).holds


def test_the_forms_stay_together_and_learn():
    outcome, records = run(one_hidden_layer_softmax.SYSTEM, 100)
    assert records[-1]["accuracy"] == 1.0
    # 100 steps of a smooth descent, a few dozen roundings of numbers below 10 in each.
    assert records[-1]["apart"] <= 100 * 32 * 10 * np.finfo(float).eps
    assert "NOT" not in outcome.lines[0]


# -- 784-512-10 ----------------------------------------------------------------------------------------------------


def test_forwardpass_is_a_probability_and_acctest_a_share():
    p = digits.initial(6, 10, np.random.default_rng(0), hidden=5)
    o = digits.Forwardpass(np.ones((3, 6), "float32"), **p)
    assert o.shape == (3, 10) and o.dtype == np.float32
    assert np.abs(o.sum(axis=1) - 1).max() <= 10 * np.finfo("float32").eps
    assert digits.AccTest(np.eye(4), np.eye(4)) == 1.0
    assert digits.AccTest(np.eye(4), np.eye(4)[[0, 1, 3, 2]]) == 0.5


def test_the_weights_are_the_lectures():
    p = digits.initial(784, 10, np.random.default_rng(0))
    assert {n: v.shape for n, v in p.items()} == {"Wh": (512, 784), "bh": (512,), "Wo": (10, 512), "bo": (10,)}
    assert all(np.abs(v).max() <= 0.5 for v in p.values())
    assert min(p["bh"].min(), p["bo"].min()) >= 0


def test_the_printed_update_differs_in_the_biases_only():
    """Whole numbers and sizes that are powers of two: nothing is rounded."""
    rng = np.random.default_rng(2)
    x, a, d, Wo = (rng.integers(-9, 9, s).astype(float) for s in ((4, 3), (4, 8), (4, 2), (2, 8)))
    d[:, 1] = -d[:, 0]  # as o - y, whose rows sum to zero
    right = [g / 4 for g in one_hidden_layer_softmax.matrix_gradients(x, a, d, Wo)]
    dWh, dbh, dWo, dbo = digits.as_printed(x, a, d, Wo)
    assert [dWh.tolist(), dWo.tolist()] == [right[0].tolist(), right[2].tolist()]
    assert dbh == right[1].mean() != 0
    assert dbo == right[3].mean() == 0 and right[3].any()


def test_the_printed_update_is_refuted_as_a_gradient():
    (gradient,) = digits_512_batch.SYSTEM.gradients

    def backward(dloss, cache):
        right = gradient.backward(dloss, cache)
        return tuple(g + 0 * r for g, r in zip(listing(right), right, strict=True))

    def listing(right):
        dWh, dbh, dWo, dbo = right
        return dWh, dbh.sum() / len(dbh), dWo, dbo.sum() / len(dbo)

    assert proving.prove(gradient).status == "proved"
    assert proving.prove(replace(gradient, backward=backward)).status == "refuted"


def test_the_printed_bo_never_moves():
    outcome, records = run(digits_512_batch.SYSTEM, 5)
    start = digits.initial(64, 10, np.random.default_rng(0), hidden=64)
    moved = {n: np.abs(outcome.arrays[n] - start["bo"]).max() for n in ("bo", "printed_bo")}
    # Each step adds the mean of numbers that sum to zero up to a rounding each; bo itself, below 1/2, is rounded too.
    assert moved["printed_bo"] <= 5 * np.finfo("float32").eps < 0.01 < moved["bo"]
    change = outcome.arrays["printed_bh"] - start["bh"]
    assert np.ptp(change) <= 5 * np.finfo("float32").eps < np.abs(change).max()
    assert len(records) == 5


def test_one_sample_is_a_batch_of_one():
    """At whole numbers where every exponential is of 0, bit by bit."""
    x, *weights, y = one_hidden_layer_softmax.WHOLE.values()
    for t in range(len(x)):
        one = digits_512_single_sample.right_step(weights, x[t : t + 1], y[t : t + 1])
        batch = digits.right_step(weights, x[t : t + 1], y[t : t + 1])
        assert [value.tolist() for value in one] == [value.tolist() for value in batch]


def test_parts_of_any_size_add_up():
    """One row, two, or all at once: every mean over four rows, bit by bit where nothing is rounded."""
    x, *weights, y = one_hidden_layer_softmax.WHOLE.values()
    whole = [value.tolist() for value in digits.printed_step(weights, x, y)]
    for part in (1, 2, 4):  # a mean over three rows would be rounded
        assert [v.tolist() for v in digits.in_parts(digits.printed_step, weights, x, y, part)] == whole


@pytest.mark.parametrize(("name", "epochs"), [(n, 10 if "single" in n else 50) for n in TRAINED])
def test_each_way_of_descent_learns_digits(name, epochs):
    outcome, records = run(all_systems()[name], epochs)
    assert records[-1]["loss"] < records[0]["loss"] / 3
    assert records[-1]["accuracy"] > 0.5
    assert outcome.arrays["Wh"].dtype == np.float32
    assert digits.DIFFERS in outcome.lines


def test_the_printed_accuracies_stand_beside_ours():
    outcome, records = run(digits_512_mini_batch.SYSTEM, 3)
    told = [line for line in outcome.lines if line.startswith("epoch ")]
    assert len(told) == len(records) == 3
    for record, line, printed in zip(records, told, digits.PRINTED[:3], strict=True):
        assert f"{record['accuracy']:.4f}" in line and str(printed) in line


def test_the_accuracy_is_taken_between_steps():
    outcome, records = run(digits_512_mini_batch.SYSTEM, 3)
    steps = outcome.arrays["steps"]
    assert steps[:, 0].tolist() == [0, 1, 2]  # 200 images are one step an epoch; before each
    assert steps[1:, 1].tolist() == [r["accuracy"] for r in records[:-1]]


@pytest.mark.skipif(not MNIST, reason="GRADPROOF_MNIST names no folder with MNIST's IDX files")
def test_the_printed_accuracies_are_those_of_a_smaller_rate():
    """On MNIST: after each epoch the rate 0.1 is nearer to the printed accuracy than the listing's 0.5 is."""
    history = History()
    digits_512_mini_batch.SYSTEM.run(Run(0, 2, history, Path(MNIST)))
    for record, printed in zip(history.records, digits.PRINTED[:2], strict=True):
        assert abs(record["slow_accuracy"] - printed) < abs(record["printed_accuracy"] - printed)
        assert record["printed_accuracy"] > printed
