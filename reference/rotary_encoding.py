"""Rotary position encoding: pairs of features turned by an angle that grows with the place."""

import numpy as np

from ._checks import check_option, check_rank
from ._domain import real
from ._op import Op
from .positional_encoding import angles

PAIRS = ("neighbours", "halves")


def rotary_encoding_forward(x, pairs="neighbours"):
    """Rotary position encoding: each pair (a, b) becomes (a cos - b sin, a sin + b cos) of t / 10000^(2i/D).

    x: (N, T, D), floating, N at least 1 and D even. pairs: what the i-th pair is, the "neighbours" 2i and 2i + 1, or
    i of both "halves", i and D/2 + i. Returns y, of x's shape, and the cache. ValueError where D is odd or x has
    another rank, and for unknown pairs.
    """
    check_option("pairs", pairs, PAIRS)
    check_rank("x", x, 3, "(N, T, D)")
    if x.shape[2] % 2:
        raise ValueError(f"x has shape {x.shape}; expected an even number of features")
    a = angles(x, np.arange(0, x.shape[2], 2))
    turn = np.cos(a), np.sin(a)
    return _turned(x, turn, pairs), (turn, pairs)


def rotary_encoding_backward(dy, cache):
    """dx: dy turned back."""
    (cos, sin), pairs = cache
    return (_turned(dy, (cos, -sin), pairs),)


def _turned(x, turn, pairs):
    cos, sin = turn
    half = x.shape[2] // 2
    a, b = (x[..., ::2], x[..., 1::2]) if pairs == "neighbours" else (x[..., :half], x[..., half:])
    turned = a * cos - b * sin, a * sin + b * cos
    if pairs == "halves":
        return np.concatenate(turned, axis=-1)
    return np.stack(turned, axis=-1).reshape(x.shape)


OP = Op(
    name="rotary_encoding",
    forward=rotary_encoding_forward,
    backward=rotary_encoding_backward,
    inputs=(real("x", "N T D"),),
    options={"pairs": PAIRS},
    sizes={"D": (4, 2, 6, 8)},
    cite="Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding (2021), section 3.2.2",
)
