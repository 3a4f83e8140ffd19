"""`torch.autograd.gradcheck`, slow and fast, on the NumPy pair inside a `torch.autograd.Function`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._checker import Checker, Rejected, Setting, Subject

TOLD = "the pair inside a torch.autograd.Function, tensors passed on as NumPy arrays"
ADDRESS = "https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html"
DOUBLE = "float64 inputs: its defaults are designed for double precision, as the documentation says"
# A central difference at this step is off by about 1e-10 of the function's scale in float64.
TIGHT = {"eps": 1e-6, "atol": 1e-7, "rtol": 1e-5}


def check(subject: Subject, setting: Setting) -> None:
    """Rejected where gradcheck raises its GradcheckError."""
    import torch
    from torch.autograd.gradcheck import GradcheckError

    torch.set_num_threads(1)

    class HandWritten(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            y, ctx.kept = subject.forward([t.detach().numpy() for t in tensors])
            return torch.tensor(np.asarray(y))

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            return tuple(torch.tensor(g) for g in subject.backward(dy.numpy(), ctx.kept))

    leaves = [torch.tensor(x, requires_grad=True) for x in subject.values]
    try:
        torch.autograd.gradcheck(HandWritten.apply, leaves, **setting.parameters)
    except GradcheckError as error:
        raise Rejected(str(error)) from None


def _checker(name: str, title: str, fast: bool) -> Checker:
    mode = {"fast_mode": True} if fast else {}
    said = ", fast_mode=True" if fast else ""
    settings = (
        Setting("default", f"gradcheck(f, inputs{said})", DOUBLE, "float64", mode),
        Setting(
            "best", f"gradcheck(f, inputs, eps=1e-6, atol=1e-7, rtol=1e-5, check_grad_dtypes=True{said})",
            "float64 inputs and tolerances near what a central difference can keep: the default rtol is 1e-3",
            "float64", {**mode, **TIGHT, "check_grad_dtypes": True},
        ),
    )  # fmt: skip
    return Checker(name, title, ADDRESS, TOLD, settings, check, ("torch",), ("torch",))


SLOW = _checker("gradcheck", "torch.autograd.gradcheck", False)
FAST = _checker("gradcheck-fast", "torch.autograd.gradcheck, fast mode", True)
