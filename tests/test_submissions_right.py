"""Correct but unusual submissions: full marks, by the real sandbox, for every task that they attempt."""

from __future__ import annotations

import pytest

from tests.submission_corpus import corpus, marked, told

RIGHT = corpus("right")


def test_there_are_enough_of_them():
    assert len(RIGHT) >= 40


@pytest.mark.parametrize("submission", RIGHT, ids=lambda s: s.name)
def test_full_marks(submission, tmp_path):
    record = marked(submission, tmp_path)
    assert record["status"] == "graded", told(record)
    assert record["stages"], told(record)
    assert record["score"] == record["max_score"], told(record)
