"""What the systems of lecture 001 are to show, beyond what every system is tested for."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.lectures import Run, all_systems
from gradproof.lectures.systems import chain_rule, diabetes_network, digits_256_128, softmax_layer
from gradproof.lectures.training import History


def test_the_printed_forward_pass_holds_within_a_unit_of_its_last_digit_but_for_z2():
    """z2 = 5.595 is what the printed, cut a1 give; the unrounded ones give 5.607."""
    values = diabetes_network.layers(diabetes_network.START, diabetes_network.PATIENT)
    for name in ("z1", "a1", "a2"):
        for value, printed in zip(values[name][0], diabetes_network.PRINTED[name].split(), strict=True):
            assert abs(value - float(printed)) < 10.0 ** -len(printed.partition(".")[2])
    printed = np.array([float(a) for a in diabetes_network.PRINTED["a1"].split()])
    assert f"{diabetes_network.START['w2'][0] @ printed + 1.4:.3f}" == "5.595"
    assert f"{values['z2'][0, 0]:.3f}" == "5.607"


def test_each_error_goes_down_by_one_update_on_the_printed_person():
    x, y = diabetes_network.PATIENT, np.ones((1, 1))
    for error in diabetes_network.ERRORS:
        before, gradients = diabetes_network.network(diabetes_network.START, x, y, error)
        new = {n: p - diabetes_network.RATE * gradients[n] for n, p in diabetes_network.START.items()}
        assert diabetes_network.network(new, x, y, error)[0] < before


def test_both_forms_of_the_chain_rule_are_one():
    """On small whole numbers, where nothing is rounded."""
    x = np.arange(-4.0, 5.0)
    (slope,) = chain_rule.chain_backward(1.0, chain_rule.chain_forward(x)[1])
    assert slope.tolist() == chain_rule.multiplied_out(x).tolist()


def test_softmax_sums_to_one_and_a_sigmoid_before_it_flattens_it():
    kept = softmax_layer.SYSTEM.run(Run(0, 0, History())).arrays
    for name in ("softmax", "softmax after sigmoid"):
        assert abs(kept[name].sum() - 1) <= 4 * np.finfo(float).eps  # four summands, a rounding or so each
    assert np.ptp(kept["softmax after sigmoid"]) < np.ptp(kept["softmax"])


def test_the_printed_number_of_parameters():
    start = digits_256_128.initial(784, np.random.default_rng(0))
    assert digits_256_128.parameter_count(784) == sum(p.size for p in start.values()) == 235_146


def test_the_network_learns_digits(monkeypatch):
    pytest.importorskip("sklearn", reason="scikit-learn, which carries the small digits, is not installed")
    monkeypatch.delenv("GRADPROOF_MNIST", raising=False)
    history = History()
    all_systems()["digits_256_128"].run(Run(0, 20, history, size="small"))
    assert history.records[-1]["loss"] < history.records[0]["loss"] / 4
    assert history.records[-1]["error_rate"] < 0.3
