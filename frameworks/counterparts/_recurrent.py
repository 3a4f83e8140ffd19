"""What the counterparts of the recurrent operations share: the order of gates, and weights in a framework's layer."""


def arranged(fw, w, held, wanted):
    """The gates along the last axis, from the order `held` to the order `wanted`, in PyTorch or Keras."""
    units = w.shape[-1] // len(held)
    parts = [w[..., k * units : (k + 1) * units] for k in map(held.index, wanted)]
    return fw.torch.cat(parts, dim=-1) if hasattr(fw, "torch") else fw.ops.concatenate(parts, axis=-1)


def load_pytorch(fw, layer, wx, wh, bx, bh, held, wanted, suffix="", end=""):
    """Weights into a PyTorch cell (suffix "") or one direction of a layer (suffix "_l0", "_l0_reverse").

    bh: the second bias, or None where the operation has one: PyTorch's is zero then.
    end: what the inputs' names end in.
    """
    zero = fw.torch.zeros_like(bx)
    layer.load_state_dict(
        {
            f"weight_ih{suffix}": arranged(fw, wx, held, wanted).T,
            f"weight_hh{suffix}": arranged(fw, wh, held, wanted).T,
            f"bias_ih{suffix}": arranged(fw, bx, held, wanted),
            f"bias_hh{suffix}": zero if bh is None else arranged(fw, bh, held, wanted),
        },
        strict=not end and "reverse" not in "".join(layer.state_dict()),
    )

    def back(gradient):
        return arranged(fw, gradient.T if gradient.ndim == 2 else gradient, wanted, held)

    fw.weight(f"wx{end}", getattr(layer, f"weight_ih{suffix}"), back=back)
    fw.weight(f"wh{end}", getattr(layer, f"weight_hh{suffix}"), back=back)
    fw.weight(f"b{end}" if bh is None else "bx", getattr(layer, f"bias_ih{suffix}"), back=back)
    if bh is not None:
        fw.weight("bh", getattr(layer, f"bias_hh{suffix}"), back=back)


def load_keras(fw, cell, wx, wh, b, held, wanted, end=""):
    """Weights into a built Keras cell with one bias. end: what the inputs' names end in."""
    cell.set_weights([arranged(fw, w, held, wanted) for w in (wx, wh, b)])

    def back(gradient):
        return arranged(fw, gradient, wanted, held)

    fw.weight(f"wx{end}", cell.kernel, back=back)
    fw.weight(f"wh{end}", cell.recurrent_kernel, back=back)
    fw.weight(f"b{end}", cell.bias, back=back)


def load_keras_gru(fw, cell, wx, wh, bx, bh, reset):
    """Weights into a built Keras cell: two rows of biases where the reset gate comes after the product, else one."""
    both = reset == "after"
    wx, wh, bx, bh = (arranged(fw, w, "rzn", "zrn") for w in (wx, wh, bx, bh))
    cell.set_weights([wx, wh, fw.ops.stack([bx, bh]) if both else bx + bh])

    def back(gradient):
        return arranged(fw, gradient, "zrn", "rzn")

    fw.weight("wx", cell.kernel, back=back)
    fw.weight("wh", cell.recurrent_kernel, back=back)
    fw.weight("bx", cell.bias, back=lambda gradient: back(gradient[0] if both else gradient))
    fw.weight("bh", cell.bias, back=lambda gradient: back(gradient[1] if both else gradient))


def unrolled(fw, step, x, states):
    """In JAX, every hidden state (N, T, H) and the last states of ``step(x_t, *states) -> states`` over (N, T, D)."""
    hidden = []
    for t in range(x.shape[1]):
        states = step(x[:, t], *states)
        hidden.append(states[0])
    return fw.jnp.stack(hidden, axis=1), *states


def jax_lstm_step(fw, wx, wh, b, gates="ifgo"):
    """One step of a long short-term memory in JAX, which has none of its own."""
    jnp, nn = fw.jnp, fw.nn

    def step(x, h, c):
        part = dict(zip(gates, jnp.split(x @ wx + h @ wh + b, 4, axis=-1), strict=True))
        c = nn.sigmoid(part["f"]) * c + nn.sigmoid(part["i"]) * jnp.tanh(part["g"])
        return nn.sigmoid(part["o"]) * jnp.tanh(c), c

    return step


def jax_gru_step(fw, wx, wh, bx, bh, reset):
    """One step of a gated recurrent unit in JAX, which has none of its own."""
    jnp, nn = fw.jnp, fw.nn

    def step(x, h):
        first = slice(2 * h.shape[1])
        last = slice(2 * h.shape[1], None)
        fed = x @ wx + bx
        r, z = jnp.split(nn.sigmoid(fed[:, first] + h @ wh[:, first] + bh[first]), 2, axis=-1)
        if reset == "after":
            recalled = r * (h @ wh[:, last] + bh[last])
        else:
            recalled = (r * h) @ wh[:, last] + bh[last]
        return ((1 - z) * jnp.tanh(fed[:, last] + recalled) + z * h,)

    return step
