"""Whether a module-level expression may be run: cheap, without files, plots or input. Why not, in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from .needed import root
from .nodes import walk


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BUILTINS = _names("""
    abs all any bool bytearray bytes callable chr complex dict divmod enumerate filter float format frozenset getattr
    hasattr hash hex id int isinstance issubclass iter len list map max min next object oct ord pow range repr reversed
    round set setattr slice sorted staticmethod classmethod str sum super tuple type vars zip property
""")
_NUMPY_FILES = _names("""
    load loadtxt genfromtxt fromfile memmap fromregex save savez savez_compressed savetxt DataSource open_memmap
""")
_CHEAP = _names("""
    math cmath functools itertools operator collections random copy fractions decimal typing types enum dataclasses
    string statistics abc numbers contextlib pathlib textwrap re builtins logging array bisect heapq
""")
_ALSO_CHEAP = {"time.time", "time.perf_counter", "os.path.join", "os.path.dirname", "os.path.abspath", "os.getcwd"}
_ALSO_CHEAP |= {"os.environ.get", "os.path.exists", "sys.float_info", "inspect.signature"}
_LONG = {
    "read": "reads a file",
    "readlines": "reads a file",
    "readline": "reads a file",
    "tofile": "writes a file",
    "dump": "writes a file",
    "fit": "trains",
    "train": "trains",
    "fit_transform": "trains",
    "parse_args": "reads the command line",
    "load_data": "reads a data set",
    "show": "plots",
    "plot": "plots",
    "mainloop": "opens a window",
}
_WORDS = {
    "open": "reads a file",
    "input": "asks for input",
    "raw_input": "asks for input",
    "print": "prints",
    "exit": "ends the program",
    "quit": "ends the program",
    "get_ipython": "runs a magic or a shell command",
    "exec": "runs text as code",
    "eval": "runs text as code",
}


@dataclass
class Scope:
    """What is known of a module's names while its statements are gone through in order.

    imports: name -> dotted path of what it is; own: names of its definitions and of what it takes from the
    submission's other modules; functions: these and other names given to functions; dropped: name -> why it has no
    value; stars: modules whose names are all taken in.
    """

    imports: dict[str, str] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    dropped: dict[str, str] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    stars: list[str] = field(default_factory=list)


def refusal(node: ast.AST, scope: Scope) -> str:
    """Why a node is not run; empty where it is run."""
    for part in _evaluated(node):
        if isinstance(part, (ast.Await, ast.Yield, ast.YieldFrom)):
            return "waits for something"
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id in scope.dropped:
            return f"needs `{part.id}`, which is not available"
        if isinstance(part, ast.Call):
            why = _call(part.func, scope)
            if why:
                return why
    return ""


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes that are evaluated with the statement: not the bodies of lambdas."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [one.args] if isinstance(one, ast.Lambda) else list(ast.iter_child_nodes(one))


def _call(function: ast.expr, scope: Scope) -> str:
    if isinstance(function, ast.Name):
        name = function.id
        if name in scope.own or name in scope.bound:
            return ""
        if name in scope.imports:
            return library_refusal(scope.imports[name])
        if name in _BUILTINS:
            return ""
        if name in _WORDS:
            return _WORDS[name]
        return "" if scope.stars else f"calls `{name}`, which is not defined here"
    start = root(function)
    if start in scope.imports:
        return library_refusal(scope.imports[start] + "." + ".".join(_attributes(function)))
    if isinstance(function, ast.Attribute) and function.attr in _LONG:
        return _LONG[function.attr]
    return ""


def _attributes(node: ast.expr) -> list[str]:
    found = []
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Attribute):
            found.append(node.attr)
        node = node.value
    return found[::-1]


def library_refusal(full: str) -> str:
    """Why a library's function is not run at module level; empty for the submission's own (they begin with a dot)."""
    top, last = full.split(".")[0], full.rsplit(".", 1)[-1]
    if full.startswith("."):
        return _LONG.get(last, "")
    if top == "numpy":
        return "reads or writes a file" if last in _NUMPY_FILES else ""
    if top in _CHEAP or full in _ALSO_CHEAP:
        return _LONG.get(last, "")
    return f"uses `{top}`" if top in ("matplotlib", "pandas", "torch", "tensorflow", "keras") else f"calls `{full}`"


def builds(loop: ast.For, scope: Scope) -> bool:
    """Whether a loop only fills a table: stores and appends, none of the submission's own functions called."""
    if loop.orelse or refusal(loop, scope):
        return False
    for statement in loop.body:
        if isinstance(statement, ast.For):
            if not builds(statement, scope):
                return False
        elif not isinstance(statement, (ast.Assign, ast.Expr, ast.Pass)):
            return False
    calls = [n.func for n in walk(loop) if isinstance(n, ast.Call)]
    return not any(isinstance(f, ast.Name) and f.id in scope.own and f.id[:1].islower() for f in calls)
