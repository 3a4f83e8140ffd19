"""The judge on a program of which it is known what it is: what became of a mistake, and after how many inputs."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..layout import copied
from ..mistakes.catalogue import Mistake
from ..pair import Pair
from ..running import copies, evaluate, raised, results_of
from ..verdict import About, Finding, judge
from .equivalence import Agreement, agreement, on_its_domain, with_exact_options
from .patience import TimedOut, patience
from .points import Point

SECONDS = 60.0  # that one program may take at one case

Make = Callable[[Point], Pair]
# Of what was written down as a mistake: what is known where it was not killed.
SHOWN = {
    "equivalent": "what would show it was not drawn",
    "rounding": "it is the same function, and its floats stayed within the allowance",
    "convention": "it differs at kinks alone, where each entry's value, taken by itself, is a right one",
}


@dataclass(frozen=True)
class Outcome:
    """What became of a mistake.

    outcome: killed; raises (what gave it away is an exception, which anybody would notice); equivalent (proved to be
    the same function on every case, with the reference's floats); rounding (the same function, proved, whose floats
    differ within the allowance, or one whose exact values differ by less than half a unit in the last place);
    convention (proved to differ only at kinks, by values that are right too); or
    survived. inputs: cases until the kill, or all that were tried. status, reason, quantity: of the finding that
    killed it. case: the id of that case.
    """

    outcome: str
    inputs: int
    status: str = ""
    reason: str = ""
    quantity: str = ""
    case: str = ""
    message: str = ""
    seconds: float = 0.0


def made_by(mistake: Mistake) -> Make:
    """What makes the mistake's pair at a case; written ones are first called elsewhere: what they keep must show."""

    def make(point: Point) -> Pair:
        return mistake.pair(point.case.options, copies(point.case.inputs))

    return make


def findings_at(point: Point, make: Make) -> list[Finding]:
    """What the judge finds on a program at one case: of its numbers, and of its frame."""
    case = point.case
    about = About(case.id, point.op.name, case.spec.dtype, case.spec.regime, "program", point.op.output, case.parts)
    with warnings.catch_warnings(), np.errstate(all="ignore"), patience(SECONDS):
        warnings.simplefilter("ignore")
        try:
            pair = make(point)
            results, findings = results_of(about, pair, case.inputs, case.cotangents)
            if results is not None and pair.separately is not None:
                returned, _ = pair.separately(*copies(case.inputs).values())
                results = replace(results, y=tuple(copied(np.asarray(y)) for y in returned))
        except TimedOut as late:
            return [raised(about, "program", point.op.output, RuntimeError(str(late)))]
        except Exception as error:  # whatever a mistake raises is its own finding
            return [raised(about, "forward", point.op.output, error)]
    if results is None:
        return findings
    return judge(about, point.truth, results, lambda: point.coarse, point.reference) + findings


def outcome_of(points: Iterable[Point], make: Make, known: bool = False) -> Outcome:
    """A mistake before the judge, case after case until it is killed; then whether it is one at all.

    known: somebody wrote it down as a mistake, so where it computes the same it has survived: the inputs that show it
    were not drawn.
    """
    start, tried = time.process_time(), []
    for point in points:
        tried.append(point)
        failed = [f for f in findings_at(point, make) if f.failed or f.status == "broken"]
        if failed:
            first = failed[0]
            return Outcome(
                "raises" if first.status == "broken" else "killed", len(tried), first.status, first.reason,
                first.quantity, point.case.id, first.message, time.process_time() - start,
            )  # fmt: skip
    outcome, message, case = _unkilled(tried, make)
    if known and outcome != "survived":
        message = f"{outcome} on every input: {SHOWN[outcome]}"
        outcome = "survived"
    return Outcome(outcome, len(tried), case=case, message=message, seconds=time.process_time() - start)


def _unkilled(tried: Sequence[Point], make: Make) -> tuple[str, str, str]:
    """Equivalent only where balls prove it on every case; else survived, and what stands against a proof."""
    statuses = set()
    for point in tried:
        found = _agreement(point, make)
        if found.status in ("different", "unknown"):
            same = all(_same_floats(other, make) for other in tried)
            floats = (
                "its floats are the reference's on every input" if same else "its floats differ, within the allowance"
            )
            return "survived", f"{found.message}; {floats}", point.case.id
        statuses.add(found.status)
    if not statuses:
        return "survived", "no case was drawn", ""
    if "convention" in statuses:
        return "convention", "", ""
    if "rounding" in statuses:
        return "rounding", "its exact values differ by less than half a unit in the last place", tried[0].case.id
    other = next((point.case.id for point in tried if not _same_floats(point, make)), None)
    return ("equivalent", "", "") if other is None else ("rounding", "its floats differ from the reference's", other)


def _same_floats(point: Point, make: Make) -> bool:
    """Are a program's results the reference's, bit by bit?"""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = [evaluate(pair, point.case.inputs, point.case.cotangents) for pair in (point.pair, make(point))]
    bits = [[np.asarray(x).tobytes() for x in (r.y, *(g for by in r.gradients for g in by.values()))] for r in results]
    return bits[0] == bits[1]


def _agreement(point: Point, make: Make) -> Agreement:
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), patience(SECONDS):
            warnings.simplefilter("ignore")
            found = agreement(point, make(point))
            if found.status == "different":  # perhaps by what it computes of its options, in floats
                exactly = agreement(point, make(with_exact_options(point)))
                found = found if exactly.status == "unknown" else exactly
            if found.status == "different":  # perhaps by a sum that is one but for a rounding of the inputs
                exact, own = on_its_domain(point, make(point)), on_its_domain(point, point.pair)
                if exact is not None and agreement(point, exact, own).status == "same":
                    return Agreement("rounding")
            return found
    except TimedOut as late:
        return Agreement("unknown", str(late))
    except Exception as error:
        return Agreement("unknown", f"on exact numbers: {type(error).__name__}: {str(error)[:160]}")
