"""What a subject is: a forward and backward of which it is known beforehand whether they are right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = {
    "wrong sign": "a gradient with its sign turned",
    "missing 1/n": "the mean's divisor forgotten",
    "wrong n": "divided by N where N C is right, or the reverse",
    "wrong axis": "summed or normalised along another axis",
    "transposed": "the numbers of the transpose, in the right shape or in its own",
    "swapped": "the gradient of one input given to another",
    "dropped term": "a term or factor of the derivative left out",
    "stale cache": "the backward uses another call's forward",
    "changes in place": "an input, the cotangent or the cache is written to",
    "aliasing": "a result shares memory with an input, the cotangent, another result or another call's",
    "float32 inside": "computed in float32, returned in float64",
    "ignores upstream": "right for one cotangent only: all ones, or constant",
    "not linear": "the gradient is clipped or normalised on its way",
    "unstable": "the formula overflows, or cancels until no digit is left",
    "derivative at the output": "the derivative's formula fed with the activated value, or the reverse",
    "off by one": "a label, count or sum taken one too far",
    "wrong side": "a threshold or tie decided so that the truth refutes it",
    "wrong option": "an option ignored or read the wrong way",
    "wrong shape": "an axis lost or kept too much",
    "wrong dtype": "float32 in, float64 out",
    "wrong forward": "another function, with its own right derivative",
    "epsilon added": "a small constant against division by zero or log of zero, where none is needed",
    "constant slightly off": "a constant off in the fifth digit",
    "one row only": "the gradient of one example instead of the batch's sum",
    "wrong base": "the logarithm to another base",
    "missing gradient": "None, or too few gradients",
    "not an array": "Python lists or object arrays",
    "raises": "an exception at some sizes",
    "not repeatable": "another result at every call",
    "one layout only": "right for contiguous arrays only",
}


# What more than one subject is missed or flagged for.
EXP_OF_LOG = "exp of a logarithm turns the logarithm's absolute error into a relative one"
LOGSUMEXP = "logsumexp loses digits under a large common offset, or where its result is near zero"


@dataclass(frozen=True)
class Wrong:
    """A deliberately wrong pair.

    kind:    one of `KINDS`.
    fails:   the quantities that must fail, separated by blanks ("y dw"); no other quantity may,
    besides: but these, as a consequence (the second call of a function that has changed its input).
    reason:  a reason that must be among the failed findings ("" where any will do).
    status:  the status that must be among the failed findings.
    options: options held fixed, where the mistake shows under these only.
    cases:   how many cases are drawn.
    missed:  why the judge does not see it as it should (the test is then expected to fail), or "".
    """

    name: str
    kind: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    fails: str
    reason: str = ""
    status: str = "wrong"
    options: Mapping[str, Any] = field(default_factory=dict)
    besides: str = ""
    cases: int = 12
    missed: str = ""


@dataclass(frozen=True)
class Unusual:
    """A right pair, written in a way that the reference is not.

    loses: why it is right and still loses digits: it must be called inaccurate then, and never wrong.
    """

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    cases: int = 12
    loses: str = ""
