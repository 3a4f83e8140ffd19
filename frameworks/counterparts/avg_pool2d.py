"""Two-dimensional average pooling. PyTorch counts its padding or not, Keras and TensorFlow do not, JAX adds only."""

from .._counterpart import absent, composed
from ._images import channels_first, channels_last, for_torch, margins, symmetric
from ._pooling import reduced

NUMBER = "TensorFlow and Keras average with 'VALID' or 'SAME' padding, and do not count it"


def pytorch(fw, x, size, stride, padding, count_padding):
    around = margins(x.shape[2:], (size, size), stride, padding)
    layer = fw.torch.nn.AvgPool2d
    if symmetric(around):
        return layer(size, stride, tuple(n for n, _ in around), count_include_pad=count_padding)(x)
    fw.composed("PyTorch pads alike on both sides; the odd zeros of 'same' are added before it")
    padded = fw.functional.pad(x, for_torch(around))
    if count_padding:
        return layer(size, stride)(padded)
    total = layer(size, stride, divisor_override=1)
    return total(padded) / total(fw.functional.pad(fw.torch.ones_like(x[:1, :1]), for_torch(around)))


def keras(fw, x, size, stride, padding, count_padding):
    transpose = fw.ops.transpose
    if padding != "valid" and count_padding:
        fw.composed("Keras does not count its padding; the zeros are added before it")
        around = margins(x.shape[2:], (size, size), stride, padding)
        x, padding = fw.ops.pad(x, [(0, 0), (0, 0), *around]), "valid"
    elif not isinstance(padding, str):
        raise absent(NUMBER)
    y = fw.keras.layers.AveragePooling2D(size, stride, padding)(channels_last(transpose, x))
    return channels_first(transpose, y)


def tensorflow(fw, x, size, stride, padding, count_padding):
    tf = fw.tf
    if padding != "valid" and count_padding:
        fw.composed("TensorFlow does not count its padding; the zeros are added before it")
        x = tf.pad(x, [(0, 0), (0, 0), *margins(x.shape[2:], (size, size), stride, padding)])
        padding = "valid"
    elif not isinstance(padding, str):
        raise absent(NUMBER)
    y = tf.nn.avg_pool2d(channels_last(tf.transpose, x), size, stride, padding.upper())
    return channels_first(tf.transpose, y)


@composed("JAX has no average pooling of its own: lax.reduce_window adds, and a division follows")
def jax(fw, x, size, stride, padding, count_padding):
    add = fw.jax.lax.add
    total = reduced(fw, x, 0.0, add, size, stride, padding)
    if count_padding:
        return total / (size * size)
    return total / reduced(fw, fw.jnp.ones_like(x), 0.0, add, size, stride, padding)
