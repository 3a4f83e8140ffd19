"""b squared of b = 2 a in each framework's own operations."""


def pytorch(fw, a):
    return fw.torch.square(2 * a)


def keras(fw, a):
    return fw.keras.ops.square(2 * a)
