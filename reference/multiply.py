"""The product of two arrays, entry by entry: the gate that swaps its inputs on the way back."""

from ._checks import check_shape
from ._domain import real
from ._op import Op


def multiply_forward(x, y):
    """Product z = x y, elementwise, any shape.

    x, y: floating, of one shape (nothing is broadcast). Returns z and the cache.
    ValueError where the shapes differ.
    """
    check_shape("y", y, x.shape, "the shape of x")
    return x * y, (x, y)


def multiply_backward(dz, cache):
    """Gradients of the product: dx = dz y, dy = dz x."""
    x, y = cache
    dx = dz * y
    dy = dz * x
    return dx, dy


OP = Op(
    name="multiply",
    forward=multiply_forward,
    backward=multiply_backward,
    inputs=(real("x", "*S"), real("y", "*S")),
    output="z",
    empty=("S",),
    cite="ADF, Fakultas Informatika, Telkom University, Machine Learning: Backpropagation, 'Forward/Backward API'",
)
