"""At ties: gradients whose entries are right one by one, and wrong together; and right ones of every convention."""

import numpy as np
import pytest

import gradproof
from gradproof.exact_runs import run_jets
from gradproof.jets import Jet
from gradproof.pair import of_operation
from gradproof.power.points import drawn
from gradproof.reference import operations
from gradproof.subgradients import Span
from gradproof.truth import find_truth


def largest(x):
    return x.max(axis=1), x


def shares(rule):
    """A backward of `largest`: `rule` says how a row's dy is shared among its entries, given which are largest."""

    def backward(dy, x):
        return (rule((x == x.max(axis=1, keepdims=True)).astype(x.dtype)) * dy[:, None],)

    return backward


def first(tied):
    return tied * (np.cumsum(tied, axis=1) == 1)


TIED = np.array([[1.0, 3.0, 3.0, 3.0], [2.0, 2.0, 0.0, 1.0], [5.0, 1.0, 2.0, 3.0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "rule",
    [
        first,
        lambda tied: first(tied[:, ::-1])[:, ::-1],
        lambda tied: tied / tied.sum(axis=1, keepdims=True),
        lambda tied: tied * np.array([0.25, 0.75, 0.125, 0.125]) / (tied @ [0.25, 0.75, 0.125, 0.125])[:, None],
    ],
    ids=["first", "last", "evenly", "by-weights"],
)
def test_every_way_to_share_is_right(rule, dtype):
    def backward(dy, x):
        return (shares(rule)(dy, x)[0].astype(dtype),)

    gradproof.check(largest, backward, TIED.astype(dtype))


@pytest.mark.parametrize(
    "rule", [lambda tied: tied, lambda tied: 0 * tied, lambda tied: first(tied) / 2], ids=["all", "none", "half"]
)
def test_what_is_handed_out_twice_or_lost_is_wrong(rule):
    with pytest.raises(gradproof.Mismatch) as error:
        gradproof.check(largest, shares(rule), TIED[:2])
    assert {f.status for f in error.value.findings if f.quantity == "dx"} == {"wrong"}


def test_the_message_says_what_the_entries_add_up_to():
    with pytest.raises(gradproof.Mismatch, match=r"together they are no subgradient: added up, the entries give") as e:
        gradproof.check(largest, shares(lambda tied: tied), TIED[:2])
    assert "refuted" not in str(e.value) and "no subgradient at a tie" in str(e.value)


def test_two_inputs_share_one_tie():
    def forward(a, b):
        return np.maximum(a, b), (a, b)

    def both(dy, cache):
        a, b = cache
        return dy * (a >= b), dy * (b >= a)

    def halves(dy, cache):
        a, b = cache
        return dy * ((a > b) + 0.5 * (a == b)), dy * ((b > a) + 0.5 * (a == b))

    a, b = np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 3.0])
    gradproof.check(forward, halves, a, b)
    with pytest.raises(gradproof.Mismatch, match="da and db could be right alone"):
        gradproof.check(forward, both, a, b)


def test_kinks_of_both_signs_keep_their_own_sides():
    """|a| - |b| at zero: the choices of the two absolute values have nothing to do with each other."""

    def forward(a, b):
        return (np.abs(a) - np.abs(b)).sum(), None

    for p, q in [(1, 1), (-1, 1), (0, 0), (0.5, -1)]:
        gradproof.check(forward, lambda dy, _, p=p, q=q: (dy * np.full(2, p), dy * np.full(2, q)), *np.zeros((2, 2)))


def test_a_branch_by_a_mask_is_not_asked():
    op = operations()["leaky_relu"]
    x = np.zeros(3)
    truth = find_truth(of_operation(op, op.defaults()), {"x": x}, [np.ones(3)])
    assert truth.source == "one-sided derivatives" and truth.together == ()


@pytest.mark.parametrize("name", ["relu", "max_pool2d", "hinge", "clip", "reduce_max", "global_max_pool2d"])
def test_without_a_tie_the_span_is_the_slope(name):
    op = operations()[name]
    point = next(p for p in drawn(op, 40, 3) if p.spec.regime == "ordinary")
    pair, inputs = point.pair, point.case.inputs
    rng = np.random.default_rng(3)
    direction = {n: rng.normal(size=inputs[n].size).tolist() for n in pair.differentiable}
    plain, spans = (run_jets(pair, inputs, direction, 128, kind) for kind in (Jet, Span))
    assert [v.str() for v in plain[0]] == [v.str() for v in spans[0]]
    assert any(s is not None for s in plain[1])
    for a, b in zip(plain[1], spans[1], strict=True):
        assert (a is None and b is None) or ((0 if a is None else a) - (0 if b is None else b)).contains(0)
