"""Two-dimensional convolution, as convolutional networks use the word: the kernel is not turned over."""

from ._convolution import add_bias, bias_gradient, check_convolution, convolve, convolve_gradients
from ._domain import real
from ._op import Op
from ._windows import PADDINGS


def conv2d_forward(x, w, b, stride=1, padding="valid", dilation=1, groups=1):
    """Two-dimensional convolution: y[n,o,p,q] = b[o] + sum over c, k, l of w[o,c,k,l] x[n, c, p s + k d, q s + l d].

    x: (N, C, H, W); w: (O, C / groups, K, L); b: (O,); floating. stride s and dilation d hold for both axes. padding:
    "valid" for none, "same" for as many zeros as give ceil(H / s) rows, the odd one below and on the right, or a number
    of zeros on every side. groups: the channels and the kernels are split into so many parts that do not meet. The
    layout is that of PyTorch and CS231n (NCHW, OIHW). Returns y (N, O, P, Q) and the cache. ValueError where a shape
    does not fit, and for an option out of range.
    """
    check_convolution(x, w, b, stride, padding, dilation, groups)
    y, cache = convolve(x, w, stride, padding, dilation, groups)
    return add_bias(y, b), cache


def conv2d_backward(dy, cache):
    """dx (N, C, H, W), dw (O, C / groups, K, L), db (O,) from dy (N, O, P, Q)."""
    return *convolve_gradients(dy, cache), bias_gradient(dy)


def _inputs(groups, **_):
    g = "" if groups == 1 else groups
    return real("x", f"N {g}C H W"), real("w", f"{g}O C K L"), real("b", f"{g}O")


OP = Op(
    name="conv2d",
    forward=conv2d_forward,
    backward=conv2d_backward,
    inputs=_inputs,
    options={"stride": (1, 2), "padding": PADDINGS, "dilation": (1, 2), "groups": (1, 2)},
    sizes={"H": (5, 6, 7), "W": (6, 5, 7), "K": (3, 2, 1), "L": (2, 3, 1)},
    empty=("N",),
    cite="LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition (1998); CS231n, "
    "Convolutional Networks, 'Convolutional Layer'; Goodfellow, Bengio, Courville, Deep Learning (2016), section 9.5",
)
