"""The findings format, from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .markdown import code, codes, fence, plain, table
from .markdown import page as joined

SCHEMA = Path(__file__).resolve().parents[2] / "reports" / "findings.schema.json"
WHAT = {
    "header": "The first line: the machine, the settings, the implementations and the operations of the run.",
    "case": "One drawn case, with the proof of the reference's backward on it.",
    "finding": "One comparison: an implementation's quantity (`y`, `dx`, ...) on one case, over all its cotangents.",
    "detail": "The pictures, explanation and reproducer of an operation's worst finding in one implementation. "
    "A later one for the same pair replaces an earlier one.",
    "vacuous": "A drawn case that was refused, because its true gradient proves nothing.",
    "end": "The last line of a run that was not killed.",
}
PARTS = ("proof", "worst")
MEANINGS = {
    "created": "when the run began, ISO 8601",
    "environment": "versions, processor, BLAS, threads, precision switches, seeds",
    "settings": "what was asked for",
    "implementations": "each one's status, versions and precision switches, by name",
    "operations": "what is declared of each operation, by name",
    "case": "the case's id",
    "op": "the operation",
    "regime": "the kind of its numbers",
    "layout": "how its arrays lie in memory",
    "sizes": "each axis' size; a list for a starred axis",
    "cotangents": "how many were judged",
    "vacuous": "quantities whose truth is zero or constant, which tells nothing",
    "seconds": "time taken",
    "quantity": "an output's name, or d and an input's name",
    "reason": "a word for what failed: beyond-allowance, wrong-shape, a known difference's id",
    "entries": "compared, over all cotangents",
    "ulp": "worst error in units in the last place",
    "worst": "the entry with the largest ratio",
    "truth": "where the true numbers come from",
    "native": "false where the framework's parts had to be composed",
    "message": "one sentence, or nothing",
    "radius": "of the ball that holds the difference",
    "precision": "bits",
    "ties": "comparisons that met a tie",
    "index": "of the entry",
    "cotangent": "which one, counted from 0",
    "true": "true values",
    "got": "the implementation's values",
    "shape": "of the arrays pictured",
    "reproducer": "a NumPy-only program that shows it",
    "explanation": "the finding in sentences",
    "pattern": "what the errors have in common",
    "cite": "the formula's source",
    "comparisons": "entries compared",
    "exit": "the exit code",
}


def page() -> str:
    """The page of the findings format."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    parts = [
        "# Findings format",
        "A run writes one file, `findings.jsonl`: JSON Lines, one record a line, in ASCII. It is written as the run "
        "goes, and may end anywhere, also in the middle of a line: readers keep what is whole. "
        f"This is version {schema['$defs']['header']['properties']['version']['const']}; "
        "the field `record` says what a line is. `reports/findings.schema.json` is the JSON Schema of one line.",
        "Numbers that are not finite are the strings `nan`, `inf` and `-inf`. Numbers of a worst entry are decimal "
        "strings, so that no digit is lost. A case id holds everything that `gradproof replay` needs.",
    ]
    for name, what in WHAT.items():
        parts += [f"## {name}", what, _fields(schema, schema["$defs"][name])]
    parts.append("## Parts of records")
    for name in PARTS:
        definition = schema["$defs"][name]
        parts += [f"### {name}", plain(definition.get("description", "")), _fields(schema, definition)]
    parts += ["## Statuses", _statuses(schema), "## An example", _EXAMPLE]
    return joined(parts)


def _fields(schema: Mapping[str, Any], definition: Mapping[str, Any]) -> str:
    required = set(definition.get("required", ()))
    rows = []
    for name, field in definition["properties"].items():
        meaning = field.get("description") or MEANINGS.get(name) or _target(schema, field).get("description", "")
        rows.append(
            [code(name), plain(_type(schema, field)), "always" if name in required else "may lack", plain(meaning)]
        )
    return table(["field", "type", "there", "meaning"], rows)


def _target(schema: Mapping[str, Any], field: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = field.get("$ref", "")
    return schema["$defs"][reference.rpartition("/")[2]] if reference else {}


def _type(schema: Mapping[str, Any], field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        known = {"name": "text", "count": "whole number", "dtype": "dtype", "nonfinite": "nan, inf or -inf"}
        return known.get(name, name)
    if "const" in field:
        return json.dumps(field["const"])
    if "enum" in field:
        return "one of " + ", ".join(map(str, field["enum"]))
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_type(schema, each) for each in field["anyOf"]))
    names = {
        "string": "text",
        "integer": "whole number",
        "object": "object",
        "array": "list",
        "boolean": "true or false",
    }
    kinds = field.get("type", "anything")
    said = " or ".join(names.get(k, k) for k in ([kinds] if isinstance(kinds, str) else kinds))
    if kinds == "array" and "items" in field:
        return f"list of {_type(schema, field['items'])}"
    if kinds == "object" and field.get("properties"):
        return f"object with {', '.join(field['properties'])}"
    return said


def _statuses(schema: Mapping[str, Any]) -> str:
    every = schema["$defs"]["status"]["enum"]
    return f"Worst first: {codes(every)}. What they mean: [statuses](../explanation/statuses.md)."


_EXAMPLE = "A finding, with line breaks put in:\n\n" + fence(
    """{"record": "finding", "case": "celu:f64:S3:alpha=1.0:kinks:contiguous:17", "op": "celu", "dtype": "float64",
 "regime": "kinks", "implementation": "keras", "quantity": "dx", "status": "wrong", "reason": "beyond-allowance",
 "entries": 9, "ratio": "inf", "ulp": 4503599627370496.0,
 "worst": {"index": [1], "cotangent": 0, "true": "1", "got": "2", "error": "1", "allowance": "0"},
 "truth": "proved backward", "native": true, "message": ""}""",
    "json",
)
