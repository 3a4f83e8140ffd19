"""A failed check as a script that runs when pasted: the user's own two functions at the point where they fail."""

from __future__ import annotations

import ast
import builtins
import inspect
import os
import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .reproducer import literal
from .together import REASON as NO_SUBGRADIENT
from .verdict import Finding

if TYPE_CHECKING:
    from .checking import Checked

MOST_SHOWN = 60  # entries of the inputs beyond which the numbers are left out


def script(checked: Checked) -> str:
    """The script; a sentence where the inputs are too large to print, nothing where there is nothing to see."""
    if checked.functions[0] is None or (not checked.cotangents and not checked.failed):
        return ""
    if sum(x.size for x in checked.inputs.values()) > MOST_SHOWN:
        sizes = ", ".join(f"{n} {x.shape}" for n, x in checked.inputs.items())
        return f"(the inputs are too large to print here: {sizes}; smaller ones that show it make a script)"
    finding = next((f for f in checked.failed if f.worst is not None), checked.failed[0])
    lines = ["import numpy as np", *_functions(checked), ""]
    lines += [f"{name} = {literal(_plain(x))}" for name, x in checked.inputs.items()]
    lines += [f"{name} = {_repr(value)}" for name, value in checked.others.items()]
    return "\n".join([*lines, *_calls(checked, finding)])


def _plain(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x).reshape(x.shape)


def _repr(value: Any) -> str:
    """A literal that is the value again, or three dots and what it is."""
    text = repr(value)
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return f"...  # your {type(value).__name__}"
    return text


def _calls(checked: Checked, finding: Finding) -> list[str]:
    """The two calls and what to look at."""
    call, output = checked.call, checked.pair.output
    if not call.forward:
        return [f"forward({', '.join([*checked.inputs, *checked.others])})"]
    dy = checked.cotangents[finding.worst.cotangent if finding.worst is not None else 0]
    lines = (
        [f"d{output} = {literal(_plain(dy))}"] if f"d{output}" in call.backward or "cotangents" in call.backward else []
    )
    changed = [
        n
        for n in (*checked.inputs, f"d{output}")
        if f" {n} " in f"{finding.message} " and finding.reason.startswith("mutated")
    ]
    lines += [f"kept = {n}.copy()" for n in changed]
    lines.append(call.forward)
    if "cotangents" in call.backward:
        lines += ["ends = np.cumsum([np.size(part) for part in outputs])"]
        lines += [
            f"cotangents = [d.reshape(np.shape(part)) for d, part in zip(np.split(d{output}, ends[:-1]), outputs)]"
        ]
        lines += [f"{output} = np.concatenate([np.ravel(part) for part in outputs])"]
    lines += [call.backward] if call.backward else []
    return (
        lines
        + [f'print("{n} unchanged:", np.array_equal({n}, kept))' for n in changed]
        + ([] if changed else _shown(checked, finding))
    )


def _shown(checked: Checked, finding: Finding) -> list[str]:
    """Lines that print what the finding says."""
    quantity, outputs = finding.quantity, checked.pair.outputs
    if quantity in outputs:
        value = f"outputs[{outputs.index(quantity)}]"
    else:
        value = quantity if quantity == checked.pair.output else f"gradients{checked.call.where.get(quantity, '')}"
    if finding.reason == "wrong-shape":
        return [f'print("{quantity} has shape", np.shape({value}))']
    if finding.reason == "wrong-dtype":
        return [f'print("{quantity} is", np.asarray({value}).dtype)']
    if finding.reason == NO_SUBGRADIENT:
        return [f'print("{quantity} added up:", np.sum({value}))', "print(gradients)"]
    if finding.worst is None:
        if quantity in outputs:
            return [f"print({value})"]
        of_output = quantity == checked.pair.output or not checked.call.backward
        return [f"print({checked.pair.output if of_output else 'gradients'})"]
    at = ", ".join(map(str, finding.worst.index))
    entry = f"[{at}]" if at else "[()]"
    return [
        f'print("{quantity}{entry if at else ""} =", np.asarray({value}){entry})',
        f'print("true value:", {finding.worst.true})',
    ]


# -- where the functions come from -----------------------------------------------------------------------------------


def _functions(checked: Checked) -> list[str]:
    """Lines that bring `forward` and `backward` into being."""
    forward, backward = checked.functions
    layer = getattr(forward, "layer", None)
    if layer is not None:
        return _layer(layer, forward, [x.copy() for x in checked.inputs.values()])
    wanted = [(forward, "forward")] + ([] if backward is None else [(backward, "backward")])
    lines = []
    for function, name in wanted:
        found = (
            _import(function, name)
            or _source(function, name)
            or [f"# {name} is your {getattr(function, '__name__', 'function')}"]
        )
        lines += [line for line in found if line not in lines]
    return lines


def _layer(layer: type, forward: Callable[..., Any], inputs: Sequence[Any]) -> list[str]:
    """A class with forward and backward methods as two functions."""
    found = _import(layer, layer.__name__) or [f"# {layer.__name__} is your class"]
    count = len(forward.parameters)  # type: ignore[attr-defined]
    first, rest = (f"*inputs[:{count}]", f"*inputs[{count}:]") if count else ("", "*inputs")
    made = [
        "",
        "",
        "def forward(*inputs, **options):",
        f"    layer = {layer.__name__}({first})",
        f"    return layer.forward({rest}, **options), layer",
    ]
    answer = ["    return layer.backward(dy)"]
    if count:
        kept = [
            f"layer.{a}" + (f"[{key!r}]" if key else "") if a else "None" for a, key in _kept(layer, forward, inputs)
        ]
        answer = [
            "    returned = layer.backward(dy)",
            f"    return ({', '.join(kept)}, *(returned if isinstance(returned, tuple) else (returned,)))",
        ]
    return [*found, *made, "", "", "def backward(dy, layer):", *answer, ""]


def _kept(layer: type, forward: Callable[..., Any], inputs: Sequence[Any]) -> list[tuple[str, str]]:
    """Where an object of the class keeps the gradients of its constructor's arguments after a backward."""
    count = len(forward.parameters)  # type: ignore[attr-defined]
    made: Any = layer(*inputs[:count])
    y = made.forward(*inputs[count:])
    made.backward(np.ones(np.shape(y)))
    return forward.kept(made)  # type: ignore[attr-defined]


def _import(function: Any, name: str) -> list[str]:
    """The import of a function or class that stands at the top level of a file; nothing for any other."""
    qualified = getattr(function, "__qualname__", "<")
    path = source_file(function)
    if "<" in qualified or "." in qualified or not path or not os.path.exists(path):
        return []
    folder, file = os.path.split(os.path.abspath(path))
    stem = os.path.splitext(file)[0]
    package: list[str] = []
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, parent = os.path.split(folder)
        package.insert(0, parent)
    if not all(part.isidentifier() for part in (*package, stem)):
        return ["import runpy", f"{name} = runpy.run_path({path!r})[{qualified!r}]"]
    alias = "" if qualified == name else f" as {name}"
    return [
        "import sys",
        f"sys.path.insert(0, {folder!r})",
        f"from {'.'.join([*package, stem])} import {qualified}{alias}",
    ]


def _source(function: Any, name: str) -> list[str]:
    """The source of a function that stands inside another, where it needs nothing but NumPy."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_freevars or function.__name__ == "<lambda>":
        return []
    if any(n in function.__globals__ and n not in ("np", *dir(builtins)) for n in code.co_names):
        return []
    try:
        text = textwrap.dedent(inspect.getsource(function)).rstrip()
    except (OSError, TypeError):
        return []
    if not text.startswith("def "):
        return []
    renamed = [] if function.__name__ == name else [f"{name} = {function.__name__}"]
    return ["", "", *text.split("\n"), "", *renamed]


def source_file(function: Any) -> str:
    """The file that a function stands in, or nothing."""
    try:
        return inspect.getsourcefile(inspect.unwrap(function)) or ""
    except (TypeError, ValueError):
        return ""
