"""Which known mistake explains a wrong output: the pattern first, then the catalogue of mistakes.

    found = diagnose(op, options, observations)

A mistake explains an output where it reproduces all that was observed, on every case: what is wrong, within rounding,
and what is right. Mistakes that behave alike everywhere are one cause. Where exactly one cause is left it is certain;
where several are left this is said, and `settle` asks the program on a further case that tells them apart. Results that
are one and the same number whatever the input make nothing certain. What no mistake reproduces is not recognised: no
cause is better than a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from . import pattern
from .mistakes import pairs
from .mistakes.catalogue import Mistake, Written, mistakes
from .mistakes.derived import Mutant
from .mistakes.fitting import Evidence, Point, digits, same
from .mistakes.probing import probes
from .mistakes.searching import alike, fitting, returned
from .mistakes.written._records import EXPLANATIONS
from .pair import of_operation
from .truth import TrueArray, find_truth

if TYPE_CHECKING:
    from reference._op import Op

CERTAIN, AMBIGUOUS, PATTERN, UNKNOWN = "certain", "ambiguous", "pattern", "not recognised"
MOST_CASES = 4  # that `settle` asks about

Ask = Callable[[Mapping[str, np.ndarray], np.ndarray], Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Observation:
    """What a program returned for one quantity ("y", "dw", ...) of one case, and the truth of it.

    inputs: by name; cotangent: of the output's shape (a vector over all outputs where there are several);
    got: any shape and dtype of numbers.
    """

    inputs: Mapping[str, np.ndarray]
    cotangent: np.ndarray
    quantity: str
    got: np.ndarray
    true: TrueArray


@dataclass(frozen=True)
class Line:
    """A line of the reference: file, number, the text, and what it would be with the mistake."""

    place: str
    number: int
    right: str
    wrong: str


@dataclass(frozen=True)
class Cause:
    """One mistake, or two made together, and all others that nothing tells apart from it.

    ids: of every mistake in it, the one whose words are used first; a pair's two are joined by " + ".
    """

    sentence: str
    explanation: str
    ids: tuple[str, ...]
    lines: tuple[Line, ...] = ()
    mistakes: tuple[tuple[Mistake, ...], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Diagnosis:
    """status: certain (one cause), ambiguous (several), pattern (none, but the numbers have one), or not recognised.

    wrong: the quantities that are beyond their allowance; patterns: of those that have one, a sentence each.
    further: inputs and a cotangent on which the causes differ, where they do; or where nothing that was observed has
    digits enough to tell a cause, ones that have.
    """

    status: str
    wrong: tuple[str, ...]
    causes: tuple[Cause, ...] = ()
    patterns: Mapping[str, str] = field(default_factory=dict)
    further: tuple[Mapping[str, np.ndarray], np.ndarray] | None = field(default=None, repr=False, compare=False)

    @property
    def sentence(self) -> str:
        """The diagnosis in one sentence."""
        if self.status == CERTAIN:
            return f"likely cause: {self.causes[0].sentence}"
        if self.status == AMBIGUOUS and len(self.causes) == 1:
            return f"perhaps: {self.causes[0].sentence}"
        if self.status == AMBIGUOUS:
            return f"one of these: {'; or '.join(c.sentence for c in self.causes[:3])}"
        if self.status == PATTERN:
            return "; ".join(f"{q}: {p}" for q, p in self.patterns.items())
        return "the cause is not recognised"


def diagnose(
    op: Op,
    options: Mapping[str, Any],
    observations: Sequence[Observation],
    catalogue: Sequence[Mistake] | None = None,
) -> Diagnosis | None:
    """What explains these observations of one program; None where nothing is wrong.

    options: the operation's, the same for all observations. Give what is right too: a mistake must leave it right.
    catalogue: the mistakes to look among, where not all of the operation's.
    """
    points = _points(observations)
    evidence = Evidence(op, options, points)
    if not evidence.wrong:
        return None
    patterns = _patterns(evidence)
    wrong = tuple(q for q in evidence.quantities if q in evidence.wrong)
    if not evidence.wrong <= evidence.telling:
        asked = {p.key for p in points}
        unasked = next((p for p in probes(op, evidence.options) if p.key not in asked), None)
        return Diagnosis(PATTERN if patterns else UNKNOWN, wrong, (), patterns, _case(unasked))
    known = [m for m in (mistakes(op) if catalogue is None else catalogue) if m.applies(evidence.options)]
    explaining = fitting(evidence, known)
    if not explaining:
        return Diagnosis(PATTERN if patterns else UNKNOWN, wrong, patterns=patterns)
    causes, further = _apart(evidence, explaining)
    if evidence.uninformative:  # almost any mistake may end there: only what somebody is known to have done is named
        causes = tuple(c for c in causes if all(isinstance(m, Written) for m in c.mistakes[0]))
        status = AMBIGUOUS if causes else PATTERN if patterns else UNKNOWN
        return Diagnosis(status, wrong, causes, patterns, further if causes else None)
    return Diagnosis(CERTAIN if len(causes) == 1 else AMBIGUOUS, wrong, causes, patterns, further)


FRAME = {
    "mutated-input": "changes in place",
    "mutated-cotangent": "changes in place",
    "mutated-cache": "changes in place",
    "alias": "aliasing",
    "stale-cache": "stale cache",
    "not-repeatable": "not repeatable",
    "not-linear": "not linear",
    "missing": "missing gradient",
    "not-an-array": "not an array",
    "not-numbers": "not an array",
    "wrong-dtype": "wrong dtype",
    "wrong-shape": "wrong shape",
}  # reasons of findings that name the mistake themselves, and its kind


def of_frame(reason: str, message: str = "") -> Cause | None:
    """The cause that a finding's reason names by itself, where no number needs to be looked at; else None.

    message: the finding's own sentence.
    """
    kind = FRAME.get(reason)
    return None if kind is None else Cause(message or kind, EXPLANATIONS[kind], (kind,))


def settle(
    op: Op,
    options: Mapping[str, Any],
    observations: Sequence[Observation],
    ask: Ask,
    found: Diagnosis | None = None,
    catalogue: Sequence[Mistake] | None = None,
) -> Diagnosis | None:
    """The diagnosis after the program was asked about further cases: that tell several causes apart, or confirm one.

    ask: inputs by name and a cotangent -> the program's outputs and gradients by quantity. found: a diagnosis of the
    observations, where there is one already. catalogue: as for `diagnose`.
    """
    found = diagnose(op, options, observations, catalogue) if found is None else found
    reference = of_operation(op, options)
    for _ in range(MOST_CASES):
        case = _unsettled(op, options, found, ask)
        if case is None:
            break
        inputs, cotangent = case
        truth = find_truth(reference, inputs, [cotangent])
        true = _true_by_quantity(op, inputs, truth, options)
        got = _answer(ask, inputs, cotangent)
        if not got:
            break
        more = [Observation(inputs, cotangent, q, np.asarray(got[q]), true[q]) for q in true if q in got]
        observations = [*observations, *more]
        found = diagnose(op, options, observations, catalogue)
    return found


def _answer(ask: Ask, inputs: Mapping[str, np.ndarray], cotangent: np.ndarray) -> Mapping[str, np.ndarray]:
    """What the program returns; nothing where it raises, which sizes of one's own choice may well make it do."""
    try:
        return ask({n: x.copy() for n, x in inputs.items()}, cotangent.copy())
    except Exception:
        return {}


def _unsettled(
    op: Op, options: Mapping[str, Any], found: Diagnosis | None, ask: Ask
) -> tuple[Mapping[str, np.ndarray], np.ndarray] | None:
    """The next case to ask about: where causes differ, or where the only one does not return what the program does."""
    if found is None or found.status != CERTAIN:
        return None if found is None else found.further
    explanation = found.causes[0].mistakes[0]
    for point in probes(op, options):
        got = _answer(ask, point.inputs, point.cotangent)
        expected = returned(op, options, explanation, point)
        common = [q for q in got if q in expected]
        if not all(same(np.asarray(got[q]), expected[q], digits(expected[q]) ** 0.5) for q in common):
            return point.inputs, point.cotangent
    return None


def observed(op: Op, options: Mapping[str, Any], inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray],
             truth: Any, y: Any, gradients: Sequence[Mapping[str, Any]]) -> list[Observation]:  # fmt: skip
    """The observations of one judged case: y (or each output) and every gradient, for every cotangent."""
    from .packing import split

    found = []
    for k, cotangent in enumerate(cotangents):
        true = _true_by_quantity(op, inputs, replace(truth, gradients=truth.gradients[k : k + 1]), options)
        outputs = op.outputs or (op.output,)
        if op.outputs and not isinstance(y, (tuple, list)):
            y = split(np.asarray(y), [true[n].shape for n in outputs])
        got = {**dict(zip(outputs, y if op.outputs else [y], strict=False))}
        got.update({f"d{n}": g for n, g in gradients[k].items()} if k < len(gradients) else {})
        for quantity, value in got.items():
            array = np.asarray(value) if value is not None else None
            if array is not None and array.dtype.kind in "fiub" and quantity in true:
                found.append(Observation(inputs, cotangent, quantity, array, true[quantity]))
    return found


def _true_by_quantity(op: Op, inputs: Any, truth: Any, options: Mapping[str, Any]) -> dict[str, TrueArray]:
    """The truth of each output by its name, and of each gradient."""
    if op.outputs:
        *outputs, _ = op.forward(*inputs.values(), **options)
        true, start = {}, 0
        for name, y in zip(op.outputs, outputs, strict=True):
            true[name] = truth.y.part(slice(start, start + np.size(y)), np.shape(y))
            start += np.size(y)
    else:
        true = {op.output: truth.y}
    return {**true, **{f"d{n}": t for n, t in (truth.gradients[0] if truth.gradients else {}).items()}}


def _points(observations: Sequence[Observation]) -> list[Point]:
    found: dict[str, Point] = {}
    for o in observations:
        fresh = Point(o.inputs, o.cotangent)
        point = found.setdefault(fresh.key, Point(o.inputs, o.cotangent, {}, {}))
        point.got[o.quantity] = o.got  # type: ignore[index]
        point.true[o.quantity] = o.true  # type: ignore[index]
    # what an empty batch gives (0/0, say) is a detail in which programs with one and the same mistake differ
    whole = [p for p in found.values() if all(x.size for x in p.inputs.values())]
    return whole or list(found.values())


# -- the pattern ---------------------------------------------------------------------------------------------------


def _patterns(evidence: Evidence) -> dict[str, str]:
    """Of each wrong quantity, the pattern that holds at every point where it is wrong."""
    found: dict[str, str] = {}
    for quantity in sorted(evidence.wrong):
        said: set[str] = set()
        for point in evidence.points:
            if quantity not in point.got:
                continue
            true, got = point.true[quantity], np.asarray(point.got[quantity])
            if got.shape == true.shape and (np.abs(got - true.nearest) <= true.allowance).all():
                continue
            others = {q: t.nearest for q, t in point.true.items() if q != quantity}
            others |= {n: x for n, x in point.inputs.items() if x.dtype.kind == "f"}
            others |= {f"d{evidence.op.output}": point.cotangent}
            sizes = pattern.sizes(point.inputs)
            said.add(pattern.describe(true.nearest, got, true.allowance, sizes, others))
        if len(said) == 1 and "" not in said:
            found[quantity] = said.pop()
    return found


# -- causes --------------------------------------------------------------------------------------------------------


def _apart(
    evidence: Evidence, explaining: Sequence[tuple[Mistake, ...]]
) -> tuple[tuple[Cause, ...], tuple[Mapping[str, np.ndarray], np.ndarray] | None]:
    """The fitting explanations as causes, and inputs and a cotangent on which they differ."""
    groups, further = alike(evidence, explaining)
    return tuple(map(_cause, groups)), _case(further)


def _case(point: Point | None) -> tuple[Mapping[str, np.ndarray], np.ndarray] | None:
    return None if point is None else (point.inputs, point.cotangent)


FAR_FETCHED = ("another-cached", "option-ignored", "whole-number", "cast")  # what nobody is the first to think of


def _far_fetched(mistake: Mistake) -> bool:
    """Is there, of mistakes that behave alike, likely another that says it better?"""
    return isinstance(mistake, Mutant) and mistake.operator in FAR_FETCHED


def _cause(group: Sequence[tuple[Mistake, ...]]) -> Cause:
    """A group in the words of the best of it: written ones before derived ones; and the lines that are changed."""
    best = min(group, key=lambda e: (sum(not isinstance(m, Written) for m in e), sum(map(_far_fetched, e)), e[0].id))
    with_lines = next((e for e in group if all(isinstance(m, Mutant) for m in e)), best)
    lines = tuple(Line(m.place, m.line, m.before, m.after) for m in with_lines if m.place)
    ordered = [best, *(e for e in group if e is not best)]
    return Cause(
        best[0].sentence if len(best) == 1 else pairs.sentence(*best),
        " ".join(dict.fromkeys(m.explanation for m in best)),
        tuple(" + ".join(m.id for m in e) for e in ordered),
        lines,
        tuple(ordered),
    )
