"""The five 5x5 digits by 25-20-20-20-5 with sigmoids and dropout: the right backward, and the printed one beside it.

Over ten seeds, 3000 epochs each, the right one read all five digits every time and the printed one in five runs, with
losses about 20 to 15000 times as large. Without dropout both learned every time: the printed one is wrong there too,
but near enough to go downhill.
"""

import numpy as np

from .._system import Gradient, Outcome, Run, System
from ..data import five_digits
from ..training import Parameters, accuracy, descend
from ._wu import loss, prepend_bias, sigmoid, soft_targets, softmax
from ._wu_deep import deep_weights
from ._wu_dropout import Dropout
from .five_digits_relu import NAMES, WIDTHS, plot_digits

RATE, RATIO = 1.0, 0.2  # the lecture prints no rate
LOW = 0.01  # a loss that counts as learned


def forward_dropout(X, w1, w2, w3, w4, m1, m2, m3):
    """As printed, but for the masks mk (N, Hk): they are inputs here, the lecture draws them on the way.

    h1, h2, h3 are masked. Ones as masks give the network without dropout.
    """
    a = np.matmul(prepend_bias(X), w1)
    h1 = sigmoid(a)
    h1 = h1 * m1
    b = np.matmul(prepend_bias(h1), w2)
    h2 = sigmoid(b)
    h2 = h2 * m2
    c = np.matmul(prepend_bias(h2), w3)
    h3 = sigmoid(c)
    h3 = h3 * m3
    d = np.matmul(prepend_bias(h3), w4)
    y_hat = softmax(d)
    return (y_hat, d, h3, c, h2, b, h1, a)


def back_sigmoid(X, Y, y_hat, w1, w2, w3, w4, a, b, c, d, h1, h2, h3, m1, m2, m3):
    """dw1 to dw4 of the mean cross-entropy: through the mask, then through the sigmoid of a, b, c.

    It takes the masks besides the printed arguments: without them what was dropped cannot be told from h alone.
    """
    dw4 = np.matmul(prepend_bias(h3).T, y_hat - Y) / X.shape[0]
    dh3 = np.matmul(y_hat - Y, w4[1:].T)
    dc = dh3 * m3 * sigmoid(c) * (1 - sigmoid(c))
    dw3 = np.matmul(prepend_bias(h2).T, dc) / X.shape[0]
    dh2 = np.matmul(dc, w3[1:].T)
    db = dh2 * m2 * sigmoid(b) * (1 - sigmoid(b))
    dw2 = np.matmul(prepend_bias(h1).T, db) / X.shape[0]
    dh1 = np.matmul(db, w2[1:].T)
    da = dh1 * m1 * sigmoid(a) * (1 - sigmoid(a))
    dw1 = np.matmul(prepend_bias(X).T, da) / X.shape[0]
    return (dw1, dw2, dw3, dw4)


def back_sigmoid_as_printed(X, Y, y_hat, w1, w2, w3, w4, a, b, c, d, h1, h2, h3):
    """The lecture's back_sigmoid: not the gradient, but for dw4.

    h3 is sigmoid(c) m3 already, and sigmoid(h3) (1 - sigmoid(h3)) is no derivative of it: that lies between 0.17 and
    1/4 for every h3 from 0 to 1.25, never near zero, and what was dropped, h3 = 0, gets 1/4 instead of nothing.
    """
    dw4 = np.matmul(prepend_bias(h3).T, y_hat - Y) / X.shape[0]
    dh3 = np.matmul(y_hat - Y, w4[1:].T)
    dc = dh3 * sigmoid(h3) * (1 - sigmoid(h3))
    dw3 = np.matmul(prepend_bias(h2).T, dc) / X.shape[0]
    dh2 = np.matmul(dc, w3[1:].T)
    db = dh2 * sigmoid(h2) * (1 - sigmoid(h2))
    dw2 = np.matmul(prepend_bias(h1).T, db) / X.shape[0]
    dh1 = np.matmul(db, w2[1:].T)
    da = dh1 * sigmoid(h1) * (1 - sigmoid(h1))
    dw1 = np.matmul(prepend_bias(X).T, da) / X.shape[0]
    return (dw1, dw2, dw3, dw4)


def dropout_network_forward(X, w1, w2, w3, w4, m1, m2, m3, Y):
    """Mean cross-entropy of `forward_dropout`. Y: (N, C), rows that sum to one."""
    y_hat, d, h3, c, h2, b, h1, a = forward_dropout(X, w1, w2, w3, w4, m1, m2, m3)
    return loss(Y, y_hat), ((X, Y, y_hat, w1, w2, w3, w4, a, b, c, d, h1, h2, h3), (m1, m2, m3))


def dropout_network_backward(dloss, cache):
    """dw1 to dw4: `back_sigmoid`, times dloss."""
    values, masks = cache
    return tuple(dloss * dw for dw in back_sigmoid(*values, *masks))


def printed_backward(dloss, cache):
    """dw1 to dw4 of the printed back_sigmoid, times dloss; the judge refutes it."""
    return tuple(dloss * dw for dw in back_sigmoid_as_printed(*cache[0]))


def masks(n, rng, ratio, widths=WIDTHS):
    """One mask for each hidden layer of n rows."""
    return [Dropout(np.empty((n, units)), ratio, rng) for units in widths[1:-1]]


def without_dropout(X, p):
    """y_hat of the trained network: every node at work, the masks being ones."""
    return forward_dropout(X, *(p[n] for n in NAMES), 1.0, 1.0, 1.0)[0]


def step(p: Parameters, X, Y, drawn, backward, rate=RATE):
    """One step of descent, in place, along what `backward` gives; returns the loss under these masks."""
    value, cache = dropout_network_forward(X, *(p[n] for n in NAMES), *drawn, Y)
    descend(p, dict(zip(NAMES, backward(1.0, cache), strict=True)), rate)
    return value


def angle(p, X, Y, drawn):
    """Cosine between the printed and the right gradient of w1, and the ratio of their lengths."""
    _, cache = dropout_network_forward(X, *(p[n] for n in NAMES), *drawn, Y)
    right, printed = dropout_network_backward(1.0, cache)[0], printed_backward(1.0, cache)[0]
    lengths = np.linalg.norm(right), np.linalg.norm(printed)
    return (right * printed).sum() / (lengths[0] * lengths[1]), lengths[1] / lengths[0]


BACKWARDS = {"right": dropout_network_backward, "printed": printed_backward}


def run(run: Run) -> Outcome:
    """Both backwards from the same weights through the same masks; losses without dropout after each epoch."""
    rng = np.random.default_rng(run.seed)
    X, Y = five_digits()
    start = dict(zip(NAMES, deep_weights(WIDTHS, rng), strict=True))
    nets = {which: {n: w.copy() for n, w in start.items()} for which in BACKWARDS}
    at_start = angle(start, X, Y, masks(len(X), rng, RATIO))
    for epoch in range(run.epochs):
        drawn = masks(len(X), rng, RATIO)
        record = {}
        for which, p in nets.items():
            record[f"dropout_{which}"] = step(p, X, Y, drawn, BACKWARDS[which])
            y_hat = without_dropout(X, p)
            record[f"loss_{which}"], record[f"accuracy_{which}"] = loss(Y, y_hat), accuracy(y_hat, np.arange(5))
        run.history.add(epoch=epoch, loss=record["loss_right"], **record)
        run.progress(epoch + 1)
    lines = [_line(which, run.history.records) for which in BACKWARDS]
    lines.append(
        f"printed back_sigmoid at the start: its dw1 has a cosine of {at_start[0]:.2f} with the gradient and "
        f"{at_start[1]:.1f} times its length"
    )
    kept = {f"{which} {n}": w for which, p in nets.items() for n, w in p.items()}
    return Outcome(tuple(lines), {**kept, **{f"y_hat {which}": without_dropout(X, p) for which, p in nets.items()}})


def _line(which, records):
    low = next((f"from epoch {r['epoch'] + 1} on" for r in records if r[f"loss_{which}"] < LOW), "never")
    last = records[-1]
    return (
        f"{which} backward, {len(records)} epochs: loss {last[f'dropout_{which}']:.4g} with dropout, "
        f"{last[f'loss_{which}']:.4g} without, accuracy {last[f'accuracy_{which}']:.0%}; below {LOW} {low}"
    )


def plot(outcome, records, folder):
    return plot_digits(outcome.arrays["y_hat right"], records, folder, ("loss_right", "loss_printed"))


def _point(rng):
    shapes = {
        "X": (5, 3), "w1": (4, 6), "w2": (7, 4), "w3": (5, 8), "w4": (9, 2), "m1": (5, 6), "m2": (5, 4), "m3": (5, 8),
    }  # fmt: skip
    return {**{n: rng.standard_normal(s) for n, s in shapes.items()}, "Y": soft_targets((5, 2), rng)}


SYSTEM = System(
    name="five_digits_sigmoid_dropout",
    lecture="004",
    headings=("Example: ReLU and Dropout", "Data", "Forward using sigmoid and Dropout", "Backpropagation"),
    summary="the five printed digits with sigmoids and dropout, by the right backward and by the printed one",
    run=run,
    epochs=3000,
    plot=plot,
    gradients=(
        Gradient(
            "five_digits_sigmoid_dropout",
            dropout_network_forward,
            dropout_network_backward,
            _point,
            nondiff=("X", "m1", "m2", "m3", "Y"),
        ),
    ),
)
