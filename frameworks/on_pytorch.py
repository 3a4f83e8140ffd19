"""PyTorch as an implementation: tensors in, output and vector-Jacobian products out."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from ._counterpart import absent


class Evaluation:
    """What a PyTorch counterpart is given: `fw.torch`, and where to register a layer's parameters."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.functional = torch.nn.functional
        self.why: str | None = None
        self.sources: dict[str, tuple[Any, Callable[[Any], Any]]] = {}

    def weight(self, name: str, parameter: Any, back: Callable[[Any], Any] = lambda g: g) -> None:
        """The gradient of input `name` is the parameter's; `back` maps its layout to the input's."""
        self.sources[name] = (parameter, back)

    def composed(self, why: str) -> None:
        """With these options PyTorch has no function of its own; `why` goes into the report."""
        self.why = why


class Adapter:
    """PyTorch on the CPU, one thread. Absent where torch is not installed."""

    def __init__(self) -> None:
        try:
            self.torch = importlib.import_module("torch")
        except ModuleNotFoundError as error:
            if error.name != "torch":
                raise
            raise absent("torch is not installed in this Python") from None
        self.torch.set_num_threads(1)
        self.torch.set_num_interop_threads(1)

    def versions(self) -> dict[str, str]:
        """Versions of what computes."""
        return {"torch": str(self.torch.__version__), "numpy": np.__version__}

    def precision(self) -> dict[str, Any]:
        """The switches that change numbers."""
        torch = self.torch
        return {
            "default_dtype": str(torch.get_default_dtype()).removeprefix("torch."),
            "float32_matmul_precision": torch.get_float32_matmul_precision(),
            "tf32_matmul": bool(torch.backends.cuda.matmul.allow_tf32),
            "tf32_cudnn": bool(torch.backends.cudnn.allow_tf32),
            "deterministic": torch.are_deterministic_algorithms_enabled(),
            "threads": torch.get_num_threads(),
            "device": "cpu",
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        }

    def seed(self, n: int) -> None:
        """Seed the global generator (it only fills the weights that a counterpart then replaces)."""
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
        torch = self.torch
        leaves = {name: torch.from_numpy(array.copy()) for name, array in inputs.items()}
        for name in differentiable:
            leaves[name].requires_grad_()
        fw = Evaluation(torch)
        y = counterpart(fw, **leaves, **options)
        sources = {name: fw.sources.get(name, (leaves[name], lambda g: g)) for name in differentiable}
        return *vector_jacobians(torch, y, sources, cotangents), fw.why


def vector_jacobians(
    torch: Any, y: Any, sources: dict[str, tuple[Any, Callable[[Any], Any]]], cotangents: list[np.ndarray]
) -> tuple[Any, list[dict[str, np.ndarray]]]:
    """The output as arrays, and for each cotangent the gradients by name. sources: tensor, and its way back."""
    if not sources:
        return _arrays(y), [{} for _ in cotangents]
    packed = torch.cat([part.reshape(-1) for part in y]) if isinstance(y, tuple) else y
    gradients = []
    for cotangent in cotangents:
        # In PyTorch an input that the output does not use has no gradient, and that means zero.
        found = torch.autograd.grad(
            packed,
            [source for source, _ in sources.values()],
            grad_outputs=torch.from_numpy(cotangent.copy()),
            retain_graph=True,
            allow_unused=True,
            materialize_grads=True,
        )
        mapped = (back(gradient) for (_, back), gradient in zip(sources.values(), found, strict=True))
        gradients.append({n: g.detach().numpy() for n, g in zip(sources, mapped, strict=True)})
    return _arrays(y), gradients


def _arrays(y: Any) -> Any:
    """One output as an array, several as a tuple of arrays."""
    return tuple(part.detach().numpy() for part in y) if isinstance(y, tuple) else y.detach().numpy()
