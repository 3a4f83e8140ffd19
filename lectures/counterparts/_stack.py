"""Affine layers with sigmoids under 1/2 sum of squares: each framework's Sequential, shared by several counterparts."""


def pytorch_stack(fw, x, parameters, target):
    """1/2 sum of squares of nn.Sequential(Linear, Sigmoid, ...); parameters: {"w1": ..., "b1": ..., ...} in order."""
    nn = fw.torch.nn
    weights, biases = list(parameters.items())[::2], list(parameters.items())[1::2]
    network = nn.Sequential(
        *(layer for _, w in weights for layer in (nn.Linear(*w.shape, dtype=w.dtype), nn.Sigmoid()))
    )
    state: dict = {}
    for k, ((_, w), (_, b)) in enumerate(zip(weights, biases, strict=True)):
        state |= {f"{2 * k}.weight": w.T, f"{2 * k}.bias": b}
    network.load_state_dict(state)
    for layer, (weight, _), (bias, _) in zip(network[::2], weights, biases, strict=True):
        fw.weight(weight, layer.weight, back=lambda gradient: gradient.T)
        fw.weight(bias, layer.bias)
    return nn.MSELoss(reduction="sum")(network(x), target) / 2


def keras_stack(fw, x, parameters, target):
    """The same of keras.Sequential with Dense(activation="sigmoid")."""
    keras = fw.keras
    weights, biases = list(parameters.items())[::2], list(parameters.items())[1::2]
    network = keras.Sequential([keras.layers.Dense(w.shape[1], activation="sigmoid") for _, w in weights])
    network.build(x.shape)
    network.set_weights(list(parameters.values()))
    for layer, (weight, _), (bias, _) in zip(network.layers, weights, biases, strict=True):
        fw.weight(weight, layer.kernel)
        fw.weight(bias, layer.bias)
    return keras.losses.MeanSquaredError(reduction="sum")(target, network(x)) * (target.shape[1] / 2)
