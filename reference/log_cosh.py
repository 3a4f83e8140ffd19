"""Log-cosh: squared error for small errors, absolute error for large ones, smooth everywhere."""

import numpy as np

from ._domain import real
from ._losses import REDUCTIONS, check_pair, reduced, shared
from ._op import Op


def log_cosh_forward(prediction, target, reduction="mean"):
    """Log-cosh loss y = sum log cosh(prediction - target) / n.

    Below 1 as log1p(cosh r - 1) with cosh r - 1 = expm1(|r|)^2 exp(-|r|) / 2, above as
    |r| + log((1 + exp(-2 |r|)) / 2): neither loses its digits where the error is small, nor overflows.
    prediction, target: (N, D), floating. Returns the scalar y and the cache.
    reduction: n is N D for "mean", 1 for "sum".
    ValueError where a shape does not fit or the reduction is unknown.
    """
    check_pair(prediction, target, reduction)
    error = prediction - target
    size = np.abs(error)
    small = np.minimum(size, 0 * size + 1)
    near = np.log1p(np.expm1(small) ** 2 * np.exp(-small) / 2)
    far = size + np.log1p(np.expm1(-2 * size) / 2)
    return reduced(np.where(size < 1, near, far), reduction), (error, reduction)


def log_cosh_backward(dy, cache):
    """dprediction = dy tanh(prediction - target) / n."""
    error, reduction = cache
    return (shared(dy, error.shape, reduction) * np.tanh(error),)


OP = Op(
    name="log_cosh",
    forward=log_cosh_forward,
    backward=log_cosh_backward,
    inputs=(real("prediction", "N D", ties_with="target"), real("target", "N D", differentiable=False)),
    options={"reduction": REDUCTIONS},
    cite="Chen et al., Log hyperbolic cosine loss improves variational auto-encoder (2018), section 3",
)
