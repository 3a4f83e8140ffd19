"""One step of a plain recurrent layer: each framework's cell."""

from .._counterpart import absent, composed
from ._recurrent import load_keras, load_pytorch

tensorflow = absent("TensorFlow has no recurrent cell of its own: its Keras has")


def pytorch(fw, x, h0, wx, wh, b):
    cell = fw.torch.nn.RNNCell(x.shape[1], h0.shape[1], dtype=x.dtype)
    load_pytorch(fw, cell, wx, wh, b, None, "h", "h")
    return cell(x, h0)


def keras(fw, x, h0, wx, wh, b):
    cell = fw.keras.layers.SimpleRNNCell(h0.shape[1])
    cell.build(x.shape)
    load_keras(fw, cell, wx, wh, b, "h", "h")
    return cell(x, [h0])[0]


@composed("JAX has no recurrent cell of its own")
def jax(fw, x, h0, wx, wh, b):
    return fw.jnp.tanh(x @ wx + h0 @ wh + b)
