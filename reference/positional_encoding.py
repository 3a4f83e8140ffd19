"""Sinusoidal positional encoding: waves of many lengths added to a sequence, so that each place differs."""

import numpy as np

from ._checks import check_rank
from ._domain import real
from ._op import Op

BASE = 10000


def positional_encoding_forward(x):
    """Sinusoidal positional encoding y_t = x_t + p_t, p_{t,2i} = sin(t / 10000^(2i/D)), p_{t,2i+1} = cos of the same.

    x: (N, T, D), floating, N at least 1. Returns y, of x's shape, and None. ValueError where x has another rank.
    """
    check_rank("x", x, 3, "(N, T, D)")
    even = np.arange(x.shape[2]) % 2 == 0
    a = angles(x, np.arange(x.shape[2]) // 2 * 2)
    return x + np.where(even, np.sin(a), np.cos(a)), None


def positional_encoding_backward(dy, cache):
    """dx = dy: what is added does not depend on x."""
    return (1 * dy,)


def angles(x, exponents):
    """t / 10000^(e / D) for each step t of x (N, T, D) and each of the exponents e, in x's dtype: (T, E).

    A zero of x's own is added first: among exact numbers the angles are exact then, too.
    """
    zero = 0 * x[0, 0, 0]
    t = np.asarray(np.arange(x.shape[1]), dtype=x.dtype)[:, None]
    e = np.asarray(exponents, dtype=x.dtype) + zero
    return t / BASE ** (e / x.shape[2])


OP = Op(
    name="positional_encoding",
    forward=positional_encoding_forward,
    backward=positional_encoding_backward,
    inputs=(real("x", "N T D"),),
    cite="Vaswani et al., Attention Is All You Need, NeurIPS (2017), section 3.5",
)
