"""Transposed two-dimensional convolution: what the gradient of a convolution does to an image, as a layer."""

from ._checks import check_rank, check_shape
from ._convolution import add_bias, bias_gradient, convolve, spread, weight_gradient
from ._domain import real
from ._op import Op
from ._windows import PADDINGS, check_padding, check_whole, crop, margins, pad


def conv2d_transpose_forward(x, w, b, stride=1, padding="valid"):
    """Transposed two-dimensional convolution: each x[n, c, p, q] adds w[c, o] times itself from row p s, column q s on.

    x: (N, C, H, W); w: (C, O, K, L); b: (O,); floating; s is the stride. padding: "valid" keeps all (H - 1) s + K rows,
    "same" H s of them, a number cuts off so many on every side: always what a convolution from y to x with the same
    options would have padded. Returns y (N, O, P, Q) and the cache. ValueError where a shape does not fit, and for an
    option out of range.
    """
    check_whole("stride", stride, 1)
    check_padding(padding)
    check_rank("x", x, 4, "(N, C, H, W)")
    check_rank("w", w, 4, "(C, O, K, L)")
    check_shape("w", w, (x.shape[1], *w.shape[1:]), f"since x has shape {x.shape}")
    check_shape("b", b, (w.shape[1],), f"since w has shape {w.shape}")
    kernel, scaled = w.shape[2:], [n * stride for n in x.shape[2:]]
    around = margins(scaled, kernel, stride, padding)
    if padding == "same":
        sizes = [n + sum(each) for n, each in zip(scaled, around, strict=True)]
    else:
        sizes = [n - stride + k for n, k in zip(scaled, kernel, strict=True)]
        if any(n <= sum(each) for n, each in zip(sizes, around, strict=True)):
            raise ValueError(f"x has shape {x.shape}; expected more rows and columns: padding={padding!r} leaves none")
    y = crop(spread(x, w, sizes, stride), around)
    return add_bias(y, b), (x, w, stride, around)


def conv2d_transpose_backward(dy, cache):
    """dx (N, C, H, W), dw (C, O, K, L), db (O,) from dy (N, O, P, Q): dx is the convolution of dy."""
    x, w, stride, around = cache
    dx, forward = convolve(pad(dy, around), w, stride)
    return dx, weight_gradient(x, forward), bias_gradient(dy)


OP = Op(
    name="conv2d_transpose",
    forward=conv2d_transpose_forward,
    backward=conv2d_transpose_backward,
    inputs=(real("x", "N C H W"), real("w", "C O K L"), real("b", "O")),
    options={"stride": (1, 2), "padding": PADDINGS},
    sizes={"H": (4, 3, 5), "W": (3, 5, 4), "K": (3, 2, 1), "L": (2, 3, 1)},
    empty=("N",),
    cite="Dumoulin, Visin, A guide to convolution arithmetic for deep learning (2016), chapter 4",
)
