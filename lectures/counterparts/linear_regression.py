"""A dense layer under 1/(2N) sum of squares: half of the mean squared error, times the number of outputs."""


def pytorch(fw, x, w, b, target):
    layer = fw.torch.nn.Linear(*w.shape, dtype=w.dtype)
    layer.load_state_dict({"weight": w.T, "bias": b})
    fw.weight("w", layer.weight, back=lambda gradient: gradient.T)
    fw.weight("b", layer.bias)
    return fw.torch.nn.MSELoss(reduction="sum")(layer(x), target) / (2 * len(x))


def keras(fw, x, w, b, target):
    layer = fw.keras.layers.Dense(w.shape[1])
    layer.build(x.shape)
    layer.set_weights([w, b])
    fw.weight("w", layer.kernel)
    fw.weight("b", layer.bias)
    return fw.keras.losses.MeanSquaredError()(target, layer(x)) * (w.shape[1] / 2)
