"""One step of a long short-term memory: each framework's cell. All of them hold the gates in the order i, f, g, o."""

from .._counterpart import absent, composed

tensorflow = absent("TensorFlow has no recurrent cell of its own: its Keras has")


def _order(gates):
    """Positions of the gates i, f, g, o in another order."""
    return [gates.index(gate) for gate in "ifgo"]


def pytorch(fw, x, h0, c0, wx, wh, b, gates):
    torch, units = fw.torch, h0.shape[1]

    def arranged(w):
        return torch.cat([w[..., k * units : (k + 1) * units] for k in _order(gates)], dim=-1)

    def back(w):
        parts = dict(zip("ifgo", w.chunk(4, dim=-1), strict=True))
        return torch.cat([parts[gate] for gate in gates], dim=-1)

    cell = torch.nn.LSTMCell(x.shape[1], units, dtype=x.dtype)
    cell.load_state_dict(
        {
            "weight_ih": arranged(wx).T,
            "weight_hh": arranged(wh).T,
            "bias_ih": arranged(b),
            "bias_hh": torch.zeros_like(b),
        }
    )
    fw.weight("wx", cell.weight_ih, back=lambda g: back(g.T))
    fw.weight("wh", cell.weight_hh, back=lambda g: back(g.T))
    fw.weight("b", cell.bias_ih, back=back)
    return cell(x, (h0, c0))


def keras(fw, x, h0, c0, wx, wh, b, gates):
    ops, units = fw.ops, h0.shape[1]

    def arranged(w):
        return ops.concatenate([w[..., k * units : (k + 1) * units] for k in _order(gates)], axis=-1)

    def back(w):
        parts = dict(zip("ifgo", ops.split(w, 4, axis=-1), strict=True))
        return ops.concatenate([parts[gate] for gate in gates], axis=-1)

    cell = fw.keras.layers.LSTMCell(units)
    cell.build(x.shape)
    cell.set_weights([arranged(wx), arranged(wh), arranged(b)])
    fw.weight("wx", cell.kernel, back=back)
    fw.weight("wh", cell.recurrent_kernel, back=back)
    fw.weight("b", cell.bias, back=back)
    h, (_, c) = cell(x, [h0, c0])
    return h, c


@composed("JAX has no recurrent cell of its own")
def jax(fw, x, h0, c0, wx, wh, b, gates):
    jnp, nn = fw.jnp, fw.nn
    part = dict(zip(gates, jnp.split(x @ wx + h0 @ wh + b, 4, axis=-1), strict=True))
    c = nn.sigmoid(part["f"]) * c0 + nn.sigmoid(part["i"]) * jnp.tanh(part["g"])
    return nn.sigmoid(part["o"]) * jnp.tanh(c), c
