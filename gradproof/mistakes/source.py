"""The reference's own source as mutation operators see it: modules, and the functions that an operation goes through.

An operation's forward and backward call functions of other files of the reference (`_attention.attend`,
`affine_backward`): a mistake is made there just as well. Checks of arguments are no formulas and are left out.
"""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from reference._op import Op

APART = ("_checks", "_domain", "_op", "_special")  # no formulas of their own, or not those of a float program
Role = Literal["forward", "backward", "both"]


@dataclass(frozen=True)
class Module:
    """One file of the reference. imported: local name to (file, name there), of the reference's own files."""

    package: str
    name: str
    path: str
    text: str
    functions: dict[str, ast.FunctionDef] = field(hash=False, compare=False)
    imported: dict[str, tuple[str, str]] = field(hash=False, compare=False)


@dataclass(frozen=True)
class Reached:
    """A function that an operation's forward, backward or both go through."""

    module: Module
    name: str
    role: Role

    @property
    def node(self) -> ast.FunctionDef:
        return self.module.functions[self.name]


@cache
def module_of(package: str, name: str) -> Module:
    """The file `name` of the package that holds the reference (`reference`, or `gradproof.reference`)."""
    path = str(importlib.import_module(f"{package}.{name}").__file__)
    text = Path(path).read_text(encoding="utf-8")
    tree = ast.parse(text)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module
        for alias in node.names
    }
    return Module(package, name, path, text, functions, imported)


@cache
def line_starts(module: Module) -> list[int]:
    """Where each line of a file begins, in bytes, and where the file ends."""
    starts = [0]
    for line in module.text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def home(op: Op) -> Module:
    """The file of an operation."""
    package, _, name = op.forward.__module__.rpartition(".")
    return module_of(package, name)


def reached(op: Op) -> list[Reached]:
    """Every function of the formulas of an operation, those of its own file first, in the order they are met."""
    start = home(op)
    forward = _closure(start, op.forward.__name__)
    backward = _closure(start, op.backward.__name__) if op.backward is not None else []
    found = []
    for module, name in dict.fromkeys([*forward, *backward]):
        both = (module, name) in forward and (module, name) in backward
        role: Role = "both" if both else "forward" if (module, name) in forward else "backward"
        found.append(Reached(module, name, role))
    return sorted(found, key=lambda r: r.module is not start)


def _closure(module: Module, name: str) -> list[tuple[Module, str]]:
    """A function and those that it calls or passes on, in order, wherever in the reference they stand."""
    found: list[tuple[Module, str]] = []
    left = [(module, name)]
    while left:
        where, called = left.pop(0)
        if called in where.imported:
            file, called = where.imported[called]
            if file in APART:
                continue
            where = module_of(where.package, file)
        if (where, called) in found or called not in where.functions or _checks(called):
            continue
        found.append((where, called))
        names = (n for n in ast.walk(where.functions[called]) if isinstance(n, ast.Name))
        left += [(where, n.id) for n in names if isinstance(n.ctx, ast.Load)]
    return found


def _checks(name: str) -> bool:
    return name.lstrip("_").startswith("check")
