"""Linear regression in every matrix form of the lecture: one function a form, all of the same numbers.

One output: w (d,) and b (); x (d,) one row of X (n, d). Several outputs: W (d, c) and b (c,).
"""

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward

from .._system import Gradient, Outcome, Run, System
from ._points import normal

# -- one output: y = w_1 x_1 + ... + w_d x_d + b -------------------------------------------------------------------


def scalar_form(X, w, b):
    """The sum as it is written, row by row."""
    return np.stack([sum(w[j] * x[j] for j in range(len(w))) + b for x in X])


def dot_form(X, w, b):
    """w . x + b with x and w in R^d; x . w + b is the same number."""
    return np.stack([w @ x + b for x in X])


def extended_form(X, w, b):
    """w . x in R^(d+1): b is the last weight, and the last attribute is 1."""
    w = np.append(w, b)
    return np.stack([w @ np.append(x, 1) for x in X])


def column_form(X, w, b):
    """w^T x + b with columns w and x in R^(d x 1): a 1 x 1 matrix for each x."""
    return np.stack([(w.reshape(-1, 1).T @ x.reshape(-1, 1) + b)[0, 0] for x in X])


def batch_form(X, w, b):
    """X w + b: all n rows at once, y in R^n."""
    return X @ w + b


def transposed_batch_form(X, w, b):
    """w X^T + b: the same, since a one-dimensional w is neither row nor column."""
    return w @ X.T + b


ONE_OUTPUT = {
    "w1 x1 + ... + wd xd + b": scalar_form,
    "w . x + b": dot_form,
    "w . x, b within w": extended_form,
    "w^T x + b": column_form,
    "X w + b": batch_form,
    "w X^T + b": transposed_batch_form,
}


# -- c outputs -----------------------------------------------------------------------------------------------------


def row_form(X, W, b):
    """x W + b for each x in R^d: y in R^c."""
    return np.stack([x @ W + b for x in X])


def matrix_form(X, W, b):
    """X W + b: y in R^(n x c). The affine map of every later layer."""
    return affine_forward(X, W, b)[0]


def transposed_form(X, W, b):
    """W X^T + b: W lies in R^(c x d) here and b is a column, so the result is y^T."""
    return (W.T @ X.T + b.reshape(-1, 1)).T


SEVERAL_OUTPUTS = {"x W + b": row_form, "X W + b": matrix_form, "W X^T + b": transposed_form}


# -- their gradients -----------------------------------------------------------------------------------------------


def batch_forward(X, w, b):
    """y = X w + b, (n,), from X (n, d), w (d,), b ()."""
    return X @ w + b, (X, w)


def batch_backward(dy, cache):
    """dX = dy w^T as an outer product, dw = dy X, db = sum of dy."""
    X, w = cache
    return np.outer(dy, w), dy @ X, dy.sum()


def extended_forward(X, w):
    """y = [X 1] w, (n,), from X (n, d) and w (d + 1,), whose last entry is the bias."""
    extended = np.concatenate([X, np.ones_like(X[:, :1])], axis=1)
    return extended @ w, (extended, w)


def extended_backward(dy, cache):
    """dX without the column of ones, which nobody asks for; dw = [X 1]^T dy."""
    extended, w = cache
    return np.outer(dy, w)[:, :-1], extended.T @ dy


def transposed_forward(X, W, b):
    """y^T = W X^T + b, (c, n), from X (n, d), W (c, d) and the column b (c, 1)."""
    return W @ X.T + b, (X, W)


def transposed_backward(dy, cache):
    """dX = dy^T W, dW = dy X, db = the sum of dy over the rows of X, from dy (c, n)."""
    X, W = cache
    return dy.T @ W, dy @ X, dy.sum(axis=1, keepdims=True)


GRADIENTS = (
    Gradient("linear_batch", batch_forward, batch_backward, normal(X=(5, 3), w=(3,), b=())),
    Gradient("linear_extended", extended_forward, extended_backward, normal(X=(5, 3), w=(4,))),
    Gradient("linear_transposed", transposed_forward, transposed_backward, normal(X=(5, 3), W=(2, 3), b=(2, 1))),
    Gradient("affine", affine_forward, affine_backward, normal(x=(5, 3), w=(3, 2), b=(2,)), operation="affine"),
)


def run(run: Run) -> Outcome:
    """Every form on the same generic numbers."""
    rng = np.random.default_rng(run.seed)
    X, w, b = rng.standard_normal((5, 3)), rng.standard_normal(3), rng.standard_normal()
    W, bs = rng.standard_normal((3, 2)), rng.standard_normal(2)
    one = {name: form(X, w, b) for name, form in ONE_OUTPUT.items()}
    several = {name: form(X, W, bs) for name, form in SEVERAL_OUTPUTS.items()}
    return Outcome((*_told(one), *_told(several)), {**one, **{f"c outputs: {name}": y for name, y in several.items()}})


def _told(results):
    first = next(iter(results.values()))
    for name, y in results.items():
        yield f"{name:26} {y.shape}: differs from the first form by {np.abs(y - first).max():.1e} at most"


SYSTEM = System(
    name="linear_forms",
    lecture="003",
    headings=("Aside: Linear Regression in Matrix Form", "Linear Regression in Matrix", "Default Formula"),
    summary="linear regression in every matrix form, with one output and with several",
    run=run,
    gradients=GRADIENTS,
)
