"""An Elman layer and a dense output, with the recurrent layer's two matrices in one array, wx over wh.

Both layers are called with the slices of that array as their weights, so that the gradient arrives in one piece.
"""


def pytorch_network(fw, x, h0, w, b, wy, by):
    """nn.RNN (its second bias zero) and nn.Linear."""
    torch = fw.torch
    inputs, units = x.shape[2], h0.shape[1]
    layer = torch.nn.RNN(inputs, units, batch_first=True, dtype=x.dtype)
    weights = {
        "weight_ih_l0": w[:inputs].T,
        "weight_hh_l0": w[inputs:].T,
        "bias_ih_l0": b,
        "bias_hh_l0": torch.zeros_like(b),
    }
    states, _ = torch.func.functional_call(layer, weights, (x, h0[None]))
    output = torch.nn.Linear(*wy.shape, dtype=wy.dtype)
    output.load_state_dict({"weight": wy.T, "bias": by})
    fw.weight("wy", output.weight, back=lambda gradient: gradient.T)
    fw.weight("by", output.bias)
    return output(states)


def keras_network(fw, x, h0, w, b, wy, by):
    """layers.SimpleRNN and layers.Dense."""
    layers = fw.keras.layers
    inputs, units = x.shape[2], h0.shape[1]
    layer = layers.SimpleRNN(units, return_sequences=True)
    layer.build(x.shape)
    states, _ = layer.stateless_call([w[:inputs], w[inputs:], b], layer.non_trainable_variables, x, initial_state=h0)
    output = layers.Dense(wy.shape[1])
    output.build((None, units))
    output.set_weights([wy, by])
    fw.weight("wy", output.kernel)
    fw.weight("by", output.bias)
    return output(states)
