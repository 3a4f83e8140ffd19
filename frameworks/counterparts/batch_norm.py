"""Batch normalisation in training: each framework's layer, and the running statistics that it leaves.

PyTorch's momentum is the new value's share, the reference's and Keras' the old one's. PyTorch's running variance is
the unbiased one, Keras' the biased: the other convention is reached by counting the running variance in other units,
n / (n - 1) of them, before and after.
"""

from .._counterpart import composed
from ._normalising import channel_axes, channels, count, tensorflow_standardised


def pytorch(fw, x, scale, shift, running_mean, running_var, epsilon, momentum, running):
    nn = fw.torch.nn
    kind = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}[x.ndim]
    units = 1.0 if running == "unbiased" else count(x) / (count(x) - 1)
    layer = kind(x.shape[1], eps=epsilon, momentum=1 - momentum, dtype=x.dtype)
    state = {"weight": scale, "bias": shift, "running_mean": running_mean, "running_var": running_var * units}
    layer.load_state_dict({**state, "num_batches_tracked": fw.torch.tensor(0)})
    fw.weight("scale", layer.weight)
    fw.weight("shift", layer.bias)
    y = layer(x)
    return y, layer.running_mean, layer.running_var / units


def keras(fw, x, scale, shift, running_mean, running_var, epsilon, momentum, running):
    units = 1.0 if running == "biased" else (count(x) - 1) / count(x)
    layer = fw.keras.layers.BatchNormalization(axis=1, momentum=momentum, epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([scale, shift, running_mean, running_var * units])
    fw.weight("scale", layer.gamma)
    fw.weight("shift", layer.beta)
    y = layer(x, training=True)
    return y, layer.moving_mean.value + 0, layer.moving_variance.value / units


@composed("TensorFlow has the moments and the normalisation apart, and no running statistics outside Keras")
def tensorflow(fw, x, scale, shift, running_mean, running_var, epsilon, momentum, running):
    scale, shift = (fw.tf.reshape(each, channels(x)) for each in (scale, shift))
    y, mean, variance = tensorflow_standardised(fw, x, channel_axes(x), scale, shift, epsilon)
    units = count(x) / (count(x) - 1) if running == "unbiased" else 1.0
    mean, variance = (fw.tf.reshape(each, [-1]) for each in (mean, variance))
    keep = momentum
    return y, keep * running_mean + (1 - keep) * mean, keep * running_var + (1 - keep) * units * variance


@composed("JAX standardises; it has no layers and no running statistics")
def jax(fw, x, scale, shift, running_mean, running_var, epsilon, momentum, running):
    axes = tuple(channel_axes(x))
    xhat = fw.nn.standardize(x, axis=axes, epsilon=epsilon)
    mean = fw.jnp.mean(x, axis=axes)
    variance = fw.jnp.var(x, axis=axes, ddof=1 if running == "unbiased" else 0)
    y = xhat * scale.reshape(channels(x)) + shift.reshape(channels(x))
    keep = momentum
    return y, keep * running_mean + (1 - keep) * mean, keep * running_var + (1 - keep) * variance
