"""The parts of a class run: digests of what was handed in, where a marking process imports from, names, lines."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradproof.grading.classes import pages
from gradproof.grading.classes.changes import changed
from gradproof.grading.classes.content import digest_of, key_parts
from gradproof.grading.classes.job import Job, carry_out, plain
from gradproof.grading.classes.progress import Progress, summary
from gradproof.grading.classes.store import key
from tests import marks_synthetic as synthetic

ROOT = Path(__file__).resolve().parent.parent


# -- content ----------------------------------------------------------------------------------------------------


def a_folder(path: Path) -> Path:
    (path / "sub").mkdir(parents=True)
    (path / "a.py").write_text("a")
    (path / "sub" / "b.py").write_text("b")
    return path


def test_equal_content_has_an_equal_digest_and_any_change_another(tmp_path):
    one, two = a_folder(tmp_path / "one"), a_folder(tmp_path / "two")
    first = digest_of(one)
    assert first == digest_of(two)
    changes = [
        lambda: (two / "a.py").write_text("A"),
        lambda: (two / "a.py").rename(two / "c.py"),
        lambda: (two / "empty.py").write_text(""),
        lambda: os.symlink("/etc/passwd", two / "link.py"),
        lambda: os.symlink("/etc", two / "folder-link"),
        lambda: os.mkfifo(two / "pipe.py"),
    ]
    seen = {first}
    for change in changes:
        change()
        found = digest_of(two)
        assert found not in seen
        seen.add(found)


def test_bytes_moved_between_files_change_the_digest(tmp_path):
    for name, left, right in (("one", "ab", "c"), ("two", "a", "bc")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.py").write_text(left)
        (tmp_path / name / "y.py").write_text(right)
    assert digest_of(tmp_path / "one") != digest_of(tmp_path / "two")


def test_members_alone_count_in_a_folder_and_in_a_zip(tmp_path):
    folder = a_folder(tmp_path / "class")
    both = {kind: digest_of(folder, ("sub/",)) for kind in ("before",)}
    (folder / "a.py").write_text("other")
    assert digest_of(folder, ("sub/",)) == both["before"]
    for name, other in (("one.zip", "x"), ("two.zip", "y")):
        with zipfile.ZipFile(tmp_path / name, "w") as packed:
            packed.writestr("ada/a.py", "a")
            packed.writestr("bob/b.py", other)
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    assert digest_of(one, ("ada/",)) == digest_of(two, ("ada/",))
    assert digest_of(one, ("bob/",)) != digest_of(two, ("bob/",))


def test_a_broken_zip_has_a_digest_of_its_bytes(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a/a.py", "a" * 1000)
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    assert re.fullmatch("[0-9a-f]{64}", digest_of(path, ("a/",)))


def test_every_part_of_the_key_changes_it_and_the_secret_does_not_stand_in_it():
    parts: dict[str, Any] = {
        "submission": "ada", "content": "c", "assignment": "a", "secret": "a-secret", "level": "bubblewrap",
        "limits": {"wall_seconds": 20},
    }  # fmt: skip
    first = key(key_parts(**parts))
    for name, other in [*((n, "other") for n in parts if n != "limits"), ("limits", {"wall_seconds": 21})]:
        assert key(key_parts(**{**parts, name: other})) != first, name
    assert "a-secret" not in str(key_parts(**parts))


# -- the marking process ----------------------------------------------------------------------------------------

RUN = """
import os, sys
from pathlib import Path
from gradproof.grading.classes.processes import mark_in_processes
from gradproof.grading.classes.job import Job
from gradproof.grading.classes.content import digest_of
here = Path(os.getcwd())
path = here / "layers.py"
job = Job("ada", "Ada", str(path), digest_of(path), str(here / "a.toml"), "d", marker="tests.marker_fake:mark")
for done in mark_in_processes([job], 1):
    print(done.fault or done.record["status"])
"""


def test_a_marking_process_imports_nothing_from_the_folder_of_submissions(tmp_path):
    (tmp_path / "layers.py").write_text("one")
    (tmp_path / "a.toml").write_text("layers 1")
    for name in ("json", "numpy", "socket", "struct", "queue", "tests", "gradproof", "random"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'stolen')!r}, 'a').write('{name} ')")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONPATH", None)
    # The folder is behind everything here, so that this process itself is not deceived; -m would put it in front.
    start = f"import sys; sys.path[:] = [{str(ROOT)!r}, *sys.path[1:], {str(tmp_path)!r}]\n"
    done = subprocess.run(
        [sys.executable, "-c", start + RUN], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "graded\n", done.stderr
    assert not (tmp_path / "stolen").exists()


def test_a_marking_process_does_not_hold_the_secret_in_its_environment(monkeypatch):
    from gradproof.grading.classes.processes import _environment

    monkeypatch.setenv("GRADPROOF_SECRET", "a-secret")
    assert "a-secret" not in _environment().values()


def test_a_job_crosses_as_json():
    job = Job("ada", "Ada", "/a", "c", "/t", "d", members=("x/",), late=True, group="g")
    assert Job.from_json(job.to_json()) == job


def test_what_the_marker_raises_is_a_fault_in_a_sentence(tmp_path):
    job = Job("ada", "Ada", str(tmp_path), digest_of(tmp_path), "/t", "d", marker="tests.test_class_run_parts:raises")
    assert carry_out(job)["fault"].startswith("the marking raised KeyError: 'what' (test_class_run_parts.py, line")
    assert "is not there" in carry_out(Job("ada", "Ada", str(tmp_path / "no"), "c", "/t", "d"))["fault"]


def raises(job: Job) -> dict[str, Any]:
    raise KeyError("what")


def test_records_become_strict_json():
    made = plain(
        {"a": np.array([1.0, np.nan]), "b": (np.inf, -np.inf), "c": np.int64(3), "d": {1: True}, "e": "\udcff"}
    )
    assert made == {"a": [1.0, "nan"], "b": ["inf", "-inf"], "c": 3, "d": {"1": True}, "e": "?"}


# -- names and lines --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "identity",
    ["../../etc/passwd", "a/b", "..", "", ".", "x" * 500, "=cmd", "a\x00b", "; rm -rf", "ünï", "-x", ".hidden"],
)
def test_no_id_leads_out_of_the_folder(identity):
    name = pages.file_name(identity)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}", name)


def test_different_ids_have_different_files():
    identities = ["a b", "a-b", "a/b", "a\tb", "a  b", " a-b", "x" * 200, "x" * 201]
    assert len({pages.file_name(identity) for identity in identities}) == len(identities)
    assert pages.file_name("student-001") == "student-001"


def test_a_record_that_no_page_can_be_made_of_keeps_no_other_from_its_page(tmp_path, monkeypatch):
    render = pages.student_page.render

    def breaks(record: dict[str, Any], **more: Any) -> str:
        if record["submission"]["id"] == "bob":
            raise KeyError("what")
        return str(render(record, **more))

    monkeypatch.setattr(pages.student_page, "render", breaks)
    failed = pages.write(tmp_path, [synthetic.record(name) for name in ("ada", "bob", "cyd")], [], [])
    assert failed == ["bob: its page could not be made: KeyError: 'what'"]
    assert sorted(path.name for path in (tmp_path / "students").iterdir()) == ["ada.html", "cyd.html"]
    assert "bob: its page could not be made" in (tmp_path / "class.html").read_text()


def test_what_changed_is_said_for_the_total_and_each_stage():
    before = synthetic.record()
    assert changed(None, before) == "" and changed(before, before) == ""
    stages = [s | {"status": "ok", "score": s["max_score"]} for s in before["stages"]]
    assert changed(before, synthetic.record(stages=stages)) == (
        "6 of 7 to 7 of 7; affine.dw: wrong (0 of 1) to ok (1 of 1)"
    )
    assert changed(before, synthetic.not_graded(message="it broke")) == "6 of 7 to not graded (it broke)"
    assert "relu.backward is gone" in changed(before, synthetic.record(stages=before["stages"][:-1]))


def test_progress_is_a_line_each_without_a_terminal_and_harmless():
    stream = io.StringIO()
    with Progress(stream, 2) as progress:
        progress.done(synthetic.record())
        progress.done(synthetic.hostile())
    lines = stream.getvalue().splitlines()
    assert lines[0] == "[1/2] student-001: 6 of 7 (1 wrong)" and len(lines) == 2
    assert "\x1b" not in stream.getvalue() and "\u202e" not in stream.getvalue()
    assert summary(synthetic.not_graded()).startswith("student-900: NOT GRADED: the marking process died")
