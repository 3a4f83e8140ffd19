"""What several slides of the lecture share: the sigmoid as printed, and sums written out term by term."""

from __future__ import annotations

from typing import Any

import numpy as np


def sigmoid(v: Any) -> Any:
    """The lecture's 1 / (1 + exp(-v)), elementwise, any shape."""
    return 1 / (1 + np.exp(-v))


def sum_form(x: Any, w: Any, b: Any) -> Any:
    """w_1 x_1 + ... + w_d x_d + b for one example: x, w (d,) or (d, 1) or (1, d); b one number. A scalar."""
    terms = [p * q for p, q in zip(np.ravel(w), np.ravel(x), strict=True)]
    return sum(terms[1:], terms[0]) + np.ravel(b)[0]


def squared_errors(y_hat: Any, y: Any) -> Any:
    """The sum of squared errors without any factor. A scalar."""
    return ((y_hat - y) ** 2).sum()
