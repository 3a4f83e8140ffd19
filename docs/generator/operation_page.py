"""The page of one operation: formula, inputs, options, domain, kinks, frameworks, what was found, verdicts."""

from __future__ import annotations

import inspect
import itertools
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from gradproof.cases import REGIMES, not_offered, regimes

from . import counterparts
from .found import cause_section, difference_lines
from .markdown import code, codes, fence, plain, table
from .markdown import page as joined
from .sources import helpers_of, reused_operations, source_of
from .verdicts import Verdicts

KINDS = {
    "real": "real",
    "labels": "class labels, integers",
    "one_hot": "one-hot rows",
    "binary": "0 or 1",
    "simplex": "positive rows that sum to one",
    "mask": "booleans",
}


def page(op: Any, causes: Sequence[Mapping[str, Any]], verdicts: Verdicts | None) -> str:
    """The Markdown text of an operation's page.

    op: an `Op` of the reference. causes: of who_is_wrong.toml. verdicts: of a findings file, or None.
    """
    return joined(
        [
            f"# {op.name}",
            plain(op.summary),
            f"Source of the formula: {plain(op.cite)}.",
            *_formula(op),
            *_inputs(op),
            *_options(op),
            *_domain(op),
            *_kinks(op),
            counterparts.section(op.name, names(op)),
            *_differences(op),
            *_found(causes),
            "## Verdicts",
            verdicts.section(op.name) if verdicts else _NO_VERDICTS,
        ]
    )


_NO_VERDICTS = (
    "No verdicts are at hand: this site was built without a findings file. "
    "`gradproof audit` writes one, and `GRADPROOF_FINDINGS` names it to the build."
)


def _formula(op: Any) -> list[str]:
    functions = [op.forward] if op.backward is None else [op.forward, op.backward]
    module = inspect.getdoc(sys.modules[op.forward.__module__]) or ""
    parts = ["## Formula", plain(module), fence(source_of(op.forward), "python")]
    if op.backward is None:
        parts.append("It has no backward: no derivative is asked of it.")
    else:
        parts.append(fence(source_of(op.backward), "python"))
    reused = reused_operations(functions)
    if reused:
        links = ", ".join(f"[{name}]({name}.md)" for name in reused)
        parts.append(f"It calls the forward or backward of {links}.")
    return parts + counterparts.helper_parts(helpers_of(functions), "The reference's helpers")


def _variants(op: Any) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """Each set of inputs that some options give, with those options."""
    if not callable(op.inputs):
        return {tuple(op.inputs): [{}]}
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for values in itertools.product(*op.options.values()):
        options = dict(zip(op.options, values, strict=True))
        found.setdefault(tuple(op.inputs_for(options)), []).append(options)
    return found


def names(op: Any) -> frozenset[str]:
    """Names of the inputs under any options."""
    return frozenset(i.name for inputs in _variants(op) for i in inputs)


def _deciding(op: Any, chosen: Sequence[Mapping[str, Any]]) -> str:
    """The options that set this variant apart, as a sentence's part: labels=integer."""
    parts = []
    for name, values in op.options.items():
        here = list(dict.fromkeys(options[name] for options in chosen))
        if len(here) < len(values):
            parts.append(" or ".join(code(f"{name}={value}") for value in here))
    return ", ".join(parts)


def _inputs(op: Any) -> list[str]:
    parts = ["## Inputs and outputs"]
    variants = _variants(op)
    for inputs, chosen in variants.items():
        if len(variants) > 1:
            parts.append(f"With {_deciding(op, chosen)}:" if _deciding(op, chosen) else "Otherwise:")
        head = ["input", "shape", "kind", "range", "gradient"]
        parts.append(table(head, [_input_row(i) for i in inputs]))
    stars = any("*" in i.shape for inputs in variants for i in inputs)
    parts.append(
        "Inputs that share a name of an axis share its size."
        + (" A starred axis stands for any number of axes, also for none." if stars else "")
    )
    names = op.outputs or (op.output,)
    said = f"Output{'s' if len(names) > 1 else ''}: {codes(names)}."
    if op.buffers:
        said += f" No gradient flows through {codes(op.buffers)}."
    return [*parts, said]


def _input_row(i: Any) -> list[str]:
    shape = f"({', '.join(i.shape.split())}{',' if len(i.shape.split()) == 1 else ''})" if i.shape else "a scalar"
    kind = KINDS[i.kind] + (f" below {i.classes}" if i.classes else "")
    return [
        code(i.name),
        code(shape) if i.shape else shape,
        kind,
        _range(i),
        code(f"d{i.name}") if i.differentiable else "none",
    ]


def _range(i: Any) -> str:
    if i.kind != "real":
        return ""
    if math.isinf(i.low) and math.isinf(i.high):
        return "any finite number"
    low = "" if math.isinf(i.low) else f"from {i.low:.9g}"
    high = "" if math.isinf(i.high) else f"to {i.high:.9g}"
    return f"{low} {high}".strip()


def _options(op: Any) -> list[str]:
    if not op.options:
        return ["## Options", "None."]
    rows = [[code(name), code(values[0]), codes(values[1:])] for name, values in op.options.items()]
    return ["## Options", table(["option", "default", "also drawn"], rows)]


def _domain(op: Any) -> list[str]:
    options = op.defaults()
    rows = [[code(name), REGIMES[name], "drawn"] for name in regimes(op, options)]
    rows += [[code(name), REGIMES[name], f"not drawn: {plain(why)}"] for name, why in not_offered(op, options).items()]
    parts = [
        "## Domain and regimes",
        "A case's numbers are of one of these kinds:",
        table(["regime", "numbers", ""], rows),
    ]
    if op.sizes:
        sizes = "; ".join(f"{code(name)} is one of {', '.join(map(str, values))}" for name, values in op.sizes.items())
        parts.append(f"Sizes: {sizes}. Every other axis may have any size.")
    if op.empty:
        parts.append(f"Axes that may be empty: {codes(op.empty)}.")
    return parts


def _kinks(op: Any) -> list[str]:
    lines = []
    for inputs in _variants(op):
        for i in inputs:
            if i.ties_with:
                offsets = "" if not i.kinks else f", at the offsets {', '.join(f'{k:g}' for k in i.kinks)}"
                lines.append(f"- where an entry of {code(i.name)} meets that of {code(i.ties_with)}{offsets}")
            elif i.kinks:
                lines.append(f"- where an entry of {code(i.name)} is {', '.join(f'{k:g}' for k in i.kinks)}")
    if not lines:
        return [
            "## Kinks",
            "None is declared. Ties that a case meets all the same are judged as [kinks](../../explanation/kinks.md).",
        ]
    said = "The formula bends or changes its branch here, and the regimes `kinks` and `ties` draw these points:"
    after = "What is right there: [kinks and ties](../../explanation/kinks.md)."
    return ["## Kinks", said, "\n".join(dict.fromkeys(lines)), after]


def _differences(op: Any) -> list[str]:
    lines = difference_lines(op.name)
    return ["## Known differences", lines or "None is declared: every framework is held to the formula above."]


def _found(causes: Sequence[Mapping[str, Any]]) -> list[str]:
    if not causes:
        return ["## What was found", "No audit has found a cause of wrong or inaccurate results in this operation."]
    return ["## What was found", *map(cause_section, causes)]
