"""Right answers to lecture-004."""

import numpy as np


def prepend_bias(X):
    return np.insert(X, 0, 1, axis=1)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_gradient(sigmoid):
    return np.multiply(sigmoid, (1 - sigmoid))


def softmax(logits):
    exponentials = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    return exponentials / np.sum(exponentials, axis=1, keepdims=True)


def ReLU(x):
    return np.maximum(0, x)


def forward(X, w1, w2):
    h = sigmoid(np.matmul(prepend_bias(X), w1))
    y_hat = softmax(np.matmul(prepend_bias(h), w2))
    return (y_hat, h)


def back(X, Y, y_hat, w2, h):
    dw2 = np.matmul(prepend_bias(h).T, y_hat - Y) / X.shape[0]
    dh = np.matmul(y_hat - Y, w2[1:].T)
    da = dh * sigmoid_gradient(h)
    dw1 = np.matmul(prepend_bias(X).T, da) / X.shape[0]
    return (dw1, dw2)


def forward_relu(X, w1, w2, w3, w4):
    a = np.matmul(prepend_bias(X), w1)
    h1 = ReLU(a)
    b = np.matmul(prepend_bias(h1), w2)
    h2 = ReLU(b)
    c = np.matmul(prepend_bias(h2), w3)
    h3 = ReLU(c)
    d = np.matmul(prepend_bias(h3), w4)
    return (softmax(d), d, h3, c, h2, b, h1, a)


def back_relu(X, Y, y_hat, w1, w2, w3, w4, a, b, c, d, h1, h2, h3):
    n = X.shape[0]
    dw4 = np.matmul(prepend_bias(h3).T, y_hat - Y) / n
    dc = np.matmul(y_hat - Y, w4[1:].T) * (c > 0)
    dw3 = np.matmul(prepend_bias(h2).T, dc) / n
    db = np.matmul(dc, w3[1:].T) * (b > 0)
    dw2 = np.matmul(prepend_bias(h1).T, db) / n
    da = np.matmul(db, w2[1:].T) * (a > 0)
    dw1 = np.matmul(prepend_bias(X).T, da) / n
    return (dw1, dw2, dw3, dw4)


def Dropout(x, ratio):
    yd = np.zeros(x.size)
    kept = np.random.choice(x.size, round(x.size * (1 - ratio)), replace=False)
    yd[kept] = 1.0 / (1.0 - ratio)
    return np.reshape(yd, x.shape)


def forward_dropout(X, w1, w2, w3, w4):
    a = np.matmul(prepend_bias(X), w1)
    h1 = sigmoid(a)
    h1 = h1 * Dropout(h1, 0.2)
    b = np.matmul(prepend_bias(h1), w2)
    h2 = sigmoid(b)
    h2 = h2 * Dropout(h2, 0.2)
    c = np.matmul(prepend_bias(h2), w3)
    h3 = sigmoid(c)
    h3 = h3 * Dropout(h3, 0.2)
    d = np.matmul(prepend_bias(h3), w4)
    return (softmax(d), d, h3, c, h2, b, h1, a)
