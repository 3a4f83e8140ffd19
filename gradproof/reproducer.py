"""A finding as a script that runs when pasted: NumPy only, the formula's own source, the numbers of the case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .gathering import gathered


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
    backward = functions[1]
    at = "".join(f"[{i}]" for i in index) or "[()]"
    names = ", ".join(inputs) + "".join(f", {k}={v!r}" for k, v in options.items())
    gradients = "".join(f"d{n}, " for n in differentiable)

    variables = {*inputs, *outputs, "cache", *(f"d{n}" for n in (*differentiable, *cotangents))}
    source, called = gathered([*filter(None, functions)], variables)

    def calls(given: str, cast: str) -> list[str]:
        run = f"{', '.join(outputs)}, cache = {called[0]}({given})"
        if backward is None:
            return [run]
        upstream = "".join(f"d{name}{cast}, " for name in cotangents)
        return [run, f"{gradients.rstrip()} = {called[1]}({upstream}cache)"]

    labels = {"this formula": "", "in float64": "", **lines}
    width = max(map(len, labels))
    body = [
        f"# {title}",
        "import numpy as np",
        "",
        "",
        source,
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
