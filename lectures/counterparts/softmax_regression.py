"""A dense layer under softmax cross-entropy of probabilities."""


def pytorch(fw, x, w, b, y):
    nn = fw.torch.nn
    layer = nn.Linear(*w.shape, dtype=w.dtype)
    layer.load_state_dict({"weight": w.T, "bias": b})
    fw.weight("w", layer.weight, back=lambda gradient: gradient.T)
    fw.weight("b", layer.bias)
    return nn.CrossEntropyLoss()(layer(x), y)


def keras(fw, x, w, b, y):
    layer = fw.keras.layers.Dense(w.shape[1])
    layer.build(x.shape)
    layer.set_weights([w, b])
    fw.weight("w", layer.kernel)
    fw.weight("b", layer.bias)
    return fw.keras.losses.CategoricalCrossentropy(from_logits=True)(y, layer(x))
