"""A gated recurrent unit over a sequence: each framework's layer.

Order of the gates: reference and PyTorch r, z, n; Keras z, r, n. PyTorch knows the reset gate after the product only.
"""

from .._counterpart import absent, composed
from ._recurrent import jax_gru_step, load_keras_gru, load_pytorch, unrolled

tensorflow = absent("TensorFlow has no recurrent layer of its own: its Keras has")
BEFORE = "PyTorch's reset gate comes after the product with the recurrent weights"


def pytorch(fw, x, h0, wx, wh, bx, bh, reset):
    if reset == "before":
        raise absent(BEFORE)
    layer = fw.torch.nn.GRU(x.shape[2], h0.shape[1], batch_first=True, dtype=x.dtype)
    load_pytorch(fw, layer, wx, wh, bx, bh, "rzn", "rzn", "_l0")
    y, h = layer(x, h0[None])
    return y, h[0]


def keras(fw, x, h0, wx, wh, bx, bh, reset):
    layer = fw.keras.layers.GRU(h0.shape[1], reset_after=reset == "after", return_sequences=True, return_state=True)
    layer.build(x.shape)
    load_keras_gru(fw, layer.cell, wx, wh, bx, bh, reset)
    y, h = layer(x, initial_state=[h0])
    return y, h


@composed("JAX has no recurrent layer of its own")
def jax(fw, x, h0, wx, wh, bx, bh, reset):
    return unrolled(fw, jax_gru_step(fw, wx, wh, bx, bh, reset), x, (h0,))
