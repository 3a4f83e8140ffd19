"""A convolutional network in the manner of LeNet, at a size that exact numbers bear."""

from .._description import activation, conv2d, dense, flatten, max_pool2d, network, sgd

NETWORK = network(
    "lenet",
    (1, 8, 7),
    [
        conv2d(2, 3, padding="same"),
        activation("relu"),
        max_pool2d(2),
        conv2d(3, (2, 3)),
        activation("tanh"),
        flatten(),
        dense(4),
        activation("relu"),
        dense(3),
    ],
    optimiser=sgd(0.125),
)
