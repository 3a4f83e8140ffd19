"""Instance normalisation, channels on axis 1. Keras' is its group normalisation with as many groups as channels."""

from .._counterpart import composed
from ._normalising import channels, tensorflow_standardised


def pytorch(fw, x, scale, shift, epsilon):
    return fw.functional.instance_norm(x, weight=scale, bias=shift, eps=epsilon)


def keras(fw, x, scale, shift, epsilon):
    layer = fw.keras.layers.GroupNormalization(groups=-1, axis=1, epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([scale, shift])
    fw.weight("scale", layer.gamma)
    fw.weight("shift", layer.beta)
    return layer(x)


@composed("TensorFlow has the moments and the normalisation apart")
def tensorflow(fw, x, scale, shift, epsilon):
    scale, shift = (fw.tf.reshape(each, channels(x)) for each in (scale, shift))
    return tensorflow_standardised(fw, x, list(range(2, len(x.shape))), scale, shift, epsilon)[0]


@composed("JAX standardises; it has no layers of its own")
def jax(fw, x, scale, shift, epsilon):
    xhat = fw.nn.standardize(x, axis=tuple(range(2, x.ndim)), epsilon=epsilon)
    return xhat * scale.reshape(channels(x)) + shift.reshape(channels(x))
