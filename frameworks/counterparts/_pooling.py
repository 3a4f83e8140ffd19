"""Poolings over any number of axes: each framework's own layer or function, in its own layout."""

from math import inf

from ._images import channels_first, channels_last, for_torch, margins, symmetric


def pytorch_max_pool(fw, layer, x, size, stride, padding):
    """A layer of torch.nn."""
    axes = len(x.shape) - 2
    around = margins(x.shape[2:], (size,) * axes, stride, padding)
    if not symmetric(around):
        fw.composed("PyTorch pads alike on both sides; the odd margin of 'same' is added before it")
        return layer(size, stride)(fw.functional.pad(x, for_torch(around), value=-inf))
    return layer(size, stride, tuple(before for before, _ in around))(x)


def keras_max_pool(fw, layer, x, size, stride, padding):
    """A layer of Keras on TensorFlow."""
    transpose = fw.ops.transpose
    if not isinstance(padding, str):
        fw.composed("a layer of Keras pads 'valid' or 'same'; the margin is added before it")
        sides = [(0, 0), (0, 0), *[(padding, padding)] * (len(x.shape) - 2)]
        x, padding = fw.ops.pad(x, sides, constant_values=-inf), "valid"
    y = layer(pool_size=size, strides=stride, padding=padding)(channels_last(transpose, x))
    return channels_first(transpose, y)


def tensorflow_max_pool(fw, pool, x, size, stride, padding):
    """tf.nn.max_pool1d or tf.nn.max_pool2d."""
    transpose, axes = fw.tf.transpose, len(x.shape) - 2
    at = padding.upper() if isinstance(padding, str) else [(0, 0), *[(padding, padding)] * axes, (0, 0)]
    return channels_first(transpose, pool(channels_last(transpose, x), size, stride, at))


def jax_max_pool(fw, x, size, stride, padding):
    """jax.lax.reduce_window with the maximum."""
    return reduced(fw, x, -inf, fw.jax.lax.max, size, stride, padding)


def reduced(fw, x, start, function, size, stride, padding):
    """jax.lax.reduce_window over the spatial axes."""
    axes = x.ndim - 2
    at = padding.upper() if isinstance(padding, str) else [(0, 0), (0, 0), *[(padding, padding)] * axes]
    return fw.jax.lax.reduce_window(x, start, function, (1, 1, *(size,) * axes), (1, 1, *(stride,) * axes), at)
