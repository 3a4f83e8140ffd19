"""The source of functions with everything that they need, from as many files as it stands in, as one text.

Each file has its own names: two may call different constants, helpers or imports alike. In the one text every
definition gets a name of its own, and the functions that mean it are rewritten where they name it.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

PLAIN = (bool, int, float, complex, str, bytes, tuple, list, set, frozenset, type(None))
Key = tuple[Any, ...]


@dataclass
class _Definition:
    """A function, a constant or an import: what it is called where it stands, and its text.

    meant: what each global name in its text is. places: where these stand, and the nodes of `tree` that they are.
    bound: its local names.
    write: its text, from the names that all definitions were given.
    """

    name: str
    home: str
    write: Callable[[_Definition, dict[Key, str]], str]
    text: str = ""
    tree: ast.AST | None = None
    meant: dict[str, Key] = field(default_factory=dict)
    places: list[tuple[int, Any, Key]] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)


def source_of(*functions: Callable[..., Any]) -> str:
    """The source of functions and of everything of their own packages that they need, callees first.

    Empty where the source is not to be had (a lambda in a shell, say).
    """
    return gathered(functions)[0]


def gathered(functions: Sequence[Callable[..., Any]], reserved: Collection[str] = ()) -> tuple[str, list[str]]:
    """The source as `source_of` has it, and what each of the functions is called there; no name is a reserved one."""
    found: dict[Key, _Definition] = {}
    keys = [_function(inspect.unwrap(function), found, set()) for function in functions]
    names = _named(found, reserved)
    text = "\n\n".join(definition.write(definition, names) for definition in found.values())
    plain = [str(getattr(function, "__name__", "function")) for function in functions]
    return text, [p if key is None else names[key] for key, p in zip(keys, plain, strict=True)]


# -- what belongs to it -----------------------------------------------------------------------------------------


def _function(function: Any, found: dict[Key, _Definition], open_: set[Key]) -> Key | None:
    """Add a function and all that it needs; None where it has no source of its own."""
    if not inspect.isfunction(function) or "." in function.__qualname__:
        return None
    key: Key = ("function", id(function))
    if key in found or key in open_:
        return key
    try:
        text = _without_annotations(inspect.getsource(function))
        node = ast.parse(text).body[0]
    except (OSError, TypeError, SyntaxError):
        return None
    if not isinstance(node, ast.FunctionDef):
        return None
    open_.add(key)
    definition = _Definition(node.name, function.__module__ or "", _rewritten, text, node, {node.name: key})
    definition.places.append((_of_the_name(node, text), node, key))
    for used in _free(node, frozenset()):
        value = function.__globals__.get(used.id, _Definition)
        meant = _any(used.id, value, function, found, open_)
        if meant is not None:
            definition.meant[used.id] = meant
            definition.places.append((_offset(text, used.lineno, used.col_offset), used, meant))
    definition.bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.arg for n in ast.walk(node) if isinstance(n, ast.arg)
    }
    found[key] = definition
    return key


def _any(name: str, value: Any, user: Any, found: dict[Key, _Definition], open_: set[Key]) -> Key | None:
    """Add what a global name of a function stands for; None where it is a builtin, NumPy, or not to be written."""
    if value is _Definition or name in ("np", "numpy"):
        return None
    line = _import(value)
    if line:
        own = line.rpartition(" ")[2]
        found.setdefault(("import", line), _Definition(own.rpartition(".")[2], "", _imported, line))
        return ("import", line)
    function = inspect.unwrap(value) if inspect.isfunction(value) else None
    if function is not None:
        package = user.__module__.rpartition(".")[0]
        near = function.__module__ == user.__module__ or (package and function.__module__.rpartition(".")[0] == package)
        return _function(function, found, open_) if near else None
    return _constant(name, value, user.__module__ or "", found, open_)


def _constant(name: str, value: Any, home: str, found: dict[Key, _Definition], open_: set[Key]) -> Key | None:
    if isinstance(value, dict):
        key: Key = ("table", name, id(value))
        members = {id(v): _function(inspect.unwrap(v), found, open_) for v in value.values() if inspect.isfunction(v)}

        def table(definition: _Definition, names: dict[Key, str]) -> str:
            entries = (f"{_literal(k)}: {_entry(v, members.get(id(v)), names)}" for k, v in value.items())
            return f"{names[key]} = {{{', '.join(entries)}}}"

        found.setdefault(key, _Definition(name, home, table))
        return key
    if not isinstance(value, (*PLAIN, np.ndarray, np.generic)):
        return None
    text = _literal(value)
    key = ("constant", name, text)
    found.setdefault(key, _Definition(name, home, lambda definition, names: f"{names[key]} = {text}"))
    return key


def _entry(value: Any, key: Key | None, names: dict[Key, str]) -> str:
    return names[key] if key is not None else value.__name__ if inspect.isfunction(value) else _literal(value)


def _literal(value: Any) -> str:
    """Source of a constant."""
    if isinstance(value, (float, np.floating)) and not math.isfinite(value):
        return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    if isinstance(value, np.ndarray):
        return f"np.array({_literal(value.tolist())}, dtype=np.{value.dtype.name})"
    if isinstance(value, np.generic):
        return f"np.{value.dtype.name}({value.item()!r})"
    if type(value) in (tuple, list):
        inner = ", ".join(_literal(v) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    return repr(value)


def _import(value: Any) -> str:
    """The import of something of the standard library or NumPy; nothing of anything else."""
    if not (inspect.ismodule(value) or inspect.isclass(value) or inspect.isroutine(value)):
        return ""
    home = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None) or "builtins"
    if home.partition(".")[0] not in {*sys.stdlib_module_names, "numpy"} or home == "builtins":
        return ""
    return f"import {home}" if inspect.ismodule(value) else f"from {home} import {value.__name__}"


# -- names of their own -----------------------------------------------------------------------------------------


def _named(found: dict[Key, _Definition], reserved: Collection[str]) -> dict[Key, str]:
    """A name for each definition: its own where nothing else has it, otherwise one that says where it is from."""
    every = {name for definition in found.values() for name in (*definition.meant, *definition.bound)}
    names: dict[Key, str] = {}
    taken = {"np", "numpy", *reserved}
    for key, definition in found.items():
        # a function that calls it by another name may have a variable of its own that is called like this
        hidden = any(
            meant == key and name != definition.name and definition.name in other.bound
            for other in found.values()
            for name, meant in other.meant.items()
        )
        name = definition.name
        if name in taken or hidden:
            tail = re.sub(r"\W", "_", definition.home.rpartition(".")[2]) or "own"
            choices = (f"{definition.name}_of_{tail.strip('_')}{k}" for k in ("", *range(2, len(every) + 3)))
            name = next(choice for choice in choices if choice not in taken | every)
        names[key] = name
        taken.add(name)
    return names


def _rewritten(definition: _Definition, names: dict[Key, str]) -> str:
    """A function's text with the names that everything was given; laid out anew only where an f-string is concerned."""
    text, tree = definition.text, definition.tree
    places = sorted(((at, node, names[key]) for at, node, key in definition.places), key=lambda place: -place[0])
    renamed = [(at, node, name) for at, node, name in places if name != _name(node)]
    strings = [n for part in ast.walk(tree) if isinstance(part, ast.JoinedStr) for n in ast.walk(part)] if tree else []
    if tree is not None and any(node is n for _, node, _ in renamed for n in strings):
        for _, node, name in renamed:  # an f-string's parts do not say where they stand before Python 3.12
            setattr(node, "name" if isinstance(node, ast.FunctionDef) else "id", name)
        return ast.unparse(tree)
    for at, node, name in renamed:
        text = text[:at] + name + text[at + len(_name(node)) :]
    return text


def _name(node: Any) -> str:
    return str(node.name if isinstance(node, ast.FunctionDef) else node.id)


def _imported(definition: _Definition, names: dict[Key, str]) -> str:
    name = next(names[key] for key in names if key == ("import", definition.text))
    dotted = definition.text.rpartition(" ")[2]
    return definition.text if name == dotted else f"{definition.text} as {name}"


def _of_the_name(node: ast.FunctionDef, text: str) -> int:
    start = _offset(text, node.lineno, node.col_offset)
    found = re.compile(r"def\s+").match(text, start)
    return found.end() if found else start


def _offset(text: str, line: int, column: int) -> int:
    """Where a node of a syntax tree stands in its text: columns are counted in bytes there."""
    lines = text.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())


def _free(node: ast.AST, bound: frozenset[str]) -> Iterator[ast.Name]:
    """Each name in a function that is none of its variables."""
    if isinstance(node, ast.Name):
        if node.id not in bound:
            yield node
        return
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        outside = [*node.args.defaults, *filter(None, node.args.kw_defaults), *getattr(node, "decorator_list", ())]
        for part in outside:
            yield from _free(part, bound)
        inside = node.body if isinstance(node.body, list) else [node.body]
        parameters = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        inner = (bound | parameters | _stored(inside)) - _declared(inside)
        for part in inside:
            yield from _free(part, inner)
        return
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        yield from _free(node.generators[0].iter, bound)
        inner = bound | _stored([g.target for g in node.generators])
        first = node.generators[0].iter
        for child in ast.iter_child_nodes(node):
            yield from _without(child, first, inner)
        return
    for child in ast.iter_child_nodes(node):
        yield from _free(child, bound)


def _without(node: ast.AST, done: ast.AST, bound: frozenset[str]) -> Iterator[ast.Name]:
    """As `_free`, but for the part of a comprehension that was evaluated outside of it."""
    if isinstance(node, ast.comprehension):
        for child in ast.iter_child_nodes(node):
            if child is not done:
                yield from _free(child, bound)
    else:
        yield from _free(node, bound)


def _stored(nodes: Sequence[ast.AST]) -> frozenset[str]:
    """Names that a scope binds, those of the scopes inside it left out."""
    names: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(a.asname or a.name).partition(".")[0] for a in node.names}
        inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        if isinstance(node, comprehensions):  # a walrus in it binds a name out here
            waiting += [n.target for n in ast.walk(node) if isinstance(n, ast.NamedExpr)]
        elif not isinstance(node, inner):
            waiting += list(ast.iter_child_nodes(node))
    return frozenset(names)


def _declared(nodes: Sequence[ast.AST]) -> frozenset[str]:
    return frozenset(n for node in nodes for g in ast.walk(node) if isinstance(g, ast.Global) for n in g.names)


def _without_annotations(text: str) -> str:
    """Source that needs no import of typing: annotated signatures are rewritten, everything else stays as it is."""
    tree = ast.parse(text)
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef):
        return text
    arguments = [
        *function.args.posonlyargs,
        *function.args.args,
        *function.args.kwonlyargs,
        function.args.vararg,
        function.args.kwarg,
    ]
    if function.returns is None and all(a is None or a.annotation is None for a in arguments):
        return text.rstrip("\n")
    for a in arguments:
        if a is not None:
            a.annotation = None
    function.returns = None
    return ast.unparse(tree)
