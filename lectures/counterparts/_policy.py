"""A policy's scores: a dense layer, tanh, a dense layer."""


def pytorch_policy(fw, x, w1, b1, w2, b2):
    nn = fw.torch.nn
    first, second = (nn.Linear(*w.shape, dtype=w.dtype) for w in (w1, w2))
    for k, (layer, w, b) in enumerate(((first, w1, b1), (second, w2, b2)), 1):
        layer.load_state_dict({"weight": w.T, "bias": b})
        fw.weight(f"w{k}", layer.weight, back=lambda gradient: gradient.T)
        fw.weight(f"b{k}", layer.bias)
    return nn.Sequential(first, nn.Tanh(), second)(x)


def keras_policy(fw, x, w1, b1, w2, b2):
    layers = fw.keras.layers
    network = fw.keras.Sequential([layers.Dense(w1.shape[1], activation="tanh"), layers.Dense(w2.shape[1])])
    network.build(x.shape)
    network.set_weights([w1, b1, w2, b2])
    for k, layer in enumerate(network.layers, 1):
        fw.weight(f"w{k}", layer.kernel)
        fw.weight(f"b{k}", layer.bias)
    return network(x)
