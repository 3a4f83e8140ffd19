"""Reverse mode over exact scalars: the same numbers as jets along unit directions, whatever the program."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from gradproof.cases import Spec, build, example_sizes
from gradproof.exact_arrays import exact, exact_run, flat
from gradproof.jets import Jet
from gradproof.pair import of_operation
from gradproof.reference import operations
from gradproof.rounding import Rounded, working_precision
from gradproof.tape import Traced, ancestors, sweep

OPERATIONS = operations()
BITS = 128


def reverse(function, inputs, dy):
    """Gradients of <dy, function(*inputs)> by every entry of every input, from one sweep."""
    with exact_run(Traced, BITS):
        leaves = [[Traced(arb(v)) for v in x.ravel().tolist()] for x in inputs]
        ys = flat(function(*(exact(own, x.shape) for own, x in zip(leaves, inputs, strict=True))))
        return sweep(ys, [arb(v) for v in dy[: len(ys)]], [leaf for own in leaves for leaf in own])


def forward(function, inputs, dy, position):
    """<dy, J e> along one unit direction, from one jet pass."""
    with exact_run(Jet, BITS):
        count, arrays = 0, []
        for x in inputs:
            numbers = [Jet(arb(v), arb(1) if count + j == position else None) for j, v in enumerate(x.ravel().tolist())]
            arrays.append(exact(numbers, x.shape))
            count += x.size
        total = arb(0)
        for d, y in zip(dy, flat(function(*arrays)), strict=False):
            total += arb(0) if y.s is None else arb(d) * y.s
        return total


def agree(function, inputs, dy):
    gradients = reverse(function, inputs, dy)
    for position, g in enumerate(gradients):
        expected = forward(function, inputs, dy, position)
        got = arb(0) if g is None else g
        assert got.overlaps(expected), (position, got, expected)
        assert not expected.is_finite() or float(got.rad()) <= 1e-20 * (1 + abs(float(got.mid())))


# -- random expressions --------------------------------

UNARY = [
    lambda a: -a,
    lambda a: np.exp(-a * a),
    lambda a: np.log1p(a * a),
    lambda a: np.sqrt(a * a + 1),
    lambda a: np.tanh(a),
    lambda a: np.sin(a) + np.cos(2 * a),
    lambda a: a**2,
    lambda a: a**3 - 1,
    lambda a: 1 / (1 + a * a),
    lambda a: (1 + a * a) ** 0.7,
    lambda a: 2 ** (a / 4),
    lambda a: np.maximum(a, 0.3),
    lambda a: np.abs(a - 0.1),
    lambda a: np.where(a > 0.2, a, 0.5 * a),
    lambda a: np.sort(a, axis=-1),
    lambda a: a.max(axis=-1, keepdims=True) - a,
    lambda a: a.sum(axis=0, keepdims=True) * a,
    lambda a: np.cumsum(a, axis=-1),
    lambda a: a[::-1],
    lambda a: a[[0, 0, 1]][:2] * a,
    lambda a: (a - a.mean()) / (1 + a.std()),
    lambda a: a @ a.T @ a / 4,
]
BINARY = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / (1 + b * b),
    lambda a, b: np.maximum(a, b),
    lambda a, b: np.logaddexp(a, b),
    lambda a, b: (1 + a * a) ** np.tanh(b),
    lambda a, b: np.hypot(a, 1 + b * b),
    lambda a, b: np.where(a < b, a * b, a),
    lambda a, b: np.einsum("ij,ij->i", a, b)[:, None] * b,
]
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(UNARY), st.integers(0, 9)),
        st.tuples(st.sampled_from(BINARY), st.integers(0, 9), st.integers(0, 9)),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=120)
@given(steps, st.integers(0, 2**20))
def test_a_sweep_gives_what_unit_jets_give_on_random_programs(program, seed):
    """Earlier results are used again and again, and some not at all."""
    rng = np.random.default_rng(seed)
    inputs = [rng.standard_normal((2, 3)) for _ in range(2)]

    def function(x, w):
        values = [x, w]
        for step, *which in program:
            values.append(step(*(values[k % len(values)] for k in which)))
        return values[-1]

    agree(function, inputs, rng.standard_normal(64))


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_sweep_gives_what_unit_jets_give_on_the_catalogue(name):
    op = OPERATIONS[name]
    options = op.defaults()
    sizes = tuple(example_sizes(op, options).items())
    case = build(Spec(name, "float64", sizes, tuple(options.items()), "ordinary", "contiguous", 3), op)
    pair = of_operation(op, case.options)
    floating = [n for n in pair.inputs if case.inputs[n].dtype.kind == "f"]

    def function(*arrays):
        given_ = dict(zip(floating, arrays, strict=True))
        return pair.forward(*(given_.get(n, case.inputs[n]) for n in pair.inputs))[0]

    agree(function, [case.inputs[n] for n in floating], case.cotangents[1].ravel().tolist())


# -- what the tape remembers --------------------------------


def test_an_unused_input_has_no_gradient_and_a_used_one_of_zero_has():
    x, unused = np.array([1.0, 2.0]), np.array([3.0])
    gradients = reverse(lambda x, unused: x[:1] * 0 + 5, [x, unused], [1.0])
    assert gradients[1:] == [None, None]
    assert gradients[0] == 0


def test_every_use_of_an_input_counts():
    (g,) = reverse(lambda x: x * x * x + x + x[0] * 2, [np.array([3.0])], [1.0])
    assert g == 3 * 9 + 1 + 2
    (g,) = reverse(lambda x: np.concatenate([x, x, x]), [np.array([3.0])], [1.0, 10.0, 100.0])
    assert g == 111


def test_an_input_can_be_an_output_and_an_output_can_be_constant():
    assert reverse(lambda x: x, [np.array([1.0, 2.0])], [7.0, 8.0]) == [7, 8]
    assert reverse(lambda x: np.ones(2), [np.array([1.0, 2.0])], [7.0, 8.0]) == [None, None]
    assert reverse(lambda x: np.array([x[0], 1.0, x[0]]), [np.array([1.0])], [1.0, 2.0, 4.0]) == [5]


def test_several_sweeps_of_one_run_do_not_disturb_each_other():
    with exact_run(Traced, BITS):
        x = Traced(arb(3))
        y = x * x + x
        assert [sweep([y], [arb(d)], [x])[0] for d in (1, 2, 1)] == [7, 14, 7]
        assert sweep([x], [arb(5)], [x]) == [5]
        assert sweep([y, x], [arb(1), arb(10)], [x, y]) == [17, 1]


def test_constants_are_not_recorded():
    with exact_run(Traced, BITS):
        x = Traced(arb(2))
        constant = Traced.lift(3.0) * 4 + np.float32(0.5)
        assert len(Traced.tape) == 1 and constant.index == -1 and constant == 12.5
        y = x * constant
        assert len(Traced.tape) == 2
        assert sweep([y, constant], [arb(1), arb(1)], [x]) == [12.5]


def test_the_tape_is_new_in_every_run():
    with exact_run(Traced, BITS):
        Traced(arb(1))
    with exact_run(Traced, BITS):
        assert Traced.tape == []


def test_ancestors_of_ties_are_the_entries_that_they_hang_on():
    with exact_run(Traced, BITS) as trace:
        x = [Traced(arb(v)) for v in (1, 2, 2, 5, 0)]
        y = exact(x, (5,))
        pooled = np.maximum(y[0] * 2, y[1]), np.maximum(y[2], y[3]), np.maximum(y[4], 0)
        tied = ancestors(node for tie in trace.ties for node in tie)
    assert [leaf.index in tied for leaf in x] == [True, True, False, False, True]
    assert len(pooled) == 3
    assert ancestors([]) == set()


@pytest.mark.parametrize(("at_tie", "slope"), [(0, (0, 1)), (1, (1, 1)), (-1, (0, 0))])
def test_one_convention_for_all_ties_of_a_run(at_tie, slope):
    with exact_run(Traced, BITS) as trace:
        trace.at_tie = at_tie
        x = Traced(arb(0))
        y = exact([x], (1,))
        by_where = flat(np.where(y > 0, y, 0))
        by_maximum = flat(np.maximum(y, 0))
        got = [sweep(z, [arb(1)], [x])[0] or 0 for z in (by_where, by_maximum)]
    assert got == [s for s in slope]


def test_a_sweep_of_rounded_numbers_bounds_the_floats_of_reverse_mode():
    rng = np.random.default_rng(5)
    x, dy = rng.standard_normal(30).astype(np.float32), rng.standard_normal(30).astype(np.float32)

    class RoundedTraced(Traced):
        @classmethod
        def constant(cls, value):
            return cls(Rounded.constant(value), constant=True)

    with working_precision("float32"), exact_run(RoundedTraced, BITS):
        leaves = [RoundedTraced(Rounded.given(float(v))) for v in x]
        y = np.tanh(exact(leaves, x.shape) * 3) ** 2
        gradients = sweep(flat(y), [Rounded.given(float(d)) for d in dy], leaves)
    t = np.tanh(x * 3)
    got = dy * 2 * t * (1 - t * t) * 3
    assert got.dtype == np.float32
    careful = dy * 2 * t / np.cosh(x * 3) ** 2 * 3
    for g, rough, v in zip(gradients, got.tolist(), careful.tolist(), strict=True):
        assert not abs(arb(v) - g.v) > arb(g.allowance())
        assert abs(rough - v) < 1e-5  # the rough formula loses digits that the allowance asks for
