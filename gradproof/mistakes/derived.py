"""Mistakes derived from the reference: every operator applied wherever in an operation's source it fits.

A mutant is a text: some characters of the reference's file replaced by others. The changed function is compiled from
it; all others between it and the operation are the reference's own, made to call the changed one.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import numpy

from ..pair import Pair, of_operation
from .operators import Operator, Site, operators
from .source import APART, Module, Reached, home, line_starts, module_of, reached

if TYPE_CHECKING:
    from reference._op import Op


@dataclass(frozen=True)
class Edit:
    """Bytes start to end of a file of the reference, and the text that stands there instead."""

    module: Module
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Mutant:
    """A mistake derived from the reference's source.

    id: operation, operator, function, and which of the operator's places there. function: forward, backward or both:
    what runs through the changed line. before, after: the statement as it is, and as the mutant has it. line: its
    number in the file `place`.
    """

    id: str
    op: Op = field(repr=False)
    operator: str
    function: str
    sentence: str
    explanation: str
    place: str
    line: int
    before: str
    after: str
    edits: tuple[Edit, ...] = field(repr=False)
    where: str = ""  # the name of the changed function

    origin = "derived"
    kind = property(lambda self: self.operator)

    def applies(self, options: Mapping[str, Any]) -> bool:
        """Has the mistake a meaning under these options? A derived one always has."""
        return True

    def functions(self) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
        """The wrong forward and backward, in the operation's own calling convention."""
        return self._functions

    @cached_property
    def _functions(self) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
        names = build(self.op, self.edits)
        forward = names[self.op.forward.__name__]
        return forward, names[self.op.backward.__name__] if self.op.backward is not None else None

    def pair(self, options: Mapping[str, Any], arrays: Mapping[str, Any] | None = None) -> Pair:
        """The wrong forward and backward under these options, as the judge calls them."""
        forward, backward = self.functions()
        return of_operation(replace(self.op, forward=forward, backward=backward), options)

    def and_also(self, other: Mutant) -> Mutant | None:
        """Both mistakes at once; None where they change the same place."""
        edits = (*self.edits, *other.edits)
        for a in self.edits:
            for b in other.edits:
                if a.module.name == b.module.name and a.start < b.end and b.start < a.end:
                    return None
        return replace(
            self, id=f"{self.id} + {other.id}", sentence=f"{self.sentence}; and {other.sentence}", edits=edits
        )


@cache
def _mutants(op: _Key) -> tuple[Mutant, ...]:
    found: list[Mutant] = []
    for function in reached(op.op):
        found += _of_function(op.op, function)
    return tuple(found)


class _Key:
    """An operation as a key: its record holds dictionaries, which have no hash."""

    def __init__(self, op: Op) -> None:
        self.op = op

    def __hash__(self) -> int:
        return hash((self.op.name, self.op.forward))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and (other.op.name, other.op.forward) == (self.op.name, self.op.forward)


def mutants(op: Op) -> list[Mutant]:
    """Every mutant of an operation, always in the same order and under the same ids."""
    return list(_mutants(_Key(op)))


def _of_function(op: Op, function: Reached) -> Iterator[Mutant]:
    arguments = function.node.args
    named = [a.arg for a in arguments.args]
    options = tuple(n for n in op.options if n in named or function.module.name != home(op).name)
    site = Site(function, options, op.defaults())
    seen: set[tuple[int, int, str]] = set()
    counts: dict[str, int] = {}
    for node in _formulas(function.node):
        for each in operators().values():
            for change in each.find(node, site):
                start, end = site.span(change.node)
                key = (start, end, "".join(change.text.split()))
                if key in seen:
                    continue
                seen.add(key)
                k = counts[each.id] = counts.get(each.id, -1) + 1
                edit = Edit(function.module, start, end, change.text)
                yield _mutant(op, function, site, each, k, change.node, edit, change.said)


def _mutant(
    op: Op, function: Reached, site: Site, operator: Operator, k: int, node: ast.AST, edit: Edit, said: str
) -> Mutant:
    statement = site.statement(node)
    first, last = site.span(statement)
    if isinstance(statement, (ast.If, ast.For, ast.With, ast.While)):
        last = site.span(statement.body[0])[0]
    whole = function.module.text.encode()
    before = whole[first:last].decode()
    after = (whole[first : edit.start] + edit.text.encode() + whole[edit.end : max(last, edit.end)]).decode()
    return Mutant(
        f"{op.name}/{operator.id}/{function.name}.{k}", op, operator.id, function.role,
        f"{operator.sentence}: {_line(said)}" if said else operator.sentence, operator.explanation,
        f"{function.module.name}.py", statement.lineno, _line(before), _line(after), (edit,), function.name,
    )  # fmt: skip


def _line(text: str) -> str:
    return " ".join(text.split())


def _formulas(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Every node of a function's body that computes something: no docstring, no checks, no errors raised."""
    for statement in function.body:
        yield from _nodes(statement)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, (ast.Raise, ast.JoinedStr)) or _only_raises(node) or _is_check(node):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _nodes(child)


def _only_raises(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and all(isinstance(s, ast.Raise) for s in node.body) and not node.orelse


def _is_check(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return False
    return getattr(node.value.func, "id", "").lstrip("_").startswith("check")


# -- running what was changed ------------------------------------------------------------------------------------


def build(op: Op, edits: tuple[Edit, ...]) -> dict[str, Any]:
    """The names of the operation's module as they would be with these edits."""
    changed: dict[str, list[Edit]] = {}
    for edit in edits:
        changed.setdefault(edit.module.name, []).append(edit)
    fresh: dict[str, dict[str, Any]] = {}
    start = home(op)
    for module in _between(start, frozenset(changed)):
        fresh[module.name] = _names(module, changed.get(module.name, []), fresh)
    return fresh[start.name]


@cache
def _between(start: Module, changed: frozenset[str]) -> tuple[Module, ...]:
    """The changed modules and all that stand between them and the operation's own, the lowest first."""
    order: list[Module] = []
    seen: dict[str, bool] = {}

    def visit(module: Module) -> bool:
        if module.name not in seen:
            below = sorted({file for file, _ in module.imported.values() if file not in APART})
            touched = [visit(module_of(module.package, file)) for file in below]
            seen[module.name] = any(touched) or module.name in changed or module is start
            if seen[module.name]:
                order.append(module)
        return seen[module.name]

    visit(start)
    return tuple(order)


def _names(module: Module, edits: list[Edit], fresh: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A module's names anew: its functions over these names, the edited ones compiled from their changed text."""
    names = dict(vars(importlib.import_module(f"{module.package}.{module.name}")))
    names.setdefault("np", numpy)  # a mutant may need it where the reference does not
    for local, (file, name) in module.imported.items():
        if file in fresh:
            names[local] = fresh[file][name]
    for name, node in module.functions.items():
        inside = [
            e
            for e in edits
            if line_starts(module)[node.lineno - 1] <= e.start < line_starts(module)[node.end_lineno or node.lineno]
        ]
        function = names[name]
        if inside or not isinstance(function, FunctionType):
            exec(_compiled(module, name, tuple(inside)), names)
        else:
            again = FunctionType(function.__code__, names, name, function.__defaults__, function.__closure__)
            again.__kwdefaults__ = function.__kwdefaults__
            names[name] = again
    return names


def _compiled(module: Module, name: str, edits: tuple[Edit, ...]) -> CodeType:
    node, starts = module.functions[name], line_starts(module)
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
    start, end = starts[first], starts[node.end_lineno or node.lineno]
    text = module.text.encode()
    for edit in sorted(edits, key=lambda e: -e.start):
        text = text[: edit.start] + edit.text.encode() + text[edit.end :]
        end += len(edit.text.encode()) - (edit.end - edit.start)
    return compile(b"\n" * first + text[start:end], module.path, "exec")  # under its own line numbers
