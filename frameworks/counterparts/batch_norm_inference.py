"""Batch normalisation at inference: each framework's layer out of training."""

from .._counterpart import composed
from ._normalising import channels


def pytorch(fw, x, scale, shift, running_mean, running_var, epsilon):
    nn = fw.torch.nn
    kind = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}[x.ndim]
    layer = kind(x.shape[1], eps=epsilon, dtype=x.dtype).eval()
    state = {"weight": scale, "bias": shift, "running_mean": running_mean, "running_var": running_var}
    layer.load_state_dict({**state, "num_batches_tracked": fw.torch.tensor(0)})
    fw.weight("scale", layer.weight)
    fw.weight("shift", layer.bias)
    return layer(x)


def keras(fw, x, scale, shift, running_mean, running_var, epsilon):
    layer = fw.keras.layers.BatchNormalization(axis=1, epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([scale, shift, running_mean, running_var])
    fw.weight("scale", layer.gamma)
    fw.weight("shift", layer.beta)
    return layer(x, training=False)


def tensorflow(fw, x, scale, shift, running_mean, running_var, epsilon):
    parts = (running_mean, running_var, shift, scale)
    return fw.tf.nn.batch_normalization(x, *(fw.tf.reshape(each, channels(x)) for each in parts), epsilon)


@composed("JAX has no layers of its own")
def jax(fw, x, scale, shift, running_mean, running_var, epsilon):
    mean, variance, scale, shift = (each.reshape(channels(x)) for each in (running_mean, running_var, scale, shift))
    return (x - mean) * fw.jax.lax.rsqrt(variance + epsilon) * scale + shift
