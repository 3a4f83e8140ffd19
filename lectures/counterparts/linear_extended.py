"""y = [X 1] w, the bias within w: no framework has such a layer, so each concatenates and multiplies."""


def pytorch(fw, X, w):
    return fw.torch.cat([X, fw.torch.ones_like(X[:, :1])], dim=1) @ w


def keras(fw, X, w):
    ops = fw.keras.ops
    return ops.matmul(ops.concatenate([X, ops.ones_like(X[:, :1])], axis=1), w)
