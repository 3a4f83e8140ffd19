"""One hidden layer of sigmoids, softmax at the output: each weight by its own formula, and the same in matrices.

As the lecture lays it out: w_ji leads from input i to neuron j, so that Wh is (H, D) and Wo (C, H), a row a neuron;
X is (N, D), a row a sample; d is (N, C) and dh (N, H). Both forms go down the mean over the samples of
L = -sum_k y_k ln(o_k).
"""

import numpy as np

from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward
from gradproof.reference.softmax import softmax_forward
from gradproof.reference.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..data import one_hot
from ..training import accuracy, fit
from ._points import normal

NAMES = ("Wh", "bh", "Wo", "bo")
HIDDEN, CLASSES, RATE = 4, 3, 1.0

# Whole numbers at which every z is 0: no exponential is rounded, and both forms give the same bits.
WHOLE = {
    "x": np.array([[1.0, 2, 3], [4, 2, 0], [2, 2, 2], [-1, 2, 5]]),
    "Wh": np.array([[1.0, 1, 1], [2, -1, 2], [-1, 3, -1], [3, 0, 3]]),
    "bh": np.array([-6.0, -6, -2, -12]),
    "Wo": np.array([[2.0, 4, 6, -4], [1, 2, -3, 4]]),
    "bo": np.array([-4.0, -2]),
    "y": np.array([[1.0, 0], [0, 1], [1, 0], [1, 0]]),
}


# -- each weight by its own formula ----------------------------------------------------------------


def scalar_layer(inputs, W, b):
    """z_j = sum_i x_i w_ji + b_j for one sample: a list of one z a neuron."""
    return [sum(inputs[i] * W[j, i] for i in range(len(inputs))) + b[j] for j in range(len(b))]


def scalar_gradients(x, a, d, Wo):
    """Gradients of one sample's L by every weight: lists of lists for Wh and Wo, lists for bh and bo.

    x: D inputs; a: H activations; d: C errors o - y.
    """
    H, C = len(a), len(d)
    delta = [sum(d[k] * Wo[k, j] for k in range(C)) for j in range(H)]  # delta_j, the error of hidden neuron j
    dz = [delta[j] * a[j] * (1 - a[j]) for j in range(H)]
    dWh = [[dz[j] * x[i] for i in range(len(x))] for j in range(H)]
    dWo = [[d[k] * a[j] for j in range(H)] for k in range(C)]
    return dWh, dz, dWo, list(d)


def scalar_forward(x, Wh, bh, Wo, bo, y):
    """The mean loss, sample by sample and neuron by neuron. x: (N, D); Wh: (H, D); Wo: (C, H); y: (N, C)."""
    losses, samples = [], []
    for t in range(len(x)):
        a = [1 / (1 + np.exp(-z)) for z in scalar_layer(x[t], Wh, bh)]
        powers = [np.exp(z) for z in scalar_layer(a, Wo, bo)]
        o = [power / sum(powers) for power in powers]
        losses.append(-sum(y[t, k] * np.log(o[k]) for k in range(len(o))))
        samples.append((x[t], a, [o[k] - y[t, k] for k in range(len(o))]))
    return sum(losses) / len(losses), (samples, Wo)


def scalar_backward(dloss, cache):
    """dWh, dbh, dWo, dbo: each the mean of the samples' own. y's rows sum to one, or d = o - y would not hold."""
    samples, Wo = cache
    every = [[np.array(g) for g in scalar_gradients(x, a, d, Wo)] for x, a, d in samples]
    return tuple(dloss * sum(gradients) / len(every) for gradients in zip(*every, strict=True))


# -- in matrices -------------------------------------------------------------------------------------


def matrix_gradients(x, a, d, Wo):
    """Gradients of the summed L by Wh, bh, Wo, bo. x: (N, D); a: (N, H); d: (N, C)."""
    dhs = (d @ Wo) * a * (1 - a)
    return dhs.T @ x, dhs.sum(axis=0), d.T @ a, d.sum(axis=0)


def matrix_forward(x, Wh, bh, Wo, bo, y):
    """The mean loss: z1 = X Wh^T + bh, a = sigma(z1), z2 = a Wo^T + bo, o = softmax(z2). Shapes as above."""
    a, at_sigmoid = sigmoid_forward(x @ Wh.T + bh)
    loss, at_loss = softmax_cross_entropy_forward(a @ Wo.T + bo, y, labels="one_hot")
    return loss, (x, at_sigmoid, a, Wo, at_loss)


def matrix_backward(dloss, cache):
    """dWh, dbh, dWo, dbo. `matrix_gradients`, but for a (1 - a), which keeps its digits where a has rounded to 1."""
    x, at_sigmoid, a, Wo, at_loss = cache
    (d,) = softmax_cross_entropy_backward(dloss, at_loss)  # (o - y) / N
    (dhs,) = sigmoid_backward(d @ Wo, at_sigmoid)
    return dhs.T @ x, dhs.sum(axis=0), d.T @ a, d.sum(axis=0)


FORMS = {"scalar": (scalar_forward, scalar_backward), "matrix": (matrix_forward, matrix_backward)}


def outputs(p, x):
    """o, (N, C)."""
    return softmax_forward(sigmoid_forward(x @ p["Wh"].T + p["bh"])[0] @ p["Wo"].T + p["bo"])[0]


# -- the system ----------------------------------------------------------------------------------------


def _network(form):
    forward, backward = FORMS[form]

    def network(p, x, y):
        loss, cache = forward(x, *(p[n] for n in NAMES), y)
        return loss, dict(zip(NAMES, backward(1.0, cache), strict=True))

    return network


def clouds(n, rng):
    """n points (n, 2) in three round clouds, a class each, and their labels (n,)."""
    labels = rng.permutation(np.arange(n) % CLASSES)
    angle = 2 * np.pi * labels / CLASSES
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.3 * rng.standard_normal((n, 2)), labels


def at_whole_numbers():
    """Each form's loss and gradients at WHOLE, as lists."""
    found = {}
    for form, (forward, backward) in FORMS.items():
        loss, cache = forward(*WHOLE.values())
        found[form] = [np.asarray(value).tolist() for value in (loss, *backward(1.0, cache))]
    return found


def run(run: Run) -> Outcome:
    """Both forms at whole numbers; then both trained from the same weights on three clouds."""
    rng = np.random.default_rng(run.seed)
    whole = at_whole_numbers()
    x, labels = clouds(15 if run.size == "small" else 60, rng)
    start = {
        "Wh": rng.uniform(-0.5, 0.5, (HIDDEN, 2)), "bh": rng.uniform(0, 0.5, HIDDEN),
        "Wo": rng.uniform(-0.5, 0.5, (CLASSES, HIDDEN)), "bo": rng.uniform(0, 0.5, CLASSES),
    }  # fmt: skip
    scalar, own = _network("scalar"), dict(start)

    def follow(p):
        """The scalar form takes the same step, and the history tells how far the two have come apart."""
        nonlocal own
        _, gradients = scalar(own, x, y)
        own = {n: own[n] - RATE * gradients[n] for n in NAMES}
        return {"accuracy": accuracy(outputs(p, x), labels), "apart": max(abs(own[n] - p[n]).max() for n in NAMES)}

    y = one_hot(labels, CLASSES)
    found = fit(_network("matrix"), start, x, y, run=run, rate=RATE, measure=follow)
    last = run.history.records[-1]
    alike = "the same bits" if whole["scalar"] == whole["matrix"] else "NOT the same bits"
    lines = (
        f"at whole numbers, where every exponential is of 0: loss and every gradient have {alike} in both forms",
        f"{len(x)} points of {CLASSES} classes: loss {last['loss']:.4g}, accuracy {last['accuracy']:.4f}",
        f"weights of the two forms after {run.epochs} steps: at most {last['apart']:.1e} apart",
    )
    return Outcome(lines, {**found, **{f"scalar_{n}": value for n, value in own.items()}, "x": x, "labels": labels})


def plot(outcome, records, folder):
    kept = outcome.arrays
    columns = {name: [r[name] for r in records] for name in ("loss", "accuracy")}
    drawn = [
        plotting.curves(folder / f"{name}.png", {name: values}, x="step", y=name) for name, values in columns.items()
    ]
    return [
        *drawn,
        plotting.boundary(
            folder / "boundary.png", kept["x"], kept["labels"],
            lambda points: outputs(kept, points)[:, 0], title="probability of class 0",
        ),
    ]  # fmt: skip


def shares(rng, n, classes):
    """n rows of `classes` positive numbers that sum to one exactly, all distinct: targets, none of them one-hot."""
    parts = np.floor(rng.dirichlet(np.full(classes, 4.0), n)[:, 1:] * 2**20) / 2**20
    return np.column_stack([1 - parts.sum(axis=1), parts])


def point(rng):
    """A generic point of five samples, three inputs, four hidden neurons and two classes."""
    inputs = normal(x=(5, 3), Wh=(4, 3), bh=(4,), Wo=(2, 4), bo=(2,))(rng)
    return {**inputs, "y": shares(rng, 5, 2)}


SYSTEM = System(
    name="one_hidden_layer_softmax",
    lecture="000",
    headings=(
        "Feedforward propagation with softmax activation",
        "Back-propagation",
        "Feed forward propagation",
        "Back propagate error",
        "Update weights",
    ),
    summary="one hidden layer and softmax: each weight by its own formula, and in matrices",
    run=run,
    epochs=200,
    plot=plot,
    gradients=tuple(Gradient(f"one_hidden_layer_{form}", *FORMS[form], point, nondiff=("x", "y")) for form in FORMS),
)
