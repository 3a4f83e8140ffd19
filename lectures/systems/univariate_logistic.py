"""Univariate logistic least squares: the cumbersome derivatives, and the structured ones with bars."""

import numpy as np

from gradproof.reference.sigmoid import sigmoid_forward

from .._system import Gradient, Outcome, Run, System
from ._points import normal

RATE = 2.0  # the lecture prints none


def phi(z):
    return sigmoid_forward(z)[0]


def phi_gradient(z):
    """phi'(z) = phi(z) (1 - phi(z))."""
    return phi(z) * (1 - phi(z))


def logistic_forward(w, b, x, y):
    """L = 1/2 (phi(w x + b) - y)^2; any shape, nothing is summed."""
    z = x * w + b
    y_hat = phi(z)
    return (y_hat - y) ** 2 / 2, (w, b, x, y, z, y_hat)


def cumbersome_backward(dL, cache):
    """dw, db, each from the start by the chain rule: w x + b and phi of it are computed four times over."""
    w, b, x, y, _, _ = cache
    dw = (phi(w * x + b) - y) * phi_gradient(w * x + b) * x
    db = (phi(w * x + b) - y) * phi_gradient(w * x + b)
    return dL * dw, dL * db


def structured_backward(dL, cache):
    """dw, db by the bars y, z, w, b, each from the one before it and what the forward kept."""
    _, _, x, y, _, y_hat = cache
    y_bar = y_hat - y
    z_bar = y_bar * (y_hat * (1 - y_hat))
    w_bar = z_bar * x
    b_bar = z_bar * 1
    return dL * w_bar, dL * b_bar


def run(run: Run) -> Outcome:
    """Descent on the mean of L over points of a line, by the bars; the cumbersome form beside them at every step."""
    rng = np.random.default_rng(run.seed)
    x = rng.uniform(-2, 2, 20 if run.size == "small" else 200)
    y = phi(3 * x - 1)
    w, b = np.zeros(()), np.zeros(())
    same = 0
    for epoch in range(run.epochs):
        L, cache = logistic_forward(w, b, x, y)
        bars, cumbersome = structured_backward(1.0, cache), cumbersome_backward(1.0, cache)
        same += all((p == q).all() for p, q in zip(bars, cumbersome, strict=True))
        w, b = w - RATE * bars[0].mean(), b - RATE * bars[1].mean()
        run.history.add(epoch=epoch, loss=L.mean(), w=w, b=b)
        run.progress(epoch + 1)
    lines = (
        f"targets phi(3x - 1) at {len(x)} points: w = {w:.4f}, b = {b:.4f}, loss {run.history.records[-1]['loss']:.3g}",
        f"cumbersome and structured derivatives are the same bits in {same} of {run.epochs} steps",
        "evaluations of phi for L, dw and db: 7 in the cumbersome form, 1 in the structured one",
    )
    return Outcome(lines, {"w": w, "b": b, "x": x, "y": y})


_point = normal(w=(), b=(), x=(), y=())

SYSTEM = System(
    name="univariate_logistic",
    lecture="004",
    headings=("Back-Propagation Algorithm",),
    summary="univariate logistic least squares: the cumbersome derivatives and the structured ones",
    run=run,
    epochs=2000,
    gradients=tuple(
        Gradient(f"univariate_logistic_{name}", logistic_forward, backward, _point, nondiff=("x", "y"))
        for name, backward in (("cumbersome", cumbersome_backward), ("structured", structured_backward))
    ),
)
