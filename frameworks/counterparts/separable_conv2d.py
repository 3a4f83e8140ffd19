"""Separable convolution: one layer in Keras and TensorFlow, two convolutions in PyTorch and JAX.

Kernels: reference (C, M, K, L) and (O, C M); Keras (K, L, C, M) and (1, 1, C M, O).
"""

from .._counterpart import absent, composed
from ._convolution import STRIDE_OR_DILATION, jax_convolution
from ._images import channels_first, channels_last, depthwise_last, for_torch, margins


@composed("PyTorch has no separable convolution of its own: two nn.Conv2d, the first with a group for each channel")
def pytorch(fw, x, depthwise, pointwise, b, stride, padding, dilation):
    nn, (channels, multiplier, *kernel) = fw.torch.nn, depthwise.shape
    inner = channels * multiplier
    x = fw.functional.pad(x, for_torch(margins(x.shape[2:], kernel, stride, padding, dilation)))
    first = nn.Conv2d(channels, inner, kernel, stride, 0, dilation, channels, bias=False, dtype=x.dtype)
    first.load_state_dict({"weight": depthwise.reshape(inner, 1, *kernel)})
    second = nn.Conv2d(inner, len(b), 1, dtype=x.dtype)
    second.load_state_dict({"weight": pointwise[:, :, None, None], "bias": b})
    fw.weight("depthwise", first.weight, back=lambda g: g.reshape(depthwise.shape))
    fw.weight("pointwise", second.weight, back=lambda g: g[:, :, 0, 0])
    fw.weight("b", second.bias)
    return second(first(x))


def keras(fw, x, depthwise, pointwise, b, stride, padding, dilation):
    if stride > 1 and dilation > 1:
        raise absent("Keras documents that a stride and a dilation above 1 do not go together")
    ops = fw.ops
    if not isinstance(padding, str):
        fw.composed("a layer of Keras pads 'valid' or 'same'; the zeros are added before it")
        x, padding = ops.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)]), "valid"
    image = channels_last(ops.transpose, x)
    layer = fw.keras.layers.SeparableConv2D(
        len(pointwise),
        tuple(depthwise.shape[2:]),
        strides=stride,
        padding=padding,
        dilation_rate=dilation,
        depth_multiplier=depthwise.shape[1],
    )
    layer.build(image.shape)
    layer.set_weights([depthwise_last(ops.transpose, depthwise), ops.transpose(pointwise)[None, None], b])
    fw.weight("depthwise", layer.depthwise_kernel, back=lambda g: depthwise_last(ops.transpose, g))
    fw.weight("pointwise", layer.pointwise_kernel, back=lambda g: ops.transpose(g[0, 0]))
    fw.weight("b", layer.bias)
    return channels_first(ops.transpose, layer(image))


def tensorflow(fw, x, depthwise, pointwise, b, stride, padding, dilation):
    tf = fw.tf
    if stride > 1 and dilation > 1:
        raise absent(STRIDE_OR_DILATION)
    if isinstance(padding, str):
        at = padding.upper()
    else:
        at = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    y = tf.nn.separable_conv2d(
        channels_last(tf.transpose, x),
        depthwise_last(tf.transpose, depthwise),
        tf.transpose(pointwise)[None, None],
        [1, stride, stride, 1],
        at,
        dilations=[dilation, dilation],
    )
    return channels_first(tf.transpose, tf.nn.bias_add(y, b))


@composed("JAX has no separable convolution of its own: two of lax.conv_general_dilated")
def jax(fw, x, depthwise, pointwise, b, stride, padding, dilation):
    channels, multiplier, *kernel = depthwise.shape
    kernels, none = depthwise.reshape(channels * multiplier, 1, *kernel), fw.jnp.zeros((1,), x.dtype)
    inner = jax_convolution(fw, x, kernels, none, stride, padding, dilation, channels)
    return jax_convolution(fw, inner, pointwise[:, :, None, None], b, 1, "valid", 1, 1)
