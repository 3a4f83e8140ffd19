"""The truth where comparisons met ties and the two sides differ: intervals between one-sided derivatives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb

from .exact_arrays import exact_run, flat
from .exact_results import PRECISIONS, split_balls, tape_arrays
from .exact_runs import balls, exact_inputs, guarded, run_jets, run_tape, working_dtype
from .jets import Jet
from .joint_kinks import Surroundings
from .pair import Pair
from .rounding import Rounded, as_inputs, working_precision
from .subgradients import Span, contained, directions, enclosed
from .true_values import CannotRun, Proof, Together, TrueArray, Truth

MOST_KINK_ENTRIES = 256  # two jet passes each; entries beyond are left undecided, and counted
BEYOND = 1e-20  # relative: how far outside an interval a ball may be, as a proof may be wide


def at_kinks(pair: Pair, inputs: Any, cotangents: Any, values: Any, backward: Any, proof: Proof) -> Truth:
    """Point truths from the tape where no tie is involved, intervals between one-sided derivatives where one is."""
    bits = PRECISIONS[0]
    y, every, trace = tape_arrays(pair, inputs, cotangents, values)
    at_ties = run_tape(pair, inputs, cotangents, False, bits)[2]
    entries = [(n, i) for n in pair.differentiable for i, tied in enumerate(at_ties[n]) if tied]
    dtype = working_dtype(pair, inputs)
    upstream = [balls(dy) for dy in cotangents]
    around = Surroundings(pair, inputs, upstream, np.random.default_rng([len(entries), 10]))
    conventions = [run_tape(pair, inputs, cotangents, False, bits, side)[1] for side in (1, -1)]
    for name, i in entries[:MOST_KINK_ENTRIES]:
        right, left = (
            run_jets(pair, inputs, {name: _unit(inputs[name].size, i, side)}, bits)[1] for side in (1.0, -1.0)
        )
        bounds = [_one_sided_bound(pair, inputs, cotangents, name, i, side, dtype) for side in (1.0, -1.0)]
        for k, by_input in enumerate(every):
            low, high = _between(upstream[k], right, left)
            if low < high:
                for chosen in (arb(0) if g is None else g for g in (each[k][name][i] for each in conventions)):
                    low, high = (chosen if chosen < low else low), (chosen if chosen > high else high)
            elif choices := around.choices(name, i):
                low, high = choices[k]
            _widen(by_input[name], i, low, high, bounds[0][k] + bounds[1][k])
    for name, i in entries[MOST_KINK_ENTRIES:]:
        for by_input in every:
            by_input[name].allowance.reshape(-1)[i] = math.inf
    notes: tuple[str, ...] = ()
    if len(entries) > MOST_KINK_ENTRIES:
        notes = (f"{len(entries) - MOST_KINK_ENTRIES} of {len(entries)} entries at ties were left undecided",)
    together = _together(pair, inputs, upstream, np.random.default_rng([len(entries), 9]))
    held = _kink_proof(backward, every, proof)
    if held.status == "proved" and not contained(together, backward):
        held = replace(held, status="refuted", message="together the entries are no subgradient at a tie")
    return Truth(y, every, held, "one-sided derivatives", trace.uncertain, notes, together)


def _together(pair: Pair, inputs: Any, upstream: Sequence[list[arb]], rng: np.random.Generator) -> tuple[Together, ...]:
    """What the gradients must give along a few directions; nothing where the forward shows one side of a tie only."""
    found = []
    for direction in directions({n: inputs[n].shape for n in pair.differentiable}, rng):
        try:
            slopes = run_jets(pair, inputs, {n: v.ravel().tolist() for n, v in direction.items()}, PRECISIONS[0], Span)[
                1
            ]
        except CannotRun:  # BranchedAtTie among others
            return ()
        found.append(enclosed(direction, upstream, slopes))
    return tuple(found)


def _unit(size: int, i: int, side: float) -> list[float | None]:
    return [None if j != i else side for j in range(size)]


def _between(dy: Sequence[arb], right: Sequence[arb | None], left: Sequence[arb | None]) -> tuple[arb, arb]:
    """Smallest and largest <dy, J e_i>, each output choosing its own side, as the windows of a pooling do."""
    low, high = arb(0), arb(0)
    for d, r, s in zip(dy, right, left, strict=True):
        if r is None and s is None:
            continue
        a, b = d * (0 if r is None else r), -d * (0 if s is None else s)
        if not (a < b or b < a):
            low, high = low + a, high + a
        else:
            low, high = (low + a, high + b) if a < b else (low + b, high + a)
    return low, high


def _one_sided_bound(
    pair: Pair, inputs: Any, cotangents: Any, name: str, i: int, side: float, dtype: str
) -> list[float]:
    """The rounding allowance of that one-sided derivative: the same jet pass on rounded numbers."""

    def make(n: str, x: np.ndarray) -> list[Any]:
        one = Rounded.given(side)
        return [
            _RoundedJet(v, one if (n, j) == (name, i) else None) for j, v in enumerate(as_inputs(x.ravel().tolist()))
        ]

    with exact_run(_RoundedJet, PRECISIONS[0]) as trace, working_precision(dtype):
        y, _ = guarded(trace, pair.forward, *exact_inputs(pair, inputs, make))
        slopes = [n.s for n in flat(y)]
        bounds = []
        for dy in cotangents:
            total = Rounded.given(0.0)
            for upstream, s in zip(as_inputs(dy.ravel().tolist()), slopes, strict=True):
                total = total if s is None else total + upstream * s
            bounds.append(total.allowance())
        return bounds


class _RoundedJet(Jet):
    """A jet of rounded numbers: its constants are rounded numbers too."""

    __slots__ = ()

    @classmethod
    def constant(cls, value: Any) -> Jet:
        return cls(Rounded.constant(value))


def _widen(array: TrueArray, i: int, low: arb, high: arb, allowance: float) -> None:
    """Set entry i of a true array to an interval of right answers."""
    if (high - low).contains(0):
        high = low
    for value, (hi, lo) in ((low, array.low), (high, array.high)):
        (hi.reshape(-1)[i],), (lo.reshape(-1)[i],) = split_balls([value])
    flat_allowance = array.allowance.reshape(-1)
    flat_allowance[i] = max(flat_allowance[i], allowance)


def _kink_proof(backward: Any, every: Any, proof: Proof) -> Proof:
    """At a kink the backward is proved where each entry's ball lies in the interval of right answers."""
    if backward is None:
        return proof
    outside, unknown = 0, 0
    for exact_, true in zip(backward, every, strict=True):
        for name, numbers in exact_.items():
            hi, lo = split_balls([g.v for g in numbers])
            t = true[name]
            below = (t.low[0].ravel() - hi) + (t.low[1].ravel() - lo)
            above = (hi - t.high[0].ravel()) + (lo - t.high[1].ravel())
            unknown += int(np.isnan(t.low[0]).sum())
            outside += int((np.maximum(below, above) > BEYOND * np.maximum(1, np.abs(hi))).sum())
    if outside:
        return Proof(
            "refuted",
            proof.radius,
            proof.precision,
            proof.ties,
            f"{outside} entries lie outside their one-sided derivatives",
        )
    if unknown:
        return Proof(
            "undecided", math.inf, proof.precision, proof.ties, f"{unknown} entries have no one-sided derivative"
        )
    return Proof("proved", 0.0, proof.precision, proof.ties, "within the one-sided derivatives at every tie")
