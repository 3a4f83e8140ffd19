"""784-512-10 by single samples: stochastic gradient descent, a step an image, the images shuffled in each epoch."""

import numpy as np

from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward
from gradproof.reference.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward

from .._system import Gradient, Outcome, Run, System
from . import _digits_512 as digits
from ._points import normal
from .one_hidden_layer_softmax import shares

RATE = 0.05  # the lecture gives no rate for single samples


def single_sample_forward(x, Wh, bh, Wo, bo, y):
    """L = -sum_k y_k ln(o_k) of one image: x (D,), Wh (H, D), bh (H,), Wo (C, H), bo (C,), y (C,)."""
    a, at_sigmoid = sigmoid_forward(Wh @ x + bh)
    loss, at_loss = softmax_cross_entropy_forward((Wo @ a + bo)[None], y[None], labels="one_hot")
    return loss, (x, at_sigmoid, a, Wo, at_loss)


def single_sample_backward(dloss, cache):
    """dWh, dbh, dWo, dbo: a weight's gradient is its neuron's error times its input."""
    x, at_sigmoid, a, Wo, at_loss = cache
    ((d,),) = softmax_cross_entropy_backward(dloss, at_loss)
    (dhs,) = sigmoid_backward(d @ Wo, at_sigmoid)
    return dhs[:, None] * x, dhs, d[:, None] * a, d


def right_step(weights, x, y):
    """Loss and gradients of the one row of x (1, D) and y (1, C)."""
    loss, cache = single_sample_forward(x[0], *weights, y[0])
    return loss, *single_sample_backward(1.0, cache)


def run(run: Run) -> Outcome:
    """One image in each step."""
    ways = {"": (right_step, RATE), "printed_": (digits.printed_step, RATE)}
    images, arrays = digits.train(run, ways=ways, batch_size=1)
    return Outcome(digits.lines(run, images, f"one image a step, rate {RATE}"), arrays)


def _point(rng):
    return {**normal(x=(3,), Wh=(4, 3), bh=(4,), Wo=(2, 4), bo=(2,))(rng), "y": np.asarray(shares(rng, 1, 2)[0])}


SYSTEM = System(
    name="digits_512_single_sample",
    lecture="000",
    headings=("Stochastic gradient descent – batch and mini-batch gradient descent",),
    summary="784-512-10 by single samples, on digits or MNIST",
    run=run,
    epochs=10,
    plot=digits.plot,
    gradients=(
        Gradient("digits_512_single_sample", single_sample_forward, single_sample_backward, _point, nondiff=("x", "y")),
    ),
    images=True,
)
