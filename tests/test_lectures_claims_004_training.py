"""Lecture 004 from the batches on: its listings stand as printed, and the claims' helpers and checks can fail."""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradproof.lectures.claims._exact import derivative_at
from gradproof.lectures.claims._listings import listing
from gradproof.lectures.claims.lecture_004 import (
    _deep,
    _programs_training,
    deep_listings,
    dropout,
    multiclass,
    run_consistency,
)
from gradproof.lectures.claims.lecture_004._pieces import sigmoid
from gradproof.lectures.claims.lecture_004._pieces_training import (
    EXAMPLES_OF_EACH_DIGIT,
    gradients,
    mean_loss,
    mnist_counts,
    network_points,
    relu,
)
from gradproof.lectures.claims.lecture_004._programs_training import AS_PRINTED, shapes_of
from gradproof.lectures.claims.lecture_004.batches import chosen_accuracy
from gradproof.lectures.claims.lecture_004.printed_run import PRINTED

TEXTS = Path(__file__).resolve().parent.parent.parent / "shared" / "lectures"
needs_texts = pytest.mark.skipif(not TEXTS.is_dir(), reason="the lectures' texts are not part of the repository")


def text() -> list[str]:
    (path,) = TEXTS.glob("004_*.txt")
    return path.read_text(encoding="utf-8").split("\n")


def without_blanks(said: str) -> str:
    return "".join(said.split())


@pytest.fixture(autouse=True)
def no_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GRADPROOF_MNIST", raising=False)


# -- what stands here as printed -------------------------------------------------------------------------------


@needs_texts
@pytest.mark.parametrize("name", AS_PRINTED)
def test_listings_stand_as_in_the_text(name: str):
    first, last = AS_PRINTED[name]
    lines = [line.rstrip() for line in text()[first - 1 : last]]
    printed = [line for line in lines if line and not line.startswith("```")]
    assert [line.rstrip() for line in listing(name).split("\n") if line.strip()] == printed


@needs_texts
@pytest.mark.parametrize("line", _deep.LINES)
def test_lines_of_code_stand_as_in_the_text(line: int):
    assert without_blanks(text()[line - 1].strip().strip("$")) == without_blanks(_deep.LINES[line])


@needs_texts
def test_printed_results_stand_as_in_the_text():
    assert without_blanks("".join(text()[698:706])) == without_blanks(dropout.PRINTED)
    for line, (epoch, batch, loss, accuracy) in PRINTED.items():
        assert text()[line - 1].strip() == f"{epoch}-{batch} > Loss: {loss}, Accuracy: {accuracy}%"
    row = [Fraction(cell.strip()) for cell in text()[481].strip("| ").split("|")]
    assert row == list(multiclass.OUTPUTS)


# -- gradients -------------------------------------------------------------------------------------------------

POINTS = network_points("x", ("w1", "w2", "w3", "w4"))
BY = "w1 w2 w3 w4"


def test_points_are_not_square_and_both_sides_of_the_kink_occur():
    largest = POINTS[-1]
    assert len({len(largest["x"]), *(w.shape for n, w in largest.items() if n.startswith("w"))}) == 5
    first = largest["x"] @ largest["w1"][1:] + largest["w1"][0]
    assert (first > 0).any() and (first < 0).any()
    assert all((np.asarray(value) != 0).all() for p in POINTS for name, value in p.items() if name != "y")


@pytest.mark.parametrize(("name", "activation"), [("relu", relu), ("sigmoid", sigmoid)])
def test_the_gradients_whose_sizes_are_compared_are_proved(name: str, activation: Callable[[Any], Any]):
    def loss(x, y, *ws):
        return mean_loss(x, y, *ws, activation=activation)

    def scaled(factor):
        return lambda dy, x, y, *ws: tuple(dy * factor * g for g in gradients(x, y, *ws, name=name))

    assert derivative_at(loss, scaled(1), POINTS, by=BY).holds
    assert derivative_at(loss, scaled(1 + 1e-9), POINTS, by=BY).holds is False


@pytest.mark.parametrize(
    ("printed", "wrong"),
    [
        ("(h3 > 0)", "(h3 < 0)"),
        ("(h1 > 0)", "1"),
        ("w3[1:].T", "w3[:-1].T"),
        ("/X.shape[0] # (26 x 5)", "# (26 x 5)"),
        ("y_hat - Y, w4", "Y - y_hat, w4"),
    ],
)
def test_a_wrong_line_of_the_listing_is_refuted(printed: str, wrong: str, monkeypatch: pytest.MonkeyPatch):
    source = listing("004_back_relu")
    assert printed in source
    changed = {"004_back_relu": source.replace(printed, wrong)}
    monkeypatch.setattr(_programs_training, "listing", lambda name: changed.get(name, listing(name)))
    _programs_training.function.cache_clear()
    try:
        assert deep_listings.back_is_the_gradient().verdict == "erratum"
    finally:
        _programs_training.function.cache_clear()


@pytest.mark.parametrize(
    ("line", "printed", "wrong"), [(820, "W_4[1:].T", "W_4[:-1].T"), (833, "dH3 *", "dH3 +"), (805, "H3", "0 * H3")]
)
def test_a_wrong_line_of_code_is_refuted(line: int, printed: str, wrong: str, monkeypatch: pytest.MonkeyPatch):
    check = {820: _deep.by_values, 833: _deep.by_sums, 805: _deep.by_weights}[line]
    inputs = {820: "h3", 833: "c", 805: "h3"}[line]
    assert check(line, ("w4",), inputs).verdict == "holds"
    monkeypatch.setitem(_deep.LINES, line, _deep.LINES[line].replace(printed, wrong))
    assert check(line, ("w4",), inputs).verdict == "erratum"


# -- shapes and numbers ----------------------------------------------------------------------------------------


def test_shapes_are_those_of_a_run():
    found = shapes_of("004_back_relu")
    assert found[915] == ("(21 x 5) x (5 x 5) = 21 x 5",) * 2
    assert found[923] == ("(5 x 20) x (20 x 20) = 5 x 20", "(5 x 20) * (5 x 20) = 5 x 20")
    assert len(found) == 10


def test_the_best_of_several_guesses_looks_better_than_it_is():
    assert chosen_accuracy(1, 7) == Fraction(1, 2)
    assert chosen_accuracy(2, 1) == Fraction(3, 4)


def test_an_accuracy_that_5000_images_cannot_have_is_seen(monkeypatch: pytest.MonkeyPatch):
    assert run_consistency.size_of_the_test_set().verdict == "convention"
    monkeypatch.setitem(PRINTED, 615, (0, 0, "2.51126276", "23.71"))
    assert run_consistency.size_of_the_test_set().verdict != "convention"


def test_a_loss_that_is_too_small_for_its_accuracy_is_seen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(PRINTED, 616, (0, 60, "0.04510000", "93.48"))
    assert run_consistency.losses_and_accuracies().verdict == "erratum"


# -- MNIST -----------------------------------------------------------------------------------------------------


def idx(array: np.ndarray) -> bytes:
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_mnist(folder: Path, labels: np.ndarray, pixels: np.ndarray) -> None:
    for half in ("train", "t10k"):
        (folder / f"{half}-labels-idx1-ubyte").write_bytes(idx(labels.astype(np.uint8)))
        (folder / f"{half}-images-idx3-ubyte").write_bytes(idx(pixels.astype(np.uint8)))


def test_the_counts_are_those_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert mnist_counts()[0] == tuple(map(sum, zip(*EXAMPLES_OF_EACH_DIGIT.values(), strict=True)))
    write_mnist(tmp_path, np.repeat(np.arange(10), 3500), np.full((2, 28, 28), 7))
    monkeypatch.setenv("GRADPROOF_MNIST", str(tmp_path))
    assert mnist_counts() == ((7000,) * 10, "counted in the folder of GRADPROOF_MNIST")
    assert multiclass.examples_of_each_digit().verdict == "holds"
    assert multiclass.background().verdict == "erratum"
    write_mnist(tmp_path, np.arange(10), np.zeros((2, 8, 8)))
    assert (multiclass.bytes_of_an_image().verdict, multiclass.examples().verdict) == ("erratum", "erratum")
