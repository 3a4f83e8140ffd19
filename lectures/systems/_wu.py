"""Wu's functions in their own names and layout: the first row of every weight matrix is the bias.

X is (N, D), Y and y_hat (N, C), one example a row; w1 is (D + 1, H), w2 (H + 1, C).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradproof.reference.relu import relu_forward
from gradproof.reference.sigmoid import sigmoid_forward
from gradproof.reference.softmax import softmax_forward


def prepend_bias(X):
    """[1 X]: a column of ones before the columns of X; (N, D) becomes (N, D + 1)."""
    return np.insert(X, 0, 1, axis=1)


def sigmoid(z):
    """1 / (1 + exp(-z)), elementwise; it cannot overflow."""
    return sigmoid_forward(z)[0]


def ReLU(z):
    """max(0, z), elementwise."""
    return relu_forward(z)[0]


def softmax(logits):
    """exp(logits) over their sum, row by row; it cannot overflow."""
    return softmax_forward(logits)[0]


def sigmoid_gradient(sigmoid):
    """phi'(z) from the value phi(z), not from z: s (1 - s)."""
    return np.multiply(sigmoid, (1 - sigmoid))


def forward(X, w1, w2):
    """y_hat (N, C) and h (N, H): sigmoid, then softmax."""
    h = sigmoid(np.matmul(prepend_bias(X), w1))
    y_hat = softmax(np.matmul(prepend_bias(h), w2))
    return (y_hat, h)


def back(X, Y, y_hat, w2, h):
    """dw1, dw2 of `loss`; the mean over the rows comes in at the end, as the division by X.shape[0]."""
    dw2 = np.matmul(prepend_bias(h).T, (y_hat - Y)) / X.shape[0]
    dh = np.matmul(y_hat - Y, w2[1:].T)
    da = dh * sigmoid_gradient(h)
    dw1 = np.matmul(prepend_bias(X).T, da) / X.shape[0]
    return (dw1, dw2)


def loss(Y, y_hat):
    """Mean cross-entropy -sum Y log(y_hat) / N. A zero in y_hat makes it inf or nan: see `cross_entropy`."""
    return -(Y * np.log(y_hat)).sum() / Y.shape[0]


def cross_entropy(Y, logits):
    """`loss` of softmax(logits), from the logits: finite wherever they are."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_y_hat = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(Y * log_y_hat).sum() / Y.shape[0]


def initialize_weights(n_input_variables, n_hidden_nodes, n_classes, rng):
    """w1, w2 ~ N(0, 1/r), r the rows of each matrix, the bias row among them; drawn from `rng`."""
    w1_rows = n_input_variables + 1
    w1 = rng.standard_normal((w1_rows, n_hidden_nodes)) * np.sqrt(1 / w1_rows)

    w2_rows = n_hidden_nodes + 1
    w2 = rng.standard_normal((w2_rows, n_classes)) * np.sqrt(1 / w2_rows)

    return (w1, w2)


def one_hidden_layer_forward(X, w1, w2, Y):
    """Mean cross-entropy of `forward`. Y: (N, C), rows that sum to one."""
    y_hat, h = forward(X, w1, w2)
    return loss(Y, y_hat), (X, Y, y_hat, w2, h)


def one_hidden_layer_backward(dloss, cache):
    """dw1, dw2: the lecture's `back`, times dloss."""
    dw1, dw2 = back(*cache)
    return dloss * dw1, dloss * dw2


def network(p, X, Y):
    """Loss and gradients by name, as `fit` takes them; p holds w1 and w2."""
    value, cache = one_hidden_layer_forward(X, p["w1"], p["w2"], Y)
    return value, dict(zip(("w1", "w2"), back(*cache), strict=True))


def soft_targets(shape: tuple[int, int], rng: np.random.Generator) -> Any:
    """Generic targets (N, C) for a proof: multiples of 1/4096, all different, each row summing to one exactly.

    A row of random floats sums to one up to rounding only, and y_hat - Y is the gradient where it does exactly.
    """
    n, classes = shape
    while True:
        parts = rng.choice(np.arange(1, 4096 // classes), (n, classes - 1), replace=False)
        whole = np.column_stack([parts, 4096 - parts.sum(axis=1)])
        if len(np.unique(whole)) == whole.size:
            return whole / 4096
