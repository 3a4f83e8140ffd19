"""A task's lines as a program for the sandbox: what the student's code is given, and what comes back is judged as.

A catalogue output that a backward line asks for is given as its true value; in the *own* variant as what the
student's forward returned. Names kept between lines are always the student's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..assignments.expressions import FUNCTIONS, evaluate
from ..confinement.exchanged import Program

if TYPE_CHECKING:
    from ..assignments.assignment import Judged, Step, Task

PHASES = ("setup", "forward", "backward")


@dataclass(frozen=True)
class Given:
    """Every catalogue word's value at one case. numbers: sizes, options and constants.

    truths: true values of outputs, of the values between and of gradients, as float arrays.
    """

    inputs: Mapping[str, np.ndarray]
    cotangents: Mapping[str, np.ndarray]
    truths: Mapping[str, np.ndarray]
    numbers: Mapping[str, Any]
    dtype: str = "float64"

    def values(self) -> dict[str, Any]:
        """All of them by name."""
        return {**self.numbers, **self.truths, **self.cotangents, **self.inputs}


@dataclass(frozen=True)
class Return:
    """One value that comes back. words: the catalogue's outputs, values and gradients that it is judged by.

    stage: that its points belong to. draws: the input that it shows instead.
    """

    name: str
    expression: ast.expr
    words: tuple[str, ...]
    stage: str
    phase: str
    draws: str = ""

    @cached_property
    def text(self) -> str:
        return ast.unparse(self.expression)


@dataclass(frozen=True)
class Compiled:
    """A program, what its returns are, and for each array that it is given the words that it was made of.

    own: whether the backward was given the student's own outputs.
    """

    program: Program
    returns: tuple[Return, ...]
    given: Mapping[str, tuple[str, ...]]
    own: bool = False


class CannotCompile(ValueError):
    """A line asks for something that no program can do; the message names it."""


def compile_task(task: Task, given: Given, phases: Sequence[str] = PHASES, own: bool = False) -> Compiled:
    """The program of a task's lines at one case. CannotCompile or ExpressionError where a line makes no sense there.

    phases: which lines; without "forward", a backward line that needs a kept name of it cannot be compiled.
    """
    writer = _Writer(task, given, own)
    steps = [step for step in task.steps() if step.phase in phases]
    for step in steps:
        writer.line(step)
    shown = [
        Return(writer.owned.get(name, name), ast.Name(name, ast.Load()), (), "draw", "forward", drawn)
        for drawn, name in task.draws.items()
        if name in writer.kept or name in writer.owned
    ]
    returns = (*writer.returns, *shown)
    names = tuple(dict.fromkeys(r.name for r in returns))
    return Compiled(Program(tuple(writer.steps), writer.arrays, names), returns, writer.given, own)


def needs_forward(task: Task) -> bool:
    """Does the backward use anything that the forward lines keep: a cache, or the object itself?"""
    kept = {name for step in task.steps() if step.phase == "forward" for name in kept_names(task, step.line.targets)}
    before = {name for step in task.steps() if step.phase == "setup" for name in kept_names(task, step.line.targets)}
    used = {name for line in task.backward for name in line.names_used}
    called_on = any(step.line.methods for step in task.steps() if step.phase == "forward")
    return bool(used & kept) or bool(called_on and used & before)


def kept_names(task: Task, targets: ast.expr) -> Iterator[str]:
    """The names of its own that a line's targets keep."""
    from ..assignments.lines import patterns

    for pattern in patterns(targets):
        if isinstance(pattern, ast.NamedExpr):
            yield pattern.target.id
        elif isinstance(pattern, ast.Name) and pattern.id != "_" and not task.words.kind(pattern.id):
            yield pattern.id


def mentions(task: Task, word: str) -> bool:
    """Do the lines give this word to the student's code?"""
    return any(word in step.line.names_used for step in task.steps())


@dataclass
class _Writer:
    """The program being written: a line at a time."""

    task: Task
    values: Given
    own: bool
    steps: list[dict[str, Any]] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    given: dict[str, tuple[str, ...]] = field(default_factory=dict)
    returns: list[Return] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    owned: dict[str, str] = field(default_factory=dict)  # output to the kept name of the student's own
    temporary: int = 0
    phase: str = ""

    def __post_init__(self) -> None:
        self.known = self.values.values()
        self.judged: dict[int, Judged] = {id(j.pattern): j for j in self.task.judged()}

    def line(self, step: Step) -> None:
        """Append the steps of one line."""
        self.phase = step.phase
        expression, targets = step.line.expression, step.line.targets
        if self._sets(targets):
            self._set(expression, targets)
        elif self._calls(expression):
            self.steps.append({**self._call(expression), "to": self._target(targets)})
        else:
            self.steps.append({"do": "value", "of": self._ref(expression), "to": self._target(targets)})

    # -- targets ------------------------------------------------------------------------------------------------

    def _sets(self, target: ast.expr) -> bool:
        if isinstance(target, ast.Tuple):
            return bool(target.elts) and all(map(self._sets, target.elts))
        return isinstance(target, (ast.Attribute, ast.Subscript)) and not self.task.words.is_expression(target)

    def _set(self, expression: ast.expr, target: ast.expr) -> None:
        if isinstance(target, ast.Tuple):
            parts = expression.elts if isinstance(expression, (ast.Tuple, ast.List)) else []
            if len(parts) != len(target.elts):
                raise CannotCompile(f"`{ast.unparse(target)}` takes {len(target.elts)} values; give as many")
            for part, one in zip(parts, target.elts, strict=True):
                self._set(part, one)
            return
        value = self._ref(expression)
        if isinstance(target, ast.Attribute):
            self.steps.append({"do": "set", "on": self._ref(target.value), "attribute": target.attr, "value": value})
        elif isinstance(target, ast.Subscript):
            item = self._literal_item(target.slice)
            self.steps.append({"do": "set", "on": self._ref(target.value), "item": item, "value": value})

    def _target(self, target: ast.expr) -> dict[str, Any]:
        if isinstance(target, (ast.Tuple, ast.List)):
            return {"tuple": [self._target(t) for t in target.elts]}
        if isinstance(target, ast.Dict):
            keys = [k.value for k in target.keys if isinstance(k, ast.Constant)]
            return {"dict": {k: self._target(v) for k, v in zip(keys, target.values, strict=True)}}
        if isinstance(target, ast.Constant) or (isinstance(target, ast.Name) and target.id == "_"):
            return {"ignore": True}
        judged = self.judged.get(id(target))
        if judged is not None:
            return {"name": self._returned(target, judged)}
        if isinstance(target, ast.Name):
            self.kept.add(target.id)
            return {"name": target.id}
        raise CannotCompile(f"`{ast.unparse(target)}` is nothing that can come back from the student's code")

    def _returned(self, target: ast.expr, judged: Judged) -> str:
        inside = target.value if isinstance(target, ast.NamedExpr) else target
        name = f"judged_{len(self.returns)}"
        if isinstance(target, ast.NamedExpr):
            name = target.target.id
            self.kept.add(name)
        self.returns.append(Return(name, inside, judged.words, judged.stage, self.phase))
        if isinstance(inside, ast.Name):
            self.owned[inside.id] = name
        return name

    # -- the left side --------------------------------------------------------------------------------------------

    def _calls(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and not self._computable(node)

    def _call(self, node: ast.expr) -> dict[str, Any]:
        call = node if isinstance(node, ast.Call) else None
        if call is None:
            raise CannotCompile(f"`{ast.unparse(node)}` is no call")
        arguments = {
            "args": [self._ref(a) for a in call.args],
            "kwargs": {k.arg: self._ref(k.value) for k in call.keywords if k.arg is not None},
        }
        function = call.func
        if isinstance(function, ast.Attribute):
            return {"do": "call", "on": self._ref(function.value), "method": function.attr, **arguments}
        if isinstance(function, ast.Name) and function.id in self.kept:
            return {"do": "call", "on": {"name": function.id}, "method": "__call__", **arguments}
        if isinstance(function, ast.Name):
            return {"do": "call", "function": function.id, **arguments}
        raise CannotCompile(f"`{ast.unparse(function)}` is no function of the student's")

    def _ref(self, node: ast.expr) -> dict[str, Any]:
        if self._computable(node):
            return self._computed(node)
        if isinstance(node, ast.Name):
            if self.own and self.phase == "backward" and node.id in self.owned:
                return {"name": self.owned[node.id]}
            if node.id in self.kept:
                return {"name": node.id}
            raise CannotCompile(f"`{node.id}` is not there: neither a word of the task nor kept by an earlier line")
        if isinstance(node, ast.Call):
            kept = f"between_{self.temporary}"
            self.temporary += 1
            self.steps.append({**self._call(node), "to": {"name": kept}})
            return {"name": kept}
        if isinstance(node, ast.Attribute):
            return {"attribute": node.attr, "of": self._ref(node.value)}
        if isinstance(node, ast.Subscript):
            return {"item": self._literal_item(node.slice), "of": self._ref(node.value)}
        if isinstance(node, ast.Dict):
            keys = [k.value for k in node.keys if isinstance(k, ast.Constant)]
            return {"dict": {k: self._ref(v) for k, v in zip(keys, node.values, strict=True)}}
        if isinstance(node, (ast.Tuple, ast.List)):
            kind = "tuple" if isinstance(node, ast.Tuple) else "list"
            return {kind: [self._ref(element) for element in node.elts]}
        raise CannotCompile(f"`{ast.unparse(node)}` mixes the student's own values with arithmetic; keep it to names")

    def _literal_item(self, node: ast.expr) -> Any:
        try:
            item = ast.literal_eval(node)
        except ValueError:
            raise CannotCompile(f"an item is taken with a literal, not `{ast.unparse(node)}`") from None
        if not isinstance(item, (int, str)):
            raise CannotCompile(f"an item is taken with a number or a text, not {item!r}")
        return item

    def _computable(self, node: ast.expr) -> bool:
        """Is this made of words whose values are known here?"""
        if isinstance(node, (ast.Tuple, ast.List, ast.Dict)):
            return False
        if not self.task.words.is_expression(node):
            return False
        used = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id not in FUNCTIONS]
        own = self.own and self.phase == "backward" and any(n in self.owned for n in used)
        return not own and all(n in self.known for n in used)

    def _computed(self, node: ast.expr) -> dict[str, Any]:
        value = evaluate(node, self.known)
        if not isinstance(value, np.ndarray):
            return {"literal": value.item() if isinstance(value, np.generic) else value}
        if value.dtype.kind == "f":
            value = value.astype(self.values.dtype, copy=False)
        if value.ndim == 0:
            # as NumPy gives an entry or a sum, so that it has a shape of () and a size
            return {"scalar": value.item(), "dtype": value.dtype.name}
        key = ast.unparse(node)
        self.arrays[key] = np.ascontiguousarray(value)
        self.given[key] = tuple(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id not in FUNCTIONS)
        return {"array": key}
