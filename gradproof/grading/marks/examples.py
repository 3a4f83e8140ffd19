"""The smallest case in round numbers that shows a failure, and what a wrong array looks like next to the true one."""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...pattern import describe
from ...verdict import ratio_of
from .answers import Answer
from .asking import Asked, Subject, TaskPlan, ask
from .drawing_cases import ladder
from .stages import Stage, TaskVerdict

if TYPE_CHECKING:
    from .points import Point

MOST_SHOWN = 200  # entries of an array in an example
MOST_COMPARED = 8  # failing answers whose patterns are compared
MOST_TRIED = 12  # small cases that fail, but not as the others do
AT_ONCE = 6  # small cases that are asked in one fork
NOTHING = 2.0**-10  # a truth that is smaller everywhere is no example to do by hand


# -- patterns ----------------------------------------------------------------------------------------------------


def pattern_of(failing: Sequence[Answer]) -> str:
    """The pattern that most failing answers of the first's quantity show: on one case 1/2 may be 1/N."""
    alike = [a for a in failing if a.quantity == failing[0].quantity][:MOST_COMPARED]
    said = [_readings(a, _telling_sizes(alike)) for a in alike]
    count = Counter(reading for readings in said for reading in readings)
    if not count:
        return ""
    most, times = count.most_common(1)[0]
    return most if times > 1 or len(said) == 1 else ""


def _readings(answer: Answer, names: Collection[str]) -> list[str]:
    """Every way to read the pattern of one answer: times 1/2 is also times 1/N where N is 2."""
    said = _one_pattern(answer, names)
    twos = [n for n in sorted(names) if answer.point.sizes.get(n) == 2]
    factor = re.search(r"times (-?(?:1/)?)2$", said)
    also = [f"{said[: factor.start(1)]}{factor[1]}{name}" for name in twos] if factor else []
    return [said, *also] if said else []


def _telling_sizes(answers: Sequence[Answer]) -> set[str]:
    """Names of the sizes that differ between the cases: a ratio that is always 3 is not K where K is always 3."""
    every: dict[str, set[int]] = {}
    for answer in answers:
        for name, size in answer.point.sizes.items():
            if isinstance(size, int):
                every.setdefault(name, set()).add(size)
    return {name for name, sizes in every.items() if len(sizes) > 1 or len(answers) == 1}


def _one_pattern(answer: Answer, names: Collection[str]) -> str:
    """The pattern of one answer, without the numbers that differ from case to case."""
    if answer.got is None or answer.true is None or answer.got.dtype.kind not in "fiu":
        return ""
    true, allowance = answer.true.nearest, answer.true.allowance
    sizes = {n: s for n, s in answer.point.sizes.items() if n in names and isinstance(s, int)}
    said = describe(true, answer.got, allowance, sizes, _others(answer)) or _summed_up(answer.got, true, allowance)
    said = re.sub(r"in the shape \(.*\)", "in another shape", re.sub(r", which has \d+ entries", "", said))
    return re.sub(r" = [\d/]+", "", said)


def _others(answer: Answer) -> dict[str, np.ndarray]:
    """Everything else that was there, and may have been returned in this one's place."""
    at = answer.point
    floats = {n: x for n, x in at.case.inputs.items() if x.dtype.kind == "f"}
    truths = {n: true.nearest for n, true in at.words(at.truth).items()}
    return {n: x for n, x in {**floats, **at.cotangents(), **truths}.items() if n not in answer.returned.words}


def _summed_up(got: np.ndarray, true: np.ndarray, allowance: np.ndarray) -> str:
    if got.size != 1 or true.size < 2:
        return ""
    off = abs(float(got.reshape(-1)[0]) - float(true.sum()))
    close = off <= float(allowance.sum()) + float(np.spacing(np.abs(true)).sum())
    return "everything is summed up into one number" if close else ""


# -- the smallest case ---------------------------------------------------------------------------------------------


def smallest_stop(plan: TaskPlan, subject: Subject, verdict: TaskVerdict, stage: Stage) -> Point:
    """The smallest point at which the same exception is raised."""
    if stage.asked is None or stage.outcome is None:
        raise ValueError("a stage that was stopped has the point where it was")
    if stage.outcome.verdict != "raised":
        return stage.asked.point
    for spec in ladder(stage.asked.point.case.spec, plan.task, plan.op):
        asked = tried(plan, subject, spec, verdict)
        if asked and any(o.verdict == "raised" and o.where == stage.outcome.where for o in asked.faults.values()):
            return asked.point
    return stage.asked.point


def tried(plan: TaskPlan, subject: Subject, spec: Any, verdict: TaskVerdict) -> Asked | None:
    """The answers at a small case; None where the operation cannot be there."""
    try:
        return ask(subject, plan.point(spec, verdict.variant))
    except ValueError:
        return None


def smallest(plan: TaskPlan, subject: Subject, verdict: TaskVerdict, first: Answer, pattern: str) -> Answer:
    """The same failure at the smallest case in round numbers that shows it, and its pattern where it has one."""
    alike: list[Answer] = []
    specs = ladder(first.point.case.spec, plan.task, plan.op)
    for count in itertools.chain((1,), itertools.repeat(AT_ONCE)):
        points = _points(plan, itertools.islice(specs, count), verdict)
        if points is None or len(alike) >= MOST_TRIED:
            break
        for answer in _same_failures(subject, points, first):
            if not _shows(answer, pattern):
                alike.append(answer)
            elif (alone := _alone(subject, answer)) is not None and _shows(alone, pattern):
                return alone
    confirmed = (_alone(subject, answer) for answer in sorted(alike, key=_size, reverse=True))
    return next((answer for answer in confirmed if answer is not None), first)


def _points(plan: TaskPlan, specs: Iterable[Any], verdict: TaskVerdict) -> list[Point] | None:
    """The points of some specs, less those at which the operation cannot be; None where there is no spec left."""
    found, count = [], 0
    for count, spec in enumerate(specs, 1):  # noqa: B007  (read after the loop)
        with contextlib.suppress(ValueError):
            found.append(plan.point(spec, verdict.variant))
    return found if count else None


def _same_failures(subject: Subject, points: Sequence[Point], first: Answer) -> Iterator[Answer]:
    """What fails at these points as the first one does, where all of them are asked in one fork."""
    seen = (subject.look(points) if len(points) > 1 else None) or [None] * len(points)
    for at, together in zip(points, seen, strict=True):
        answers = (together or ask(subject, at)).answers
        yield from (answer for answer in answers if _fails_alike(answer, first))


def _fails_alike(answer: Answer, first: Answer) -> bool:
    same = answer.status == first.status and answer.quantity == first.quantity
    return same and answer.returned.stage == first.returned.stage


def _alone(subject: Subject, answer: Answer) -> Answer | None:
    """The same failure in a fork of its own, if it is there too: nothing that other points left behind made it."""
    return next((each for each in ask(subject, answer.point).answers if _fails_alike(each, answer)), None)


def _size(answer: Answer) -> float:
    return 0.0 if answer.true is None else float(np.abs(answer.true.nearest).max(initial=0.0))


def _looks_like_rounding(answer: Answer) -> bool:
    """Is it wrong by so little that nobody would see it? Where a truth is exactly 0, 4e-16 is beyond any allowance."""
    if answer.got is None or answer.true is None or answer.got.shape != answer.true.shape:
        return False
    with np.errstate(all="ignore"):
        off = np.abs(answer.got - answer.true.nearest).max(initial=0.0)
    return bool(off <= NOTHING * _size(answer))


def _shows(answer: Answer, pattern: str) -> bool:
    """Does a small case show the mistake as the others do, on numbers that are not nothing?"""
    if answer.status != "wrong" or answer.true is None:
        return True
    if not _size(answer) > NOTHING or _looks_like_rounding(answer):
        return False
    return not pattern or pattern in _readings(answer, list(answer.point.sizes))


def example(answer: Answer) -> dict[str, Any]:
    """A failing case as nested lists: inputs, cotangent, true, got, error in units of the allowance, worst entry."""
    at = answer.point
    found: dict[str, Any] = {"inputs": {n: nested(x) for n, x in at.case.inputs.items()}, "quantity": answer.quantity}
    cotangents = at.cotangents()
    if answer.returned.stage != "forward" and len(cotangents) == 1:
        found["cotangent"] = nested(next(iter(cotangents.values())))
    if answer.true is not None:
        found["true"] = nested(answer.true.nearest)
    if answer.got is not None:
        found["got"] = nested(answer.got)
    finding = answer.finding
    if finding is not None and finding.worst is not None and answer.got is not None and answer.true is not None:
        worst = finding.worst
        found["ratio"] = nested(ratio_of(answer.true.error(answer.got), answer.true))
        found["worst"] = {
            "index": list(worst.index), "true": worst.true, "got": worst.got, "error": worst.error,
            "allowance": worst.allowance, "ratio": plain_number(finding.ratio),
        }  # fmt: skip
    return found


def nested(x: Any) -> Any:
    """An array as nested lists of JSON's numbers; what is too large as a sentence."""
    array = np.asarray(x)
    if array.size > MOST_SHOWN:
        return f"an array of shape {array.shape}"
    return _plain(array.tolist())


def _plain(value: Any) -> Any:
    return [_plain(v) for v in value] if isinstance(value, list) else plain_number(value)


def plain_number(value: Any) -> Any:
    """A number as strict JSON holds it; non-finite ones as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value
