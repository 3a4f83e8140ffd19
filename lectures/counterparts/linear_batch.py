"""y = X w + b with one output: each framework's dense layer of one unit, its last axis dropped."""


def pytorch(fw, X, w, b):
    layer = fw.torch.nn.Linear(len(w), 1, dtype=w.dtype)
    layer.load_state_dict({"weight": w[None, :], "bias": b[None]})
    fw.weight("w", layer.weight, back=lambda gradient: gradient[0])
    fw.weight("b", layer.bias, back=lambda gradient: gradient[0])
    return layer(X)[:, 0]


def keras(fw, X, w, b):
    layer = fw.keras.layers.Dense(1)
    layer.build(X.shape)
    layer.set_weights([fw.keras.ops.reshape(w, (-1, 1)), fw.keras.ops.reshape(b, (1,))])
    fw.weight("w", layer.kernel, back=lambda gradient: gradient[:, 0])
    fw.weight("b", layer.bias, back=lambda gradient: gradient[0])
    return layer(X)[:, 0]
