"""One-dimensional convolution, over time or over a sequence of words: the kernel is not turned over."""

from ._convolution import add_bias, bias_gradient, check_convolution, convolve, convolve_gradients
from ._domain import real
from ._op import Op
from ._windows import PADDINGS


def conv1d_forward(x, w, b, stride=1, padding="valid", dilation=1, groups=1):
    """One-dimensional convolution: y[n,o,q] = b[o] + sum over c, l of w[o,c,l] x[n, c, q s + l d].

    x: (N, C, W); w: (O, C / groups, L); b: (O,); floating. s is the stride, d the dilation. padding: "valid" for none,
    "same" for as many zeros as give ceil(W / s) columns, the odd one on the right, or a number of zeros on either side.
    groups: the channels and the kernels are split into so many parts that do not meet. Returns y (N, O, Q) and the
    cache. ValueError where a shape does not fit, and for an option out of range.
    """
    check_convolution(x, w, b, stride, padding, dilation, groups, rank=3)
    y, cache = convolve(x, w, stride, padding, dilation, groups)
    return add_bias(y, b), cache


def conv1d_backward(dy, cache):
    """dx (N, C, W), dw (O, C / groups, L), db (O,) from dy (N, O, Q)."""
    return *convolve_gradients(dy, cache), bias_gradient(dy)


def _inputs(groups, **_):
    g = "" if groups == 1 else groups
    return real("x", f"N {g}C W"), real("w", f"{g}O C L"), real("b", f"{g}O")


OP = Op(
    name="conv1d",
    forward=conv1d_forward,
    backward=conv1d_backward,
    inputs=_inputs,
    options={"stride": (1, 2), "padding": PADDINGS, "dilation": (1, 2), "groups": (1, 2)},
    sizes={"W": (7, 6, 5, 8, 9, 16), "L": (3, 2, 1)},
    empty=("N",),
    cite="Waibel et al., Phoneme recognition using time-delay neural networks (1989); Goodfellow, Bengio, Courville, "
    "Deep Learning (2016), section 9.1",
)
