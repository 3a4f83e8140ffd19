"""What the subjects of the recurrent operations share: activations, and cells stepped through a sequence."""

import numpy as np


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def slope(x):
    e = np.exp(-np.abs(x))
    return e / (1 + e) ** 2


def flat(x):
    """The derivative of tanh."""
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2


def plain_sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_steps(x, h, c, wx, wh, b, gates="ifgo"):
    """Each step's quantities, from the last to be stacked: h, c, gates before and after, in the order of `gates`."""
    steps = []
    for t in range(x.shape[1]):
        a = dict(zip(gates, np.split(x[:, t] @ wx + h @ wh + b, 4, axis=1), strict=True))
        new = sigmoid(a["f"]) * c + sigmoid(a["i"]) * np.tanh(a["g"])
        steps.append((x[:, t], h, c, a, new))
        h, c = sigmoid(a["o"]) * np.tanh(new), new
    return steps, h, c


def last_two_swapped(gates):
    first, second, third, fourth = gates
    return first, second, fourth, third


def lstm_hidden(steps):
    return np.stack([sigmoid(a["o"]) * np.tanh(new) for *_, a, new in steps], axis=1)


def lstm_gradients(dy, dh, dc, steps, wx, wh, through_h=1.0, through_c=1.0, last=1.0, order=list, averaged=False):
    """dx, dh0, dc0, dwx, dwh, db; the flags leave something out, `order` puts the gates into one."""
    dh, dc = last * dh, last * dc
    dxs, dwx, dwh, db = [], 0 * wx, 0 * wh, 0 * wx[0]
    for t in reversed(range(len(steps))):
        x, h, c, a, new = steps[t]
        dh = dh + dy[:, t]
        dc = dc + dh * sigmoid(a["o"]) * flat(new)
        da = {
            "i": dc * np.tanh(a["g"]) * slope(a["i"]),
            "f": dc * c * slope(a["f"]),
            "o": dh * np.tanh(new) * slope(a["o"]),
            "g": dc * sigmoid(a["i"]) * flat(a["g"]),
        }
        da = np.concatenate([da[gate] for gate in order(a)], axis=1)
        dxs.append(da @ wx.T)
        dwx, dwh, db = dwx + x.T @ da, dwh + h.T @ da, db + da.sum(axis=0)
        dh, dc = da @ wh.T * (through_h if t else 1), dc * sigmoid(a["f"]) * (through_c if t else 1)
    n = len(steps) if averaged else 1
    return np.stack(dxs[::-1], axis=1), dh, dc, dwx / n, dwh / n, db / n
