"""`gradproof check PATH[:NAME]`: the pairs of a file, each judged on several cases, smallest first."""

from __future__ import annotations

import argparse
import ast
import contextlib
import inspect
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any, TextIO

import numpy as np

from .checking import Checked, check_point, operation_cases
from .convention import Misfit, own
from .explaining import explain, headline, place
from .inferring import KINDS, SIZES, fill, infer
from .loading import choose, load, split
from .pair import Pair
from .truth import Proof
from .verdict import Finding

SECONDS = 20.0  # of judging one pair, after which the cases that were asked for are cut short


def check_file(args: argparse.Namespace, out: TextIO) -> int:
    """Judge what the arguments name; prints verdicts, returns the exit code."""
    path, name = split(args.path)
    if args.operation is not None:
        _known_operation(args.operation)
    options = dict(_option(text) for text in args.option)
    shapes = dict(_shape(text) for text in args.shape)
    module = load(path)
    chosen = choose(module, path, name)
    results: dict[str, list[Checked] | str] = {}
    for pair, (forward, backward) in chosen.items():
        try:
            with contextlib.redirect_stdout(sys.stderr):
                results[pair] = _judged(args, module, pair, forward, backward, options, shapes)
        except Misfit as error:
            results[pair] = [_misfit(pair, error)]
        except ValueError as error:
            if len(chosen) == 1:
                raise
            results[pair] = str(error)  # the others are judged all the same
        if args.format == "text":
            out.write(_shown(pair, results[pair], args.operation) + "\n" * (1 + (len(chosen) > 1)))
            out.flush()
    if args.format == "json":
        out.write(json.dumps({pair: _record(cases) for pair, cases in results.items()}, indent=2) + "\n")
    return _exit_code(results)


def _misfit(name: str, error: Misfit) -> Checked:
    """A forward and backward that do not fit together, as a judged case: it is their own fault."""
    message = str(error).removeprefix(f"{name}: ")
    pair = Pair(name, lambda *_: (None, None), lambda *_: (), (), ())
    return Checked(pair, {}, (), None, [Finding("", name, "", "", name, "y", "wrong", "convention", message=message)])


def _known_operation(name: str) -> None:
    from .naming import unknown_operation
    from .reference import operations

    if name not in operations():
        raise ValueError(unknown_operation(name, operations()))


def _exit_code(results: Mapping[str, list[Checked] | str]) -> int:
    cases = [case for judged in results.values() if not isinstance(judged, str) for case in judged]
    if any(case.failed for case in cases):
        return 1
    if any(isinstance(judged, str) for judged in results.values()):
        return 4
    compared = any(f.worst is not None and f.status != "undecided" for case in cases for f in case.findings)
    return 0 if compared else 5


def _judged(
    args: argparse.Namespace, module: ModuleType, name: str, forward: Callable[..., Any], backward: Any,
    options: Mapping[str, Any], shapes: Mapping[str, Any],
) -> list[Checked]:  # fmt: skip
    if args.operation is not None:
        return operation_cases(args.operation, forward, backward, args.cases, args.seed, options, (args.dtype,))
    nondiff = tuple(n for n in args.nondiff.split(",") if n)
    judged = []
    start = time.monotonic()
    for k, (inputs, without, assumed) in enumerate(
        _inputs(args, module, name, forward, backward, options, shapes, nondiff)
    ):
        judged.append(check_point(forward, backward, inputs, without, {**options, **assumed}, name, args.seed + k))
        if judged[-1].failed:
            break  # the cases grow: this is the smallest that shows it
        if time.monotonic() - start > SECONDS and k + 1 < args.cases:
            print(
                f"{name}: {k + 1} of {args.cases} cases judged in {time.monotonic() - start:.0f} s; "
                "smaller shapes are quicker",
                file=sys.stderr,
            )
            break
    return judged


def _inputs(
    args: argparse.Namespace, module: ModuleType, name: str, forward: Any, backward: Any, options: Mapping[str, Any],
    shapes: Mapping[str, Any], nondiff: tuple[str, ...],
) -> Iterator[tuple[list[Any], tuple[str, ...], Mapping[str, Any]]]:  # fmt: skip
    """Inputs of each case (the file's, those of --shape, or found), what has no gradient, and assumed options."""
    given = getattr(module, f"{name}_inputs", None)
    if callable(given) and not shapes:
        yield _given(given, f"{name}_inputs"), nondiff, {}
        return
    if shapes:
        order = _in_order(name, forward, shapes)
        for k in range(args.cases):
            kind = KINDS[k % len(KINDS)]
            wanted = [shapes[p] for p in order]
            arrays = [
                fill(shape, below, kind, args.dtype, [args.seed, k, i]) for i, (shape, below) in enumerate(wanted)
            ]
            yield arrays, nondiff, {}
        return
    plan = infer(name, forward, backward, options, nondiff)
    print(f"{name}: shapes found by trying: {plan.describe()}", file=sys.stderr)
    every = {**options, **plan.options}
    refused: set[int] = set()
    for k in range(args.cases):
        kind, at = KINDS[k % len(KINDS)], k
        arrays = plan.arrays(k, args.dtype, args.seed, kind)
        if not _accepts(forward, arrays, every):
            refused.add(k % len(SIZES))
            at = 0  # sizes that were found to fit; what was only guessed is not held against the forward
            arrays = plan.arrays(k, args.dtype, args.seed, kind, at)
        if kind != "positive" and not _finite(forward, arrays, every):
            arrays = plan.arrays(k, args.dtype, args.seed, "positive", at)
        yield arrays, plan.nondiff, plan.options
    if refused:
        print(
            f"{name}: {len(refused)} of {len(SIZES)} other guessed sizes are not accepted by the forward",
            file=sys.stderr,
        )


def _given(function: Callable[[], Any], name: str) -> list[Any]:
    """What the file's X_inputs() returns, as a list of arguments."""
    try:
        given = function()
    except Exception as error:
        raise ValueError(
            f"{name}() raised {type(error).__name__}: {' '.join(str(error).split())[:200]}{place(error)}"
        ) from None
    return (
        list(given.values())
        if isinstance(given, dict)
        else list(given)
        if isinstance(given, (tuple, list))
        else [given]
    )


def _in_order(name: str, forward: Any, shapes: Mapping[str, Any]) -> list[str]:
    """The names of --shape in the order of the forward's parameters. ValueError where they are not its parameters."""
    try:
        parameters = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):
        return list(shapes)
    if any(p.kind == p.VAR_POSITIONAL for p in parameters):
        return list(shapes)
    plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    for given in shapes:
        if given not in plain:
            raise ValueError(
                f"--shape {given}: {name}'s forward has no parameter {given}; it takes {', '.join(plain) or 'none'}"
            )
    skipped = plain[: max(plain.index(given) for given in shapes) + 1]
    missing = [p for p in skipped if p not in shapes]
    if missing:
        raise ValueError(f"{name}: --shape is missing for {', '.join(missing)}; give it for every input, or for none")
    return skipped


def _accepts(forward: Any, arrays: list[np.ndarray], options: Mapping[str, Any]) -> bool:
    """Does the forward run on these arrays?"""
    try:
        with np.errstate(all="ignore"):
            forward(*(x.copy() for x in arrays), **{n: own(v) for n, v in options.items()})
    except Exception:  # whatever it raises: it does not take these sizes
        return False
    return True


def _finite(forward: Any, arrays: list[np.ndarray], options: Mapping[str, Any]) -> bool:
    """Does the formula have a value here at all (log of a negative number has none)?"""
    with np.errstate(all="ignore"), contextlib.suppress(Exception):
        result = forward(*(x.copy() for x in arrays), **{n: own(v) for n, v in options.items()})
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


def _shown(name: str, cases: list[Checked] | str, operation: str | None) -> str:
    return (
        f"{name}: not judged: {cases.removeprefix(f'{name}: ')}"
        if isinstance(cases, str)
        else _text(name, cases, operation)
    )


def _text(name: str, cases: list[Checked], operation: str | None) -> str:
    failed = [case for case in cases if case.failed]
    if failed:
        smallest = min(failed, key=lambda c: sum(x.size for x in c.inputs.values()))
        shown = smallest.findings[0].case
        count = f"{len(failed)} of {len(cases)} cases fail" if len(cases) > 1 else "1 case fails"
        told = explain(smallest, _cause(cases, operation))
        return f"{told}\n\n{name}: {count}" + (f"; the one shown is {shown}" if shown else "")
    lines = [f"{name}: {_verdict(cases, operation)}"]
    quantities: dict[str, tuple[int, float, set[str]]] = {}
    for case in cases:
        for f in case.findings:
            entries, ratio, words = quantities.get(f.quantity, (0, 0.0, set()))
            quantities[f.quantity] = (entries + f.entries - f.undecided, max(ratio, f.ratio or 0.0), words | {f.status})
    for quantity, (entries, ratio, words) in quantities.items():
        status = next(w for w in ("undecided", "kink-convention", "agree") if w in words or w == "agree")
        measured = (
            f"{entries:6} entries, at worst {ratio:.2g} of the allowance" if entries else "nothing to compare it with"
        )
        lines.append(f"  {quantity:14} {status:16} {measured}")
    unproved = (
        f"not proved: {c.truth.proof.message}"
        for c in cases
        if c.truth is not None and c.truth.proof.status not in ("proved", "not-asked") and not c.truth.notes
    )
    notes = dict.fromkeys([*(f.message for case in cases for f in case.findings if f.message), *list(unproved)[:1]])
    lines += [f"  note: {note}" for note in list(notes)[:5]]
    return "\n".join(lines)


def _cause(cases: list[Checked], operation: str | None) -> list[str]:
    """The likely cause, where the operation is known; the catalogue of mistakes is loaded for it alone."""
    if operation is None:
        return []
    from .causes import likely_cause

    return likely_cause(operation, cases)


def _verdict(cases: list[Checked], operation: str | None) -> str:
    proofs = [c.truth.proof if c.truth is not None else Proof("undecided") for c in cases]
    proved = sum(p.status == "proved" for p in proofs)
    what = f"as {operation}, " if operation else ""
    if proved == len(cases) and operation is None:
        radius = max(p.radius for p in proofs)
        exactly = "exactly" if radius == 0 else f"to within {radius:.0e}"
        return f"the backward is proved to be the derivative of the forward on {len(cases)} cases, {exactly}"
    if proofs and all(p.status == "not-asked" for p in proofs):
        return f"{what}the forward agrees with the truth on {len(cases)} cases; no derivative asked"
    if operation is not None:
        return f"{what}forward and backward agree with the truth on {len(cases)} cases"
    others = dict.fromkeys(c.truth.source for c in cases if c.truth is not None and c.truth.proof.status != "proved")
    by = f"; the others are judged by {' or '.join(others)}" if others else ""
    return f"agrees on {len(cases)} cases, {proved} of them proved{by}"


def _record(cases: list[Checked] | str) -> dict[str, Any]:
    from .recording import finding_record

    if isinstance(cases, str):
        return {"verdict": "not judged", "headline": cases, "cases": 0, "proved": 0, "findings": []}
    return {
        "verdict": "wrong" if any(c.failed for c in cases) else "agree",
        "headline": next((headline(c) for c in cases if c.failed), ""),
        "cases": len(cases),
        "proved": sum(c.truth is not None and c.truth.proof.status == "proved" for c in cases),
        "findings": [finding_record(f) for c in cases for f in c.findings],
    }
