"""A linear classifier's loss: a loss of the scores x w, and the squared weights as a penalty."""

from ._checks import check_rank, check_shape
from ._domain import labels, real
from ._steps import check_rates

INPUTS = (real("x", "N D"), real("w", "D C"), labels("target", "N", classes="C"))
OPTIONS = {"reg": (0.0, 0.125)}


def linear_loss_forward(loss, x, w, target, reg):
    """loss(x w, target) + reg sum w^2, and the cache."""
    check_rates(reg=reg)
    check_rank("x", x, 2, "(N, D)")
    check_rank("w", w, 2, "(D, C)")
    check_shape("w", w, (x.shape[1], w.shape[1]), f"since x has shape {x.shape}")
    y, at_loss = loss(x @ w, target)
    return y + reg * (w * w).sum(), (x, w, reg, at_loss)


def linear_loss_backward(loss_backward, dy, cache):
    """dx = dscores w', dw = x' dscores + 2 dy reg w."""
    x, w, reg, at_loss = cache
    (dscores,) = loss_backward(dy, at_loss)
    return dscores @ w.T, x.T @ dscores + 2 * dy * reg * w
