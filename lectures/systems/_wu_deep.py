"""A network of any depth in Wu's layout: the same activation after each hidden layer, softmax at the end.

Weights are a sequence w1, ..., wL; each wk is (inputs + 1, units), the bias first. X is (N, D), Y (N, C).
"""

from __future__ import annotations

import numpy as np

from gradproof.reference.relu import relu_backward, relu_forward
from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward
from gradproof.reference.softmax import softmax_forward

from ._wu import cross_entropy, prepend_bias

ACTIVATIONS = {"sigmoid": (sigmoid_forward, sigmoid_backward), "ReLU": (relu_forward, relu_backward)}


def deep_forward(X, weights, Y, activation):
    """Mean cross-entropy of the network, and what its backward needs."""
    act, _ = ACTIVATIONS[activation]
    inputs, at_hidden = [X], []
    for w in weights[:-1]:
        h, at_h = act(np.matmul(prepend_bias(inputs[-1]), w))
        inputs.append(h)
        at_hidden.append(at_h)
    scores = np.matmul(prepend_bias(inputs[-1]), weights[-1])
    y_hat, _ = softmax_forward(scores)
    return cross_entropy(Y, scores), (weights, inputs, at_hidden, y_hat, Y, activation)


def deep_backward(dloss, cache):
    """dw1, ..., dwL: the error walks from the last layer to the first."""
    weights, inputs, at_hidden, y_hat, Y, activation = cache
    _, act_backward = ACTIVATIONS[activation]
    upstream = dloss * (y_hat - Y) / len(Y)
    gradients = [np.matmul(prepend_bias(inputs[-1]).T, upstream)]
    for k in range(len(weights) - 2, -1, -1):
        (upstream,) = act_backward(np.matmul(upstream, weights[k + 1][1:].T), at_hidden[k])
        gradients.append(np.matmul(prepend_bias(inputs[k]).T, upstream))
    return tuple(reversed(gradients))


def deep_weights(widths, rng, variance=1):
    """N(0, variance / r) weights, r the rows of each matrix, between layers of these widths."""
    rows = [inputs + 1 for inputs in widths[:-1]]
    return [rng.standard_normal((r, units)) * np.sqrt(variance / r) for r, units in zip(rows, widths[1:], strict=True)]
