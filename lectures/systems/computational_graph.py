"""Computational graphs: the two printed ones, and any graph of scalars, walked back from the output."""

import inspect
import math

import numpy as np

from .._system import Gradient, Outcome, Run, System
from ._points import normal
from ._scalar_graph import Node, leaves, paths, walk_back


def square_of_double(a):
    """The first graph: c = b^2 with b = 2 a."""
    return (2 * a) ** 2


def two_paths(w1, w2, y):
    """The second graph: L = (y_hat - y)^2, where w2 reaches y_hat by itself and through a.

    Its figure is lost. The printed local gradients, 1 by w1, 1 by w2, 1 by a and 3 of a by w2, are those of
    y_hat = w1 + w2 + a with a = 3 w2.
    """
    a = 3 * w2
    return (w1 + w2 + a - y) ** 2


def scalar_graph(x, w, b, y):
    """A graph with every operation that nodes have, in which nodes are used several times."""
    z = w * x + b
    h = z.sigmoid()
    t = (z * h - x).tanh()
    positive = (t * b).exp() + h**3
    ratio = (y - t) / positive
    return ratio.relu() + (1 / (2 + ratio**2)).log() - positive * positive + 3 * w


def as_pair(graph):
    """A graph of nodes as forward and backward of scalars."""

    def forward(*values):
        inputs = [Node(value) for value in values]
        output = graph(*inputs)
        return output.value, (output, inputs)

    def backward(dy, cache):
        output, inputs = cache
        bars = walk_back(output, dy)
        return tuple(bars.get(node, 0 * node.value) for node in inputs)

    forward.__signature__ = inspect.signature(graph)  # the inputs keep their names
    return forward, backward


def _walk(steps):
    """A path's local gradients and their product, as one reads them."""
    return " x ".join(f"{step:g}" for step in steps) + f" = {math.prod(steps):g}"


def run(run: Run) -> Outcome:
    """The printed graphs on their numbers, each path told, and the general one at a random point."""
    rng = np.random.default_rng(run.seed)
    (a,) = leaves(a=3.0)
    c = square_of_double(a)
    (steps,) = paths(c, a)
    lines = [f"c = b^2, b = 2a at a = 3: dc/da = {_walk(steps)}; the lecture's 8a = {8 * a.value:g}"]

    w1, w2, y = leaves(w1=2.0, w2=3.0, y=17.0)
    loss = two_paths(w1, w2, y)
    bars = walk_back(loss)
    lines.append("L = (14 - 17)^2, from w1 = 2 and w2 = 3: any with w1 + 4 w2 = 14 would do, the figure is lost")
    for node, printed in ((w1, -6), (w2, -24)):
        told = " + ".join(f"({_walk(steps)})" for steps in paths(loss, node))
        lines.append(f"dL/d{node.name} = {told} = {bars[node]:g}   printed {printed}")

    point = rng.standard_normal(4)
    inputs = leaves(**dict(zip("xwby", point, strict=True)))
    output = scalar_graph(*inputs)
    found = walk_back(output)
    gradient = np.array([found[node] for node in inputs])
    lines.append(
        f"a graph of {len(found)} nodes: "
        + ", ".join(f"d{n.name} = {found[n]:+.6f} over {len(list(paths(output, n)))} paths" for n in inputs)
    )
    printed = np.array([bars[w1], bars[w2]])
    return Outcome(tuple(lines), {"printed": printed, "point": point, "gradient": gradient})


SYSTEM = System(
    name="computational_graph",
    lecture="004",
    headings=(
        "The Chain Rule on a Simple Network",
        "Chain Rule in Back Propagation",
        "The 2nd example of backpropagation",
    ),
    summary="computational graphs of scalars, walked back: both printed ones and a general one",
    run=run,
    gradients=(
        Gradient("graph_square_of_double", *as_pair(square_of_double), normal(a=())),
        Gradient("graph_two_paths", *as_pair(two_paths), normal(w1=(), w2=(), y=())),
        Gradient("scalar_graph", *as_pair(scalar_graph), normal(x=(), w=(), b=(), y=())),
    ),
)
