"""Gaussian units of learned centres and widths: no framework has a layer of them, the linear output is its own."""


def pytorch_network(fw, x, centres, widths, w, b):
    """exp(-cdist^2 / (2 widths^2)) through nn.Linear."""
    torch = fw.torch
    squares = torch.cdist(x, centres, compute_mode="donot_use_mm_for_euclid_dist") ** 2
    output = torch.nn.Linear(*w.shape, dtype=w.dtype)
    output.load_state_dict({"weight": w.T, "bias": b})
    fw.weight("w", output.weight, back=lambda gradient: gradient.T)
    fw.weight("b", output.bias)
    return output(torch.exp(-squares / (2 * widths**2)))


def keras_network(fw, x, centres, widths, w, b):
    """The same of keras.ops through layers.Dense."""
    ops = fw.ops
    squares = ops.sum(ops.square(ops.expand_dims(x, 1) - centres), axis=2)
    output = fw.keras.layers.Dense(w.shape[1])
    output.build((None, w.shape[0]))
    output.set_weights([w, b])
    fw.weight("w", output.kernel)
    fw.weight("b", output.bias)
    return output(ops.exp(-squares / (2 * ops.square(widths))))
