"""A plain recurrent layer over a sequence: each framework's layer."""

from .._counterpart import absent, composed
from ._recurrent import load_keras, load_pytorch, unrolled

tensorflow = absent("TensorFlow has no recurrent layer of its own: its Keras has")


def pytorch(fw, x, h0, wx, wh, b):
    layer = fw.torch.nn.RNN(x.shape[2], h0.shape[1], batch_first=True, dtype=x.dtype)
    load_pytorch(fw, layer, wx, wh, b, None, "h", "h", "_l0")
    y, h = layer(x, h0[None])
    return y, h[0]


def keras(fw, x, h0, wx, wh, b):
    layer = fw.keras.layers.SimpleRNN(h0.shape[1], return_sequences=True, return_state=True)
    layer.build(x.shape)
    load_keras(fw, layer.cell, wx, wh, b, "h", "h")
    y, h = layer(x, initial_state=[h0])
    return y, h


@composed("JAX has no recurrent layer of its own")
def jax(fw, x, h0, wx, wh, b):
    return unrolled(fw, lambda x, h: (fw.jnp.tanh(x @ wx + h @ wh + b),), x, (h0,))
