"""Compare what an implementation returned with the truth: records, never bare booleans.

The frame is judged before the numbers: number, shape and dtype of the results, then finiteness; then error
against allowance, entry by entry. Beyond the allowance, an error is *inaccurate* where rounding at the scale
of the inputs explains it (see `truth.coarse`), and *wrong* where nothing does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .packing import split
from .together import as_wholes
from .true_values import TrueArray, Truth

STATUSES = (
    "wrong", "broken", "inaccurate", "undecided", "kink-convention", "known-difference",
    "absent", "not-applicable", "agree",
)  # fmt: skip
FAILURES = ("wrong", "inaccurate")  # what makes a run's exit code 1


class Mismatch(AssertionError):
    """An implementation disagrees with the truth; the message explains, `findings` holds the records."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = list(findings)


@dataclass(frozen=True)
class Worst:
    """The entry with the largest error/allowance; numbers as shortest round-trip text."""

    index: tuple[int, ...]
    cotangent: int
    true: str
    got: str
    error: str
    allowance: str


@dataclass(frozen=True)
class Finding:
    """One comparison: an implementation's quantity (y, dx, ...) on one case, over all its cotangents."""

    case: str
    op: str
    dtype: str
    regime: str
    implementation: str
    quantity: str
    status: str
    reason: str = ""
    entries: int = 0
    ratio: float | None = None
    ulp: float | None = None
    worst: Worst | None = None
    truth: str = ""
    native: bool = True
    message: str = ""
    kinks: int = 0
    undecided: int = 0
    pictures: tuple[np.ndarray, ...] = field(
        default=(), compare=False, repr=False
    )  # true, got, ratio of the worst cotangent

    @property
    def failed(self) -> bool:
        return self.status in FAILURES


@dataclass(frozen=True)
class Results:
    """What an implementation returned for a case: y, and by cotangent one gradient for each differentiable input.

    Of several outputs y is a tuple, or the vector that `packing.joined` makes of them.
    """

    y: Any
    gradients: tuple[Mapping[str, Any], ...]
    native: bool = True


@dataclass(frozen=True)
class About:
    """What a finding says about the case that it belongs to."""

    case: str
    op: str
    dtype: str
    regime: str
    implementation: str
    output: str = "y"
    parts: tuple[tuple[str, tuple[int, ...]], ...] = ()  # name and shape of each output, where there are several


def ratio_of(error: np.ndarray, true: TrueArray) -> np.ndarray:
    """error / allowance by entry: 0 where both are zero, inf beyond an exact truth, NaN where nothing can be said."""
    with np.errstate(all="ignore"):
        ratio = np.where(error == 0, 0.0, error / true.allowance)
    ratio = np.where(np.isnan(error), math.inf, ratio)
    return np.where(true.undefined, math.nan, ratio)


def judge(
    about: About,
    truth: Truth,
    results: Results,
    coarse: Any = None,
    reference: Results | None = None,
    dtypes: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Findings of one implementation on one case: y first (or each output), then each gradient.

    coarse: gives the truth with allowances at the scale of the inputs; called, without arguments, only when needed.
    reference: the reference's own results, to name the convention chosen at a kink.
    dtypes: the dtype that each quantity must have, where it is not the case's own.
    """
    findings = [
        _compare(about, name, [true], [got], truth, wider, None, results.native, dtypes)
        for name, true, got, wider in _outputs(about, truth.y, results.y, coarse)
    ]
    for name in truth.gradients[0] if truth.gradients else ():
        true = [by_input[name] for by_input in truth.gradients]
        got = [by_input.get(name) for by_input in results.gradients]
        own = None if reference is None else [by_input.get(name) for by_input in reference.gradients]
        wider = coarse and (lambda n=name: [by_input[n] for by_input in coarse().gradients])
        findings.append(_compare(about, f"d{name}", true, got, truth, wider, own, results.native, dtypes))
    return [*findings[:1], *as_wholes(findings[1:], truth, results)] if truth.together else findings


def _outputs(about: About, true: TrueArray, got: Any, coarse: Any) -> Iterator[tuple[str, TrueArray, Any, Any]]:
    """Each output's name, truth, result, and what gives its truth at the scale of the inputs."""
    if not about.parts:
        yield about.output, true, got, coarse and (lambda: [coarse().y])
        return
    shapes = [shape for _, shape in about.parts]
    results = list(got) if isinstance(got, (tuple, list)) else split(np.asarray(got), shapes)
    results += [None] * (len(shapes) - len(results))
    start = 0
    for (name, shape), result in zip(about.parts, results, strict=False):
        of = slice(start, start + math.prod(shape))
        wider = coarse and (lambda of=of, shape=shape: [coarse().y.part(of, shape)])
        yield name, true.part(of, shape), result, wider
        start = of.stop


def _compare(
    about: About,
    quantity: str,
    true: list[TrueArray],
    got: list[Any],
    truth: Truth,
    coarse: Any,
    own: Any,
    native: bool,
    dtypes: Any,
) -> Finding:
    frame = _frame(quantity, true[0], got, (dtypes or {}).get(quantity, about.dtype))
    if frame:
        return _finding(about, quantity, "wrong", truth, native, reason=frame[0], message=frame[1])
    arrays = [np.asarray(g) for g in got]
    ratios = [ratio_of(t.error(g), t) for t, g in zip(true, arrays, strict=True)]
    entries = sum(r.size for r in ratios)
    undecided = int(sum(np.isnan(r).sum() for r in ratios))
    if entries == 0:
        return _finding(about, quantity, "agree", truth, native, message="an empty array of the right shape and dtype")
    if undecided == entries:
        message = (
            truth.notes[0] if truth.notes else "the truth is undefined or the honest rounding unbounded at every entry"
        )
        return _finding(
            about, quantity, "undecided", truth, native, entries=entries, undecided=undecided, message=message
        )
    k = int(np.argmax([np.nanmax(r, initial=-1.0) for r in ratios]))
    index = np.unravel_index(int(np.nanargmax(ratios[k])), ratios[k].shape)
    ratio = float(ratios[k][index])
    kinks = int(sum(t.kinks.sum() for t in true))
    status, reason, message = _status(ratio, true, arrays, truth, coarse, own, kinks, k, index)
    message = "; ".join(filter(None, (message, *truth.notes)))
    return _finding(
        about, quantity, status, truth, native, reason=reason, entries=entries, ratio=ratio,
        ulp=_ulp(true[k], arrays[k], index, about.dtype), worst=_worst(true[k], arrays[k], index, k), message=message,
        kinks=kinks, undecided=undecided, pictures=(true[k].nearest, arrays[k], ratios[k]),
    )  # fmt: skip


def _finding(about: About, quantity: str, status: str, truth: Truth, native: bool, **details: Any) -> Finding:
    return Finding(
        about.case,
        about.op,
        about.dtype,
        about.regime,
        about.implementation,
        quantity,
        status,
        truth=truth.source,
        native=native,
        **details,
    )


def _frame(quantity: str, true: TrueArray, got: list[Any], dtype: str) -> tuple[str, str] | None:
    """Number, shape and dtype before any number: a reason and a sentence, or None."""
    for g in got:
        if g is None:
            return "missing", f"{quantity} was not returned"
        try:
            array = np.asarray(g)
        except ValueError as error:
            return "not-an-array", f"{quantity} is not an array: {error}"
        if array.dtype.kind not in "fiub":
            return "not-numbers", f"{quantity} holds {array.dtype.name} objects; expected {dtype}"
        if array.shape != true.shape:
            return "wrong-shape", f"{quantity} has shape {array.shape}; expected {true.shape}"
        if array.dtype.name != dtype and type(g) is not float:  # np.float64 is a float too, and has a dtype
            return "wrong-dtype", f"{quantity} is {array.dtype.name}; expected {dtype}"
    return None


def _status(
    ratio: float,
    true: list[TrueArray],
    got: list[np.ndarray],
    truth: Truth,
    coarse: Any,
    own: Any,
    kinks: int,
    k: int,
    index: Any,
) -> tuple[str, str, str]:
    """Status, reason and sentence of a quantity whose worst entry has this error/allowance."""
    if ratio <= 1:
        if kinks and own is not None:
            return _convention(true, got, own)
        return "agree", "", ""
    if not np.isfinite(got[k][index]):
        return "wrong", "non-finite", f"{got[k][index]} where the truth is {true[k].nearest[index]:.6g}"
    if truth.uncertain:
        return "undecided", "branch", "a branch of the forward is decided by rounding here, so either side may be right"
    if coarse is not None:
        wide = coarse()
        if all(np.nanmax(ratio_of(t.error(g), t), initial=0.0) <= 1 for t, g in zip(wide, got, strict=True)):
            return (
                "inaccurate",
                "rounding",
                "the error is one of rounding at the scale of the inputs: digits are lost that a better formula keeps",
            )
    return "wrong", "beyond-allowance", ""


def _convention(true: list[TrueArray], got: list[np.ndarray], own: list[Any]) -> tuple[str, str, str]:
    """Inside every interval, but at another place than the reference: a convention, and which one."""
    for t, g, r in zip(true, got, own, strict=True):
        with np.errstate(all="ignore"):
            where = t.kinks & (np.abs(g - np.asarray(r)) > t.allowance)
        if where.any():
            index = tuple(int(i) for i in np.argwhere(where)[0])
            low, high = t.low[0][index], t.high[0][index]
            place = (float(g[index]) - low) / (high - low)
            right = f"any value from {low:.6g} to {high:.6g} is right"
            message = f"at {list(index)} {right}; chose {g[index]:.6g} ({place:.0%} of the way)"
            return "kink-convention", "tie", message
    return "agree", "", ""


def _ulp(true: TrueArray, got: np.ndarray, index: Any, dtype: str) -> float | None:
    """Error in units in the last place of the true value at the case's dtype."""
    spacing = float(np.spacing(np.abs(np.asarray(true.nearest[index], dtype=dtype))))
    error = float(true.error(got)[index])
    return error / spacing if spacing and math.isfinite(error) else None


def _worst(true: TrueArray, got: np.ndarray, index: Any, cotangent: int) -> Worst:
    value, low, high = got[index], float(true.low[0][index]), float(true.high[0][index])
    side = (
        low if abs(low - float(value)) <= abs(high - float(value)) else high
    )  # at a kink, the nearer end of the interval
    return Worst(
        tuple(int(i) for i in index),
        cotangent,
        repr(side),
        str(value),
        f"{float(true.error(got)[index]):.3g}",
        f"{float(true.allowance[index]):.3g}",
    )
