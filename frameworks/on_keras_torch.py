"""Keras on its PyTorch backend as an implementation: its layers, losses and ops, differentiated by autograd."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from ._counterpart import absent
from ._keras import Evaluation, compute_in, load_keras, precision, seed_initialisers
from .on_pytorch import vector_jacobians

MISSING = "torch is not installed in this Python, and Keras computes with it here"


class Adapter:
    """Keras 3 with PyTorch on the CPU, one thread. Absent where keras or torch is not installed."""

    def __init__(self) -> None:
        os.environ["KERAS_TORCH_DEVICE"] = "cpu"
        try:
            self.torch = importlib.import_module("torch")
        except ModuleNotFoundError as error:
            if error.name != "torch":
                raise
            raise absent(MISSING) from None
        self.torch.set_num_threads(1)
        self.keras = load_keras("torch", MISSING)

    def versions(self) -> dict[str, str]:
        """Versions of what computes."""
        versions = {"keras": str(self.keras.__version__), "torch": str(self.torch.__version__)}
        return {**versions, "numpy": np.__version__}

    def precision(self) -> dict[str, Any]:
        """The switches that change numbers."""
        return {**precision(self.keras), "device": "cpu", "threads": self.torch.get_num_threads()}

    def seed(self, n: int) -> None:
        """Seed every generator that Keras uses (they only fill the weights that a counterpart then replaces)."""
        seed_initialisers(n)
        self.torch.manual_seed(n)

    def evaluate(
        self,
        counterpart: Callable[..., Any],
        inputs: dict[str, np.ndarray],
        differentiable: list[str],
        cotangents: list[np.ndarray],
        options: dict[str, Any],
    ) -> tuple[Any, list[dict[str, np.ndarray]], str | None]:
        """(y, for each cotangent the gradient by input name, why composed or None): one forward, a vjp each.

        Of several outputs y is a tuple, and a cotangent is one vector over all of them, in order.
        """
        compute_in(self.keras, inputs)
        leaves = {name: self.torch.from_numpy(array.copy()) for name, array in inputs.items()}
        for name in differentiable:
            leaves[name].requires_grad_()
        fw = Evaluation(self.keras)
        y = counterpart(fw, **leaves, **options)
        sources = {name: fw.sources.get(name, (leaves[name], lambda g: g)) for name in differentiable}
        return *vector_jacobians(self.torch, y, sources, cotangents), fw.why
