"""Two dense layers, a sigmoid between them, to the scores: shared by the diabetes network's three errors."""


def pytorch_scores(fw, x, w1, b1, w2, b2):
    nn = fw.torch.nn
    network = nn.Sequential(
        nn.Linear(*w1.shape[::-1], dtype=w1.dtype), nn.Sigmoid(), nn.Linear(*w2.shape[::-1], dtype=w2.dtype)
    )
    network.load_state_dict({"0.weight": w1, "0.bias": b1, "2.weight": w2, "2.bias": b2})
    for layer, weight, bias in ((network[0], "w1", "b1"), (network[2], "w2", "b2")):
        fw.weight(weight, layer.weight)
        fw.weight(bias, layer.bias)
    return network(x)


def keras_scores(fw, x, w1, b1, w2, b2):
    layers, ops = fw.keras.layers, fw.keras.ops
    network = fw.keras.Sequential([layers.Dense(w1.shape[0], activation="sigmoid"), layers.Dense(w2.shape[0])])
    network.build(x.shape)
    network.set_weights([ops.transpose(w1), b1, ops.transpose(w2), b2])
    for layer, weight, bias in ((network.layers[0], "w1", "b1"), (network.layers[1], "w2", "b2")):
        fw.weight(weight, layer.kernel, back=ops.transpose)
        fw.weight(bias, layer.bias)
    return network(x)
