"""What an operation's inputs may be: declared, not drawn. Nothing here knows Hypothesis.

A shape is written in dimension names: ``"N D"`` is a matrix, ``""`` a scalar, ``"N C *S"`` a tensor
with any further axes. Inputs that share a name share the size; ``*S`` stands for the same sizes
wherever it appears in one operation. ``4H`` is four times the size of H, and ``1`` is one.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Input:
    """One named input of an operation.

    name:    the forward's parameter.
    shape:   dimension names, as the module says.
    kind:    "real" (any number in [low, high]), "labels" (integers below the size of `classes`),
             "one_hot" (0/1 rows along the last axis, one 1 each), "binary" (0 or 1, floating),
             "simplex" (positive, each row of the last axis sums to one up to rounding),
             "mask" (booleans, at least one True in each row of the last axis).
    low, high: the closed range of a "real" input.
    kinks:   values where the operation has a kink or changes its branch; the "kinks" regime injects them.
    ties_with: a same-shaped input whose entries the "ties" and "kinks" regimes copy into this one
             (|x - t| has its kink at x = t, not at a fixed value); kinks are then offsets from it.
    differentiable: False for labels, targets and masks: no gradient is asked for.
    classes: the dimension that labels count.
    """

    name: str
    shape: str
    kind: str = "real"
    low: float = -math.inf
    high: float = math.inf
    kinks: tuple[float, ...] = ()
    ties_with: str | None = None
    differentiable: bool = True
    classes: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"input {self.name}: unknown kind {self.kind!r}; one of {', '.join(KINDS)}")
        if self.kind == "labels" and (self.differentiable or self.classes is None):
            raise ValueError(f"input {self.name}: labels are not differentiable and name their classes' dimension")


KINDS = ("real", "labels", "one_hot", "binary", "simplex", "mask")


def dimension(token: str) -> tuple[int, str]:
    """A shape's token without its star as (factor, name): ("4H") is (4, "H"), "1" is (1, "")."""
    match = re.fullmatch(r"\*?(\d*)([A-Z]*)", token)
    if not match or not (match[1] or match[2]):
        raise ValueError(f"{token!r} is no dimension; one is a name in capitals, a number, or both: N, 1, 4H")
    return int(match[1] or 1), match[2]


def real(name: str, shape: str, **details: object) -> Input:
    """A real input, differentiable unless said otherwise."""
    return Input(name, shape, **details)  # type: ignore[arg-type]


def probability(name: str, shape: str, **details: object) -> Input:
    """A real input strictly between 0 and 1 (the range stays clear of both by one float32 step)."""
    return Input(name, shape, low=2.0**-126, high=1 - 2.0**-24, **details)  # type: ignore[arg-type]


def simplex(name: str, shape: str, **details: object) -> Input:
    """Positive rows over the last axis that sum to one up to rounding."""
    return Input(name, shape, kind="simplex", **details)  # type: ignore[arg-type]


def labels(name: str, shape: str, classes: str) -> Input:
    """Integer class labels, 0 to the size of `classes` less one."""
    return Input(name, shape, kind="labels", differentiable=False, classes=classes)


def one_hot(name: str, shape: str) -> Input:
    """Rows over the last axis with a single one, floating."""
    return Input(name, shape, kind="one_hot", differentiable=False)


def binary(name: str, shape: str) -> Input:
    """Entries 0 or 1, floating: the targets of a binary loss."""
    return Input(name, shape, kind="binary", differentiable=False)


def mask(name: str, shape: str) -> Input:
    """Booleans: which entries count. At least one does in each row of the last axis."""
    return Input(name, shape, kind="mask", differentiable=False)
