"""The words that a task's lines may use: those of one operation, or of a network of operations."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .lines import FUNCTIONS, METHODS, names, root

if TYPE_CHECKING:
    from reference._domain import Input
    from reference._op import Op


COME_BACK = ("output", "value", "gradient")  # kinds of words that the student's code returns


@dataclass(frozen=True)
class Words:
    """What each catalogue word of a task is.

    inputs: names of the inputs. outputs: names of the outputs, the buffers last. between: a network's values between
    inputs and outputs. gradients: "dx" to "x". cotangents: "dy" to "y". sizes: "N", "D". options: names of the
    operation's options and of the task's constants.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    buffers: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    gradients: Mapping[str, str] = field(default_factory=dict)
    cotangents: Mapping[str, str] = field(default_factory=dict)
    sizes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def kind(self, name: str) -> str:
        """What a name is: input, output, value, gradient, cotangent, size or option; "" for one of the task's own."""
        kinds = (
            ("input", self.inputs),
            ("output", self.outputs),
            ("value", self.between),
            ("gradient", self.gradients),
            ("cotangent", self.cotangents),
            ("size", self.sizes),
            ("option", self.options),
        )
        return next((kind for kind, known in kinds if name in known), "")

    def every(self) -> tuple[str, ...]:
        """All of them."""
        return (
            *self.inputs, *self.outputs, *self.between, *self.gradients, *self.cotangents, *self.sizes, *self.options
        )  # fmt: skip

    def is_judged(self, pattern: ast.expr) -> bool:
        """Whether a target pattern is judged: a word that comes back, or an expression of words; no kept name."""
        inside = pattern.value if isinstance(pattern, ast.NamedExpr) else pattern
        if isinstance(inside, ast.Name):
            return self.kind(inside.id) in COME_BACK
        return self.is_expression(inside)

    def held(self, pattern: ast.expr) -> tuple[str, ...]:
        """The outputs, values and gradients in a target pattern."""
        inside = pattern.value if isinstance(pattern, ast.NamedExpr) else pattern
        return tuple(n for n in names(inside) if self.kind(n) in COME_BACK)

    def is_expression(self, node: ast.expr) -> bool:
        """Whether a node is made of catalogue words and literals alone, so that the judge can compute it."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            return bool(self.kind(node.id))
        if isinstance(node, ast.Call):
            own = isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS
            method = isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
            of = self.is_expression(root(node)) if method else own
            return of and all(map(self.is_expression, node.args))
        if isinstance(node, ast.Attribute):
            return node.attr == "T" and self.is_expression(node.value)
        if isinstance(node, ast.Subscript):
            return self.is_expression(node.value)
        if isinstance(node, ast.BinOp):
            return self.is_expression(node.left) and self.is_expression(node.right)
        return isinstance(node, ast.UnaryOp) and self.is_expression(node.operand)


def of_operation(op: Op, options: Mapping[str, object], constants: Iterable[str] = ()) -> Words:
    """The words of one operation under its options."""
    inputs = op.inputs_for({**op.defaults(), **options})
    outputs = op.outputs or (op.output,)
    flowing = tuple(o for o in outputs if o not in op.buffers) if op.backward else ()
    return Words(
        inputs=tuple(i.name for i in inputs),
        outputs=outputs,
        buffers=op.buffers,
        gradients={f"d{i.name}": i.name for i in inputs if i.differentiable},
        cotangents={f"d{o}": o for o in flowing},
        sizes=dimensions(inputs),
        options=(*op.options, *constants),
    )


def dimensions(inputs: Iterable[Input]) -> tuple[str, ...]:
    """Names of the sizes in the inputs' shapes; a starred one stands for several axes and is no single size."""
    from ...reference._domain import dimension

    tokens = [token for i in inputs for token in i.shape.split()]
    found = [dimension(token)[1] for token in tokens if not token.startswith("*")]
    return tuple(dict.fromkeys(name for name in found if name))
