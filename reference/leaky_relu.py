"""The leaky rectified linear unit: a small slope keeps the negative side alive."""

import numpy as np

from ._checks import check_number
from ._domain import real
from ._op import Op


def leaky_relu_forward(x, slope=0.01):
    """Leaky rectified linear unit y = x where x > 0, else slope x, elementwise, any shape.

    slope: the factor of the negative side. ValueError where it is not a finite number.
    """
    check_number("slope", slope)
    return np.where(x > 0, x, slope * x), (x, slope)


def leaky_relu_backward(dy, cache):
    """dx = dy where x > 0, else slope dy; the kink x = 0 counts as negative."""
    x, slope = cache
    dx = np.where(x > 0, dy, slope * dy)
    return (dx,)


OP = Op(
    name="leaky_relu",
    forward=leaky_relu_forward,
    backward=leaky_relu_backward,
    inputs=(real("x", "*S", kinks=(0.0,)),),
    options={"slope": (0.01, 0.2)},
    empty=("S",),
    cite="Maas, Hannun, Ng, Rectifier nonlinearities improve neural network acoustic models (2013), section 2; "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.3.1",
)
