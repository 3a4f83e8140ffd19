"""A residual block of two convolutions with batch normalisation, then a classifier over the flattened image.

The convolutions have no bias: the normalisation takes it out again, so its gradient is zero, and what Adam makes of a
gradient that is rounding alone is undecided.
"""

from .._description import activation, adam, batch_norm, conv2d, dense, flatten, network, residual

NETWORK = network(
    "residual_block",
    (2, 4, 3),
    [
        residual(
            conv2d(3, 3, padding="same", bias=False),
            batch_norm(),
            activation("relu"),
            conv2d(2, 3, padding="same", bias=False),
            batch_norm(),
        ),
        activation("relu"),
        flatten(),
        dense(3),
    ],
    optimiser=adam(0.0078125),
)
