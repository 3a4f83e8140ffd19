"""Depthwise two-dimensional convolution: every channel has kernels of its own."""

from ._checks import check_rank, check_shape
from ._convolution import add_bias, bias_gradient, convolve, convolve_gradients
from ._domain import real
from ._op import Op
from ._windows import PADDINGS, check_padding, check_whole


def depthwise_conv2d_forward(x, w, b, stride=1, padding="valid", dilation=1):
    """Depthwise two-dimensional convolution: channel c of x gives the channels c M to c M + M - 1 of y.

    x: (N, C, H, W); w: (C, M, K, L), kernel m of channel c; b: (C M,); floating. Options as for conv2d. Returns
    y (N, C M, P, Q) and the cache. ValueError where a shape does not fit, and for an option out of range.
    """
    check_whole("stride", stride, 1)
    check_padding(padding)
    check_whole("dilation", dilation, 1)
    check_rank("x", x, 4, "(N, C, H, W)")
    check_rank("w", w, 4, "(C, M, K, L)")
    check_shape("w", w, (x.shape[1], *w.shape[1:]), f"since x has shape {x.shape}")
    check_shape("b", b, (w.shape[0] * w.shape[1],), f"since w has shape {w.shape}")
    kernels = w.reshape(len(b), 1, *w.shape[2:])
    y, cache = convolve(x, kernels, stride, padding, dilation, groups=len(w))
    return add_bias(y, b), (cache, w.shape)


def depthwise_conv2d_backward(dy, cache):
    """dx (N, C, H, W), dw (C, M, K, L), db (C M,) from dy (N, C M, P, Q)."""
    cache, shape = cache
    dx, dw = convolve_gradients(dy, cache)
    return dx, dw.reshape(shape), bias_gradient(dy)


OP = Op(
    name="depthwise_conv2d",
    forward=depthwise_conv2d_forward,
    backward=depthwise_conv2d_backward,
    inputs=(real("x", "N C H W"), real("w", "C 2 K L"), real("b", "2C")),
    options={"stride": (1, 2), "padding": PADDINGS, "dilation": (1, 2)},
    sizes={"H": (5, 6, 7), "W": (6, 5, 7), "K": (3, 2, 1), "L": (2, 3, 1)},
    empty=("N",),
    cite="Howard et al., MobileNets: Efficient convolutional neural networks for mobile vision applications (2017), "
    "section 3.1",
)
