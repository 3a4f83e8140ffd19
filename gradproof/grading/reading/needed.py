"""Which global names the functions and classes of a module use: these decide what else of the module is kept."""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Iterator

from .nodes import walk

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def definitions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """The definitions at module level, also those under an `if` or a `try` there."""
    for statement in body:
        if isinstance(statement, DEFINITIONS):
            yield statement
        elif isinstance(statement, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
            yield from definitions(list(inner_statements(statement)))


def inner_statements(statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements in a compound statement's blocks, in order."""
    for name in ("body", "handlers", "orelse", "finalbody"):
        for part in getattr(statement, name, []):
            if isinstance(part, ast.ExceptHandler):
                yield from part.body
            elif isinstance(part, ast.stmt):
                yield part


def used_by_definitions(text: str, body: list[ast.stmt]) -> set[str]:
    """Global names that the bodies and headers of a module's definitions use, their own locals not counted."""
    found: set[str] = set()
    known = list(definitions(body))
    for definition in known:
        for header in headers(definition):
            found |= names_in(header)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = symtable.symtable(text, "submission", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return found.union(*(names_in(d) for d in known))  # more is kept than needed
    names = {d.name for d in known}
    for child in table.get_children():
        if child.get_name() in names:
            found |= _globals(child)
    return found


def headers(definition: ast.stmt) -> Iterator[ast.expr]:
    """What of a definition is evaluated when it is defined: decorators, defaults, annotations, bases."""
    yield from getattr(definition, "decorator_list", [])
    if isinstance(definition, ast.ClassDef):
        yield from definition.bases
        yield from (k.value for k in definition.keywords)
    elif isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield from definition.args.defaults
        yield from (d for d in definition.args.kw_defaults if d is not None)
        every = [*definition.args.posonlyargs, *definition.args.args, *definition.args.kwonlyargs]
        yield from (a.annotation for a in every if a.annotation is not None)
        if definition.returns is not None:
            yield definition.returns


def _globals(table: symtable.SymbolTable) -> set[str]:
    found: set[str] = set()
    waiting = [table]
    while waiting:
        one = waiting.pop()
        found |= {s.get_name() for s in one.get_symbols() if s.is_global() and (s.is_referenced() or s.is_assigned())}
        waiting += one.get_children()
    return found


def names_in(node: ast.AST) -> set[str]:
    """Every name that is read anywhere in a node."""
    return {n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def bound_by(statement: ast.stmt) -> set[str]:
    """Names that a statement binds at module level: assignments, imports, definitions, also inside its blocks."""
    found: set[str] = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, DEFINITIONS):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {a.asname or a.name.split(".")[0] for a in node.names if a.name != "*"}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            waiting += node.body
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            waiting += ast.iter_child_nodes(node)
    return found


def changed_by(statement: ast.stmt) -> set[str]:
    """Names whose object a statement changes in place: `table["a"] = f`, `Layer.forward = f`, `layers.append(x)`."""
    found: set[str] = set()
    for node in walk(statement):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            found |= {root(node)}
        elif isinstance(node, ast.AugAssign):
            found |= {root(node.target)}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            function = node.value.func
            if isinstance(function, ast.Attribute) and function.attr in CHANGING:
                found |= {root(function.value)}
    return found - {""}


CHANGING = {"append", "extend", "update", "add", "insert", "setdefault", "register", "fill"}


def root(node: ast.expr) -> str:
    """a of a.b[0].c; empty where it begins with no name."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
