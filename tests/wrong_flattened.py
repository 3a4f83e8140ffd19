"""The source of a mistake as one text that stands alone: what it calls in other files is brought along.

Every name of a file's top level gets the file's name in front of it; names inside a function stay as they are.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping
from types import ModuleType

from gradproof.mistakes.catalogue import Mistake, Written
from gradproof.mistakes.source import home

PLAIN = (int, float, str, bool, type(None), tuple)
Key = tuple[str, str]


class Nameless(ValueError):
    """A function that no name of its file's top level is bound to."""


def flattened(mistake: Mistake) -> tuple[str, str, str]:
    """The text of a mistake's functions, and what its forward and its backward ("" where it has none) are called."""
    forward, backward = mistake.functions()
    edited: dict[str, str] = {}
    if isinstance(mistake, Written):
        package, _, name = forward.__module__.rpartition(".")
        own = _Files(package, edited)
        keys = [_key(own, name, function) for function in (forward, backward) if function is not None]
    else:
        own = _Files(home(mistake.op).package, edited)
        for edit in sorted(mistake.edits, key=lambda e: -e.start):
            text = edited.get(edit.module.name, edit.module.text).encode()
            edited[edit.module.name] = (text[: edit.start] + edit.text.encode() + text[edit.end :]).decode()
        at = home(mistake.op).name
        keys = [(at, f.__name__) for f in (mistake.op.forward, mistake.op.backward) if f is not None]
    resolved = [own.resolve(*key) for key in keys]
    text = own.text(resolved)
    return text, _named(*resolved[0]), _named(*resolved[1]) if len(resolved) > 1 else ""


def _key(files: _Files, name: str, function: object) -> Key:
    """Where a function stands: it may be another file's, or have another name than it says."""
    here = vars(files.live(name))
    found = next((n for n, value in here.items() if value is function), None)
    if found is None:
        name = getattr(function, "__module__", "").rpartition(".")[2]
        found = next((n for n, value in vars(files.live(name)).items() if value is function), None)
        if found is None:
            raise Nameless(f"{name} binds no name to {function}")
    return name, found


def _named(file: str, name: str) -> str:
    return f"{file.lstrip('_')}__{name.lstrip('_')}"


class _Files:
    """The files of a package: top-level statements by the names that they bind, with some texts changed."""

    def __init__(self, package: str, edited: Mapping[str, str]) -> None:
        self.package = package
        self.edited = edited
        self._read: dict[str, tuple[dict[str, ast.stmt], dict[str, Key | str], list[str]]] = {}

    def live(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self.package}.{name}")

    def read(self, file: str) -> tuple[dict[str, ast.stmt], dict[str, Key | str], list[str]]:
        """Definitions, what is imported from other files (a name there, or a whole file), and all other imports."""
        if file not in self._read:
            text = self.edited.get(file)
            if text is None:
                with open(str(self.live(file).__file__), encoding="utf-8") as opened:
                    text = opened.read()
            bound: dict[str, ast.stmt] = {}
            others: dict[str, Key | str] = {}
            imports: list[str] = []
            for node in ast.parse(text).body:
                if isinstance(node, ast.ImportFrom) and node.level:
                    for alias in node.names:
                        other = (node.module, alias.name) if node.module else alias.name
                        others[alias.asname or alias.name] = other
                elif isinstance(node, (ast.Import, ast.ImportFrom)):
                    if getattr(node, "module", "") != "__future__":
                        imports.append(ast.unparse(node))
                elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    bound[node.name] = node
                elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    for name in (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)):
                        bound[name] = node
            self._read[file] = bound, others, imports
        return self._read[file]

    def resolve(self, file: str, name: str) -> Key:
        """Where a name is bound that a file may have from another one."""
        bound, others, _ = self.read(file)
        if name not in bound and name in others:
            other = others[name]
            return self.resolve(*other) if isinstance(other, tuple) else (other, "")
        return file, name

    def text(self, wanted: list[Key]) -> str:
        """Everything that the wanted names need, what is needed first standing first."""
        self.done: dict[Key, str] = {}
        self.imports: dict[str, None] = {"import numpy as np": None}
        for key in wanted:
            self._emit(key)
        return "\n".join([*self.imports, "", *dict.fromkeys(self.done.values())])

    def _emit(self, key: Key) -> None:
        if key in self.done:
            return
        self.done[key] = ""
        file, name = key
        bound, _, imports = self.read(file)
        self.imports.update(dict.fromkeys(imports))
        value = getattr(self.live(file), name, None)
        if isinstance(bound[name], (ast.Assign, ast.AnnAssign)) and isinstance(value, PLAIN) and _literal(value):
            said = f"{_named(file, name)} = {value!r}"
        else:
            said = ast.unparse(ast.fix_missing_locations(_Renaming(self, file).visit(_copied(bound[name]))))
        del self.done[key]
        self.done[key] = said + "\n"

    def needs(self, file: str, name: str) -> str:
        """What a name of a file's top level is called in the text."""
        key = self.resolve(file, name)
        if key[1]:
            self._emit(key)
        return _named(*key)


def _literal(value: object) -> bool:
    return all(map(_literal, value)) if isinstance(value, tuple) else isinstance(value, PLAIN)


def _copied(node: ast.stmt) -> ast.stmt:
    return ast.parse(ast.unparse(node)).body[0]


class _Renaming(ast.NodeTransformer):
    def __init__(self, files: _Files, file: str) -> None:
        self.files, self.file = files, file
        self.bound, self.others, _ = files.read(file)
        self.own: list[set[str]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if not self.own:
            node.name = _named(self.file, node.name)
            node.returns = None
            if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
        outside = {n for walked in ast.walk(node) if isinstance(walked, ast.Global) for n in walked.names}
        stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        arguments = {a.arg for a in ast.walk(node) if isinstance(a, ast.arg)}
        for argument in (a for a in ast.walk(node) if isinstance(a, ast.arg)):
            argument.annotation = None
        self.own.append((stored | arguments) - outside)
        self.generic_visit(node)
        self.own.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if not self.own:
            node.name = _named(self.file, node.name)
        self.own.append(set())
        self.generic_visit(node)
        self.own.pop()
        return node

    def visit_Global(self, node: ast.Global) -> ast.AST:
        node.names = [self.files.needs(self.file, n) if n in self.bound else n for n in node.names]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return self.generic_visit(ast.Assign([node.target], node.value)) if node.value is not None else ast.Pass()

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        whole = self.others.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if isinstance(whole, str) and not any(node.value.id in names for names in self.own):  # type: ignore[attr-defined]
            return ast.Name(self.files.needs(whole, node.attr), node.ctx)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        known = node.id in self.bound or isinstance(self.others.get(node.id), tuple)
        if known and not any(node.id in names for names in self.own):
            node.id = self.files.needs(self.file, node.id)
        return node
