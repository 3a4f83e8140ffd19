"""A graph of scalars that is walked back from its output: each node knows its parents and the local gradients.

The local gradient is that of the node's value by the parent's. Walking back multiplies it into the node's *bar*, the
derivative of the output by the node, and adds the product to the parent's bar: so the bar of a node is the sum over
all paths to the output of the products along them, the multivariate chain rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward


class Node:
    """A scalar of a graph: a leaf where it has no parents, else the value of an operation on its parents.

    value: a float, a 0-d array, or an exact number. parents: (node, local gradient), one for each operand, so that a
    node stands there twice where it is used twice, as in b * b. A constant becomes no node of its own.
    """

    __slots__ = ("name", "parents", "value")
    __array_ufunc__ = None  # or a 0-d array on the left would make an array of nodes

    def __init__(self, value: Any, parents: tuple[tuple[Node, Any], ...] = (), name: str = "") -> None:
        self.value, self.parents, self.name = value, parents, name

    def __add__(self, other: Any) -> Node:
        if not isinstance(other, Node):
            return Node(self.value + other, ((self, 1),))
        return Node(self.value + other.value, ((self, 1), (other, 1)))

    def __mul__(self, other: Any) -> Node:
        if not isinstance(other, Node):
            return Node(self.value * other, ((self, other),))
        return Node(self.value * other.value, ((self, other.value), (other, self.value)))

    def __pow__(self, n: int) -> Node:
        """A whole power, n >= 1; nodes as exponents are not taken."""
        if isinstance(n, bool) or not isinstance(n, int) or n < 1:
            raise ValueError(f"the power {n!r} is no whole number from 1 on; write other powers with exp and log")
        return Node(self.value**n, ((self, n * self.value ** (n - 1) if n > 1 else 1),))

    def reciprocal(self) -> Node:
        r = 1 / self.value
        return Node(r, ((self, -r * r),))

    def exp(self) -> Node:
        e = np.exp(self.value)
        return Node(e, ((self, e),))

    def log(self) -> Node:
        return Node(np.log(self.value), ((self, 1 / self.value),))

    def tanh(self) -> Node:
        t = np.tanh(self.value)
        return Node(t, ((self, 1 - t * t),))

    def sigmoid(self) -> Node:
        s, at_s = sigmoid_forward(self.value)
        return Node(s, ((self, sigmoid_backward(1, at_s)[0]),))

    def relu(self) -> Node:
        """max(0, x); at the kink the local gradient is 0."""
        positive = self.value > 0
        return Node(self.value * positive, ((self, positive),))

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Node:
        return self * -1

    def __sub__(self, other: Any) -> Node:
        return self + -other

    def __rsub__(self, other: Any) -> Node:
        return -self + other

    def __truediv__(self, other: Any) -> Node:
        return self * (other.reciprocal() if isinstance(other, Node) else 1 / other)

    def __rtruediv__(self, other: Any) -> Node:
        return self.reciprocal() * other


def walk_back(output: Node, bar: Any = 1) -> dict[Node, Any]:
    """The bar of every node that the output depends on: `bar` times the derivative of the output by that node.

    Each node is met once, after all that use it, so the price is one multiplication and addition an edge; the number
    of paths, over which the bar is the sum, may be exponential in the number of nodes.
    """
    bars: dict[Node, Any] = {output: bar}
    for node in reversed(_parents_first(output)):
        for parent, local in node.parents:
            passed = bars[node] * local
            bars[parent] = bars[parent] + passed if parent in bars else passed
    return bars


def _parents_first(output: Node) -> list[Node]:
    """Every node below the output, parents before what uses them; without recursion, for graphs of any depth."""
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(output, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent, _ in node.parents)
    return order


def paths(output: Node, leaf: Node) -> Iterator[tuple[Any, ...]]:
    """The local gradients along each path from the output back to the leaf, one tuple a path."""
    if output is leaf:
        yield ()
    for parent, local in output.parents:
        for rest in paths(parent, leaf):
            yield (local, *rest)


def leaves(**values: Any) -> list[Node]:
    """A leaf for each value, with its name."""
    return [Node(value, name=name) for name, value in values.items()]
