"""ReLU, sigmoid, softmax: a network whose last step back is the whole Jacobian of softmax, sample by sample."""

from dataclasses import replace

import numpy as np

from gradproof.reference.categorical_cross_entropy import (
    categorical_cross_entropy_backward,
    categorical_cross_entropy_forward,
)
from gradproof.reference.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward

from .. import data, plotting
from .._system import Gradient, Outcome, Run, System
from ..training import accuracy
from ._mlp import initial, layers_backward, layers_forward, one_epoch
from ._points import normal
from .code_library import Softmax, SoftmaxDerivative

HIDDEN, BATCH, RATE = (32, 16), 32, 0.5
ACTIVATIONS = ("relu", "sigmoid", "linear")


def network_forward(x, w1, b1, w2, b2, w3, b3, target):
    """Mean cross-entropy of H1 = ReLU(x w1 + b1), H2 = sigma(H1 w2 + b2), O_v = H2 w3 + b3, O = softmax(O_v).

    x: (N, D); wk: (inputs, units); bk: (units,); target: (N,), labels.
    """
    o_v, at_layers = layers_forward(x, (w1, b1, w2, b2, w3, b3), ACTIVATIONS)
    loss, at_loss = categorical_cross_entropy_forward(Softmax(o_v), target)
    return loss, (at_layers, o_v, at_loss)


def jacobian_backward(dloss, cache):
    """dx, dw1, db1, ...: dO_v = dO J row by row, J (N, C, C) the whole Jacobian."""
    at_layers, o_v, at_loss = cache
    (do,) = categorical_cross_entropy_backward(dloss, at_loss)
    return layers_backward(np.einsum("ij,ijk->ik", do, SoftmaxDerivative(o_v)), at_layers)


def diagonal_backward(dloss, cache):
    """The printed derivative alone, do_i/do_vi = o_i (1 - o_i), as if no score changed another's probability."""
    at_layers, o_v, at_loss = cache
    (do,) = categorical_cross_entropy_backward(dloss, at_loss)
    o = Softmax(o_v)
    return layers_backward(do * (o * (1 - o)), at_layers)


def fused_forward(x, w1, b1, w2, b2, w3, b3, target):
    """The same loss with softmax and cross-entropy in one step."""
    o_v, at_layers = layers_forward(x, (w1, b1, w2, b2, w3, b3), ACTIVATIONS)
    loss, at_loss = softmax_cross_entropy_forward(o_v, target)
    return loss, (at_layers, at_loss)


def fused_backward(dloss, cache):
    """dx, dw1, db1, ... from dO_v = (O - Y) / N."""
    at_layers, at_loss = cache
    (do_v,) = softmax_cross_entropy_backward(dloss, at_loss)
    return layers_backward(do_v, at_layers)


WAYS = {
    "jacobian": (network_forward, jacobian_backward),
    "fused": (fused_forward, fused_backward),
    "diagonal": (network_forward, diagonal_backward),
}


def network(p, x, target, way="jacobian"):
    forward, backward = WAYS[way]
    loss, cache = forward(x, *p.values(), target)
    _, *gradients = backward(1.0, cache)
    return loss, dict(zip(p, gradients, strict=True))


def scores(p, x):
    """O_v (N, C)."""
    return layers_forward(x, list(p.values()), ACTIVATIONS)[0]


def apart(p, x, target, way):
    """The largest difference of any gradient from the fused form's."""
    _, right = network(p, x, target, "fused")
    _, got = network(p, x, target, way)
    return max(np.abs(got[name] - right[name]).max() for name in p)


def verdict(backward):
    """What the judge says of a backward of this network at the generic point."""
    from ..proving import prove

    return prove(replace(SYSTEM.gradients[0], backward=backward)).status


def run(run: Run) -> Outcome:
    """Digits: an epoch of each way in turn, from the same weights over the same batches."""
    rng = np.random.default_rng(run.seed)
    images = data.images(run.mnist)
    keep = 200 if run.size == "small" else len(images.x)
    x, labels = images.x[:keep], images.labels[:keep]
    start = initial((x.shape[1], *HIDDEN, images.classes), rng, gain=2.0)
    trained = dict.fromkeys(WAYS, start)
    for epoch in range(run.epochs):
        record = {}
        for way in WAYS:
            trained[way], record[f"loss_{way}"] = one_epoch(
                lambda p, x, y, way=way: network(p, x, y, way), trained[way], x, labels,
                rate=RATE, batch_size=BATCH, rng=np.random.default_rng([run.seed, epoch]),
            )  # fmt: skip
            record[f"test_accuracy_{way}"] = accuracy(scores(trained[way], images.x_test), images.labels_test)
        run.history.add(epoch=epoch, loss=record["loss_jacobian"], **record)
        run.progress(epoch + 1)
    few = (start, x[:50], labels[:50])
    lines = [_told(way, run.history.records[-1]) for way in WAYS]
    lines += [
        f"Jacobian {(50, images.classes, images.classes)} of 50 images: its gradients are "
        f"{apart(*few, 'jacobian'):.1g} from the fused form's, the diagonal's {apart(*few, 'diagonal'):.1g}",
        f"judged: whole Jacobian {verdict(jacobian_backward)}, printed diagonal alone {verdict(diagonal_backward)}",
    ]
    return Outcome(tuple(lines), {f"{way} {k}": v for way, p in trained.items() for k, v in p.items()})


def _told(way, last):
    return f"{way:8} in training: loss {last[f'loss_{way}']:.4g}, test accuracy {last[f'test_accuracy_{way}']:.4f}"


def plot(outcome, records, folder):
    return [
        plotting.curves(
            folder / f"{what}.png", {way: [r[f"{what}_{way}"] for r in records] for way in WAYS},
            x="epoch", y=what, log=what == "loss",
        )
        for what in ("loss", "test_accuracy")
    ]  # fmt: skip


def _point(rng):
    shapes = {"x": (5, 3), "w1": (3, 8), "b1": (8,), "w2": (8, 6), "b2": (6,), "w3": (6, 4), "b3": (4,)}
    return {**normal(**shapes)(rng), "target": rng.integers(0, 4, 5)}


SYSTEM = System(
    name="relu_sigmoid_softmax",
    lecture="002",
    headings=(
        "Backpropagation Gradient Descent Example (2)",
        "Backpropagation Gradient Descent Example (3)",
        "Backpropagation Gradient Descent Example (4)",
        "Backpropagation Gradient Descent Example (5)",
    ),
    summary="ReLU, sigmoid and softmax with the whole softmax Jacobian, on digits",
    run=run,
    epochs=30,
    plot=plot,
    gradients=(
        Gradient("relu_sigmoid_softmax", network_forward, jacobian_backward, _point),
        Gradient("relu_sigmoid_softmax_fused", fused_forward, fused_backward, _point),
    ),
    images=True,
)
