"""A marks record: what is in it, held against its schema, and the words for its verdicts. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..table import items, mapping
from . import text

FORMAT = "gradproof-marks"
VERSION = 1

VERDICTS = {
    "grader-fault": "the grader failed here; this costs no points",
    "import-failed": "the submission could not be loaded",
    "missing-function": "the function was not found",
    "raised": "an exception was raised",
    "exited": "the code ended its own process",
    "timeout-cpu": "it used more processor time than allowed",
    "timeout-wall": "it took longer than allowed",
    "memory": "it used more memory than allowed",
    "output-limit": "it printed more than allowed",
    "killed": "the process was killed by a signal",
    "bad-reply": "what came back could not be read",
    "wrong-return": "the number or kind of returned values is wrong",
    "wrong-shape": "the shape is wrong",
    "wrong-dtype": "the dtype is wrong",
    "non-finite": "there are nan or inf where the truth is finite",
    "mutated-input": "an input was changed",
    "wrong": "the values are wrong",
    "latent": "right on the usual inputs, wrong on others that the function accepts",
    "blocked-by": "not judged, because something that it needs is not right",
    "ok": "right",
}
"""Every verdict of a stage with its meaning, in the order in which a list shows them."""

BROKEN = frozenset(
    {"grader-fault", "import-failed", "raised", "exited", "timeout-cpu", "timeout-wall", "memory", "output-limit"}
    | {"killed", "bad-reply"}
)
"""Verdicts that rest on no comparison: the code, a limit or the grader stopped it."""

VISIBLE = "visible"


@dataclass(frozen=True)
class Shown:
    """The part of a record that one reader may see.

    stages    the stages, in the record's order
    withheld  number of stages that are not shown, with the points they carry in `points`
    """

    stages: tuple[Mapping[str, Any], ...]
    withheld: int
    points: float

    @property
    def score(self) -> float | None:
        """Points of the stages shown; None where one of them has none."""
        scores = [stage.get("score") for stage in self.stages]
        return None if None in scores else sum(number(score) for score in scores)

    @property
    def max_score(self) -> float:
        return sum(number(stage.get("max_score")) for stage in self.stages)


def shown(record: Mapping[str, Any], *, everything: bool = False) -> Shown:
    """The stages a student may see: those whose visibility is "visible"; all of them with `everything`."""
    stages = tuple(stages_of(record))
    kept = tuple(s for s in stages if everything or s.get("visibility", VISIBLE) == VISIBLE)
    hidden = [s for s in stages if not (everything or s.get("visibility", VISIBLE) == VISIBLE)]
    return Shown(kept, len(hidden), sum(number(s.get("max_score")) for s in hidden))


def stages_of(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The stages of a record that are objects."""
    return (stage for stage in items(record.get("stages")) if isinstance(stage, Mapping))


def graded(record: Mapping[str, Any]) -> bool:
    """Whether the record carries a mark. A grader's fault in any stage means that it does not."""
    return record.get("status") == "graded" and record.get("score") is not None and not faults(record)


def faults(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The stages that the grader failed in."""
    return [stage for stage in stages_of(record) if stage.get("status") == "grader-fault"]


def why_not_graded(record: Mapping[str, Any]) -> str:
    """One line for a record without a mark."""
    said = text.line(record.get("message") or "")
    if said:
        return said
    broken = faults(record)
    if broken:
        return f"{name_of(broken[0])}: {text.line(broken[0].get('headline') or VERDICTS['grader-fault'])}"
    return "the record gives no reason"


def why_for(record: Mapping[str, Any], everything: bool) -> str:
    """The same for one reader: a student is not shown what the grader's own machine says of itself."""
    return (
        why_not_graded(record) if everything else "The grader failed on this submission; the instructors can see why."
    )


def name_of(stage: Mapping[str, Any]) -> str:
    """What a stage is called, on one line: "Affine layer: dw"."""
    title = text.line(stage.get("title") or stage.get("task") or "task", 120)
    part = text.line(stage.get("stage") or "", 60)
    return f"{title}: {part}" if part else title


def key_of(stage: Mapping[str, Any]) -> str:
    """What a stage is known by in a table: "affine.dw"."""
    return f"{text.line(stage.get('task') or 'task', 80)}.{text.line(stage.get('stage') or 'stage', 60)}"


def student_of(record: Mapping[str, Any]) -> tuple[str, str]:
    """(id, name) of a submission, each on one line; the name is the id where there is none."""
    submission = mapping(record.get("submission"))
    identity = text.line(submission.get("id") or "", 120)
    return identity, text.line(submission.get("name") or identity, 120)


def number(value: Any) -> float:
    """A number of points as a float; 0 for what is none."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a marks record."""
    path = Path(__file__).parent.parent / "marks.schema.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema())


@cache
def _compiled() -> Any:
    """The schema as a function: ten times as fast, and with less to say of what is wrong."""
    import fastjsonschema

    return fastjsonschema.compile({k: v for k, v in schema().items() if k != "$schema"})


def check(record: Any) -> None:
    """Hold a record against the schema; ValueError naming the field and what is wrong with it."""
    from fastjsonschema import JsonSchemaValueException
    from jsonschema.exceptions import best_match

    try:
        _compiled()(record)
        return
    except JsonSchemaValueException:
        pass
    error = best_match(_validator().iter_errors(record))
    if error is not None:
        place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path).lstrip(".")
        said = error.message if len(error.message) < 300 else f"{error.message[:297]}..."
        raise ValueError(f"marks record{', field ' + text.line(place) if place else ''}: {text.line(said)}")
