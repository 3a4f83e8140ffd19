"""Group normalisation, channels on axis 1: each framework's layer."""

from .._counterpart import composed
from ._normalising import channels, tensorflow_standardised


def pytorch(fw, x, scale, shift, groups, epsilon):
    layer = fw.torch.nn.GroupNorm(groups, x.shape[1], eps=epsilon, dtype=x.dtype)
    layer.load_state_dict({"weight": scale, "bias": shift})
    fw.weight("scale", layer.weight)
    fw.weight("shift", layer.bias)
    return layer(x)


def keras(fw, x, scale, shift, groups, epsilon):
    layer = fw.keras.layers.GroupNormalization(groups=groups, axis=1, epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([scale, shift])
    fw.weight("scale", layer.gamma)
    fw.weight("shift", layer.beta)
    return layer(x)


@composed("TensorFlow has the moments and the normalisation apart, and no groups")
def tensorflow(fw, x, scale, shift, groups, epsilon):
    tf = fw.tf
    parts = tf.reshape(x, [x.shape[0], groups, -1])
    xhat = tf.reshape(tensorflow_standardised(fw, parts, [2], None, None, epsilon)[0], x.shape)
    return xhat * tf.reshape(scale, channels(x)) + tf.reshape(shift, channels(x))


@composed("JAX standardises; it has no layers of its own")
def jax(fw, x, scale, shift, groups, epsilon):
    parts = x.reshape(x.shape[0], groups, -1)
    xhat = fw.nn.standardize(parts, axis=-1, epsilon=epsilon).reshape(x.shape)
    return xhat * scale.reshape(channels(x)) + shift.reshape(channels(x))
