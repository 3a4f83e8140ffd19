"""Every example as one row: the layer, or a change of shape."""

from math import prod

from .._counterpart import composed


def pytorch(fw, x):
    # nn.Flatten wants an axis to flatten.
    return fw.torch.nn.Flatten()(x) if x.ndim > 1 else x[:, None] * 1


def keras(fw, x):
    return fw.keras.layers.Flatten()(x)


@composed("TensorFlow has no flattening of its own: tf.reshape")
def tensorflow(fw, x):
    return fw.tf.reshape(x, [x.shape[0], prod(x.shape[1:])])


@composed("JAX has no flattening of its own: jnp.reshape")
def jax(fw, x):
    return fw.jnp.reshape(x, (x.shape[0], prod(x.shape[1:])))
