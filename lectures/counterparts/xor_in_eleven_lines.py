"""Two dense layers without biases, with sigmoids, under 1/2 sum of squares."""


def pytorch(fw, data, W1, W2, target):
    nn = fw.torch.nn
    network = nn.Sequential(
        nn.Linear(*W1.shape, bias=False, dtype=W1.dtype), nn.Sigmoid(),
        nn.Linear(*W2.shape, bias=False, dtype=W2.dtype), nn.Sigmoid(),
    )  # fmt: skip
    network.load_state_dict({"0.weight": W1.T, "2.weight": W2.T})
    fw.weight("W1", network[0].weight, back=lambda gradient: gradient.T)
    fw.weight("W2", network[2].weight, back=lambda gradient: gradient.T)
    return nn.MSELoss(reduction="sum")(network(data), target) / 2


def keras(fw, data, W1, W2, target):
    layers = fw.keras.layers
    network = fw.keras.Sequential([layers.Dense(w.shape[1], activation="sigmoid", use_bias=False) for w in (W1, W2)])
    network.build(data.shape)
    network.set_weights([W1, W2])
    fw.weight("W1", network.layers[0].kernel)
    fw.weight("W2", network.layers[1].kernel)
    return fw.keras.losses.MeanSquaredError(reduction="sum")(target, network(data)) * (target.shape[1] / 2)
