"""Marks records and pure functions of them: what a grading writes for students, instructors and platforms.

`record` holds a record against `marks.schema.json`. Every text of a record is foreign: a student may have written it,
so each format makes it harmless in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ONE = ("markdown", "html", "gradescope", "classroom")
"""Formats of one submission."""

CLASS = ("text", "json", "csv", "junit")
"""Formats of any number of submissions."""


def render(record: Mapping[str, Any], format: str, *, everything: bool = False) -> str:
    """One submission's marks in a format of ONE or CLASS, ending in a newline.

    everything: for an instructor, with the stages that students may not see (markdown and html; the others either say
    each stage's visibility themselves or are for instructors). Raises ValueError for an unknown format.
    """
    if format == "markdown":
        from .markdown import render as to_markdown

        return to_markdown(record, everything=everything)
    if format == "html":
        from .student_page import render as to_html

        return to_html(record, everything=everything)
    if format == "gradescope":
        from .gradescope import render as to_gradescope

        return to_gradescope(record)
    if format == "classroom":
        from .classroom import render as to_classroom

        return to_classroom(record)
    return render_class([record], format)


def render_class(records: Sequence[Mapping[str, Any]], format: str, changes: Sequence[str] = ()) -> str:
    """The marks of a class in a format of CLASS, ending in a newline. changes: what a new grading changed, for text.

    Raises ValueError for an unknown format, and for one of ONE with another number of records than one.
    """
    if format == "text":
        from .terminal import render as to_text

        return to_text(records, changes)
    if format == "json":
        import json

        return "".join(f"{json.dumps(record, ensure_ascii=True)}\n" for record in records)
    if format == "csv":
        from .csv import render as to_csv

        return to_csv(records)
    if format == "junit":
        from .junit import render as to_junit

        return to_junit(records)
    if format in ONE:
        if len(records) != 1:
            raise ValueError(
                f"{format} is a format of one submission, and there are {len(records)}; take one of {', '.join(CLASS)}"
            )
        return render(records[0], format)
    raise ValueError(f"unknown format {format!r}; known are {', '.join((*CLASS, *ONE))}")
