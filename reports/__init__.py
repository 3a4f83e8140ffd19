"""Reports: the findings file of a run, and pure functions of it. Imports nothing else of gradproof.

`reports.findings` reads, checks and writes the file; `render` turns what was read into a report.
"""

from __future__ import annotations

from .findings import Findings

FORMATS = ("text", "json", "markdown", "html", "junit")
"""The report formats."""


def render(findings: Findings, format: str, *, width: int = 100) -> str:
    """A report of a run as text, ending in a newline.

    format: one of FORMATS. width: columns of the text report, which has no colours here; `reports.terminal.render`
    prints one with colours. Raises ValueError for an unknown format.
    """
    if format == "text":
        return _text(findings, width)
    if format == "json":
        from .summary import render as to_json

        return to_json(findings)
    if format == "markdown":
        from .markdown import render as to_markdown

        return to_markdown(findings)
    if format == "html":
        from .html import render as to_html

        return to_html(findings)
    if format == "junit":
        from .junit import render as to_junit

        return to_junit(findings)
    raise ValueError(f"unknown report format {format!r}; known are {', '.join(FORMATS)}")


def _text(findings: Findings, width: int) -> str:
    import io

    from rich.console import Console

    from .terminal import render as to_terminal

    out = io.StringIO()
    to_terminal(findings, Console(file=out, width=width, no_color=True, force_terminal=False, highlight=False))
    return "\n".join(text.rstrip() for text in out.getvalue().splitlines()) + "\n"
