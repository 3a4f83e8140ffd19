"""Gradients of the output layer that several slides check: the errors o - y, and printed steps of its weights."""

from __future__ import annotations

import numpy as np

from .._claim import Evidence
from .._exact import derivative, same
from .._outcome import Outcome, judged, misread
from ._pieces import loss, softmax

LOGITS = {"z": "k", "u": "k"}
OUTPUT = {"a": "m", "w2": "k m", "u": "k"}


def loss_of_output(a, w2, u):
    """The loss as a function of the hidden activations and the output weights."""
    return loss(w2 @ a, u)


def delta(z, u):
    """o - y of the logits z and the label softmax(u)."""
    return softmax(z) - softmax(u)


def error_of_outputs_outcome() -> Outcome:
    """Is o - y the derivative by the logits?"""
    found = derivative(loss, lambda dy, z, u: dy * delta(z, u), LOGITS, by="z")
    return found.about("for labels y = softmax(u), whose sum is one as a one-hot label's is")


def printed_step(step) -> Outcome:
    """A printed ∂L/∂w of the output layer, up to η, against the true one."""
    return derivative(loss_of_output, lambda dy, a, w2, u: dy * step(a, w2, u), OUTPUT, by="w2", least=2)


def right_step() -> Outcome:
    """The step δ_k a_j against the derivative by the output weights."""
    return printed_step(lambda a, w2, u: np.outer(delta(w2 @ a, u), a))


def quotient_without_d() -> Evidence:
    """L divided by w, as it stands, against ∂L/∂w."""
    points = [{"a": np.array([1.0]), "w2": np.array([[1.0], [2.0]]), "u": np.array([0.0, 1.0])}]

    def right(a, w2, u):
        return np.outer(delta(w2 @ a, u), a)

    literally = same(lambda a, w2, u: loss_of_output(a, w2, u) / w2, right, points).about("L divided by w")
    return misread(literally, right_step().about("∂L/∂w"))


def delta_by_weight() -> Evidence:
    """δ_k ∂δ_k/∂w_kj against δ_k ∂z_k/∂w_kj; ∂δ_k/∂w_kj is o_k (1 - o_k) a_j."""

    def as_printed(a, w2, u):
        o = softmax(w2 @ a)
        return np.outer(delta(w2 @ a, u) * o * (1 - o), a)

    return judged(printed_step(as_printed).about("δ_k ∂δ_k/∂w_kj"), right_step().about("δ_k ∂z_k/∂w_kj = δ_k a_j"))
