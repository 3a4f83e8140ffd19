"""An assignment's cases as an instructor would write them for another grader: a module of checks in plain NumPy.

Each stage of each task is checked at the points that gradproof judges, public and hidden: what the lines return
against the expected arrays by np.allclose, and every gradient against central differences of the student's own
forward, as the courses' notebooks do. The module needs NumPy only; `check(task, stage, names)` raises AssertionError.
"""

from __future__ import annotations

import ast
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

NUMERIC = "_numeric"
HEAD = '''"""Checks of an assignment: expected arrays by np.allclose, gradients by central differences."""

import numpy as np

nan, inf = np.nan, np.inf


def close(got, expected):
    got = np.asarray(got)
    assert got.shape == expected.shape, f"shape {got.shape} instead of {expected.shape}"
    assert np.allclose(got, expected), f"expected {expected}, got {got}"


def numeric(forward, names, given, key, outputs, h=1e-5):
    """Central differences of sum(output * cotangent) in every entry of given[key]."""

    def value():
        kept = forward(names, {k: v.copy() for k, v in given.items()})
        return sum(np.sum(kept[name] * cotangent) for name, cotangent in outputs.items())

    found = np.zeros_like(given[key])
    for index in np.ndindex(*found.shape):
        before = given[key][index]
        given[key][index] = before + h
        high = value()
        given[key][index] = before - h
        low = value()
        given[key][index] = before
        found[index] = (high - low) / (2 * h)
    return found


def check(task, stage, names):
    for one in CHECKS[task, stage]:
        one(names)
'''


@dataclass
class Checks:
    """The module's source, and the points of each stage by (task, stage)."""

    source: str
    points: dict[tuple[str, str], float]
    at: int
    number: int
    dropped: list[str] = field(default_factory=list)


def written_for(assignment: str, answer: str, identity: str, numeric: bool = True) -> Checks:
    """The checks of a ready-made assignment at the cases of one identity.

    numeric: whether gradients are held against central differences too. answer: right answers; a check that they
    fail is left out and named: central differences at a kink, values that are up to chance.
    """
    from gradproof.grading.assignments.assignment import read, ready_made
    from gradproof.grading.marks.asking import compiled_at
    from gradproof.grading.marks.marking import plan_of

    plan = plan_of(read(ready_made()[assignment]))
    pieces, number = [HEAD], 0
    checks: dict[tuple[str, str], list[str]] = {}
    for task in plan.assignment.tasks:
        prepared = plan.task(task)
        accepted = {name: values[0] for name, values in task.accept.items()}
        for drawn in (*prepared.public, *prepared.hidden(identity)):
            at = prepared.point(drawn.spec, accepted, drawn.public, drawn.latent)
            writer = _Point(at, compiled_at(at), compiled_at(at, ("setup", "forward")), number)
            pieces.append(writer.source())
            for stage, name, text in writer.checks():
                if name.endswith(NUMERIC) and not numeric:
                    continue
                pieces.append(text)
                checks.setdefault((task.name, "latent" if drawn.latent else stage), []).append(name)
            number += 1
    points = {(t.name, stage): most for t in plan.assignment.tasks for stage, most in t.points.items()}
    checks = {key: names for key, names in checks.items() if key in points}
    body = "\n\n".join(pieces)
    dropped = _failing(body, checks, answer)
    listed = "".join(
        f"    {key!r}: [{', '.join(n for n in names if n not in dropped)}],\n" for key, names in checks.items()
    )
    kept = sum(1 for names in checks.values() for n in names if n not in dropped)
    return Checks(f"{body}\n\nCHECKS = {{\n{listed}}}\n", {k: points[k] for k in checks}, number, kept, sorted(dropped))


def _failing(body: str, checks: Mapping[tuple[str, str], list[str]], answer: str) -> dict[str, str]:
    """The checks that a right answer does not pass, and why."""
    names: dict[str, Any] = {}
    exec(compile(answer, "answers", "exec"), names)
    module: dict[str, Any] = {}
    exec(compile(body, "checks", "exec"), module)
    failing = {}
    for one in dict.fromkeys(n for every in checks.values() for n in every):
        try:
            module[one](names)
        except Exception:
            failing[one] = traceback.format_exc(limit=0)
    return failing


class _Point:
    """The source of one point: what is given, the whole program, its forward alone, and the checks of each stage."""

    def __init__(self, at: Any, whole: Any, forward: Any, number: int) -> None:
        self.at, self.whole, self.forward, self.number = at, whole, forward, number

    def source(self) -> str:
        n = self.number
        arrays = {**self.forward.program.arrays, **self.whole.program.arrays}
        given = "".join(f"    {key!r}: {_array(x)},\n" for key, x in arrays.items())
        return (
            f"GIVEN_{n} = {{\n{given}}}\n\n\n"
            f"def forward_{n}(names, given):\n{_body(self.forward.program.steps)}\n\n"
            f"def whole_{n}(names, given=None):\n"
            f"    given = {{k: v.copy() for k, v in GIVEN_{n}.items()}}\n{_body(self.whole.program.steps)}"
        )

    def checks(self) -> Iterator[tuple[str, str, str]]:
        """Stage, name and source of each check."""
        outputs = self._outputs()
        for k, returned in enumerate(self.whole.returns):
            if returned.draws:
                continue
            name = f"check_{self.number}_{k}"
            expected = self.at.true(returned).nearest
            call = f"whole_{self.number}(names)"
            if returned.phase == "forward":  # a backward that raises costs the forward nothing
                call = f"forward_{self.number}(names, {{k: v.copy() for k, v in GIVEN_{self.number}.items()}})"
            got = f"    got = {call}[{returned.name!r}]\n"
            head = f"def {name}(names):\n{got}"
            yield returned.stage, name, f"{head}    close(got, {_array(expected)})"
            key = self._varied(returned)
            if key and outputs:
                name += NUMERIC
                head = f"def {name}(names):\n{got}"
                given = f"{{k: v.copy() for k, v in GIVEN_{self.number}.items()}}"
                call = f"numeric(forward_{self.number}, names, {given}, {key!r}, {outputs})"
                yield returned.stage, name, f"{head}    close(got, {call})"

    def _outputs(self) -> str:
        """The forward's kept outputs with their cotangents."""
        cotangents = self.at.cotangents()
        found = {
            r.name: cotangents[f"d{r.text}"] for r in self.forward.returns if not r.draws and f"d{r.text}" in cotangents
        }
        return "{" + ", ".join(f"{name!r}: {_array(dy)}" for name, dy in found.items()) + "}" if found else ""

    def _varied(self, returned: Any) -> str:
        """The given array that a returned gradient is the derivative in, "" where it is none as it stands."""
        tree = ast.parse(returned.text, mode="eval")
        names = {f"d{name}": name for name in self.at.case.inputs}
        used = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names]
        for node in used:
            node.id = names[node.id]
        key = ast.unparse(tree)
        return key if used and key in self.forward.program.arrays else ""


def _array(x: Any) -> str:
    x = np.asarray(x)
    return f"np.array({x.tolist()!r}, dtype={x.dtype.name!r}).reshape({x.shape})"


def _body(steps: Any) -> str:
    lines = ["    kept = {}"]
    for k, step in enumerate(steps):
        lines += [f"    {line}" for line in _step(step, f"value_{k}")]
    return "\n".join([*lines, "    return kept\n"])


def _step(step: Mapping[str, Any], temporary: str) -> Iterator[str]:
    if step["do"] == "set":
        place = f".{step['attribute']}" if "attribute" in step else f"[{step['item']!r}]"
        yield f"{_ref(step['on'])}{place} = {_ref(step['value'])}"
        return
    if step["do"] == "value":
        yield f"{temporary} = {_ref(step['of'])}"
    else:
        called = f"names[{step['function']!r}]" if "function" in step else f"{_ref(step['on'])}.{step['method']}"
        given = [_ref(a) for a in step.get("args", ())]
        given += [f"{name}={_ref(value)}" for name, value in step.get("kwargs", {}).items()]
        yield f"{temporary} = {called}({', '.join(given)})"
    yield from _target(step["to"], temporary)


def _target(target: Mapping[str, Any], value: str) -> Iterator[str]:
    if "name" in target:
        yield f"kept[{target['name']!r}] = {value}"
    for k, inner in enumerate(target.get("tuple", ())):
        yield from _target(inner, f"{value}[{k}]")
    for key, inner in target.get("dict", {}).items():
        yield from _target(inner, f"{value}[{key!r}]")


def _ref(ref: Mapping[str, Any]) -> str:
    if "array" in ref:
        return f"given[{ref['array']!r}]"
    if "name" in ref:
        return f"kept[{ref['name']!r}]"
    if "literal" in ref:
        return repr(ref["literal"])
    if "attribute" in ref:
        return f"{_ref(ref['of'])}.{ref['attribute']}"
    if "item" in ref:
        return f"{_ref(ref['of'])}[{ref['item']!r}]"
    if "dict" in ref:
        return "{" + ", ".join(f"{k!r}: {_ref(v)}" for k, v in ref["dict"].items()) + "}"
    kind = "tuple" if "tuple" in ref else "list"
    return f"{kind}([{', '.join(_ref(r) for r in ref[kind])}])"
