"""Three dense layers, ReLU after the first two, under softmax cross-entropy of labels."""


def pytorch(fw, x, w1, b1, w2, b2, w3, b3, target):
    nn = fw.torch.nn
    first, second, third = (nn.Linear(*w.shape, dtype=w.dtype) for w in (w1, w2, w3))
    for k, (layer, w, b) in enumerate(((first, w1, b1), (second, w2, b2), (third, w3, b3)), 1):
        layer.load_state_dict({"weight": w.T, "bias": b})
        fw.weight(f"w{k}", layer.weight, back=lambda gradient: gradient.T)
        fw.weight(f"b{k}", layer.bias)
    network = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), third)
    return nn.CrossEntropyLoss()(network(x), target)


def keras(fw, x, w1, b1, w2, b2, w3, b3, target):
    layers = fw.keras.layers
    network = fw.keras.Sequential(
        [layers.Dense(w.shape[1], activation=how) for w, how in ((w1, "relu"), (w2, "relu"), (w3, None))]
    )
    network.build(x.shape)
    network.set_weights([w1, b1, w2, b2, w3, b3])
    for k, layer in enumerate(network.layers, 1):
        fw.weight(f"w{k}", layer.kernel)
        fw.weight(f"b{k}", layer.bias)
    return fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(target, network(x))
