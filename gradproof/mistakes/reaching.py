"""Which gradients a change of the backward can reach, by names alone: what is worth being run first.

Names are followed from the changed statement to what is returned. Nothing is executed, so a name that is reached may
still hold what it held before; where names do not tell, the answer is None.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from .source import APART, Module, home, line_starts, module_of

if TYPE_CHECKING:
    from reference._op import Op

    from .derived import Mutant

Places = frozenset[int] | None
Span = tuple[int, int]


def reached_gradients(op: Op, mutant: Mutant) -> frozenset[str] | None:
    """Names of the gradients that a mutant of the backward may change ("dx", ...); None where it is not known."""
    if mutant.function != "backward" or op.backward is None or len(mutant.edits) != 1:
        return None
    edit = mutant.edits[0]
    places = _returned(home(op), op.backward.__name__, edit.module.name, mutant.where, (edit.start, edit.end))
    names = op.differentiable(op.defaults())
    if places is None or max(places, default=0) >= len(names):
        return None
    return frozenset(f"d{names[k]}" for k in places)


@cache
def _returned(module: Module, function: str, file: str, changed: str, at: Span) -> Places:
    """Which of the values that a function returns are reached by a change of the bytes `at` of `changed` in `file`."""
    if function in module.imported:
        below, function = module.imported[function]
        if below in APART:
            return frozenset()
        module = module_of(module.package, below)
    node = module.functions.get(function)
    if node is None:
        return frozenset()
    here = (module.name, function) == (file, changed)
    tainted: set[str] = set()
    returned: set[int] = set()
    statements = list(_simple(node.body))
    for _ in range(2):  # a loop carries what its end has reached to its beginning
        for statement in statements:
            inside = here and _contains(module, statement, at)
            if isinstance(statement, ast.Return):
                found = _of_return(module, statement, tainted, inside, file, changed, at)
                if found is None:
                    return None
                returned |= found
            elif inside or _loads(statement) & tainted:
                tainted |= _stores(statement)
            else:
                tainted |= _from_calls(module, statement, file, changed, at)
    return frozenset(returned)


def _of_return(
    module: Module, statement: ast.Return, tainted: set[str], inside: bool, file: str, changed: str, at: Span
) -> set[int] | None:
    value = statement.value
    if isinstance(value, ast.Tuple):
        if any(isinstance(e, ast.Starred) for e in value.elts):
            return None
        return {
            k
            for k, element in enumerate(value.elts)
            if (inside and _contains(module, element, at))
            or _loads(element) & tainted
            or any(_returned(module, f, file, changed, at) != frozenset() for f in _calls(module, element))
        }
    if inside or value is None or _loads(value) & tainted:
        return None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and len(_calls(module, value)) == 1:
        places = _returned(module, value.func.id, file, changed, at)
        return None if places is None else set(places)
    touched = any(_returned(module, f, file, changed, at) != frozenset() for f in _calls(module, value))
    return None if touched else set()


def _from_calls(module: Module, statement: ast.stmt, file: str, changed: str, at: Span) -> set[str]:
    """The names that a statement binds to values reached inside the functions that it calls."""
    value = getattr(statement, "value", None)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    for called in _calls(module, statement):
        places = _returned(module, called, file, changed, at)
        if places == frozenset():
            continue
        direct = isinstance(value, ast.Call) and getattr(value.func, "id", "") == called
        bound = target.elts if direct and isinstance(target, ast.Tuple) else []
        if places is None or max(places) >= len(bound) or any(isinstance(e, ast.Starred) for e in bound):
            return _stores(statement)
        return {n for k in places for n in _names(bound[k])}
    return set()


def _simple(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of the blocks in it, in order; of a compound one its head too."""
    for statement in body:
        if isinstance(statement, (ast.For, ast.If, ast.While, ast.With)):
            yield statement
            yield from _simple(statement.body)
            yield from _simple(getattr(statement, "orelse", []))
        else:
            yield statement


def _contains(module: Module, node: ast.AST, at: Span) -> bool:
    """Does a change of these bytes of the module's text touch a node (of a compound statement: its head)?"""
    starts = line_starts(module)
    first, last = node.lineno, node.end_lineno or node.lineno  # type: ignore[attr-defined]
    start = starts[first - 1] + node.col_offset  # type: ignore[attr-defined]
    end = starts[last - 1] + (node.end_col_offset or 0)  # type: ignore[attr-defined]
    if isinstance(node, (ast.For, ast.If, ast.While, ast.With)):
        end = starts[node.body[0].lineno - 1]
    return at[0] < end and start < at[1]


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _loads(node: ast.AST) -> set[str]:
    if isinstance(node, (ast.If, ast.While)):
        return _names(node.test)
    if isinstance(node, ast.For):
        return _names(node.iter)
    found = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return found | (_names(node.target) if isinstance(node, ast.AugAssign) else set())


def _stores(node: ast.AST) -> set[str]:
    """Names that a statement binds, or writes into: x[i] = ..., np.add.at(x, ...)."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    if isinstance(node, (ast.If, ast.While)):
        return {n for s in _simple([*node.body, *node.orelse]) for n in _stores(s)}
    if isinstance(node, ast.For):
        return _names(node.target) | {n for s in _simple(node.body) for n in _stores(s)}
    if isinstance(node, ast.Expr):
        return _names(node)
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {n for t in targets if t is not None for n in _names(t)}


@cache
def _functions(module: Module) -> frozenset[str]:
    return frozenset({*module.functions, *module.imported})


def _calls(module: Module, node: ast.AST) -> list[str]:
    """Functions of the reference that a statement calls or passes on."""
    return sorted(_loads(node) & _functions(module))
