"""One step of a gated recurrent unit: each framework's cell.

Order of the gates: reference and PyTorch r, z, n; Keras z, r, n. PyTorch knows the reset gate after the product only.
"""

from .._counterpart import absent, composed
from ._recurrent import jax_gru_step, load_keras_gru, load_pytorch

tensorflow = absent("TensorFlow has no recurrent cell of its own: its Keras has")
BEFORE = "PyTorch's reset gate comes after the product with the recurrent weights"


def pytorch(fw, x, h0, wx, wh, bx, bh, reset):
    if reset == "before":
        raise absent(BEFORE)
    cell = fw.torch.nn.GRUCell(x.shape[1], h0.shape[1], dtype=x.dtype)
    load_pytorch(fw, cell, wx, wh, bx, bh, "rzn", "rzn")
    return cell(x, h0)


def keras(fw, x, h0, wx, wh, bx, bh, reset):
    cell = fw.keras.layers.GRUCell(h0.shape[1], reset_after=reset == "after")
    cell.build(x.shape)
    load_keras_gru(fw, cell, wx, wh, bx, bh, reset)
    return cell(x, [h0])[0]


@composed("JAX has no recurrent cell of its own")
def jax(fw, x, h0, wx, wh, bx, bh, reset):
    (h,) = jax_gru_step(fw, wx, wh, bx, bh, reset)(x, h0)
    return h
