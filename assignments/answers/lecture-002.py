"""Right answers to lecture-002."""

import numpy as np


def ReLU(Z):
    return np.maximum(0, Z)


def ReLUDervivative(Z):
    return np.where(Z > 0, 1.0, 0.0).astype(Z.dtype)


def Sigmoid(Z):
    return np.divide(1.0, np.add(1.0, np.exp(-Z)))


def SigmoidDerivative(Z):
    s = Sigmoid(Z)
    return s * np.subtract(1.0, s)


def Softmax(Z):
    e = np.exp(Z - np.max(Z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def SoftmaxDerivative(Z):
    s = Softmax(Z)
    return np.einsum("ij,jk->ijk", s, np.eye(s.shape[-1])) - np.einsum("ij,ik->ijk", s, s)


def FeedForward(X, WH1, BH1, WH2, BH2, WO, BO):
    H1 = ReLU(X @ WH1 + BH1)
    H2 = Sigmoid(H1 @ WH2 + BH2)
    out = Softmax(H2 @ WO + BO)
    return out, (X, H1, WH2, H2, WO, out)


def BackPropagate(Y, cache):
    X, H1, WH2, H2, WO, out = cache
    dO = (out - Y) / len(X)
    dH2 = (dO @ WO.T) * H2 * (1 - H2)
    dH1 = (dH2 @ WH2.T) * (H1 > 0)
    return X.T @ dH1, dH1.sum(axis=0), H1.T @ dH2, dH2.sum(axis=0), H2.T @ dO, dO.sum(axis=0)
