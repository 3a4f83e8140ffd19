"""The squared difference of w1 + w2 + 3 w2 and y in each framework's own operations."""


def pytorch(fw, w1, w2, y):
    return fw.torch.square(w1 + w2 + 3 * w2 - y)


def keras(fw, w1, w2, y):
    return fw.keras.ops.square(w1 + w2 + 3 * w2 - y)
