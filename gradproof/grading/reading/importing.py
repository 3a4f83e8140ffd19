"""Imports in a cleaned module: the submission's own modules found where they lie, libraries loaded when used."""

from __future__ import annotations

import ast
import importlib.util
import posixpath
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from .python2 import SHIM_MODULES, SHIMS

HELPER = '__import__("_gradproof_kept")'


@dataclass(frozen=True)
class OwnModules:
    """The submission's modules: by module path, what their authors called them (without .py), and those unreadable."""

    named: Mapping[str, str]  # module path -> path as its author wrote it, without suffix
    broken: frozenset[str] = frozenset()  # authors' paths of files that cannot be parsed

    @cached_property
    def _by_path(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for module, own in self.named.items():
            found.setdefault(own, []).append(module)
        return found

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for module, own in self.named.items():
            found.setdefault(own.rsplit("/", 1)[-1], []).append(module)
        return found

    def find(self, name: str, level: int, importer: str) -> str | None:
        """The module path for an import of `name` in `importer`: beside it, above it, else the only one so called."""
        wanted = name.replace(".", "/")
        folder = posixpath.dirname(self.named.get(importer, importer))
        for _ in range(level - 1):
            folder = posixpath.dirname(folder)
        while True:
            for form in (wanted, posixpath.join(wanted, "__init__")):
                path = posixpath.normpath(posixpath.join(folder, form))
                found = [m for m in self._by_path.get(path, ()) if m != importer]
                if found:
                    return found[0]
            if not folder:
                break
            folder = posixpath.dirname(folder)
        if level == 0 and is_library(name):
            return None
        last = wanted.rsplit("/", 1)[-1]  # cs231n.layers of a submission that was handed in without its folders
        same = [m for m in self._by_name.get(last, ()) if m != importer]
        return same[0] if last and len(same) == 1 else None

    def unreadable(self, name: str) -> bool:
        return name.replace(".", "/").rsplit("/", 1)[-1] in {b.rsplit("/", 1)[-1] for b in self.broken}


def is_library(name: str) -> bool:
    """Whether a module is NumPy's or the standard library's, and there in this Python."""
    top = name.split(".")[0]
    if top == "numpy":
        return _there(name)
    return top in sys.stdlib_module_names and _there(top)


@lru_cache(maxsize=1000)
def _there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False


@dataclass(frozen=True)
class Imported:
    """One import rewritten: statements to stand in its place, what the names are, what is unknown."""

    statements: tuple[str, ...]
    names: Mapping[str, str]  # name -> dotted path; the submission's own begin with a dot
    stars: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    changed: bool = False  # whether the statement has to be replaced inside a function too


def rewrite(node: ast.Import | ast.ImportFrom, importer: str, own: OwnModules, used: set[str] | None) -> Imported:
    """An import statement as it stands in the cleaned module; used: names that are needed, None for all."""
    parts = [
        _plain(alias, importer, own, used) if isinstance(node, ast.Import) else _from(node, alias, importer, own, used)
        for alias in node.names
    ]
    return Imported(
        tuple(s for p in parts for s in p.statements),
        {k: v for p in parts for k, v in p.names.items()},
        tuple(s for p in parts for s in p.stars),
        tuple(f for p in parts for f in p.foreign),
        any(p.changed for p in parts),
    )


def _plain(alias: ast.alias, importer: str, own: OwnModules, used: set[str] | None) -> Imported:
    name = alias.asname or alias.name.split(".")[0]
    if used is not None and name not in used and name != "np":
        return Imported((), {name: alias.name})
    found = own.find(alias.name, 0, importer)
    if found is not None:
        dotted = _dotted(found)
        if alias.asname is None and "." in alias.name:  # import a.b binds a: only as good as a's own path
            top = dotted.split(".")[0]
            return Imported((f"import {dotted}",), {name: ".own"}, changed=top != name)
        return Imported(
            (f"import {dotted} as {name}" if dotted != name else f"import {name}",),
            {name: ".own"},
            (),
            (),
            dotted != alias.name,
        )
    if is_library(alias.name):
        return Imported((_text(ast.Import([alias])),), {name: alias.name if alias.asname else name})
    if alias.name in SHIM_MODULES and alias.name != "builtins":
        return Imported((f"import builtins as {name}",), {name: "builtins"}, changed=True)
    loaded = alias.name if alias.asname else name
    return Imported((_lazy(name, loaded, "", own),), {name: alias.name}, (), (alias.name,))


def _from(node: ast.ImportFrom, alias: ast.alias, importer: str, own: OwnModules, used: set[str] | None) -> Imported:
    module, name = node.module or "", alias.asname or alias.name
    if alias.name != "*" and used is not None and name not in used:
        return Imported((), {name: f"{module}.{alias.name}"})
    beside = own.find(f"{module}.{alias.name}".strip("."), node.level, importer) if node.level or module else None
    found = own.find(module, node.level, importer) if module else None
    if found is None and beside is not None and alias.name != "*" and (node.level or not is_library(module)):
        return Imported((f"import {_dotted(beside)} as {name}",), {name: ".own"}, changed=True)
    if found is not None and beside is not None and found.endswith("__init__.py"):
        return Imported((f"import {_dotted(beside)} as {name}",), {name: ".own"}, changed=True)
    if found is not None:
        text = f"from {_dotted(found)} import {_alias(alias)}"
        stars = (found,) if alias.name == "*" else ()
        return Imported((text,), {} if stars else {name: f".own.{alias.name}"}, stars, changed=_dotted(found) != module)
    if not node.level and is_library(module) and (module != "numpy" or alias.name == "*" or hasattr(np, alias.name)):
        stars = (module,) if alias.name == "*" else ()
        return Imported(
            (f"from {module} import {_alias(alias)}",), {} if stars else {name: f"{module}.{alias.name}"}, stars
        )
    if module in SHIM_MODULES and alias.name in SHIMS:
        return Imported((f"{name} = {SHIMS[alias.name]}",), {name: f"builtins.{alias.name}"}, changed=True)
    if alias.name == "*":
        return Imported((), {}, (), (module,))
    return Imported((_lazy(name, module, alias.name, own),), {name: f"{module}.{alias.name}"}, (), (module,))


def _dotted(path: str) -> str:
    from .paths import dotted

    return dotted(path)


def _alias(alias: ast.alias) -> str:
    return alias.name + (f" as {alias.asname}" if alias.asname else "")


def _text(node: ast.Import) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _lazy(name: str, module: str, attribute: str, own: OwnModules) -> str:
    what = f"{module}.{attribute}" if attribute else module
    if own.unreadable(module):
        file = module.rsplit(".", 1)[-1]
        why = f"`{what}` is not available while grading: this submission's file {file} cannot be read"
    elif module.split(".")[0] == "numpy":
        why = f"NumPy {np.__version__} has no `{attribute or module}`"
    else:
        why = f"`{what}` is not available while grading: only NumPy and Python's own library are"
    return f"{name} = {HELPER}.lazy({name!r}, {why!r}, {module!r}, {attribute!r})"
