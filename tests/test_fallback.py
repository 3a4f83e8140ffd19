"""Where exact numbers do not get through: complex step and central differences, right, and never a false alarm."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import gradproof
from gradproof import checking, effort, fallback
from gradproof.compiled import compiled_modules_apart
from gradproof.differences import derivative, ridders, rounding_noise
from gradproof.fallback import numeric_truth
from gradproof.pair import Pair
from gradproof.verdict import Results


def scalar_pair(forward: Any, backward: Any, *names: str) -> Pair:
    return Pair("subject", forward, backward, names, names)


def truth_of(pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: list[np.ndarray]) -> Any:
    y, saved = pair.forward(*inputs.values())
    gradients = tuple(dict(zip(pair.differentiable, pair.backward(dy, saved), strict=True)) for dy in cotangents)
    return numeric_truth(pair, inputs, cotangents, Results(y, gradients), "it was stopped", 0)


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.sin, 1.0),
        (np.exp, 1.0),
        (lambda t: np.tanh(3 * t), 3.0),
        (lambda t: 1 / (2 + t), -0.25),
        (lambda t: 5 * t, 5.0),
        (lambda t: 0 * t + 4, 0.0),
        (lambda t: np.maximum(t - 0.03, 0) + 2 * t, 2.0),
        (lambda t: np.abs(t + 1e-3) + np.abs(t - 0.05), 0.0),
        (lambda t: sum(np.abs(t - d) for d in (0.08, 0.031, 0.0123, 0.0021, -0.0007)), -3.0),
    ],
)
def test_the_error_estimate_holds(f: Any, slope: float):
    vector = lambda t: np.array([f(t)])  # noqa: E731
    value, error = derivative(vector, 8 * 2.0**-53 * np.abs(vector(0.0)) + rounding_noise(vector))
    assert abs(value[0] - slope) <= error[0]
    assert error[0] < 1e-3 * max(1, abs(slope))


def test_a_kink_at_the_point_itself_leaves_both_sides_possible():
    value, error = derivative(lambda t: np.array([abs(t)]), np.zeros(1))
    assert value[0] - error[0] <= -0.99 and value[0] + error[0] >= 0.99


def test_ridders_alone_is_fooled_by_kinks_which_is_why_it_is_not_alone():
    rng = np.random.default_rng(0)
    fooled = 0
    for _ in range(300):
        kinks, jumps = rng.uniform(-0.1, 0.1, 3), rng.standard_normal(3)
        f = lambda t, k=kinks, j=jumps: np.array([(j * np.maximum(t - k, 0)).sum()])  # noqa: E731
        true = jumps[kinks < 0].sum()
        noise = 8 * 2.0**-53 * np.abs(f(0.0)) + rounding_noise(f)
        value, error = ridders(f, noise)
        fooled += abs(value[0] - true) > error[0]
        value, error = derivative(f, noise)
        assert abs(value[0] - true) <= error[0]
    assert fooled


def test_the_complex_step_is_believed_where_it_is_right():
    def forward(a: Any) -> Any:
        return np.linalg.det(a), a

    def backward(dy: Any, a: Any) -> Any:
        return (dy * np.linalg.det(a) * np.linalg.inv(a).T,)

    a = np.random.default_rng(0).standard_normal((3, 3)) + 2 * np.eye(3)
    truth = truth_of(scalar_pair(forward, backward, "a"), {"a": a}, [np.array(1.0)])
    assert truth.source == "complex step"
    assert truth.notes == ("not a proof: it was stopped; fallback: complex step",)
    assert truth.proof.status == "undecided"
    assert np.abs(truth.gradients[0]["a"].nearest - backward(1.0, a)[0]).max() < 1e-12


def test_the_complex_step_is_not_believed_where_code_is_not_analytic():
    def forward(x: Any) -> Any:
        return np.array([abs(complex(v)) ** 2 for v in x]), x

    x = np.array([0.5, -1.5, 2.0])
    truth = truth_of(
        scalar_pair(forward, lambda dy, saved: (2 * dy * saved,), "x"), {"x": x}, [np.array([1.0, 2.0, -1.0])]
    )
    assert truth.source == "central differences"
    error = truth.gradients[0]["x"].error(2 * x * np.array([1.0, 2.0, -1.0]))
    assert (error <= truth.gradients[0]["x"].allowance).all()


def loop_relu(x: Any, w: Any) -> Any:
    z = x @ w
    return np.array([[max(0.0, float(v)) for v in row] for row in z]), (x, w, z)


def loop_relu_backward(dy: Any, cache: Any) -> Any:
    x, w, z = cache
    d = dy * (z > 0)
    return d @ w.T, x.T @ d


@pytest.mark.parametrize("seed", range(4))
def test_no_false_alarm_across_kinks(seed: int):
    rng = np.random.default_rng(seed)
    findings = gradproof.check(loop_relu, loop_relu_backward, rng.standard_normal((6, 5)), rng.standard_normal((5, 7)))
    assert "fallback: central differences" in findings[-1].message

    def off(dy: Any, cache: Any) -> Any:
        dx, dw = loop_relu_backward(dy, cache)
        return dx, dw * (1 + 1e-4)

    with pytest.raises(gradproof.Mismatch, match="dw is wrong"):
        gradproof.check(loop_relu, off, rng.standard_normal((6, 5)), rng.standard_normal((5, 7)))


def test_a_forward_that_computes_in_float32_by_itself_is_not_called_wrong():
    def forward(x: Any) -> Any:
        y = np.tanh(np.asarray(x, dtype=np.float32) * np.float32(1.5))
        return np.array([float(v) for v in y]), y

    def backward(dy: Any, y: Any) -> Any:
        return 1.5 * dy * (1 - y.astype(np.float64) ** 2)

    findings = gradproof.check(forward, backward, np.array([0.3, -0.7, 1.1]))
    assert {f.status for f in findings} <= {"agree", "undecided"}


def test_a_sample_is_said_and_the_wrong_entry_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fallback, "MOST_ENTRIES", 40)

    def forward(x: Any) -> Any:
        return np.array([math.sin(v) for v in x]), x

    def backward(dy: Any, x: Any) -> Any:
        return dy * np.cos(x)

    x = np.random.default_rng(0).standard_normal(500)
    findings = gradproof.check(forward, backward, x)
    assert "at 40 of 500 entries and along random directions" in findings[-1].message

    def one_off(dy: Any, x: Any) -> Any:
        dx = backward(dy, x)
        dx[321] += 1e-6
        return dx

    with pytest.raises(gradproof.Mismatch, match=r"worst entry dx\[321\]"):
        gradproof.check(forward, one_off, x)


def test_the_limit_of_exact_operations(monkeypatch: pytest.MonkeyPatch):
    def forward(x: Any, w: Any) -> Any:
        return x @ w, (x, w)

    def backward(dy: Any, cache: Any) -> Any:
        return dy @ cache[1].T, cache[0].T @ dy

    x, w = np.ones((3, 4)) / 3, np.ones((4, 5)) / 7
    pair, inputs = scalar_pair(forward, backward, "x", "w"), {"x": x, "w": w}
    count = effort.operations(pair, inputs, np.ones((3, 5)))
    assert count is not None and 3 * 60 <= count <= 10 * 60
    assert effort.operations(pair, inputs, np.ones((3, 5))) == count
    monkeypatch.setattr(checking, "FEW_ENTRIES", 0)
    monkeypatch.setattr(effort, "MOST_OPERATIONS", count - 1)
    assert effort.operations(pair, inputs, np.ones((3, 5))) is None
    findings = gradproof.check(forward, backward, x, w)
    assert "judge smaller arrays for a proof" in findings[-1].message and "complex step" in findings[-1].message


def test_beyond_many_operations_one_cotangent_is_judged(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checking, "FEW_ENTRIES", 0)
    monkeypatch.setattr(checking, "MANY_OPERATIONS", 10)
    findings = gradproof.check(lambda x: (x * x, x), lambda dy, x: 2 * dy * x, np.arange(1.0, 21.0))
    assert {f.entries for f in findings} == {20}


def test_compiled_modules_see_the_real_numpy():
    before = np.random.mtrand.np
    with compiled_modules_apart():
        assert np.random.mtrand.np is not np
        kept = np.empty
        try:
            np.empty = lambda *_, **__: None  # type: ignore[assignment]
            assert np.random.RandomState(0).rand(3).shape == (3,)
        finally:
            np.empty = kept
    assert np.random.mtrand.np is before


@pytest.mark.parametrize("at_zero", [0.3, 0.5, 1.0])
def test_at_a_kink_every_slope_between_the_sides_is_right(at_zero):
    """float() stops the exact run, so differences judge: at x = 0 the slope may be 0.3, 1, or between."""

    def forward(x):
        return np.array([float(v) if v > 0 else 0.3 * float(v) for v in x]), x

    def backward(dy, x):
        return (dy * np.where(x > 0, 1.0, np.where(x < 0, 0.3, at_zero)),)

    gradproof.check(forward, backward, np.array([0.0, 2.0, -1.0, 0.0]))


@pytest.mark.parametrize("at_zero", [0.0, 1.5])
def test_at_a_kink_a_slope_outside_both_sides_is_wrong(at_zero):
    def forward(x):
        return np.array([float(v) if v > 0 else 0.3 * float(v) for v in x]), x

    def backward(dy, x):
        return (dy * np.where(x > 0, 1.0, np.where(x < 0, 0.3, at_zero)),)

    with pytest.raises(gradproof.Mismatch):
        gradproof.check(forward, backward, np.array([0.0, 2.0, -1.0, 0.0]))
