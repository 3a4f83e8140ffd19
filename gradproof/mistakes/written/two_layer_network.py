"""Subjects of two_layer_network: affine, sigmoid, affine, softmax cross-entropy."""

import numpy as np

from ._records import Unusual, Wrong


def sigmoid(v):
    e = np.exp(-np.abs(v))
    return np.where(v >= 0, 1, e) / (1 + e)


def slope(v):
    e = np.exp(-np.abs(v))
    return e / (1 + e) ** 2


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def cross_entropy(z, target):
    top = z.argmax(axis=1)[:, None]
    shifted = z - np.take_along_axis(z, top, axis=1)
    others = np.exp(shifted)
    np.put_along_axis(others, top, 0, axis=1)
    rows = np.arange(len(z))
    return -(shifted[rows, target] - np.log1p(others.sum(axis=1))).sum() / len(z)


def forward(x, w1, b1, w2, b2, target):
    v = x @ w1 + b1
    h = sigmoid(v)
    z = h @ w2 + b2
    return cross_entropy(z, target), (x, w1, v, h, w2, softmax(z), target)


def logits_gradient(dloss, p, target):
    d = p.copy()
    d[np.arange(len(p)), target] -= 1
    return d * (dloss / len(p))


def behind_logits(dz, cache):
    x, w1, v, h, w2, _, _ = cache
    dv = (dz @ w2.T) * slope(v)
    return dv @ w1.T, x.T @ dv, dv.sum(axis=0), h.T @ dz, dz.sum(axis=0)


def backward(dloss, cache):
    return behind_logits(logits_gradient(dloss, cache[5], cache[6]), cache)


EVERY = "dx dw1 db1 dw2 db2"

# -- wrong -------------------------------------------------------------------------------------------------


def backward_slope_of_output(dloss, cache):
    x, w1, _, h, w2, p, target = cache
    return backward(dloss, (x, w1, h, h, w2, p, target))


def backward_slope_forgotten(dloss, cache):
    x, w1, _, h, w2, p, target = cache
    dz = logits_gradient(dloss, p, target)
    dv = dz @ w2.T
    return dv @ w1.T, x.T @ dv, dv.sum(axis=0), h.T @ dz, dz.sum(axis=0)


def backward_mean_forgotten(dloss, cache):
    return behind_logits(logits_gradient(dloss, cache[5], cache[6]) * len(cache[0]), cache)


def backward_w1_for_w2(dloss, cache):
    dx, dw1, db1, dw2, db2 = backward(dloss, cache)
    return dx, dw1, db1, dw2 / 2, db2


def backward_biases_swapped_sign(dloss, cache):
    dx, dw1, db1, dw2, db2 = backward(dloss, cache)
    return dx, dw1, -db1, dw2, db2


def backward_biases_averaged(dloss, cache):
    dx, dw1, db1, dw2, db2 = backward(dloss, cache)
    return dx, dw1, db1 / len(dx), dw2, db2 / len(dx)


def backward_bias_keepdims(dloss, cache):
    dx, dw1, db1, dw2, db2 = backward(dloss, cache)
    return dx, dw1, db1[None], dw2, db2


def backward_hidden_not_activated(dloss, cache):
    _, _, v, _, _, p, target = cache
    dx, dw1, db1, _, db2 = backward(dloss, cache)
    return dx, dw1, db1, v.T @ logits_gradient(dloss, p, target), db2


def backward_updated_w2(dloss, cache):
    x, w1, v, h, w2, p, target = cache
    _, _, _, dw2, _ = backward(dloss, cache)
    dx, dw1, db1, _, db2 = backward(dloss, (x, w1, v, h, w2 - 0.01 * dw2, p, target))
    return dx, dw1, db1, dw2, db2


def backward_steps_in_place(dloss, cache):
    gradients = backward(dloss, cache)
    cache[4][...] -= 0.01 * gradients[3]
    return gradients


def backward_no_dx(dloss, cache):
    return (None, *backward(dloss, cache)[1:])


def backward_one_example(dloss, cache):
    dx, dw1, db1, _, db2 = backward(dloss, cache)
    dz = logits_gradient(dloss, cache[5], cache[6])
    return dx, dw1, db1, np.outer(cache[3][0], dz[0]), db2


def backward_ignores_upstream(dloss, cache):
    return backward(np.ones_like(dloss), cache)


def backward_h_reshaped(dloss, cache):
    dx, dw1, db1, dw2, db2 = backward(dloss, cache)
    return dx, dw1.T.reshape(dw1.shape), db1, dw2, db2


def backward_target_as_scores(dloss, cache):
    _, _, _, _, _, p, _ = cache
    return behind_logits(p * (dloss / len(p)), cache)


def forward_relu(x, w1, b1, w2, b2, target):
    v = x @ w1 + b1
    h = np.maximum(v, 0)
    z = h @ w2 + b2
    return cross_entropy(z, target), (x, w1, v, h, w2, softmax(z), target)


def backward_relu(dloss, cache):
    x, w1, v, h, w2, p, target = cache
    dz = logits_gradient(dloss, p, target)
    dv = (dz @ w2.T) * (v > 0)
    return dv @ w1.T, x.T @ dv, dv.sum(axis=0), h.T @ dz, dz.sum(axis=0)


def forward_sum(x, w1, b1, w2, b2, target):
    loss, cache = forward(x, w1, b1, w2, b2, target)
    return loss * len(x), cache


def forward_in_float32(x, w1, b1, w2, b2, target):
    loss, _ = forward(*(a.astype(np.float32) for a in (x, w1, b1, w2, b2)), target)
    return np.asarray(loss, dtype=x.dtype), forward(x, w1, b1, w2, b2, target)[1]


_dropout = np.random.default_rng(0)


def forward_dropout(x, w1, b1, w2, b2, target):
    v = x @ w1 + b1
    h = sigmoid(v)
    keep = _dropout.random(h.shape) < 0.5
    z = (2 * keep * h).astype(x.dtype) @ w2 + b2
    return cross_entropy(z, target), (x, w1, v, h, w2, softmax(z), target)


_state: dict = {}


def forward_keeps_state(x, w1, b1, w2, b2, target):
    loss, cache = forward(x, w1, b1, w2, b2, target)
    _state["cache"] = cache
    return loss, ()


def backward_uses_state(dloss, _):
    return backward(dloss, _state["cache"])


WRONG = [
    Wrong(
        "slope-at-the-output",
        "derivative at the output",
        forward,
        backward_slope_of_output,
        "dx dw1 db1",
        says="the sigmoid's derivative is taken of its output once more",
    ),
    Wrong(
        "slope-forgotten",
        "dropped term",
        forward,
        backward_slope_forgotten,
        "dx dw1 db1",
        says="the sigmoid's derivative is left out",
    ),
    Wrong("mean-forgotten", "missing 1/n", forward, backward_mean_forgotten, EVERY),
    Wrong("dw2-halved", "dropped term", forward, backward_w1_for_w2, "dw2", says="dw2 is halved"),
    Wrong("db1-wrong-sign", "wrong sign", forward, backward_biases_swapped_sign, "db1", says="db1 has the wrong sign"),
    Wrong(
        "biases-averaged-again",
        "wrong n",
        forward,
        backward_biases_averaged,
        "db1 db2",
        says="the biases' gradients are divided by the batch size once more",
    ),
    Wrong(
        "db1-keepdims",
        "wrong shape",
        forward,
        backward_bias_keepdims,
        "db1",
        "wrong-shape",
        says="db1 keeps the summed axis",
    ),
    Wrong(
        "dw2-of-the-hidden-input",
        "derivative at the output",
        forward,
        backward_hidden_not_activated,
        "dw2",
        says="dw2 takes the hidden layer's input, not its activation",
    ),
    Wrong(
        "w2-updated-too-early",
        "swapped",
        forward,
        backward_updated_w2,
        "dx dw1 db1",
        says="w2 is updated before the hidden layer's gradient is taken through it",
    ),
    Wrong(
        "steps-in-the-backward",
        "changes in place",
        forward,
        backward_steps_in_place,
        EVERY,
        "mutated-input",
        besides="y",
        says="the backward updates the weights in place",
    ),
    Wrong("dx-none", "missing gradient", forward, backward_no_dx, "dx", "missing", says="dx is None"),
    Wrong(
        "dw2-of-one-example",
        "one row only",
        forward,
        backward_one_example,
        "dw2",
        says="dw2 is that of one example only",
    ),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, EVERY, "not-linear"),
    Wrong(
        "dw1-transposed-and-reshaped",
        "transposed",
        forward,
        backward_h_reshaped,
        "dw1",
        says="dw1 is the transpose, reshaped to the right shape",
    ),
    Wrong("target-forgotten", "dropped term", forward, backward_target_as_scores, EVERY),
    Wrong(
        "relu-instead-of-sigmoid",
        "wrong forward",
        forward_relu,
        backward_relu,
        "y dx dw1 db1 dw2 db2",
        says="the hidden layer is ReLU",
    ),
    Wrong(
        "sum-in-the-forward",
        "missing 1/n",
        forward_sum,
        backward,
        "y",
        says="the loss is a sum, its gradient that of a mean",
    ),
    Wrong(
        "loss-in-float32", "float32 inside", forward_in_float32, backward, "y", says="the loss is computed in float32"
    ),
    Wrong(
        "dropout-left-on",
        "not repeatable",
        forward_dropout,
        backward,
        "y dx dw1 db1 dw2 db2",
        "not-repeatable",
        says="hidden units are dropped at random",
    ),
    Wrong("cache-in-a-global", "stale cache", forward_keeps_state, backward_uses_state, EVERY, "stale-cache"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


class Network:
    """Layers as closures in a list; everything that the backward needs travels in the cache."""

    def forward(self, x, w1, b1, w2, b2, target):
        cache = {"x": x, "target": target, "w": (w1, w2)}
        cache["v"] = np.einsum("nd,dh->nh", x, w1) + b1[np.newaxis]
        cache["h"] = sigmoid(cache["v"])
        z = np.einsum("nh,hc->nc", cache["h"], w2) + b2[np.newaxis]
        cache["p"] = softmax(z)
        return cross_entropy(z, target), cache

    def backward(self, dloss, cache):
        one_hot = np.eye(cache["p"].shape[1], dtype=cache["p"].dtype)[cache["target"]]
        dz = (cache["p"] - one_hot) / len(one_hot) * dloss
        dv = np.einsum("nc,hc->nh", dz, cache["w"][1]) * slope(cache["v"])
        return [
            np.einsum("nh,dh->nd", dv, cache["w"][0]),
            np.einsum("nd,nh->dh", cache["x"], dv),
            np.einsum("nh->h", dv),
            np.einsum("nh,nc->hc", cache["h"], dz),
            np.einsum("nc->c", dz),
        ]


def forward_rows(x, w1, b1, w2, b2, target):
    losses, caches = [], []
    for i in range(len(x)):
        loss, cache = forward(x[i : i + 1], w1, b1, w2, b2, target[i : i + 1])
        losses.append(loss)
        caches.append(cache)
    return np.mean(np.array(losses)), caches


def backward_rows(dloss, caches):
    every = [backward(dloss, cache) for cache in caches]
    dx = np.concatenate([g[0] for g in every])
    rest = [sum(g[k] for g in every) for k in range(1, 5)]
    return tuple(g / len(caches) for g in (dx, *rest))


network = Network()

UNUSUAL = [
    Unusual("bound-methods-einsum-and-dict", network.forward, network.backward),
    Unusual("example-by-example", forward_rows, backward_rows),
]
