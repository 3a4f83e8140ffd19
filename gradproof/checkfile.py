"""`gradproof check PATH[:NAME]`: the pairs of a file, each judged on several cases, smallest first."""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any, TextIO

import numpy as np

from .checking import Checked, check_point, operation_cases
from .explaining import explain, headline
from .inferring import KINDS, fill, infer
from .loading import choose, load, split
from .truth import Proof


def check_file(args: argparse.Namespace, out: TextIO) -> int:
    """Judge what the arguments name; prints verdicts, returns the exit code."""
    path, name = split(args.path)
    if args.operation is not None:
        _known_operation(args.operation)
    options = dict(_option(text) for text in args.option)
    shapes = dict(_shape(text) for text in args.shape)
    module = load(path)
    results: dict[str, list[Checked]] = {}
    for pair, (forward, backward) in choose(module, path, name).items():
        with contextlib.redirect_stdout(sys.stderr):
            cases = _judged(args, module, pair, forward, backward, options, shapes)
        results[pair] = cases
        if args.format == "text":
            out.write(_text(pair, cases, args.operation) + "\n")
            out.flush()
    if args.format == "json":
        out.write(json.dumps({pair: _record(cases) for pair, cases in results.items()}, indent=2) + "\n")
    return _exit_code([case for cases in results.values() for case in cases])


def _known_operation(name: str) -> None:
    from .naming import unknown_operation
    from .reference import operations

    if name not in operations():
        raise ValueError(unknown_operation(name, operations()))


def _exit_code(cases: list[Checked]) -> int:
    if any(case.failed for case in cases):
        return 1
    compared = any(f.worst is not None for case in cases for f in case.findings)
    return 0 if compared else 5


def _judged(
    args: argparse.Namespace, module: ModuleType, name: str, forward: Callable[..., Any], backward: Callable[..., Any],
    options: Mapping[str, Any], shapes: Mapping[str, Any],
) -> list[Checked]:  # fmt: skip
    if args.operation is not None:
        return operation_cases(args.operation, forward, backward, args.cases, args.seed, options, (args.dtype,))
    nondiff = tuple(n for n in args.nondiff.split(",") if n)
    judged = []
    for k, inputs in enumerate(_inputs(args, module, name, forward, backward, options, shapes)):
        judged.append(check_point(forward, backward, inputs, nondiff, options, name, args.seed + k))
        if judged[-1].failed:
            break  # the cases grow: this is the smallest that shows it
    return judged


def _inputs(
    args: argparse.Namespace, module: ModuleType, name: str, forward: Any, backward: Any, options: Mapping[str, Any], shapes: Mapping[str, Any]
) -> Iterator[list[Any]]:  # fmt: skip
    """Inputs of each case: the file's own, those of --shape, or found by trying."""
    own = getattr(module, f"{name}_inputs", None)
    if callable(own) and not shapes:
        given = own()
        yield list(given.values()) if isinstance(given, dict) else list(given) if isinstance(given, (tuple, list)) else [given]
        return
    if shapes:
        for k in range(args.cases):
            kind = KINDS[k % len(KINDS)]
            yield [fill(shape, below, kind, args.dtype, [args.seed, k, p]) for p, (shape, below) in enumerate(shapes.values())]
        return
    plan = infer(name, forward, backward, options)
    print(f"{name}: shapes found by trying: {plan.describe()}", file=sys.stderr)
    for k in range(args.cases):
        kind = KINDS[k % len(KINDS)]
        arrays = plan.arrays(k, args.dtype, args.seed, kind)
        if kind != "positive" and not _finite(forward, arrays, options):
            arrays = plan.arrays(k, args.dtype, args.seed, "positive")
        yield arrays


def _finite(forward: Any, arrays: list[np.ndarray], options: Mapping[str, Any]) -> bool:
    """Does the formula have a value here at all (log of a negative number has none)?"""
    with np.errstate(all="ignore"), contextlib.suppress(Exception):
        result = forward(*(x.copy() for x in arrays), **options)
        y = np.asarray(result[0] if isinstance(result, tuple) else result)
        return not bool(np.isnan(y).any())
    return True


def _shape(text: str) -> tuple[str, tuple[tuple[int, ...], int | None]]:
    """x=3,4 or labels=6:int4."""
    match = re.fullmatch(r"(\w+)=((?:\d+(?:,\d+)*)?)(?::int(\d+))?", text)
    if not match:
        raise ValueError(f"--shape {text!r} is not NAME=SIZES, as in x=3,4 (labels=6:int4 for integers below 4)")
    name, sizes, below = match.groups()
    return name, (tuple(map(int, sizes.split(","))) if sizes else (), int(below) if below else None)


def _option(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise ValueError(f"--option {text!r} is not NAME=VALUE")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


# -- what is printed ----------------------------------------------------------------------------------------------


def _text(name: str, cases: list[Checked], operation: str | None) -> str:
    failed = [case for case in cases if case.failed]
    if failed:
        smallest = min(failed, key=lambda c: sum(x.size for x in c.inputs.values()))
        case = smallest.findings[0].case
        count = f"{len(failed)} of {len(cases)} cases fail" if len(cases) > 1 else "1 case fails"
        return explain(smallest) + f"\n\n{name}: {count}" + (f"; the one shown is {case}" if case else "")
    lines = [f"{name}: {_verdict(cases, operation)}"]
    quantities: dict[str, tuple[int, float, set[str]]] = {}
    for case in cases:
        for f in case.findings:
            entries, ratio, words = quantities.get(f.quantity, (0, 0.0, set()))
            quantities[f.quantity] = (entries + f.entries - f.undecided, max(ratio, f.ratio or 0.0), words | {f.status})
    for quantity, (entries, ratio, words) in quantities.items():
        status = next(w for w in ("undecided", "kink-convention", "agree") if w in words or w == "agree")
        lines.append(f"  {quantity:14} {status:16} {entries:6} entries, at worst {ratio:.2g} of the allowance")
    notes = dict.fromkeys(f.message for case in cases for f in case.findings if f.message)
    lines += [f"  note: {note}" for note in list(notes)[:5]]
    return "\n".join(lines)


def _verdict(cases: list[Checked], operation: str | None) -> str:
    proofs = [c.truth.proof if c.truth is not None else Proof("undecided") for c in cases]
    proved = sum(p.status == "proved" for p in proofs)
    what = f"as {operation}, " if operation else ""
    if proved == len(cases) and operation is None:
        radius = max(p.radius for p in proofs)
        exactly = "exactly" if radius == 0 else f"to within {radius:.0e}"
        return f"the backward is proved to be the derivative of the forward on {len(cases)} cases, {exactly}"
    if operation is not None:
        return f"{what}forward and backward agree with the truth on {len(cases)} cases"
    return f"agrees on {len(cases)} cases, {proved} of them proved"


def _record(cases: list[Checked]) -> dict[str, Any]:
    from .recording import finding_record

    return {
        "verdict": "wrong" if any(c.failed for c in cases) else "agree",
        "headline": next((headline(c) for c in cases if c.failed), ""),
        "cases": len(cases),
        "proved": sum(c.truth is not None and c.truth.proof.status == "proved" for c in cases),
        "findings": [finding_record(f) for c in cases for f in c.findings],
    }


