"""Two sigmoids on scalars under binary cross-entropy of the last sum, in each framework's own operations."""


def pytorch(fw, w1, w2, x, y):
    b = fw.torch.sigmoid(x * w1) * w2
    return fw.torch.nn.functional.binary_cross_entropy_with_logits(b, y)


def keras(fw, w1, w2, x, y):
    ops = fw.keras.ops
    b = ops.sigmoid(x * w1) * w2
    return ops.binary_crossentropy(y, b, from_logits=True)
