"""Upsampling by the nearest entry: each framework's own layer or function."""

from ._images import channels_first, channels_last


def pytorch(fw, x, rows, columns):
    return fw.torch.nn.Upsample(scale_factor=(rows, columns), mode="nearest")(x)


def keras(fw, x, rows, columns):
    transpose = fw.ops.transpose
    y = fw.keras.layers.UpSampling2D((rows, columns), interpolation="nearest")(channels_last(transpose, x))
    return channels_first(transpose, y)


def tensorflow(fw, x, rows, columns):
    transpose, (height, width) = fw.tf.transpose, x.shape[2:]
    y = fw.tf.image.resize(channels_last(transpose, x), [rows * height, columns * width], "nearest")
    return channels_first(transpose, y)


def jax(fw, x, rows, columns):
    height, width = x.shape[2:]
    return fw.jax.image.resize(x, (*x.shape[:2], rows * height, columns * width), "nearest")
