"""The table of all operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import counterparts, operation_page
from .markdown import fence, plain, table
from .markdown import page as joined
from .verdicts import Verdicts


def page(catalogue: Mapping[str, Any], verdicts: Verdicts | None) -> str:
    """The index page of the operations."""
    rows = [
        [f"[{name}]({name}.md)", plain(op.summary), *(c.kind for c in counterparts.of(name, operation_page.names(op)))]
        for name, op in catalogue.items()
    ]
    said = (
        "*own*: the framework's own layer or function. *composed*: the framework has none, so its parts are put "
        "together. *absent*: it cannot be had there; the operation's page says why."
    )
    return joined(
        [
            "# Operations",
            f"The catalogue holds {len(catalogue)} operations. Each page is made from the sources.",
            said,
            table(["operation", "what it is", *counterparts.FRAMEWORKS], rows),
            *([verdicts.origin()] if verdicts else []),
            fence(":hidden:\n\n" + "\n".join(catalogue), "{toctree}"),
        ]
    )
