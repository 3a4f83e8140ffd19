"""Mutation operators over the reference's source: each of them at work, and mutants that run as the reference does."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from gradproof.mistakes import derived
from gradproof.mistakes.catalogue import mistakes, written_names, written_of
from gradproof.mistakes.derived import mutants
from gradproof.mistakes.fitting import run, same
from gradproof.mistakes.operators import operators
from gradproof.mistakes.probing import probes
from gradproof.mistakes.source import reached
from gradproof.pair import of_operation
from reference import operations

OPERATIONS = operations()

# operator: operation, the line of the reference, and the line with the mistake
AT_WORK = {
    "alias": ("max_pool2d", "y = padded[first].copy()", "y = padded[first]"),
    "another-cached": ("affine", "return x @ w + b, (x, w)", "return x @ w + b, (x, x)"),
    "another-count": ("layer_norm", "count = xhat.shape[1]", "count = xhat.shape[0]"),
    "another-value": ("affine", "dx = dy @ w.T", "dx = dy @ x.T"),
    "assigned-for-added": ("embedding", "np.add.at(dw, x, dy)", "dw[x] = dy"),
    "axis": ("affine", "db = dy.sum(axis=0)", "db = dy.sum(axis=1)"),
    "cast": ("tanh", "", "astype(np.float32)"),
    "constant": ("gelu", "0.044715|CUBIC", "(CUBIC * (1 + 1e-05))"),
    "ddof": ("batch_norm", "/ count", "/ (count - 1)"),
    "derivative-at-output": ("silu", "", "silu_forward("),
    "dimension": ("softmax", "keepdims=True", "keepdims=False"),
    "dropped-factor": ("multiply", "", ""),
    "dropped-term": ("gelu", "dx = dy * (p + x * density)", "dx = dy * (x * density)"),
    "epsilon-added": ("softmax", "y = e / e.sum(axis=axis, keepdims=True)", "+ 1e-8)"),
    "epsilon-place": ("batch_norm", "np.sqrt(variance + epsilon)", "np.sqrt(variance) + epsilon"),
    "epsilon-value": ("batch_norm", "variance + epsilon", "10 * epsilon"),
    "factor-for-divisor": ("softmax", "e / e.sum", "e * e.sum"),
    "factor-twice": ("gelu", "dx = dy * (p + x * density)", "* (p + x * density)"),
    "factor-two": ("affine", "dw = x.T @ dy", "dw = 2 * (x.T @ dy)"),
    "function-missing": ("adam", "np.sqrt(v_new / c2)", "v_new / c2"),
    "gate-order": ("lstm_cell", "for gate in gates", "for gate in gates[::-1]"),
    "gradient-forgotten": ("affine", "return dx, dw, db", "return dx, 0 * dw, db"),
    "in-place": ("gelu", "dx = dy * (p + x * density)", "dx = np.multiply(dy, p + x * density, out=dy)"),
    "log-base": ("binary_cross_entropy", "np.log(p)", "np.log(p) / 0.69314"),
    "margins-swapped": ("conv2d", "(m // 2, m - m // 2)", "(m - m // 2, m // 2)"),
    "mask-missing": ("hinge", "(np.maximum(excess, 0) * ~right)", "(np.maximum(excess, 0))"),
    "mean-for-sum": ("affine", "db = dy.sum(axis=0)", "db = dy.mean(axis=0)"),
    "missing-mean": ("softmax_cross_entropy", "dlogits = dy * (p - t) / n", "dlogits = dy * (p - t)"),
    "no-shift": ("softmax", "np.exp(x - x.max(axis=axis, keepdims=True))", "np.exp(x)"),
    "off-by-one": ("positional_encoding", "np.arange(", "+ 1)"),
    "one-row": ("affine", "db = dy.sum(axis=0)", "db = dy[0]"),
    "opposite-function": ("maximum", "np.maximum", "np.minimum"),
    "option-ignored": ("adam", 'if epsilon == "corrected":', "if True:"),
    "order": ("affine", "return dx, dw, db", "return dw, dx, db"),
    "power-changed": ("gelu", "size**3", "size ** (3 - 1)"),
    "side": ("relu", "", ""),
    "sign": ("affine", "return x @ w + b, (x, w)", "return x @ w - b, (x, w)"),
    "slope-missing": ("lstm_cell", "sigmoid_backward(dc * g, at_i)[0]", "(dc * g,)[0]"),
    "step-count": ("adam", "bias_correction(beta1, step)", "bias_correction(beta1, (step - 1))"),
    "strictness": ("relu", "x > 0", "x >= 0"),
    "stride": ("conv2d", "stride", "1"),
    "sum-forgotten": ("softmax", "(dy * y).sum(axis=axis, keepdims=True)", "dy * y"),
    "transpose": ("affine", "dx = dy @ w.T", "dx = dy @ w.reshape(w.shape[::-1])"),
    "unstable": ("batch_norm", "np.einsum", "** 2"),
    "upstream-ignored": ("affine", "dx = dy @ w.T", "dx = np.ones_like(dy) @ w.T"),
    "way-back-cut": ("affine", "dx = dy @ w.T", "dx = 0 * (dy @ w.T)"),
    "whole-number": ("variance", "2 *", ""),
    "whole-sum": ("affine", "db = dy.sum(axis=0)", "dy.sum())"),
}


def test_every_operator_is_shown_at_work():
    assert set(AT_WORK) == set(operators())


@pytest.mark.parametrize("name", AT_WORK)
def test_an_operator_makes_its_mistake(name):
    operation, before, after = AT_WORK[name]
    made = [m for m in mutants(OPERATIONS[operation]) if m.operator == name]
    befores = before.split("|")
    found = [m for m in made if any(b in m.before for b in befores) and after in m.after and m.before != m.after]
    assert found, [(m.before, m.after) for m in made]
    assert all(m.sentence and m.explanation and m.line > 0 and m.place.endswith(".py") for m in found)
    assert found[0].functions()[0] is not None


def differs(mutant, op, options):
    """Does a mutant return something else than the reference on a probe, or raise?"""
    for point in probes(op, options):
        right = run(op, of_operation(op, options), point)
        try:
            got = run(op, mutant.pair(options), point)
        except Exception:
            return True
        if set(got) != set(right) or any(not same(got[q], right[q], 0.0) for q in right):
            return True
    return False


SILENT = ("alias", "in-place")  # what they do is no number


@pytest.mark.parametrize("name", sorted(set(AT_WORK) - set(SILENT)))
def test_a_mutant_is_another_program(name):
    op = OPERATIONS[AT_WORK[name][0]]
    every = [
        dict(zip(op.options, values, strict=True)) for values in zip(*map(list, op.options.values()), strict=False)
    ]
    settings = [op.defaults(), *every]
    made = [m for m in mutants(op) if m.operator == name]
    assert any(differs(m, op, options) for m in made for options in settings)


def test_in_place_and_alias_change_the_frame_and_no_number():
    op = OPERATIONS["gelu"]
    mutant = next(m for m in mutants(op) if m.operator == "in-place" and m.function == "backward" and "dy" in m.after)
    point = probes(op, op.defaults())[0]
    dy = point.cotangent.copy()
    forward, backward = mutant.functions()
    _, cache = forward(*point.inputs.values())
    backward(dy, cache)
    assert not np.array_equal(dy, point.cotangent)


def test_the_catalogue_is_large_and_every_id_its_own():
    made = [m for op in OPERATIONS.values() for m in mutants(op)]
    wrote = [m for op in OPERATIONS.values() for m in written_of(op)]
    assert len(made) >= 1000 and len(wrote) >= 150
    assert [i for i, n in Counter(m.id for m in [*made, *wrote]).items() if n > 1] == []
    assert {m.operator for m in made} == set(operators())
    assert set(written_names()) == set(OPERATIONS)


def test_every_written_mistake_has_a_sentence_of_its_own_operation():
    for op in OPERATIONS.values():
        for m in written_of(op):
            assert m.sentence and m.explanation and "\n" not in m.sentence, m.id
            assert not m.sentence.endswith(".") and m.sentence != m.wrong.name, m.id


def test_mutants_are_the_same_each_time():
    op = OPERATIONS["lstm_cell"]
    first = [(m.id, m.after) for m in mutants(op)]
    derived._mutants.cache_clear()
    assert [(m.id, m.after) for m in mutants(op)] == first


@pytest.mark.parametrize("name", OPERATIONS)
def test_mutants_compile(name):
    for mutant in mutants(OPERATIONS[name])[::9]:
        forward, backward = mutant.functions()
        assert callable(forward) and (backward is None) == (OPERATIONS[name].backward is None), mutant.id


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_unchanged_build_computes_what_the_reference_does(name):
    op = OPERATIONS[name]
    names = derived.build(op, ())
    point = probes(op, op.defaults())[0]
    y = names[op.forward.__name__](*point.inputs.values(), **op.defaults())[0]
    np.testing.assert_array_equal(y, op.forward(*point.inputs.values(), **op.defaults())[0])


def test_a_mistake_in_a_shared_file_reaches_the_operation():
    op = OPERATIONS["multi_head_attention"]
    assert "_attention" in {r.module.name for r in reached(op)}
    mutant = next(m for m in mutants(op) if m.place == "_attention.py" and m.operator == "dropped-factor")
    assert differs(mutant, op, op.defaults())


def test_checks_of_arguments_are_no_formulas():
    assert not any(m.before.startswith("check_") for op in OPERATIONS.values() for m in mutants(op))


def test_a_mutant_keeps_its_line_numbers():
    op = OPERATIONS["affine"]
    mutant = next(m for m in mutants(op) if m.operator == "order" and m.before == "return dx, dw, db")
    _, backward = mutant.functions()
    assert op.backward.__code__.co_firstlineno == backward.__code__.co_firstlineno
    assert backward.__code__.co_filename == op.backward.__code__.co_filename


def test_two_mistakes_are_made_together_unless_they_overlap():
    op = OPERATIONS["affine"]
    by_after = {m.after: m for m in mutants(op)}
    mean, negative = by_after["db = dy.mean(axis=0)"], by_after["dw = -(x.T @ dy)"]
    both = mean.and_also(negative)
    point = probes(op, {})[0]
    got, right = run(op, both.pair({}), point), run(op, of_operation(op, {}), point)
    np.testing.assert_allclose(got["dw"], -right["dw"])
    np.testing.assert_allclose(got["db"], right["db"] / len(point.cotangent))
    assert mean.and_also(by_after["db = dy[0]"]) is None


def test_the_reference_itself_stays_as_it_is():
    op = OPERATIONS["affine"]
    point = probes(op, {})[0]
    before = run(op, of_operation(op, {}), point)
    for mutant in mutants(op):
        mutant.functions()
    after = run(op, of_operation(op, {}), point)
    assert all(np.array_equal(before[q], after[q]) for q in before)


def test_a_written_mistake_holds_the_options_it_was_made_under():
    op = OPERATIONS["conv2d"]
    dilated = next(m for m in mistakes(op) if m.id == "conv2d/dw-without-dilation")
    assert dilated.applies({"stride": 1, "padding": "valid", "dilation": 2, "groups": 1})
    assert not dilated.applies(op.defaults())


def test_a_written_mistake_applies_under_other_options_that_it_takes_and_is_wrong_under():
    by_id = {m.id: m for name in ("adam", "lstm_cell", "inverted_dropout") for m in written_of(OPERATIONS[name])}
    assert by_id["adam/no-correction"].applies({**OPERATIONS["adam"].defaults(), "step": 100})
    assert by_id["lstm_cell/dc-ignored"].applies({"gates": "ifog"})
    rate = by_id["inverted_dropout/divided-by-the-rate"]
    assert rate.applies({"rate": 0.3}) and not rate.applies({"rate": 0.5})  # where both rates are the same
