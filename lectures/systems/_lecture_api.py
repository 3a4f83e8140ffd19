"""The four functions of the lecture's API, in its own convention: a backward gets what the forward got.

`sigmoid_backward(da, a)` takes the output a, not v: that is all it needs. ADF, 'Single Layer using API'.
"""

from gradproof.reference import affine, sigmoid


def affine_forward(x, w, b):
    """v = x w + b: x (N, D), w (D, M), b (M,)."""
    return affine.affine_forward(x, w, b)[0]


def affine_backward(dv, x, w, b):
    """dx, dw, db from dv (N, M) and what the forward got."""
    return affine.affine_backward(dv, (x, w))


def sigmoid_forward(v):
    """a = sigma(v), any shape."""
    return sigmoid.sigmoid_forward(v)[0]


def sigmoid_backward(da, a):
    """dv = da a (1 - a), from the output a."""
    return da * a * (1 - a)
