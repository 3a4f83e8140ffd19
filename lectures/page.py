"""A run as one HTML page: what it printed, its training curves, and the pictures that the lecture draws."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gradproof.reports.training import Run, render

from . import Outcome, System


def write(
    path: Path,
    system: System,
    settings: Mapping[str, Any],
    proofs: Sequence[str],
    outcome: Outcome,
    records: list[dict[str, Any]],
    pictures: Sequence[Path],
) -> Path:
    """Write the page of a run and return its path.

    pictures: PNG files that were drawn already; where there are none, they are drawn for the page alone. Without
    Matplotlib the page says that they are missing, and has its own curves all the same.
    """
    why = ""
    with tempfile.TemporaryDirectory() as folder:
        if not pictures and system.plot:
            try:
                pictures = system.plot(outcome, records, Path(folder))
            except ValueError as error:
                why = str(error)
        drawn = [(picture.stem, picture.read_bytes()) for picture in pictures]
    run = Run(
        name=system.name,
        summary=system.summary,
        cite=system.cite,
        settings=[(name, str(value)) for name, value in settings.items()],
        proofs=proofs,
        lines=outcome.lines,
        records=records,
        pictures=drawn,
        no_pictures=why,
    )
    path.write_text(render(run), encoding="utf-8")
    return path
