"""A network written as lines of catalogue calls and arithmetic, as one operation of its own.

    network = ["affine(x, w1, b1) -> h", "relu(h) -> a", "squared_error(a, target) + reg * (w1 * w1).sum() -> loss"]

Its forward runs the lines on whatever numbers it is given (floats, or the judge's exact ones), its backward chains
the operations' own backwards and the rules of the arithmetic between them. The judge proves the chain like any other
backward, so a wrong chain would be refuted, not believed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .expressions import FUNCTIONS, evaluate

if TYPE_CHECKING:
    from reference._domain import Input
    from reference._op import Op

Pull = Callable[[list[Any]], Sequence[Any]]


@dataclass
class Tape:
    """What ran, in order: ids of results, ids of what they depend on, and how gradients go back."""

    entries: list[tuple[list[int], list[int], Pull]] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def leaf(self, value: Any) -> Variable:
        """A new variable."""
        self.values.append(value)
        return Variable(self, len(self.values) - 1)

    def made(self, value: Any, parents: Sequence[Any], pull: Pull) -> Variable:
        """A variable computed from others; pull gives the gradient of each parent from that of the result."""
        result = self.leaf(value)
        self.entries.append(([result.index], [p.index for p in parents], pull))
        return result

    def gradients(self, seeds: Mapping[int, Any], wanted: Sequence[int]) -> list[Any]:
        """Gradients of the wanted variables, from those of the outputs; zeros where nothing flows."""
        found = dict(seeds)
        for results, parents, pull in reversed(self.entries):
            if not any(r in found for r in results):
                continue
            given = [found[r] if r in found else np.zeros_like(self.values[r]) for r in results]
            for parent, gradient in zip(parents, pull(given), strict=True):
                found[parent] = found[parent] + gradient if parent in found else gradient
        return [found[i] if i in found else np.zeros_like(self.values[i]) for i in wanted]


class Variable:
    """A value on the tape, with the arithmetic that a network's line may use."""

    __array_ufunc__ = None  # so that `array * variable` asks the variable

    def __init__(self, tape: Tape, index: int) -> None:
        self.tape, self.index = tape, index

    @property
    def value(self) -> Any:
        return self.tape.values[self.index]

    def _binary(self, other: Any, value: Any, own: Callable[[Any], Any], others: Callable[[Any], Any]) -> Variable:
        pulls = [(self, own), *([(other, others)] if isinstance(other, Variable) else [])]
        shapes = [np.shape(v.value) for v, _ in pulls]
        return self.tape.made(
            value,
            [v for v, _ in pulls],
            lambda g: [_summed(pull(g[0]), s) for (_, pull), s in zip(pulls, shapes, strict=True)],
        )

    def __add__(self, other: Any) -> Variable:
        return self._binary(other, self.value + _plain(other), lambda g: g, lambda g: g)

    def __radd__(self, other: Any) -> Variable:
        return self._binary(other, other + self.value, lambda g: g, lambda g: g)

    def __sub__(self, other: Any) -> Variable:
        return self._binary(other, self.value - _plain(other), lambda g: g, lambda g: -g)

    def __rsub__(self, other: Any) -> Variable:
        return self._binary(other, other - self.value, lambda g: -g, lambda g: g)

    def __mul__(self, other: Any) -> Variable:
        a, b = self.value, _plain(other)
        return self._binary(other, a * b, lambda g: g * b, lambda g: g * a)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Variable:
        a, b = self.value, _plain(other)
        return self._binary(other, a / b, lambda g: g / b, lambda g: -g * a / (b * b))

    def __rtruediv__(self, other: Any) -> Variable:
        b = self.value
        return self._binary(other, other / b, lambda g: -g * other / (b * b), lambda g: g)

    def __pow__(self, n: Any) -> Variable:
        if not isinstance(n, (int, float)):
            raise TypeError("a power has a number as exponent")
        a = self.value
        return self._binary(n, a**n, lambda g: g * (n * a ** (n - 1)), lambda g: g)

    def __matmul__(self, other: Any) -> Variable:
        a, b = self.value, _plain(other)
        if np.ndim(a) != 2 or np.ndim(b) != 2:
            raise TypeError("@ is for two matrices")
        return self._binary(other, a @ b, lambda g: g @ b.T, lambda g: a.T @ g)

    def __rmatmul__(self, other: Any) -> Variable:
        b = self.value
        return self._binary(other, other @ b, lambda g: other.T @ g, lambda g: g)

    def __neg__(self) -> Variable:
        return self.tape.made(-self.value, [self], lambda g: [-g[0]])

    def __getitem__(self, key: Any) -> Variable:
        x = self.value

        def pull(g: list[Any]) -> list[Any]:
            whole = np.zeros_like(x)
            whole[key] = g[0]
            return [whole]

        return self.tape.made(x[key], [self], pull)

    @property
    def T(self) -> Variable:
        return self.tape.made(self.value.T, [self], lambda g: [g[0].T])

    def reshape(self, *shape: Any) -> Variable:
        """The same entries in another shape."""
        before = np.shape(self.value)
        return self.tape.made(self.value.reshape(*shape), [self], lambda g: [g[0].reshape(before)])

    def transpose(self, *axes: int) -> Variable:
        """The axes in another order."""
        back = tuple(np.argsort(axes)) if axes else ()
        return self.tape.made(self.value.transpose(*axes), [self], lambda g: [g[0].transpose(*back)])

    def sum(self, axis: Any = None, keepdims: bool = False) -> Variable:
        """Sum over an axis, or over everything."""
        x = self.value

        def pull(g: list[Any]) -> list[Any]:
            gradient = g[0] if axis is None or keepdims else np.expand_dims(g[0], axis)
            return [np.ones_like(x) * gradient]

        return self.tape.made(x.sum(axis=axis, keepdims=keepdims), [self], pull)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Variable:
        """Mean over an axis, or over everything."""
        total = self.sum(axis, keepdims)
        return total / (np.size(self.value) // max(1, np.size(total.value)))


def _plain(other: Any) -> Any:
    return other.value if isinstance(other, Variable) else other


def _summed(gradient: Any, shape: tuple[int, ...]) -> Any:
    """A gradient of a broadcast operand: summed over the axes along which it was repeated."""
    extra = np.ndim(gradient) - len(shape)
    if extra > 0:
        gradient = gradient.sum(axis=tuple(range(extra)))
    repeated = tuple(k for k, size in enumerate(shape) if size == 1 and np.shape(gradient)[k] != 1)
    return gradient.sum(axis=repeated, keepdims=True) if repeated else gradient


def _calling(op: Op, tape: Tape) -> Callable[..., Any]:
    """The operation as a function of variables and plain arrays."""

    def call(*arguments: Any, **options: Any) -> Any:
        settings = {**op.defaults(), **options}
        declared = op.inputs_for(settings)
        if len(arguments) != len(declared):
            raise TypeError(f"{op.name} takes {', '.join(i.name for i in declared)}; {len(arguments)} were given")
        *outputs, cache = op.forward(*map(_plain, arguments), **settings)
        results = [tape.leaf(y) for y in outputs]
        with_gradient = [
            (a if isinstance(a, Variable) else None)
            for a, i in zip(arguments, declared, strict=True)
            if i.differentiable
        ]

        def pull(given: list[Any]) -> list[Any]:
            if op.backward is None:
                raise TypeError(f"{op.name} has no backward; it is a step, not a layer")
            every = op.backward(*given[: len(given) - len(op.buffers)], cache)
            return [g for g, a in zip(every, with_gradient, strict=True) if a is not None]

        parents = [a.index for a in with_gradient if a is not None]
        tape.entries.append(([r.index for r in results], parents, pull))
        return results[0] if len(results) == 1 else tuple(results)

    return call


def _structure(name: str, tape: Tape) -> Callable[..., Any]:
    """A structure function of the line language on variables: what it put together goes back apart."""
    function = FUNCTIONS[name]

    def call(*parts: Any) -> Any:
        if not any(isinstance(p, Variable) for p in parts):
            return function(*parts)
        shapes = [np.shape(_plain(p)) for p in parts]
        wanted = [k for k, p in enumerate(parts) if isinstance(p, Variable)]

        def pull(g: list[Any]) -> list[Any]:
            apart = _apart(name, g[0], shapes)
            return [apart[k].reshape(shapes[k]) for k in wanted]

        return tape.made(function(*map(_plain, parts)), [parts[k] for k in wanted], pull)

    return call


def _apart(name: str, gradient: Any, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    """The gradient of each part of what a structure function put together."""
    if name == "bias_first":
        return [gradient[..., 1:]]
    if name == "bias_last":
        return [gradient[..., :-1]]
    if name not in ("rows", "columns"):
        return [gradient]
    axis = 0 if name == "rows" else 1
    found, start = [], 0
    for shape in shapes:
        size = 1 if len(shape) == 1 else shape[axis]
        found.append(gradient[start : start + size] if axis == 0 else gradient[:, start : start + size])
        start += size
    return found


@dataclass(frozen=True)
class Network:
    """A network's lines as (expression, names of what it gives).

    outputs: the judged values, those that a gradient flows from first, the buffers last. constants: numbers by name.
    """

    name: str
    lines: Sequence[tuple[ast.expr, Sequence[str]]]
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    buffers: tuple[str, ...]
    operations: Mapping[str, Op]

    def forward(self, *inputs: Any, **constants: Any) -> tuple[Any, ...]:
        """The outputs, and the tape."""
        tape = Tape()
        values: dict[str, Any] = dict(constants)
        for i, x in zip(self.inputs, inputs, strict=True):
            values[i.name] = tape.leaf(x) if i.differentiable else x
        functions = {name: _structure(name, tape) for name in FUNCTIONS}
        functions.update({name: _calling(op, tape) for name, op in self.operations.items()})
        leaves = [values[i.name] for i in self.inputs if i.differentiable]
        for expression, names in self.lines:
            result = evaluate(expression, values, functions)
            values.update(zip(names, result if isinstance(result, tuple) else (result,), strict=True))
        given = [values[name] for name in self.outputs]
        outputs = [y if isinstance(y, Variable) else tape.leaf(y) for y in given]
        return *(_plain(y) for y in outputs), (tape, outputs, leaves)

    def backward(self, *given: Any) -> tuple[Any, ...]:
        """Gradients of the differentiable inputs from the cotangents of the outputs that are no buffers."""
        *cotangents, (tape, outputs, leaves) = given
        seeds: dict[int, Any] = {}
        for dy, y in zip(cotangents, outputs, strict=False):
            seeds[y.index] = seeds[y.index] + dy if y.index in seeds else dy
        return tuple(tape.gradients(seeds, [x.index for x in leaves]))


def network_op(network: Network, constants: Mapping[str, Sequence[Any]]) -> Op:
    """The network as an operation of the catalogue's kind: drawn, run and proved like any other."""
    from ...reference import Op

    several = len(network.outputs) > 1

    def forward(*inputs: Any, **options: Any) -> tuple[Any, ...]:
        """A network of catalogue operations."""
        return network.forward(*inputs, **options)

    return Op(
        name=network.name,
        forward=forward,
        backward=network.backward,
        inputs=network.inputs,
        options={name: tuple(values) for name, values in constants.items()},
        output=network.outputs[0],
        outputs=network.outputs if several else (),
        buffers=network.buffers if several else (),
        cite="the assignment's own lines",
    )
