"""The diagnosis: known mistakes by name on fresh cases, unknown ones not at all, right code never."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.diagnosis_figures import Program, alike, evidence, seen, verdict, without
from gradproof.cases import Spec, build
from gradproof.checking import operation_cases
from gradproof.cli import main
from gradproof.diagnosis import (
    AMBIGUOUS,
    CERTAIN,
    PATTERN,
    UNKNOWN,
    Observation,
    diagnose,
    observed,
    of_frame,
    settle,
)
from gradproof.mistakes.catalogue import pair_of, unusual_of, written_of
from gradproof.mistakes.derived import mutants
from gradproof.mistakes.fitting import Point, blur, run
from gradproof.mistakes.probing import probes
from gradproof.pair import of_operation
from gradproof.truth import find_truth
from reference import operations

OPERATIONS = operations()
SEED = 4321  # neither the catalogue nor its figures were looked at on these cases
SAMPLE = ("affine", "softmax", "squared_error", "relu", "batch_norm", "lstm_cell", "adam", "embedding")
HELD_OUT = ("affine", "softmax", "batch_norm", "lstm_cell")


def spec(name: str, sizes: dict, seed: int = 3, dtype: str = "float64", regime: str = "ordinary", **options) -> Spec:
    op = OPERATIONS[name]
    return Spec(
        name, dtype, tuple(sizes.items()), tuple({**op.defaults(), **options}.items()), regime, "contiguous", seed
    )


def observing(name: str, forward, backward, *specs: Spec) -> list[Observation]:
    """What a program of one's own returns on these cases."""
    op, found = OPERATIONS[name], []
    for each in specs:
        case = build(each, op)
        cotangent = case.cotangents[-1]
        pair = pair_of(op, forward, backward, case.options, case.inputs)[0]
        got = run(op, pair, Point(case.inputs, cotangent))
        truth = find_truth(of_operation(op, case.options), case.inputs, [cotangent])
        y = [got[n] for n in op.outputs] if op.outputs else got[op.output]
        gradients = {n: got.get(f"d{n}") for n in op.differentiable(case.options)}
        found += observed(op, case.options, case.inputs, [cotangent], truth, y, [gradients])
    return found


AFFINE = (spec("affine", {"N": 3, "D": 2, "M": 4}), spec("affine", {"N": 5, "D": 4, "M": 2}, seed=4))


def affine_forward(x, w, b):
    y = np.empty((len(x), w.shape[1]), x.dtype)
    for i, row in enumerate(x):
        for j in range(w.shape[1]):
            y[i, j] = sum(row[k] * w[k, j] for k in range(len(row))) + b[j]
    return y, (x, w)


def affine_backward(db=lambda dy: dy.sum(axis=0), dw=lambda x, dy: np.einsum("nd,nm->dm", x, dy)):
    """In other operations than the catalogue's; right unless told otherwise."""

    def backward(dy, cache):
        x, w = cache
        return np.einsum("nm,dm->nd", dy, w), dw(x, dy), db(dy)

    return backward


def affine_diagnosed(**wrong):
    op = OPERATIONS["affine"]
    return diagnose(op, {}, observing("affine", affine_forward, affine_backward(**wrong), *AFFINE))


# -- one mistake -----------------------------------------------------------------------------------------------


def test_a_mean_for_a_sum_is_named_with_its_line():
    found = affine_diagnosed(db=lambda dy: np.add.reduce(dy) * (1 / len(dy)))
    assert found.status == CERTAIN and found.wrong == ("db",)
    assert found.sentence == "likely cause: db is the mean of dy over the examples, not its sum"
    assert "affine/db-mean-instead-of-sum" in found.causes[0].ids
    (line,) = found.causes[0].lines
    assert (line.place, line.right, line.wrong) == ("affine.py", "db = dy.sum(axis=0)", "db = dy.mean(axis=0)")
    assert found.patterns == {}  # N is another one in each case: no one sentence holds


def test_right_code_has_no_diagnosis():
    assert affine_diagnosed() is None


@pytest.mark.parametrize("name", SAMPLE)
def test_right_but_unusual_code_has_no_diagnosis(name):
    op = OPERATIONS[name]
    for unusual in (u for u in unusual_of(op) if not u.loses):
        options = {**op.defaults(), **unusual.options}
        point = probes(op, options)[0]
        case = Spec(
            name, "float64", tuple(_sizes(op, options).items()), tuple(options.items()), "ordinary", "contiguous", 9
        )
        assert point.inputs.keys() == build(case, op).inputs.keys()
        assert diagnose(op, options, observing(name, unusual.forward, unusual.backward, case)) is None, unusual.name


def _sizes(op, options):
    from gradproof.cases import example_sizes

    return example_sizes(op, options)


def showing(name: str, seed: int = SEED):
    """Written mistakes of an operation with observations of them, where a wrong number shows."""
    op = OPERATIONS[name]
    for m in written_of(op):
        options, found = evidence(op, Program(op, (m,)), seed)
        if found:
            yield m, options, found


def settled(op, made, options, found, catalogue=None):
    program = Program(op, made)
    ask = lambda inputs, dy: program.returns(options, Point(inputs, dy))  # noqa: E731 - one line of a helper
    return settle(op, options, found, ask, catalogue=catalogue)


# They leave something behind in a global, so that they do something else whenever they are run.
REMEMBER = {"affine/dw-accumulates-over-calls", "affine/first-calls-x", "relu/first-mask-of-this-shape"}
# Zeros whatever the input: named, and never as the only cause.
ZEROS = {"batch_norm/dx-zero"}


@pytest.mark.parametrize("name", SAMPLE)
def test_every_written_mistake_is_named(name):
    said = {
        m.id: verdict(OPERATIONS[name], options, settled(OPERATIONS[name], (m,), options, found), (m,))
        for m, options, found in showing(name)
        if m.id not in REMEMBER
    }
    assert said and {i for i, v in said.items() if not v.startswith("named")} == ZEROS & set(said)


@pytest.mark.parametrize("name", HELD_OUT)
def test_a_mistake_that_is_held_out_is_given_no_wrong_cause(name):
    op = OPERATIONS[name]
    for m, options, found in showing(name):
        if m.id in REMEMBER:
            continue
        diagnosis = settled(op, (m,), options, found, without(op, m, diagnose(op, options, found)))
        for cause in diagnosis.causes:
            assert alike(op, options, (m,), cause.mistakes[0]), f"{m.id}: {diagnosis.sentence}"


def test_a_mistake_that_nobody_knows_is_not_recognised():
    found = affine_diagnosed(dw=lambda x, dy: np.einsum("nd,nm->dm", np.cos(x), dy))
    assert (found.status, found.causes, found.sentence) == (UNKNOWN, (), "the cause is not recognised")


def test_an_unknown_mistake_with_a_pattern_has_the_pattern():
    found = affine_diagnosed(dw=lambda x, dy: 1.75 * np.einsum("nd,nm->dm", x, dy))
    assert found.status == PATTERN
    assert found.sentence == "dw: every entry is the true one times 1.75"


def test_a_constant_off_in_the_fifth_digit_is_named():
    op = OPERATIONS["gelu"]
    mutant = next(
        m for m in mutants(op) if m.operator == "constant" and "CUBIC * (1" in m.after and "slope" not in m.after
    )
    options, found = evidence(op, Program(op, (mutant,)), SEED)
    diagnosis = settled(op, (mutant,), options, found)
    assert diagnosis.status == CERTAIN and mutant.id in diagnosis.causes[0].ids


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_mistake_is_named_in_both_dtypes(dtype):
    cases = [spec("softmax", {"S": (3,), "C": c}, dtype=dtype, seed=c) for c in (4, 5)]

    def forward(x, axis=-1):
        e = np.exp(x)
        return e / e.sum(axis=axis, keepdims=True), (e / e.sum(axis=axis, keepdims=True), axis)

    def backward(dy, cache):
        y, _ = cache
        return (dy * y * (1 - y),)

    found = diagnose(OPERATIONS["softmax"], {"axis": -1}, observing("softmax", forward, backward, *cases))
    assert found.status == CERTAIN
    assert found.causes[0].sentence.startswith("the derivative is y (1 - y), as for the sigmoid")


def test_a_wrong_shape_is_named():
    found = affine_diagnosed(db=lambda dy: dy.sum(axis=0)[None])
    assert found.status == CERTAIN and "affine/db-keepdims" in found.causes[0].ids
    assert found.patterns["db"] == "an axis of size one too many"


def test_lost_digits_are_named_only_where_the_same_ones_are_lost():
    """tanh' as 1 - y^2 in the tails: the numbers are nearly right, and so are those of every harmless mistake."""
    op = OPERATIONS["tanh"]
    cases = [spec("tanh", {"S": (3, 4)}, seed=s, regime="tails") for s in (5, 6)]

    def lost(dy, y):
        return (dy * (1 - y * y),)

    def noise(dy, y):
        return (dy * (1 - y * y + 3e-16 * np.cos(np.arange(y.size)).reshape(y.shape)),)

    named = diagnose(op, {}, observing("tanh", lambda x: (np.tanh(x), np.tanh(x)), lost, *cases))
    assert named is not None and "tanh/one-minus-y-squared" in [i for c in named.causes for i in c.ids]
    unknown = diagnose(op, {}, observing("tanh", lambda x: (np.tanh(x), np.tanh(x)), noise, *cases))
    assert unknown is not None and unknown.causes == ()


@pytest.mark.parametrize("value", [1.0, 0.0, np.nan])
def test_one_number_whatever_the_input_makes_nothing_certain(value):
    def forward(x, axis=-1):
        return np.full_like(x.sum(axis=-1, keepdims=True), value), x

    cases = [spec("softmax", {"S": (3,), "C": c}, seed=c) for c in (4, 5)]
    found = diagnose(OPERATIONS["softmax"], {"axis": -1}, observing("softmax", forward, lambda dy, x: (x,), *cases))
    only_y = [o for o in observing("softmax", forward, lambda dy, x: (x,), *cases) if o.quantity == "y"]
    assert found.status != CERTAIN
    assert diagnose(OPERATIONS["softmax"], {"axis": -1}, only_y).causes == ()


def test_a_number_that_is_one_at_a_single_point_only_is_told_by_its_digits():
    found = diagnose(
        OPERATIONS["affine"], {},
        observing("affine", affine_forward, affine_backward(db=lambda dy: np.full(dy.shape[1], dy.sum())), AFFINE[0]),
    )  # fmt: skip
    assert found.status == CERTAIN and "sum of all of dy" in found.sentence


# -- two mistakes ----------------------------------------------------------------------------------------------


def test_two_mistakes_in_two_gradients():
    found = affine_diagnosed(db=lambda dy: -dy.sum(axis=0), dw=lambda x, dy: x[-1:].T @ dy[-1:])
    assert found.status == CERTAIN
    assert found.causes[0].sentence == (
        "db has the wrong sign; and dw is assigned in the loop over examples, not added up, so the last one is left"
    ) or found.causes[0].sentence == (
        "dw is assigned in the loop over examples, not added up, so the last one is left; and db has the wrong sign"
    )


def test_two_mistakes_in_one_gradient():
    """The sum of the softmax's Jacobian and the scale of dq: both are in dq, and neither gives it alone."""
    op = OPERATIONS["scaled_dot_product_attention"]
    options = op.defaults()
    by_after = {m.after: m for m in mutants(op)}
    first, second = by_after["ds = p * (dp)"], by_after["dq = ds @ k"]
    both = first.and_also(second)
    cases = [spec(op.name, _sizes(op, options), seed=s) for s in (5, 6)]
    found = settled_of(op, options, observing(op.name, *both.functions(), *cases), both)
    assert found.status == CERTAIN and {"dq", "dk"} <= set(found.wrong)
    assert alike(op, options, found.causes[0].mistakes[0], (both,))
    assert {line.wrong for line in found.causes[0].lines} == {"ds = p * (dp)", "dq = ds @ k"}


def settled_of(op, options, found, mutant):
    return settle(op, options, found, lambda i, dy: run(op, mutant.pair(options), Point(i, dy)))


def test_a_pair_of_one_kind_says_its_words_once_and_where_each_stands():
    op = OPERATIONS["momentum"]
    options = {**op.defaults(), "rate": "inside", "nesterov": False}

    def forward(p, g, v, lr=0.125, momentum=0.9):
        v = momentum * v + lr * g
        return p - v, v, None

    cases = [spec("momentum", {"S": (3, 4)}, seed=s, rate="inside", nesterov=False) for s in (5, 6)]
    sentence = diagnose(op, options, observing("momentum", forward, None, *cases)).causes[0].sentence
    assert sentence == "a sign is turned: `-` is written, where `v_new` is computed and in what is returned"


def test_two_derived_mistakes_are_named_together():
    op = OPERATIONS["softmax_cross_entropy"]
    options = op.defaults()
    by_after = {m.after: m for m in mutants(op)}
    forward = next(m for m in mutants(op) if m.operator == "missing-mean" and m.function == "forward")
    both = forward.and_also(by_after["dlogits = dy * (p + t) / n"])
    cases = [spec("softmax_cross_entropy", {"N": n, "C": 4}, seed=n) for n in (3, 5)]
    found = settled_of(op, options, observing("softmax_cross_entropy", *both.functions(), *cases), both)
    assert found.status == CERTAIN and set(found.wrong) == {"y", "dlogits"}
    assert alike(op, options, found.causes[0].mistakes[0], (both,))


# -- several causes, and none -----------------------------------------------------------------------------------


def test_what_cannot_be_told_apart_is_said_and_settled():
    """With two examples a mean is a half: another number of examples tells."""
    op, two = OPERATIONS["affine"], spec("affine", {"N": 2, "D": 3, "M": 4})
    backward = affine_backward(db=lambda dy: dy.mean(axis=0))
    observations = observing("affine", affine_forward, backward, two)
    found = diagnose(op, {}, observations)
    assert found.status == AMBIGUOUS and len(found.causes) > 1 and found.further is not None
    assert found.sentence.startswith("one of these: ") and "mean" in found.sentence
    asked = []

    def ask(inputs, dy):
        asked.append(len(inputs["x"]))
        pair = pair_of(op, affine_forward, backward, {}, inputs)[0]
        return run(op, pair, Point(inputs, dy))

    certain = settle(op, {}, observations, ask)
    assert certain.status == CERTAIN and "affine/db-mean-instead-of-sum" in certain.causes[0].ids
    assert asked and asked[0] != 2


def test_numbers_without_digits_tell_no_cause():
    """Where the honest rounding is as large as the value, a wrong value says nothing about where it comes from."""
    op = OPERATIONS["affine"]
    observations = observing("affine", affine_forward, affine_backward(db=lambda dy: -dy.sum(axis=0)), *AFFINE)
    blurred = [
        Observation(
            o.inputs, o.cotangent, o.quantity, o.got,
            o.true.__class__(o.true.low, o.true.high, 0 * o.true.allowance + np.abs(o.true.nearest).max() / 2),
        )
        for o in observations
    ]  # fmt: skip
    assert all(blur(o.true, o.got) == np.inf for o in blurred)
    found = diagnose(op, {}, blurred)
    assert found.causes == () and found.status in (UNKNOWN, PATTERN) and found.further is not None


def test_a_mistake_must_leave_right_what_is_right():
    """A turned sign in all gradients is not explained by one in db alone."""
    op = OPERATIONS["affine"]
    only_db = observing("affine", affine_forward, affine_backward(db=lambda dy: -dy.sum(axis=0)), *AFFINE)
    assert diagnose(op, {}, only_db).status == CERTAIN
    spoiled = [
        Observation(o.inputs, o.cotangent, o.quantity, np.sin(o.got) if o.quantity == "dx" else o.got, o.true)
        for o in only_db
    ]
    assert diagnose(op, {}, spoiled).causes == ()


def test_the_frame_names_its_mistakes_itself():
    cause = of_frame("mutated-cotangent", "the backward changes the cotangent dy that it was given")
    assert cause.sentence.startswith("the backward changes the cotangent") and "written over" in cause.explanation
    assert of_frame("beyond-allowance") is None


# -- where it is shown -----------------------------------------------------------------------------------------------


WRONG = """
import numpy as np

def affine_forward(x, w, b):
    return x @ w + b, (x, w)

def affine_backward(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.mean(axis=0)
"""


def test_check_names_the_cause_where_the_operation_is_known(tmp_path, capsys):
    file = tmp_path / "layers.py"
    file.write_text(WRONG, encoding="utf-8")
    assert main(["check", str(file), "--as", "affine"]) == 1
    out = capsys.readouterr().out
    assert "likely cause: db is the mean of dy over the examples, not its sum" in out
    assert "what `db = dy.mean(axis=0)` does; right is `db = dy.sum(axis=0)`" in out
    assert main(["check", str(file), "--shape", "x=3,2", "--shape", "w=2,4", "--shape", "b=4"]) == 1
    out = capsys.readouterr().out
    assert "likely cause" not in out and "pattern: every entry is the true one times" in out


def test_a_right_pair_is_shown_no_cause(tmp_path, capsys):
    file = tmp_path / "layers.py"
    file.write_text(WRONG.replace("mean", "sum"), encoding="utf-8")
    assert main(["check", str(file), "--as", "affine"]) == 0
    assert "likely cause" not in capsys.readouterr().out


def test_a_fault_of_the_frame_says_why_it_is_one():
    from gradproof.causes import likely_cause

    def backward(dy, x):
        dy[x <= 0] = 0
        return (dy.copy(),)

    cases = operation_cases("relu", lambda x: (np.maximum(x, 0), x), backward, 4, 0)
    (line,) = likely_cause("relu", cases)
    assert line.startswith("why it is wrong: An array that was passed in is written over")


def test_observations_of_a_case_hold_every_output_and_gradient():
    op = OPERATIONS["lstm_cell"]
    m = next(m for m in written_of(op) if m.wrong.name == "dc-ignored")
    case = build(spec("lstm_cell", {"N": 2, "D": 3, "H": 4}), op)
    found = seen(op, Program(op, (m,)), case)
    assert [o.quantity for o in found] == ["h", "c", "dx", "dh0", "dc0", "dwx", "dwh", "db"]
