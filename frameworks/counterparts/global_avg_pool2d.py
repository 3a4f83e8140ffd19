"""Global average pooling: the layer, or the mean over rows and columns."""

from .._counterpart import composed
from ._images import channels_last


def pytorch(fw, x):
    return fw.torch.nn.AdaptiveAvgPool2d(1)(x)[:, :, 0, 0]


def keras(fw, x):
    return fw.keras.layers.GlobalAveragePooling2D()(channels_last(fw.ops.transpose, x))


@composed("TensorFlow has no global pooling of its own: the mean over two axes")
def tensorflow(fw, x):
    return fw.tf.reduce_mean(x, axis=[2, 3])


@composed("JAX has no global pooling of its own: the mean over two axes")
def jax(fw, x):
    return fw.jnp.mean(x, axis=(2, 3))
