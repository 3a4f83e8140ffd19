"""Depthwise convolution. Kernels: reference (C, M, K, L); PyTorch and JAX (C M, 1, K, L); Keras (K, L, C, M)."""

from .._counterpart import absent
from ._convolution import STRIDE_OR_DILATION, jax_convolution, pytorch_convolution
from ._images import channels_first, channels_last, depthwise_last


def _as_groups(w):
    return w.reshape(w.shape[0] * w.shape[1], 1, *w.shape[2:])


def pytorch(fw, x, w, b, stride, padding, dilation):
    kernels = _as_groups(w)
    return pytorch_convolution(fw, fw.torch.nn.Conv2d, x, kernels, b, stride, padding, dilation, len(w), weight=w)


def keras(fw, x, w, b, stride, padding, dilation):
    if stride > 1 and dilation > 1:
        raise absent("Keras documents that a stride and a dilation above 1 do not go together")
    ops = fw.ops
    if not isinstance(padding, str):
        fw.composed("a layer of Keras pads 'valid' or 'same'; the zeros are added before it")
        x, padding = ops.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)]), "valid"
    image = channels_last(ops.transpose, x)
    layer = fw.keras.layers.DepthwiseConv2D(
        tuple(w.shape[2:]), strides=stride, padding=padding, dilation_rate=dilation, depth_multiplier=w.shape[1]
    )
    layer.build(image.shape)
    layer.set_weights([depthwise_last(ops.transpose, w), b])
    fw.weight("w", layer.kernel, back=lambda g: depthwise_last(ops.transpose, g))
    fw.weight("b", layer.bias)
    return channels_first(ops.transpose, layer(image))


def tensorflow(fw, x, w, b, stride, padding, dilation):
    tf = fw.tf
    if stride > 1 and dilation > 1:
        raise absent(STRIDE_OR_DILATION)
    if isinstance(padding, str):
        at = padding.upper()
    else:
        at = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    image, kernels = channels_last(tf.transpose, x), depthwise_last(tf.transpose, w)
    y = tf.nn.depthwise_conv2d(image, kernels, [1, stride, stride, 1], at, dilations=[dilation, dilation])
    return channels_first(tf.transpose, tf.nn.bias_add(y, b))


def jax(fw, x, w, b, stride, padding, dilation):
    return jax_convolution(fw, x, _as_groups(w), b, stride, padding, dilation, len(w))
