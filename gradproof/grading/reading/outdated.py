"""Names in kept code that are gone: Python 2's, NumPy's, the standard library's, each with the modern spelling."""

from __future__ import annotations

import ast
import builtins
import importlib
import warnings
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from . import needed
from .cleaning import Cleaned
from .drafts import Draft
from .nodes import walk
from .python2 import METHODS, MODULES, NAMES, also
from .record import Problem

_REPLACED = {
    "float": "float or np.float64",
    "int": "int or np.int64",
    "bool": "bool or np.bool_",
    "object": "object",
    "str": "str",
    "complex": "complex or np.complex128",
    "long": "int",
    "unicode": "str",
    "mat": "np.asmatrix (or np.array and @)",
    "asscalar": "a.item()",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "sometrue": "np.any",
    "alltrue": "np.all",
    "in1d": "np.isin",
    "trapz": "np.trapezoid",
    "row_stack": "np.vstack",
    "NaN": "np.nan",
    "NAN": "np.nan",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "infty": "np.inf",
    "PINF": "np.inf",
    "NINF": "-np.inf",
    "PZERO": "0.0",
    "NZERO": "-0.0",
    "float_": "np.float64",
    "complex_": "np.complex128",
    "unicode_": "np.str_",
    "string_": "np.bytes_",
    "singlecomplex": "np.complex64",
    "cfloat": "np.complex128",
    "longfloat": "np.longdouble",
    "asfarray": "np.asarray(a, dtype=float)",
    "find_common_type": "np.result_type",
    "cast": "np.asarray(a, dtype=...)",
    "round_": "np.round",
    "msort": "np.sort(a, axis=0)",
    "rank": "np.ndim",
    "issubclass_": "issubclass",
    "issctype": "issubclass(t, np.generic)",
    "maximum_sctype": "the type itself",
    "obj2sctype": "np.dtype(a).type",
    "sctype2char": "np.dtype(a).char",
    "sctypes": "the types themselves",
    "source": "inspect.getsource",
    "who": "print",
    "safe_eval": "ast.literal_eval",
    "recfromcsv": "np.genfromtxt",
    "recfromtxt": "np.genfromtxt",
    "typeDict": "np.sctypeDict",
    "random_integers": "np.random.randint(low, high + 1)",
}
_ARRAY_METHODS = {"ptp": "np.ptp(a)", "itemset": "a[i] = value", "newbyteorder": "a.view(a.dtype.newbyteorder())"}
_LIBRARY = {
    "collections.Mapping": "collections.abc.Mapping",
    "collections.MutableMapping": "collections.abc.MutableMapping",
    "collections.Sequence": "collections.abc.Sequence",
    "collections.MutableSequence": "collections.abc.MutableSequence",
    "collections.Iterable": "collections.abc.Iterable",
    "collections.Iterator": "collections.abc.Iterator",
    "collections.Callable": "collections.abc.Callable",
    "collections.Hashable": "collections.abc.Hashable",
    "collections.Set": "collections.abc.Set",
    "inspect.getargspec": "inspect.getfullargspec",
    "fractions.gcd": "math.gcd",
    "time.clock": "time.perf_counter",
    "imp": "importlib",
    "imp.reload": "importlib.reload",
    "distutils": "setuptools or packaging",
    "asyncore": "asyncio",
    "pipes": "shlex",
    "platform.linux_distribution": "platform.freedesktop_os_release",
    "os.popen2": "subprocess",
}


def numpy_replacement(path: str) -> str:
    """What to write for np.<path> that the installed NumPy lacks; empty where it has it."""
    at: Any = np
    for part in path.split("."):
        if not isinstance(at, ModuleType):
            return ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                at = getattr(at, part)
            except AttributeError:
                return _instead(path)
    return ""


def _instead(path: str) -> str:
    last = path.rsplit(".", 1)[-1]
    if last in _REPLACED and "." not in path.removeprefix("random."):
        return f"write {_REPLACED[last]}"
    said = _expired().get(path)
    if said:
        return said.strip().rstrip(".").replace("`", "")
    from ...naming import nearest

    folder = path.rpartition(".")[0]
    home = np if not folder else getattr(np, folder, np)
    near = nearest(last, [n for n in dir(home) if not n.startswith("_")])
    return (
        f"did you mean np.{folder + '.' if folder else ''}{near[0]}?" if near else "look it up in NumPy's documentation"
    )


def _expired() -> Mapping[str, str]:
    """NumPy's own list of what version 2 removed, with its advice; empty where this NumPy keeps none."""
    try:
        found = importlib.import_module("numpy._expired_attrs_2_0").__expired_attributes__
    except (ImportError, AttributeError):
        return {}
    return found if isinstance(found, dict) else {}


def outdated(draft: Draft, cleaned: Cleaned, everywhere: set[str]) -> list[Problem]:
    """Problems of the kept code, one for each name and cell; everywhere: names that some module binds."""
    found: dict[tuple[str, str, int], tuple[str, list[int]]] = {}
    shimmed = _shimmed(cleaned)
    for line, kind, name, message in _uses(draft, cleaned, everywhere):
        if name in shimmed:
            continue
        origin = draft.origins[line - 1]
        found.setdefault((kind, name, origin.cell), (message, []))[1].append(line)
    problems = []
    for (kind, _, cell), (message, lines) in found.items():
        places = sorted({draft.origins[n - 1].line for n in lines})
        problems.append(Problem(kind, draft.file, places[0], message + also(places), cell))
    return sorted(problems, key=lambda p: (p.cell, p.line))


def _shimmed(cleaned: Cleaned) -> set[str]:
    """np.float = float: what a submission puts back itself."""
    return {
        "np." + node.attr
        for statement in cleaned.kept
        for node in walk(statement)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }


def _uses(draft: Draft, cleaned: Cleaned, everywhere: set[str]) -> Iterator[tuple[int, str, str, str]]:
    imports = cleaned.scope.imports
    known = everywhere | set(imports) | cleaned.scope.bound | cleaned.scope.own
    called = needed.used_by_definitions(draft.text, draft.tree.body)
    for statement in cleaned.kept:
        inside: set[int] = set()
        for node in walk(statement):
            if isinstance(node, ast.Attribute) and id(node) not in inside:
                inside |= {id(n) for n in walk(node.value) if isinstance(n, ast.Attribute)}
                yield from _attribute(node, imports)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                gone = node.id in NAMES and node.id not in known and not hasattr(builtins, node.id)
                if gone and (node.id in called or not isinstance(statement, needed.DEFINITIONS)):
                    yield node.lineno, "python2", node.id, f"`{node.id}` is Python 2; write {NAMES[node.id]}"
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                yield from _import(node, called)


def _attribute(node: ast.Attribute, imports: Mapping[str, str]) -> Iterator[tuple[int, str, str, str]]:
    parts = []
    at: ast.expr = node
    while isinstance(at, ast.Attribute):
        parts.append(at.attr)
        at = at.value
    path = ".".join(reversed(parts))
    base = imports.get(at.id, "") if isinstance(at, ast.Name) else ""
    if base.split(".")[0] == "numpy":
        below = ".".join([*base.split(".")[1:], path]) if "." in base else path
        instead = numpy_replacement(below)
        if instead:
            yield (
                node.lineno,
                "removed-numpy",
                f"np.{below}",
                f"`np.{below}` is not in NumPy {np.__version__}; {instead}",
            )
        return
    full = f"{base}.{path}"
    for table, kind in ((MODULES, "python2"), (_LIBRARY, "removed-stdlib")):
        if base and full in table and not _still_there(full):
            yield node.lineno, kind, full, f"`{full}` is gone; write {table[full]}"
    if base:
        return
    if node.attr in METHODS and not (isinstance(at, ast.Name) and at.id == "self" and len(parts) == 1):
        yield node.lineno, "python2", node.attr, f"`.{node.attr}` is Python 2; write {METHODS[node.attr]}"
    elif node.attr in _ARRAY_METHODS and not hasattr(np.ndarray, node.attr):
        said = f"arrays have no method `{node.attr}` in NumPy {np.__version__}; write {_ARRAY_METHODS[node.attr]}"
        yield node.lineno, "removed-numpy", node.attr, said


def _import(node: ast.Import | ast.ImportFrom, called: set[str]) -> Iterator[tuple[int, str, str, str]]:
    for alias in node.names:
        if (alias.asname or alias.name.split(".")[0]) not in called:
            continue
        full = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        if isinstance(node, ast.ImportFrom) and node.module == "numpy":
            instead = numpy_replacement(alias.name)
            if instead:
                yield node.lineno, "removed-numpy", full, f"`{full}` is not in NumPy {np.__version__}; {instead}"
        for table, kind in ((MODULES, "python2"), (_LIBRARY, "removed-stdlib")):
            if full in table and not _still_there(full):
                yield node.lineno, kind, full, f"`{full}` is gone; write {table[full]}"


def _still_there(full: str) -> bool:
    """Whether this Python has what a table above calls gone; these leave one by one."""
    module, _, attribute = full.rpartition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return hasattr(importlib.import_module(module), attribute) if module else _is_module(full)
        except ImportError:
            return False


def _is_module(name: str) -> bool:
    from .importing import is_library

    return is_library(name)
