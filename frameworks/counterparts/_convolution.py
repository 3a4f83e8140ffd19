"""Convolutions over any number of axes: each framework's own layer or function, identical weights, its own layout."""

from .._counterpart import absent
from ._images import channels_first, channels_last, for_torch, kernel_first, kernel_last, margins, symmetric

STRIDE_OR_DILATION = "TensorFlow refuses a stride and a dilation above 1 together"


def pytorch_convolution(fw, layer, x, w, b, stride, padding, dilation, groups, weight=None):
    """A layer of torch.nn; `weight` is the input that w stands for, where w has another shape than it."""
    around = margins(x.shape[2:], w.shape[2:], stride, padding, dilation)
    at = "same" if padding == "same" and stride == 1 else tuple(before for before, _ in around)
    if at != "same" and not symmetric(around):
        fw.composed("PyTorch pads alike on both sides; the odd zero of 'same' is added before it")
        x, at = fw.functional.pad(x, for_torch(around)), 0
    channels = (w.shape[1] * groups, w.shape[0])
    own = layer(*channels, w.shape[2:], stride, at, dilation, groups, dtype=x.dtype)
    own.load_state_dict({"weight": w, "bias": b})
    fw.weight("w", own.weight, back=lambda g: g if weight is None else g.reshape(weight.shape))
    fw.weight("b", own.bias)
    return own(x)


def keras_convolution(fw, layer, x, w, b, stride, padding, dilation, groups):
    """A layer of Keras on TensorFlow."""
    if stride > 1 and dilation > 1:
        raise absent("Keras refuses a stride and a dilation above 1 together")
    transpose = fw.ops.transpose
    image = channels_last(transpose, _padded(fw, x, padding))
    at = padding if isinstance(padding, str) else "valid"
    own = layer(w.shape[0], tuple(w.shape[2:]), strides=stride, padding=at, dilation_rate=dilation, groups=groups)
    own.build(image.shape)
    own.set_weights([kernel_last(transpose, w), b])
    fw.weight("w", own.kernel, back=lambda g: kernel_first(transpose, g))
    fw.weight("b", own.bias)
    return channels_first(transpose, own(image))


def tensorflow_convolution(fw, x, w, b, stride, padding, dilation, groups):
    """tf.nn.convolution, and the zeros of a number of padding around it."""
    tf = fw.tf
    if stride > 1 and dilation > 1:
        raise absent(STRIDE_OR_DILATION)
    if groups > 1 and x.dtype != tf.float32:
        raise absent("TensorFlow has a gradient of grouped convolutions for float32 only on the CPU")
    image = channels_last(tf.transpose, x)
    if not isinstance(padding, str):
        fw.composed("tf.nn.convolution pads 'VALID' or 'SAME'; the zeros are added before it")
        image = tf.pad(image, [(0, 0), *margins((), w.shape[2:], stride, padding), (0, 0)])
        padding = "valid"
    y = tf.nn.convolution(image, kernel_last(tf.transpose, w), stride, padding.upper(), dilations=dilation)
    return channels_first(tf.transpose, tf.nn.bias_add(y, b))


def jax_convolution(fw, x, w, b, stride, padding, dilation, groups):
    """jax.lax.conv_general_dilated: NCHW and OIHW are its own layouts."""
    axes = x.ndim - 2
    y = fw.jax.lax.conv_general_dilated(
        x,
        w,
        (stride,) * axes,
        padding.upper() if isinstance(padding, str) else [(padding, padding)] * axes,
        rhs_dilation=(dilation,) * axes,
        feature_group_count=groups,
    )
    return y + b.reshape(-1, *[1] * axes)


def _padded(fw, x, padding):
    if isinstance(padding, str) or padding == 0:
        return x
    fw.composed("a layer of Keras pads 'valid' or 'same'; the zeros are added before it")
    return fw.ops.pad(x, [(0, 0), (0, 0), *[(padding, padding)] * (len(x.shape) - 2)])
