"""How wrong submissions are marked, and how many of their causes are named: every mistake in an assignment's own words.

    python -m benchmarks grading_figures [--every 4]

Two corpora of the tests: files as students write them, and the catalogue's mistakes in the conventions of the
ready-made assignments. What each must cost is known beforehand: said in the file's head, or found out without the
grader from the mistaken pair in plain floats. Prints a line for each mark and each cause that is not the right one.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from gradproof.mistakes.catalogue import Mistake, mistakes
from gradproof.mistakes.derived import Mutant
from gradproof.mistakes.fitting import run, same
from gradproof.mistakes.probing import probes
from gradproof.pair import of_operation

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.submission_corpus import as_expected, corpus, marked, plan_for, statuses
from tests.wrong_oracle import BAD, EITHER, OK, expected
from tests.wrong_submissions import Made, made

IDENTITY = "a student"
ROUNDING = 1e-10  # of two float64 results, relative to the largest entry
CERTAIN, AMONG, MISSING = "named", "among those named", "none named"
WRONG, FALSE = "a wrong one named", "a wrong one stated as certain"
STOPPED = "an exception says where"
NUMBERS = ("wrong", "wrong-shape", "wrong-dtype", "non-finite", "latent")


def main(every: int | None = None) -> dict[str, Any]:
    """Marks everything, prints the figures and returns them. every: of the catalogue's, each so many-th."""
    return {"written as students write": _students(), "from the catalogue": _catalogue(every or 1)}


def _record(submission: Any) -> tuple[dict[str, Any], float]:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        record = marked(submission, Path(folder))
    return record, time.perf_counter() - start


def _students() -> dict[str, Any]:
    """The files of tests/submissions/wrong: statuses and causes as their heads say."""
    marks, causes, seconds = Counter[str](), Counter[str](), []
    for submission in corpus("wrong"):
        record, took = _record(submission)
        seconds.append(took)
        right = as_expected(record, submission) and record["status"] == "graded"
        marks["as the assignment says" if right else "not"] += 1
        if not right:
            print(f"{submission.name}: {statuses(record)}, not {dict(submission.expected)}", flush=True)
        rows = {f"{s['task']}.{s['stage']}": s for s in record["stages"]}
        for cause in submission.causes:
            found = rows[cause.stage]["mistake"]
            said = MISSING if found is None else CERTAIN if found["certain"] else AMONG
            if found is not None and cause.words not in f"{found['id']} {found['sentence']}":
                said = FALSE if found["certain"] else WRONG
            causes[said] += 1
            if said not in (CERTAIN, AMONG):
                print(f"{submission.name}: {cause.stage}: {said}: {found and found['sentence']}", flush=True)
        wrong = [row for row in record["stages"] if row["status"] in NUMBERS]
        if wrong:
            named, pattern = any(row["mistake"] for row in wrong), any(row["pattern"] for row in wrong)
            causes["submissions: " + ("a cause" if named else "a pattern" if pattern else "neither")] += 1
        told = {cause.stage for cause in submission.causes}
        unasked = [s for n, s in rows.items() if n not in told and s["mistake"] is not None]
        causes["named, not asked for"] += len(unasked)
        for row in unasked:
            print(f"{submission.name}: {row['task']}.{row['stage']}: also named: {row['mistake']}", flush=True)
        silent = [n for n, s in rows.items() if n not in told and s["status"] == "wrong" and s["mistake"] is None]
        causes["wrong values without a cause"] += len(silent)
    return _said("files as students write them", marks, causes, seconds)


def _catalogue(every: int) -> dict[str, Any]:
    """The catalogue's mistakes: marks as the plain floats say, causes by the mistake's id or one that does the same."""
    marks, causes, seconds = Counter[str](), Counter[str](), []
    for each in list(made())[::every]:
        plan = plan_for(each.submission.assignment)
        wanted = expected(plan, each, IDENTITY)
        if not wanted:
            marks["a mistake of other options"] += 1
            continue
        if BAD not in wanted.values():
            marks["costs nothing here" if EITHER not in wanted.values() else "undecided beforehand"] += 1
            continue
        record, took = _record(each.submission)
        seconds.append(took)
        got = {s["stage"]: s["status"] for s in record["stages"]}
        wrong = {s: v for s, v in got.items() if wanted[s] != EITHER and (v == "ok") != (wanted[s] == OK)}
        right = not wrong and record["status"] == "graded" and _points(record)
        marks["as the assignment says" if right else "not"] += 1
        if not right:
            print(f"{each.submission.name}: {got}, not {wanted}; {record['message']}", flush=True)
        said = _cause(each, record, plan)
        causes[said] += 1
        if said not in (CERTAIN, AMONG, STOPPED):
            found = [(s["stage"], s["status"], s["mistake"]) for s in record["stages"] if s["status"] != "ok"]
            print(f"{each.submission.name}: {said}: {found}", flush=True)
    return _said("the catalogue's mistakes", marks, causes, seconds)


def _points(record: dict[str, Any]) -> bool:
    """Has every stage all of its points or none, by its status?"""
    return all(s["score"] == (s["max_score"] if s["status"] == "ok" else 0) for s in record["stages"])


def _cause(each: Made, record: dict[str, Any], plan: Any) -> str:
    """What is said of the cause, over all stages that are not right: the best of them, but for a false one."""
    said = []
    for row in record["stages"]:
        found = row["mistake"]
        if found is not None:
            right = each.mistake.id in found["id"].split(" + ") or each.mistake.sentence in found["sentence"]
            right = right or _alike(each, found["id"], plan) or _at_its_place(each, found["sentence"])
            said.append((CERTAIN if found["certain"] else AMONG) if right else FALSE if found["certain"] else WRONG)
    numbers = any(row["status"] in NUMBERS for row in record["stages"])
    return next((s for s in (FALSE, CERTAIN, AMONG, WRONG) if s in said), MISSING if numbers else STOPPED)


def _at_its_place(each: Made, sentence: str) -> bool:
    """Is a line of the submission named that the mistake has changed? Of a hand-written one it is not
    known which: it is printed, to be looked at.

    The flattened text has the statement as `ast.unparse` writes it, with the file's name before each name of its own.
    """
    ((_, content),) = each.submission.files
    lines = content.decode().splitlines()
    named = {int(n) for n in re.findall(r"line (\d+)", sentence)}
    if not named or max(named) > len(lines):
        return False
    if not isinstance(each.mistake, Mutant):
        return False
    try:
        wanted = ast.unparse(ast.parse(each.mistake.after)).splitlines()
    except SyntaxError:  # the head of a loop
        wanted = [each.mistake.after]
    plain = [re.sub(r"\b[a-z]\w*?__(?=\w)", "", lines[n - 1]).strip() for n in named]
    return any(line.strip() in plain for line in wanted)


def _alike(each: Made, named: str, plan: Any) -> bool:
    """Does what was named do the same as the mistake, on the task's own options?"""
    op = each.mistake.op
    task = next(t for t in plan.assignment.tasks if t.name == each.task)
    options = dict(plan.task(task).public[0].spec.options)
    known = {m.id: m for m in mistakes(op)}
    parts = [known[name] for name in named.split(" + ") if name in known]
    if not parts:
        return False
    return all(_same(op, options, each.mistake, parts, point) for point in probes(op, options))


def _same(op: Any, options: dict[str, Any], mistake: Mistake, parts: list[Mistake], point: Any) -> bool:
    try:
        one = run(op, mistake.pair(options, dict(point.inputs)), point)
        right = run(op, of_operation(op, options), point)
        results = [run(op, m.pair(options, dict(point.inputs)), point) for m in parts]
    except Exception:
        return False
    other: dict[str, np.ndarray] = {
        q: next((r[q] for r in results if q in r and not same(r[q], x, ROUNDING)), x) for q, x in right.items()
    }
    return one.keys() == other.keys() and all(same(one[q], other[q], ROUNDING) for q in one)


def _said(what: str, marks: Counter[str], causes: Counter[str], seconds: list[float]) -> dict[str, Any]:
    """Print the figures of a corpus and return them."""
    print(f"\n{what}: {len(seconds)} marked; marks: {', '.join(f'{n} {s}' for s, n in marks.most_common())}")
    print(f"  causes: {', '.join(f'{n} {s}' for s, n in causes.most_common())}")
    times = {"median": statistics.median(seconds), "most": max(seconds), "all": sum(seconds)}
    print(f"  seconds a submission: median {times['median']:.2f}, most {times['most']:.1f}; all {times['all']:.0f}\n")
    return {"marks": dict(marks), "causes": dict(causes), "seconds": times}


if __name__ == "__main__":
    main()
