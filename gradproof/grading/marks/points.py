"""A task at one case: its arrays, its truth, and the value and allowance of everything that its lines return.

Truths are kept by what they were computed from, in memory and, where a folder is given, in files: a class shares
them, and so does the next run.
"""

from __future__ import annotations

import ast
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...cases import Case, Spec, build
from ...pair import Pair, of_operation
from ...truth import TrueArray, Truth, coarse, find_truth
from ..assignments.expressions import true_value
from .program import Given, Return, mentions
from .truth_store import TruthStore, what_judges

if TYPE_CHECKING:
    from reference._op import Op

    from ..assignments.assignment import Task


@dataclass(frozen=True)
class Point:
    """A task at one case, with one cotangent.

    constants: the task's own words in the variant that is tried. programs: those compiled for it so far.
    """

    task: Task
    op: Op
    case: Case
    constants: Mapping[str, Any]
    store: TruthStore
    public: bool = True
    latent: bool = False
    programs: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def id(self) -> str:
        return self.case.id

    @property
    def dtype(self) -> str:
        return self.case.spec.dtype

    @cached_property
    def pair(self) -> Pair:
        return of_operation(self.op, self.case.options)

    @cached_property
    def key(self) -> str:
        """What the truth depends on, in one word."""
        said = (
            what_judges(),
            self.op.name,
            self.op.cite,
            sorted(self.case.options.items(), key=str),
            [(ast.unparse(line.expression), ast.unparse(line.targets)) for line in self.task.network],
        )
        digest = hashlib.sha256(repr(said).encode())
        for name, x in (*self.case.inputs.items(), ("dy", self.case.cotangents[0])):
            digest.update(f"{name}{x.dtype}{x.shape}".encode() + np.ascontiguousarray(x).tobytes())
        return digest.hexdigest()[:40]

    @cached_property
    def truth(self) -> Truth:
        return self.store.get(self.key, self._find)

    def _find(self) -> Truth:
        return find_truth(self.pair, self.case.inputs, self.case.cotangents, self.case.spec.seed)

    @cached_property
    def coarse(self) -> Truth:
        """The truth with allowances at the scale of the inputs."""
        return self.store.get(
            f"{self.key}c", lambda: coarse(self.pair, self.case.inputs, self.case.cotangents, self.truth)
        )

    @cached_property
    def scale(self) -> float:
        floats = [x for x in self.case.inputs.values() if x.dtype.kind == "f"]
        return max([1.0, *(float(np.abs(x).max(initial=0.0)) for x in floats)])

    def words(self, truth: Truth) -> dict[str, TrueArray]:
        """The truth of every output, value between and gradient, by name."""
        found: dict[str, TrueArray] = {}
        if self.case.parts:
            start = 0
            for name, shape in self.case.parts:
                found[name] = truth.y.part(slice(start, start + math.prod(shape)), shape)
                start += math.prod(shape)
        else:
            found[self.op.output] = truth.y
        gradients = truth.gradients[0] if truth.gradients else {}
        return found | {f"d{name}": true for name, true in gradients.items()}

    @cached_property
    def sizes(self) -> dict[str, Any]:
        return dict(self.case.spec.sizes)

    @cached_property
    def numbers(self) -> dict[str, Any]:
        """Sizes, options and constants by name."""
        return {**self.sizes, **self.case.options, **self.constants}

    def cotangents(self) -> dict[str, np.ndarray]:
        """The cotangent of each output, by name."""
        dy = self.case.cotangents[0]
        if not self.case.parts:
            return {f"d{self.op.output}": dy}
        found, start = {}, 0
        for name, shape in self.case.parts:
            found[f"d{name}"] = dy[start : start + math.prod(shape)].reshape(shape)
            start += math.prod(shape)
        return found

    @cached_property
    def given(self) -> Given:
        """Everything that a program may be given here."""
        truths = {name: true.nearest for name, true in self.words(self.truth).items()} if self.truths_needed else {}
        return Given(self.case.inputs, self.cotangents(), truths, self.numbers, self.dtype)

    @property
    def truths_needed(self) -> bool:
        """Do the lines hand true values to the student's code?"""
        used = {name for step in self.task.steps() for name in step.line.names_used}
        return any(self.task.words.kind(name) in ("output", "value", "gradient") for name in used)

    def true(self, returned: Return, wide: bool = False) -> TrueArray:
        """The truth of what a return is judged as."""
        values: dict[str, Any] = {**self.numbers, **self.case.inputs, **self.cotangents()}
        values.update(self.words(self.coarse if wide else self.truth))
        return true_value(returned.expression, values, self.dtype, self.scale if wide else 0.0)

    def with_drawn(self, drawn: Mapping[str, np.ndarray]) -> Point:
        """The same with inputs that the student's code drew."""
        case = replace(self.case, inputs={**self.case.inputs, **drawn})
        return replace(self, case=case, store=TruthStore(), programs={})  # nobody else draws the same


def point(
    task: Task,
    op: Op,
    spec: Spec,
    store: TruthStore,
    accepted: Mapping[str, Any] | None = None,
    public: bool = True,
    latent: bool = False,
) -> Point:
    """A task at a spec. accepted: values of options or constants in place of the task's own.

    ValueError where the operation cannot be run there.
    """
    accepted = accepted or {}
    options = tuple((n, accepted.get(n, v)) for n, v in spec.options)
    case = build(replace(spec, options=options), op)
    filled = {n: _filled(task, n, x) for n, x in case.inputs.items()}
    case = replace(case, inputs=filled, cotangents=(_cotangent(task, op, case),))
    constants = {n: accepted.get(n, v) for n, v in task.constants.items() if n not in op.options}
    return Point(task, op, case, constants, store, public, latent)


def _filled(task: Task, name: str, x: np.ndarray) -> np.ndarray:
    """An input as the task wants it: one number, or without zeros where zeros of a result show what was drawn."""
    if name in task.values:
        return np.full_like(x, task.values[name])
    return np.where(x == 0, x.dtype.type(1), x) if task.draws and x.dtype.kind == "f" else x


def _cotangent(task: Task, op: Op, case: Case) -> np.ndarray:
    """The upstream gradient: a generic one of the outputs whose cotangent the lines hand over.

    Where no line hands over any, the gradients asked for are those of the sum of the (first) output; so a loss's
    own.
    """
    shapes = case.parts or ((op.output, case.cotangents[0].shape),)
    asked = {name for name, _ in shapes if mentions(task, f"d{name}")}
    generic = case.cotangents[1] if case.cotangents[0].shape == () else case.cotangents[0]
    if not case.parts:
        return generic if asked else np.ones_like(case.cotangents[0])
    parts, start = [], 0
    for name, shape in shapes:
        own = generic[start : start + math.prod(shape)]
        ones = not asked and name == shapes[0][0]
        parts.append(own if name in asked else np.full_like(own, float(ones)))
        start += math.prod(shape)
    return np.concatenate(parts)
