"""Parametric rectifier: each framework's layer, with its channels on axis 1.

Slopes: one number or one a channel in PyTorch; in Keras of x's shape without the batch, shared along `shared_axes`.
"""

from .._counterpart import absent

tensorflow = absent("TensorFlow has no parametric rectifier of its own: its Keras has")
jax = absent("JAX has no parametric rectifier")


def pytorch(fw, x, slope, per):
    layer = fw.torch.nn.PReLU(len(slope), dtype=x.dtype)
    layer.load_state_dict({"weight": slope})
    fw.weight("slope", layer.weight)
    return layer(x)


def keras(fw, x, slope, per):
    shared = range(1 if per == "all" else 2, len(x.shape))
    layer = fw.keras.layers.PReLU(shared_axes=list(shared) or None)
    layer.build(x.shape)
    layer.set_weights([fw.ops.reshape(slope, layer.alpha.shape)])
    fw.weight("slope", layer.alpha, back=lambda gradient: fw.ops.reshape(gradient, slope.shape))
    return layer(x)
