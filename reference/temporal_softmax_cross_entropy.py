"""Softmax cross-entropy at every step of a sequence, of the steps that count."""

import numpy as np

from ._checks import check_index, check_rank, check_shape
from ._domain import labels, mask, real
from ._op import Op
from .log_softmax import log_softmax_forward


def temporal_softmax_cross_entropy_forward(logits, target, mask):
    """Softmax cross-entropy at every step, summed over the steps where `mask` is True and divided by N.

    logits: (N, T, C), floating; target: (N, T), integers 0 to C - 1; mask: (N, T), booleans. The divisor is the number
    of sequences, not of steps. Returns the scalar y and the cache. ValueError where a shape or a label does not fit.
    """
    check_rank("logits", logits, 3, "(N, T, C)")
    check_shape("target", target, logits.shape[:2], f"since logits has shape {logits.shape}")
    check_shape("mask", mask, logits.shape[:2], f"since logits has shape {logits.shape}")
    check_index("target", target, logits.shape[2])
    log_p, (p, _) = log_softmax_forward(logits)
    losses = np.take_along_axis(log_p, target[..., None], axis=-1)[..., 0]
    return -(losses * mask).sum() / len(logits), (p, target, mask)


def temporal_softmax_cross_entropy_backward(dy, cache):
    """dlogits = dy (p - t) / N where the mask is True, and 0 elsewhere, with p = softmax(logits) and t one-hot."""
    p, target, mask = cache
    t = target[..., None] == np.arange(p.shape[2])
    dlogits = dy * (p - t) * mask[..., None] / len(p)
    return (dlogits,)


OP = Op(
    name="temporal_softmax_cross_entropy",
    forward=temporal_softmax_cross_entropy_forward,
    backward=temporal_softmax_cross_entropy_backward,
    inputs=(real("logits", "N T C"), labels("target", "N T", classes="C"), mask("mask", "N T")),
    cite="Stanford CS231n, assignment 3: Image Captioning with Vanilla RNNs, 'Temporal Softmax loss'",
)
