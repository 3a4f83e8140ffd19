"""The reference pages that are made from the program itself: operations, commands, Python API, findings format.

Nothing here needs Sphinx, a framework or python-flint. `write` makes every page; `pages` gives their texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from . import api_page, commands_page, findings_page, operation_index, operation_page
from .found import causes_of
from .verdicts import Verdicts

__all__ = ["pages", "write"]


def pages(findings: str | Path | None = None) -> dict[str, str]:
    """Every generated page: its path below docs/reference, with "/", to its Markdown text.

    findings: an audit's findings file or the folder that holds it; without one no page shows a verdict.
    ValueError where there is no such file, or it is none.
    """
    from gradproof.reference import operations

    catalogue = operations()
    verdicts = Verdicts(findings) if findings else None
    found = {
        f"operations/{name}.md": operation_page.page(op, causes_of(name), verdicts) for name, op in catalogue.items()
    }
    return {
        "commands.md": commands_page.page(),
        "findings.md": findings_page.page(),
        "python.md": api_page.page(),
        "operations/index.md": operation_index.page(catalogue, verdicts),
        **found,
    }


def write(folder: Path, findings: str | Path | None = None) -> Mapping[str, str]:
    """Write every page below `folder`; what did not change keeps its time, and pages of no operation are removed."""
    texts = pages(findings)
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in (folder / "operations").glob("*.md"):
        if f"operations/{path.name}" not in texts:
            path.unlink()
    return texts
