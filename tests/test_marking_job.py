"""Marking for a class run: what its processes share."""

from __future__ import annotations

import pytest

from gradproof.grading.assignments.assignment import read
from gradproof.grading.classes import marking_job
from gradproof.grading.classes.content import digest_of
from gradproof.grading.classes.job import Job
from gradproof.grading.marks import points
from tests.marking_cases import AFFINE, HEAD, RIGHT_AFFINE
from tests.marking_fake import FakeSandbox


def marked_twice(tmp_path, monkeypatch, level):
    """The truths that the second of two processes computed itself, and the marks of both."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("gradproof.grading.marks.marking._sandbox", FakeSandbox)
    (tmp_path / "mini.toml").write_text(HEAD + AFFINE)
    (tmp_path / "a.py").write_text(RIGHT_AFFINE)
    digest = read(str(tmp_path / "mini.toml")).digest
    path = tmp_path / "a.py"
    job = Job("a", "a", str(path), digest_of(path, ()), str(tmp_path / "mini.toml"), digest, "secret", level)
    computed, scores = [], []
    find = points.find_truth
    monkeypatch.setattr(points, "find_truth", lambda *a: computed.append(1) or find(*a))
    for _ in range(2):
        marking_job._plan.cache_clear()  # as in a process of its own
        computed.clear()
        scores.append(marking_job.mark_submission(job)["score"])
    return len(computed), scores


def test_truths_are_computed_once_for_a_class(tmp_path, monkeypatch):
    assert marked_twice(tmp_path, monkeypatch, "bubblewrap") == (0, [5, 5])


@pytest.mark.parametrize("level", ["landlock", "rlimits"])
def test_truths_are_kept_nowhere_that_a_submission_could_reach(level, tmp_path, monkeypatch):
    computed, scores = marked_twice(tmp_path, monkeypatch, level)
    assert computed > 0 and scores == [5, 5]
    assert not (tmp_path / "cache").exists()
