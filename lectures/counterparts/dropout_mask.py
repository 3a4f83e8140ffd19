"""A layer's values times a given mask, in each framework's own operations."""


def pytorch(fw, h, mask):
    return fw.torch.mul(h, mask)


def keras(fw, h, mask):
    return fw.keras.ops.multiply(h, mask)
