"""Inputs that the student's code draws itself: is the share of what it keeps one that a fair draw gives?

The cases judge what was done with a drawn mask; they are too small to tell a rate of 0.5 from one of 0.7. So the
forward runs once more on a large input, and what it kept is counted (see `gradproof.laws.dropout`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...laws.dropout import FALSE_ALARM, binomial_bounds
from ..confinement.exchanged import Tagged
from .program import Given, compile_task

if TYPE_CHECKING:
    from .asking import Subject
    from .points import Point

LARGE = (40, 60)  # sizes of a starred axis; a plain one has the first


def unfair_draw(subject: Subject, at: Point) -> str:
    """What is wrong with the share that is kept, in a sentence; "" where nothing is, or no rate is declared.

    at: a point of the task, whose options are used.
    """
    rate = at.numbers.get("rate")
    if not isinstance(rate, (int, float)) or at.numbers.get("mode", "train") != "train":
        return ""
    inputs, sizes = _large(at)
    given = Given(inputs, {}, {}, {**at.numbers, **sizes}, at.dtype)
    compiled = compile_task(at.task, given, ("setup", "forward"))
    outcome = subject.run(compiled.program)
    if outcome.verdict != "ok":
        return f"with an input of shape {next(iter(inputs.values())).shape} the forward does not run: {outcome.message}"
    for returned in compiled.returns:
        value = outcome.values.get(returned.name)
        if not returned.draws or value is None or isinstance(value, Tagged):
            continue
        kept = int(np.count_nonzero(value))
        least, most = binomial_bounds(value.size, 1 - rate, FALSE_ALARM)
        if not least <= kept <= most:
            share = f"keeps {kept} of {value.size} entries ({kept / value.size:.0%})"
            return f"it {share}; with rate = {rate:g} a fair draw keeps between {least} and {most}"
    return ""


def _large(at: Point) -> tuple[Mapping[str, np.ndarray], dict[str, Any]]:
    """The task's inputs at large sizes, none of them zero."""
    from ...cases import shape_of

    sizes = {n: LARGE if isinstance(s, tuple) else LARGE[0] for n, s in at.case.spec.sizes}
    rng = np.random.default_rng(3)
    inputs = {}
    for i in at.op.inputs_for(at.case.options):
        shape = shape_of(i, sizes)
        inputs[i.name] = (rng.uniform(1, 2, shape) * rng.choice([-1.0, 1.0], shape)).astype(at.dtype)
    return inputs, sizes
