"""Shapes found for forwards that nobody described, and what is said where none is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradproof.convention import Misfit
from gradproof.inferring import IMAGES, KINDS, SIZES, Plan, fill, infer
from gradproof.loading import load, pairs

FIXTURES = Path(__file__).resolve().parent / "fixtures"

FOUND = [
    ("array_layers", "affine", "x (3,4), w (4,5), b (5,)"),
    ("array_layers", "relu", "x (3,4)"),
    ("array_layers", "batchnorm", "x (3,4), gamma (4,), beta (4,), bn_param={'mode': 'train'}"),
    ("array_layers", "conv_naive", "x (2,3,6,4), w (4,3,3,3), b (4,), conv_param={'stride': 1, 'pad': 1}"),
    ("array_layers", "rnn_step", "x (3,4), prev_h (3,2), Wx (4,2), Wh (2,2), b (2,)"),
    ("array_layers", "lstm_step", "x (3,4), prev_h (3,2), prev_c (3,2), Wx (4,8), Wh (2,8), b (8,)"),
    ("array_layers", "word_embedding", "x (3,4) integers below 2, W (2,5)"),
    ("column_layers", "linear", "A (3,4), W (5,3), b (5,1)"),
    ("class_layers", "Affine", "W (4,5), b (5,), x (3,4)"),
    ("class_layers", "SoftmaxWithLoss", "x (3,4), t (3,) integers below 4"),
    ("assorted", "two_layer", "X (3,4), y (3,) integers below 2, W1 (4,5), b1 (5,), W2 (5,2), b2 (2,)"),
    ("assorted", "mse", "pred (3,4), target (3,4) without a gradient"),
    ("assorted", "attention", "q (3,4), k (5,4), v (5,2)"),
    ("assorted", "prelu", "x (3,4), alpha ()"),
    ("assorted", "leaky", "x (3,4), alpha=0.1"),
    ("assorted", "inv", "A (4,4)"),
    (
        "assorted",
        "dwshape",
        "x (3,4), w (4,5), b (5,)",
    ),  # a wrong backward is judged at the shapes that the names suggest
    ("assorted", "raising", "x (3,4), w (4,5), b (5,)"),
]


@pytest.mark.parametrize(("file", "name", "plan"), FOUND, ids=[row[1] for row in FOUND])
def test_shapes_are_found(file: str, name: str, plan: str):
    forward, backward = pairs(load(FIXTURES / f"{file}.py"))[name]
    assert infer(name, forward, backward, {}).describe() == plan


@pytest.mark.parametrize(
    ("file", "name", "words"),
    [
        ("assorted", "total", "takes any number of arguments; define total_inputs()"),
        ("assorted", "heads", "--shape x=3,4 --shape w=3,4 --shape num_heads=3,4, or define heads_inputs()"),
        ("class_layers", "Dense", "define Dense_inputs()"),
    ],
)
def test_one_sentence_where_nothing_fits(file: str, name: str, words: str):
    forward, backward = pairs(load(FIXTURES / f"{file}.py"))[name]
    with pytest.raises(ValueError) as caught:
        infer(name, forward, backward, {})
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_mistake_in_the_forward_is_its_own_fault():
    forward, backward = pairs(load(FIXTURES / "assorted.py"))["nameerr"]
    with pytest.raises(Misfit, match="the forward raised NameError: name 'nP' is not defined"):
        infer("nameerr", forward, backward, {})


def test_no_parameters_and_unknown_options():
    with pytest.raises(ValueError, match="has no required parameter"):
        infer("f", lambda: 1, lambda: 1, {})
    with pytest.raises(ValueError, match="takes no option 'slope'; it takes x"):
        infer("f", lambda x: x, lambda dy, x: dy, {"slope": 1})
    with pytest.raises(ValueError, match="nondiff names 'z'; the inputs are x"):
        infer("f", lambda x: x, lambda dy, x: dy, {}, ("z",))


def test_what_one_try_writes_into_an_option_no_other_sees():
    def forward(x: Any, state: dict[str, Any]) -> Any:
        total = x + state.get("mean", 0)
        state["mean"] = x
        return total, None

    options = {"state": {}}
    assert infer("f", forward, lambda dy, _: dy, options).shapes == {"x": "AB"}
    assert options == {"state": {}}


@pytest.mark.parametrize("kind", sorted(set(KINDS)))
def test_fill_gives_the_dtype_and_finite_numbers(kind: str):
    x = fill((3, 4), None, kind, "float32", [1])
    assert x.dtype == np.float32 and x.shape == (3, 4) and np.isfinite(x).all()
    assert np.array_equal(x, fill((3, 4), None, kind, "float32", [1]))


def test_labels_hold_the_largest_one():
    for seed in range(20):
        labels = fill((6,), 4, "ordinary", "float64", [seed])
        assert labels.dtype.kind == "i" and labels.min() >= 0 and labels.max() == 3
    assert fill((0,), 4, "ordinary", "float64", [0]).shape == (0,)


def test_sizes_of_a_case_differ_so_that_a_mixed_up_axis_shows():
    for sizes in SIZES:
        assert len({sizes[c] for c in "ABCD"}) == 4
    for sizes in IMAGES:
        assert sizes["H"] != sizes["W"] and sizes["H"] % 2 == sizes["W"] % 2 == 0
    assert Plan({"x": "A:C"}).describe() == "x (3,) integers below 5"
