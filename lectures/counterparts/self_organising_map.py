"""Half the squared distances to all units, weighed by exp(-d^2 / 2) for units d apart on the grid from the winner."""


def pytorch(fw, x, units):
    torch = fw.torch
    rows, columns, inputs = units.shape
    squares = (x[:, None] - units.reshape(-1, inputs)).square().sum(dim=2)
    places = torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).to(x.dtype)
    near = torch.exp(-torch.cdist(places, places).square() / 2)
    return (near[squares.argmin(dim=1)] * squares).sum() / 2


def keras(fw, x, units):
    ops = fw.ops
    rows, columns, inputs = units.shape
    squares = ops.sum(ops.square(ops.expand_dims(x, 1) - ops.reshape(units, (-1, inputs))), axis=2)
    grid = ops.meshgrid(ops.arange(rows), ops.arange(columns), indexing="ij")
    places = ops.cast(ops.reshape(ops.stack(grid, axis=-1), (-1, 2)), x.dtype)
    apart = ops.sum(ops.square(ops.expand_dims(places, 1) - places), axis=2)
    return ops.sum(ops.take(ops.exp(-apart / 2), ops.argmin(squares, axis=1), axis=0) * squares) / 2
