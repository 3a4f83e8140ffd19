"""What a mutation operator is: where in a function it applies, and what it writes there instead.

The standard library's `ast` finds the place; the new text goes into the source itself, at the node's own columns.
So every other character stays, line numbers too, and the changed line can be shown as it would stand in the file:
what libcst's round trip would give, without another dependency.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..source import Reached

Found = Iterator["Change"]


@dataclass(frozen=True)
class Change:
    """The text that replaces a node; said: what the operator's sentence says of this place, or "" for nothing."""

    node: ast.AST
    text: str
    said: str = ""


@dataclass(frozen=True)
class Operator:
    """One kind of mistake that can be made anywhere. find: the changes that it makes at a node."""

    id: str
    sentence: str
    explanation: str
    find: Callable[[ast.AST, Site], Found]


OPERATORS: dict[str, Operator] = {}


def operator(
    id: str, sentence: str, explanation: str
) -> Callable[[Callable[[ast.AST, Site], Found]], Callable[[ast.AST, Site], Found]]:
    """Register the function below as the operator `id`. sentence: what was done, in one line; explanation: and why
    it is wrong, for somebody who meets it for the first time."""

    def register(find: Callable[[ast.AST, Site], Found]) -> Callable[[ast.AST, Site], Found]:
        OPERATORS[id] = Operator(id, sentence, explanation, find)
        return find

    return register


class Site:
    """A function of the reference while operators look at it: its text, its nodes' parents, and what its names are."""

    def __init__(self, function: Reached, options: Sequence[str], defaults: dict[str, object]) -> None:
        self.function = function
        self.role = function.role
        self.options = tuple(options)
        self.defaults = defaults
        self._bytes = function.module.text.encode()
        self._starts = [0]
        for line in self._bytes.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self.parents = {child: parent for parent in ast.walk(function.node) for child in ast.iter_child_nodes(parent)}

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where the node stands in the file, in bytes."""
        first, last = node.lineno, node.end_lineno or node.lineno  # type: ignore[attr-defined]
        start = self._starts[first - 1] + node.col_offset  # type: ignore[attr-defined]
        return start, self._starts[last - 1] + (node.end_col_offset or 0)  # type: ignore[attr-defined]

    def text(self, node: ast.AST) -> str:
        """The node's own text, without parentheses around it."""
        start, end = self.span(node)
        return self._bytes[start:end].decode()

    def operand(self, node: ast.AST) -> str:
        """The node's text as a part of a larger expression: in parentheses where it needs some."""
        text = self.text(node)
        atomic = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.Constant, ast.Tuple, ast.List)
        return text if isinstance(node, atomic) else f"({text})"

    def instead(self, node: ast.AST, by: ast.AST) -> str:
        """The text of `by`, to stand where `node` stands."""
        start, end = self.span(node)
        enclosed = self._bytes[start - 1 : start] == b"(" and self._bytes[end : end + 1] == b")"
        whole = enclosed or isinstance(self.parents.get(node), (ast.stmt, ast.Tuple, ast.keyword))
        return self.text(by) if whole else self.operand(by)

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that a node is part of."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        return tuple(a.arg for a in self.function.node.args.args)

    @property
    def is_backward(self) -> bool:
        return self.role == "backward"

    @cached_property
    def upstream(self) -> tuple[str, ...]:
        """Names of the cotangents that a backward is given."""
        return tuple(a for a in self.arguments if self.is_backward and a.startswith("d") and a != "dilation")

    @cached_property
    def cached(self) -> tuple[str, ...]:
        """Names that a backward takes out of its cache, in their order; what else it is given where it has none."""
        for node in ast.walk(self.function.node):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and "cache" in node.value.id:
                target = node.targets[0]
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                return tuple(n.id for n in names if isinstance(n, ast.Name) and n.id != "_")
        return tuple(a for a in self.arguments if a not in self.upstream and a != "cache") if self.is_backward else ()

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """Names among what a forward returns first."""
        returned = [n.value for n in ast.walk(self.function.node) if isinstance(n, ast.Return)]
        first = [n.elts[0] if isinstance(n, ast.Tuple) and n.elts else n for n in returned]
        return tuple(dict.fromkeys(n.id for n in first if isinstance(n, ast.Name)))


def called(node: ast.AST) -> str:
    """The last name of the function that a call calls ("sum" of x.sum(...), "exp" of np.exp(...)), else ""."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def of_numpy(node: ast.AST) -> bool:
    """Is this a call of np.something?"""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "np"
    )


def keyword(node: ast.Call, name: str) -> ast.keyword | None:
    return next((k for k in node.keywords if k.arg == name), None)


def names_in(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


COUNTS = ("n", "d", "count", "size", "divisor", "words", "total")


def is_count(node: ast.AST) -> bool:
    """Does an expression count examples or entries: n, len(x), x.size, x.shape[0], n * d?"""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Sub)):
        return is_count(node.left) and (is_count(node.right) or isinstance(node.right, ast.Constant))
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Attribute) and node.value.attr == "shape"
    if isinstance(node, ast.Attribute):
        return node.attr == "size"
    return called(node) in ("len", "prod") or (isinstance(node, ast.Name) and node.id in COUNTS)
