"""Two long short-term memories over a sequence and its reverse: each framework's own."""

from .._counterpart import absent, composed
from ._recurrent import jax_lstm_step, load_keras, load_pytorch, unrolled

tensorflow = absent("TensorFlow has no recurrent layer of its own: its Keras has")


def pytorch(fw, x, h0, c0, wx, wh, b, h0r, c0r, wxr, whr, br):
    torch = fw.torch
    layer = torch.nn.LSTM(x.shape[2], h0.shape[1], batch_first=True, bidirectional=True, dtype=x.dtype)
    load_pytorch(fw, layer, wx, wh, b, None, "ifgo", "ifgo", "_l0")
    load_pytorch(fw, layer, wxr, whr, br, None, "ifgo", "ifgo", "_l0_reverse", "r")
    y, (h, c) = layer(x, (torch.stack([h0, h0r]), torch.stack([c0, c0r])))
    return y, h[0], c[0], h[1], c[1]


def keras(fw, x, h0, c0, wx, wh, b, h0r, c0r, wxr, whr, br):
    layers = fw.keras.layers
    layer = layers.Bidirectional(layers.LSTM(h0.shape[1], return_sequences=True, return_state=True))
    layer.build(x.shape)
    load_keras(fw, layer.forward_layer.cell, wx, wh, b, "ifgo", "ifgo")
    load_keras(fw, layer.backward_layer.cell, wxr, whr, br, "ifgo", "ifgo", "r")
    return tuple(layer(x, initial_state=[h0, c0, h0r, c0r]))


@composed("JAX has no recurrent layer of its own")
def jax(fw, x, h0, c0, wx, wh, b, h0r, c0r, wxr, whr, br):
    y, h, c = unrolled(fw, jax_lstm_step(fw, wx, wh, b), x, (h0, c0))
    yr, hr, cr = unrolled(fw, jax_lstm_step(fw, wxr, whr, br), x[:, ::-1], (h0r, c0r))
    return fw.jnp.concatenate([y, yr[:, ::-1]], axis=2), h, c, hr, cr
