"""Wrong submissions: each costs what the assignment says, and what is said of its cause is true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.submission_corpus import as_expected, corpus, marked, plan_for, told
from tests.wrong_oracle import BAD, EITHER, OK, expected
from tests.wrong_submissions import made

WRONG = corpus("wrong")
EACH = 13  # of the catalogue's mistakes, each so many-th
SECONDS = 2.0  # of an endless loop


def _limited(submission):
    return replace(plan_for(submission.assignment).assignment.limits, cpu_seconds=SECONDS)


def _parameter(submission):
    known = [pytest.mark.xfail(reason=submission.known)] if submission.known else []
    return pytest.param(submission, id=submission.name, marks=known)


def test_there_are_enough_of_them():
    assert len(WRONG) >= 40
    assert all(submission.expected for submission in WRONG)


@pytest.mark.parametrize("submission", [_parameter(submission) for submission in WRONG])
def test_what_a_student_wrote_costs_what_it_must(submission, tmp_path):
    record = marked(submission, tmp_path, limits=_limited(submission))
    assert record["status"] == "graded", told(record)
    assert as_expected(record, submission), told(record)
    for row in record["stages"]:
        assert row["score"] == (row["max_score"] if row["status"] == "ok" else 0), row
    rows = {f"{row['task']}.{row['stage']}": row for row in record["stages"]}
    causes = {cause.stage: cause for cause in submission.causes}
    for stage, row in rows.items():
        cause, found = causes.get(stage), row["mistake"]
        if found is None:
            assert cause is None or cause.missed, f"{stage}: no cause is named\n{told(record)}"
            continue
        assert cause is not None, f"{stage}: is this true? {found}"
        assert cause.words in f"{found['id']} {found['sentence']}", found
        assert found["certain"] or not cause.certain, found


@pytest.mark.parametrize("each", list(made(1))[::EACH], ids=lambda each: each.submission.name)
def test_a_mistake_of_the_catalogue_costs_what_it_must(each, tmp_path):
    wanted = expected(plan_for(each.submission.assignment), each, "a student")
    record = marked(each.submission, tmp_path)
    assert record["status"] == "graded", told(record)
    for row in record["stages"]:
        said = wanted.get(row["stage"], EITHER)
        assert said == EITHER or (row["status"] == "ok") == (said == OK), f"{said}\n{told(record)}"


def test_the_oracle_finds_most_of_them_wrong():
    some = list(made(1))[::EACH]
    verdicts = [expected(plan_for(each.submission.assignment), each, "a student") for each in some]
    assert sum(BAD in wanted.values() for wanted in verdicts) > len(some) / 3
