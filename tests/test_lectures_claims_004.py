"""The listings of lecture 004 stand here as in its text, are run as they stand, and a slip in them is found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradproof.lectures.claims._exact import derivative
from gradproof.lectures.claims._listings import listing
from gradproof.lectures.claims.lecture_004 import _programs
from gradproof.lectures.claims.lecture_004._pieces import NET, mean_loss, network, rows, softmax
from gradproof.lectures.claims.lecture_004._programs import AS_PRINTED, asked, crossing, functions, program

TEXTS = Path(__file__).resolve().parent.parent.parent / "shared" / "lectures"


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the lectures' texts are not part of the repository")
@pytest.mark.parametrize("name", AS_PRINTED)
def test_listings_stand_as_in_the_text(name: str):
    first, last = AS_PRINTED[name]
    (path,) = TEXTS.glob("004_*.txt")
    text = [line.rstrip() for line in path.read_text(encoding="utf-8").split("\n")[first - 1 : last]]
    printed = [line for line in text if line and not line.startswith("```")]
    assert [line.rstrip() for line in listing(name).split("\n") if line.strip()] == printed


def backward_of(source: str, layer: int):
    back = functions(source)["back"]

    def gradient(dy, x, b1, w1, b2, w2, u):
        y_hat, h = network(x, b1, w1, b2, w2)
        by = dy * back(x, softmax(u), y_hat, rows(b2, w2), h)[layer - 1]
        return by[0], by[1:]

    return gradient


SLIPS = {
    "the slope at the value": (1, "sigmoid_gradient(h)", "sigmoid_gradient(sigmoid(h))"),
    "no slope": (1, " * sigmoid_gradient(h)\n    dw1", "\n    dw1"),
    "the sign of the error": (2, "(y_hat - Y)", "(Y - y_hat)"),
    "the sum for the mean": (2, "(y_hat - Y)) / X.shape[0]", "(y_hat - Y))"),
    "divided by the inputs": (1, "da) / X.shape[0]", "da) / X.shape[1]"),
    "the bias's row for the last": (1, "w2[1:]", "w2[:-1]"),
    "one row only": (1, "w2[1:]", "w2[1:2]"),
    "columns": (1, "w2[1:].T", "w2[:, 1:].T"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_the_listing_is_refuted(slip: str):
    layer, printed, wrong = SLIPS[slip]
    source = program("sigmoid_gradient", "back")
    assert source.count(printed) >= 1
    by = f"b{layer} w{layer}"
    assert derivative(mean_loss, backward_of(source.replace(printed, wrong), layer), NET, by=by).holds is False


@pytest.mark.parametrize("layer", [1, 2])
def test_the_listing_as_printed_is_proved(layer: int):
    source = program("sigmoid_gradient", "back")
    assert derivative(mean_loss, backward_of(source, layer), NET, by=f"b{layer} w{layer}").holds


def test_programs_asked_together_do_not_meet():
    defines, uses, stops = asked("a = 1\nprint(a)"), asked("print(a)"), asked("import nothing_of_that_name")
    assert defines().printed == "1\n" and not defines().exception
    assert uses().exception == "NameError: name 'a' is not defined"
    assert stops().exception.startswith("ModuleNotFoundError")


def test_a_program_asked_later_is_answered_too():
    assert asked("print(1)")().printed == "1\n"
    assert asked("print(2)")().printed == "2\n"


def test_crossing_segments_are_found_where_they_are():
    corners = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    assert crossing(corners, np.array([1, 1, 0, 0])) is not None
    assert crossing(corners, np.array([1, 0, 1, 0])) is None


def test_the_drawn_weights_leave_the_global_generator_alone():
    before = np.random.get_state()[1].copy()
    x, labels = _programs.point_set("circles", 0)
    first, second = (_programs.classifier(x, labels, seed=3, steps=50) for _ in range(2))
    assert first == second
    assert np.array_equal(before, np.random.get_state()[1])
