"""Poisson's negative log-likelihood: the loss of counts."""

import numpy as np

from ._checks import check_option
from ._domain import real
from ._losses import REDUCTIONS, check_pair, reduced, shared
from ._op import Op
from ._steps import check_rates


def poisson_forward(prediction, target, log_input=True, eps=1e-7, reduction="mean"):
    """Poisson's negative log-likelihood y = sum (exp(x) - t x) / n, without the constant log t!.

    prediction: (N, D), floating, x = log of the rate, or with log_input=False the rate r itself, not negative:
    y = sum (r - t log(r + eps)) / n. target: (N, D), floating counts t. Returns the scalar y and the cache.
    reduction: n is N D for "mean", 1 for "sum".
    ValueError where a shape does not fit or an option is unknown.
    """
    check_option("log_input", log_input, (True, False))
    check_rates(eps=eps)
    check_pair(prediction, target, reduction)
    if log_input:
        rate = np.exp(prediction)
        return reduced(rate - target * prediction, reduction), (rate, target, None, reduction)
    above = prediction + eps
    return reduced(prediction - target * np.log(above), reduction), (None, target, above, reduction)


def poisson_backward(dy, cache):
    """dprediction = dy (exp(x) - t) / n, or dy (1 - t / (r + eps)) / n."""
    rate, target, above, reduction = cache
    return (shared(dy, target.shape, reduction) * (rate - target if above is None else 1 - target / above),)


def _inputs(log_input=True, **_):
    # exp(60) is as large as a float32 should become before it is summed
    prediction = real("prediction", "N D", high=60.0) if log_input else real("prediction", "N D", low=0.0)
    return (prediction, real("target", "N D", low=0.0, differentiable=False))


OP = Op(
    name="poisson",
    forward=poisson_forward,
    backward=poisson_backward,
    inputs=_inputs,
    options={"log_input": (True, False), "eps": (1e-7,), "reduction": REDUCTIONS},
    excluded={"huge": "the exponential of the logarithm of the rate overflows"},
    cite="Nelder, Wedderburn, Generalized linear models (1972), section 3",
)
