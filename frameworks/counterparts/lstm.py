"""A long short-term memory over a sequence: each framework's layer, its gates in the order i, f, g, o."""

from .._counterpart import absent, composed
from ._recurrent import jax_lstm_step, load_keras, load_pytorch, unrolled

tensorflow = absent("TensorFlow has no recurrent layer of its own: its Keras has")


def pytorch(fw, x, h0, c0, wx, wh, b, gates):
    layer = fw.torch.nn.LSTM(x.shape[2], h0.shape[1], batch_first=True, dtype=x.dtype)
    load_pytorch(fw, layer, wx, wh, b, None, gates, "ifgo", "_l0")
    y, (h, c) = layer(x, (h0[None], c0[None]))
    return y, h[0], c[0]


def keras(fw, x, h0, c0, wx, wh, b, gates):
    layer = fw.keras.layers.LSTM(h0.shape[1], return_sequences=True, return_state=True)
    layer.build(x.shape)
    load_keras(fw, layer.cell, wx, wh, b, gates, "ifgo")
    y, h, c = layer(x, initial_state=[h0, c0])
    return y, h, c


@composed("JAX has no recurrent layer of its own")
def jax(fw, x, h0, c0, wx, wh, b, gates):
    return unrolled(fw, jax_lstm_step(fw, wx, wh, b, gates), x, (h0, c0))
