"""The findings as JUnit XML, as CI systems read it: a suite for each operation, a test case for each finding.

wrong and inaccurate are failures, broken is an error; absent, not-applicable and undecided are skipped, each with its
reason, since none of them compared anything. agree, kink-convention and known-difference pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from . import table, words
from .findings import Findings
from .terminal import said

_ELEMENTS = {
    "wrong": "failure",
    "inaccurate": "failure",
    "broken": "error",
    "absent": "skipped",
    "not-applicable": "skipped",
    "undecided": "skipped",
}
_NO_XML = re.compile(
    "[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def render(findings: Findings) -> str:
    """The XML document. An empty run has one test case, an error: a CI job must not pass on nothing."""
    cells = table.grid(findings)
    root = ElementTree.Element("testsuites", name="gradproof")
    for op in cells.operations:
        _suite(root, op, [f for cell in cells.row(op) for f in cell.findings], cells)
    if not findings.findings:
        suite = ElementTree.SubElement(root, "testsuite", name="gradproof")
        case = ElementTree.SubElement(suite, "testcase", classname="gradproof", name="the run")
        message = table.headline(findings, cells)
        ElementTree.SubElement(case, "error", message=_clean(message), type="nothing-compared").text = _clean(message)
        _count(suite)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False).join((_DECLARATION, "\n"))


_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _suite(root: ElementTree.Element, op: str, found: list[Mapping[str, Any]], cells: table.Grid) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_clean(op))
    for finding in found:
        _case(suite, finding)
    for cell in cells.row(op):
        if not cell.findings:
            # Shown as skipped, so that a missing implementation does not read as fewer, all passing tests.
            case = ElementTree.SubElement(
                suite, "testcase", classname=_clean(f"gradproof.{op}"), name=_clean(cell.implementation)
            )
            ElementTree.SubElement(case, "skipped", message=_clean(cell.status))
    _count(suite)


def _case(suite: ElementTree.Element, finding: Mapping[str, Any]) -> None:
    name = f"{finding['implementation']} {finding['quantity']} [{finding['case']}]"
    case = ElementTree.SubElement(
        suite, "testcase", classname=_clean(f"gradproof.{finding['op']}"), name=_clean(words.line(name))
    )
    status = finding["status"]
    element = _ELEMENTS.get(status)
    if element is None:
        if status != "agree":
            ElementTree.SubElement(case, "system-out").text = _clean(f"{status}: {said(finding)}")
        return
    result = ElementTree.SubElement(case, element, message=_clean(f"{status}: {said(finding)}"))
    if element != "skipped":
        result.set("type", _clean(str(finding.get("reason") or status)))
        result.text = _clean(_body(finding))


def _body(finding: Mapping[str, Any]) -> str:
    lines = [str(finding.get("message") or "")]
    for key, value in table.mapping(finding.get("worst")).items():
        lines.append(f"{key}: {value}")
    return "\n".join(text for text in lines if text)


def _count(suite: ElementTree.Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for name, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{element}"))))


def _clean(text: str) -> str:
    """Text that XML 1.0 can hold: control characters and the marks that turn the direction of text are stripped."""
    return _NO_XML.sub("", text)
