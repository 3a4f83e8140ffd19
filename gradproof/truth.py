"""The truth of a case: exact outputs and gradients, the proof of the backward, and every entry's allowance.

Order of work: jets along a random direction and the backward in balls must give the same number (the
proof). Where they do, the backward's balls are the elementwise truth. Where they do not, or where the
backward does not run on exact numbers, the tape gives the truth of the forward itself. Where a comparison
met a tie and the two sides differ, the truth of the entries involved is the interval between the one-sided
derivatives along +e_i and -e_i, wide enough to hold one convention for all ties of the run.
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb, ctx

from .exact_arrays import case_dtype, exact, exact_run, flat
from .exact_number import ExactStop, Trace
from .jets import Ball, Jet
from .pair import Pair
from .rounding import Rounded, as_inputs, working_precision
from .subgradients import Span, contained, directions, enclosed
from .tape import Traced, ancestors, sweep
from .true_values import FIRST_PRECISION
from .true_values import CannotRun as CannotRun
from .true_values import Proof as Proof
from .true_values import Together as Together
from .true_values import TrueArray as TrueArray
from .true_values import Truth as Truth

PRECISIONS = (FIRST_PRECISION, 256, 512, 1024, 2048)  # bits; each is tried where the one before left a ball too wide
DEFINED_BY = 512  # bits; what is undefined here (log of a ball around zero) stays so at more
PROVED_RADIUS = 1e-20  # the definition of "proved": the difference ball contains zero and is narrower than this
PROVED, FORWARD = "proved backward", "exact forward"  # where a truth comes from; the second has no derivative
MOST_KINK_ENTRIES = 256  # two jet passes each; entries beyond are left undecided, and counted


# -- running a pair on exact numbers -----------------------------------------------------------------------


def _inputs(pair: Pair, inputs: Mapping[str, np.ndarray], make: Callable[[str, np.ndarray], list[Any]]) -> list[Any]:
    """Exact arrays for the floating inputs, the arrays themselves for labels and masks."""
    return [exact(make(n, x), x.shape) if x.dtype.kind == "f" else x for n, x in ((n, inputs[n]) for n in pair.inputs)]


def guarded(trace: Trace, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call user code on exact numbers; whatever it raises becomes one sentence that names the function and the line."""
    trace.called = ""
    try:
        return function(*arguments)
    except Exception as error:
        stop = _stop(error)
        if stop is not None:
            raise CannotRun(f"{stop}{_place(error)}") from error
        said = " ".join(str(error).split())[:160]
        what = f"{trace.called}: " if trace.called else ""
        raise CannotRun(f"{what}{type(error).__name__}: {said}{_place(error)}") from error


def _stop(error: BaseException | None) -> ExactStop | None:
    """The stop behind an exception: NumPy reports a float() inside an assignment as its own ValueError."""
    while error is not None and not isinstance(error, ExactStop):
        error = error.__cause__ or error.__context__
    return error


def _place(error: BaseException) -> str:
    """The innermost line outside NumPy and this package: the user's own."""
    here = __file__.rsplit("truth.py", 1)[0]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(here) or "numpy" in frame.filename or not frame.line:
            continue
        return f" (line {frame.lineno}: `{frame.line.strip()}`)"
    return ""


def _balls(x: np.ndarray) -> list[arb]:
    return [arb(value) for value in x.ravel().tolist()]


def _inner(a: Sequence[arb], b: Sequence[arb | None]) -> arb:
    total = arb(0)
    for p, q in zip(a, b, strict=True):
        if q is not None:
            total += p * q
    return total


def _jets(
    pair: Pair,
    inputs: Mapping[str, np.ndarray],
    direction: Mapping[str, Sequence[Any]],
    bits: int,
    number: type[Jet] = Jet,
) -> tuple[list[arb], list[arb | None], int]:
    """One jet pass: values and slopes of y, and how many comparisons met a tie."""

    def make(name: str, x: np.ndarray) -> list[Any]:
        slopes = direction.get(name)
        return [
            number(v, None if s is None else arb(s)) for v, s in zip(_balls(x), slopes or [None] * x.size, strict=True)
        ]

    with exact_run(number, bits) as trace:
        y, _ = guarded(trace, pair.forward, *_inputs(pair, inputs, make))
        numbers = guarded(trace, flat, y)
        return [n.v for n in numbers], [n.s for n in numbers], len(trace.ties)


def _backward(
    pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray], number: Any, bits: int
) -> Any:
    """Forward and backward on balls or rounded numbers: y's numbers, and for each cotangent the gradients' numbers."""
    lift = (lambda x: [Ball(v) for v in _balls(x)]) if number is Ball else (lambda x: as_inputs(x.ravel().tolist()))
    with exact_run(number, bits) as trace:
        y, saved = guarded(trace, pair.forward, *_inputs(pair, inputs, lambda _, x: lift(x)))
        ys = guarded(trace, flat, y)
        every = []
        for dy in cotangents:
            upstream = exact(lift(dy), dy.shape) if dy.ndim else lift(dy)[0]
            gradients = guarded(trace, pair.backward, upstream, saved)
            every.append(_by_input(trace, pair, gradients, inputs))
        return ys, every, trace


def _by_input(trace: Trace, pair: Pair, gradients: Any, inputs: Mapping[str, np.ndarray]) -> dict[str, list[Any]]:
    names = pair.differentiable
    if not isinstance(gradients, (tuple, list)) or len(gradients) != len(names):
        what = (
            f"{len(gradients)} gradients" if isinstance(gradients, (tuple, list)) else f"a {type(gradients).__name__}"
        )
        raise ValueError(f"{what}; expected a tuple of {len(names)}: {', '.join(f'd{n}' for n in names)}")
    return {n: _flat_gradient(trace, n, g, inputs[n]) for n, g in zip(names, gradients, strict=True)}


def _flat_gradient(trace: Trace, name: str, gradient: Any, x: np.ndarray) -> list[Any]:
    shape = np.shape(gradient)
    numbers = guarded(trace, flat, gradient)
    if shape != x.shape and not (x.size == 1 and len(numbers) == 1):
        raise CannotRun(f"the gradient of {name} has shape {shape} on exact numbers, the input {x.shape}")
    return numbers


# -- from balls to arrays ------------------------------------------------------------------------------------


def _split(values: Sequence[arb]) -> tuple[np.ndarray, np.ndarray]:
    """Double-double midpoints: hi + lo holds 106 bits of each value. What may be zero is zero."""
    hi = [(0.0 if v.contains(0) else float(v.mid())) if v.is_finite() else math.nan for v in values]
    lo = [float(v.mid() - arb(h)) if h and math.isfinite(h) else 0.0 for v, h in zip(values, hi, strict=True)]
    return np.array(hi, dtype=np.float64), np.array(lo, dtype=np.float64)


def _radii(values: Sequence[arb]) -> np.ndarray:
    """How far a value may be from its midpoint in `_split`."""
    return np.array(
        [float(abs(v).upper() if v.contains(0) else v.rad()) if v.is_finite() else math.inf for v in values],
        dtype=np.float64,
    )


def _true_array(values: Sequence[arb], allowance: Sequence[float], shape: tuple[int, ...]) -> TrueArray:
    hi, lo = (part.reshape(shape) for part in _split(values))
    return TrueArray(
        (hi, lo), (hi.copy(), lo.copy()), (np.array(allowance, dtype=np.float64) + _radii(values)).reshape(shape)
    )


def _wide(values: Sequence[arb], bits: int) -> bool:
    """Is some ball too wide to judge float64 against, relative to itself and to the array it stands in?"""
    if bits > PRECISIONS[0] and all(v.contains(0) for v in values):
        return False  # all of them zero, as far as twice the precision can tell
    radii, size = _radii(values), np.abs(_split(values)[0])
    defined = np.isfinite(size)
    if not defined.all() and bits < DEFINED_BY:
        return True
    reach = np.maximum(size, size.max(where=defined, initial=0.0) * 2.0**-53)
    return bool((radii > reach * 2.0**-64)[defined].any())


# -- the proof -----------------------------------------------------------------------------------------------


def _direction(pair: Pair, inputs: Mapping[str, np.ndarray], rng: np.random.Generator) -> dict[str, list[float]]:
    """A generic direction: random dyadic numbers of both signs, none of them zero."""
    return {
        n: (rng.integers(1, 2**20, inputs[n].size) * rng.choice([-1, 1], inputs[n].size) / 2**20).tolist()
        for n in pair.differentiable
    }


def _identity(cotangents: list[list[arb]], slopes: Any, gradients: Any, direction: Any) -> tuple[str, float, arb]:
    """<dy, J v> against <backward(dy), v> for every cotangent: status, widest radius, worst difference."""
    radius, worst, status = 0.0, arb(0), "proved"
    for dy, by_input in zip(cotangents, gradients, strict=True):
        difference = _inner(dy, slopes)
        for name, numbers in by_input.items():
            difference -= _inner([g.v for g in numbers], [arb(v) for v in direction[name]])
        if not difference.is_finite():
            return "undecided", math.inf, difference
        radius = max(radius, float(difference.rad()))
        if not difference.contains(0):
            status = "refuted"
            worst = max(worst, difference, key=lambda d: float(abs(d)))
    if status == "proved" and radius >= PROVED_RADIUS:
        status = "undecided"
    return status, radius, worst


def find_truth(pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray], seed: int = 0) -> Truth:
    """Truth, proof and allowances of one case.

    inputs: float32 or float64 arrays by name (integers and booleans pass through as they are);
    cotangents: arrays of the output's shape. Raises CannotRun where the forward does not run on exact numbers.
    """
    # sums and differences of balls between the runs lose nothing
    with ctx.workprec(PRECISIONS[-1]), case_dtype(_working_dtype(pair, inputs)):
        return _find_truth(pair, inputs, cotangents, seed)


def _find_truth(pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray], seed: int) -> Truth:
    direction = _direction(pair, inputs, np.random.default_rng([seed, 1]))
    for bits in PRECISIONS:
        values, slopes, ties = _jets(pair, inputs, direction, bits)
        proof, gradients, smooth = _prove(pair, inputs, cotangents, direction, values, slopes, ties, bits)
        balls = [[g.v for g in numbers] for by_input in gradients or () for numbers in by_input.values()]
        settled = proof.status != "undecided" or gradients is None
        if settled and not any(_wide(each, bits) for each in [values, *balls]):
            break
    if smooth is False:  # also where the proof held: a direction may happen to point to the side the backward chose
        return _at_kinks(pair, inputs, cotangents, values, gradients, proof)
    if proof.status in ("proved", "not-asked"):
        return _from_backward(pair, inputs, cotangents, values, gradients, proof)
    return _from_tape(pair, inputs, cotangents, values, proof)


def _prove(
    pair: Pair,
    inputs: Mapping[str, np.ndarray],
    cotangents: Sequence[np.ndarray],
    direction: Mapping[str, list[float]],
    values: list[arb],
    slopes: list[arb | None],
    ties: int,
    bits: int,
) -> tuple[Proof, Any, bool | None]:
    """The proof at this precision, the backward's balls if it ran, and whether ties (if any) were smooth."""
    smooth: bool | None = None
    if ties:
        back = {n: [-s for s in v] for n, v in direction.items()}
        _, reverse, _ = _jets(pair, inputs, back, bits)
        smooth = all(
            both.is_finite() and both.contains(0)
            for a, b in zip(slopes, reverse, strict=True)
            for both in [(0 if a is None else a) + (arb(0) if b is None else b)]
        )
    try:
        _, gradients, _ = _backward(pair, inputs, cotangents, Ball, bits)
    except CannotRun as stop:
        return (
            Proof("undecided", precision=bits, ties=ties, message=f"the backward did not run exactly: {stop}"),
            None,
            smooth,
        )
    except ValueError as error:
        return Proof("refuted", precision=bits, ties=ties, message=f"the backward returned {error}"), None, smooth
    if not pair.differentiable:
        return Proof("not-asked", precision=bits, ties=ties, message="no derivative asked"), gradients, smooth
    status, radius, worst = _identity([_balls(dy) for dy in cotangents], slopes, gradients, direction)
    message = ""
    if status == "refuted":
        message = f"along a random direction the backward is off by {float(abs(worst.mid())):.3g}"
    return Proof(status, radius, bits, ties, message), gradients, smooth


# -- where the truth comes from --------------------------------------------------------------------------------


def _from_backward(pair: Pair, inputs: Any, cotangents: Any, values: Any, gradients: Any, proof: Proof) -> Truth:
    """The proved backward's balls are the truth; the same code on rounded numbers gives the allowance."""
    dtype = _working_dtype(pair, inputs)
    with working_precision(dtype):
        ys, rounded, trace = _backward(pair, inputs, cotangents, Rounded, PRECISIONS[0])
        bounds = _allowances(rounded, ys)
        y = _true_array(values, [n.allowance() for n in ys], cotangents[0].shape)
    every = tuple(
        {n: _true_array([g.v for g in by_input[n]], bound[n], inputs[n].shape) for n in by_input}
        for by_input, bound in zip(gradients, bounds, strict=True)
    )
    return Truth(y, every, proof, PROVED if pair.differentiable else FORWARD, trace.uncertain)


def coarse(pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray], truth: Truth) -> Truth:
    """The same truth with allowances at the scale of the case: what an inaccurate but right formula may be off by.

    Every input and cotangent may be off by a rounding at the scale of its own array, as in a backward error analysis
    (Higham, section 1.5): x - mean under a large offset. And every rounding counts as if its result had the magnitude
    of the cotangent, and one at least: 1 - y in a tail, log(1 + e). An entry whose own path is exact may be rounded
    too, where others of its array are: another formula of it is not exact there.
    """
    dtype = _working_dtype(pair, inputs)
    scale = max(1.0, *map(_magnitude, cotangents))
    with (
        ctx.workprec(PRECISIONS[-1]),
        case_dtype(dtype),
        working_precision(dtype, floor=scale, blurred=True),
    ):
        if truth.source in (PROVED, FORWARD):
            ys, rounded, _ = _backward(pair, inputs, cotangents, Rounded, PRECISIONS[0])
        else:
            ys, rounded, _, _ = _tape(pair, inputs, cotangents, True, PRECISIONS[0])
        bounds, own = _allowances(rounded, ys), [n.allowance() for n in ys]
    unit = float(np.finfo(dtype).eps) / 2

    def least(true: TrueArray) -> float:
        return unit * max(scale, _magnitude(true.nearest))

    every = tuple(
        {n: _rebounded(true[n], bound[n], least(true[n])) for n in true}
        for true, bound in zip(truth.gradients, bounds, strict=True)
    )
    return replace(truth, y=_rebounded(truth.y, own, least(truth.y)), gradients=every)


def _magnitude(x: np.ndarray) -> float:
    """The largest magnitude among the finite entries of an array."""
    return float(np.abs(x[np.isfinite(x)]).max(initial=0.0))


def _rebounded(true: TrueArray, allowance: Sequence[float], least: float) -> TrueArray:
    wide = np.array(allowance, dtype=np.float64).reshape(true.shape)
    return replace(true, allowance=np.maximum(true.allowance, np.maximum(wide, least) if wide.any() else wide))


def _allowances(gradients: Any, ys: Sequence[Rounded]) -> list[dict[str, list[float]]]:
    """Allowances of gradients: a program may find them through whatever functions the output needs (log, exp, ...)."""
    k = max((n.k for n in ys), default=0.0)
    return [
        {n: [0.0 if g is None else g.allowance(k) for g in numbers] for n, numbers in by.items()} for by in gradients
    ]


def _working_dtype(pair: Pair, inputs: Mapping[str, np.ndarray]) -> str:
    kinds = {inputs[n].dtype.name for n in pair.inputs if inputs[n].dtype.kind == "f"}
    return "float32" if kinds == {"float32"} else "float64"


def _tape(pair: Pair, inputs: Any, cotangents: Any, rounded: bool, bits: int, at_tie: int = 0) -> Any:
    """Reverse mode of the forward, on balls or rounded numbers: y's scalars, gradients, and positions at ties.

    at_tie: 1 or -1 to take the first or the second of two equal numbers for the larger, everywhere.
    """
    number = _RoundedTraced if rounded else Traced
    leaves: dict[str, list[Traced]] = {}

    def make(name: str, x: np.ndarray) -> list[Any]:
        scalars = as_inputs(x.ravel().tolist()) if rounded else _balls(x)
        constant = name not in pair.differentiable
        leaves[name] = [number(v, constant=constant) for v in scalars]
        return leaves[name]

    lift = Rounded.given if rounded else arb
    with exact_run(number, bits) as trace:
        trace.at_tie = at_tie
        y, _ = guarded(trace, pair.forward, *_inputs(pair, inputs, make))
        ys = guarded(trace, flat, y)
        trace.reducing = True  # a gradient gathers its terms in whatever order a program likes
        wanted = [leaf for n in pair.differentiable for leaf in leaves[n]]
        every = []
        for dy in cotangents:
            swept = iter(sweep(ys, [lift(v) for v in dy.ravel().tolist()], wanted))
            every.append({n: [next(swept) for _ in leaves[n]] for n in pair.differentiable})
        tied = set() if rounded else ancestors(node for tie in trace.ties for node in tie)
        at_ties = {n: [leaf.index in tied for leaf in leaves[n]] for n in pair.differentiable}
        return [n.v for n in ys], every, at_ties, trace


class _RoundedTraced(Traced):
    """A traced rounded number: its constants are rounded numbers too."""

    __slots__ = ()

    @classmethod
    def constant(cls, value: Any) -> Traced:
        return cls(Rounded.constant(value), constant=True)


def _from_tape(pair: Pair, inputs: Any, cotangents: Any, values: Any, proof: Proof) -> Truth:
    """The forward's own derivative, entry by entry: what a refuted backward is judged against."""
    y, every, trace = _tape_arrays(pair, inputs, cotangents, values)
    return Truth(y, every, proof, "reverse mode of the forward", trace.uncertain)


def _tape_arrays(pair: Pair, inputs: Any, cotangents: Any, values: Any) -> Any:
    dtype = _working_dtype(pair, inputs)
    for bits in PRECISIONS:
        _, gradients, _, _ = _tape(pair, inputs, cotangents, False, bits)
        known = [
            [arb(0) if g is None else g for g in numbers] for by_input in gradients for numbers in by_input.values()
        ]
        if not any(_wide(each, bits) for each in known):
            break
    with working_precision(dtype):
        ys, rounded, _, trace = _tape(pair, inputs, cotangents, True, PRECISIONS[0])
        bounds = _allowances(rounded, ys)
        y = _true_array(values, [n.allowance() for n in ys], cotangents[0].shape)
    every = tuple(
        {n: _true_array([arb(0) if g is None else g for g in by[n]], bound[n], inputs[n].shape) for n in by}
        for by, bound in zip(gradients, bounds, strict=True)
    )
    return y, every, trace


def _at_kinks(pair: Pair, inputs: Any, cotangents: Any, values: Any, backward: Any, proof: Proof) -> Truth:
    """Point truths from the tape where no tie is involved, intervals between one-sided derivatives where one is."""
    bits = PRECISIONS[0]
    y, every, trace = _tape_arrays(pair, inputs, cotangents, values)
    at_ties = _tape(pair, inputs, cotangents, False, bits)[2]
    entries = [(n, i) for n in pair.differentiable for i, tied in enumerate(at_ties[n]) if tied]
    dtype = _working_dtype(pair, inputs)
    upstream = [_balls(dy) for dy in cotangents]
    conventions = [_tape(pair, inputs, cotangents, False, bits, side)[1] for side in (1, -1)]
    for name, i in entries[:MOST_KINK_ENTRIES]:
        right, left = (_jets(pair, inputs, {name: _unit(inputs[name].size, i, side)}, bits)[1] for side in (1.0, -1.0))
        bounds = [_one_sided_bound(pair, inputs, cotangents, name, i, side, dtype) for side in (1.0, -1.0)]
        for k, by_input in enumerate(every):
            low, high = _between(upstream[k], right, left)
            if low < high:
                for chosen in (arb(0) if g is None else g for g in (each[k][name][i] for each in conventions)):
                    low, high = (chosen if chosen < low else low), (chosen if chosen > high else high)
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
            slopes = _jets(pair, inputs, {n: v.ravel().tolist() for n, v in direction.items()}, PRECISIONS[0], Span)[1]
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
        y, _ = guarded(trace, pair.forward, *_inputs(pair, inputs, make))
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
        (hi.reshape(-1)[i],), (lo.reshape(-1)[i],) = _split([value])
    flat_allowance = array.allowance.reshape(-1)
    flat_allowance[i] = max(flat_allowance[i], allowance)


def _kink_proof(backward: Any, every: Any, proof: Proof) -> Proof:
    """At a kink the backward is proved where each entry's ball lies in the interval of right answers."""
    if backward is None:
        return proof
    outside, unknown = 0, 0
    for exact_, true in zip(backward, every, strict=True):
        for name, numbers in exact_.items():
            hi, lo = _split([g.v for g in numbers])
            t = true[name]
            below = (t.low[0].ravel() - hi) + (t.low[1].ravel() - lo)
            above = (hi - t.high[0].ravel()) + (lo - t.high[1].ravel())
            unknown += int(np.isnan(t.low[0]).sum())
            outside += int((np.maximum(below, above) > PROVED_RADIUS * np.maximum(1, np.abs(hi))).sum())
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
