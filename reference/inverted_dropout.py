"""Inverted dropout: what is kept in training is scaled up, so that test time needs no change."""

from ._checks import check_fraction, check_shape
from ._domain import mask, real
from ._op import Op


def inverted_dropout_forward(x, keep, rate=0.5):
    """Inverted dropout y = x / (1 - rate) where kept, 0 elsewhere.

    x: floating, any shape. keep: booleans of the same shape, True where an entry stays (each with probability
    1 - rate). Returns y and the cache. ValueError where the shapes differ or the rate is not in [0, 1).
    """
    check_fraction("rate", rate)
    check_shape("keep", keep, x.shape, "as x has")
    return x * keep / (1 - rate), (keep, rate)


def inverted_dropout_backward(dy, cache):
    """dx = dy / (1 - rate) where kept, 0 elsewhere."""
    keep, rate = cache
    return (dy * keep / (1 - rate),)


OP = Op(
    name="inverted_dropout",
    forward=inverted_dropout_forward,
    backward=inverted_dropout_backward,
    inputs=(real("x", "*S"), mask("keep", "*S")),
    options={"rate": (0.5, 0.2, 0.1)},
    empty=("S",),
    cite="Stanford CS231n, Neural Networks Part 2, 'Regularization', inverted dropout; "
    "Srivastava et al., Dropout (2014), section 10",
)
