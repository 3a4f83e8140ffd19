"""Separable two-dimensional convolution: a depthwise one, and a mixture of its channels at each place."""

from ._checks import check_rank, check_shape
from ._convolution import add_bias, bias_gradient, convolve, convolve_gradients
from ._domain import real
from ._op import Op
from ._windows import PADDINGS, check_padding, check_whole


def separable_conv2d_forward(x, depthwise, pointwise, b, stride=1, padding="valid", dilation=1):
    """Separable two-dimensional convolution: depthwise without a bias, then 1 x 1 with one.

    x: (N, C, H, W); depthwise: (C, M, K, L), kernel m of channel c; pointwise: (O, C M); b: (O,); floating. Options as
    for conv2d; they hold for the depthwise part. Returns y (N, O, P, Q) and the cache. ValueError where a shape does
    not fit, and for an option out of range.
    """
    check_whole("stride", stride, 1)
    check_padding(padding)
    check_whole("dilation", dilation, 1)
    check_rank("x", x, 4, "(N, C, H, W)")
    check_rank("depthwise", depthwise, 4, "(C, M, K, L)")
    check_shape("depthwise", depthwise, (x.shape[1], *depthwise.shape[1:]), f"since x has shape {x.shape}")
    check_rank("pointwise", pointwise, 2, "(O, C M)")
    channels = depthwise.shape[0] * depthwise.shape[1]
    check_shape("pointwise", pointwise, (len(pointwise), channels), f"since depthwise has shape {depthwise.shape}")
    check_shape("b", b, (len(pointwise),), f"since pointwise has shape {pointwise.shape}")
    kernels = depthwise.reshape(channels, 1, *depthwise.shape[2:])
    inner, at_inner = convolve(x, kernels, stride, padding, dilation, groups=len(depthwise))
    y, at_y = convolve(inner, pointwise[:, :, None, None])
    return add_bias(y, b), (at_inner, at_y, depthwise.shape)


def separable_conv2d_backward(dy, cache):
    """dx (N, C, H, W), ddepthwise (C, M, K, L), dpointwise (O, C M), db (O,) from dy (N, O, P, Q)."""
    at_inner, at_y, shape = cache
    dinner, dpointwise = convolve_gradients(dy, at_y)
    dx, ddepthwise = convolve_gradients(dinner, at_inner)
    return dx, ddepthwise.reshape(shape), dpointwise[:, :, 0, 0], bias_gradient(dy)


OP = Op(
    name="separable_conv2d",
    forward=separable_conv2d_forward,
    backward=separable_conv2d_backward,
    inputs=(real("x", "N C H W"), real("depthwise", "C 2 K L"), real("pointwise", "O 2C"), real("b", "O")),
    options={"stride": (1, 2), "padding": PADDINGS, "dilation": (1, 2)},
    sizes={"H": (5, 6, 7), "W": (6, 5, 7), "K": (3, 2, 1), "L": (2, 3, 1)},
    empty=("N",),
    excluded={"huge": "the product of three such numbers overflows float32"},
    cite="Chollet, Xception: Deep learning with depthwise separable convolutions (2017), section 1.2; Howard et al., "
    "MobileNets (2017), section 3.1",
)
