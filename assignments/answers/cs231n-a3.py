"""Right answers to cs231n-a3."""

import numpy as np


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h * next_h)
    return da @ Wx.T, da @ Wh.T, x.T @ da, prev_h.T @ da, da.sum(axis=0)


def rnn_forward(x, h0, Wx, Wh, b):
    h, states, caches = h0, [], []
    for t in range(x.shape[1]):
        h, cache = rnn_step_forward(x[:, t], h, Wx, Wh, b)
        states.append(h)
        caches.append(cache)
    return np.stack(states, axis=1), caches


def rnn_backward(dh, cache):
    dprev, dx, totals = 0, [], [0, 0, 0]
    for t in reversed(range(len(cache))):
        dx_t, dprev, *weights = rnn_step_backward(dh[:, t] + dprev, cache[t])
        dx.append(dx_t)
        totals = [total + w for total, w in zip(totals, weights, strict=True)]
    return np.stack(dx[::-1], axis=1), dprev, *totals


def word_embedding_forward(x, W):
    return W[x], (x, W)


def word_embedding_backward(dout, cache):
    x, W = cache
    dW = np.zeros_like(W)
    np.add.at(dW, x, dout)
    return dW


def temporal_affine_forward(x, w, b):
    return x @ w + b, (x, w)


def temporal_affine_backward(dout, cache):
    x, w = cache
    flat = dout.reshape(-1, dout.shape[-1])
    return dout @ w.T, x.reshape(-1, x.shape[-1]).T @ flat, flat.sum(axis=0)


def temporal_softmax_loss(x, y, mask):
    shifted = x - x.max(axis=2, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    right = np.arange(x.shape[2]) == y[..., None]
    loss = -np.sum(log_p * right * mask[..., None]) / len(x)
    return loss, (np.exp(log_p) - right) * mask[..., None] / len(x)


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    a = np.split(x @ Wx + prev_h @ Wh + b, 4, axis=1)
    i, f, o = (sigmoid(part) for part in a[:3])
    g = np.tanh(a[3])
    next_c = f * prev_c + i * g
    squashed = np.tanh(next_c)
    return o * squashed, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, squashed)


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, squashed = cache
    dc = dnext_c + dnext_h * o * (1 - squashed * squashed)
    parts = [
        dc * g * i * (1 - i),
        dc * prev_c * f * (1 - f),
        dnext_h * squashed * o * (1 - o),
        dc * i * (1 - g * g),
    ]
    da = np.concatenate(parts, axis=1)
    return da @ Wx.T, da @ Wh.T, dc * f, x.T @ da, prev_h.T @ da, da.sum(axis=0)


def lstm_forward(x, h0, Wx, Wh, b):
    h, c, states, caches = h0, np.zeros_like(h0), [], []
    for t in range(x.shape[1]):
        h, c, cache = lstm_step_forward(x[:, t], h, c, Wx, Wh, b)
        states.append(h)
        caches.append(cache)
    return np.stack(states, axis=1), caches


def lstm_backward(dh, cache):
    dprev, dc, dx, totals = 0, 0, [], [0, 0, 0]
    for t in reversed(range(len(cache))):
        dx_t, dprev, dc, *weights = lstm_step_backward(dh[:, t] + dprev, dc, cache[t])
        dx.append(dx_t)
        totals = [total + w for total, w in zip(totals, weights, strict=True)]
    return np.stack(dx[::-1], axis=1), dprev, *totals


class CaptioningRNN:
    def __init__(self, word_to_idx, input_dim=512, wordvec_dim=128, hidden_dim=128, cell_type="rnn", dtype="float32"):
        self.cell_type, self.dtype = cell_type, dtype
        self.null = word_to_idx["<NULL>"]
        gates = {"rnn": 1, "lstm": 4}[cell_type] * hidden_dim
        words = len(word_to_idx)
        shapes = {
            "W_proj": (input_dim, hidden_dim),
            "b_proj": (hidden_dim,),
            "W_embed": (words, wordvec_dim),
            "Wx": (wordvec_dim, gates),
            "Wh": (hidden_dim, gates),
            "b": (gates,),
            "W_vocab": (hidden_dim, words),
            "b_vocab": (words,),
        }
        self.params = {name: 0.01 * np.random.randn(*shape) for name, shape in shapes.items()}

    def loss(self, features, captions):
        p = {name: value.astype(self.dtype) for name, value in self.params.items()}
        read, wanted = captions[:, :-1], captions[:, 1:]
        forward = rnn_forward if self.cell_type == "rnn" else lstm_forward
        backward = rnn_backward if self.cell_type == "rnn" else lstm_backward
        h0 = features @ p["W_proj"] + p["b_proj"]
        vectors, at_words = word_embedding_forward(read, p["W_embed"])
        h, at_cell = forward(vectors, h0, p["Wx"], p["Wh"], p["b"])
        scores, at_scores = temporal_affine_forward(h, p["W_vocab"], p["b_vocab"])
        loss, dscores = temporal_softmax_loss(scores, wanted, wanted != self.null)
        grads = {}
        dh, grads["W_vocab"], grads["b_vocab"] = temporal_affine_backward(dscores, at_scores)
        dvectors, dh0, grads["Wx"], grads["Wh"], grads["b"] = backward(dh, at_cell)
        grads["W_embed"] = word_embedding_backward(dvectors, at_words)
        grads["W_proj"], grads["b_proj"] = features.T @ dh0, dh0.sum(axis=0)
        return loss, grads


def attention_forward(q, k, v, mask):
    scores = np.where(mask, q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]), -np.inf)
    p = np.exp(scores - scores.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    return p @ v, (q, k, v, p)


def attention_backward(dout, cache):
    q, k, v, p = cache
    dp = dout @ np.swapaxes(v, -1, -2)
    dscores = p * (dp - (dp * p).sum(axis=-1, keepdims=True)) / np.sqrt(q.shape[-1])
    return dscores @ k, np.swapaxes(dscores, -1, -2) @ q, np.swapaxes(p, -1, -2) @ dout


def _split(x, heads):
    n, steps, features = x.shape
    return x.reshape(n, steps, heads, features // heads).transpose(0, 2, 1, 3)


def _joined(x):
    n, heads, steps, features = x.shape
    return x.transpose(0, 2, 1, 3).reshape(n, steps, heads * features)


def multi_head_attention_forward(q, k, v, Wq, bq, Wk, Wv, bv, Wo, bo, mask, heads):
    parts = (_split(part, heads) for part in (q @ Wq + bq, k @ Wk, v @ Wv + bv))
    seen, at_attention = attention_forward(*parts, mask[:, None])
    joined = _joined(seen)
    return joined @ Wo + bo, (q, k, v, Wq, Wk, Wv, Wo, joined, at_attention, heads)


def multi_head_attention_backward(dout, cache):
    q, k, v, Wq, Wk, Wv, Wo, joined, at_attention, heads = cache
    djoined, dWo, dbo = temporal_affine_backward(dout, (joined, Wo))
    inner = attention_backward(_split(djoined, heads), at_attention)
    dqueries, dkeys, dvalues = (_joined(part) for part in inner)
    dq, dWq, dbq = temporal_affine_backward(dqueries, (q, Wq))
    dk, dWk, _ = temporal_affine_backward(dkeys, (k, Wk))
    dv, dWv, dbv = temporal_affine_backward(dvalues, (v, Wv))
    return dq, dk, dv, dWq, dbq, dWk, dWv, dbv, dWo, dbo


def positional_encoding_forward(x):
    _, steps, features = x.shape
    place = np.arange(features)
    angle = np.arange(steps)[:, None] / 10000 ** (place // 2 * 2 / features)
    return x + np.where(place % 2 == 0, np.sin(angle), np.cos(angle))


def positional_encoding_backward(dout):
    return dout.copy()
