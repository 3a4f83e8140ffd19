"""The likely cause of what a judged pair does wrong as a catalogue operation, in a few lines for `gradproof check`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .checking import Checked
from .diagnosis import AMBIGUOUS, CERTAIN, Cause, Diagnosis, Observation, observed, of_frame, settle

if TYPE_CHECKING:
    from reference._op import Op

MOST_CASES = 6  # of those that were judged


def likely_cause(operation: str, cases: Sequence[Checked]) -> list[str]:
    """Lines that name the cause, the line of the reference that it changes, and why it is wrong; none where unknown.

    cases: judged as `operation`; those under the options of the smallest failing one are looked at, and where several
    causes fit, the pair is run on further cases that tell them apart.
    """
    from .reference import operations

    op = operations()[operation]
    failed = [c for c in cases if c.failed]
    if not failed:
        return []
    smallest = min(failed, key=lambda c: sum(x.size for x in c.inputs.values()))
    if smallest.truth is not None and any(f.worst is not None or f.reason == "wrong-shape" for f in smallest.failed):
        found = _diagnosed(op, smallest, cases)
        return [] if found is None else _lines(found)
    causes = (of_frame(f.reason) for f in smallest.failed)
    cause = next((c for c in causes if c is not None), None)
    return [] if cause is None else [f"why it is wrong: {cause.explanation}"]


def _diagnosed(op: Op, smallest: Checked, cases: Sequence[Checked]) -> Diagnosis | None:
    options = _options(op, smallest)
    alike = [c for c in cases if c is not smallest and c.truth is not None and _options(op, c) == options]
    alike.sort(key=lambda c: (not c.failed, sum(x.size for x in c.inputs.values())))
    observations = [o for case in [smallest, *alike[: MOST_CASES - 1]] for o in _observed(op, options, case)]

    def ask(inputs: Mapping[str, np.ndarray], cotangent: np.ndarray) -> Mapping[str, np.ndarray]:
        return _asked(op, options, smallest, inputs, cotangent)

    return settle(op, options, observations, ask)


def _options(op: Op, checked: Checked) -> dict[str, Any]:
    """The options of a judged case, from its id."""
    from .cases import parse

    return dict(parse(checked.findings[0].case, {op.name: op}).options)


def _observed(op: Op, options: Mapping[str, Any], checked: Checked) -> list[Observation]:
    """What the pair returned on a judged case: it is run again, since findings keep the worst only."""
    from .running import evaluate

    try:
        results = evaluate(checked.pair, checked.inputs, checked.cotangents)
        return observed(
            op, options, checked.inputs, checked.cotangents, checked.truth, results.y, list(results.gradients)
        )
    except Exception:  # told as a finding already
        return []


def _asked(
    op: Op, options: Mapping[str, Any], checked: Checked, inputs: Mapping[str, np.ndarray], cotangent: np.ndarray
) -> dict[str, np.ndarray]:
    from .mistakes.catalogue import pair_of
    from .mistakes.fitting import Point, run

    forward, backward = checked.functions
    dtypes = {n: x.dtype for n, x in checked.inputs.items()}
    own = {n: x.astype(dtypes[n]) for n, x in inputs.items()}
    return run(op, pair_of(op, forward, backward, options, own)[0], Point(own, cotangent))


def _lines(found: Diagnosis) -> list[str]:
    if found.status == CERTAIN:
        return [f"likely cause: {found.causes[0].sentence}", *_of(found.causes[0])]
    if found.status == AMBIGUOUS and len(found.causes) == 1:
        return [found.sentence]
    if found.status == AMBIGUOUS:
        return ["likely cause, one of these:", *(f"  - {c.sentence}" for c in found.causes[:3])]
    return []


def _of(cause: Cause) -> list[str]:
    """The lines of the reference that a cause changes, and why it is wrong."""
    lines = []
    for line in cause.lines:
        lines.append(f"  the line to change: it does what `{line.wrong}` does; right is `{line.right}`")
        lines.append(f"    (the reference has it in {line.place}, line {line.number})")
    return [*lines, f"  why it is wrong: {cause.explanation}"]
