"""Kullback-Leibler divergence: how far a predicted distribution is from the target one."""

import numpy as np

from ._checks import check_option
from ._domain import real, simplex
from ._losses import check_pair, reduced, shared
from ._op import Op

FORMS = ("probability", "logarithm")
MEANS_AND_SUM = ("batch_mean", "mean", "sum")


def kl_divergence_forward(prediction, target, form="probability", reduction="batch_mean"):
    """Kullback-Leibler divergence y = sum t (log t - log p) / n of targets t and predictions p; 0 log 0 is 0.

    prediction, target: (N, C), floating; rows are distributions. Returns the scalar y and the cache.
    form: prediction holds the "probability" p, or its "logarithm" as PyTorch's loss takes it.
    reduction: n is N for "batch_mean", N C for "mean", 1 for "sum".
    ValueError where a shape does not fit or an option is unknown.
    """
    check_option("form", form, FORMS)
    check_pair(prediction, target, reduction, MEANS_AND_SUM)
    log_p = np.log(prediction) if form == "probability" else prediction
    log_t = np.log(target + (target == 0))
    return reduced(target * (log_t - log_p), reduction), (prediction, target, form, reduction)


def kl_divergence_backward(dy, cache):
    """dprediction = -dy t / (n p), or -dy t / n where prediction is log p."""
    prediction, target, form, reduction = cache
    dlog_p = -shared(dy, target.shape, reduction) * target
    return (dlog_p / prediction if form == "probability" else dlog_p,)


def _inputs(form="probability", **_):
    prediction = simplex("prediction", "N C") if form == "probability" else real("prediction", "N C", high=0.0)
    return (prediction, simplex("target", "N C", differentiable=False))


OP = Op(
    name="kl_divergence",
    forward=kl_divergence_forward,
    backward=kl_divergence_backward,
    inputs=_inputs,
    options={"form": FORMS, "reduction": MEANS_AND_SUM},
    cite="Kullback, Leibler, On information and sufficiency (1951); "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), eq. 3.50",
)
