"""Rows, columns and one-dimensional arrays: what transposing and multiplying makes of each."""

import numpy as np

from .._system import Outcome, Run, System


def vector(numbers):
    """R^d: one axis; what Python calls a vector, neither row nor column."""
    return np.asarray(numbers)


def column(a):
    """R^(d x 1): the column vector of mathematics."""
    return a.reshape(-1, 1)


def row(a):
    """R^(1 x d): the row vector."""
    return a.reshape(1, -1)


RULES = (
    ("a", lambda a: a),
    ("b, the column", lambda a: column(a)),
    ("c, the row", lambda a: row(a)),
    ("b^T is c", lambda a: column(a).T),
    ("c^T is b", lambda a: row(a).T),
    ("a^T is a", lambda a: a.T),
    ("a . a, a number", lambda a: a @ a),
    ("b^T b, 1 x 1", lambda a: column(a).T @ column(a)),
    ("b b^T, d x d", lambda a: column(a) @ column(a).T),
    ("a + b, d x d and not d", lambda a: a + column(a)),
)


def run(run: Run) -> Outcome:
    """Every rule on one vector of four numbers."""
    a = vector(np.random.default_rng(run.seed).standard_normal(4))
    results = {name: rule(a) for name, rule in RULES}
    lines = tuple(f"{name:24} shape {np.shape(result)}" for name, result in results.items())
    return Outcome(lines, {name: np.asarray(result) for name, result in results.items()})


SYSTEM = System(
    name="row_and_column_vectors",
    lecture="003",
    headings=("Aside: Mathematical Notation", "Implementation Note"),
    summary="rows, columns and one-dimensional arrays under transposition and products",
    run=run,
)
