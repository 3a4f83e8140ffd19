"""Zeros around an image: each framework's own layer or function."""

from ._images import channels_first, channels_last


def pytorch(fw, x, top, bottom, left, right):
    return fw.torch.nn.ZeroPad2d((left, right, top, bottom))(x)


def keras(fw, x, top, bottom, left, right):
    transpose = fw.ops.transpose
    y = fw.keras.layers.ZeroPadding2D(((top, bottom), (left, right)))(channels_last(transpose, x))
    return channels_first(transpose, y)


def tensorflow(fw, x, top, bottom, left, right):
    return fw.tf.pad(x, [(0, 0), (0, 0), (top, bottom), (left, right)])


def jax(fw, x, top, bottom, left, right):
    return fw.jnp.pad(x, [(0, 0), (0, 0), (top, bottom), (left, right)])
