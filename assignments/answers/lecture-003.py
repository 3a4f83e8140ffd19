"""Right answers to lecture-003."""

import numpy as np


class MultiplyLayer:
    def forward(self, x, y):
        self.x = x
        self.y = y
        return x * y

    def backward(self, dz):
        return self.y * dz, self.x * dz


def affine_forward(x, w, b):
    return x @ w + b


def affine_backward(dv, x, w, b):
    return dv @ w.T, x.T @ dv, dv.sum(axis=0)


def sigmoid_forward(v):
    return 1 / (1 + np.exp(-v))


def sigmoid_backward(err, a):
    return err * a * (1 - a)


def net_forward(x, w1, b1, w2, b2):
    a1 = sigmoid_forward(affine_forward(x, w1, b1))
    a2 = sigmoid_forward(affine_forward(a1, w2, b2))
    return a1, a2


def net_backward(y, x, w1, b1, w2, b2, a1, a2):
    dv2 = sigmoid_backward(a2 - y, a2)
    da1, dw2, db2 = affine_backward(dv2, a1, w2, b2)
    dv1 = sigmoid_backward(da1, a1)
    dx, dw1, db1 = affine_backward(dv1, x, w1, b1)
    return dx, dw1, db1, dw2, db2


def iteration(data, target, W1, W2, lr):
    A1 = 1 / (1 + np.exp(-(np.dot(data, W1))))
    A2 = 1 / (1 + np.exp(-(np.dot(A1, W2))))
    error = target - A2
    D2 = error * (A2 * (1 - A2))
    D1 = D2.dot(W2.T) * (A1 * (1 - A1))
    return W1 + data.T.dot(D1) * lr, W2 + A1.T.dot(D2) * lr
