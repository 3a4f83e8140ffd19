"""The feed-forward block of a transformer: affine, activation, affine, at every step by itself."""

from ._checks import check_option, check_rank, check_shape
from ._domain import real
from ._op import Op
from .gelu import gelu_backward, gelu_forward
from .relu import relu_backward, relu_forward
from .temporal_affine import temporal_affine_backward, temporal_affine_forward

ACTIVATIONS = ("relu", "gelu")
FORWARD = {"relu": relu_forward, "gelu": gelu_forward}
BACKWARD = {"relu": relu_backward, "gelu": gelu_backward}


def feed_forward_forward(x, w1, b1, w2, b2, activation="relu"):
    """Feed-forward block of a transformer y = activation(x w1 + b1) w2 + b2 at every step.

    x: (N, T, D); w1: (D, F); b1: (F,); w2: (F, D); b2: (D,), floating. activation: "relu", or the exact "gelu".
    Returns y (N, T, D) and the cache. ValueError where a shape does not fit, and for an unknown activation.
    """
    check_option("activation", activation, ACTIVATIONS)
    check_rank("x", x, 3, "(N, T, D)")
    check_rank("w1", w1, 2, "(D, F)")
    check_shape("w1", w1, (x.shape[2], w1.shape[1]), f"since x has shape {x.shape}")
    check_shape("b1", b1, (w1.shape[1],), f"since w1 has shape {w1.shape}")
    check_shape("w2", w2, w1.shape[::-1], f"since w1 has shape {w1.shape}")
    check_shape("b2", b2, (x.shape[2],), f"since x has shape {x.shape}")
    a, at_first = temporal_affine_forward(x, w1, b1)
    hidden, at_activation = FORWARD[activation](a)
    y, at_second = temporal_affine_forward(hidden, w2, b2)
    return y, (activation, at_first, at_activation, at_second)


def feed_forward_backward(dy, cache):
    """dx, dw1, db1, dw2, db2: each step's backward, last step first."""
    activation, at_first, at_activation, at_second = cache
    dhidden, dw2, db2 = temporal_affine_backward(dy, at_second)
    (da,) = BACKWARD[activation](dhidden, at_activation)
    dx, dw1, db1 = temporal_affine_backward(da, at_first)
    return dx, dw1, db1, dw2, db2


WEIGHTS = (real("w1", "D F"), real("b1", "F"), real("w2", "F D"), real("b2", "D"))

OP = Op(
    name="feed_forward",
    forward=feed_forward_forward,
    backward=feed_forward_backward,
    inputs=(real("x", "N T D"), *WEIGHTS),
    options={"activation": ACTIVATIONS},
    excluded={"huge": "a product of three factors overflows in float32"},
    cite="Vaswani et al., Attention Is All You Need, NeurIPS (2017), eq. 2; with gelu: Devlin et al., BERT (2019)",
)
