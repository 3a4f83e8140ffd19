"""The truth of a case: proofs hold, wrong backwards are refuted, kinks are intervals, smooth ties are points."""

from __future__ import annotations

import dataclasses
import math

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from gradproof.cases import Spec, build, example_sizes
from gradproof.drawing import specs
from gradproof.pair import Pair, of_operation
from gradproof.reference import operations
from gradproof.truth import PROVED_RADIUS, CannotRun, coarse, find_truth

OPERATIONS = operations()
RNG = np.random.default_rng(30)


def truth_of(forward, backward, inputs, dy=None, differentiable=None, seed=0):
    """The truth of a forward(*inputs) -> (y, saved) and backward(dy, saved) -> gradients at these inputs."""
    inputs = {n: np.asarray(x) for n, x in inputs.items()}
    floating = tuple(n for n, x in inputs.items() if x.dtype.kind == "f")
    pair = Pair("test", forward, backward, tuple(inputs), differentiable or floating)
    with np.errstate(all="ignore"):
        y, _ = forward(*inputs.values())
    dys = [
        np.asarray(d, dtype=np.asarray(y).dtype) for d in (dy if dy is not None else [RNG.standard_normal(np.shape(y))])
    ]
    return find_truth(pair, inputs, dys, seed), pair, inputs, dys


def catalogue_case(name, dtype="float64", regime="ordinary", seed=3, **sizes):
    op = OPERATIONS[name]
    options = op.defaults()
    own = example_sizes(op, options)
    own.update({a: s for a, s in sizes.items() if a in own and a not in op.sizes})
    case = build(Spec(name, dtype, tuple(own.items()), tuple(options.items()), regime, "contiguous", seed), op)
    return of_operation(op, case.options), case


def same(a, b):
    return all(
        np.array_equal(p, q, equal_nan=True)
        for p, q in zip((*a.low, *a.high, a.allowance), (*b.low, *b.high, b.allowance), strict=True)
    )


# -- proofs --------------------------------


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_backward_of_the_catalogue_is_proved(name):
    op = OPERATIONS[name]

    @hypothesis.seed(7)
    @settings(
        max_examples=8, database=None, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
    )
    @given(specs(op))
    def proved(spec):
        case = build(spec, op)
        truth = find_truth(of_operation(op, case.options), case.inputs, case.cotangents, spec.seed)
        if op.differentiable(case.options):
            assert truth.proof.status == "proved", (spec.id, truth.proof)
            assert truth.proof.radius < PROVED_RADIUS
        else:  # an optimiser's step: nothing was asked, so nothing counts as proved
            assert (truth.proof.status, truth.proof.message) == ("not-asked", "no derivative asked"), spec.id
            assert truth.source == "exact forward"
        assert truth.y.shape == np.shape(of_operation(op, case.options).forward(*case.inputs.values())[0])

    proved()


@pytest.mark.parametrize("name", [name for name, op in OPERATIONS.items() if op.backward])
@pytest.mark.parametrize(
    ("fault", "dtype"), [("one entry", "float32"), ("factor", "float64"), ("sign", "float32"), ("tiny", "float64")]
)
def test_a_wrong_backward_is_refuted_and_the_tape_knows_the_true_gradient(name, fault, dtype):
    pair, case = catalogue_case(name, dtype, seed=5)
    right = find_truth(pair, case.inputs, case.cotangents)
    largest = np.abs(right.gradients[0][pair.differentiable[0]].low[0])
    assert largest.any()

    def spoiled(dy, saved):
        first, *others = pair.backward(dy, saved)
        one = np.zeros(first.shape)
        one[np.unravel_index(largest.argmax(), first.shape)] = 1
        wrong = {
            "one entry": first * (1 + one),
            "factor": first * 2,
            "sign": -first,
            "tiny": first + first * one * 2.0**-50,
        }
        return (wrong[fault], *others)

    truth = find_truth(dataclasses.replace(pair, backward=spoiled), case.inputs, case.cotangents)
    assert truth.proof.status == "refuted"
    assert "off by" in truth.proof.message
    assert truth.source == "reverse mode of the forward"
    for by_input, expected in zip(truth.gradients, right.gradients, strict=True):
        for n, true in by_input.items():
            # both enclose the same real number; double-doubles hold 106 bits of it
            difference = np.abs((true.low[0] - expected[n].low[0]) + (true.low[1] - expected[n].low[1]))
            assert (difference <= 2.0**-100 * np.abs(true.low[0]).max()).all()
            assert np.isfinite(true.allowance).all()


def test_a_missing_term_of_one_input_does_not_hide_behind_another():
    truth, *_ = truth_of(
        lambda x, w: (x * w + x, (x, w)),
        lambda dy, s: (dy * s[1], dy * s[0]),
        {"x": RNG.standard_normal(5), "w": RNG.standard_normal(5)},
    )
    assert truth.proof.status == "refuted"


def test_the_truth_is_deterministic():
    for name in ("hinge", "softmax", "affine", "relu"):
        pair, case = catalogue_case(name, regime="integers")
        a, b = (find_truth(pair, case.inputs, case.cotangents, 5) for _ in range(2))
        assert (a.proof, a.source, a.uncertain, a.notes) == (b.proof, b.source, b.uncertain, b.notes)
        assert same(a.y, b.y)
        assert all(same(p[n], q[n]) for p, q in zip(a.gradients, b.gradients, strict=True) for n in p)


def test_the_truth_leaves_inputs_and_numpy_alone():
    from flint import ctx

    pair, case = catalogue_case("two_layer_network")
    before = [x.tobytes() for x in (*case.inputs.values(), *case.cotangents)]
    precision, zeros = ctx.prec, np.zeros
    find_truth(pair, case.inputs, case.cotangents)
    assert before == [x.tobytes() for x in (*case.inputs.values(), *case.cotangents)]
    assert (ctx.prec, np.zeros) == (precision, zeros)


# -- kinks --------------------------------

KINKS = {
    # forward, backward, x, dy, low, high
    "relu": (
        lambda x: (np.maximum(x, 0), x),
        lambda dy, x: (dy * (x > 0),),
        [-1.0, 0, 2],
        [3.0, -5, 7],
        [0, -5, 7],
        [0, 0, 7],
    ),
    "relu, derivative 1": (
        lambda x: (np.where(x > 0, x, 0), x),
        lambda dy, x: (dy * (x >= 0),),
        [-1.0, 0, 2],
        [3.0, 5, 7],
        [0, 0, 7],
        [0, 5, 7],
    ),
    "abs": (
        lambda x: (np.abs(x), x),
        lambda dy, x: (dy * np.sign(x),),
        [-1.0, 0, 2],
        [3.0, 5, 7],
        [-3, -5, 7],
        [-3, 5, 7],
    ),
    "max": (
        lambda x: (x.max(), x),
        lambda dy, x: (dy * (np.arange(x.size) == np.argmax(x)),),
        [1.0, 4, 4, 2],
        3.0,
        [0, 0, 0, 0],
        [0, 3, 3, 0],
    ),
    "max, shared": (
        lambda x: (x.max(), x),
        lambda dy, x: (dy * (x == x.max()) / (x == x.max()).sum(),),
        [1.0, 4, 4, 2],
        3.0,
        [0, 0, 0, 0],
        [0, 3, 3, 0],
    ),
    "hinge": (
        lambda s: (np.maximum(0, s[1:] - s[0] + 1).sum(), s),
        lambda dy, s: (dy * np.concatenate([[-((s[1:] - s[0] + 1) > 0).sum()], (s[1:] - s[0] + 1) > 0]),),
        [2.0, 1, 1, 5],
        1.0,
        [-3, 0, 0, 1],
        [-1, 1, 1, 1],
    ),
    "clip": (
        lambda x: (np.clip(x, -1, 1), x),
        lambda dy, x: (dy * (np.abs(x) <= 1),),
        [-1.0, 1, 0.5],
        [1.0, 2, 3],
        [0, 0, 3],
        [1, 2, 3],
    ),
}


@pytest.mark.parametrize("name", KINKS)
def test_a_kink_is_an_interval_between_the_one_sided_derivatives(name):
    forward, backward, x, dy, low, high = KINKS[name]
    truth, *_ = truth_of(forward, backward, {"x": x}, [dy])
    true = truth.gradients[0]["x"]
    assert truth.proof.status == "proved" and truth.source == "one-sided derivatives" and truth.proof.ties > 0
    np.testing.assert_array_equal(true.low[0], low)
    np.testing.assert_array_equal(true.high[0], high)
    np.testing.assert_array_equal(true.kinks, np.array(low) != np.array(high))
    middle = (np.array(low) + np.array(high)) / 2
    assert not true.error(middle).any() and not true.error(np.array(low, dtype=float)).any()
    np.testing.assert_allclose(true.error(np.array(high) + 0.25), np.full(len(high), 0.25), rtol=1e-12)


@pytest.mark.parametrize("name", KINKS)
def test_outside_of_the_interval_a_backward_is_refuted(name):
    forward, backward, x, dy, _, _ = KINKS[name]
    truth, *_ = truth_of(
        forward, lambda d, saved: (backward(d, saved)[0] + np.array([0] * (len(x) - 1) + [9]),), {"x": x}, [dy]
    )
    assert truth.proof.status == "refuted" and "1 entries" in truth.proof.message


def test_huber_at_delta_is_smooth():
    def huber(x):
        a = np.abs(x)
        return np.where(a <= 1, x**2 / 2, a - 0.5), x

    truth, *_ = truth_of(huber, lambda dy, x: (dy * np.clip(x, -1, 1),), {"x": [-1.0, 1, 0.5, 3]}, [[1.0, 2, 3, 5]])
    assert truth.proof.status == "proved" and truth.proof.ties > 0 and truth.source == "proved backward"
    np.testing.assert_array_equal(truth.gradients[0]["x"].low[0], [-1, 2, 1.5, 5])
    assert not truth.gradients[0]["x"].kinks.any()


SMOOTH = {
    "logaddexp": (
        lambda x, y: (np.maximum(x, y) + np.log1p(np.exp(-np.abs(x - y))), (x, y)),
        lambda dy, s: (dy / (1 + np.exp(s[1] - s[0])), dy / (1 + np.exp(s[0] - s[1]))),
        {"x": [1.0, 2], "y": [1.0, 5]},
    ),
    "softplus": (
        lambda x: (np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), x),
        lambda dy, x: (dy / (1 + np.exp(-x)),),
        {"x": [0.0, 1, -2]},
    ),
    "celu": (
        lambda x: (np.maximum(x, 0) + np.minimum(0, np.exp(x) - 1), x),
        lambda dy, x: (dy * np.where(x > 0, 1, np.exp(x)),),
        {"x": [0.0, 1, -2]},
    ),
    "shifted softmax": (
        lambda x: ((e := np.exp(x - x.max())) / e.sum(), x),
        lambda dy, x: ((p := (e := np.exp(x - x.max())) / e.sum()) * (dy - (dy * p).sum()),),
        {"x": [2.0, 2, 1, 2]},
    ),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_at_a_tie_of_a_smooth_function_the_truth_is_a_point(name):
    forward, backward, inputs = SMOOTH[name]
    truth, *_ = truth_of(forward, backward, inputs)
    assert truth.proof.status == "proved" and truth.proof.ties > 0
    assert not any(t.kinks.any() for by_input in truth.gradients for t in by_input.values())


def test_twice_the_slope_at_a_smooth_tie_is_refuted():
    forward, _, inputs = SMOOTH["celu"]
    truth, *_ = truth_of(forward, lambda dy, x: (dy * ((x >= 0) + np.exp(x) * (x <= 0)),), inputs)
    assert truth.proof.status == "refuted"


def pooling(x):
    windows = np.lib.stride_tricks.sliding_window_view(x, 3)
    first = np.argmax(windows, axis=1)
    return windows[np.arange(len(first)), first], (first, x.shape)


def pooling_backward(dy, saved, ufunc=np.add):
    first, shape = saved
    dx = np.zeros(shape, dtype=dy.dtype)
    ufunc.at(dx, np.arange(len(first)) + first, dy)
    return (dx,)


def test_overlapping_windows_may_break_their_ties_each_on_its_own():
    """The entry in the middle wins one window and loses another: outside of both one-sided derivatives, and right."""
    truth, *_ = truth_of(pooling, pooling_backward, {"x": [1.0, 2, 2, 2, 1]}, [[1.0, -2, 3]])
    assert truth.proof.status == "proved"
    np.testing.assert_array_equal(truth.gradients[0]["x"].low[0], [0, -2, -2, -2, 0])
    np.testing.assert_array_equal(truth.gradients[0]["x"].high[0], [0, 1, 4, 3, 0])


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("relu", [lambda h: np.maximum(h, 0), lambda h: np.where(h > 0, h, 0), lambda h: h * (h > 0)])
def test_a_network_whose_units_are_all_at_their_kink(relu, closed):
    """A row of zeros and no bias: the usual conventions, 0 or 1 at every kink, are right for dx as well."""

    def forward(x, w, v):
        h = x @ w
        return ((relu(h) @ v) ** 2 + relu(h) @ v).sum(), (x, w, v, h)

    def backward(dy, saved):
        x, w, v, h = saved
        r = np.maximum(h, 0)
        do = dy * (2 * (r @ v) + 1)
        dh = np.outer(do, v) * ((h >= 0) if closed else (h > 0))
        return dh @ w.T, x.T @ dh, r.T @ do

    rng = np.random.default_rng(31)
    inputs = {"x": np.array([[0.0, 0, 0], [1, 1, 1]]), "w": rng.standard_normal((3, 6)), "v": rng.standard_normal(6)}
    truth, *_ = truth_of(forward, backward, inputs, [1.5])
    assert truth.proof.status == "proved"
    wrong, *_ = truth_of(forward, lambda dy, s: (backward(dy, s)[0] * 50, *backward(dy, s)[1:]), inputs, [1.5])
    assert wrong.proof.status == "refuted"


def test_more_kinks_than_can_be_paid_for_are_left_undecided_and_counted(monkeypatch):
    monkeypatch.setattr("gradproof.kinks.MOST_KINK_ENTRIES", 3)
    truth, *_ = truth_of(KINKS["relu"][0], KINKS["relu"][1], {"x": [0.0] * 5 + [1.0]}, [np.ones(6)])
    true = truth.gradients[0]["x"]
    assert true.undefined.tolist() == [False] * 3 + [True] * 2 + [False]
    assert "2 of 5" in truth.notes[0]


# -- where exact numbers end --------------------------------


def test_a_backward_that_cannot_run_exactly_falls_to_the_tape():
    truth, *_ = truth_of(
        lambda x: (np.exp(x), x),
        lambda dy, x: (dy * np.array([math.exp(float(v)) for v in x]),),
        {"x": [0.5, 1.5]},
        [[1.0, 2]],
    )
    assert truth.source == "reverse mode of the forward"
    assert truth.proof.status == "undecided" and "float()" in truth.proof.message and "(line" in truth.proof.message
    np.testing.assert_allclose(truth.gradients[0]["x"].low[0], np.array([1, 2]) * np.exp([0.5, 1.5]), rtol=1e-15)


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: (np.floor(x), x),
        lambda x: (None, x),
        lambda x: ("y", x),
        lambda x: (np.linalg.inv(x), x),
        lambda x: (x.nothing, x),
    ],
)
def test_a_forward_that_cannot_run_exactly_says_so(forward):
    pair = Pair("test", forward, lambda dy, x: (dy,), ("x",), ("x",))
    with pytest.raises(CannotRun) as stop:
        find_truth(pair, {"x": np.eye(2)}, [np.eye(2)])
    assert "\n" not in str(stop.value)


@pytest.mark.parametrize(
    ("backward", "words"),
    [
        (lambda dy, x: None, "expected a tuple of 1: dx"),
        (lambda dy, x: dy * x, "expected a tuple of 1: dx"),
        (lambda dy, x: (dy, dy), "2 gradients; expected a tuple of 1: dx"),
        (lambda dy, x: (), "0 gradients; expected a tuple of 1: dx"),
        (lambda dy, x: (None,), "NoneType"),
        (lambda dy, x: (dy[:1],), "shape (1,)"),
        (lambda dy, x: ("dx",), "str"),
    ],
)
def test_a_backward_that_returns_something_else_is_not_proved(backward, words):
    truth, *_ = truth_of(lambda x: (x * 2, x), backward, {"x": [0.5, 1.5]}, [[1.0, 2]])
    assert truth.proof.status in ("refuted", "undecided") and words in truth.proof.message
    np.testing.assert_array_equal(truth.gradients[0]["x"].low[0], [2, 4])


def test_undefined_entries_are_said_to_be_and_the_others_are_judged():
    truth, *_ = truth_of(lambda x: (np.log(x), x), lambda dy, x: (dy / x,), {"x": [0.0, 2.0]}, [[1.0, 1]])
    assert truth.y.undefined.tolist() == [True, False]
    assert truth.y.low[0][1] == pytest.approx(math.log(2))


def test_more_bits_are_taken_where_the_first_do_not_suffice():
    """1 - cos(1e-30) is nothing at 128 bits, and its logarithm undefined."""
    truth, *_ = truth_of(
        lambda x: (np.log(1 - np.cos(x)), x),
        lambda dy, x: (dy * np.sin(x) / (1 - np.cos(x)),),
        {"x": [1e-30, 1.0]},
        [[1.0, 1]],
    )
    assert truth.proof.status == "proved" and truth.proof.precision > 128
    assert truth.y.low[0][0] == pytest.approx(2 * math.log(1e-30) - math.log(2), rel=1e-14)


def test_a_long_cancelling_sum_is_refined_until_its_digits_stand():
    truth, *_ = truth_of(lambda x: ((1e60 + x) - 1e60, x), lambda dy, x: (dy * 1,), {"x": [1e-60, 2.0]}, [[1.0, 1]])
    assert truth.proof.status == "proved"
    np.testing.assert_array_equal(truth.y.low[0], [1e-60, 2])


def test_integers_and_masks_pass_through():
    truth, *_ = truth_of(
        lambda x, k, m: ((x[k] * m).sum(), (x, k, m)),
        lambda dy, s: (np.array([dy * ((s[1] == j) * s[2]).sum() for j in range(3)]),),
        {"x": [1.0, 2, 3], "k": np.array([0, 2, 2]), "m": np.array([True, True, False])},
        [1.0],
    )
    assert truth.proof.status == "proved"
    assert list(truth.gradients[0]) == ["x"]


def test_finfo_tells_the_precision_of_the_case():
    """A forward that clips at its own epsilon is another function in float32."""

    def forward(x):
        return np.log(x + np.finfo(x.dtype).eps), x

    for dtype in ("float32", "float64"):
        truth, *_ = truth_of(
            forward, lambda dy, x: (dy / (x + np.finfo(x.dtype).eps),), {"x": np.zeros(2, dtype=dtype)}, [[1.0, 1]]
        )
        assert truth.proof.status == "proved"
        np.testing.assert_allclose(truth.y.low[0], math.log(np.finfo(dtype).eps), rtol=1e-15)


def test_empty_arrays_are_proved():
    truth, *_ = truth_of(lambda x: (x * 2, x), lambda dy, x: (dy * 2,), {"x": np.zeros((0, 3))}, [np.zeros((0, 3))])
    assert truth.proof.status == "proved" and truth.y.shape == (0, 3)


# -- allowances --------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "regime"),
    [
        (n, r)
        for n, op in OPERATIONS.items()
        for r in ("ordinary", "integers", "tails", "offset")
        if r not in op.excluded
    ],
)
def test_the_reference_in_floats_stays_within_its_own_allowance(name, regime, dtype):
    for seed in range(2):
        pair, case = catalogue_case(name, dtype, regime, seed, N=4, D=5)
        truth = find_truth(pair, case.inputs, case.cotangents)
        y, saved = pair.forward(*case.inputs.values())
        assert (truth.y.error(np.asarray(y)) <= truth.y.allowance).all()
        for dy, by_input in zip(case.cotangents, truth.gradients, strict=True):
            for g, (n, true) in zip(pair.backward(dy, saved), by_input.items(), strict=True):
                assert (true.error(np.asarray(g)) <= true.allowance).all(), n


def test_the_coarse_truth_is_the_same_truth_with_wider_allowances():
    for name in OPERATIONS:
        pair, case = catalogue_case(name, "float32")
        truth = find_truth(pair, case.inputs, case.cotangents)
        wide = coarse(pair, case.inputs, case.cotangents, truth)
        for a, b in [(truth.y, wide.y)] + [
            (p[n], q[n]) for p, q in zip(truth.gradients, wide.gradients, strict=True) for n in p
        ]:
            assert (b.allowance >= a.allowance).all()
            np.testing.assert_array_equal(a.low, b.low)


def test_float32_asks_for_less_than_float64():
    for dtype, low, high in (("float32", 2.0**-25, 2.0**-18), ("float64", 2.0**-54, 2.0**-47)):
        pair, case = catalogue_case("sigmoid", dtype)
        truth = find_truth(pair, case.inputs, case.cotangents)
        relative = truth.y.allowance / np.abs(truth.y.low[0])
        assert (relative > low).all() and (relative < high).all()
