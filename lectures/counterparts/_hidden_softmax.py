"""A hidden layer of sigmoids under softmax cross-entropy of probabilities, weights (units, inputs): shared."""


def pytorch_hidden(fw, x, Wh, bh, Wo, bo, y):
    """Mean loss of nn.Sequential(Linear, Sigmoid, Linear), whose own weights have the lecture's orientation."""
    nn = fw.torch.nn
    network = nn.Sequential(
        nn.Linear(*reversed(Wh.shape), dtype=Wh.dtype), nn.Sigmoid(), nn.Linear(*reversed(Wo.shape), dtype=Wo.dtype)
    )
    network.load_state_dict({"0.weight": Wh, "0.bias": bh, "2.weight": Wo, "2.bias": bo})
    for suffix, layer in (("h", network[0]), ("o", network[2])):
        fw.weight(f"W{suffix}", layer.weight)
        fw.weight(f"b{suffix}", layer.bias)
    return nn.CrossEntropyLoss()(network(x), y)


def keras_hidden(fw, x, Wh, bh, Wo, bo, y):
    """The same of keras.Sequential, whose kernels are (inputs, units)."""
    keras, transpose = fw.keras, fw.keras.ops.transpose
    layers = keras.layers
    network = keras.Sequential([layers.Dense(Wh.shape[0], activation="sigmoid"), layers.Dense(Wo.shape[0])])
    network.build(x.shape)
    network.set_weights([transpose(Wh), bh, transpose(Wo), bo])
    for suffix, layer in zip("ho", network.layers, strict=True):
        fw.weight(f"W{suffix}", layer.kernel, back=transpose)
        fw.weight(f"b{suffix}", layer.bias)
    return keras.losses.CategoricalCrossentropy(from_logits=True)(y, network(x))
