"""Global max pooling: the layer, or the maximum over rows and columns."""

from .._counterpart import composed
from ._images import channels_last


def pytorch(fw, x):
    return fw.torch.nn.AdaptiveMaxPool2d(1)(x)[:, :, 0, 0]


def keras(fw, x):
    return fw.keras.layers.GlobalMaxPooling2D()(channels_last(fw.ops.transpose, x))


@composed("TensorFlow has no global pooling of its own: the maximum over two axes")
def tensorflow(fw, x):
    return fw.tf.reduce_max(x, axis=[2, 3])


@composed("JAX has no global pooling of its own: the maximum over two axes")
def jax(fw, x):
    return fw.jnp.max(x, axis=(2, 3))
