"""A finding as a script that runs when pasted: NumPy only, the formula's own source, the numbers of the case."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np


def literal(x: np.ndarray) -> str:
    """An array as NumPy source that gives the same bits."""
    dtype = "bool_" if x.dtype.kind == "b" else x.dtype.name
    return f"np.array({_nested(x)}, dtype=np.{dtype})" + (f".reshape({x.shape})" if x.size == 0 else "")


def _nested(x: np.ndarray) -> str:
    if x.ndim:
        return "[" + ", ".join(_nested(part) for part in x) + "]"
    value = x[()]
    if x.dtype.kind == "f" and not np.isfinite(value):
        return "np.nan" if np.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    return str(value)


def source_of(*functions: Callable[..., Any]) -> str:
    """The source of functions and of everything of their own packages that they call, callees first.

    Empty where the source is not to be had (a lambda in a shell, say).
    """
    found: dict[str, str] = {}
    for function in functions:
        _collect(inspect.unwrap(function), found, set())
    return "\n\n".join(found.values())


def _collect(function: Any, found: dict[str, str], open_: set[str]) -> None:
    name = getattr(function, "__qualname__", "")
    if not inspect.isfunction(function) or name in found or name in open_ or "." in name:
        return
    open_.add(name)
    try:
        text = _without_annotations(inspect.getsource(function))
        tree = ast.parse(text)
    except (OSError, TypeError, SyntaxError):
        return
    package = function.__module__.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in ("np", "numpy"):
            found.update(_import(node.id, function.__globals__.get(node.id)))
        known = function.__globals__.get(node.id) if isinstance(node, ast.Name) else None
        if inspect.isfunction(known) and (
            known.__module__ == function.__module__ or (package and known.__module__.rpartition(".")[0] == package)
        ):
            _collect(known, found, open_)
        elif isinstance(node, ast.Name) and isinstance(known, dict):
            for value in known.values():
                _collect(value, found, open_)
            entries = (f"{k!r}: {v.__name__ if inspect.isfunction(v) else repr(v)}" for k, v in known.items())
            found.setdefault(node.id, f"{node.id} = {{{', '.join(entries)}}}")
        elif isinstance(node, ast.Name) and isinstance(known, (int, float, str, tuple)) and not isinstance(known, bool):
            found.setdefault(node.id, f"{node.id} = {known!r}")
    found[name] = text


def _import(name: str, known: Any) -> dict[str, str]:
    """The import of something of the standard library or NumPy that a function finds in its globals."""
    if not (inspect.ismodule(known) or inspect.isclass(known) or inspect.isroutine(known)):
        return {}
    home = known.__name__ if inspect.ismodule(known) else known.__module__ or "builtins"
    if home.partition(".")[0] not in {*sys.stdlib_module_names, "numpy"} or home == "builtins":
        return {}
    own = getattr(known, "__name__", name)
    line = f"import {own}" if inspect.ismodule(known) else f"from {home} import {own}"
    return {name: line if own == name else f"{line} as {name}"}


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


def script(
    title: str,
    functions: tuple[Callable[..., Any], Callable[..., Any] | None],
    inputs: Mapping[str, np.ndarray],
    differentiable: Sequence[str],
    options: Mapping[str, Any],
    cotangents: Mapping[str, np.ndarray],
    quantity: str,
    outputs: Sequence[str],
    index: Sequence[int],
    lines: Mapping[str, str],
) -> str:
    """A script that evaluates a catalogue operation at the case and prints its value beside the finding's numbers.

    quantity: an output or "d" + input. outputs: the outputs' names; cotangents: by name of their output, in order.
    index: the worst entry. lines: what else to print, label and text.
    """
    forward, backward = functions
    at = "".join(f"[{i}]" for i in index) or "[()]"
    names = ", ".join(inputs) + "".join(f", {k}={v!r}" for k, v in options.items())
    gradients = "".join(f"d{n}, " for n in differentiable)

    def calls(given: str, cast: str) -> list[str]:
        run = f"{', '.join(outputs)}, cache = {forward.__name__}({given})"
        if backward is None:
            return [run]
        upstream = "".join(f"d{name}{cast}, " for name in cotangents)
        return [run, f"{gradients.rstrip()} = {backward.__name__}({upstream}cache)"]

    labels = {"this formula": "", "in float64": "", **lines}
    width = max(map(len, labels))
    body = [
        f"# {title}",
        "import numpy as np",
        "",
        "",
        source_of(*filter(None, functions)),
        "",
        "",
        *(f"{name} = {literal(x)}" for name, x in inputs.items()),
        *(f"d{name} = {literal(np.asarray(dy))}" for name, dy in cotangents.items()),
        "",
        *calls(names, ""),
        f'print("{"this formula":{width}}", np.asarray({quantity}){at})',
    ]
    if any(x.dtype == np.float32 for x in inputs.values()):
        wide = ", ".join(f"{n}.astype(np.float64)" if x.dtype.kind == "f" else n for n, x in inputs.items())
        wide += "".join(f", {k}={v!r}" for k, v in options.items())
        body += [
            *calls(wide, ".astype(np.float64)"),
            f'print("{"in float64":{width}}", np.asarray({quantity}){at})',
        ]
    body += [f'print("{label:{width}}", {text!r})' for label, text in lines.items()]
    return "\n".join(body) + "\n"
