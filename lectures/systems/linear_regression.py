"""Linear regression by the normal equations, and by the gradient descent that the lecture puts in their place."""

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward
from gradproof.reference.squared_error import squared_error_backward, squared_error_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..training import fit
from ._points import normal

RATE = 0.1


def linear_regression_forward(x, w, b, target):
    """Loss 1/(2N) sum (x w + b - target)^2 of x (N, D), w (D, C), b (C,), target (N, C)."""
    y, at_affine = affine_forward(x, w, b)
    loss, at_loss = squared_error_forward(y, target, scale="half", reduction="batch_mean")
    return loss, (at_affine, at_loss)


def linear_regression_backward(dloss, cache):
    """dx, dw = x^T (y - target) / N, db."""
    at_affine, at_loss = cache
    (dy,) = squared_error_backward(dloss, at_loss)
    return affine_backward(dy, at_affine)


def normal_equations(x, y):
    """Weights w (D, C) and bias b (C,) that minimise the squared error: (X^T X) w = X^T y with a column of ones.

    x: (N, D); y: (N, C). Solved, not inverted: the inverse costs more and loses more digits.
    ValueError where the columns of [x 1] depend on each other, so that no solution is the only one.
    """
    extended = np.column_stack([x, np.ones(len(x))])
    if np.linalg.matrix_rank(extended) < extended.shape[1]:
        raise ValueError(
            f"the {x.shape[1]} columns of x and the ones depend on each other in {len(x)} rows: X^T X has no inverse"
        )
    w = np.linalg.solve(extended.T @ extended, extended.T @ y)
    return w[:-1], w[-1]


def network(parameters, x, y):
    loss, cache = linear_regression_forward(x, parameters["w"], parameters["b"], y)
    _, dw, db = linear_regression_backward(1.0, cache)
    return loss, {"w": dw, "b": db}


def run(run: Run) -> Outcome:
    """Noisy samples of a plane with two outputs; descent goes where the normal equations point."""
    rng = np.random.default_rng(run.seed)
    x = rng.standard_normal((40, 3))
    y = x @ rng.standard_normal((3, 2)) + rng.standard_normal(2) + 0.1 * rng.standard_normal((40, 2))
    best_w, best_b = normal_equations(x, y)
    start = {"w": np.zeros((3, 2)), "b": np.zeros(2)}
    found = fit(network, start, x, y, run=run, rate=RATE)
    apart = max(np.abs(found["w"] - best_w).max(), np.abs(found["b"] - best_b).max())
    lines = (
        f"loss at the normal equations' weights {network({'w': best_w, 'b': best_b}, x, y)[0]:.6g}",
        f"loss after {run.epochs} epochs of descent {network(found, x, y)[0]:.6g}",
        f"the weights differ by {apart:.2e} at most",
    )
    return Outcome(lines, {**found, "best_w": best_w, "best_b": best_b})


def plot(outcome, records, folder):
    losses = {"loss": [r["loss"] for r in records]}
    return [plotting.curves(folder / "loss.png", losses, x="epoch", y="squared error", log=True)]


SYSTEM = System(
    name="linear_regression",
    lecture="003",
    headings=("Linear Regression in Matrix", "Logistic Regression", "Loss Score", "Gradient Descent"),
    summary="linear regression by the normal equations and by gradient descent",
    run=run,
    epochs=300,
    plot=plot,
    gradients=(
        Gradient(
            "linear_regression",
            linear_regression_forward,
            linear_regression_backward,
            normal(x=(5, 3), w=(3, 2), b=(2,), target=(5, 2)),
            nondiff=("target",),
        ),
    ),
)
