"""Half the squared distances to the nearest unit."""


def pytorch(fw, x, units):
    squares = (x[:, None] - units.reshape(-1, units.shape[2])).square().sum(dim=2)
    return squares.min(dim=1).values.sum() / 2


def keras(fw, x, units):
    ops = fw.ops
    squares = ops.sum(ops.square(ops.expand_dims(x, 1) - ops.reshape(units, (-1, units.shape[2]))), axis=2)
    return ops.sum(ops.min(squares, axis=1)) / 2
