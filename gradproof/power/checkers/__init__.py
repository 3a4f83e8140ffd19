"""The other checkers, by name, in the order of a report."""

from __future__ import annotations

from ._checker import Checker, Setting, Subject, Verdict, fair, verdict_of
from .comparing import ALLCLOSE, ASSERT_CLOSE
from .hips_autograd import CHECKER as AUTOGRAD
from .jax_check_grads import FORWARD, REVERSE
from .relative_error import CHECKER as CS231N
from .tensorflow_gradient import CHECKER as TENSORFLOW
from .torch_gradcheck import FAST, SLOW

__all__ = ["CHECKERS", "Checker", "Setting", "Subject", "Verdict", "chosen", "fair", "verdict_of"]

CHECKERS = {c.name: c for c in (SLOW, FAST, REVERSE, FORWARD, AUTOGRAD, CS231N, TENSORFLOW, ALLCLOSE, ASSERT_CLOSE)}


def chosen(text: str | None) -> list[str]:
    """The checkers of a comma-separated list; all of them by default, none for "none". ValueError for others."""
    if text is None:
        return list(CHECKERS)
    names = [name.strip() for name in text.split(",") if name.strip() not in ("", "none")]
    for name in names:
        if name not in CHECKERS:
            raise ValueError(f"--checkers: {name!r} is not known; none, or of {', '.join(CHECKERS)}")
    return [name for name in CHECKERS if name in names]
