"""784-512-10 by batch gradient descent: 50 epochs, each one step over all images, learning rate 0.5."""

from .._system import Gradient, Outcome, Run, System
from . import _digits_512 as digits
from .one_hidden_layer_softmax import point


def batch_forward(x, Wh, bh, Wo, bo, y, part=digits.PART):
    """Mean loss of all images, part by part; the cache is what the parts add up to. Shapes as in `Forwardpass`."""
    loss, *gradients = digits.in_parts(digits.right_step, (Wh, bh, Wo, bo), x, y, part)
    return loss, gradients


def batch_backward(dloss, cache):
    """dWh, dbh, dWo, dbo."""
    return tuple(dloss * gradient for gradient in cache)


def run(run: Run) -> Outcome:
    """All images in each step."""
    images, arrays = digits.train(run)
    return Outcome(digits.lines(run, images, "all images a step"), arrays)


def _two_at_once(x, Wh, bh, Wo, bo, y):
    return batch_forward(x, Wh, bh, Wo, bo, y, part=2)


SYSTEM = System(
    name="digits_512_batch",
    lecture="000",
    headings=("Batch Gradient Descent", "Define functions", "Training the model"),
    summary="784-512-10 by batch gradient descent, on digits or MNIST",
    run=run,
    epochs=50,
    plot=digits.plot,
    gradients=(Gradient("digits_512_batch", _two_at_once, batch_backward, point, nondiff=("x", "y")),),
    images=True,
)
