"""A multilayer perceptron: three dense layers, tanh and ReLU, and softmax cross-entropy, trained by momentum."""

from .._description import activation, dense, momentum, network

NETWORK = network(
    "mlp",
    (5,),
    [dense(6), activation("tanh"), dense(4), activation("relu"), dense(3)],
    optimiser=momentum(0.125, 0.875),
)
