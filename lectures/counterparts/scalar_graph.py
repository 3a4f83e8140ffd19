"""The general graph of scalars in each framework's own operations."""


def pytorch(fw, x, w, b, y):
    torch = fw.torch
    z = w * x + b
    h = torch.sigmoid(z)
    t = torch.tanh(z * h - x)
    positive = torch.exp(t * b) + torch.pow(h, 3)
    ratio = (y - t) / positive
    return torch.relu(ratio) + torch.log(1 / (2 + torch.square(ratio))) - torch.square(positive) + 3 * w


def keras(fw, x, w, b, y):
    ops = fw.keras.ops
    z = w * x + b
    h = ops.sigmoid(z)
    t = ops.tanh(z * h - x)
    positive = ops.exp(t * b) + ops.power(h, 3)
    ratio = (y - t) / positive
    return ops.relu(ratio) + ops.log(1 / (2 + ops.square(ratio))) - ops.square(positive) + 3 * w
