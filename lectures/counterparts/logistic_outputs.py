"""A dense layer under binary cross-entropy of logits, summed over the outputs, averaged over the rows."""


def pytorch(fw, x, w, b, y):
    nn = fw.torch.nn
    layer = nn.Linear(*w.shape, dtype=w.dtype)
    layer.load_state_dict({"weight": w.T, "bias": b})
    fw.weight("w", layer.weight, back=lambda gradient: gradient.T)
    fw.weight("b", layer.bias)
    return nn.BCEWithLogitsLoss(reduction="sum")(layer(x), y) / len(x)


def keras(fw, x, w, b, y):
    layer = fw.keras.layers.Dense(w.shape[1])
    layer.build(x.shape)
    layer.set_weights([w, b])
    fw.weight("w", layer.kernel)
    fw.weight("b", layer.bias)
    # Keras averages over the outputs too.
    return fw.keras.losses.BinaryCrossentropy(from_logits=True)(y, layer(x)) * y.shape[1]
