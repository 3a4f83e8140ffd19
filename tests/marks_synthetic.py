"""Marks records for tests: an ordinary submission, a hostile one, one that was not graded, and a class of many."""

from __future__ import annotations

import random
from typing import Any

STAGES = (
    ("affine", "forward", 2),
    ("affine", "dx", 1),
    ("affine", "dw", 1),
    ("affine", "db", 1),
    ("relu", "backward", 2),
)
TITLES = {"affine": "Affine layer", "relu": "ReLU"}
VISIBILITY = {"relu": "hidden"}

HOSTILE = (
    '\x1b[31mred\x1b[0m <script>alert(1)</script> =HYPERLINK("http://a.example") \u202egnp.exe \u2066x\u2069 \u061c'
    ' \x00\x08 & "quotes" `code` ](http://b.example) @someone ::error::no ##[error]no \U000e0041 \udcff '
)


def stage(task: str, part: str, most: float, status: str = "ok", **more: Any) -> dict[str, Any]:
    score = None if status == "grader-fault" else most if status == "ok" else 0
    return {
        "task": task,
        "title": TITLES.get(task, task),
        "stage": part,
        "status": status,
        "score": score,
        "max_score": most,
        "visibility": VISIBILITY.get(task, "visible"),
        "quantity": part if part.startswith("d") else "y",
        "headline": "",
        "explanation": "",
        "pattern": "",
        "mistake": None,
        "variant": None,
        "case": "affine:float64:ordinary:1",
        "public": True,
        "example": None,
        "reproduce": "",
        "right": [],
        "not_judged": [],
        "blocked_by": "",
        "charged": "",
    } | more


def wrong_dw() -> dict[str, Any]:
    """A stage with everything that feedback can hold."""
    return stage(
        "affine",
        "dw",
        1,
        "wrong",
        headline="dw is wrong: dw[1, 0] should be 3, yours is 6, an error of 7e15 times the allowance.",
        explanation="Every entry of dw is twice the true one.\nThe batch has N = 2 rows, and you divide by nothing.",
        pattern="all entries times N (2)",
        mistake={
            "id": "affine-dw-times-n",
            "sentence": "dw is multiplied by the batch size once more.",
            "certain": True,
        },
        example={
            "inputs": {"x": [[1.0, 2.0], [0.0, 1.0]], "w": [[1.0, 0.0], [2.0, -1.0]], "b": [0.0, 1.0]},
            "cotangent": [[1.0, 0.0], [1.0, 2.0]],
            "quantity": "dw",
            "true": [[1.0, 0.0], [3.0, 2.0]],
            "got": [[2.0, 0.0], [6.0, "nan"]],
            "ratio": [[4.5e15, 0.0], [6.8e15, "inf"]],
            "worst": {"index": [1, 0], "true": "3", "got": "6", "error": "3", "allowance": "4e-16", "ratio": 6.8e15},
        },
        reproduce="gradproof replay affine:float64:ordinary:1",
        right=["the shape of dw", "dx", "db"],
        not_judged=["other batch sizes than 1 to 3"],
    )


def record(identity: str = "student-001", stages: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """A graded record with consistent points; more: fields that replace the usual ones."""
    if stages is None:
        stages = [wrong_dw() if part == "dw" else stage(task, part, most) for task, part, most in STAGES]
    lost = any(s["score"] is None for s in stages)
    most = sum(s["max_score"] for s in stages)
    return {
        "format": "gradproof-marks",
        "version": 1,
        "assignment": {"name": "layers", "title": "Layers by hand", "digest": "ab" * 32, "max_score": most},
        "submission": {"id": identity, "name": f"Student {identity[-3:]}", "files": ["layers.py"], "digest": "cd" * 32},
        "isolation": "bubblewrap",
        "versions": {"gradproof": "0.1.0", "numpy": "2.4.1", "python": "3.11.7"},
        "seconds": 1.25,
        "score": None if lost else sum(s["score"] for s in stages),
        "max_score": most,
        "status": "not-graded" if lost else "graded",
        "message": "the grader failed in one stage" if lost else "",
        "notes": ["affine_forward comes from cell 4 of layers.ipynb"],
        "output": "hello from the module\n",
        "stages": stages,
    } | more


def not_graded(identity: str = "student-900", message: str = "the marking process died (signal 9)") -> dict[str, Any]:
    return record(identity, [], score=None, status="not-graded", message=message, max_score=7)


def hostile(identity: str = HOSTILE) -> dict[str, Any]:
    """Every text that a student may influence is hostile."""
    bad = wrong_dw() | {
        key: HOSTILE + "\n" + HOSTILE
        for key in ("headline", "explanation", "pattern", "reproduce", "case", "blocked_by", "charged")
    }
    bad["title"] = HOSTILE
    bad["mistake"] = {"id": HOSTILE, "sentence": HOSTILE, "certain": False}
    bad["variant"] = {HOSTILE: HOSTILE}
    bad["right"] = [HOSTILE] * 30
    bad["not_judged"] = ["x" * 100_000]
    bad["example"] = bad["example"] | {"inputs": {HOSTILE: [[HOSTILE[:60]]]}, "quantity": HOSTILE}
    made = record(identity, [bad], notes=[HOSTILE] * 200, output=(HOSTILE + "\n") * 2000 + "y" * 1_000_000)
    made["submission"] |= {"name": "=cmd|' /C calc'!A0", "files": ["../../etc/passwd", "; rm -rf ~.py", HOSTILE]}
    made["isolation"] = HOSTILE
    made["versions"] = {HOSTILE: HOSTILE}
    return made


def many(number: int = 60, seed: int = 0) -> list[dict[str, Any]]:
    """A class: abler submissions are right more often; a few mistakes are common; one was not graded."""
    draw = random.Random(seed)
    kinds = ("wrong", "wrong-shape", "raised", "timeout-cpu", "blocked-by", "latent", "missing-function")
    records = []
    for n in range(number):
        able = draw.random()
        stages = []
        for task, part, most in STAGES:
            if draw.random() < 0.35 + 0.65 * able:
                stages.append(stage(task, part, most))
            elif part == "dw":
                stages.append(wrong_dw())
            else:
                status = draw.choice(kinds)
                sentence = f"{part} forgets the upstream gradient."
                mistake = (
                    {"id": f"{task}-{part}-1", "sentence": sentence, "certain": False} if status == "wrong" else None
                )
                stages.append(stage(task, part, most, status, mistake=mistake, headline=f"{part}: {status}"))
        records.append(record(f"student-{n:03}", stages))
    return [*records, not_graded()]
