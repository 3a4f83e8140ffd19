"""A task's network: catalogue operations composed by lines such as ``affine(x, w1, b1) -> h``."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .lines import FUNCTIONS, METHODS, Line, LineError, names, patterns, unparsed
from .words import Words, dimensions

if TYPE_CHECKING:
    from reference._domain import Input
    from reference._op import Op

KINDS = ("real", "fixed", "positive", "probability", "labels", "one_hot", "binary", "mask", "simplex")
LOWEST_POSITIVE = 2.0**-10


def declared(name: str, text: str) -> Input:
    """An input from its declaration: ``N D``, ``labels N of C``, ``fixed N D``. ValueError where it is none."""
    from ...reference import _domain

    kind, shape, classes = _taken_apart(text)
    try:
        for token in shape.split():
            _domain.dimension(token)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None
    if (kind == "labels") != bool(classes):
        raise ValueError(f'{text!r}: labels say what they count, and nothing else does; write "labels N of C"')
    if kind == "labels":
        return _domain.labels(name, shape, classes)
    if kind == "positive":
        return _domain.real(name, shape, low=LOWEST_POSITIVE)
    if kind == "fixed":
        return _domain.real(name, shape, differentiable=False)
    return {
        "real": _domain.real,
        "probability": _domain.probability,
        "one_hot": _domain.one_hot,
        "binary": _domain.binary,
        "mask": _domain.mask,
        "simplex": _domain.simplex,
    }[kind](name, shape)


def _taken_apart(text: str) -> tuple[str, str, str]:
    from ...naming import nearest

    first = text.split()[0] if text.split() else ""
    kind, rest = (first, text.split(None, 1)[1:]) if re.fullmatch(r"[a-z_]+", first) else ("real", [text])
    if kind not in KINDS:
        near = nearest(kind, KINDS)
        hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(KINDS)}"
        raise ValueError(f"{text!r}: there is no kind of input {kind!r}; {hint}")
    shape, _, classes = (rest[0] if rest else "").partition(" of ")
    return kind, shape.strip(), classes.strip()


def words(
    inputs: Mapping[str, Input], lines: Sequence[Line], outputs: Sequence[str], constants: Sequence[str]
) -> Words:
    """The words of a network's task. Without `outputs`, they are what the last line names."""
    bound = [n for line in lines for n in bound_by(line)]
    last = tuple(outputs) or (bound_by(lines[-1]) if lines else ())
    return Words(
        inputs=tuple(inputs),
        outputs=last,
        between=tuple(dict.fromkeys(n for n in bound if n not in last)),
        gradients={f"d{i.name}": i.name for i in inputs.values() if i.differentiable},
        cotangents={f"d{o}": o for o in last},
        sizes=dimensions(inputs.values()),
        options=tuple(constants),
    )


def bound_by(line: Line) -> tuple[str, ...]:
    """The names that a network's line gives values to."""
    return tuple(p.id for p in patterns(line.targets) if isinstance(p, ast.Name))


def check(line: Line, known: Sequence[str], operations: Mapping[str, Op]) -> None:
    """Raise LineError unless the line composes catalogue calls on names that are known."""
    for pattern in patterns(line.targets):
        if not isinstance(pattern, ast.Name) or isinstance(line.targets, ast.Dict):
            raise _wrong(line, pattern, "a network's line names its result, as `-> h` or `-> y, h`")
        if pattern.id in known:
            raise _wrong(line, pattern, f"{pattern.id} has a value already; name this one otherwise")
    for node in ast.walk(line.expression):
        if isinstance(node, (ast.Dict, ast.List, ast.Tuple)) and not _is_index(node, line.expression):
            raise _wrong(line, node, "a display has no place in a network; write calls of operations and arithmetic")
        if isinstance(node, ast.Attribute) and node.attr != "T" and node.attr not in METHODS:
            raise _wrong(line, node, f"arrays have .T and .{', .'.join(METHODS)} here, and no .{node.attr}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in FUNCTIONS:
            _check_call(line, node, operations)
    _check_names(line, known)


def _is_index(node: ast.AST, whole: ast.expr) -> bool:
    return any(isinstance(n, ast.Subscript) and n.slice is node for n in ast.walk(whole))


def _check_names(line: Line, known: Sequence[str]) -> None:
    from ...naming import nearest

    for node in ast.walk(line.expression):
        if isinstance(node, ast.Name) and node.id in names(line.expression) and node.id not in known:
            near = nearest(node.id, known)
            hint = f"did you mean {' or '.join(near)}?" if near else "declare it in `inputs` or `constants`"
            raise _wrong(line, node, f"{node.id} has no value here; {hint}")


def _check_call(line: Line, call: ast.Call, operations: Mapping[str, Op]) -> None:
    from ...naming import nearest, unknown_operation

    name = unparsed(call.func)
    if name not in operations:
        raise _wrong(line, call, unknown_operation(name, operations))
    op = operations[name]
    options = {k.arg: k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)}
    for k in call.keywords:
        if k.arg not in op.options:
            near = nearest(str(k.arg), op.options) or list(op.options)
            have = f"it has {', '.join(near)}" if near else "it has none"
            raise _wrong(line, k.value, f"{name} has no option {k.arg!r}; {have}")
    inputs = op.inputs_for({**op.defaults(), **{n: v for n, v in options.items() if n}})
    if len(call.args) != len(inputs):
        wanted = ", ".join(i.name for i in inputs)
        raise _wrong(line, call, f"{name} takes {len(inputs)} inputs ({wanted}), not {len(call.args)}")


def _wrong(line: Line, node: ast.AST, problem: str) -> LineError:
    return LineError(line.text, getattr(node, "col_offset", 0) + 1, problem)


def operation(
    name: str,
    inputs: Mapping[str, Input],
    lines: Sequence[Line],
    outputs: Sequence[str],
    constants: Mapping[str, Sequence[object]],
    operations: Mapping[str, Op],
) -> Op:
    """The whole network as one operation. ValueError, when it runs, where its values do not compose."""
    from .composition import Network, network_op

    composed = [(line.expression, bound_by(line)) for line in lines]
    network = Network(name, composed, tuple(inputs.values()), tuple(outputs), (), operations)
    return network_op(network, constants)
