"""The chain rule on f(u) = 7 u + u^2 with u = x^3."""

import numpy as np

from .._system import Gradient, Outcome, Run, System
from ._points import normal


def chain_forward(x):
    """f(u(x)) of x, any shape."""
    u = x**3
    return 7 * u + u**2, (x, u)


def chain_backward(df, cache):
    """dx = df (7 + 2 u) (3 x^2): the two factors of the lecture."""
    x, u = cache
    return (df * (7 + 2 * u) * (3 * x**2),)


def multiplied_out(x):
    """The lecture's 21 x^2 + 6 x^5."""
    return 21 * x**2 + 6 * x**5


def run(run: Run) -> Outcome:
    """Both forms of the derivative at five points."""
    x = np.random.default_rng(run.seed).standard_normal(5)
    f, cache = chain_forward(x)
    (slope,) = chain_backward(1.0, cache)
    lines = tuple(
        f"x = {at:+.4f}: f = {value:+.4f}, (7 + 2u)(3x^2) = {one:.6f}, 21x^2 + 6x^5 = {other:.6f}"
        for at, value, one, other in zip(x, f, slope, multiplied_out(x), strict=True)
    )
    return Outcome(lines, {"x": x, "f": f, "slope": slope})


SYSTEM = System(
    name="chain_rule",
    lecture="001",
    headings=("Backward pass; Chain rule",),
    summary="the chain rule on 7u + u^2 with u = x^3",
    run=run,
    gradients=(Gradient("chain_rule", chain_forward, chain_backward, normal(x=(3,))),),
)
