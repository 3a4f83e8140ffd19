"""y^T = W X^T + b. W (c, d) is the layout that PyTorch keeps; Keras keeps its transpose."""


def pytorch(fw, X, W, b):
    layer = fw.torch.nn.Linear(W.shape[1], W.shape[0], dtype=W.dtype)
    layer.load_state_dict({"weight": W, "bias": b[:, 0]})
    fw.weight("W", layer.weight)
    fw.weight("b", layer.bias, back=lambda gradient: gradient[:, None])
    return layer(X).T


def keras(fw, X, W, b):
    ops = fw.keras.ops
    layer = fw.keras.layers.Dense(W.shape[0])
    layer.build(X.shape)
    layer.set_weights([ops.transpose(W), b[:, 0]])
    fw.weight("W", layer.kernel, back=ops.transpose)
    fw.weight("b", layer.bias, back=lambda gradient: gradient[:, None])
    return ops.transpose(layer(X))
