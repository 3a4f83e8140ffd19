"""The quotient of two arrays, entry by entry."""

from ._broadcasting import BROADCAST, check_stretched, stretched_inputs, summed_back
from ._op import Op


def divide_forward(x, y, broadcast="none"):
    """Quotient z = x / y, elementwise, of x's shape.

    broadcast: "none", y of x's shape; or, for x (N, D), "row", y (D,), "column", y (N, 1), "scalar", y (1,).
    ValueError where a shape does not fit or the option is unknown.
    """
    check_stretched(x, y, broadcast)
    return x / y, (x, y)


def divide_backward(dz, cache):
    """Gradients of the quotient: dx = dz / y, dy = -dz x / y^2 summed back to the shape of y; y is never squared."""
    x, y = cache
    dx = dz / y
    dy = summed_back(-dx * (x / y), y)
    return dx, dy


OP = Op(
    name="divide",
    forward=divide_forward,
    backward=divide_backward,
    inputs=stretched_inputs,
    options={"broadcast": BROADCAST},
    output="z",
    empty=("N", "S"),
    excluded={
        "integers": "a divisor may be zero",
        "tiny": "the square of a divisor of 1e-30 is below every float32",
    },
    cite="Griewank, Walther, Evaluating Derivatives (2nd ed., 2008), chapter 3",
)
