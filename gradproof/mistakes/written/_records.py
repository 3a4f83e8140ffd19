"""What a subject is: a forward and backward of which it is known beforehand whether they are right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._said import SAID

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


# Why each kind is wrong, for somebody who meets it for the first time.
EXPLANATIONS = {
    "wrong sign": "Each minus of the formula, and each one that comes out of differentiating a difference, a quotient "
    "or a logarithm of the other class, turns the gradient round: descent goes uphill.",
    "missing 1/n": "Where the loss is a mean, its gradient carries the same divisor. Without it the steps of training "
    "grow with the size of the batch.",
    "wrong n": "Dividing by the number of examples and dividing by the number of entries differ by the number of "
    "columns; and what all examples share gets a sum, not a mean.",
    "wrong axis": "Axis 0 holds the examples, the last axis the features or classes. The formula sums over one of "
    "them, the code over another.",
    "transposed": "A matrix stands the other way round. A reshape to the right shape does not mend it: it keeps the "
    "order of the numbers in memory, a transpose changes it.",
    "swapped": "Two quantities stand in each other's place: the gradient of one input is given to another, or one "
    "formula is used for another function.",
    "dropped term": "A variable that acts in several ways collects a term for each, and each term a factor for every "
    "step. One of these is missing.",
    "stale cache": "The backward must use what its own forward saved. It uses what another call left behind, which "
    "goes unnoticed as long as there is one call only.",
    "changes in place": "An array that was passed in is written over. Who passed it still needs it: the next layer, "
    "the optimiser, a second backward.",
    "aliasing": "A result is a view of another array, so writing into one changes the other. Return an array of its "
    "own.",
    "float32 inside": "Somewhere on the way numbers are held in float32, which has seven digits; a float64 result "
    "promises sixteen.",
    "ignores upstream": "A layer is handed the gradient of the loss by its output, dy, and multiplies by it. Without "
    "it the layer is right as the last one of a network only, and only where dy is all ones.",
    "not linear": "A gradient is linear in dy: twice the upstream gradient gives twice the gradient. Clipping or "
    "normalising on the way breaks that.",
    "unstable": "The formula is right on paper. In floats it overflows, or subtracts numbers that nearly cancel, until "
    "few digits or none are left.",
    "derivative at the output": "f'(x) is a function of the input. Written in terms of the output y = f(x) it is "
    "another formula; the two must not be mixed.",
    "off by one": "A label, a count, a step or a margin is one too many or too few.",
    "wrong side": "At a threshold, at zero or where two entries are equal, or on one whole side of it, the formula of "
    "the other side is used.",
    "wrong option": "An option is ignored, or read in another sense than the function documents.",
    "wrong shape": "A result must have the shape of what it is the gradient of. An axis too many or too few goes "
    "through broadcasting without a word, and gives other numbers later.",
    "wrong dtype": "A constant or an array of float64 turns a float32 computation into a slower float64 one.",
    "wrong forward": "The forward computes another function than the one that was asked for. Its backward may well be "
    "the right derivative of that.",
    "epsilon added": "A small constant against division by zero or log 0 changes the function where none is needed: "
    "for small numbers it is not small.",
    "constant slightly off": "A constant was copied with too few digits, or taken from another formula.",
    "one row only": "What the whole batch shares gets the sum over all examples. Here one of them stands for all.",
    "wrong base": "np.log is the natural logarithm. To another base the result differs by a constant factor.",
    "missing gradient": "The backward returns one gradient for each input that has one, in their order.",
    "not an array": "Lists and arrays of Python objects look right when printed, and are not what the next layer "
    "expects.",
    "raises": "The code holds for the sizes that it was tried on, and raises at others.",
    "not repeatable": "Two calls with the same arguments give two results: something is drawn or remembered inside.",
    "one layout only": "The code takes for granted that arrays are contiguous; a transposed one is read in the wrong "
    "order, or a copy is written to.",
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
    says:    what was done, in one sentence for who did it; where many do the same, `SAID` has it by the name.
    """

    name: str
    kind: str
    forward: Callable[..., Any]
    backward: Callable[..., Any] | None
    fails: str
    reason: str = ""
    status: str = "wrong"
    options: Mapping[str, Any] = field(default_factory=dict)
    besides: str = ""
    cases: int = 12
    missed: str = ""
    says: str = ""

    @property
    def sentence(self) -> str:
        """What was done, in one sentence."""
        return self.says or SAID[self.name]


@dataclass(frozen=True)
class Unusual:
    """A right pair, written in a way that the reference is not.

    loses: why it is right and still loses digits: it must be called inaccurate then, and never wrong.
    cases, seed: how many cases are drawn, and which, where digits are lost in few.
    """

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any] | None
    options: Mapping[str, Any] = field(default_factory=dict)
    cases: int = 12
    loses: str = ""
    seed: int = 0
