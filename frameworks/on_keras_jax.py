"""Keras on its JAX backend as an implementation: its layers, losses and ops inside a jitted function and its vjp."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._keras import Evaluation, compute_in, load_keras, precision, seed_initialisers
from .on_jax import Adapter as OnJax


class TracedEvaluation(Evaluation):
    """A weight that was set while JAX traces is the input itself, and so is its gradient: nothing to register."""

    def weight(self, name: str, variable: Any, back: Callable[[Any], Any] = lambda g: g) -> None:
        """Nothing: see the class."""


class Adapter(OnJax):
    """Keras 3 with JAX, 64-bit numbers enabled, one thread. Absent where keras or jax is not installed."""

    def __init__(self) -> None:
        super().__init__()
        self.keras = load_keras("jax", "jax is not installed in this Python, and Keras computes with it here")

    def versions(self) -> dict[str, str]:
        """Versions of what computes."""
        return {"keras": str(self.keras.__version__), **super().versions()}

    def precision(self) -> dict[str, Any]:
        """The switches that change numbers."""
        return {**precision(self.keras), **super().precision()}

    def seed(self, n: int) -> None:
        """Seed every generator that Keras uses (they only fill the weights that a counterpart then replaces)."""
        seed_initialisers(n)

    def evaluate(
        self,
        counterpart: Callable[..., Any],
        inputs: dict[str, np.ndarray],
        differentiable: list[str],
        cotangents: list[np.ndarray],
        options: dict[str, Any],
    ) -> tuple[Any, list[dict[str, np.ndarray]], str | None]:
        """(y, for each cotangent the gradient by input name, why composed or None): one forward, a vjp each."""
        compute_in(self.keras, inputs)
        return super().evaluate(counterpart, inputs, differentiable, cotangents, options)

    def _evaluation(self) -> Any:
        return TracedEvaluation(self.keras)
