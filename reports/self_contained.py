"""What every page shares: the template engine, and its own style and script, so that it fetches nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import words

TEMPLATES = Path(__file__).parent / "templates"


def engine(shown: Callable[[str], str] = words.plain, **filters: Callable[..., Any]) -> Any:
    """A Jinja2 environment over the templates. shown: what every foreign text passes on its way into the page."""
    import jinja2

    def passed(value: Any) -> Any:
        return shown(value) if isinstance(value, str) and not hasattr(value, "__html__") else value

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, finalize=passed,
    )  # fmt: skip
    environment.filters.update(filters)
    return environment


def template_text(*names: str, between: str = "") -> str:
    """Style sheets or scripts of the templates' folder, one after another."""
    return between.join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def trusted(text: str) -> Any:
    """Markup of our own, which is not escaped."""
    from markupsafe import Markup

    return Markup(text)


def digest(text: str) -> str:
    """The hash by which a page's security policy allows one style sheet or script, and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def slug(text: str) -> str:
    """A text as a part of an anchor or of a class name."""
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-")[:60]


def jointed(text: str) -> Any:
    """A name that may be broken after its joints."""
    from markupsafe import Markup, escape

    return Markup(re.sub("([_:])(?=[^_:])", r"\1<wbr>", str(escape(words.line(text)))))
