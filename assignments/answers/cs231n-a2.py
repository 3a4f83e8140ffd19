"""Right answers to cs231n-a2."""

import numpy as np


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    return dout * (cache > 0)


def softmax_loss(x, y):
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -log_p[rows, y].sum() / len(x), dx / len(x)


def _standardised(x, eps):
    """Columns of x with mean 0 and variance 1, and what they were divided by."""
    spread = np.sqrt(x.var(axis=0) + eps)
    return (x - x.mean(axis=0)) / spread, spread


def _standardised_backward(dxhat, xhat, spread):
    return (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)) / spread


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    features = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(features, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(features, dtype=x.dtype))
    if bn_param["mode"] == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    xhat, spread = _standardised(x, eps)
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * x.mean(axis=0)
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * x.var(axis=0)
    return gamma * xhat + beta, (xhat, spread, gamma)


def batchnorm_backward(dout, cache):
    xhat, spread, gamma = cache
    n = len(dout)
    dxhat = dout * gamma
    dvar = -0.5 * (dxhat * xhat).sum(axis=0) / spread**2
    dmean = -dxhat.sum(axis=0) / spread
    dx = dxhat / spread + dvar * 2 * xhat * spread / n + dmean / n
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward_alt(dout, cache):
    xhat, spread, gamma = cache
    dx = _standardised_backward(dout * gamma, xhat, spread)
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def layernorm_forward(x, gamma, beta, ln_param):
    xhat, spread = _standardised(x.T, ln_param.get("eps", 1e-5))
    return gamma * xhat.T + beta, (xhat, spread, gamma)


def layernorm_backward(dout, cache):
    xhat, spread, gamma = cache
    dx = _standardised_backward((dout * gamma).T, xhat, spread).T
    return dx, (dout * xhat.T).sum(axis=0), dout.sum(axis=0)


def dropout_forward(x, dropout_param):
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if dropout_param["mode"] == "test":
        return x.copy(), (dropout_param, None)
    p = dropout_param["p"]
    mask = (np.random.rand(*x.shape) < p) / p
    return x * mask, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    return dout.copy() if dropout_param["mode"] == "test" else dout * mask


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    n, _, height, width = x.shape
    filters, _, k, m = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    rows, columns = 1 + (height + 2 * pad - k) // stride, 1 + (width + 2 * pad - m) // stride
    out = np.zeros((n, filters, rows, columns), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            window = padded[:, :, i * stride : i * stride + k, j * stride : j * stride + m]
            out[:, :, i, j] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + b
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, _, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, k, m = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            at = (slice(None), slice(None), slice(i * stride, i * stride + k), slice(j * stride, j * stride + m))
            dw += np.tensordot(dout[:, :, i, j], padded[at], axes=([0], [0]))
            dpadded[at] += np.tensordot(dout[:, :, i, j], w, axes=([1], [0]))
    dx = dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]
    return dx.copy(), dw, dout.sum(axis=(0, 2, 3))


def max_pool_forward_naive(x, pool_param):
    k, m, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    n, channels, height, width = x.shape
    rows, columns = 1 + (height - k) // stride, 1 + (width - m) // stride
    out = np.zeros((n, channels, rows, columns), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i * stride : i * stride + k, j * stride : j * stride + m]
            out[:, :, i, j] = window.max(axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    k, m, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    n, channels, rows, columns = dout.shape
    for a in range(n):
        for c in range(channels):
            for i in range(rows):
                for j in range(columns):
                    window = x[a, c, i * stride : i * stride + k, j * stride : j * stride + m]
                    r, s = np.unravel_index(np.argmax(window), window.shape)
                    dx[a, c, i * stride + r, j * stride + s] += dout[a, c, i, j]
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    n, channels, height, width = x.shape
    out, cache = batchnorm_forward(x.transpose(0, 2, 3, 1).reshape(-1, channels), gamma, beta, bn_param)
    return out.reshape(n, height, width, channels).transpose(0, 3, 1, 2), cache


def spatial_batchnorm_backward(dout, cache):
    n, channels, height, width = dout.shape
    dx, dgamma, dbeta = batchnorm_backward_alt(dout.transpose(0, 2, 3, 1).reshape(-1, channels), cache)
    return dx.reshape(n, height, width, channels).transpose(0, 3, 1, 2), dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    xhat, spread = _standardised(x.reshape(len(x) * G, -1).T, gn_param.get("eps", 1e-5))
    normal = xhat.T.reshape(x.shape)
    return gamma * normal + beta, (xhat, spread, gamma, G)


def spatial_groupnorm_backward(dout, cache):
    xhat, spread, gamma, G = cache
    normal = xhat.T.reshape(dout.shape)
    dx = _standardised_backward((dout * gamma).reshape(len(dout) * G, -1).T, xhat, spread).T.reshape(dout.shape)
    over = (0, 2, 3)
    return dx, (dout * normal).sum(axis=over, keepdims=True), dout.sum(axis=over, keepdims=True)


def sgd(w, dw, config=None):
    config = config or {}
    w -= config.setdefault("learning_rate", 1e-2) * dw
    return w, config


def sgd_momentum(w, dw, config=None):
    config = config or {}
    v = config.get("momentum", 0.9) * config.get("velocity", np.zeros_like(w))
    config["velocity"] = v - config.get("learning_rate", 1e-2) * dw
    return w + config["velocity"], config


def rmsprop(w, dw, config=None):
    config = config or {}
    decay = config.get("decay_rate", 0.99)
    config["cache"] = decay * config.get("cache", np.zeros_like(w)) + (1 - decay) * dw * dw
    step = config.get("learning_rate", 1e-2) * dw / (np.sqrt(config["cache"]) + config.get("epsilon", 1e-8))
    return w - step, config


def adam(w, dw, config=None):
    config = config or {}
    beta1, beta2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
    config["t"] = config.get("t", 0) + 1
    config["m"] = beta1 * config.get("m", np.zeros_like(w)) + (1 - beta1) * dw
    config["v"] = beta2 * config.get("v", np.zeros_like(w)) + (1 - beta2) * dw * dw
    m = config["m"] / (1 - beta1 ** config["t"])
    v = config["v"] / (1 - beta2 ** config["t"])
    return w - config.get("learning_rate", 1e-3) * m / (np.sqrt(v) + config.get("epsilon", 1e-8)), config


class FullyConnectedNet:
    def __init__(
        self,
        hidden_dims,
        input_dim=3072,
        num_classes=10,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype="float32",
    ):
        self.normalization, self.reg, self.dtype = normalization, reg, dtype
        self.num_layers = 1 + len(hidden_dims)
        self.params = {}
        widths = [input_dim, *hidden_dims, num_classes]
        for i in range(self.num_layers):
            self.params[f"W{i + 1}"] = weight_scale * np.random.randn(widths[i], widths[i + 1])
            self.params[f"b{i + 1}"] = np.zeros(widths[i + 1])
            if normalization and i < self.num_layers - 1:
                self.params[f"gamma{i + 1}"] = np.ones(widths[i + 1])
                self.params[f"beta{i + 1}"] = np.zeros(widths[i + 1])
        self.bn_params = [{"mode": "train"} for _ in hidden_dims]

    def _hidden(self, out, i):
        p = self.params
        out, at_affine = affine_forward(out, p[f"W{i}"], p[f"b{i}"])
        at_norm = None
        if self.normalization == "batchnorm":
            out, at_norm = batchnorm_forward(out, p[f"gamma{i}"], p[f"beta{i}"], self.bn_params[i - 1])
        elif self.normalization == "layernorm":
            out, at_norm = layernorm_forward(out, p[f"gamma{i}"], p[f"beta{i}"], {})
        out, at_relu = relu_forward(out)
        return out, (at_affine, at_norm, at_relu)

    def loss(self, X, y=None):
        for bn_param in self.bn_params:
            bn_param["mode"] = "test" if y is None else "train"
        out, caches = X.astype(self.dtype), []
        for i in range(1, self.num_layers):
            out, cache = self._hidden(out, i)
            caches.append(cache)
        last = self.num_layers
        scores, at_last = affine_forward(out, self.params[f"W{last}"], self.params[f"b{last}"])
        if y is None:
            return scores
        loss, dout = softmax_loss(scores, y)
        grads = {}
        dout, grads[f"W{last}"], grads[f"b{last}"] = affine_backward(dout, at_last)
        for i in range(last - 1, 0, -1):
            at_affine, at_norm, at_relu = caches[i - 1]
            dout = relu_backward(dout, at_relu)
            if self.normalization:
                backward = batchnorm_backward_alt if self.normalization == "batchnorm" else layernorm_backward
                dout, grads[f"gamma{i}"], grads[f"beta{i}"] = backward(dout, at_norm)
            dout, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(dout, at_affine)
        for i in range(1, last + 1):
            w = self.params[f"W{i}"]
            loss += 0.5 * self.reg * np.sum(w * w)
            grads[f"W{i}"] = grads[f"W{i}"] + self.reg * w
        return loss, grads


class ThreeLayerConvNet:
    def __init__(
        self,
        input_dim=(3, 32, 32),
        num_filters=32,
        filter_size=7,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
        dtype="float32",
    ):
        channels, height, width = input_dim
        self.reg, self.dtype = reg, dtype
        pooled = num_filters * (height // 2) * (width // 2)
        self.params = {
            "W1": weight_scale * np.random.randn(num_filters, channels, filter_size, filter_size),
            "b1": np.zeros(num_filters),
            "W2": weight_scale * np.random.randn(pooled, hidden_dim),
            "b2": np.zeros(hidden_dim),
            "W3": weight_scale * np.random.randn(hidden_dim, num_classes),
            "b3": np.zeros(num_classes),
        }

    def loss(self, X, y=None):
        W1, b1, W2, b2, W3, b3 = (self.params[name] for name in ("W1", "b1", "W2", "b2", "W3", "b3"))
        conv_param = {"stride": 1, "pad": (W1.shape[2] - 1) // 2}
        pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
        c, at_conv = conv_forward_naive(X, W1, b1, conv_param)
        r, at_relu1 = relu_forward(c)
        p, at_pool = max_pool_forward_naive(r, pool_param)
        a, at_affine = affine_forward(p, W2, b2)
        h, at_relu2 = relu_forward(a)
        scores, at_last = affine_forward(h, W3, b3)
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * sum(np.sum(w * w) for w in (W1, W2, W3))
        dh, dW3, db3 = affine_backward(dscores, at_last)
        dp, dW2, db2 = affine_backward(relu_backward(dh, at_relu2), at_affine)
        dr = max_pool_backward_naive(dp, at_pool)
        _, dW1, db1 = conv_backward_naive(relu_backward(dr, at_relu1), at_conv)
        dW1, dW2, dW3 = dW1 + self.reg * W1, dW2 + self.reg * W2, dW3 + self.reg * W3
        return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "W3": dW3, "b3": db3}
