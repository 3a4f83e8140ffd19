"""A submission's files as modules: imported from text, never before the standard library and NumPy."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import sys
from collections.abc import Sequence
from types import CodeType, FunctionType, ModuleType, TracebackType
from typing import Any

RESERVED = frozenset(sys.stdlib_module_names) | {"numpy"}
LONGEST_SIGNATURE = 200


class Submission(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and runs the submission's files.

    A file `cs231n/layers.py` is the module `cs231n.layers`, and, as students run their files in their own folder,
    every folder is searched as if it stood on the path. It stands last among the finders: a submission's own
    `random.py` is read when the judge asks for it, and never when another module says `import random`.
    """

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files
        self.by_name = {_module_name(file): file for file in files}
        self.packages = {""}
        for file in files:
            parts = _parts(file)
            self.packages |= {".".join(parts[:n]) for n in range(1, len(parts))}
        self.roots = sorted(self.packages, key=lambda name: (name.count(".") + bool(name), name))
        self.first_root = ""
        self.loaded: dict[str, ModuleType] = {}
        self.namespace: dict[str, Any] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        for root in (self.first_root, *self.roots):
            name = f"{root}.{fullname}" if root else fullname
            if name in self.by_name:
                return self._spec(fullname, self.by_name[name], name in self.packages)
            if name in self.packages:
                return importlib.machinery.ModuleSpec(fullname, None, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self.loaded.get(str(spec.origin))

    def exec_module(self, module: ModuleType) -> None:
        file = str(getattr(module.__spec__, "origin", ""))
        if file not in self.loaded:
            self.loaded[file] = module
            exec(compile(self.files[file], file, "exec", dont_inherit=True), vars(module))

    def run_entry(self, file: str) -> None:
        """Import one file by the judge's order; its names win over those of the files before it."""
        name = _module_name(file)
        self.first_root = name.rpartition(".")[0]
        if file not in self.loaded:
            self._import_parents(name)
            module = importlib.util.module_from_spec(self._spec(name, file, name in self.packages))
            sys.modules[name] = module
            try:
                self.exec_module(module)
            finally:
                self._take_names(module)
        else:
            self._take_names(self.loaded[file])

    def names(self) -> dict[str, str]:
        """Functions and classes that the submission defines, methods as `Layer.forward`, with their signatures."""
        found = {}
        for name, value in list(self.namespace.items()):
            if isinstance(value, FunctionType) and self.holds(value.__code__):
                found[name] = _signature(value)
            elif isinstance(value, type) and not _is_foreign(value):
                found[name] = _signature(value)
                methods = {key: each for key, each in list(vars(value).items()) if isinstance(each, FunctionType)}
                found.update({f"{name}.{key}": _signature(each) for key, each in methods.items()})
        return found

    def holds(self, code: CodeType) -> bool:
        """Whether this code comes from a file of the submission."""
        return code.co_filename in self.files

    def where(self, error: BaseException) -> tuple[str, int] | None:
        """The innermost place in the submission that an exception passed through, as (file, line)."""
        if isinstance(error, SyntaxError) and error.filename in self.files:
            return error.filename, error.lineno or 1
        found = None
        trace: TracebackType | None = error.__traceback__
        while trace is not None:
            if self.holds(trace.tb_frame.f_code):
                found = (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
            trace = trace.tb_next
        return found

    def _spec(self, name: str, file: str, is_package: bool) -> importlib.machinery.ModuleSpec:
        spec = importlib.machinery.ModuleSpec(name, self, origin=file, is_package=is_package)
        spec.has_location = True
        return spec

    def _import_parents(self, name: str) -> None:
        parent = name.rpartition(".")[0]
        if parent:
            importlib.import_module(parent)

    def _take_names(self, module: ModuleType) -> None:
        self.namespace.update({name: value for name, value in vars(module).items() if not name.startswith("__")})


def _module_name(file: str) -> str:
    parts = _parts(file)
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _parts(file: str) -> list[str]:
    for ending in (".py", ".ipynb"):
        file = file.removesuffix(ending)
    parts = [part.replace(".", "_") or "_" for part in file.strip("/").split("/")]
    if parts[0] in RESERVED:
        parts[0] += "_submitted"
    return parts


def _signature(function: Any) -> str:
    try:
        return str(inspect.signature(function))[:LONGEST_SIGNATURE]
    except Exception:
        return "(...)"


def _is_foreign(kind: type) -> bool:
    return str(getattr(kind, "__module__", "")).partition(".")[0] in RESERVED | {"builtins"}
