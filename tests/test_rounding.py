"""Rounded numbers: no float program errs beyond its allowance, exact programs have none, and none is vacuous."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradproof.exact_arrays import exact, exact_run, flat
from gradproof.rounding import PRECISIONS, Rounded, as_inputs, working_precision
from reference import operations

DTYPES = ("float32", "float64")
every_dtype = pytest.mark.parametrize("dtype", DTYPES)


def bounds(program, arrays, dtype):
    """The program's entries on rounded numbers: their exact values and the bounds of their rounding errors."""
    with working_precision(dtype), exact_run(Rounded, 256) as trace:
        lifted = [exact(as_inputs(x.ravel().tolist()), x.shape) if x.dtype.kind == "f" else x for x in arrays]
        return flat(program(*lifted)), trace


def excess(numbers, got):
    """Entries of a float result that are provably further from the truth than their bound."""
    found = []
    for number, value in zip(numbers, np.asarray(got).ravel().tolist(), strict=True):
        if math.isinf(number.e):
            continue
        if not math.isfinite(value) or abs(arb(value) - number.v) > arb(number.e):
            found.append((number, value))
    return found


def sound(program, arrays, dtype, variants=()):
    """Hold the program, and other ways to compute the same, to the bound; the number of entries held."""
    numbers, _ = bounds(program, arrays, dtype)
    with np.errstate(all="ignore"):
        for way in (program, *variants):
            got = way(*arrays)
            assert np.asarray(got).dtype == dtype
            assert excess(numbers, got) == []
    return len(numbers) * (1 + len(variants))


# -- inputs of every magnitude --------------------------------


def magnitudes(rng, shape, dtype, kind):
    """Numbers as the regimes draw them: ordinary, of all magnitudes, cancelling, short, subnormal and huge."""
    info = np.finfo(dtype)
    x = rng.standard_normal(shape)
    if kind == "scales":
        x = x * 10.0 ** rng.uniform(-12, 12, shape)
    elif kind == "cancelling":
        x = 1e4 * rng.choice([-1.0, 1.0], shape) + 1e-3 * x
    elif kind == "short":
        x = rng.integers(-9, 10, shape) * 2.0 ** rng.integers(-2, 3, shape)
    elif kind == "short of all scales":
        x = rng.integers(-3, 4, shape) * 2.0 ** rng.integers(-60, 61, shape)
    elif kind == "subnormal":
        x = x * float(info.tiny) * 2.0 ** rng.integers(-8, 9, shape)
    elif kind == "huge":
        x = np.clip(x, -2, 2) * (float(info.max) * 2.0 ** rng.integers(-12, -3, shape))
    return x.astype(dtype)


KINDS = ("ordinary", "scales", "cancelling", "short", "short of all scales", "subnormal", "huge")
every_kind = pytest.mark.parametrize("kind", KINDS)


def flushed(x):
    """What a processor that flushes subnormals to zero reads and writes."""
    return np.where(np.abs(x) < np.finfo(x.dtype).tiny, x.dtype.type(0), x)


# -- soundness --------------------------------


@every_dtype
@every_kind
def test_no_dot_product_errs_beyond_its_allowance_in_any_order(dtype, kind):
    def shuffled(order):
        return lambda x, w: x[:, order] @ w[order]

    def one_after_the_other(x, w):
        total = x[:, :1] * w[:1]
        for j in range(1, x.shape[1]):
            total = total + x[:, j : j + 1] * w[j : j + 1]
        return total

    rng = np.random.default_rng(1)
    entries = 0
    for n in (1, 2, 3, 7, 16, 33, 100):
        x, w = magnitudes(rng, (6, n), dtype, kind), magnitudes(rng, (n, 4), dtype, kind)
        orders = [rng.permutation(n) for _ in range(6)]

        ways = [shuffled(o) for o in orders] + [
            one_after_the_other,
            lambda x, w: (x[:, :, None] * w[None]).sum(axis=1),
            lambda x, w: np.einsum("nd,dm->nm", x, w),
            lambda x, w: np.cumsum(x[:, ::-1, None] * w[None, ::-1], axis=1)[:, -1],
        ]
        entries += sound(lambda x, w: x @ w, [x, w], dtype, ways)
    assert entries > 1500


def in_place(x, w):
    out = np.zeros(len(x), dtype=x.dtype)
    for i in range(x.shape[1]):
        out += x[:, i] * w[i]
    return out


def not_in_place(x, w):
    out = x[:, 0] * w[0]
    for i in range(1, x.shape[1]):
        out = x[:, i] * w[i] + out
    return out


def by_the_ufunc(x, w):
    out = np.zeros_like(x[:, 0])
    for i in range(x.shape[1]):
        np.add(out, x[:, i] * w[i], out=out)
    return out


def subtracting(x, w):
    out = np.zeros(len(x), dtype=x.dtype)
    for i in range(x.shape[1]):
        out -= x[:, i] * -w[i]
    return out


def entry_by_entry(x, w):
    out = np.zeros(len(x), dtype=x.dtype)
    for k in range(len(x)):
        for i in range(x.shape[1]):
            out[k] += x[k, i] * w[i]
    return out


def by_python_s_own_sum(x, w):
    return np.array([sum(x[k, i] * w[i] for i in range(x.shape[1])) for k in range(len(x))], dtype=x.dtype)


LOOPS = (in_place, not_in_place, by_the_ufunc, subtracting, entry_by_entry, by_python_s_own_sum)


@every_dtype
@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_that_adds_up_is_a_sum_in_any_order(loop, dtype):
    rng = np.random.default_rng(5)
    found = 0
    for kind in KINDS:
        for n in (3, 8, 40):
            x, w = magnitudes(rng, (4, n), dtype, kind), magnitudes(rng, (n,), dtype, kind)
            ways = [lambda x, w: x[:, ::-1] @ w[::-1], lambda x, w: loop(x[:, ::-1], w[::-1]), lambda x, w: x @ w]
            found += sound(loop, [x, w], dtype, ways)
            both = [bounds(program, [x, w], dtype)[0] for program in (loop, lambda x, w: (x * w).sum(axis=1))]
            assert [b.e for b in both[0]] == pytest.approx([b.e for b in both[1]], rel=1e-9)
    assert found == 3 * len(KINDS) * 4 * 4


@every_dtype
def test_additions_of_different_lines_or_calls_keep_their_order(dtype):
    """x - maximum - log(sum) is done in this order, or it loses digits: two lines, or one function called twice."""

    def minus(a, b):
        return a - b

    def in_calls(x):
        largest = x.max()
        return minus(minus(x, largest), np.log(np.exp(x - largest).sum()))

    def in_lines(x):
        largest = x.max()
        y = x - largest
        return y - np.log(np.exp(y).sum())

    def in_place(x):
        y = x.copy()
        y -= y.max()
        y -= np.log(np.exp(y).sum())
        return y

    x = (1e6 + np.arange(5)).astype(dtype)
    for program in (in_calls, in_lines, in_place):
        assert max(b.e for b in bounds(program, [x], dtype)[0]) < 100 * np.finfo(dtype).eps


@every_dtype
@every_kind
def test_affine_mean_variance_and_standardisation_stay_within(dtype, kind):
    rng = np.random.default_rng(2)

    def affine(x, w, b):
        return x @ w + b

    def variance(x):
        return ((x - x.mean(axis=0)) ** 2).mean(axis=0)

    def standardised(x):
        centred = x - x.mean(axis=0)
        return centred / np.sqrt((centred**2).mean(axis=0) + 1e-5)

    for n in (1, 3, 7, 49):
        x, w, b = (magnitudes(rng, shape, dtype, kind) for shape in ((n, 5), (5, 3), (3,)))
        reciprocal = x.dtype.type(1) / x.dtype.type(n)
        sound(affine, [x, w, b], dtype, [lambda x, w, b: b + (x[:, ::-1] @ w[::-1])])
        sound(
            lambda x: x.sum(axis=0) / len(x),
            [x],
            dtype,
            [
                lambda x: x.sum(axis=0) * reciprocal,  # noqa: B023
                lambda x: x[::-1].sum(axis=0) * reciprocal,  # noqa: B023
                lambda x: np.mean(x, axis=0),
            ],
        )
        sound(variance, [x], dtype)
        sound(standardised, [x], dtype)


@every_dtype
def test_a_division_by_n_covers_the_product_with_its_reciprocal(dtype):
    n = np.arange(1, 200).astype(dtype)
    k = np.arange(0, 12).astype(dtype)[:, None]
    assert ((n * (1 / n)) != 1).any()  # 49 * (1 / 49) and others: where an allowance of zero would be wrong
    sound(lambda k, n: k * n / n, [k, n], dtype, [lambda k, n: (k * n) * (1 / n)])


def test_a_formula_multiplied_out_may_round_once_more():
    rng = np.random.default_rng(5)
    p = (rng.uniform(-1, 1, 9000) * 1e-4).astype(np.float32)
    step = rng.choice([-1.0, 0.0, 1.0], 9000).astype(np.float32)
    numbers, _ = bounds(lambda p, step: (1 - 1e-5) * p - 1e-3 * step, [p, step], "float32")
    got = (p - 1e-3 * step - 1e-5 * p).tolist()
    errors = [float(abs(arb(value) - n.v)) for n, value in zip(numbers, got, strict=True)]
    with working_precision("float32"):
        assert all(error <= n.allowance() for error, n in zip(errors, numbers, strict=True))
    assert any(error > n.e for error, n in zip(errors, numbers, strict=True))


MEANS = (
    "absolute_error",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "binary_focal",
    "huber",
    "kl_divergence",
    "log_cosh",
    "poisson",
    "smooth_l1",
    "squared_error",
    "squared_hinge",
)


@every_dtype
@pytest.mark.parametrize("name", MEANS)
def test_a_mean_over_two_axes_may_divide_twice_and_by_reciprocals(name, dtype):
    op, rng = operations()[name], np.random.default_rng(9)

    def gradient(reduction, dy, prediction, target):
        return op.backward(dy, op.forward(prediction, target, reduction=reduction)[1])[0]

    for n, d in ((3, 7), (15, 6), (6, 7), (49, 3), (1, 41)):
        prediction = rng.uniform(0.05, 0.95, (n, d)).astype(dtype)
        target = rng.integers(0, 2, (n, d)).astype(dtype)
        by_n, by_d = (1 / np.asarray(size, dtype=dtype) for size in (n, d))

        def rows_first(p, t):
            rows = [op.forward(p[i : i + 1], t[i : i + 1], reduction="sum")[0] * by_d for i in range(len(p))]  # noqa: B023
            return sum(rows[1:], rows[0]) * by_n  # noqa: B023

        sound(lambda p, t: op.forward(p, t, reduction="mean")[0], [prediction, target], dtype, [rows_first])
        for dy in rng.standard_normal(8).astype(dtype):
            ways = [
                lambda dy, p, t: gradient("sum", dy * by_n * by_d, p, t),  # noqa: B023
                lambda dy, p, t: gradient("sum", dy * by_n / d, p, t),  # noqa: B023
                lambda dy, p, t: gradient("sum", dy / (n * d), p, t),  # noqa: B023
            ]
            sound(lambda *given: gradient("mean", *given), [np.asarray(dy), prediction, target], dtype, ways)


@every_dtype
@every_kind
def test_softmax_and_its_logarithm_stay_within(dtype, kind):
    rng = np.random.default_rng(3)

    def softmax(x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def softmax_by_reciprocal(x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e * (1 / e[:, ::-1].sum(axis=1, keepdims=True))

    def log_sum_exp(x):
        top = x.max(axis=1, keepdims=True)
        return np.log(np.exp(x - top).sum(axis=1)) + top[:, 0]

    def log_softmax(x):
        return x - log_sum_exp(x)[:, None]

    for c in (1, 2, 5, 17):
        x = magnitudes(rng, (12, c), dtype, kind)
        sound(softmax, [x], dtype, [softmax_by_reciprocal])
        sound(log_sum_exp, [x], dtype, [lambda x: log_sum_exp(x[:, ::-1])])
        sound(log_softmax, [x], dtype)


@every_dtype
@every_kind
def test_loops_of_elementary_functions_stay_within(dtype, kind):
    rng = np.random.default_rng(4)

    def recurrence(x, w):
        h = x[0] * 0
        for t in range(len(x)):
            h = np.tanh(h * w + x[t])
        return h

    def newton(x):
        root = 1 + np.abs(x)
        for _ in range(4):
            root = (root + np.abs(x) / root) / 2
        return root

    def horner(x):
        total = 1 + x * 0
        for c in (0.5, -0.3, 0.1, 2.0):
            total = total * x + c
        return total

    x, w = magnitudes(rng, (5, 40), dtype, kind), magnitudes(rng, (40,), dtype, kind)
    for program, arrays in ((recurrence, [x, w]), (newton, [x]), (horner, [x])):
        sound(program, arrays, dtype)


@every_dtype
@every_kind
@pytest.mark.parametrize(
    "name",
    [
        "exp",
        "exp2",
        "expm1",
        "log",
        "log2",
        "log10",
        "log1p",
        "sqrt",
        "cbrt",
        "sin",
        "cos",
        "tan",
        "arcsin",
        "arccos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "arcsinh",
        "arccosh",
        "arctanh",
    ],
)
def test_every_library_function_keeps_to_the_table(name, dtype, kind):
    x = magnitudes(np.random.default_rng(5), (200,), dtype, kind)
    function = getattr(np, name)
    sound(function, [x], dtype)
    sound(lambda x: function(x * x + x), [x], dtype)  # an argument that carries rounding itself


@every_dtype
@pytest.mark.parametrize("exponent", [2, 3, 4, 5, -1, -2, 0.5, 1.5, -0.5, 2.0])
def test_powers_stay_within(dtype, exponent):
    x = np.abs(magnitudes(np.random.default_rng(6), (200,), dtype, "scales")) ** 0.25
    sound(lambda x: x**exponent, [x.astype(dtype)], dtype)


@every_dtype
@every_kind
def test_a_processor_that_flushes_subnormals_stays_within(dtype, kind):
    x, y = (magnitudes(np.random.default_rng(7 + k), (500,), dtype, kind) for k in range(2))

    def chain(x, y, write):
        product = write(write(x) * write(y))
        return write(write(product - write(x)) * x.dtype.type(1024))

    numbers, _ = bounds(lambda x, y: chain(x, y, lambda v: v), [x, y], dtype)
    with np.errstate(all="ignore"):
        assert excess(numbers, chain(x, y, flushed)) == []
        assert excess(numbers, chain(x, y, lambda v: v)) == []


@settings(max_examples=150)
@given(
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=2, max_size=8),
    st.randoms(use_true_random=False),
)
@example([2.0**100, -(2.0**100), 1.0], None)
@example([3.0 * 2.0**-100, 3.0 * 2.0**-60], None)
def test_sums_and_products_of_any_floats_in_any_order(values, random):
    """The first example is exact in one order and loses the one in another; the second underflows in float32."""
    for dtype in DTYPES:
        x = np.array(values, dtype=dtype)
        order = list(range(len(values)))
        orders = [order, order[::-1], order[2:] + order[:2], order[1:] + order[:1]]
        if random is not None:
            random.shuffle(order)

        def total(x, order):
            s = x[order[0]]
            for j in order[1:]:
                s = s + x[j]
            return s

        sound(lambda x: x.sum(), [x], dtype, [lambda x, o=o: total(x, o) for o in orders])
        sound(lambda x: x[0] * x[1] - x[-1], [x], dtype)
        sound(lambda x: (x[0] - x[1]) * (x[0] + x[-1]), [x], dtype)


# -- exactness --------------------------------


@every_dtype
@pytest.mark.parametrize(
    "program",
    [
        lambda x, w: x @ w,
        lambda x, w: np.einsum("nd,dm->nm", x, w),
        lambda x, w: (x[:, :, None] * w[None]).sum(axis=1)[:, ::-1],
        lambda x, w: x.sum(axis=0) / 8,
        lambda x, w: x**2 - 3 * x + 0.5,
        lambda x, w: x.sum(axis=0) * 0.25 - x.max(axis=0),
    ],
)
def test_small_integers_and_halves_have_no_allowance(program, dtype):
    rng = np.random.default_rng(8)
    x, w = (rng.integers(-6, 7, shape) / 2 for shape in ((4, 9), (9, 3)))
    numbers, _ = bounds(program, [x.astype(dtype), w.astype(dtype)], dtype)
    assert [n.allowance() for n in numbers] == [0.0] * len(numbers)
    sound(program, [x.astype(dtype), w.astype(dtype)], dtype)


@every_dtype
@every_kind
@pytest.mark.parametrize(
    "program",
    [
        lambda x: np.maximum(x, 0),
        lambda x: np.where(x > 0, x, 0),
        lambda x: x.max(axis=0),
        lambda x: np.clip(x, -1, 2),
        lambda x: -x,
        lambda x: np.abs(x),
        lambda x: x[[3, 0, 0, 2]],
        lambda x: np.sort(x, axis=0),
        lambda x: np.concatenate([x, x.T.reshape(x.shape)]),
        lambda x: np.pad(x, 1),
        lambda x: x * (x > 0),
        lambda x: x + 0,
        lambda x: x * 1,
    ],
)
def test_selecting_moving_and_negating_never_round(program, kind, dtype):
    x = magnitudes(np.random.default_rng(9), (6, 5), dtype, kind)
    numbers, _ = bounds(program, [x], dtype)
    normal = [n for n in numbers if not 0 < n.a < PRECISIONS[dtype]["tiny"]]
    assert [n.allowance() for n in normal] == [0.0] * len(normal)


@every_dtype
def test_powers_of_two_never_round(dtype):
    x = magnitudes(np.random.default_rng(10), (50,), dtype, "scales")
    for program in (lambda x: x * 8, lambda x: x / 4, lambda x: -x * 0.5, lambda x: 0.25 * x):
        assert all(n.allowance() == 0 for n in bounds(program, [x], dtype)[0])


# -- tightness --------------------------------


@every_dtype
@pytest.mark.parametrize(
    ("program", "shapes", "least"),
    [
        (lambda x, w: (x * w).sum(axis=1), ((400, 100), (400, 100)), 0.002),
        (lambda x, w: x * w + w, ((4000,), (4000,)), 0.1),
        (lambda x, w: np.exp(x) * w, ((4000,), (4000,)), 0.03),
    ],
    ids=["dot product of 100 terms", "multiply and add", "exp"],
)
def test_the_allowance_is_not_vacuous(program, shapes, least, dtype):
    rng = np.random.default_rng(11)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
    numbers, _ = bounds(program, arrays, dtype)
    got = np.asarray(program(*arrays)).ravel().tolist()
    ratios = [float(abs(arb(g) - n.v).mid()) / n.allowance() for n, g in zip(numbers, got, strict=True)]
    assert max(ratios) <= 1
    assert np.median(ratios) > least


# -- the edges --------------------------------


@every_dtype
@pytest.mark.parametrize(
    "program",
    [
        lambda x: np.exp(x),
        lambda x: x * x,
        lambda x: x.sum(),
        lambda x: np.exp(x) - np.exp(x),
        lambda x: np.exp(x) * 0,
        lambda x: 1 / (x - x),
        lambda x: np.sqrt(-x),
        lambda x: np.log(-x),
        lambda x: 0 / (x - x),
        lambda x: (x * x) / (x * x),
    ],
)
def test_overflow_and_undefined_results_are_unbounded_not_a_crash(program, dtype):
    x = np.full(3, PRECISIONS[dtype]["largest"] / 2, dtype=dtype)
    numbers, _ = bounds(program, [x], dtype)
    assert all(n.allowance() == math.inf or not math.isfinite(n.allowance()) for n in numbers)


def test_a_constant_that_float32_cannot_hold_is_not_taken_for_exact():
    x = np.zeros(1, dtype=np.float32)
    (number,), _ = bounds(lambda x: x + 1e-300, [x], "float32")
    assert number.e >= 1e-300
    (number,), _ = bounds(lambda x: x + 1e300, [x], "float32")
    assert number.e == math.inf


@every_dtype
def test_minus_infinity_masks_without_a_doubt(dtype):
    def masked_softmax(x):
        x = np.where(np.arange(5) < 3, x, -np.inf)
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    x = np.random.default_rng(12).standard_normal((4, 5)).astype(dtype)
    numbers, trace = bounds(masked_softmax, [x], dtype)
    assert trace.uncertain == 0
    assert all(math.isfinite(n.allowance()) for n in numbers)
    assert excess(numbers, masked_softmax(x)) == []


@every_dtype
def test_a_branch_that_rounding_decides_is_counted(dtype):
    x = np.array([0.1, 0.2, 0.3], dtype=dtype)
    assert bounds(lambda x: np.maximum(x[0] + x[1], x[2]), [x], dtype)[1].uncertain == 1
    assert bounds(lambda x: np.maximum(x[0] + x[1], 2 * x[2]), [x], dtype)[1].uncertain == 0
    tied = bounds(lambda x: np.maximum(x[0], x[0]), [x], dtype)[1]
    assert (tied.uncertain, len(tied.ties)) == (0, 1)


def test_the_precision_is_set_back_also_after_an_exception():
    from gradproof.rounding import Working

    before = {name: getattr(Working, name) for name in PRECISIONS["float32"]}
    with pytest.raises(ZeroDivisionError), working_precision("float32", floor=1.0):
        raise ZeroDivisionError
    assert {name: getattr(Working, name) for name in before} == before
    assert Working.floor == 0.0


@every_dtype
def test_a_constant_is_rounded_at_the_scale_of_the_inputs_too(dtype):
    unit = PRECISIONS[dtype]["unit"]
    with working_precision(dtype, floor=8.0):
        assert Rounded.constant(arb(0.1)).e == 8 * unit
        assert Rounded.constant(arb(0.5)).e == 0.0  # a short constant is not rounded at all
        assert Rounded.constant(arb(100) / 3).e == pytest.approx(unit * 100 / 3)
    with working_precision(dtype):
        assert Rounded.constant(arb(0.1)).e == pytest.approx(0.1 * unit)


@every_dtype
def test_at_unit_scale_cancellation_is_explained(dtype):
    """1 - tanh(x)^2 is right and inaccurate: beyond its honest allowance, within that of quantities of order one."""
    x = np.linspace(2, 8, 50).astype(dtype)
    accurate = bounds(lambda x: 1 / np.cosh(x) ** 2, [x], dtype)[0]
    with working_precision(dtype, floor=1.0), exact_run(Rounded, 256):
        wide = flat(1 / np.cosh(exact(as_inputs(x.tolist()), x.shape)) ** 2)
    got = 1 - np.tanh(x) ** 2
    assert excess(accurate, got)
    assert excess(wide, got) == []
