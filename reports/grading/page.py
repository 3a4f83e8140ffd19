"""What the student's page and the class page share: their filters and their style."""

from __future__ import annotations

import functools
from typing import Any

from ..self_contained import digest, engine, slug, template_text, trusted
from ..words import times
from . import text


def rendered(template: str, **values: Any) -> str:
    """A template of reports/templates as one self-contained page; every text in it is escaped on its way in."""
    style = _style()
    page = _engine().get_template(template).render(style=trusted(style), style_hash=digest(style), **values)
    return str(page.encode("utf-8", "replace").decode("utf-8"))


@functools.cache
def _style() -> str:
    return template_text("page.css", "marks.css", between="\n")


@functools.cache
def _engine() -> Any:
    """The engine, once for all pages of a class: it keeps the templates that it has compiled."""
    return engine(
        text.block,
        times=lambda ratio: times(ratio, "×"),
        line=text.line,
        block=text.block,
        points=text.points,
        slug=slug,
    )
