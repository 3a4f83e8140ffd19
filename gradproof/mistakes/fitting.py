"""Does a mistake reproduce what was observed? Mistakes are run in floats, on the observed cases, each once."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..layout import copied
from ..pair import Pair
from ..truth import TrueArray
from ..verdict import ratio_of

if TYPE_CHECKING:
    from reference._op import Op

    from .catalogue import Mistake

MOST_KEPT = 20_000  # results of one mistake at one point that are remembered


@dataclass(frozen=True)
class Point:
    """Inputs and a cotangent, and by quantity what somebody's program returned there next to the truth."""

    inputs: Mapping[str, np.ndarray]
    cotangent: np.ndarray
    got: Mapping[str, np.ndarray] = field(default_factory=dict)
    true: Mapping[str, TrueArray] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """The point in one word: what results are remembered by."""
        digest = hashlib.sha1(usedforsecurity=False)
        for x in (*self.inputs.values(), self.cotangent):
            digest.update(f"{x.dtype}{x.shape}".encode() + np.ascontiguousarray(x).tobytes())
        return digest.hexdigest()

    @property
    def size(self) -> int:
        return sum(x.size for x in self.inputs.values())


def digits(got: np.ndarray) -> float:
    """Half of the digits of an array's dtype: what differs by more is another number, whatever the rounding."""
    return float(np.sqrt(np.finfo(got.dtype if got.dtype.kind == "f" else np.float64).eps))


def blur(true: TrueArray, got: np.ndarray) -> float:
    """How far, relative to its largest entry, two honest programs may differ in an array: twice the allowance.

    The allowance is a bound that no program comes near where it is wide (several normalisations on end), so half of
    the digits are never given up. Infinite where it leaves less than a quarter: such an array tells nothing.
    """
    allowance = true.allowance[~true.undefined]
    size = float(np.abs(true.nearest[~true.undefined]).max(initial=0.0))
    unit, half = digits(got) ** 2, digits(got)
    relative = 2 * float(allowance.max(initial=0.0)) / size if size else 0.0
    return min(max(relative, unit), half) if relative < half**0.5 else np.inf


def beyond(true: TrueArray, got: np.ndarray) -> bool:
    """Is a result wrong: of another shape, or farther from the truth than its allowance at any entry?"""
    if got.shape != true.shape:
        return True
    return bool(np.nanmax(ratio_of(true.error(got), true), initial=0.0) > 1)


def _same_digits(true: TrueArray, got: np.ndarray, found: np.ndarray) -> bool:
    """Does a mistake lose the same digits: is most of each entry's error beyond the allowance its error too?"""
    error = true.error(got)
    with np.errstate(all="ignore"):
        left = np.abs(got.astype(np.float64) - found.astype(np.float64))
        return bool((left <= np.where(error > true.allowance, error / 2, 2 * true.allowance))[~true.undefined].all())


def same(a: np.ndarray, b: np.ndarray, blurred: float) -> bool:
    """Are two arrays the same up to rounding: shape, what is not finite, and every entry?"""
    if a.shape != b.shape:
        return False
    a, b = a.astype(np.float64), b.astype(np.float64)
    finite = np.isfinite(a)
    if not np.array_equal(finite, np.isfinite(b)) or not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return False
    scale = max(np.abs(a[finite]).max(initial=0.0), np.abs(b[finite]).max(initial=0.0))
    return bool((np.abs(a[finite] - b[finite]) <= blurred * scale).all())


_kept: dict[tuple[str, str, str], dict[str, np.ndarray]] = {}


def results(op: Op, mistake: Mistake, options: Mapping[str, Any], point: Point) -> dict[str, np.ndarray]:
    """What a mistake returns at a point, by quantity, at the point's own dtype; nothing where it raises.

    Remembered: a class's submissions are asked about the same points.
    """
    key = (mistake.id, repr(sorted(options.items())), point.key)
    if key not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        try:
            _kept[key] = run(op, mistake.pair(options, dict(point.inputs)), point)
        except Exception:  # whatever a mistake raises: it explains no numbers
            _kept[key] = {}
    return _kept[key]


def run(op: Op, pair: Pair, point: Point) -> dict[str, np.ndarray]:
    """A pair's outputs and gradients at a point, by name: the outputs alone where the backward raises."""
    inputs = [copied(x) for x in point.inputs.values()]
    names = op.outputs or (op.output,)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the mean of no examples is one of the mistakes
        if pair.separately is not None:
            returned, saved = pair.separately(*inputs)
            found = {n: np.array(y) for n, y in zip(names, returned, strict=False)}
        else:
            y, saved = pair.forward(*inputs)
            found = {names[0]: np.array(y)}
        try:
            gradients = pair.backward(copied(point.cotangent), saved) if pair.differentiable else ()
        except Exception:
            return found
    found.update({f"d{n}": np.array(g) for n, g in zip(pair.differentiable, gradients, strict=False)})
    return {n: x for n, x in found.items() if x.dtype.kind in "fiub"}


class Evidence:
    """What was observed of a program under one setting of an operation's options, and what fits it."""

    def __init__(self, op: Op, options: Mapping[str, Any], points: Sequence[Point]) -> None:
        from ..pair import of_operation

        self.op = op
        self.options = dict(options)
        self.points = sorted(points, key=self._telling)
        reference = of_operation(op, self.options)
        self.right = [run(op, reference, p) for p in self.points]
        self._blur = [{q: blur(p.true[q], got) for q, got in p.got.items()} for p in self.points]
        self._lost = [
            {q for q, got in p.got.items() if beyond(p.true[q], got) and q in r and same(got, r[q], self._blur[k][q])}
            for k, (p, r) in enumerate(zip(self.points, self.right, strict=True))
        ]  # wrong by digits that were lost in some entries only: every right program is as near to these

    def _telling(self, point: Point) -> tuple[int, int]:
        """Points that show most come first, of these the small ones: most mistakes are run at the first one only."""
        shown = [q for q, got in point.got.items() if beyond(point.true[q], got) and blur(point.true[q], got) < np.inf]
        return -len(shown), point.size

    @cached_property
    def quantities(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(q for p in self.points for q in p.got))

    @cached_property
    def wrong(self) -> frozenset[str]:
        """Quantities that are beyond their allowance somewhere."""
        return frozenset(q for p in self.points for q, got in p.got.items() if beyond(p.true[q], got))

    @cached_property
    def telling(self) -> frozenset[str]:
        """Quantities that have digits enough to tell one cause from another, at some point."""
        return frozenset(q for of in self._blur for q, blurred in of.items() if blurred < np.inf)

    @cached_property
    def uninformative(self) -> bool:
        """Is everything that is wrong one number, the same at every point, or nowhere finite, or without any entry?

        Such results say that something was lost on the way, and not where: many a mistake ends there.
        """
        return all(self._constant([np.asarray(p.got[q]) for p in self.points if q in p.got]) for q in self.wrong)

    @staticmethod
    def _constant(got: Sequence[np.ndarray]) -> bool:
        every = np.concatenate([x.ravel().astype(np.float64) for x in got])
        finite = every[np.isfinite(every)]
        if not every.size:
            return True  # a slice that is empty
        if every.size < 2 or 0 < finite.size < every.size:
            return False
        spread, size = np.ptp(finite) if finite.size else 0.0, np.abs(finite).max(initial=0.0)
        # at one point a number in every entry may still be one that few mistakes give, as a sum of all entries is
        telling = len(got) == 1 and finite.size and not float(round(finite[0], 9)).is_integer()
        return bool(spread <= max(map(digits, got)) * size and not telling)

    @property
    def outputs(self) -> frozenset[str]:
        return frozenset(self.op.outputs or (self.op.output,))

    def fits(self, found: Mapping[str, np.ndarray], at: int, quantities: Iterable[str]) -> bool:
        """Do a mistake's results agree with what was observed of these quantities at a point?"""
        got, true, blurred = self.points[at].got, self.points[at].true, self._blur[at]
        return all(
            q in found
            and same(got[q], found[q], blurred[q])
            and (q not in self._lost[at] or _same_digits(true[q], got[q], found[q]))
            for q in quantities
            if q in got and blurred[q] < np.inf
        )

    def changed(self, found: Mapping[str, np.ndarray], at: int) -> frozenset[str]:
        """Quantities of the point in which a mistake's results differ from the reference's."""
        right, blurred = self.right[at], self._blur[at]
        return frozenset(
            q
            for q in self.points[at].got
            if q in right and blurred[q] < np.inf and (q not in found or not same(right[q], found[q], blurred[q]))
        )

    def everywhere(self, mistake: Mistake, quantities: Iterable[str] | None = None) -> bool:
        """Does a mistake reproduce these quantities (all of them) at every point?"""
        wanted = self.quantities if quantities is None else tuple(quantities)
        return all(
            self.fits(results(self.op, mistake, self.options, p), at, wanted) for at, p in enumerate(self.points)
        )
