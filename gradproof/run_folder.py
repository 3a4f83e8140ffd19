"""The folder that a run writes: its findings file, the one of the run before, and the page."""

from __future__ import annotations

from pathlib import Path

from .reports.findings import read
from .reports.html import render as render_html

FINDINGS, PAGE, PREVIOUS = "findings.jsonl", "report.html", "findings-previous.jsonl"


def prepare(folder: Path, resume: bool, records: str = FINDINGS, previous: str = PREVIOUS) -> Path:
    """The path of a run's records in a folder that exists and can be written; an earlier run's are kept beside it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".gradproof-probe"
        probe.write_bytes(b"")
        probe.unlink()
        path = folder / records
        if path.exists() and not resume:
            path.replace(folder / previous)
    except OSError as error:
        raise ValueError(
            f"--output: cannot write in {folder}: {error.strerror or error}; name a folder that can be written"
        ) from None
    return path


def write_page(findings: Path, page: Path) -> None:
    """Render the HTML page of a findings file, whole or not at all."""
    part = page.with_suffix(".part")
    part.write_text(render_html(read(findings)), encoding="utf-8")
    part.replace(page)
