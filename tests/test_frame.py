"""The frame of a forward and backward: every fault is found and named, and a clean pair has none."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof import frame, packing
from gradproof.cases import LAYOUTS, Spec, build, example_sizes, regimes, starred
from gradproof.pair import Pair, of_operation, several
from gradproof.reference import operations

OPERATIONS = operations()


def forward(x, w):
    return x * w, {"x": x, "w": w, "note": "saved", "parts": [x.shape, (1, 2.0)]}


def backward(dy, saved):
    return dy * saved["w"], dy * saved["x"]


def faults_of(forward=forward, backward=backward, dtype=np.float64):
    rng = np.random.default_rng(3)
    inputs = {n: rng.standard_normal((3, 2)).astype(dtype) for n in ("x", "w")}
    dy = rng.standard_normal((3, 2)).astype(dtype)
    kept = {n: x.copy() for n, x in inputs.items()}, dy.copy()
    found = list(frame.faults(Pair("test", forward, backward, ("x", "w"), ("x", "w")), inputs, [dy]))
    return {(f.quantity, f.reason) for f in found}, found, kept, (inputs, dy)


def test_a_clean_pair_has_no_fault():
    found, _, (inputs, dy), (inputs_after, dy_after) = faults_of()
    assert found == set()
    assert dy.tobytes() == dy_after.tobytes()
    assert all(inputs[n].tobytes() == inputs_after[n].tobytes() for n in inputs)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_catalogue_is_clean_in_every_regime(name, layout):
    op = OPERATIONS[name]
    options = op.defaults()
    for dtype in ("float32", "float64"):
        for regime in regimes(op, options):
            sizes = example_sizes(op, options)
            if regime == "empty":
                sizes[op.empty[0]] = (0, 2) if op.empty[0] in starred(op, options) else 0
            case = build(Spec(name, dtype, tuple(sizes.items()), tuple(options.items()), regime, layout, 4), op)
            assert list(frame.faults(of_operation(op, case.options), case.inputs, case.cotangents)) == []


# -- one fault each --------------------------------


def changes_an_input(x, w):
    x += 1
    return forward(x, w)


def changes_an_input_on_the_way_back(dy, saved):
    gradients = backward(dy, saved)
    saved["w"] *= 2
    return gradients


def changes_the_cotangent(dy, saved):
    dy *= 3
    return backward(dy, saved)


def saves_copies(x, w):
    return x * w, {"x": x.copy(), "w": w.copy(), "deep": [{"mean": x.mean(axis=0)}]}


def changes_the_cache(dy, saved):
    gradients = backward(dy, saved)
    saved["deep"][0]["mean"] += 1
    return gradients


def adds_to_the_cache(dy, saved):
    saved["dy"] = 1
    return backward(dy, saved)


LATEST = {}


def leaves_its_cache_outside(x, w):
    LATEST.update(x=x.copy(), w=w.copy())
    return x * w, None


BUFFER = np.zeros((3, 2))
CALLS = []


def writes_into_one_buffer(x, w):
    np.multiply(x, w, out=BUFFER)
    return BUFFER, (x, w)


def gradients_in_one_buffer(dy, saved):
    np.multiply(dy, saved["w"], out=BUFFER)
    return BUFFER, dy * saved["x"]


def another_result_every_time(x, w):
    CALLS.append(1)
    return x * w * (1 + 1e-9 * len(CALLS)), {"x": x, "w": w}


def draws_a_dropout_mask(dy, saved):
    CALLS.append(1)
    dx, dw = backward(dy, saved)
    return dx, dw * (len(CALLS) % 2)


FAULTS = {
    "the forward changes an input": (changes_an_input, backward, ("y", "mutated-input"), "input x"),
    "the backward changes an input": (forward, changes_an_input_on_the_way_back, ("dw", "mutated-input"), "input w"),
    "the backward changes dy": (forward, changes_the_cotangent, ("dx", "mutated-cotangent"), "cotangent dy"),
    "the backward changes the cache": (saves_copies, changes_the_cache, ("dx", "mutated-cache"), "second backward"),
    "the backward adds to the cache": (saves_copies, adds_to_the_cache, ("dx", "mutated-cache"), "second backward"),
    "y is the input": (lambda x, w: (x, {"x": x, "w": w}), backward, ("y", "alias"), "y shares memory with x"),
    "y is a view of it": (lambda x, w: (w[::-1], {"x": x, "w": w}), backward, ("y", "alias"), "y shares memory with w"),
    "a gradient is dy": (forward, lambda dy, s: (dy, dy * s["x"]), ("dx", "alias"), "the cotangent dy"),
    "a gradient is an input": (
        forward,
        lambda dy, s: (dy * s["w"], s["w"]),
        ("dw", "alias"),
        "dw shares memory with w",
    ),
    "two gradients are one": (
        forward,
        lambda dy, s: ((g := dy * s["w"]), g[:]),
        ("dw", "alias"),
        "dw shares memory with dx",
    ),
    "both results are one buffer": (
        writes_into_one_buffer,
        lambda dy, s: (dy * s[1], dy * s[0]),
        ("y", "alias"),
        "second call",
    ),
    "gradients are one buffer": (forward, gradients_in_one_buffer, ("dx", "alias"), "second call"),
    "the backward uses the latest forward": (
        leaves_its_cache_outside,
        lambda dy, saved: backward(dy, LATEST),
        ("dx", "stale-cache"),
        "after another forward",
    ),
    "the forward is not repeatable": (another_result_every_time, backward, ("y", "not-repeatable"), "another y"),
    "the backward is not repeatable": (forward, draws_a_dropout_mask, ("dw", "not-repeatable"), "another dw"),
    "the backward ignores dy": (
        forward,
        lambda dy, s: (s["w"] * 1, dy * s["x"]),
        ("dx", "not-linear"),
        "not linear in dy",
    ),
    "the backward normalises dy": (
        forward,
        lambda dy, s: (dy * s["w"], dy / np.abs(dy).sum() * s["x"]),
        ("dw", "not-linear"),
        "not linear in dy",
    ),
    "the backward adds a constant": (
        forward,
        lambda dy, s: (dy * s["w"] + 1e-12, dy * s["x"]),
        ("dx", "not-linear"),
        "not linear",
    ),
    "the backward clips": (
        forward,
        lambda dy, s: (np.clip(dy * s["w"], -0.1, 0.1), dy * s["x"]),
        ("dx", "not-linear"),
        "not linear",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found_and_named(name):
    CALLS.clear()
    forward_, backward_, expected, words = FAULTS[name]
    found, faults, (_, dy), (_, dy_after) = faults_of(forward_, backward_)
    assert expected in found
    assert any(words in f.message and (f.quantity, f.reason) == expected for f in faults)
    assert all("\n" not in f.message for f in faults)
    assert dy.tobytes() == dy_after.tobytes()  # the cotangent is the case's own, and the next check needs it


ROW = np.zeros(2)


def in_one_memory(x, w):
    both = np.stack([x * w, x + w])
    return both, both[0]


def one_buffer_of_two(x, w):
    np.sum(x, axis=0, out=ROW)
    return x * w, ROW


OF_SEVERAL = {
    "an output is an input": (lambda x, w: (x * w, w), ("b", "alias"), "b shares memory with w"),
    "an output is a view of an input": (lambda x, w: (x[1:], x * w), ("a", "alias"), "a shares memory with x"),
    "two outputs share memory": (in_one_memory, ("b", "alias"), "b shares memory with a"),
    "one output is one buffer": (one_buffer_of_two, ("b", "alias"), "a second call writes into the b"),
    "one output is another every time": (
        lambda x, w: (x * w, np.asarray(CALLS.append(1) or float(len(CALLS)))),
        ("b", "not-repeatable"),
        "another b",
    ),
}


def backward_of_several(dy, saved):
    (a, b), x, w = saved
    da, _ = packing.split(dy, [np.shape(a), np.shape(b)])
    return np.resize(da, x.shape) * w, np.resize(da, x.shape) * x


@pytest.mark.parametrize("name", OF_SEVERAL)
def test_each_of_several_outputs_is_asked_for_its_memory(name):
    CALLS.clear()
    returned, expected, words = OF_SEVERAL[name]
    rng = np.random.default_rng(3)
    inputs = {n: rng.standard_normal((3, 2)) for n in ("x", "w")}

    def separately(x, w):
        outputs = returned(x, w)
        return outputs, (outputs, x, w)

    plain = Pair("test", forward, backward_of_several, ("x", "w"), ("x", "w"))
    pair = several(plain, ("a", "b"), separately)
    y, _ = pair.forward(*inputs.values())
    found = list(frame.faults(pair, inputs, [rng.standard_normal(y.shape)]))
    assert {(f.quantity, f.reason) for f in found} == {expected}
    assert any(words in f.message for f in found)


def test_a_gradient_that_is_one_of_several_cotangents_shares_its_memory():
    pair = several(
        Pair("test", forward, lambda dy, saved: tuple(packing.split(dy, [(3,), (2,)])), ("x", "w"), ("x", "w")),
        ("a", "b"),
        lambda x, w: ([x * 1, w * 1], None),
    )
    found = list(frame.faults(pair, {"x": np.arange(3.0), "w": np.arange(2.0)}, [np.arange(5.0)]))
    assert {(f.quantity, f.reason) for f in found} == {("dx", "alias"), ("dw", "alias")}
    assert sum("shares memory with the cotangent" in f.message for f in found) == 2


def test_a_fault_says_nothing_about_its_neighbours():
    found, *_ = faults_of(*FAULTS["the backward changes dy"][:2])
    assert found == {("dx", "mutated-cotangent")}
    for name in (
        "y is a view of it",
        "the backward ignores dy",
        "a gradient is an input",
        "the backward changes the cache",
    ):
        forward_, backward_, expected, _ = FAULTS[name]
        found, *_ = faults_of(forward_, backward_)
        assert {quantity for quantity, _ in found} == {expected[0]} or name == "a gradient is an input"


def test_an_exception_of_the_pair_passes_through_and_leaves_the_cotangent():
    calls = []

    def fails_the_fourth_time(dy, saved):
        calls.append(1)
        if len(calls) > 3:
            raise RuntimeError("out of luck")
        return backward(dy, saved)

    rng = np.random.default_rng(3)
    inputs, dy = {n: rng.standard_normal((3, 2)) for n in ("x", "w")}, rng.standard_normal((3, 2))
    kept = dy.tobytes()
    with pytest.raises(RuntimeError, match="out of luck"):
        list(frame.faults(Pair("test", forward, fails_the_fourth_time, ("x", "w"), ("x", "w")), inputs, [dy]))
    assert dy.tobytes() == kept


def test_integers_empty_arrays_and_infinities_are_no_false_alarm():
    pair = Pair(
        "test", lambda x, k: (x[k], (x, k)), lambda dy, s: (np.bincount(s[1], dy, len(s[0])),), ("x", "k"), ("x",)
    )
    assert list(frame.faults(pair, {"x": np.arange(4.0), "k": np.array([0, 2, 2])}, [np.array([1.0, 2, 5])])) == []
    same = Pair("test", lambda x: (x * 2, x), lambda dy, x: (dy * 2,), ("x",), ("x",))
    assert list(frame.faults(same, {"x": np.zeros((0, 2))}, [np.zeros((0, 2))])) == []
    huge = Pair("test", lambda x: (x * x, x), lambda dy, x: (dy * 2 * x,), ("x",), ("x",))
    assert list(frame.faults(huge, {"x": np.array([1e308, 1.0])}, [np.array([1e308, 1.0])])) == []
    scalar = Pair("test", lambda x: ((x * x).sum(), x), lambda dy, x: (dy * 2 * x,), ("x",), ("x",))
    assert list(frame.faults(scalar, {"x": np.arange(3.0)}, [np.ones(())])) == []


def test_run_gives_one_gradient_a_cotangent_and_input():
    inputs = {"x": np.arange(3.0), "w": np.ones(3)}
    results = frame.run(Pair("test", forward, backward, ("x", "w"), ("x", "w")), inputs, [np.ones(3), 2 * np.ones(3)])
    assert [list(g) for g in results.gradients] == [["x", "w"]] * 2
    np.testing.assert_array_equal(results.gradients[1]["w"], 2 * inputs["x"])
