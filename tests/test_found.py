"""The root causes in reports/found/who_is_wrong.toml: every program prints what it is said to print, and is wrong.

The true numbers are evaluated from each entry's `exact` by Arb at 200 bits. The programs of one implementation run in
one process; they are skipped where the framework is absent or of another version than the entry was seen in.
"""

from __future__ import annotations

import ast
import importlib.metadata
import json
import math
import operator
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from benchmarks.who_is_wrong import FAILURES, PATH, Cause, cells, join, main, not_met, read_causes
from gradproof.cases import parse
from gradproof.frameworks.known import in_range
from gradproof.reference import operations
from gradproof.reports.findings import Findings

CAUSES = read_causes()
NAMES = [cause.id for cause in CAUSES]
MODULES = {
    "pytorch": ("torch",),
    "tensorflow": ("tensorflow",),
    "jax": ("jax",),
    "keras": ("keras", "tensorflow"),
    "keras_torch": ("keras", "torch"),
    "keras_jax": ("keras", "jax"),
}
"""What a program may import: the framework, and of Keras the backend that differentiates."""
PACKAGES = {"torch": ("torch",), "tensorflow": ("tensorflow", "tensorflow-cpu"), "keras": ("keras",), "jax": ("jax",)}
"""The packages that bring a module, by their names on the index."""
BACKENDS = {"keras": "tensorflow", "keras_torch": "torch", "keras_jax": "jax"}
SECONDS = 400

# Runs each program by itself and sends back what it printed, so that a framework is imported once.
RUNNER = """
import contextlib, io, json, sys
for name, program in json.load(sys.stdin).items():
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(program, name, "exec"), {"__name__": name})
    except Exception as error:
        printed.write(f"{type(error).__name__}: {error}")
    sys.__stdout__.write("\\n@" + json.dumps([name, printed.getvalue()]) + "\\n")
"""


@pytest.mark.parametrize("cause", CAUSES, ids=NAMES)
def test_a_program_has_five_lines_and_one_framework(cause: Cause) -> None:
    assert len(cause.reproducer.strip().splitlines()) <= 5
    assert max(map(len, cause.reproducer.splitlines())) <= 120
    tree = ast.parse(cause.reproducer)
    imported = {alias.name.partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))
    assert imported - {"os", "numpy"} <= set(MODULES[cause.implementations[0]])


@pytest.mark.parametrize("cause", CAUSES, ids=NAMES)
def test_the_true_numbers_are_true(cause: Cause) -> None:
    true = cause.true.split()
    exact = evaluated(cause.exact)
    assert len(true) == len(exact)
    for text, ball in zip(true, exact, strict=True):
        with ctx.workprec(200):
            # the text has 17 digits; the ball is the number, to 200 bits
            assert abs(arb(text) - ball) <= abs(ball) * arb(10) ** -16, f"{text} is {ball.str(20)}"


@pytest.mark.parametrize("implementation", sorted({cause.implementations[0] for cause in CAUSES}))
def test_the_programs_print_what_the_entries_say(implementation: str) -> None:
    for module in MODULES[implementation]:
        if installed(module) is None:
            pytest.skip(f"{module} is not installed")
    own = [cause for cause in CAUSES if cause.implementations[0] == implementation]
    tried = [cause for cause in own if in_range(installed(cause.package) or "0", cause.versions)]
    if not tried:
        pytest.skip(f"the entries of {implementation} were seen in other versions than those installed")
    printed = all_printed({cause.id: cause.reproducer for cause in tried}, BACKENDS.get(implementation, "tensorflow"))
    objections = [objection for cause in tried if (objection := objection_to(printed[cause.id].strip(), cause))]
    assert not objections, "\n".join(objections)


def test_a_stale_entry_fails_with_words() -> None:
    cause = next(cause for cause in CAUSES if cause.id == "keras-celu-zero")
    assert "it is repaired" in objection_to("1.0", cause)
    assert "the entry says 2.0" in objection_to("3.0", cause)
    assert "more than one line" in objection_to("2.0\n2.0", cause)
    assert objection_to("2.0", cause) == ""


@pytest.mark.parametrize("cause", CAUSES, ids=NAMES)
def test_ulp_is_the_distance_between_the_two(cause: Cause) -> None:
    worst = worst_distance(cause.actual, cause)
    assert (worst is None) == (cause.ulp is None)
    if worst is not None and cause.ulp is not None:
        assert cause.ulp == pytest.approx(worst, rel=0.01)


@pytest.mark.parametrize("cause", CAUSES, ids=NAMES)
def test_an_entry_names_a_case_of_the_catalogue(cause: Cause) -> None:
    spec = parse(cause.case, operations())
    assert spec.op in operations()
    where = {"op": spec.op, "case": cause.case, "dtype": spec.dtype, "status": cause.statuses[0], "ratio": 1}
    shown = [{**where, "implementation": name} for name in cause.implementations]
    assert all(cause.explains({**f, "quantity": q.replace("*", "x")}) for f in shown for q in cause.quantities)
    assert cause.report == "none known" or re.fullmatch(r"https://github\.com/[\w-]+/[\w-]+/\w+/\d+", cause.report)


def test_the_join_counts_cells_and_leaves_what_no_cause_names() -> None:
    cause = next(cause for cause in CAUSES if cause.id == "keras-celu-zero")
    at = {"op": "celu", "implementation": "keras", "quantity": "dx", "dtype": "float32", "case": cause.case}
    wrong = {**at, "status": "wrong", "ratio": "inf"}
    other = {**at, "op": "affine", "status": "wrong", "ratio": 3.0}
    found = Findings(findings=[wrong, {**wrong, "case": "celu:f32:S2"}, other, {**at, "status": "agree", "ratio": 0.5}])
    joined = join(found, CAUSES)
    assert len(cells(joined.by_cause["keras-celu-zero"])) == 1
    assert len(joined.by_cause["keras-celu-zero"]) == 2
    assert joined.unnamed == [other]
    assert not_met(cause, joined, found) == ""


def test_a_cause_that_was_not_met_says_why() -> None:
    cause = next(cause for cause in CAUSES if cause.id == "keras-celu-zero")
    found = Findings(header={"implementations": {"keras": {"status": "ready", "versions": {"keras": "3.15.1"}}}})
    assert not_met(cause, join(found, CAUSES), found) == "no case of celu was judged"
    found.cases["a"] = {"op": "celu"}
    assert not_met(cause, join(found, CAUSES), found) == "no case of this run reached it"
    found.header["implementations"]["keras"]["versions"]["keras"] = "3.0"
    assert "here is 3.0" in not_met(cause, join(found, CAUSES), found)
    assert not_met(cause, join(Findings(), CAUSES), Findings()) == "keras did not take part"


def test_the_table_of_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cause = next(cause for cause in CAUSES if cause.id == "keras-celu-zero")
    finding = {"record": "finding", "case": cause.case, "op": "celu", "dtype": "float32", "implementation": "keras"}
    numbers = {"quantity": "dx", "status": "wrong", "ratio": "inf", "entries": 1, "reason": "", "message": ""}
    header = {"record": "header", "format": "gradproof-findings", "version": 1, "implementations": {}}
    path = tmp_path / "findings.jsonl"
    path.write_text("\n".join(map(json.dumps, (header, {**finding, **numbers}))) + "\n", encoding="utf-8")
    figures = main(findings=path)
    assert figures["by_cause"]["keras-celu-zero"] == 1
    assert figures["unnamed"] == []
    printed = capsys.readouterr().out
    assert all(cause.id in printed for cause in CAUSES)
    assert "cells without a cause: 0 of 1" in printed


def test_a_malformed_entry_is_named(tmp_path: Path) -> None:
    path = tmp_path / "who_is_wrong.toml"
    path.write_text('[[cause]]\nid = "a"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"cause 1 \(a\): missing .*'kind'"):
        read_causes(path)
    path.write_text(PATH.read_text(encoding="utf-8").replace('kind = "wrong"', 'kind = "odd"', 1), encoding="utf-8")
    with pytest.raises(ValueError, match="kind must be one of"):
        read_causes(path)


def test_statuses_are_failures() -> None:
    assert {status for cause in CAUSES for status in cause.statuses} <= set(FAILURES)


# -- the programs -----------------------------------------------------------------------------------------------------


def all_printed(programs: dict[str, str], backend: str) -> dict[str, str]:
    """What each program prints, by the cause's id; all in one process. backend: of Keras."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    ran = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(programs),
        env={**os.environ, **quiet, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    lines = [line[1:] for line in ran.stdout.splitlines() if line.startswith("@")]
    printed = dict(json.loads(line) for line in lines)
    assert set(printed) == set(programs), f"not every program ran: {ran.stderr[-2000:]}"
    return printed


def objection_to(printed: str, cause: Cause) -> str:
    """What is wrong with an entry, given what its program prints here; "" where it holds."""
    where = f"{cause.id}: {cause.package} {installed(cause.package)}"
    if "\n" in printed:
        return f"{where} prints more than one line: {printed}"
    if is_true(printed, cause):
        if cause.varies:
            return ""
        return f"{where} prints the true number {printed}: it is repaired, so bound the entry's versions"
    return "" if agrees(printed, cause) else f"{where} prints {printed}; the entry says {cause.actual}"


def installed(module: str) -> str | None:
    """The version of the package that brings a module, or None."""
    for package in PACKAGES[module]:
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def is_true(printed: str, cause: Cause) -> bool:
    """Whether every printed number is the true one rounded to one of its neighbours, which is no finding any more."""
    exact = evaluated(cause.exact)
    got = printed.split()
    if len(got) != len(exact):
        return False
    return all(_near(text, ball, cause) for text, ball in zip(got, exact, strict=True))


def agrees(printed: str, cause: Cause) -> bool:
    """Whether this is what the entry says: the same text, or numbers that are as far off on another processor.

    Digits that are lost differ between processors in which wrong number is left. As far off: within a factor of two.
    """
    if printed == cause.actual:
        return True
    try:
        finite = all(math.isfinite(float(text)) for text in printed.split())
    except ValueError:
        return False
    off = worst_distance(printed, cause)
    if cause.kind != "digits" or not finite or off is None or cause.ulp is None:
        return False
    return cause.ulp / 2 <= off <= cause.ulp * 2


def worst_distance(printed: str, cause: Cause) -> float | None:
    """The largest of the distances in ulp; None where there is none, as where a shape is printed."""
    if cause.kind == "fails":
        return None
    numbers = zip(printed.split(), evaluated(cause.exact), strict=False)
    off = [distance(text, ball, cause.dtype) for text, ball in numbers]
    return max((x for x in off if x is not None), default=None)


def distance(text: str, exact: arb, dtype: str) -> float | None:
    """How many ulp of dtype a printed number is off; inf if it is not finite; None without a number or at truth 0."""
    try:
        got = float(text)
    except ValueError:
        return None
    if not math.isfinite(got):
        return math.inf
    middle = abs(float(exact))
    if middle == 0:
        return None
    unit = float(np.spacing(np.dtype(dtype).type(middle)))
    return abs(float(arb(got) - exact)) / unit


def _near(text: str, exact: arb, cause: Cause) -> bool:
    off = None if cause.kind == "fails" else distance(text, exact, cause.dtype)
    if off is not None:
        return off < 1
    try:
        return float(text) == float(exact)
    except ValueError:
        return False


# -- exact expressions ------------------------------------------------------------------------------------------------

FUNCTIONS: dict[str, Callable[[arb], arb]] = {
    "exp": arb.exp,
    "expm1": arb.expm1,
    "log": arb.log,
    "log1p": arb.log1p,
    "sqrt": arb.sqrt,
    "tanh": arb.tanh,
    "cosh": arb.cosh,
    "erf": arb.erf,
    "erfc": arb.erfc,
    "f32": lambda x: arb(float(np.float32(float(x)))),
}
"""f32: the float32 nearest to a number. A literal is the float64 nearest to it, as everywhere in Python."""
OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def evaluated(text: str) -> list[arb]:
    """The numbers of an expression, separated by commas, at 200 bits."""
    with ctx.workprec(200):
        tree = ast.parse(text, mode="eval").body
        parts = tree.elts if isinstance(tree, ast.Tuple) else [tree]
        return [_value(part) for part in parts]


def _value(node: ast.expr) -> arb:
    match node:
        case ast.Constant(value=int() | float() as number):
            return arb(number)
        case ast.Name(id="pi"):
            return arb.pi()
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=kind, right=right):
            return OPERATORS[type(kind)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            return FUNCTIONS[name](_value(argument))
    raise ValueError(f"{ast.unparse(node)} is not in the table of exact expressions")
