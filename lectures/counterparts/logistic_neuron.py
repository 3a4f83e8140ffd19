"""One logistic neuron on scalars under 1/2 (yhat - y)^2, gate by gate in each framework's own operations."""


def pytorch(fw, w1, w2, b, x1, x2, y):
    torch = fw.torch
    return torch.nn.functional.mse_loss(torch.sigmoid(w1 * x1 + w2 * x2 + b), y) / 2


def keras(fw, w1, w2, b, x1, x2, y):
    ops = fw.keras.ops
    return ops.square(ops.sigmoid(w1 * x1 + w2 * x2 + b) - y) / 2
