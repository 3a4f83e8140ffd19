"""The sum of two arrays, entry by entry: the gate that hands its gradient to both inputs."""

from ._broadcasting import BROADCAST, check_stretched, stretched_inputs, summed_back
from ._op import Op


def add_forward(x, y, broadcast="none"):
    """Sum z = x + y, elementwise, of x's shape.

    broadcast: "none", y of x's shape; or, for x (N, D), "row", y (D,), "column", y (N, 1), "scalar", y (1,).
    ValueError where a shape does not fit or the option is unknown.
    """
    check_stretched(x, y, broadcast)
    return x + y, y


def add_backward(dz, cache):
    """Gradients of the sum: dx = dz, dy = dz summed back to the shape of y."""
    y = cache
    dx = +dz
    dy = summed_back(+dz, y)
    return dx, dy


OP = Op(
    name="add",
    forward=add_forward,
    backward=add_backward,
    inputs=stretched_inputs,
    options={"broadcast": BROADCAST},
    output="z",
    empty=("N", "S"),
    cite="ADF, Fakultas Informatika, Telkom University, Machine Learning: Backpropagation, 'Forward/Backward API'; "
    "Griewank, Walther, Evaluating Derivatives (2nd ed., 2008), chapter 3",
)
