"""The parts of the marking by themselves: expressions, networks, cases, programs, stored truths."""

from __future__ import annotations

import ast
import os
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradproof.cases import Spec, build, parse
from gradproof.grading.assignments import composition
from gradproof.grading.assignments.assignment import read, ready_made
from gradproof.grading.assignments.expressions import ExpressionError, evaluate, true_value
from gradproof.grading.confinement.inside.steps import Execution
from gradproof.grading.marks.drawing_cases import hidden_cases, ladder, public_cases, task_op, variant_of
from gradproof.grading.marks.points import point
from gradproof.grading.marks.program import compile_task, needs_forward
from gradproof.grading.marks.truth_store import TruthStore, forget_old, packed, unpacked
from gradproof.pair import of_operation
from gradproof.reference import operations
from gradproof.reference._domain import labels, real
from gradproof.truth import TrueArray, find_truth
from tests.marking_cases import AFFINE, HEAD, plan_for
from tests.test_marking_conventions import CONVENTIONS


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def true(x, allowance=0.0) -> TrueArray:
    x = np.asarray(x, dtype=float)
    zero = np.zeros_like(x)
    return TrueArray((x, zero), (x.copy(), zero), np.full(x.shape, allowance))


# -- expressions ----------------------------------------------------------------------------------------------------

X = np.arange(6.0).reshape(2, 3) + 0.5
V = np.array([7.0, 8.0, 9.0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x.T", X.T),
        ("bias_first(x)", np.c_[np.ones(2), X]),
        ("bias_last(x)", np.c_[X, np.ones(2)]),
        ("rows(v, x)", np.vstack([V, X])),
        ("columns(x.T, v)", np.column_stack([X.T, V])),
        ("row(v)", V[None]),
        ("column(v)", V[:, None]),
        ("one_hot(t, 3)", np.eye(3)[[0, 2]]),
        ("identity(N)", np.eye(2)),
        ("-x / N + 2 * x", 1.5 * X),
        ("x.reshape(N * 3)", X.reshape(6)),
        ("x[0, 1:]", X[0, 1:]),
        ("x.sum(axis=0)", X.sum(axis=0)),
    ],
)
def test_an_expression_has_the_same_value_on_arrays_and_on_truths(text, expected):
    words = {"v": V, "t": np.array([0, 2]), "N": 2}
    assert np.array_equal(evaluate(expression(text), {**words, "x": X}), expected)
    found = true_value(expression(text), {**words, "x": true(X), "v": true(V)}, "float64")
    assert np.array_equal(found.nearest, expected)
    assert not found.kinks.any()


def test_structure_moves_allowances_and_keeps_every_bit():
    x = TrueArray((X, X * 2.0**-60), (X, X * 2.0**-60), X * 1e-3)
    found = true_value(expression("x.T"), {"x": x}, "float64")
    assert all(np.array_equal(a, b.T) for a, b in ((found.low[1], x.low[1]), (found.allowance, x.allowance)))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_arithmetic_in_floats_stays_within_the_allowance_of_its_truth(seed):
    rng = np.random.default_rng(seed)
    w, dw, slip = rng.standard_normal((3, 5)), rng.standard_normal((3, 5)), rng.uniform(-1, 1, (3, 5))
    allowance = 2.0**-40
    found = true_value(
        expression("w - rate * dw / N"), {"w": w, "dw": true(dw, allowance), "rate": 0.1, "N": 7}, "float64"
    )
    got = w - 0.1 * (dw + slip * allowance) / 7
    assert (found.error(got) <= found.allowance).all()
    assert (found.error(w - 0.1 * dw / 7 + 2.0**-40) > found.allowance).all()


def test_an_interval_at_a_kink_goes_through_arithmetic():
    low, high = np.array([0.0, 1.0]), np.array([1.0, 1.0])
    zero = np.zeros(2)
    dw = TrueArray((low, zero), (high, zero), zero)
    found = true_value(expression("w - 0.5 * dw"), {"w": np.array([1.0, 1.0]), "dw": dw}, "float64")
    assert found.low[0].tolist() == [0.5, 0.5] and found.high[0].tolist() == [1.0, 0.5]
    assert found.kinks.tolist() == [True, False]


@pytest.mark.parametrize("text", ["unknown + 1", "x + v[:2]", "x.nothing()", "rows(x, v[:2])", "x[9]"])
def test_an_expression_without_a_value_says_so(text):
    with pytest.raises(ExpressionError, match=r"no word|no value|no function"):
        evaluate(expression(text), {"x": X, "v": V})


# -- networks ---------------------------------------------------------------------------------------------------------

NETWORK = (
    "affine(x, w1, b1) -> h",
    "relu(h) -> a",
    "affine(a, w2, b2) -> s",
    "softmax_cross_entropy(s, target) + reg * ((w1 * w1).sum() + (w2 ** 2).mean()) -> loss",
)
INPUTS = (
    real("x", "N D"), real("w1", "D H"), real("b1", "H"), real("w2", "H C"), real("b2", "C"), labels("target", "N", "C")
)  # fmt: skip


def network(lines, inputs=INPUTS, outputs=("loss",), **constants):
    halves = [line.rsplit("->", 1) for line in lines]
    parsed = [(expression(a.strip()), [b.strip()]) for a, b in halves]
    made = composition.Network("net", parsed, inputs, outputs, outputs[1:], operations())
    return composition.network_op(made, {n: (v,) for n, v in constants.items()})


def proof_of(op, sizes, **options):
    spec = Spec("net", "float64", tuple(sizes.items()), tuple(options.items()), "ordinary", "contiguous", 5)
    case = build(spec, op)
    return find_truth(of_operation(op, case.options), case.inputs, case.cotangents).proof


def test_a_network_is_proved_like_an_operation():
    op = network(NETWORK, outputs=("loss", "a"), reg=0.1)
    assert proof_of(op, {"N": 3, "D": 4, "H": 5, "C": 2}, reg=0.1).status == "proved"


ARITHMETIC = (
    "x + y", "x - y", "x * y", "x / y", "2 / y", "1 - x", "-x", "x ** 3", "x @ y.T", "x.T", "x.reshape(6, 1)",
    "x[0]", "x.sum(axis=0)", "x.mean(axis=1, keepdims=True) * y", "x.transpose(1, 0)", "rows(x, y, v)", "columns(x, y)",
    "bias_first(x)", "bias_last(x) * 2", "row(v) * x", "column(v) * y.T", "x * v + v", "3 * x * x",
)  # fmt: skip


@pytest.mark.parametrize("text", ARITHMETIC)
def test_the_arithmetic_of_a_network_is_differentiated_rightly(text):
    inputs = (real("x", "N D"), real("y", "N D", low=0.5), real("v", "D"))
    op = network([f"{text} -> h", "1 * h + 0 * (x.sum() + y.sum() + v.sum()) -> loss"], inputs)
    assert proof_of(op, {"N": 2, "D": 3}).status == "proved"


def test_a_wrong_rule_of_arithmetic_is_refuted(monkeypatch):
    monkeypatch.setattr(composition, "_summed", lambda gradient, shape: 2 * gradient)
    op = network(["x * y -> loss"], (real("x", "N D"), real("y", "N D")))
    assert proof_of(op, {"N": 2, "D": 3}).status == "refuted"


# -- cases -----------------------------------------------------------------------------------------------------------


def prepared(text=AFFINE):
    plan = plan_for(text)
    task = plan.assignment.tasks[0]
    return plan.assignment, task, task_op(task, operations())


def test_cases_are_the_same_each_time_and_replayable_from_their_id():
    assignment, task, op = prepared()
    first, second = (public_cases(assignment, task, op) for _ in range(2))
    assert first == second and len(first) == 2
    hidden = hidden_cases(assignment, task, op, b"secret", 0)
    assert hidden == hidden_cases(assignment, task, op, b"secret", 0) and len(hidden) == 3
    for drawn in (*first, *hidden):
        assert parse(drawn.spec.id, {op.name: op}) == drawn.spec


def test_hidden_cases_depend_on_the_secret_and_the_variant_public_ones_do_not():
    assignment, task, op = prepared()
    hidden = {hidden_cases(assignment, task, op, secret, k) for secret in (b"a", b"b") for k in (0, 1)}
    assert len(hidden) == 4
    assert {variant_of(assignment, b"a", task, str(k)) for k in range(40)} == {0, 1}


def test_every_axis_has_a_size_of_its_own():
    assignment, task, op = prepared()
    for drawn in (*public_cases(assignment, task, op), *hidden_cases(assignment, task, op, b"s", 0)):
        sizes = [size for _, size in drawn.spec.sizes]
        assert len(set(sizes)) == len(sizes)


def test_sizes_of_a_task_are_kept():
    assignment, task, op = prepared(AFFINE + "sizes = {D = [2, 4]}\n")
    assert all(dict(d.spec.sizes)["D"] in (2, 4) for d in hidden_cases(assignment, task, op, b"s", 0))


def test_a_task_of_which_every_gradient_vanishes_is_refused():
    text = AFFINE.replace(
        'operation = "affine"',
        'network = ["affine(x, w, b) -> h", "0 * h -> y"]\ninputs = {x = "N D", w = "D M", b = "M"}',
    )
    assignment, task, op = prepared(text)
    with pytest.raises(ValueError, match="vanish"):
        public_cases(assignment, task, op)


def test_the_ladder_begins_small_and_keeps_the_options():
    assignment, task, op = prepared()
    spec = hidden_cases(assignment, task, op, b"s", 0)[0].spec
    steps = list(ladder(spec, task, op))
    assert [size for _, size in steps[0].sizes] == [1, 1, 1]
    assert all(s.options == spec.options and s.digits is not None for s in steps)


@pytest.mark.parametrize("name", sorted(operations()))
def test_every_operation_of_the_catalogue_can_be_a_task(name):
    op = operations()[name]
    inputs = ", ".join(i.name for i in op.inputs_for(op.defaults()))
    outputs = ", ".join(op.outputs or (op.output,))
    lines = f'forward = "f({inputs}) -> {outputs}"\npoints = {{forward = 1}}\n'
    text = f'[[task]]\nname = "task"\noperation = "{name}"\n{lines}'
    plan = plan_for(HEAD + text)
    task = plan.assignment.tasks[0]
    made = task_op(task, operations())
    cases = (*public_cases(plan.assignment, task, made), *hidden_cases(plan.assignment, task, made, b"s", 0))
    assert len({d.spec.id for d in cases}) >= 2
    for drawn in cases[:2]:
        assert np.isfinite(point(task, made, drawn.spec, TruthStore()).truth.y.low[0]).any()


# -- programs and points ----------------------------------------------------------------------------------------------


def first_point(text, store=None):
    assignment, task, op = prepared(text)
    spec = public_cases(assignment, task, op)[0].spec
    return point(task, op, spec, store or TruthStore())


def test_a_backward_is_given_true_outputs_or_in_the_own_variant_the_students():
    at = first_point(CONVENTIONS["explicit arguments"][0])
    given, own = (compile_task(at.task, at.given, own=flag).program for flag in (False, True))
    assert given.steps[1]["args"][1] == {"array": "y"} and "y" in given.arrays
    assert own.steps[1]["args"][1] == {"name": own.returns[0]} and "y" not in own.arrays


@pytest.mark.parametrize(
    ("convention", "needs"), [("functions", True), ("explicit arguments", False), ("attributes", True)]
)
def test_whether_a_backward_needs_its_forward(convention, needs):
    assert needs_forward(plan_for(CONVENTIONS[convention][0]).assignment.tasks[0]) is needs


def test_an_input_without_axes_is_given_as_a_numpy_scalar():
    at = first_point(
        HEAD
        + """
[[task]]
name = "sigmoid"
operation = "sigmoid"
axes = { S = 0 }
forward = "sigmoid(x) -> y"
backward = "sigmoid_backward(dy, x) -> dx"
points = { forward = 1, backward = 1 }
"""
    )
    program = compile_task(at.task, at.given).program
    given = [Execution({}, dict(program.arrays)).refer(ref) for step in program.steps for ref in step["args"]]
    assert len(given) == 3 and all(type(x) is np.float64 and x.shape == () and x.size == 1 for x in given)


def test_a_loss_without_a_cotangent_in_its_lines_is_differentiated_with_one():
    at = first_point(CONVENTIONS["loss and gradient"][0])
    assert at.case.cotangents[0] == 1.0
    assert first_point(AFFINE).case.cotangents[0].std() > 0


def test_truths_are_kept_between_runs(tmp_path):
    store = TruthStore(tmp_path / "truths")
    at = first_point(AFFINE, store)
    truth = at.truth
    assert len(list((tmp_path / "truths").iterdir())) == 1
    again = first_point(AFFINE, TruthStore(tmp_path / "truths"))
    again.store.get(again.key, lambda: pytest.fail("it was computed again"))
    assert packed(again.truth) == packed(truth)
    assert again.truth.proof == truth.proof


def test_a_truth_of_other_source_is_not_taken(tmp_path, monkeypatch):
    """What was proved of one formula says nothing of another: the key holds all that a truth comes of."""
    from gradproof.grading.marks import points

    before = first_point(AFFINE, TruthStore(tmp_path)).key
    monkeypatch.setattr(points, "what_judges", lambda: "a reference that was changed")
    assert first_point(AFFINE, TruthStore(tmp_path)).key != before


def test_a_networks_truth_has_the_same_key_in_every_process():
    """Its key is made of the network's lines, not of where their trees lie in memory."""
    keys = set()
    for assignment in [read(ready_made()["cs231n-a1"]) for _ in range(2)]:  # both alive: no address is used again
        (task,) = [t for t in assignment.tasks if t.network]
        op = task_op(task, operations())
        keys.add(point(task, op, public_cases(assignment, task, op)[0].spec, TruthStore()).key)
    assert len(keys) == 1


def test_old_truths_are_forgotten(tmp_path):
    for name, days in (("new", 1), ("old", 31), ("other.txt", 99)):
        path = tmp_path / (name if "." in name else f"{name}.truth")
        path.write_bytes(b"x")
        os.utime(path, (time.time() - days * 86_400,) * 2)
    assert forget_old(tmp_path) == 1 and forget_old(tmp_path, time.time() + 100) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["looked-through", "new.truth", "other.txt"]
    assert forget_old(tmp_path, time.time() + 40 * 86_400) == 1
    assert forget_old(tmp_path / "none" / "there") == 0


def test_a_stored_truth_that_is_broken_is_computed_again(tmp_path):
    store = TruthStore(tmp_path)
    at = first_point(AFFINE, store)
    content = packed(at.truth)
    assert unpacked(content).source == at.truth.source
    (tmp_path / f"{at.key}.truth").write_bytes(content[:-5])
    assert first_point(AFFINE, TruthStore(tmp_path)).truth.proof.status == "proved"
