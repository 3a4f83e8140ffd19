"""7 u + u^2 with u = x^3 in each framework's own operations."""


def pytorch(fw, x):
    u = fw.torch.pow(x, 3)
    return 7 * u + fw.torch.square(u)


def keras(fw, x):
    u = fw.keras.ops.power(x, 3)
    return 7 * u + fw.keras.ops.square(u)
