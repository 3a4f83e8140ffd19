"""The reference operations: discovery, shapes and dtypes, errors, and that they run unchanged on exact numbers."""

from __future__ import annotations

import inspect
import itertools
import re
import subprocess
import sys
from pathlib import Path

import flint
import numpy as np
import pytest

from gradproof import packing
from gradproof.cases import axes, example_sizes, shape_of
from gradproof.pair import of_operation
from gradproof.reference import operations
from tests.meta import _catalogue

ROOT = Path(__file__).resolve().parents[1]
OPERATIONS = operations()


def variations(op):
    """The default options, and every option changed alone."""
    defaults = op.defaults()
    return [defaults, *({**defaults, name: v} for name, values in op.options.items() for v in values[1:])]


CASES = [
    pytest.param(op, options, id="-".join([op.name, *map(str, options.values())]))
    for op in OPERATIONS.values()
    for options in variations(op)
]
LAYOUTS = {
    "contiguous": np.ascontiguousarray,
    "fortran": np.asfortranarray,
    "strided": lambda x: np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x,
}
every_case = pytest.mark.parametrize(("op", "options"), CASES)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


# -- cases and exact numbers -------------------------------------------------------------------------------


def draw(op, options, dtype="float64", sizes=None):
    """Benign inputs by name, always the same ones; no axis has another's size unless `sizes` says so."""
    rng = np.random.default_rng(7)
    sizes = sizes or example_sizes(op, options)
    return {i.name: draw_input(i, rng, dtype, sizes) for i in op.inputs_for(options)}


def draw_input(i, rng, dtype, sizes):
    dims = shape_of(i, sizes)
    if i.kind == "labels":
        return rng.integers(0, sizes[i.classes], dims)
    if i.kind == "one_hot":
        return np.eye(dims[-1], dtype=dtype)[rng.integers(0, dims[-1], dims[:-1])]
    if i.kind == "binary":
        return rng.integers(0, 2, dims).astype(dtype)
    if i.kind == "mask":
        return rng.random(dims) < 2 / 3 if 0 in dims else (rng.random(dims) < 2 / 3) | (np.arange(dims[-1]) == 0)
    if i.kind == "simplex":
        p = rng.uniform(0.1, 1, dims)
        return (p / p.sum(axis=-1, keepdims=True)).astype(dtype)
    if np.isfinite(i.low) and np.isfinite(i.high):
        return (i.low + (i.high - i.low) * rng.uniform(0.1, 0.9, dims)).astype(dtype)
    x = rng.normal(0.25, 1.5, dims)
    return (np.abs(x) + i.low if np.isfinite(i.low) else i.high - np.abs(x) if np.isfinite(i.high) else x).astype(dtype)


def run(op, options, inputs):
    """y and the cache; several outputs come as one vector."""
    return of_operation(op, options).forward(*inputs.values())


def cotangent(y):
    """A generic cotangent of y's shape and dtype."""
    return np.asarray(np.random.default_rng(8).normal(0.5, 1, np.shape(y)), dtype=y.dtype)


def differentiate(op, options, inputs, dy=None):
    """y and the gradients by input name, for a generic cotangent unless `dy` is given."""
    y, cache = run(op, options, inputs)
    gradients = of_operation(op, options).backward(cotangent(y) if dy is None else dy, cache)
    assert type(gradients) is tuple
    return y, dict(zip(op.differentiable(options), gradients, strict=True))


def exact(x):
    """An object array of arb for a floating array; integer labels stay what they are."""
    if x.dtype.kind != "f":
        return x
    balls = np.empty(x.shape, dtype=object)
    balls[...] = np.frompyfunc(lambda v: flint.arb(float(v)), 1, 1)(x)
    return balls


def floats(x):
    """The midpoints of a result in balls, rounded to float64."""
    return np.array([float(v) for v in np.asarray(x, dtype=object).ravel()]).reshape(np.shape(x))


@pytest.fixture
def bits():
    """Sets the precision of arb for one test."""
    before = flint.ctx.prec

    def set_precision(precision):
        flint.ctx.prec = precision

    yield set_precision
    flint.ctx.prec = before


@pytest.fixture(autouse=True)
def strict_floats():
    """Overflow, invalid operations and divisions by zero are errors; underflow to zero is how the tails end."""
    with np.errstate(all="raise", under="ignore"):
        yield


# -- discovery and declarations ----------------------------------------------------------------------------


def test_every_file_without_an_underscore_is_an_operation_of_that_name():
    files = sorted(p.stem for p in (ROOT / "reference").glob("*.py") if not p.name.startswith("_"))
    assert list(OPERATIONS) == files
    assert [op.name for op in OPERATIONS.values()] == files


def test_the_operations_that_the_documentation_promises_are_there():
    promised = """
        absolute_error affine binary_cross_entropy binary_cross_entropy_with_logits categorical_cross_entropy hinge
        huber leaky_relu log_softmax multiply relu sigmoid softmax softmax_cross_entropy softplus squared_error tanh
        two_layer_network
    """
    assert set(promised.split()) <= set(OPERATIONS)


@pytest.mark.parametrize("op", OPERATIONS.values(), ids=list(OPERATIONS))
def test_declarations_agree_with_the_forward(op):
    parameters = inspect.signature(op.forward).parameters
    inputs = [i.name for i in op.inputs_for(op.defaults())]
    defaults = {name: p.default for name, p in parameters.items() if p.default is not p.empty}
    assert list(parameters) == [*inputs, *op.options]
    assert defaults == op.defaults()
    assert not {op.output, *op.outputs} & set(inputs)
    assert op.summary and op.cite
    assert bool(op.differentiable(op.defaults())) == (op.backward is not None)
    assert op.forward.__name__ == f"{op.name}_forward"
    assert op.backward is None or op.backward.__name__ == f"{op.name}_backward"
    assert set(op.sizes) <= {name for options in variations(op) for name in axes(op, options)}


def test_importing_reference_loads_numpy_and_the_standard_library_only():
    code = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
import reference
reference.operations()
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(loaded - set(sys.stdlib_module_names)))
"""
    run = [sys.executable, "-c", code, str(ROOT)]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True, timeout=120).stdout.split()
    assert loaded == ["numpy", "reference"]


# -- floats ------------------------------------------------------------------------------------------------


@every_case
@every_dtype
@pytest.mark.parametrize("layout", LAYOUTS)
def test_results_have_the_shape_and_dtype_of_the_inputs_and_memory_of_their_own(op, options, dtype, layout):
    inputs = {name: LAYOUTS[layout](x) for name, x in draw(op, options, dtype).items()}
    for x in inputs.values():
        x.flags.writeable = False
    *outputs, cache = op.forward(*inputs.values(), **options)
    assert all(y.dtype == dtype for y in outputs)
    assert len(outputs) == len(op.outputs or (op.output,))
    upstream = [LAYOUTS[layout](cotangent(y)) for y in outputs[: len(outputs) - len(op.buffers)]]
    for dy in upstream:
        dy.flags.writeable = False
    gradients = op.backward(*upstream, cache) if op.backward else ()
    assert type(gradients) is tuple
    for name, gradient in zip(op.differentiable(options), gradients, strict=True):
        assert gradient.shape == inputs[name].shape
        assert gradient.dtype == dtype
        assert np.isfinite(gradient).all() and np.any(gradient != 0)
    results = [*outputs, *gradients]
    pairs = [*itertools.product(results, [*inputs.values(), *upstream]), *itertools.combinations(results, 2)]
    assert not any(np.shares_memory(a, b) for a, b in pairs)


@every_case
def test_a_second_backward_gives_the_same_bits(op, options):
    inputs = draw(op, options)
    y, cache = run(op, options, inputs)
    first, second = (of_operation(op, options).backward(cotangent(y), cache) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def ones(op, axis, size):
    """One, for each axis that may be of that size."""
    return (1,) * len(size) if isinstance(size, tuple) else 1 if 1 in op.sizes.get(axis, (1,)) else size


@every_case
@every_dtype
def test_axes_of_size_one(op, options, dtype):
    inputs = draw(op, options, dtype, {a: ones(op, a, size) for a, size in example_sizes(op, options).items()})
    y, gradients = differentiate(op, options, inputs)
    assert y.dtype == dtype
    for name, gradient in gradients.items():
        assert gradient.shape == inputs[name].shape and gradient.dtype == dtype


@pytest.mark.parametrize(
    ("op", "options", "axis"),
    [
        pytest.param(*case.values, axis, id=f"{case.id}-{axis}")
        for case in CASES
        for axis in case.values[0].empty
        if axis in axes(*case.values)
    ],
)
@every_dtype
def test_declared_axes_may_be_empty(op, options, axis, dtype):
    sizes = example_sizes(op, options)
    sizes[axis] = (0, *sizes[axis][1:]) if isinstance(sizes[axis], tuple) else 0
    inputs = draw(op, options, dtype, sizes)
    y, gradients = differentiate(op, options, inputs)
    assert y.dtype == dtype
    for name, gradient in gradients.items():
        assert gradient.shape == inputs[name].shape and gradient.dtype == dtype


ELEMENTWISE = [
    op
    for op in OPERATIONS.values()
    if not callable(op.inputs) and all(i.shape == "*S" for i in op.inputs) and "axis" not in op.options
]


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
@every_dtype
def test_elementwise_operations_accept_a_single_number(op, dtype):
    inputs = {i.name: np.array(i.kind == "mask" or 0.75, bool if i.kind == "mask" else dtype) for i in op.inputs}
    y, gradients = differentiate(op, {}, inputs)
    if op.outputs:
        return  # one vector of them all
    assert np.shape(y) == () and y.dtype == dtype
    assert all(np.shape(g) == () and g.dtype == dtype for g in gradients.values())
    y, gradients = differentiate(op, {}, {name: exact(x) for name, x in inputs.items()}, flint.arb(0.5))
    assert np.shape(y) == () and all(np.shape(g) == () for g in gradients.values())


# -- errors ------------------------------------------------------------------------------------------------


def tied_to_earlier_inputs(op, options):
    """The inputs whose first axis has the size of an earlier input's axis: a row too many cannot fit."""
    seen, tied = set(), []
    for i in op.inputs_for(options):
        tokens = [token.lstrip("*") for token in i.shape.split()]
        if tokens and tokens[0] in seen and not tokens[0].isdigit():
            tied.append(i)
        seen.update(tokens)
    return tied


LATER_INPUTS = [
    pytest.param(*case.values, i.name, id=f"{case.id}-{i.name}")
    for case in CASES
    for i in tied_to_earlier_inputs(*case.values)
]


@pytest.mark.parametrize(("op", "options", "name"), LATER_INPUTS)
def test_an_input_that_does_not_fit_the_others_is_named_with_its_shape(op, options, name):
    inputs = draw(op, options)
    inputs[name] = np.concatenate([inputs[name], inputs[name][:1]])
    with pytest.raises(ValueError, match=rf"^{name} has shape \({len(inputs[name])},.*expected"):
        op.forward(*inputs.values(), **options)


@every_case
def test_a_first_input_of_the_wrong_rank_is_named(op, options):
    first = op.inputs_for(options)[0]
    if "*" in first.shape or not first.shape:
        return  # any rank is right
    inputs = draw(op, options)
    inputs[first.name] = inputs[first.name][0]
    with pytest.raises(ValueError, match=rf"^{first.name} has shape .*expected {len(first.shape.split())} ax[ei]s"):
        op.forward(*inputs.values(), **options)


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [(op.name, option, "median") for op in OPERATIONS.values() for option in op.options]
    + [("softmax", "axis", 3), ("log_softmax", "axis", -4), ("leaky_relu", "slope", float("nan"))]
    + [("huber", "delta", 0.0), ("huber", "delta", float("inf")), ("hinge", "margin", float("inf"))],
)
def test_an_unknown_option_is_named(name, option, value):
    op = OPERATIONS[name]
    with pytest.raises(ValueError, match=rf"^{option}={value!r}"):
        op.forward(*draw(op, op.defaults()).values(), **{**op.defaults(), option: value})


LABELLED = [
    pytest.param(*case.values, i, id=f"{case.id}-{i.name}")
    for case in CASES
    for i in case.values[0].inputs_for(case.values[1])
    if i.kind == "labels"
]


@pytest.mark.parametrize(("op", "options", "i"), LABELLED)
@pytest.mark.parametrize("too_far", [False, True])
@pytest.mark.parametrize("convert", [np.asarray, exact], ids=["floats", "exact"])
def test_a_label_out_of_range_is_named_with_the_number_of_classes(op, options, i, too_far, convert):
    inputs = {name: convert(x) for name, x in draw(op, options).items()}
    classes = example_sizes(op, options)[i.classes]
    label = classes if too_far else -1
    at = tuple(n - 1 for n in inputs[i.name].shape)
    inputs[i.name][at] = label
    where = re.escape(f"{i.name}[{', '.join(map(str, at))}]")
    with pytest.raises(ValueError, match=rf"^{where} is {label}; .* {classes} classes"):
        op.forward(*inputs.values(), **options)


@pytest.mark.parametrize(("op", "options", "i"), LABELLED)
def test_labels_that_are_not_integers_are_refused(op, options, i):
    inputs = draw(op, options)
    inputs[i.name] = inputs[i.name].astype("float64")
    with pytest.raises(ValueError, match=rf"^{i.name} has dtype float64; expected integer"):
        op.forward(*inputs.values(), **options)


# -- exact numbers -----------------------------------------------------------------------------------------


@every_case
def test_object_arrays_of_exact_numbers_give_the_same_digits(op, options, bits):
    bits(128)
    inputs = draw(op, options)
    y, gradients = differentiate(op, options, inputs)
    balls = {name: exact(x) for name, x in inputs.items()}
    true_y, true_gradients = differentiate(op, options, balls, exact(cotangent(y))[()])
    np.testing.assert_array_equal(floats(true_y).astype("float32"), y.astype("float32"))
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(floats(true_gradients[name]).astype("float32"), gradient.astype("float32"))


def without_buffers(op, options, inputs, dy):
    """The cotangent, zero over the outputs that no gradient flows through."""
    if not op.buffers:
        return dy
    shapes = [np.shape(y) for y in op.forward(*inputs.values(), **options)[:-1]]
    kept = len(op.outputs) - len(op.buffers)
    return packing.joined([(k < kept) * part for k, part in enumerate(packing.split(dy, shapes))])


@every_case
def test_the_backward_is_the_derivative_of_the_forward(op, options, bits):
    """Along a direction v, <dy, f(x + hv) - f(x - hv)> / 2h is <backward(dy), v> to far more than 53 bits."""
    bits(1000)
    h = flint.arb(2) ** -200
    inputs = draw(op, options)
    y, _ = differentiate(op, options, inputs)
    dy = exact(without_buffers(op, options, inputs, cotangent(y)))[()]
    balls = {name: exact(x) for name, x in inputs.items()}
    _, gradients = differentiate(op, options, balls, dy)
    if op.backward is None:
        return
    rng = np.random.default_rng(9)
    v = {name: exact(rng.integers(1, 9, inputs[name].shape) / 4) for name in gradients}
    ahead, behind = (
        run(op, options, {name: x + step * v[name] if name in v else x for name, x in balls.items()})[0]
        for step in (h, -h)
    )
    along = (dy * (ahead - behind)).sum() if np.shape(y) else dy * (ahead - behind)
    expected = sum(np.sum(gradients[name] * v[name]) for name in gradients)
    assert float(along / (2 * h)) == float(expected) != 0


# -- the forward is the function that its name says ---------------------------------------------------------


def reduce(losses, reduction, rows=None):
    """Losses of rows or entries as the option says; `rows` is what "batch_mean" divides by."""
    return {"mean": losses.mean(), "sum": losses.sum(), "batch_mean": losses.sum() / (rows or 1)}[reduction]


def naive_sigmoid(x):
    return 1 / (1 + np.exp(-x))


def naive_softmax(x, axis=-1):
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def naive_entropy(p, target, labels="integer", reduction="mean", normalize=False):
    p = p / p.sum(axis=1, keepdims=True) if normalize else p
    t = np.eye(p.shape[1])[target] if labels == "integer" else target
    return reduce(-(t * np.log(p)).sum(axis=1), reduction)


def naive_binary_entropy(p, t, reduction="mean"):
    return reduce(-np.log(np.where(t == 1, p, 1 - p)), reduction)


def naive_huber(prediction, target, delta, reduction):
    r = np.abs(prediction - target)
    return reduce(np.where(r > delta, delta * r - delta**2 / 2, r**2 / 2), reduction)


def naive_hinge(scores, target, margin, reduction, per_class):
    losses = [
        sum(max(0, s[j] - s[t] + margin) for j in range(len(s)) if j != t) for s, t in zip(scores, target, strict=True)
    ]
    return reduce(np.array(losses), reduction) / (scores.shape[1] if per_class else 1)


TEXTBOOK = {
    "absolute_error": lambda p, t, reduction: reduce(np.abs(p - t), reduction),
    "affine": lambda x, w, b: np.einsum("nd,dm->nm", x, w) + b[None, :],
    "binary_cross_entropy": naive_binary_entropy,
    "binary_cross_entropy_with_logits": lambda z, t, reduction: naive_binary_entropy(naive_sigmoid(z), t, reduction),
    "categorical_cross_entropy": naive_entropy,
    "hinge": naive_hinge,
    "huber": naive_huber,
    "leaky_relu": lambda x, slope: np.maximum(x, slope * x),
    "log_softmax": lambda x, axis: np.log(naive_softmax(x, axis)),
    "multiply": lambda x, y: x * y,
    "relu": lambda x: (x + np.abs(x)) / 2,
    "sigmoid": naive_sigmoid,
    "softmax": naive_softmax,
    "softmax_cross_entropy": lambda z, t, labels, reduction: naive_entropy(naive_softmax(z), t, labels, reduction),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "squared_error": lambda p, t, scale, reduction: (
        reduce((p - t) ** 2, reduction, len(p)) * {"one": 1, "half": 0.5}[scale]
    ),
    "tanh": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    "two_layer_network": lambda x, w1, b1, w2, b2, t: naive_entropy(
        naive_softmax(naive_sigmoid(x @ w1 + b1) @ w2 + b2), t
    ),
}


@every_case
def test_the_forward_is_the_textbook_formula(op, options):
    textbook = TEXTBOOK.get(op.name) or getattr(_catalogue.modules().get(op.name), "textbook", None)
    if textbook is None:
        pytest.fail(
            f"write {op.name} as its textbook does: a function `textbook` in gradproof/mistakes/written/{op.name}.py"
        )
    inputs = draw(op, options)
    y, _ = run(op, options, inputs)
    plain = textbook(*inputs.values(), **options)
    if op.outputs:
        plain = packing.joined(plain)
    np.testing.assert_array_equal(np.asarray(y).astype("float32"), np.asarray(plain).astype("float32"))


# -- what the formulas are chosen for ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus"])
@every_dtype
def test_derivatives_keep_their_digits_in_both_tails(name, dtype, bits):
    bits(256)
    op = OPERATIONS[name]
    x = np.array([-40.0, -20.0, -10.0, 10.0, 20.0, 40.0], dtype)
    y, gradients = differentiate(op, {}, {"x": x}, np.ones_like(x))
    true_y, true = differentiate(op, {}, {"x": exact(x)}, exact(np.ones_like(x)))
    for got, truth in ((y, floats(true_y)), (gradients["x"], floats(true["x"]))):
        # scaled to [1, 2) and rounded to float16, too few digits to show float32's own rounding
        scale = 2.0 ** -np.floor(np.log2(np.abs(truth)))
        np.testing.assert_array_equal((got * scale).astype("float16"), (truth * scale).astype("float16"))


@every_dtype
def test_sigmoid_and_logits_do_not_lose_the_last_probability(dtype):
    op = OPERATIONS["binary_cross_entropy_with_logits"]
    inputs = {"logits": np.array([[40.0, -40.0]], dtype), "target": np.array([[1.0, 0.0]], dtype)}
    y, gradients = differentiate(op, {"reduction": "sum"}, inputs, np.array(1, dtype))
    p = np.exp(np.array(-40.0, dtype))
    assert y == 2 * p
    np.testing.assert_array_equal(gradients["logits"], [[-p, p]])


def test_log_softmax_and_its_loss_keep_the_digits_of_the_largest_entry():
    x = np.array([[16.94, 0.0]], "float32")
    tiny = np.log1p(np.exp(-x[0, 0]))
    assert tiny > 0
    assert OPERATIONS["log_softmax"].forward(x)[0][0, 0] == -tiny
    assert OPERATIONS["softmax_cross_entropy"].forward(x, np.array([0]))[0] == tiny


@every_case
@every_dtype
def test_huge_numbers_neither_overflow_nor_become_nan(op, options, dtype):
    if "huge" in op.excluded:
        return  # declared, with the reason
    inputs = draw(op, options, dtype)
    for i in op.inputs_for(options):
        if i.kind == "real":
            inputs[i.name] = inputs[i.name] * np.array(1e15, dtype)
    y, gradients = differentiate(op, options, inputs)
    assert np.isfinite(y).all() and all(np.isfinite(g).all() for g in gradients.values())


def test_conventions_at_the_kinks():
    def slope(name, *inputs, **options):
        y, cache = OPERATIONS[name].forward(*inputs, **options)
        return OPERATIONS[name].backward(np.ones_like(y), cache)[0].ravel().tolist()

    zero = np.zeros((1, 1))
    assert slope("relu", zero) == [0]
    assert slope("leaky_relu", zero, slope=0.25) == [0.25]
    assert slope("absolute_error", zero, zero) == [0]
    assert slope("huber", np.array([[-1.0, 1.0]]), np.zeros((1, 2)), delta=1.0, reduction="sum") == [-1, 1]
    assert slope("hinge", np.array([[2.0, 1.0, 1.5]]), np.array([0])) == [-1, 0, 1]


def test_hinge_on_the_numbers_of_its_source():
    scores = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    rows = [OPERATIONS["hinge"].forward(scores[i : i + 1], np.array([i]))[0] for i in range(3)]
    assert [round(float(row), 10) for row in rows] == [2.9, 0.0, 12.9]


def test_normalised_probabilities_may_have_any_sum():
    op, target = OPERATIONS["categorical_cross_entropy"], np.array([2, 0])
    p = np.array([[0.25, 0.25, 0.5], [0.5, 0.25, 0.25]])
    y, cache = op.forward(4 * p, target, normalize=True)
    assert y == op.forward(p, target)[0]
    assert op.backward(np.array(1.0), cache)[0].tolist() == [[0.125, 0.125, -0.125], [-0.125, 0.125, 0.125]]
