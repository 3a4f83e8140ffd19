"""The 4-3-4-2 multilayer perceptron: every neuron by its own formula, and layer by layer as matrices."""

import numpy as np

from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward

from .._system import Gradient, Outcome, Run, System
from ._mlp import layers_backward, layers_forward
from ._points import normal

SHAPES = {"w_h1": (4, 3), "b_h1": (3,), "w_h2": (3, 4), "b_h2": (4,), "w_o": (4, 2), "b_o": (2,)}


def sigmoid(z):
    return sigmoid_forward(z)[0]


def scalar_form(x, w_h1, b_h1, w_h2, b_h2, w_o, b_o, phi=sigmoid):
    """The neurons one by one, as the slides write them: w(i, j) leads from neuron i to neuron j, counted from 1.

    x: (4,). Returns y1 and y2.
    """
    x1, x2, x3, x4 = x
    i1, i2, i3, i4 = phi(x1), phi(x2), phi(x3), phi(x4)

    w, b = _counted_from_one(w_h1, b_h1)
    h11 = phi(i1 * w(1, 1) + i2 * w(2, 1) + i3 * w(3, 1) + i4 * w(4, 1) + b(1))
    h12 = phi(i1 * w(1, 2) + i2 * w(2, 2) + i3 * w(3, 2) + i4 * w(4, 2) + b(2))
    h13 = phi(i1 * w(1, 3) + i2 * w(2, 3) + i3 * w(3, 3) + i4 * w(4, 3) + b(3))

    w, b = _counted_from_one(w_h2, b_h2)
    h21 = phi(h11 * w(1, 1) + h12 * w(2, 1) + h13 * w(3, 1) + b(1))
    h22 = phi(h11 * w(1, 2) + h12 * w(2, 2) + h13 * w(3, 2) + b(2))
    h23 = phi(h11 * w(1, 3) + h12 * w(2, 3) + h13 * w(3, 3) + b(3))
    h24 = phi(h11 * w(1, 4) + h12 * w(2, 4) + h13 * w(3, 4) + b(4))

    w, b = _counted_from_one(w_o, b_o)
    o1 = phi(h21 * w(1, 1) + h22 * w(2, 1) + h23 * w(3, 1) + h24 * w(4, 1) + b(1))
    o2 = phi(h21 * w(1, 2) + h22 * w(2, 2) + h23 * w(3, 2) + h24 * w(4, 2) + b(2))
    return o1, o2


def _counted_from_one(weights, biases):
    return lambda i, j: weights[i - 1, j - 1], lambda j: biases[j - 1]


def matrix_form(x, w_h1, b_h1, w_h2, b_h2, w_o, b_o, phi=sigmoid):
    """I = phi(X), H1 = phi(I W_h1 + B_h1), H2 = phi(H1 W_h2 + B_h2), Y = phi(H2 W_o + B_o), for N rows at once."""
    i = phi(x)
    h1 = phi(i @ w_h1 + b_h1)
    h2 = phi(h1 @ w_h2 + b_h2)
    return {"I": i, "H1": h1, "H2": h2, "Y": phi(h2 @ w_o + b_o)}


def mlp_forward(x, w_h1, b_h1, w_h2, b_h2, w_o, b_o):
    """Y (N, 2) of x (N, 4): the matrix form, with sigmoids, on the input layer too."""
    i, at_input = sigmoid_forward(x)
    y, at_layers = layers_forward(i, (w_h1, b_h1, w_h2, b_h2, w_o, b_o), ["sigmoid"] * 3)
    return y, (at_input, at_layers)


def mlp_backward(dy, cache):
    """dx, then each layer's dw and db."""
    at_input, at_layers = cache
    di, *gradients = layers_backward(dy, at_layers)
    (dx,) = sigmoid_backward(di, at_input)
    return (dx, *gradients)


def mlp_scalar_forward(x, w_h1, b_h1, w_h2, b_h2, w_o, b_o):
    """y (2,) of x (4,) by the scalar form; the cache is the matrix form's, of one row."""
    parameters = (w_h1, b_h1, w_h2, b_h2, w_o, b_o)
    _, cache = mlp_forward(x[None], *parameters)
    return np.stack(scalar_form(x, *parameters)), cache


def mlp_scalar_backward(dy, cache):
    """The matrix form's gradients: they are those of the scalar form."""
    dx, *gradients = mlp_backward(dy[None], cache)
    return (dx[0], *gradients)


def run(run: Run) -> Outcome:
    """Both forms on whole numbers with ReLU, where nothing is rounded, and with sigmoids on generic numbers."""
    rng = np.random.default_rng(run.seed)
    whole = {"x": rng.integers(-5, 6, (5, 4)).astype(float)}
    whole |= {name: rng.integers(-5, 6, shape).astype(float) for name, shape in SHAPES.items()}
    same = np.array_equal(*both(**whole, phi=lambda z: np.maximum(z, 0)))
    generic = normal(x=(5, 4), **SHAPES)(rng)
    scalars, y = both(**generic)
    layers = matrix_form(**generic)
    one = matrix_form(generic["x"][:1], *(generic[name] for name in SHAPES))
    lines = (
        f"whole numbers and phi = ReLU: scalar and matrix form are {'equal' if same else 'NOT equal'} in every entry",
        f"generic numbers and phi = sigmoid: they differ by at most {np.abs(scalars - y).max():.2g}, by roundings",
        "one input: " + ", ".join(f"{name} is {value.shape[0]} x {value.shape[1]}" for name, value in one.items()),
        "the lecture prints H1 as [4 x 3] and H2 as [3 x 4]: those are the weights W_h1 and W_h2",
        "phi is applied to the input layer too, as printed; later slides multiply X itself by W_h1",
    )
    return Outcome(lines, {**generic, **layers, "scalar form": scalars})


def both(x, phi=sigmoid, **parameters):
    """Outputs (N, 2) by the scalar form, row after row, and by the matrix form."""
    scalars = np.array([scalar_form(row, **parameters, phi=phi) for row in x])
    return scalars, matrix_form(x, **parameters, phi=phi)["Y"]


SYSTEM = System(
    name="mlp",
    lecture="002",
    headings=(
        "Multilayer Perceptron Networks (MLP)",
        "Implementation of FF Networks (2)",
        "Implementation of FF Networks (3)",
        "Matrix Representation of FF Networks (5)",
    ),
    summary="the 4-3-4-2 multilayer perceptron, neuron by neuron and as matrices",
    run=run,
    gradients=(
        Gradient("mlp", mlp_forward, mlp_backward, normal(x=(5, 4), **SHAPES)),
        Gradient("mlp_scalar", mlp_scalar_forward, mlp_scalar_backward, normal(x=(4,), **SHAPES)),
    ),
)
