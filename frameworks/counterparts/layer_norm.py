"""Layer normalisation over the last axis: each framework's layer."""

from .._counterpart import composed
from ._normalising import tensorflow_standardised


def pytorch(fw, x, scale, shift, epsilon):
    layer = fw.torch.nn.LayerNorm(x.shape[-1], eps=epsilon, dtype=x.dtype)
    layer.load_state_dict({"weight": scale, "bias": shift})
    fw.weight("scale", layer.weight)
    fw.weight("shift", layer.bias)
    return layer(x)


def keras(fw, x, scale, shift, epsilon):
    layer = fw.keras.layers.LayerNormalization(epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([scale, shift])
    fw.weight("scale", layer.gamma)
    fw.weight("shift", layer.beta)
    return layer(x)


@composed("TensorFlow has the moments and the normalisation apart")
def tensorflow(fw, x, scale, shift, epsilon):
    return tensorflow_standardised(fw, x, [-1], scale, shift, epsilon)[0]


@composed("JAX standardises; it has no layers of its own")
def jax(fw, x, scale, shift, epsilon):
    return fw.nn.standardize(x, axis=-1, epsilon=epsilon) * scale + shift
