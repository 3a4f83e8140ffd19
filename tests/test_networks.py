"""Whole networks: the NumPy network proved and judged, and wrong ones found by layer and step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradproof.networks import numpy_network, ready_networks
from gradproof.networks._description import (
    Network,
    activation,
    conv2d,
    dense,
    flatten,
    from_json,
    max_pool2d,
    momentum,
    network,
    residual,
    sgd,
    to_json,
)
from gradproof.networks.comparing import Case, NetworkTruth, Run, compare, draw_case, run_numpy

READY = ready_networks()
DTYPES = ("float64", "float32")


def with_parameters(case: Case, **changed: np.ndarray) -> Case:
    return replace(case, parameters={**case.parameters, **{n.replace("__", "."): a for n, a in changed.items()}})


def first(case: Case, run: Run) -> tuple[str, str, int]:
    found = compare(NetworkTruth(case), "other", run).first
    assert found is not None
    return found.where, found.layer, found.step


# -- descriptions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READY)
def test_a_description_survives_the_wire(name):
    assert from_json(to_json(READY[name])) == READY[name]


def test_layers_are_named_by_kind_and_number():
    it = network("n", (4,), [dense(4), residual(dense(4), activation("tanh")), dense(2)])
    assert [step.layer.name for step in it.walk()] == [
        "dense1", "residual1.dense1", "residual1.tanh1", "residual1", "dense2",
    ]  # fmt: skip
    assert it.parameters()["residual1.dense1.w"] == (4, 4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: dense(0), "units=0 is not allowed"),
        (lambda: activation("swoosh"), "activation 'swoosh' is not known"),
        (lambda: activation("relu", slope=0.1), "activation relu has no option 'slope'"),
        (lambda: residual(), "a residual block needs a layer"),
        (lambda: network("n", (4,), []), "network n has no layers"),
        (lambda: network("n", (4,), [dense(2)], loss="hinges"), "loss='hinges' is not known"),
        (lambda: network("n", (4,), [conv2d(2, 3)]), r"conv2d1 is given shape \(4,\); it takes 3 axes"),
        (lambda: network("n", (1, 4, 4), [conv2d(2, 5), flatten()]), "conv2d1 is given shape .* too small"),
        (lambda: network("n", (1, 4, 4), [max_pool2d(2)]), "network n ends with shape"),
        (lambda: network("n", (4,), [residual(dense(3))]), "residual1: what is inside turns shape"),
    ],
)
def test_a_description_that_does_not_fit_is_refused_in_words(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# -- the reference -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", READY)
def test_a_ready_network_is_proved_and_agrees_with_itself(name, dtype):
    case = draw_case(READY[name], steps=2, dtype=dtype)
    found = compare(NetworkTruth(case), "numpy", run_numpy(case))
    assert found.proof.status == "proved"
    assert {f.status for f in found.findings} <= {"agree", "undecided"}
    assert found.first is None
    layers = {f.quantity for where, _, f in found.found if where == "forward"}
    assert layers == {step.layer.name for step in READY[name].walk()}


@pytest.mark.parametrize("name", READY)
def test_the_ready_networks_are_judged_to_nearly_every_entry(name):
    case = draw_case(READY[name], steps=2)
    findings = compare(NetworkTruth(case), "numpy", run_numpy(case)).findings
    assert sum(f.undecided for f in findings) == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_run_stays_in_its_dtype(dtype):
    run = run_numpy(draw_case(READY["transformer_block"], dtype=dtype))
    arrays = [*run.layers.values(), run.loss, *run.gradients.values(), *(w for s in run.weights for w in s.values())]
    assert {a.dtype.name for a in arrays} == {dtype}


def test_a_missing_operation_is_named(monkeypatch):
    held = {n: op for n, op in numpy_network._catalogue().items() if n != "tanh"}
    monkeypatch.setattr(numpy_network, "_catalogue", lambda: held)
    assert numpy_network.missing_operations(READY["mlp"]) == ["tanh"]
    with pytest.raises(numpy_network.MissingOperation, match="the catalogue has no operation tanh"):
        run_numpy(draw_case(READY["mlp"]))


# -- wrong ones ----------------------------------------------------------------------------------------------------


def small_conv() -> Network:
    layers = [conv2d(2, 3), activation("tanh"), flatten(), dense(3), activation("relu"), dense(3)]
    return network("small_conv", (1, 5, 4), layers, optimiser=momentum(0.125, 0.5))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_transposed_kernel_is_found_at_its_layer(dtype):
    case = draw_case(small_conv(), dtype=dtype)
    turned = with_parameters(case, conv2d1__w=case.parameters["conv2d1.w"].swapaxes(2, 3).copy())
    assert first(case, run_numpy(turned)) == ("forward", "conv2d1", 0)


def test_a_transposed_square_matrix_is_found_at_its_layer():
    case = draw_case(small_conv())
    turned = with_parameters(case, dense2__w=case.parameters["dense2.w"].T.copy())
    assert first(case, run_numpy(turned)) == ("forward", "dense2", 0)


def test_rows_in_the_other_image_layout_are_found_behind_the_flattening():
    case = draw_case(small_conv())
    w = case.parameters["dense1.w"].reshape(2, 3, 2, 3).transpose(1, 2, 0, 3).reshape(12, 3)
    assert first(case, run_numpy(with_parameters(case, dense1__w=w))) == ("forward", "dense1", 0)


def test_another_order_of_the_gates_is_found_at_the_lstm():
    case = draw_case(READY["lstm_classifier"])
    swapped = {}
    for name in ("wx", "wh", "b"):
        i, f, g, o = np.split(case.parameters[f"lstm1.{name}"], 4, axis=-1)
        swapped[f"lstm1__{name}"] = np.concatenate([i, f, o, g], axis=-1)
    assert first(case, run_numpy(with_parameters(case, **swapped))) == ("forward", "lstm1", 0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_epsilon_of_another_framework_is_found_at_the_normalisation(dtype):
    case = draw_case(READY["residual_block"], dtype=dtype)
    record = to_json(case.network)
    record["layers"][0]["inner"][1]["options"]["epsilon"] = 1e-3
    other = replace(case, network=from_json(record))
    assert first(case, run_numpy(other)) == ("forward", "residual1.batch_norm1", 0)


def test_a_gradient_is_named_from_the_loss_back():
    case = draw_case(READY["mlp"])
    run = run_numpy(case)
    gradients = {**run.gradients, "dense1.b": -run.gradients["dense1.b"], "dense2.w": 2 * run.gradients["dense2.w"]}
    assert first(case, replace(run, gradients=gradients)) == ("gradient", "dense2", 0)


def forgetful(case: Case) -> Run:
    """Momentum whose velocity starts anew at each step."""
    weights, run, parameters = [], run_numpy(case), case.inputs()
    x, target = parameters.pop("x"), parameters.pop("target")
    for _ in range(case.steps):
        _, _, saved = numpy_network.loss_of(case.network, parameters, x, target)
        gradients = numpy_network.gradients_of(case.network, 1.0, saved)
        state = numpy_network.initial_state(case.network.optimiser, parameters)
        parameters, _ = numpy_network.update(case.network.optimiser, parameters, gradients, state, 1)
        weights.append(parameters)
    return replace(run, weights=weights)


def test_a_stale_momentum_is_found_at_the_second_step():
    case = draw_case(READY["mlp"])
    where, layer, step = first(case, forgetful(case))
    assert (where, layer, step) == ("step", "dense1", 2)


def test_one_wrong_step_is_not_held_against_those_after_it():
    case = draw_case(replace(READY["mlp"], optimiser=sgd(0.125)), steps=3)
    run = run_numpy(case)
    moved = {n: w + 0.01 for n, w in run.weights[0].items()}
    after = numpy_network.train(case.network, moved, case.inputs()["x"], case.target, 2)
    found = compare(NetworkTruth(case), "other", replace(run, weights=[moved, *after]))
    assert {(f.status, step) for where, step, f in found.found if where == "step"} == {
        ("wrong", 1), ("agree", 2), ("agree", 3),
    }  # fmt: skip


def test_steps_after_weights_that_are_not_finite_are_not_judged():
    case = draw_case(READY["mlp"])
    run = run_numpy(case)
    broken = {**run.weights[0], "dense2.w": run.weights[0]["dense2.w"] * np.nan}
    found = compare(NetworkTruth(case), "other", replace(run, weights=[broken, *run.weights[1:]]))
    assert found.first is not None and (found.first.layer, found.first.step) == ("dense2", 1)
    assert "from step 2 on" in found.notes[0]


def test_a_missing_gradient_is_wrong():
    case = draw_case(READY["mlp"], steps=0)
    run = run_numpy(case)
    gradients = {n: g for n, g in run.gradients.items() if n != "dense3.b"}
    assert first(case, replace(run, gradients=gradients)) == ("gradient", "dense3", 0)
