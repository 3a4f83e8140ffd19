"""Right solutions get full marks, in whatever convention a course teaches."""

from __future__ import annotations

import pytest

from tests.marking_cases import AFFINE, AFFINE_SPLIT, RIGHT_AFFINE, marked, stage_of, statuses

CONVENTIONS = {
    "functions": (AFFINE, RIGHT_AFFINE),
    "split points": (AFFINE_SPLIT, RIGHT_AFFINE),
    "explicit arguments": (
        """
[[task]]
name = "sigmoid"
operation = "sigmoid"
maps = {a = "y", err = "dy"}
forward = "sigmoid_forward(x) -> a"
backward = "sigmoid_backward(err, a) -> dx"
points = {forward = 1, backward = 1}
""",
        """
import numpy as np
def sigmoid_forward(x):
    return 1 / (1 + np.exp(-x))
def sigmoid_backward(err, a):
    return err * a * (1 - a)
""",
    ),
    "classes": (
        """
[[task]]
name = "multiply"
operation = "multiply"
forward = ["MultiplyLayer() -> layer", "layer.forward(x, y) -> z"]
backward = "layer.backward(dz) -> dx, dy"
points = {forward = 1, backward = 1}
""",
        """
class MultiplyLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y
    def backward(self, dout):
        return dout * self.y, dout * self.x
""",
    ),
    "attributes": (
        """
[[task]]
name = "affine"
operation = "affine"
setup = ["Linear(D, M) -> layer", "w -> layer.W", "b -> layer.b"]
forward = "layer.forward(x) -> y"
backward = ["layer.backward(dy) -> dx", "layer.dW -> dw", "layer.db -> db"]
points = {forward = 1, backward = 1}
""",
        """
import numpy as np
class Linear:
    def __init__(self, n, m):
        self.W = np.random.randn(n, m)
        self.b = np.zeros(m)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(0)
        return dout @ self.W.T
""",
    ),
    "loss and gradient": (
        """
[[task]]
name = "softmax_loss"
operation = "softmax_cross_entropy"
forward = "softmax_loss(logits, target) -> y, dlogits"
points = {forward = 1, backward = 1}
""",
        """
import numpy as np
def softmax_loss(x, y):
    p = np.exp(x - x.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    n = len(x)
    loss = -np.log(p[np.arange(n), y]).mean()
    p[np.arange(n), y] -= 1
    return loss, p / n
""",
    ),
    "column-major": (
        """
[[task]]
name = "affine"
operation = "affine"
forward = "forward(w.T, x.T, column(b)) -> y.T"
backward = "backward(dy.T, w.T, x.T) -> dx.T, dw.T, column(db)"
points = {forward = 1, backward = 1}
""",
        """
import numpy as np
def forward(w, x, b):
    return w @ x + b
def backward(dz, w, x):
    return w.T @ dz, dz @ x.T, dz.sum(axis=1, keepdims=True)
""",
    ),
    "prepended bias": (
        """
[[task]]
name = "affine"
operation = "affine"
forward = "forward(bias_first(x), rows(b, w)) -> y"
backward = "backward(dy, bias_first(x), rows(b, w)) -> rows(db, dw)"
not_judged = ["dx"]
points = {forward = 1, backward = 1}
""",
        """
def forward(x, w):
    return x.dot(w)
def backward(dy, x, w):
    return x.T.dot(dy)
""",
    ),
    "updated weights": (
        """
[[task]]
name = "regression"
network = ["affine(x, w, b) -> h", "squared_error(h, target) -> loss"]
inputs = {x = "N D", w = "D M", b = "M", target = "fixed N M"}
constants = {rate = 0.1}
setup = ["Net(D, M) -> net", "w -> net.w", "b -> net.b"]
forward = "net.step(x, target, rate) -> loss"
backward = ["net.w -> w - rate * dw", "net.b -> b - rate * db"]
not_judged = ["dx"]
points = {forward = 1, backward = 2}
""",
        """
import numpy as np
class Net:
    def __init__(self, d, m):
        pass
    def step(self, x, t, rate):
        y = x @ self.w + self.b
        g = 2 * (y - t) / y.size
        self.w -= rate * x.T @ g
        self.b -= rate * g.sum(0)
        return ((y - t) ** 2).mean()
""",
    ),
    "whole network with a dict": (
        """
[[task]]
name = "net"
network = ["affine(x, w1, b1) -> h", "relu(h) -> a", "affine(a, w2, b2) -> s",
           "softmax_cross_entropy(s, target) + reg * ((w1 * w1).sum() + (w2 * w2).sum()) -> loss"]
inputs = {x = "N D", w1 = "D H", b1 = "H", w2 = "H C", b2 = "C", target = "labels N of C"}
constants = {reg = 0.05}
setup = ["TwoLayerNet(D, H, C, reg=reg) -> net", 'w1 -> net.params["W1"]',
         'b1 -> net.params["b1"]', 'w2 -> net.params["W2"]',
         'b2 -> net.params["b2"]']
forward = 'net.loss(x, target) -> loss, {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2}'
not_judged = ["dx"]
points = {forward = 2, backward = 4}
""",
        """
import numpy as np
class TwoLayerNet:
    def __init__(self, d, h, c, reg):
        self.reg = reg
        self.params = {"W1": np.zeros((d, h)), "b1": np.zeros(h), "W2": np.zeros((h, c)), "b2": np.zeros(c)}
    def loss(self, X, y):
        W1, b1, W2, b2 = (self.params[k] for k in ("W1", "b1", "W2", "b2"))
        h = X @ W1 + b1
        a = np.maximum(h, 0)
        s = a @ W2 + b2
        p = np.exp(s - s.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        n = len(X)
        loss = -np.log(p[range(n), y]).sum() / n + self.reg * ((W1 ** 2).sum() + (W2 ** 2).sum())
        p[range(n), y] -= 1
        p /= n
        grads = {"W2": a.T @ p + 2 * self.reg * W2, "b2": p.sum(0)}
        da = p @ W2.T
        da[h <= 0] = 0
        grads["W1"] = X.T @ da + 2 * self.reg * W1
        grads["b1"] = da.sum(0)
        return loss, grads
""",
    ),
    "whole network in two functions": (
        """
[[task]]
name = "net"
network = ["affine(x, w1, b1) -> v", "sigmoid(v) -> h", "affine(h, w2, b2) -> y_hat",
           "squared_error(y_hat, target, scale='half', reduction='sum') -> loss"]
inputs = {x = "N D", w1 = "D H", b1 = "H", w2 = "H C", b2 = "C", target = "fixed N C"}
forward = "forward(x, w1, b1, w2, b2) -> y_hat, h"
backward = "back(x, target, y_hat, w2, h) -> dw1, db1, dw2, db2"
not_judged = ["dx"]
points = {forward = 1, backward = 3}
""",
        """
import numpy as np
def forward(x, w1, b1, w2, b2):
    h = 1 / (1 + np.exp(-(x @ w1 + b1)))
    return h @ w2 + b2, h
def back(x, t, y, w2, h):
    e = y - t
    d = (e @ w2.T) * h * (1 - h)
    return x.T @ d, d.sum(0), h.T @ e, e.sum(0)
""",
    ),
    "accepted variants": (
        """
[[task]]
name = "mse"
operation = "squared_error"
accept = {reduction = ["mean", "sum"], scale = ["one", "half"]}
forward = "mse(prediction, target) -> y"
backward = "mse_back(prediction, target) -> dprediction"
points = {forward = 1, backward = 1}
""",
        """
def mse(p, t):
    return ((p - t) ** 2).sum() / 2
def mse_back(p, t):
    return p - t
""",
    ),
    "a mask of its own": (
        """
[[task]]
name = "dropout"
operation = "inverted_dropout"
options = {rate = 0.5}
draws = {keep = "mask"}
forward = "dropout_forward(x, rate) -> y, mask"
backward = "dropout_backward(dy, mask) -> dx"
points = {forward = 1, backward = 1}
""",
        """
import numpy as np
def dropout_forward(x, p):
    mask = (np.random.rand(*x.shape) < 1 - p) / (1 - p)
    return x * mask, mask
def dropout_backward(dout, mask):
    return dout * mask
""",
    ),
    "an optimiser's step": (
        """
[[task]]
name = "momentum"
operation = "momentum"
options = {lr = 0.125, momentum = 0.9, nesterov = false}
forward = "step(p, g, v, lr, momentum) -> p_new, v_new"
points = {forward = 2}
""",
        """
def step(p, g, v, lr, momentum):
    v = momentum * v + g
    return p - lr * v, v
""",
    ),
}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_right_solution_gets_full_marks(convention):
    record = marked(*CONVENTIONS[convention])
    assert record["status"] == "graded", record["message"]
    assert set(statuses(record).values()) == {"ok"}, [(s["headline"], s["explanation"]) for s in record["stages"]]
    assert record["score"] == record["max_score"]


def test_the_accepted_variant_is_reported():
    record = marked(*CONVENTIONS["accepted variants"])
    assert stage_of(record, "mse", "backward")["variant"] == {"reduction": "sum", "scale": "half"}


def test_a_forward_in_one_variant_and_a_backward_in_another_is_charged_at_the_backward():
    text, code = CONVENTIONS["accepted variants"]
    record = marked(text, code.replace("return p - t", "return 2 * (p - t)"))
    assert statuses(record) == {"mse.forward": "ok", "mse.backward": "wrong"}
    assert stage_of(record, "mse", "backward")["pattern"] == "every entry is the true one times 2"
