"""Spectral normalisation: a weight matrix divided by the estimate of its largest singular value."""

from ._checks import check_rank, check_shape
from ._domain import real
from ._op import Op


def spectral_norm_forward(w, u, v):
    """Spectral normalisation y = w / sigma with sigma = u' w v.

    w: (M, D), floating; u: (M,), v: (D,), the estimates of the first singular vectors that the power iteration has
    reached: constants, no gradient flows through the iteration. sigma must not be zero.
    Returns y (M, D) and the cache. ValueError where a shape does not fit.
    """
    check_rank("w", w, 2, "(M, D)")
    check_shape("u", u, w.shape[:1], f"since w has shape {w.shape}")
    check_shape("v", v, w.shape[1:], f"since w has shape {w.shape}")
    sigma = u @ (w @ v)
    y = w / sigma
    return y, (y, sigma, u, v)


def spectral_norm_backward(dy, cache):
    """dw = (dy - <dy, y> u v') / sigma."""
    y, sigma, u, v = cache
    dw = (dy - (dy * y).sum() * (u[:, None] * v)) / sigma
    return (dw,)


OP = Op(
    name="spectral_norm",
    forward=spectral_norm_forward,
    backward=spectral_norm_backward,
    inputs=(
        real("w", "M D"),
        real("u", "M", low=-1.0, high=1.0, differentiable=False),
        real("v", "D", low=-1.0, high=1.0, differentiable=False),
    ),
    excluded={
        "integers": "u' w v may be exactly zero, and then nothing is defined",
        "tiny": "u and v are vectors of length one, not of length 1e-30",
        "huge": "u and v are vectors of length one, not of length 1e15",
    },
    cite="Miyato, Kataoka, Koyama, Yoshida, Spectral Normalization for Generative Adversarial Networks (2018), eq. 8 "
    "and 12",
)
