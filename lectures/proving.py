"""A system's gradients before the judge: each forward and backward proved at a generic point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._system import Gradient

if TYPE_CHECKING:
    from gradproof.pair import Pair
    from gradproof.truth import Proof, Truth


def pair_of(gradient: Gradient, inputs: dict[str, np.ndarray]) -> Pair:
    """The pair as the judge takes it, its floating inputs differentiable unless they are said not to be."""
    from gradproof.pair import Pair

    differentiable = tuple(n for n, x in inputs.items() if x.dtype.kind == "f" and n not in gradient.nondiff)
    output = "out" if "y" in inputs else "y"
    return Pair(gradient.name, gradient.forward, gradient.backward, tuple(inputs), differentiable, output)


def case_of(gradient: Gradient, seed: int) -> tuple[dict[str, np.ndarray], tuple[np.ndarray, ...]]:
    """Inputs by name at a generic point, and three generic cotangents of the output's shape."""
    from gradproof.checking import draw_cotangents

    inputs = dict(gradient.point(np.random.default_rng([seed, 3])))
    y, _ = gradient.forward(*inputs.values())
    return inputs, draw_cotangents(gradient.name, y, "float64", seed)


def truth_of(gradient: Gradient, seed: int = 0) -> tuple[Truth, Any]:
    """Truth, proof and allowances of a gradient at the point that `seed` draws, and the case itself."""
    from gradproof.truth import find_truth

    inputs, cotangents = case_of(gradient, seed)
    return find_truth(pair_of(gradient, inputs), inputs, cotangents, seed), (inputs, cotangents)


def prove(gradient: Gradient, seed: int = 0) -> Proof:
    """Whether the backward is the derivative of the forward at the point that `seed` draws: proved or refuted."""
    return truth_of(gradient, seed)[0].proof
