"""The race of three: the step in buffers gives the proved bits, and one step and many stay within their allowances.

No time is asserted; `python -m gradproof.lectures.race` measures them.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from gradproof.lectures import drift, race
from gradproof.lectures.systems import _digits_100
from gradproof.lectures.systems._digits_100 import Step, digits_100_backward, digits_100_forward
from gradproof.pair import Pair
from gradproof.truth import find_truth

INSTALLED = {"pytorch": "torch", "keras": "keras"}


def begin(dtype="float32", inputs=30, hidden=8, rows=70, batch_size=32, rate=1.0, seed=0):
    """Generated images with zeros in them, as digits have, and weights in Wu's layout."""
    rng = np.random.default_rng(seed)
    x = np.maximum(rng.standard_normal((rows, inputs)), 0).astype(dtype)
    w1 = (rng.standard_normal((inputs + 1, hidden)) / np.sqrt(inputs)).astype(dtype)
    w2 = (rng.standard_normal((hidden + 1, 10)) / np.sqrt(hidden)).astype(dtype)
    return race.Start(x, rng.integers(0, 10, rows), w1, w2, batch_size, rate)


def contestant(name, start):
    if name != "numpy" and importlib.util.find_spec(INSTALLED[name]) is None:
        pytest.skip(f"{INSTALLED[name]} is not installed")
    return {"numpy": race.OnNumpy, "pytorch": race.OnPyTorch, "keras": race.OnKeras}[name](start)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_step_in_buffers_gives_the_bits_of_the_proved_pair(dtype):
    """Over batches of two sizes, a rate that is no power of two, then weights so large that the sigmoids saturate."""
    for scale in (1, 400):
        start = begin(dtype, rate=0.3)
        w1, w2 = (scale * w for w in start.weights)
        step = Step(w1.copy(), w2.copy())
        for x, labels in [*start.batches(), *start.batches()]:
            loss, cache = digits_100_forward(x, w1, w2, labels)
            _, dw1, dw2 = digits_100_backward(1.0, cache)
            w1, w2 = w1 - start.rate * dw1, w2 - start.rate * dw2
            assert step(x, labels, start.rate) == loss
            assert step.w1.tobytes() == w1.tobytes() and step.w2.tobytes() == w2.tobytes()
            assert step.w1.dtype == dtype


def test_the_bounds_of_whole_arrays_are_the_judges():
    """Nearly the allowances of the judge itself: wider for the sigmoid's other formula, and a few percent narrower

    where the judge takes the difference of two sums, a score and the largest one, for one sum in any order.
    """
    start = begin(inputs=6, hidden=4, rows=5, batch_size=5)
    x = start.x + np.float32(0.1)  # no zeros and no short numbers, whose exactness the whole arrays do not know
    inputs = {"x": x, "w1": start.w1, "w2": start.w2, "target": start.labels}
    pair = Pair("step", digits_100_forward, digits_100_backward, tuple(inputs), ("x", "w1", "w2"), "y")
    truth = find_truth(pair, inputs, [np.ones((), np.float32)])
    assert truth.proof.status == "proved"
    exact, allowed = drift.allowed_step(start.w1, start.w2, x, start.labels, 1.0, "float32")
    for name, w, new, bound in zip(("w1", "w2"), start.weights, exact, allowed, strict=True):
        true = truth.gradients[0][name]
        gradient = w.astype(np.float64) - new
        assert np.abs(gradient - true.nearest).max() <= 64 * np.finfo(float).eps * np.abs(w).max()
        of_gradient = (bound - 2.0**-24 * np.abs(new)) / (1 + 2.0**-20)  # without the rounding of w - dw
        assert (of_gradient >= 0.95 * true.allowance).all()
        assert (of_gradient <= 1.25 * true.allowance).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["numpy", "pytorch", "keras"])
def test_one_step_from_common_weights_is_within_its_allowance(name, dtype):
    start = begin(dtype, rows=32)
    runner = contestant(name, start)
    x, labels = next(start.batches())
    exact, allowed = drift.allowed_step(*start.weights, x, labels, start.rate, dtype)
    runner.step(x, labels)
    for got, new, bound in zip(runner.weights, exact, allowed, strict=True):
        assert got.dtype == dtype and got.shape == new.shape
        assert (np.abs(got - new) <= bound).all()
    runner.load(start.weights)
    assert all(np.array_equal(a, b) for a, b in zip(runner.weights, start.weights, strict=True))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_three_end_within_their_accumulated_allowance(dtype):
    start = begin(dtype)
    for name in INSTALLED:
        contestant(name, start)
    found = race.agreement(start, epochs=2)
    assert found.holds
    assert {len(steps) for steps in found.apart.values()} == {2 * start.steps} == {6}
    assert set(found.apart) == {"numpy-pytorch", "numpy-keras", "pytorch-keras"}
    assert max(found.worst.values()) <= 1 <= found.growth
    for pair, step in found.parted.items():
        assert step is None or found.apart[pair][step - 1] > 0 == sum(found.apart[pair][: step - 1])
    text = "\n".join(race.told_agreement(found))
    assert "the first bit differs after step" in text and "further apart than allowed after" not in text


def judged(start, others, steps=6):
    """Train `Step` beside other programs, given as functions (w1, w2, x, labels) -> new weights."""
    referee = race.Referee(start, ("numpy", *others))
    numpy = race.OnNumpy(start)
    own = {name: start.weights for name in others}
    for _ in range(steps):
        for x, labels in start.batches():
            numpy.step(x, labels)
            own = {name: other(*own[name], x, labels) for name, other in others.items()}
            referee.judge(x, labels, {"numpy": numpy.weights, **own})
    return referee.result()


def descended(w1, w2, x, labels, rate=1.0, turned=lambda dw1, dw2: (dw1, dw2)):
    _, cache = digits_100_forward(x, w1, w2, labels)
    dw1, dw2 = turned(*digits_100_backward(1.0, cache)[1:])
    return w1 - rate * dw1, w2 - rate * dw2


@pytest.mark.parametrize(
    "turned",
    [
        lambda dw1, dw2: (dw1 * 1.000001, dw2),
        lambda dw1, dw2: (dw1, dw2 * 0.999999),
        lambda dw1, dw2: (np.concatenate([0 * dw1[:1], dw1[1:]]), dw2),
    ],
    ids=["dw1 off by a millionth", "dw2 off by a millionth", "no bias in the first layer"],
)
def test_a_wrong_program_is_found_in_its_first_step(turned):
    found = judged(begin("float64"), {"other": lambda *at: descended(*at, turned=turned)}, steps=1)
    assert not found.holds
    assert found.wrong_at == {"numpy": None, "other": 1}
    assert "other: step 1 is wrong" in "\n".join(race.told_agreement(found))


def test_in_float32_a_gradient_off_by_a_hundredth_is_found():
    found = judged(
        begin("float32"), {"other": lambda *at: descended(*at, turned=lambda a, b: (a, b * np.float32(1.01)))}
    )
    assert found.wrong_at["other"] is not None


def test_rounding_in_another_order_is_no_fault_and_the_step_where_they_part_is_seen():
    """The inputs' columns summed in another order: the bits part at once, the allowance holds."""

    def otherwise(w1, w2, x, labels):
        order = np.random.default_rng(3).permutation(x.shape[1])
        rows = np.concatenate([[0], 1 + order])
        v1, v2 = descended(w1[rows], w2, np.ascontiguousarray(x[:, order]), labels)
        back = np.empty_like(v1)
        back[rows] = v1
        return back, v2

    found = judged(begin("float32", inputs=200), {"other": otherwise})
    assert found.holds
    assert found.parted["numpy-other"] is not None


def test_growth_is_that_of_the_steps_slope():
    """On a small network the slope of the step is a matrix, and the product of all grows by what is measured."""
    start = begin("float64", inputs=3, hidden=2, rows=20, batch_size=20, rate=2.0)
    growth = drift.Growth(start.weights)
    flat = np.concatenate([w.ravel() for w in start.weights])
    product, measured = np.eye(flat.size), 1.0

    def stepped(v):
        w1, w2 = v[: start.w1.size].reshape(start.w1.shape), v[start.w1.size :].reshape(start.w2.shape)
        return np.concatenate([w.ravel() for w in descended(w1, w2, start.x, start.labels, start.rate)])

    for _ in range(12):
        steps = 1e-6 * np.eye(flat.size)
        slope = np.stack([(stepped(flat + d) - stepped(flat - d)) / 2e-6 for d in steps], axis=1)
        growth.step(start.x, start.labels, start.rate)
        flat, product = stepped(flat), slope @ product
        measured *= growth.last
        assert growth.last <= 1.001 * max(1, np.linalg.norm(slope, 2))
    assert measured == growth.total
    assert measured > 0.5 * np.linalg.norm(product, 2)


def test_the_command_says_ratios_and_agreement(monkeypatch, capsys):
    for module in INSTALLED.values():
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    pytest.importorskip("sklearn", reason="scikit-learn, which carries the small digits, is not installed")
    monkeypatch.delenv("GRADPROOF_MNIST", raising=False)
    for name, value in race.ONE_THREAD.items():
        monkeypatch.setenv(name, value)
    assert race.main(["--rounds", "1"]) == 0
    told = capsys.readouterr().out
    for said in ("numpy / pytorch: ", "numpy / keras: ", "float64; after step", "every step is right"):
        assert said in told


def test_the_command_goes_to_a_process_whose_libraries_have_one_thread(monkeypatch):
    seen = []

    def run(command, env):
        seen.append((command, env))
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setattr(race.subprocess, "run", run)
    assert race.main(["--rounds", "4"]) == 3
    ((command, env),) = seen
    assert command == [sys.executable, "-m", "gradproof.lectures.race", "--rounds", "4"]
    assert env.items() >= race.ONE_THREAD.items()


def test_the_ratios_are_those_of_the_medians():
    told = race.told_times({"numpy": [1.0, 3.0, 2.0], "pytorch": [4.0, 4.0, 4.0]}, steps=10)
    assert told[0].split() == ["numpy", "200.000", "ms", "a", "step"]
    assert told[-1] == "numpy / pytorch: 0.50 (rounds: 0.25 to 0.75)"


def test_the_last_batch_may_be_short_and_the_start_is_left_alone():
    start = begin(rows=70, batch_size=32)
    kept = [w.copy() for w in start.weights]
    runner = race.OnNumpy(start)
    runner.epoch()
    assert [len(x) for x, _ in start.batches()] == [32, 32, 6] and start.steps == 3
    assert all(np.array_equal(a, b) for a, b in zip(kept, start.weights, strict=True))
    again = replace(start)
    one_by_one = race.OnNumpy(again)
    for x, labels in again.batches():
        one_by_one.step(x, labels)
    assert all(np.array_equal(a, b) for a, b in zip(runner.weights, one_by_one.weights, strict=True))


def test_scores_and_measures_do_not_depend_on_the_parts(monkeypatch):
    start = begin()
    whole = _digits_100.scores(*start.weights, start.x)
    loss, _ = digits_100_forward(start.x, *start.weights, start.labels)
    measured, _ = _digits_100.measured(*start.weights, start.x, start.labels)
    assert abs(measured - loss) <= 2.0**-20 * loss  # two formulas of the sigmoid, a few roundings each
    monkeypatch.setattr(_digits_100, "PART", 70)
    assert np.array_equal(whole, _digits_100.scores(*start.weights, start.x))
