"""What counterparts of normalisations share: axes of a channel's or group's entries, running variances translated."""


def count(x):
    """Entries of one channel of x (N, C, ...)."""
    product = 1
    for axis, size in enumerate(x.shape):
        product *= int(size) if axis != 1 else 1
    return product


def channel_axes(x):
    """Every axis of x (N, C, ...) but the channels'."""
    return [axis for axis in range(len(x.shape)) if axis != 1]


def channels(x):
    """The shape in which one value a channel broadcasts over x (N, C, ...)."""
    return [-1, *[1] * (len(x.shape) - 2)]


def tensorflow_standardised(fw, x, axes, scale, shift, epsilon):
    """x standardised over these axes, scaled and shifted, with TensorFlow's two functions for it; and the moments."""
    nn = fw.tf.nn
    mean, variance = nn.moments(x, axes, keepdims=True)
    return nn.batch_normalization(x, mean, variance, shift, scale, epsilon), mean, variance
