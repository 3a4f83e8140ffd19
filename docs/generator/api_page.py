"""The Python API: signatures and docstrings of what `import gradproof` offers."""

from __future__ import annotations

import inspect

from .markdown import fence
from .markdown import page as joined

HEAD = """# Python API

`import gradproof` loads neither NumPy nor anything heavy; the names below load what they need when they are used.
"""
CAUGHT = """`gradproof.check` raises it, so a test that calls `check` fails with the explanation as its message.
`findings` is the list of `gradproof.Finding` records, the good ones too.
"""


def page() -> str:
    """The Python API page. ModuleNotFoundError without python-flint, whose exact numbers `check` computes with."""
    from gradproof import Finding, Mismatch, check

    return joined(
        [
            HEAD,
            "## gradproof.check",
            _function("gradproof.check", check),
            "## gradproof.Mismatch",
            _class("gradproof.Mismatch", Mismatch),
            CAUGHT,
            "## gradproof.Finding",
            _class("gradproof.Finding", Finding),
            "The fields are those of the [findings format](findings.md#finding).",
        ]
    )


def _function(name: str, function: object) -> str:
    return fence(f"{name}{_signature(function)}\n\n{inspect.getdoc(function)}", "text")


def _class(name: str, kind: type) -> str:
    return fence(f"{name}{_signature(kind)}\n\n{inspect.getdoc(kind)}", "text")


def _signature(function: object) -> str:
    """The signature, one parameter a line where it is long."""
    text = str(inspect.signature(function))  # type: ignore[arg-type]
    return text
