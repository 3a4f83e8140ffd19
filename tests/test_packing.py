"""Operations of several outputs, of buffers, and of no derivative at all: drawn, judged, and wrong ones found."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof import packing
from gradproof.cases import build, example_sizes, parse, shape_of, simpler
from gradproof.checking import _as_operation
from gradproof.drawing import plain_specs
from gradproof.judging import judge_case, refused
from gradproof.panel import Panel
from gradproof.reference._domain import dimension, labels, mask, real
from gradproof.reference._op import Op


def standardise_forward(x, weight, keep):
    """Standardised rows, and the mean as a buffer that no gradient flows through."""
    mean = (x * keep).sum(axis=1)
    return x * weight, x.sum(axis=0), mean, (x, weight)


def standardise_backward(dy, dtotal, cache):
    x, weight = cache
    return dy * weight + dtotal, (dy * x).sum(axis=0)


TWO = Op(
    name="two",
    forward=standardise_forward,
    backward=standardise_backward,
    inputs=(real("x", "N 2K"), real("weight", "2K"), mask("keep", "N 2K")),
    cite="nowhere",
    outputs=("y", "total", "mean"),
    buffers=("mean",),
    sizes={"K": (2, 3)},
    empty=("N",),
)


def step_forward(p, v, g):
    """One step of momentum."""
    new = 0.9 * v - 0.1 * g
    return p + new, new, None


STEP = Op(
    name="step",
    forward=step_forward,
    backward=None,
    inputs=tuple(real(name, "*S", differentiable=False) for name in "pvg"),
    cite="nowhere",
    outputs=("p_new", "v_new"),
)


def cases(op, count=40):
    return list(plain_specs(op, count, 0, ("float32", "float64")))


def test_dimensions():
    assert [dimension(t) for t in ("N", "*S", "4H", "1")] == [(1, "N"), (1, "S"), (4, "H"), (1, "")]
    for wrong in ("", "n", "4", "H4", "-1", "*"):
        if wrong == "4":
            assert dimension(wrong) == (4, "")
        else:
            with pytest.raises(ValueError, match="is no dimension"):
                dimension(wrong)


def test_joined_and_split_are_each_others_inverse():
    parts = [np.arange(6.0).reshape(2, 3), np.array(7.0), np.empty((0, 2))]
    again = packing.split(packing.joined(parts), [p.shape for p in parts])
    assert [np.asarray(a).tolist() for a in again] == [p.tolist() for p in parts]


def test_sizes_are_only_those_that_are_declared_and_factors_multiply():
    drawn = cases(TWO)
    assert {dict(spec.sizes)["K"] for spec in drawn} == {2, 3}
    assert 0 in {dict(spec.sizes)["N"] for spec in drawn} and 1 in {dict(spec.sizes)["N"] for spec in drawn}
    for spec in drawn:
        sizes = dict(spec.sizes)
        assert shape_of(TWO.inputs[0], sizes) == (sizes["N"], 2 * sizes["K"])
        assert parse(spec.id, {"two": TWO}) == spec
        assert all(dict(other.sizes)["K"] in (2, 3) for other in simpler(spec, TWO.sizes))
    with pytest.raises(ValueError, match="K of two is one of 2, 3"):
        parse("two:f64:N3,K5:-:ordinary:contiguous:1", {"two": TWO})
    assert example_sizes(TWO, {})["K"] == 2


def test_masks_have_a_true_in_every_row():
    for spec in cases(TWO):
        keep = build(spec, TWO).inputs["keep"]
        assert keep.dtype == bool and keep.any(axis=1).all()


def test_a_buffer_has_a_zero_cotangent_and_the_others_a_generic_one():
    for spec in cases(TWO):
        case = build(spec, TWO)
        shapes = [shape for _, shape in case.parts]
        assert [name for name, _ in case.parts] == ["y", "total", "mean"]
        for dy in case.cotangents:
            dy, dtotal, dmean = packing.split(dy, shapes)
            assert not dmean.any() and dtotal.all() and dy.all()


@pytest.mark.parametrize("op", [TWO, STEP], ids=["two", "step"])
def test_each_output_is_a_quantity_of_its_own_and_agrees(op):
    with Panel([]) as panel:
        for spec in cases(op, 24):
            if refused(spec, op):
                continue
            findings = judge_case(spec, op, panel).findings
            expected = [*op.outputs, *(f"d{n}" for n in op.differentiable({}))]
            assert [f.quantity for f in findings] == expected
            assert {f.status for f in findings} == {"agree"}, findings


def verdicts(op, forward, backward):
    spec = next(s for s in cases(op) if s.regime == "ordinary" and s.dtype == "float64")
    checked = _as_operation(op, build(spec, op), forward, backward, {})
    return {f.quantity: f.reason for f in checked.findings if f.failed}


def test_a_wrong_output_is_named():
    def wrong(x, weight, keep):
        y, total, mean, cache = standardise_forward(x, weight, keep)
        return y, total, mean + 1, cache

    assert verdicts(TWO, standardise_forward, standardise_backward) == {}
    assert verdicts(TWO, wrong, standardise_backward) == {"mean": "beyond-allowance"}


def test_an_output_in_another_shape_is_named_though_it_has_as_many_entries():
    def turned(x, weight, keep):
        y, total, mean, cache = standardise_forward(x, weight, keep)
        return y.ravel(), total, mean, (y.shape, cache)

    def turned_back(dy, dtotal, cache):
        return standardise_backward(dy.reshape(cache[0]), dtotal, cache[1])

    assert verdicts(TWO, turned, turned_back)["y"] == "wrong-shape"


def test_a_wrong_gradient_through_one_output_is_found():
    def wrong(dy, dtotal, cache):
        return standardise_backward(dy, 0 * dtotal, cache)

    assert verdicts(TWO, standardise_forward, wrong) == {"dx": "beyond-allowance"}


def test_a_step_without_a_derivative_is_judged_by_its_outputs():
    def right(p, v, g):
        new = v * 0.9 - g * 0.1
        return p + new, new

    def wrong(p, v, g):
        new = v * 0.9 + g * 0.1
        return p + new, new

    def short(p, v, g):
        return p

    assert verdicts(STEP, right, None) == {}
    assert set(verdicts(STEP, wrong, None)) == {"p_new", "v_new"}
    assert verdicts(STEP, short, None) == {"p_new": "convention"}


def test_labels_may_repeat_and_count_another_axis():
    op = Op(
        name="rows",
        forward=lambda w, at: (w[at], (w.shape, at)),
        backward=lambda dy, cache: ((np.arange(cache[0][0])[:, None] == cache[1]).astype(dy.dtype) @ dy,),
        inputs=(real("w", "V D"), labels("at", "N", classes="V")),
        cite="nowhere",
    )
    with Panel([]) as panel:
        for spec in cases(op, 12):
            assert {f.status for f in judge_case(spec, op, panel).findings} == {"agree"}
