"""What the student's page and the class page share: the template engine, the style, and no network."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from pathlib import Path
from typing import Any

from ..words import times
from . import text

_TEMPLATES = Path(__file__).parent.parent / "templates"


def rendered(template: str, **values: Any) -> str:
    """A template of reports/templates as one self-contained page; every text in it is escaped on its way in."""
    style = _style()
    page = _engine().get_template(template).render(style=_trusted(style), style_hash=_hash(style), **values)
    return str(page.encode("utf-8", "replace").decode("utf-8"))


@functools.cache
def _style() -> str:
    return "\n".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "marks.css"))


@functools.cache
def _engine() -> Any:
    """The engine, once for all pages of a class: it keeps the templates that it has compiled."""
    import jinja2

    engine = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    engine.filters.update(
        times=lambda ratio: times(ratio, "×"),
        line=text.line,
        block=text.block,
        points=text.points,
        slug=slug,
    )
    return engine


def _shown(value: Any) -> Any:
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return text.block(value)
    return value


def _trusted(markup: str) -> Any:
    from markupsafe import Markup

    return Markup(markup)


def _hash(style: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")


def slug(value: str) -> str:
    """A text as a part of an anchor or of a class name."""
    return re.sub(r"[^a-z0-9]+", "-", str(value).lower()).strip("-")[:60]
