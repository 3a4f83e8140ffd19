"""What the computational graphs and the scalar networks of lecture 004 are to show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradproof.lectures import Gradient, Run, proving
from gradproof.lectures.systems import _wu, computational_graph, scalar_two_layer, univariate_logistic
from gradproof.lectures.systems._scalar_graph import Node, leaves, paths, walk_back
from gradproof.lectures.training import History


def run(module, epochs=None, seed=0, size="small"):
    history = History()
    system = module.SYSTEM
    outcome = system.run(Run(seed, system.epochs if epochs is None else epochs, history, size=size))
    return outcome, history.records


# -- computational graphs ----------------------------------------------------------------------------------------------


def test_the_printed_graphs():
    outcome, _ = run(computational_graph, 0)
    assert outcome.arrays["printed"].tolist() == [-6, -24]
    for value in (-3, 1, 7):
        (a,) = leaves(a=value)
        assert walk_back(computational_graph.square_of_double(a))[a] == 8 * value


def random_graph(seed, steps=14):
    """A graph of four leaves and so many operations on nodes drawn among all that there are: most are used again."""

    def graph(x, y, z, w):
        rng = np.random.default_rng(seed)
        nodes = [x, y, z, w]
        for _ in range(steps):
            # Recent nodes more often; tanh before what grows, so that no value runs away.
            p, q = (nodes[-1 - min(int(rng.exponential(3)), len(nodes) - 1)] for _ in range(2))
            make = [
                lambda p, q: p + q,
                lambda p, q: p * q,
                lambda p, q: p.tanh() ** 3,
                lambda p, q: p.tanh().exp(),
                lambda p, q: (2 + q.tanh()).log(),
                lambda p, q: p.sigmoid() * p,
                lambda p, q: (1 - p) / (2 + q.sigmoid()),
                lambda p, q: p.relu() - q,
            ][rng.integers(8)]
            nodes.append(make(p, q))
        return nodes[-1] + x * y + z * w

    return graph


@pytest.mark.parametrize("seed", range(12))
def test_random_graphs_are_proved(seed):
    point = computational_graph.normal(x=(), y=(), z=(), w=())
    gradient = Gradient("random_graph", *computational_graph.as_pair(random_graph(seed)), point)
    assert proving.prove(gradient, seed).status == "proved"


def test_a_graph_that_forgets_one_of_two_uses_is_refuted():
    """A walk that overwrites a bar in place of adding to it: the chain rule along one path only."""

    def overwriting(dy, cache):
        output, inputs = cache
        bars = {output: dy}
        order = [output]
        for node in order:
            for parent, local in node.parents:
                bars[parent] = bars[node] * local
                order.append(parent)
        return tuple(bars[node] for node in inputs)

    gradient = next(g for g in computational_graph.SYSTEM.gradients if g.name == "graph_two_paths")
    assert proving.prove(replace(gradient, backward=overwriting)).status == "refuted"


def test_the_bar_is_the_sum_over_paths():
    """On whole numbers, where nothing is rounded: x reaches the output over ten nodes of two uses, 2^10 paths."""
    (x,) = leaves(x=1)
    node = x
    for _ in range(10):
        node = node * node
    products = [int(np.prod(path)) for path in paths(node, x)]
    assert len(products) == 2**10
    assert walk_back(node)[x] == sum(products) == 2**10


def test_a_deep_graph_needs_no_recursion():
    (x,) = leaves(x=1)
    node = x
    for _ in range(5000):
        node = node + x
    assert walk_back(node)[x] == 5001


def test_nodes_with_arrays_of_no_dimension_on_either_side():
    (x,) = leaves(x=np.array(3.0))
    for node in (np.array(2.0) * x, x * np.array(2.0), 2 * x, np.float64(2) * x):
        assert isinstance(node, Node) and node.value == 6 and walk_back(node)[x] == 2
    assert walk_back(1 / x)[x] == -1 / 9
    assert (4 - x).value == 1 and walk_back(4 - x)[x] == -1
    assert walk_back(leaves(k=-1.0)[0].relu()) != {}


@pytest.mark.parametrize("n", [0, -1, 0.5, True, Node(2.0)])
def test_powers_that_a_node_does_not_take(n):
    with pytest.raises(ValueError, match="whole number from 1 on"):
        leaves(x=2.0)[0] ** n


# -- the univariate and the scalar network -----------------------------------------------------------------------------


def test_cumbersome_and_structured_derivatives_are_the_graphs():
    rng = np.random.default_rng(1)
    for w, b, x, y in rng.standard_normal((20, 4)):
        _, cache = univariate_logistic.logistic_forward(w, b, x, y)
        cumbersome = univariate_logistic.cumbersome_backward(1.0, cache)
        assert cumbersome == univariate_logistic.structured_backward(1.0, cache)
        at = leaves(w=w, b=b)
        found = walk_back(((at[0] * x + at[1]).sigmoid() - y) ** 2 * 0.5)
        for node, right in zip(at, cumbersome, strict=True):
            assert abs(found[node] - right) <= 16 * np.finfo(float).eps * abs(x * right) + 1e-15


def test_the_number_of_evaluations_of_phi(monkeypatch):
    calls = []
    right = univariate_logistic.phi
    monkeypatch.setattr(univariate_logistic, "phi", lambda z: calls.append(z) or right(z))
    _, cache = univariate_logistic.logistic_forward(1.0, 2.0, 3.0, 4.0)
    univariate_logistic.structured_backward(1.0, cache)
    assert len(calls) == 1
    univariate_logistic.cumbersome_backward(1.0, cache)
    assert len(calls) == 7


def test_the_logistic_unit_finds_the_line_that_made_its_targets():
    outcome, records = run(univariate_logistic)
    assert records[-1]["loss"] < 1e-4 * records[0]["loss"]
    assert "same bits in 2000 of 2000 steps" in outcome.lines[1]
    assert np.round([outcome.arrays["w"], outcome.arrays["b"]], 1).tolist() == [3.0, -1.0]


def test_without_biases_the_scalar_network_names_one_class():
    for seed in range(4):
        outcome, records = run(scalar_two_layer, seed=seed)
        assert records[-1]["loss"] < records[0]["loss"]
        side = outcome.arrays["y_hat"] > 0.5
        assert side.all() if outcome.arrays["w2"] > 0 else not side.any()


def test_the_scalar_networks_dw1_without_w2_is_refuted():
    (right,) = scalar_two_layer.SYSTEM.gradients

    def wrong(dL, cache):
        _, x, y, a, h, y_hat = cache
        s = _wu.sigmoid(a)
        return dL * (y_hat - y) * s * (1 - s) * x, dL * (y_hat - y) * h

    assert proving.prove(replace(right, backward=wrong)).status == "refuted"
