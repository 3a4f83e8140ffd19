"""One logistic unit on scalars under 1/2 (phi(w x + b) - y)^2; the frameworks know one way back, not two."""


def pytorch(fw, w, b, x, y):
    return fw.torch.nn.functional.mse_loss(fw.torch.sigmoid(w * x + b), y) / 2


def keras(fw, w, b, x, y):
    ops = fw.keras.ops
    return ops.square(ops.sigmoid(w * x + b) - y) / 2
