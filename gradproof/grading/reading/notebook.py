"""A notebook's cells, of any version of the format, without its library.

The file is JSON and only the place of the cells differs between versions. Reading it here keeps incomplete and
invalid notebooks gradable, where a validating reader refuses them, and keeps the number of each cell.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_NODES = 4_000_000  # JSON values; each costs some 100 bytes


class NotANotebook(ValueError):
    """The text is no notebook; the message says why."""


@dataclass(frozen=True)
class Cell:
    """number: from the top, text cells included, beginning with 1; count: as in In [count], None if never run."""

    number: int
    code: str
    count: int | None


@dataclass(frozen=True)
class Notebook:
    cells: tuple[Cell, ...]
    language: str
    python2: bool


def looks_like_notebook(text: str) -> bool:
    """Whether a text is a notebook whatever its file is called."""
    start = text[:2000].lstrip()
    return start.startswith("{") and bool(re.match(r'^\{\s*"(?:cells|metadata|nbformat|worksheets)"', start))


def read_notebook(text: str) -> Notebook:
    """The code cells. NotANotebook where there is no list of cells."""
    if sum(text.count(c) for c in ",[{") > _NODES:
        raise NotANotebook("the notebook is too large; clear its outputs and hand it in again")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", 0)
        since = f" from line {line} on" if line else ""
        raise NotANotebook(f"it is no whole notebook (no JSON{since}); save it again, hand in the .ipynb") from None
    if not isinstance(content, dict):
        raise NotANotebook("it is JSON, but no notebook; hand in the .ipynb that Jupyter saves")
    metadata = content.get("metadata")
    language = _language(metadata if isinstance(metadata, dict) else {})
    cells = []
    for number, cell in enumerate(_cells(content), 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            own = str(cell.get("language", "python")).lower()  # version 3 and before
            code = _joined(next((cell[k] for k in ("source", "input", "code") if k in cell), ""))
            count = cell.get("execution_count", cell.get("prompt_number"))
            if code.strip() and own.startswith(("python", "ipython")):
                cells.append(Cell(number, code, count if isinstance(count, int) else None))
    return Notebook(tuple(cells), language, _python2(metadata if isinstance(metadata, dict) else {}))


def _cells(content: dict[str, Any]) -> list[Any]:
    if isinstance(content.get("cells"), list):
        return list(content["cells"])
    sheets = content.get("worksheets")
    if isinstance(sheets, list):
        lists = [s.get("cells") for s in sheets if isinstance(s, dict)]
        return [cell for cells in lists if isinstance(cells, list) for cell in cells]
    raise NotANotebook("it has no list of cells; hand in the .ipynb that Jupyter saves")


def _joined(source: Any) -> str:
    """A cell's text, kept as one string or as a list of lines; without lone surrogates, which no file can hold."""
    text = "".join(s for s in source if isinstance(s, str)) if isinstance(source, list) else source
    text = text if isinstance(text, str) else ""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "�")
    return plain.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _field(metadata: dict[str, Any], *path: str) -> str:
    value: Any = metadata
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return str(value or "").lower()


def _language(metadata: dict[str, Any]) -> str:
    return _field(metadata, "kernelspec", "language") or _field(metadata, "language_info", "name") or "python"


def _python2(metadata: dict[str, Any]) -> bool:
    kernel = _field(metadata, "kernelspec", "name")
    return kernel in ("python2", "python 2") or _field(metadata, "language_info", "version").startswith("2.")
