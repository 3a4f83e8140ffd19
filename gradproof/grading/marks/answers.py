"""What a submission answered at one point, judged: a verdict for each value that comes back, and remarks.

Shape and dtype are judged before numbers, numbers by the truth and its allowance. What an assignment accepts (a
float32 result, one axis of size one, np.matrix, a view, a written-into cotangent) becomes a remark.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...truth import TrueArray, Truth, coarse, find_truth
from ...verdict import About, Finding, Results, judge
from ..assignments.expressions import true_value
from ..confinement.exchanged import Claim, Outcome, Tagged, Value
from .points import Point
from .program import Compiled, Return

if TYPE_CHECKING:
    from ..assignments.assignment import Accept

UNJUDGED = "undecided"
DEMANDING = ("tails", "tiny", "huge", "offset")  # regimes that show which formula keeps its digits
ALIAS_WORDS = {"input": "input", "value": "result"}


@dataclass(frozen=True)
class Answer:
    """One returned value at one point. status: a verdict, or "undecided" where nothing can be said.

    got: as it was judged; None where it was no array. true: what it was judged by.
    """

    point: Point
    returned: Return
    status: str
    message: str = ""
    finding: Finding | None = None
    got: np.ndarray | None = None
    true: TrueArray | None = None
    remarks: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        return self.status in ("ok", UNJUDGED)

    @property
    def quantity(self) -> str:
        return self.returned.text


@dataclass(frozen=True)
class Answered:
    """All answers of one program. point: the one judged at, with what the student's code drew.

    mutated: what it wrote into: the verdict (or "remark"), the array's name, a sentence.
    """

    point: Point
    compiled: Compiled
    outcome: Outcome
    answers: tuple[Answer, ...] = ()
    mutated: tuple[tuple[str, str, str], ...] = ()

    @property
    def ran(self) -> bool:
        return self.outcome.verdict == "ok"


def answered(point: Point, compiled: Compiled, outcome: Outcome, accept: Accept) -> Answered:
    """Judge what came of one program."""
    mutated = tuple(_mutations(point, compiled, outcome, accept))
    if outcome.verdict != "ok":
        return Answered(point, compiled, outcome, (), mutated)
    fault = ""
    drawn: dict[str, np.ndarray] = {}
    for returned in compiled.returns:
        if returned.draws:
            mask, why = _drawn(point, returned, outcome.values.get(returned.name))
            fault = fault or why
            drawn.update({} if mask is None else {returned.draws: mask})
    here = point.with_drawn(drawn) if drawn else point
    answers = []
    for returned in compiled.returns:
        if returned.draws:
            continue
        if fault:
            answers.append(Answer(here, returned, "wrong-return", fault))
            continue
        value, claim = outcome.values.get(returned.name), outcome.claims.get(returned.name, Claim())
        answers.append(_answer(here, returned, value, claim, accept))
    return Answered(here, compiled, outcome, tuple(answers), mutated)


# -- one value --------------------------------------------------------------------------------------------------------


def _answer(point: Point, returned: Return, value: Value | None, claim: Claim, accept: Accept) -> Answer:
    name = returned.text
    if value is None or isinstance(value, Tagged):
        return Answer(point, returned, *_no_array(name, value))
    remarks: list[str] = []
    if claim.subclass and claim.subclass != "matrix":
        return Answer(point, returned, "wrong-return", f"{name} is a {claim.subclass}; expected a plain NumPy array")
    if claim.subclass:
        if not accept.matrix:
            return Answer(point, returned, "wrong-return", f"{name} is an np.matrix; return a plain NumPy array")
        remarks.append(f"{name} is an np.matrix, for which * is the matrix product; plain arrays are safer")
    shared = [_shared(s) for s in claim.shares]
    if shared and not accept.views:
        said = f"{name} shares memory with {' and '.join(shared)}: writing into one changes the other; return a copy"
        return Answer(point, returned, "wrong-return", said, got=value)
    got: Any = value
    if claim.python_scalar and value.dtype.kind in "iuf":
        got = np.float64(value.item()) if value.dtype.kind != "f" or value.dtype.itemsize != 4 else np.float32(value)
        got = np.asarray(got)
    true = point.true(returned)
    if got.shape != true.shape and _but_for_ones(got.shape, true.shape) and got.size == math.prod(true.shape):
        if not accept.size_one_axis:
            said = f"{name} has shape {got.shape}; expected {true.shape}: an axis of size one too many or too few"
            return Answer(point, returned, "wrong-shape", said, got=got, true=true)
        remarks.append(f"{name} has shape {got.shape}, accepted for {true.shape}: an axis of size one more or less")
        got = got.reshape(true.shape)
    wide = lambda: point.true(returned, wide=True)  # noqa: E731 - asked for only where it is needed
    dtype = point.dtype
    if got.dtype == np.float32 and dtype == "float64":
        if not accept.float32:
            said = f"{name} is float32 although the inputs are float64; compute in the dtype of the inputs"
            return Answer(point, returned, "wrong-dtype", said, got=got, true=true)
        remarks.append(f"{name} is float32 although the inputs are float64: judged with float32's rounding")
        single = _in_single(point, returned, true)
        true, wide, dtype = single, (lambda: single), "float32"
    elif got.dtype == np.float64 and dtype == "float32" and (claim.python_scalar or accept.float32):
        dtype = "float64"  # judged with the rounding of the case all the same; a number has no precision of its own
        if not claim.python_scalar:
            remarks.append(f"{name} is float64 although the inputs are float32")
    finding = _finding(point, returned, true, wide, got, dtype)
    status, message = _verdict(finding, got)
    if finding.status == "inaccurate" and point.case.spec.regime in DEMANDING:
        remarks.append(f"{name} is right, but digits are lost to rounding that a better formula keeps")
    return Answer(point, returned, status, message, finding, got, true, tuple(remarks))


def _no_array(name: str, value: Tagged | None) -> tuple[str, str]:
    if value is None or value.kind in ("None", "NoneType"):
        return "wrong-return", f"{name} is None: it was never computed, or the function has no return"
    if value.kind in ("complex64", "complex128", "object", "longdouble", "float128", "float16"):
        return "wrong-dtype", f"{name} holds {value.kind} values; expected floating numbers"
    if value.kind == "list":
        return "wrong-return", f"{name} is a list, not a NumPy array: {value.text[:60]}"
    return "wrong-return", f"{name} is no array but {value.kind}: {value.text[:60]}"


def _shared(name: str) -> str:
    kind, _, of = name.partition(":")
    return f"the {ALIAS_WORDS.get(kind, kind)} {of}"


def _but_for_ones(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return [s for s in a if s != 1] == [s for s in b if s != 1] and abs(len(a) - len(b)) <= 2


def _finding(point: Point, returned: Return, true: TrueArray, wide: Any, got: np.ndarray, dtype: str) -> Finding:
    about = About(point.id, point.op.name, dtype, point.case.spec.regime, "submission", returned.text)
    known = point.truth
    truth = Truth(true, (), known.proof, known.source, known.uncertain, known.notes)
    results = Results(got, ())
    (finding,) = judge(about, truth, results, lambda: replace(truth, y=wide()))
    return finding


def _verdict(finding: Finding, got: np.ndarray) -> tuple[str, str]:
    """The verdict of a finding, and what is to be said of it besides its numbers."""
    if finding.status == "wrong":
        if finding.reason in ("wrong-shape", "non-finite"):
            return finding.reason, finding.message
        if finding.reason in ("wrong-dtype", "not-numbers"):
            hint = "; use floating numbers, e.g. `x.astype(float)`" if got.dtype.kind in "iub" else ""
            return "wrong-dtype", finding.message + hint
        if finding.reason in ("missing", "not-an-array"):
            return "wrong-return", finding.message
        return "wrong", finding.message
    if finding.status == "undecided":
        return UNJUDGED, finding.message
    return "ok", ""


def _in_single(point: Point, returned: Return, true: TrueArray) -> TrueArray:
    """The truth with the allowance of a float32 program that was given these float64 inputs.

    It may round its inputs to float32 first, compute there, and round what it returns.
    """
    case = point.case
    inputs = {n: x.astype(np.float32) if x.dtype.kind == "f" else x for n, x in case.inputs.items()}
    cotangents = (case.cotangents[0].astype(np.float32),)

    def find() -> Truth:
        return coarse(point.pair, inputs, cotangents, find_truth(point.pair, inputs, cotangents, case.spec.seed))

    truth = point.store.get(f"{point.key}s", find)
    values: dict[str, Any] = {**point.numbers, **inputs, **point.words(truth)}
    single = true_value(returned.expression, values, "float32", point.scale)
    with np.errstate(all="ignore"):
        moved = np.maximum(np.abs(true.low[0] - single.low[0]), np.abs(true.high[0] - single.high[0]))
        own = np.abs(true.nearest) * float(np.finfo(np.float32).eps)
    return replace(true, allowance=single.allowance + moved + own)


# -- draws of the student's code -----------------------------------------------------------------------------------


def _drawn(point: Point, returned: Return, value: Value | None) -> tuple[np.ndarray | None, str]:
    """The input that the student's code drew, as the zeros of a value show it."""
    expected = point.case.inputs[returned.draws]
    if value is None or isinstance(value, Tagged):
        what = value.kind if value is not None else "missing"
        return None, f"{returned.text}, which shows what was dropped, is {what}, not an array"
    if value.shape != expected.shape:
        return None, f"{returned.text} has shape {value.shape}; expected {expected.shape}, one number for each entry"
    return (value != 0).astype(expected.dtype), ""


# -- what was written into ---------------------------------------------------------------------------------------------


def _mutations(point: Point, compiled: Compiled, outcome: Outcome, accept: Accept) -> Iterator[tuple[str, str, str]]:
    """Arrays that were changed: the verdict (or "remark"), the array's name, a sentence."""
    task = point.task
    for key, words in compiled.given.items():
        after = outcome.inputs.get(key)
        before = compiled.program.arrays[key]
        if after is None or (after.shape == before.shape and after.dtype == before.dtype and _same(before, after)):
            continue
        if key in task.mutable or any(w in task.mutable for w in words) or key in _assigned(point):
            continue
        kinds = {task.words.kind(w) for w in words}
        if kinds & {"cotangent", "output", "value", "gradient"}:
            verdict = "mutated-input" if accept.mutated_cotangent == "wrong" else "remark"
            yield verdict, key, f"{key} is changed in place: whoever passed it still needs it; work on a copy"
        else:
            yield "mutated-input", key, f"the input {key} is changed in place; work on a copy"


def _same(before: np.ndarray, after: np.ndarray) -> bool:
    return bool(((before == after) | ((before != before) & (after != after))).all())


def _assigned(point: Point) -> set[str]:
    """Inputs that belong to the student's code: assigned into its objects, or judged by what they were updated to."""
    import ast

    task, found = point.task, set()
    for step in task.steps():
        if isinstance(step.line.targets, (ast.Attribute, ast.Subscript)) and not task.words.is_expression(
            step.line.targets
        ):
            found |= {ast.unparse(step.line.expression)}
    for judged in task.judged():
        held = {n.id for n in ast.walk(judged.pattern) if isinstance(n, ast.Name)}
        if any(task.words.kind(n) == "gradient" for n in held):
            found |= {n for n in held if task.words.kind(n) == "input"}
    return found
