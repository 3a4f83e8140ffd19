"""What the feedforward systems of lecture 002 are to show, beyond what every system is tested for."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from gradproof.lectures import Gradient, Run, all_systems, proving
from gradproof.lectures.systems import (
    _mlp,
    code_library,
    deep_against_shallow,
    mlp,
    relu_sigmoid_softmax,
    seven_inputs_three_classes,
    sgd_batch_minibatch,
    six_steps,
    supervised,
)
from gradproof.lectures.systems._points import normal
from gradproof.lectures.training import History
from gradproof.reference import operations

EPS = np.finfo(float).eps


@pytest.fixture(autouse=True)
def small_data(monkeypatch):
    monkeypatch.delenv("GRADPROOF_MNIST", raising=False)


def run(name, epochs=None, size="small", seed=0):
    system = all_systems()[name]
    if system.images:
        pytest.importorskip("sklearn", reason="scikit-learn, which carries the small digits, is not installed")
    history = History()
    outcome = system.run(Run(seed, system.epochs if epochs is None else epochs, history, size=size))
    return outcome, history.records


def status(gradient, backward):
    return proving.prove(replace(gradient, backward=backward)).status


# -- the 4-3-4-2 network ---------------------------------------------------------------------------------------------


def relu(z):
    return np.maximum(z, 0)


def ones(**changed):
    return {name: np.full(shape, float(name[0] == "w")) for name, shape in mlp.SHAPES.items()} | changed


def test_the_network_by_hand():
    """Ones for weights: 1 + 2 + 3 + 4 = 10 in each of three neurons, 30 in each of four, 120 in each output."""
    scalars, matrices = mlp.both(np.array([[1.0, 2, 3, 4]]), **ones(), phi=relu)
    assert scalars.tolist() == matrices.tolist() == [[120.0, 120.0]]


def test_a_weight_leads_from_its_first_neuron_to_its_second():
    """w_21 of layer 1 brings i_2 to h_11, and w_23 of layer 2 h_12 to h_23: nothing else is connected here."""
    parameters = {name: np.zeros(shape) for name, shape in mlp.SHAPES.items()}
    parameters["w_h1"][1, 0], parameters["w_h2"][0, 2], parameters["w_o"][2, 1] = 5, 7, 11
    scalars, matrices = mlp.both(np.array([[1.0, 2, 3, 4]]), **parameters, phi=relu)
    assert scalars.tolist() == matrices.tolist() == [[0.0, 2 * 5 * 7 * 11]]


@pytest.mark.parametrize("seed", range(3))
def test_both_forms_are_one_on_whole_numbers(seed):
    assert "are equal in every entry" in run("mlp", seed=seed)[0].lines[0]


def test_each_neuron_has_its_own_bias():
    for name in ("b_h1", "b_h2", "b_o"):
        for j in range(mlp.SHAPES[name][0]):
            changed = ones()
            changed[name][j] = 1
            scalars, matrices = mlp.both(np.array([[1.0, 2, 3, 4]]), **changed, phi=relu)
            assert scalars.tolist() == matrices.tolist() != [[120.0, 120.0]]


def test_the_activation_of_the_input_layer_belongs_to_the_gradient():
    def without(dy, cache):
        return _mlp.layers_backward(dy, cache[1])

    assert status(mlp.SYSTEM.gradients[0], without) == "refuted"


def test_each_layer_is_one_row_for_one_input():
    layers = mlp.matrix_form(np.ones((1, 4)), **ones())
    assert {name: a.shape for name, a in layers.items()} == {"I": (1, 4), "H1": (1, 3), "H2": (1, 4), "Y": (1, 2)}


# -- the six steps ---------------------------------------------------------------------------------------------------


def test_the_error_of_a_half_is_the_logarithm_of_two_in_its_base():
    o, y = np.full((3, 2), 0.5), np.array([[0.0, 1], [1, 0], [1, 1]])
    assert abs(six_steps.error(o, y)[0] - math.log(2)) <= 2 * EPS
    assert abs(six_steps.error(o, y, "10")[0] - math.log10(2)) <= 2 * EPS
    with pytest.raises(ValueError, match=r"unknown base 'e'.*natural, 10"):
        six_steps.error(o, y, "e")


def test_the_printed_derivative_of_the_error_lacks_its_one_over_outputs():
    o, y = np.array([[0.82, 0.31]]), np.array([[1.0, 0.0]])
    right = six_steps.error_gradient(1.0, six_steps.error(o, y, "10")[1])
    ratio = six_steps.printed_error_gradient(o, y) / right
    assert np.abs(ratio - 2).max() <= 16 * EPS
    by_hand = [-1 / (2 * 0.82 * math.log(10)), 1 / (2 * 0.69 * math.log(10))]
    assert np.abs(right / [by_hand] - 1).max() <= 16 * EPS


def case():
    gradient = six_steps.SYSTEM.gradients[0]
    inputs, _ = proving.case_of(gradient, 0)
    return gradient, gradient.forward(*inputs.values())[1]


def test_a_delta_without_its_derivative_is_refuted():
    gradient, _ = case()

    def wrong(dloss, cache):
        activations, at_sigmoids, (w1, w2, w3), saved = cache
        *_, last = six_steps.backpropagate(six_steps.error_gradient(dloss, saved), (w1, w2, w3), at_sigmoids)
        second = last @ w3.T
        first = second @ w2.T
        return (first @ w1.T, *six_steps.gradients([first, second, last], activations))

    assert status(gradient, wrong) == "refuted"
    assert status(gradient, six_steps.six_steps_backward) == "proved"


def test_the_printed_orders_of_the_products_do_not_fit_row_vectors():
    _, (activations, at_sigmoids, weights, saved) = case()
    one = [a[:1] for a in activations]
    deltas = six_steps.backpropagate(six_steps.error_gradient(1.0, saved), weights, at_sigmoids)
    slope = one[2] * (1 - one[2])
    with pytest.raises(ValueError):
        (slope * weights[2].T) @ deltas[2][:1]
    with pytest.raises(ValueError):
        deltas[2][:1] @ one[2].T
    other_way = deltas[2][:1] @ (slope * weights[2].T)
    assert np.abs(other_way / deltas[1][:1] - 1).max() <= 32 * EPS


def test_winner_take_all():
    assert _mlp.winner_take_all(six_steps.PRINTED_OUTPUTS).tolist() == six_steps.PRINTED_TARGETS.tolist() == [[1, 0]]
    assert _mlp.winner_take_all(np.array([[0.1, 0.3, 0.2], [0.5, 0.5, 0.1]])).tolist() == [[0, 1, 0], [1, 0, 0]]
    table = _mlp.confusion(np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.3]]), np.eye(2)[[0, 1, 1]])
    assert table.tolist() == [[1, 0], [1, 1]]


def test_the_network_learns_what_no_single_layer_can():
    rng = np.random.default_rng(1)
    x, labels = six_steps.two_classes(300, rng)
    history = History()
    start = _mlp.initial(six_steps.WIDTHS, rng)
    six_steps.train(start, x, np.eye(2)[labels], Run(0, 30, history), rng, 0.5)
    assert history.records[-1]["loss"] < 0.4 < history.records[0]["loss"]
    assert history.records[-1]["accuracy"] > 0.85


# -- single pairs, mini-batches, batch -------------------------------------------------------------------------------


def test_the_gradient_of_a_batch_is_the_mean_of_its_pairs():
    rng = np.random.default_rng(0)
    p = _mlp.initial(sgd_batch_minibatch.WIDTHS, rng)
    x, y = rng.standard_normal((8, 2)), rng.integers(0, 2, (8, 1)).astype(float)
    _, whole = sgd_batch_minibatch.network(p, x, y)
    single = [sgd_batch_minibatch.network(p, x[k : k + 1], y[k : k + 1])[1] for k in range(8)]
    for name in p:
        each = np.array([g[name] for g in single])
        # Eight summands in another order, each of a few roundings.
        assert (np.abs(each.mean(axis=0) - whole[name]) <= 16 * EPS * np.abs(each).max()).all()


def test_smaller_batches_are_further_after_as_many_epochs():
    _, records = run("sgd_batch_minibatch", epochs=10, size="full")
    last = [records[-1][sgd_batch_minibatch.name_of(size)] for size in sgd_batch_minibatch.SIZES]
    assert last == sorted(last)
    assert last[0] < last[-1] / 4


def test_all_ways_start_from_one_network_and_are_followed_update_by_update():
    outcome, records = run("sgd_batch_minibatch", epochs=5)
    curves = [v for name, v in outcome.arrays.items() if name.endswith("by update")]
    assert len(curves) == 3 and {len(c) for c in curves} == {6}
    assert len({c[0] for c in curves}) == 1
    assert outcome.arrays["batch by update"][1:].tolist() == [r["batch"] for r in records]


# -- seven inputs, three classes -------------------------------------------------------------------------------------


def test_the_printed_row_keeps_its_own_definition_of_compactness():
    area, around, compactness = seven_inputs_three_classes.PRINTED_ROW[0, :3]
    assert f"{4 * math.pi * area / around**2:.3f}" == f"{compactness:.3f}"
    assert f"{seven_inputs_three_classes.perimeter(area, compactness):.2f}" == f"{around:.2f}"


def test_the_generated_kernels_resemble_the_classes():
    x, labels = seven_inputs_three_classes.seeds(3000, np.random.default_rng(0))
    for k, (means, spreads) in enumerate(seven_inputs_three_classes.CLASSES.values()):
        without_perimeter = x[labels == k][:, [0, 2, 3, 4, 5, 6]]
        assert len(without_perimeter) == 1000
        assert (np.abs(without_perimeter.mean(axis=0) - means) < np.array(spreads) / 5).all()
        assert (np.abs(without_perimeter.std(axis=0) / spreads - 1) < 0.1).all()


def test_rows_are_standardised_by_the_training_rows():
    rows, other = np.array([[1.0, 10.0], [3.0, 30.0]]), np.array([[5.0, 20.0]])
    assert seven_inputs_three_classes.standardise(rows, rows).tolist() == [[-1, -1], [1, 1]]
    assert seven_inputs_three_classes.standardise(other, rows).tolist() == [[3, 0]]


@pytest.mark.parametrize("seed", range(3))
def test_the_printed_row_is_told_to_be_what_it_is(seed):
    outcome, records = run("seven_inputs_three_classes", size="full", seed=seed)
    assert outcome.arrays["printed row"].argmax() == list(seven_inputs_three_classes.CLASSES).index("Kama")
    assert records[-1]["test_accuracy"] > 0.9
    assert records[-1]["loss"] < 0.2 < records[0]["loss"]


# -- ReLU, sigmoid, softmax ------------------------------------------------------------------------------------------


def test_the_diagonal_alone_is_refuted():
    gradient = relu_sigmoid_softmax.SYSTEM.gradients[0]
    assert status(gradient, relu_sigmoid_softmax.jacobian_backward) == "proved"
    assert status(gradient, relu_sigmoid_softmax.diagonal_backward) == "refuted"


def test_the_whole_jacobian_is_the_fused_form():
    rng = np.random.default_rng(0)
    p = _mlp.initial((3, 8, 6, 4), rng)
    few = (p, rng.standard_normal((5, 3)), rng.integers(0, 4, 5))
    assert relu_sigmoid_softmax.apart(*few, "jacobian") <= 16 * EPS  # gradients below 1, some roundings each
    assert relu_sigmoid_softmax.apart(*few, "diagonal") > 0.01


def test_the_smallest_case_of_the_missing_entries():
    """Two equal scores, the first class right: -1/2 and 1/2; the diagonal leaves the other class's score alone."""
    o = code_library.Softmax(np.zeros((1, 2)))
    do = -np.array([[1.0, 0.0]]) / o
    assert np.einsum("ij,ijk->ik", do, code_library.SoftmaxDerivative(np.zeros((1, 2)))).tolist() == [[-0.5, 0.5]]
    assert (do * o * (1 - o)).tolist() == [[-0.5, 0]]


def test_the_diagonal_alone_does_not_learn_digits():
    _, records = run("relu_sigmoid_softmax", epochs=40)
    last = records[-1]
    assert last["loss_jacobian"] < 0.5 < 2 < last["loss_diagonal"]
    assert last["test_accuracy_jacobian"] > 0.7 > 0.4 > last["test_accuracy_diagonal"]
    # Roundings apart at every step, which 280 steps of a smooth descent do not blow up to a thousandth of them.
    assert abs(last["loss_fused"] / last["loss_jacobian"] - 1) < EPS * 280 * 1000


# -- the library -----------------------------------------------------------------------------------------------------

Z = np.array([[-1.0, 0.0, 2.0], [3.0, -0.5, 0.25]])


@pytest.mark.parametrize("name", code_library.PAIRS)
def test_a_function_of_the_library_has_the_derivative_of_the_reference(name):
    """The library's forward against the reference's backward: one truth for both."""
    function, _, reference, backward = code_library.PAIRS[name]
    assert operations()[name.lower()].forward is reference

    def forward(x):
        return function(x), reference(x)[1]

    assert proving.prove(Gradient(name, forward, backward, normal(x=(5, 4)))).status == "proved"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_library_keeps_what_it_is_given(dtype):
    given = Z.astype(dtype)
    shapes = {}
    for name in ("ReLU", "ReLUDerivative", "Sigmoid", "SigmoidDerivative", "Softmax", "SoftmaxDerivative"):
        result = getattr(code_library, name)(given)
        assert result.dtype == dtype
        shapes[name] = result.shape
    assert np.array_equal(given, Z.astype(dtype))
    assert shapes.pop("SoftmaxDerivative") == (2, 3, 3) and set(shapes.values()) == {(2, 3)}


def test_the_library_on_small_numbers():
    assert code_library.ReLU(Z).tolist() == [[0, 0, 2], [3, 0, 0.25]]
    assert code_library.ReLUDerivative(Z).tolist() == [[0, 0, 1], [1, 0, 1]]
    assert code_library.SigmoidDerivative(np.zeros((1, 2))).tolist() == [[0.25, 0.25]]
    assert code_library.SoftmaxDerivative(np.zeros((1, 2))).tolist() == [[[0.25, -0.25], [-0.25, 0.25]]]
    assert np.abs(code_library.Softmax(Z).sum(axis=1) - 1).max() <= 4 * EPS


def test_the_sigmoid_of_the_library_overflows_to_the_right_value():
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert code_library.Sigmoid(np.array([[-800.0]])).tolist() == [[0.0]]


def test_the_printed_library_has_these_faults():
    changed = Z.copy()
    assert code_library.relu_derivative_as_printed(changed) is None
    assert changed.tolist() == code_library.ReLUDerivative(Z).tolist()
    with pytest.raises(AttributeError, match="sub"):
        code_library.sigmoid_derivative_as_printed(Z)
    assert np.array_equal(code_library.softmax_as_printed(Z[:1]), code_library.Softmax(Z[:1]))
    assert abs(code_library.softmax_as_printed(Z).sum() - 1) <= 8 * EPS


def test_the_printed_softmax_under_the_right_jacobian_is_refuted():
    def forward(Z):
        return code_library.softmax_as_printed(Z), Z

    gradient = Gradient("printed", forward, code_library.softmax_through_jacobian, normal(Z=(5, 4)))
    assert proving.prove(gradient).status == "refuted"


# -- deep against shallow --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", ["relu", "sigmoid"])
@pytest.mark.parametrize("depth", range(1, 7))
def test_the_gradient_is_proved_at_every_depth(depth, hidden):
    widths = (3, 8, 6, 7, 9, 2)[:depth] + (4,)

    def forward(x, *others):
        *parameters, target = others
        return _mlp.classifier_forward(x, parameters, target, hidden)

    point = deep_against_shallow.point_of(*widths)
    gradient = Gradient(f"depth{depth}", forward, _mlp.classifier_backward, point)
    assert len(point(np.random.default_rng(0))) == 2 * depth + 2
    assert proving.prove(gradient).status == "proved"


def test_a_layer_left_out_on_the_way_back_is_refuted():
    def skipping(dloss, cache):
        (*before, (how, at_affine, _), last), at_loss = cache
        kept = [*before, ("linear", at_affine, None), last]
        assert how == "relu"
        return _mlp.classifier_backward(dloss, (kept, at_loss))

    assert status(deep_against_shallow.SYSTEM.gradients[1], skipping) == "refuted"


@pytest.mark.parametrize("inputs", [64, 784])
def test_the_two_networks_are_about_as_large(inputs):
    settings = deep_against_shallow.networks(inputs, 10)
    shallow, deep = settings["shallow"][0], settings["deep"][0]
    assert len(shallow) - 2 == 1 and len(deep) - 2 > 2
    one_unit = inputs + 1 + 10
    assert abs(_mlp.parameter_count(shallow) - _mlp.parameter_count(deep)) <= one_unit / 2
    start = _mlp.initial(deep, np.random.default_rng(0))
    assert sum(p.size for p in start.values()) == _mlp.parameter_count(deep)


def test_depth_learns_with_relu_and_not_with_sigmoids():
    _, records = run("deep_against_shallow", epochs=40)
    last = records[-1]
    assert max(last["loss_shallow"], last["loss_deep"]) < 0.5
    assert last["loss_deep_sigmoid"] > 2
    assert min(last["accuracy_shallow"], last["accuracy_deep"]) > 0.9


# -- supervised ------------------------------------------------------------------------------------------------------


def test_one_step_of_the_perceptron_by_hand():
    """From zero weights every output is 0; the first unit is to say 1, so x and 1 are added to it."""
    p = {"w": np.zeros((2, 3)), "b": np.zeros(3)}
    wrong = supervised.perceptron_epoch(p, np.array([[4.0, -2.0]]), np.eye(3)[:1], np.random.default_rng(0))
    assert wrong == 1
    assert p["w"].tolist() == [[4, 0, 0], [-2, 0, 0]] and p["b"].tolist() == [1, 0, 0]
    assert supervised.perceptron_epoch(p, np.array([[4.0, -2.0]]), np.eye(3)[:1], np.random.default_rng(0)) == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_weights_are_adjusted_until_the_outputs_match(seed):
    outcome, records = run("supervised", size="full", seed=seed)
    assert records[-1]["perceptron_wrong"] == 0 < records[0]["perceptron_wrong"]
    assert records[-1]["apart"] < supervised.NEAR < records[0]["apart"]
    assert len(records) < supervised.SYSTEM.epochs
    p = {"w": outcome.arrays["perceptron w"], "b": outcome.arrays["perceptron b"]}
    assert np.array_equal(supervised.outputs(p, outcome.arrays["x"], supervised.step), outcome.arrays["desired"])


def test_the_perceptron_never_matches_what_no_line_separates():
    x, desired = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])
    p, rng = {"w": np.zeros((2, 1)), "b": np.zeros(1)}, np.random.default_rng(0)
    assert all(supervised.perceptron_epoch(p, x, desired, rng) for _ in range(100))
