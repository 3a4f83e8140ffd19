"""Marks records as JUnit XML: a suite for each submission, a test case for each stage.

Wrong values are failures; an exception, a limit, a lost process and a grader's fault are errors; a blocked stage is
skipped. A submission that was not graded has one more test case, an error: a CI job must not pass on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

from ..table import number
from . import text
from .record import BROKEN, graded, key_of, name_of, stages_of, student_of, why_not_graded
from .telling import headline, told

_NO_XML = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def render(records: Iterable[Mapping[str, Any]]) -> str:
    """The XML document. Without any record it holds one error, for the same reason."""
    root = ElementTree.Element("testsuites", name="gradproof grade")
    for record in records:
        _suite(root, record)
    if not len(root):
        suite = ElementTree.SubElement(root, "testsuite", name="gradproof grade")
        case = ElementTree.SubElement(suite, "testcase", classname="gradproof", name="the run")
        ElementTree.SubElement(case, "error", message="nothing was graded", type="nothing-graded")
        _count(suite)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root)
    return f"{_DECLARATION}{ElementTree.tostring(root, encoding='unicode', xml_declaration=False)}\n"


def _suite(root: ElementTree.Element, record: Mapping[str, Any]) -> None:
    identity, name = student_of(record)
    suite = ElementTree.SubElement(
        root, "testsuite", name=_clean(identity if identity == name else f"{identity} {name}")
    )
    seconds = number(record.get("seconds"))
    if seconds is not None:
        suite.set("time", f"{seconds:.3f}")
    for stage in stages_of(record):
        _case(suite, identity, stage)
    if not graded(record):
        case = ElementTree.SubElement(suite, "testcase", classname=_clean(identity), name="graded")
        said = _clean(why_not_graded(record))
        ElementTree.SubElement(case, "error", message=f"not graded: {said}", type="not-graded").text = said
    _count(suite)


def _case(suite: ElementTree.Element, identity: str, stage: Mapping[str, Any]) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=_clean(f"{identity}.{key_of(stage)}"), name=_clean(name_of(stage))
    )
    status = text.line(stage.get("status") or "", 40)
    points = text.of(stage.get("score"), stage.get("max_score"))
    if status == "ok":
        return
    message = _clean(f"{status}: {headline(stage)} ({points})")
    if status == "blocked-by":
        ElementTree.SubElement(case, "skipped", message=message)
        return
    element = "error" if status in BROKEN else "failure"
    ElementTree.SubElement(case, element, message=message, type=_clean(status)).text = _clean(told(stage))


def _count(suite: ElementTree.Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for name, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{element}"))))


def _clean(said: str) -> str:
    """Text that XML 1.0 can hold; `text` has made its control and direction characters visible before."""
    return _NO_XML.sub("", said)
