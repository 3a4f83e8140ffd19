"""The class run: every submission gets its marks or a reason, in any order of faults, kills and second tries."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gradproof.grading.classes.class_run import Outcome, Settings, grade
from gradproof.grading.classes.store import GRADES, Row, Store, StoreError
from reports.grading import record as records
from tests import marker_fake as fake
from tests import marks_synthetic as synthetic

ROOT = Path(__file__).resolve().parent.parent

SCRIPT = """
import sys
from pathlib import Path
from gradproof.grading.classes.class_run import Settings, grade
from tests import marker_fake as fake
folder = Path(sys.argv[1])
settings = Settings(str(folder / "layers.toml"), (folder / "handed-in",), folder / "out", jobs=2,
                    resume="--resume" in sys.argv, marker=fake.MARKER)
outcome = grade(settings, sys.stderr, fake.surroundings())
print(*outcome.notes, sep="\\n", file=sys.stderr)
sys.exit(outcome.code)
"""


def a_class(folder: Path, texts: dict[str, str]) -> Settings:
    """A folder with an assignment and a submission for each text."""
    (folder / "handed-in").mkdir()
    (folder / "layers.toml").write_text("layers 1")
    for name, text in texts.items():
        (folder / "handed-in" / f"{name}.py").write_text(text)
    return Settings(str(folder / "layers.toml"), (folder / "handed-in",), folder / "out", jobs=2, marker=fake.MARKER)


def run(settings: Settings, **changes: Any) -> tuple[Outcome, str]:
    stream = io.StringIO()
    outcome = grade(replace(settings, **changes), stream, fake.surroundings())
    return outcome, stream.getvalue()


def by_id(outcome: Outcome) -> dict[str, dict[str, Any]]:
    return {record["submission"]["id"]: record for record in outcome.records}


def the_marks(folder: Path) -> dict[str, Any]:
    with Store(folder / "out") as store:
        rows = store.rows()
    assert len({row.submission for row in rows}) == len(rows)
    return {row.submission: row.record for row in rows}


def started(folder: Path, *more: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "MARKER_FAKE_LOG": str(folder / "log"),
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), *more], env=environment, cwd=ROOT, text=True, stderr=subprocess.PIPE
    )


# -- marks and faults -------------------------------------------------------------------------------------------


def test_every_submission_gets_its_marks_and_the_files_are_written(tmp_path):
    outcome, said = run(a_class(tmp_path, {"ada": "one", "bob": "two", "cyd": "three"}))
    assert outcome.code == 0
    assert sorted(by_id(outcome)) == ["ada", "bob", "cyd"]
    for record in outcome.records:
        records.check(record)
    assert "[3/3]" in said
    for name in ("class.html", "grades.csv", "students/ada.html", "instructors/ada.html", "marks/ada.json"):
        assert (tmp_path / "out" / name).stat().st_size > 100, name
    assert json.loads((tmp_path / "out" / "marks" / "ada.json").read_text()) == by_id(outcome)["ada"]


FAULTS = {
    "die": "killed by SIGSEGV",
    "exit": "exit code 7",
    "raise": "RuntimeError: a fault in the marker",
    "nonsense": "no valid record",
    "zero-for-fault": "no valid record",
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_of_the_marker_is_no_mark_never_zero_and_stops_nobody_else(what, tmp_path):
    outcome, said = run(a_class(tmp_path, {"ada": "one", "bob": what, "cyd": "three", "dan": "four"}))
    assert outcome.code == 3
    found = by_id(outcome)
    assert found["bob"]["score"] is None and found["bob"]["status"] == "not-graded"
    assert FAULTS[what] in found["bob"]["message"]
    assert all(records.graded(found[name]) for name in ("ada", "cyd", "dan"))
    assert "bob: NOT GRADED" in said
    assert any("THE GRADER FAILED on 1 submission: no mark was given, and no zero" in note for note in outcome.notes)
    row = next(line for line in (tmp_path / "out" / "grades.csv").read_text().splitlines() if line.startswith('"bob"'))
    assert row.startswith('"bob","Bob","not-graded","",')


def test_a_marking_that_never_ends_is_given_up(tmp_path):
    outcome, _ = run(a_class(tmp_path, {"ada": "one", "bob": "sleep 60"}), patience=1.5)
    assert outcome.code == 3
    assert "longer than 1.5 seconds" in by_id(outcome)["bob"]["message"]
    assert records.graded(by_id(outcome)["ada"])


def test_a_marker_that_cannot_start_stops_the_run_in_words(tmp_path):
    outcome, _ = run(a_class(tmp_path, {"ada": "one"}), marker="tests.no_such_module:mark")
    assert outcome.code == 3
    assert any("do not start" in note and "no_such_module" in note for note in outcome.notes)


def test_a_submission_that_cannot_be_read_is_not_graded(tmp_path, monkeypatch):
    settings = a_class(tmp_path, {"ada": "one", "bob": "two"})

    def unreadable(path: Path, members: Any = ()) -> str:
        if path.stem == "bob":
            raise PermissionError(13, "Permission denied")
        return "content"

    monkeypatch.setattr("gradproof.grading.classes.class_run.digest_of", unreadable)
    monkeypatch.setattr("gradproof.grading.classes.job.digest_of", unreadable)
    outcome, _ = run(settings, only=("bob",))
    assert outcome.code == 3
    assert "cannot be read: permission denied" in by_id(outcome)["bob"]["message"]


def test_a_submission_that_changes_during_the_run_is_not_marked_under_the_old_content(tmp_path):
    settings = a_class(tmp_path, {"ada": "sleep 1", "bob": "two"})
    stream = Changing(tmp_path / "handed-in" / "bob.py")
    outcome = grade(replace(settings, jobs=1), stream, fake.surroundings())
    assert "is not what it was when the run began" in by_id(outcome)["bob"]["message"]


class Changing(io.StringIO):
    """A stream that changes a file when the first line is written: after the digests, before the marking."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def write(self, text: str) -> int:
        self.path.write_text("other")
        return super().write(text)


# -- again ------------------------------------------------------------------------------------------------------


def test_resume_marks_only_what_has_no_mark(tmp_path, monkeypatch):
    settings = a_class(tmp_path, {"ada": "one", "bob": "raise"})
    log = tmp_path / "log"
    monkeypatch.setenv("MARKER_FAKE_LOG", str(log))
    assert run(settings)[0].code == 3
    (tmp_path / "handed-in" / "bob.py").write_text("fine")
    (tmp_path / "handed-in" / "cyd.py").write_text("late")
    outcome, _ = run(settings, resume=True)
    assert outcome.code == 0
    assert sorted(log.read_text().split()) == ["ada", "bob", "bob", "cyd"]
    assert any(change.startswith("bob: not graded to ") for change in outcome.changes)


def test_a_changed_assignment_marks_again_and_says_what_changed_for_whom_and_where(tmp_path):
    settings = a_class(tmp_path, {f"s{n}": f"text {n}" for n in range(6)})
    before = by_id(run(settings)[0])
    Path(settings.assignment).write_text("layers 2")
    outcome, _ = run(settings, resume=True)
    after = by_id(outcome)
    changed = [
        name
        for name in before
        if [s["status"] for s in before[name]["stages"]] != [s["status"] for s in after[name]["stages"]]
    ]
    assert changed and sorted(line.split(":")[0] for line in outcome.changes) == sorted(changed)
    assert any("affine." in line and " to " in line for line in outcome.changes)
    # The old version again: its marks are still there, and nothing is marked.
    Path(settings.assignment).write_text("layers 1")
    outcome, said = run(settings, resume=True)
    assert "0 of 6 to mark" in said and "6 marked before with the same content" in said
    assert by_id(outcome) == before


def test_rerun_takes_the_statuses_that_are_named(tmp_path, monkeypatch):
    settings = a_class(tmp_path, {f"s{n}": f"text {n}" for n in range(8)})
    found = by_id(run(settings)[0])
    with_wrong_dx = sorted(
        n for n, r in found.items() if any(s["stage"] == "dx" and s["status"] == "wrong" for s in r["stages"])
    )
    assert 0 < len(with_wrong_dx) < 8
    log = tmp_path / "log"
    monkeypatch.setenv("MARKER_FAKE_LOG", str(log))
    assert run(settings, rerun=("not-graded",))[0].code == 0
    assert not log.exists()
    run(settings, rerun=("wrong",))
    wrong = sorted(n for n, r in found.items() if any(s["status"] == "wrong" for s in r["stages"]))
    assert sorted(log.read_text().split()) == wrong
    log.unlink()
    run(settings, rerun=("all",), only=("s1",))
    assert log.read_text().split() == ["s1"]


def test_marking_again_that_fails_keeps_the_mark_it_has(tmp_path):
    settings = a_class(tmp_path, {"ada": "one"})
    before = by_id(run(settings)[0])["ada"]
    outcome, _ = run(settings, rerun=("all",), patience=0.000001)
    assert outcome.code == 3
    assert by_id(outcome)["ada"] == before
    assert any("keeps its mark" in note for note in outcome.notes)


def test_only_names_submissions_and_a_wrong_name_gets_the_nearest(tmp_path):
    settings = a_class(tmp_path, {"ada": "one", "bob": "two"})
    outcome, _ = run(settings, only=("bob",))
    assert list(by_id(outcome)) == ["bob"]
    assert any("1 of 2 not marked yet: ada" in note for note in outcome.notes)
    with pytest.raises(ValueError, match=r"no submission has the id 'bop'; did you mean 'bob'\?"):
        run(settings, only=("bop",))
    with pytest.raises(ValueError, match=r"'timeout' is no status"):
        run(settings, rerun=("timeout",))


def test_a_folder_with_grades_is_not_written_into_unasked(tmp_path):
    settings = a_class(tmp_path, {"ada": "one"})
    run(settings)
    with pytest.raises(ValueError, match="already holds grades of 1 submissions; --resume goes on"):
        run(settings)
    Path(settings.assignment).write_text("other 1")
    with pytest.raises(ValueError, match="holds grades of the assignment 'layers', and this is 'other'"):
        run(settings, resume=True)


def test_nothing_to_grade_is_said(tmp_path):
    outcome, _ = run(a_class(tmp_path, {}))
    assert outcome.code == 5 and "no submission was found" in outcome.notes[0]
    assert not (tmp_path / "out").exists()


def test_two_submissions_with_one_id_are_refused(tmp_path):
    settings = a_class(tmp_path, {"ada": "one"})
    with pytest.raises(ValueError, match="two submissions have the id 'ada'"):
        run(settings, submissions=(tmp_path / "handed-in", tmp_path / "handed-in"))


def test_below_the_required_isolation_nothing_runs_and_no_folder_is_made(tmp_path):
    settings = a_class(tmp_path, {"ada": "one"})
    with pytest.raises(ValueError, match="this machine offers bubblewrap"):
        run(settings, require="better")
    assert not (tmp_path / "out").exists()


def test_student_makes_one_submission_of_what_is_given(tmp_path):
    settings = a_class(tmp_path, {"ada": "one"})
    given = (tmp_path / "handed-in" / "ada.py",)
    outcome, _ = run(settings, submissions=given, student="someone@school.example")
    assert list(by_id(outcome)) == ["someone@school.example"]
    pages = [path.name for path in (tmp_path / "out" / "students").iterdir()]
    assert len(pages) == 1 and pages[0].startswith("someone-school.example-")


# -- kills ------------------------------------------------------------------------------------------------------


def test_killed_at_random_moments_and_resumed_every_submission_is_marked_once_with_the_same_marks(tmp_path):
    texts = {f"s{n:02}": f"text {n} sleep 0.02" for n in range(40)}
    (tmp_path / "calm").mkdir()
    (tmp_path / "killed").mkdir()
    calm = run(a_class(tmp_path / "calm", texts))[0]
    a_class(tmp_path / "killed", texts)
    draw = random.Random(3)
    log = tmp_path / "killed" / "log"
    kills = 0
    while kills < 8:
        process = started(tmp_path / "killed", "--resume")
        before, more = lines_of(log), draw.randint(1, 7)
        wait_for(lambda: lines_of(log) >= before + more or process.poll() is not None)  # noqa: B023
        time.sleep(draw.uniform(0, 0.03))
        process.kill()
        process.communicate()
        kills += 1
    process = started(tmp_path / "killed", "--resume")
    process.communicate(timeout=60)
    assert process.returncode == 0
    expected = {name: {**record, "assignment": None} for name, record in by_id(calm).items()}
    found = {name: {**record, "assignment": None} for name, record in the_marks(tmp_path / "killed").items()}
    assert found == expected
    # A kill loses at most what was being marked, or on its way to the file, in each of the two processes.
    assert 40 < lines_of(log) <= 40 + 4 * kills


def test_a_killed_run_leaves_no_marking_process(tmp_path):
    a_class(tmp_path, {"ada": "sleep 50", "bob": "sleep 50"})
    process = started(tmp_path)
    wait_for(lambda: (tmp_path / "log").exists() and len((tmp_path / "log").read_text().split()) == 2)
    markers = children(process.pid)
    assert len(markers) == 2
    process.kill()
    process.communicate()
    wait_for(lambda: not any(alive(pid) for pid in markers))


def lines_of(log: Path) -> int:
    return len(log.read_text().split()) if log.exists() else 0


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(what: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_ctrl_c_keeps_what_is_done_and_says_so(tmp_path):
    a_class(tmp_path, {"ada": "one", "bob": "two", "cyd": "sleep 50", "dan": "sleep 50"})
    process = started(tmp_path)
    wait_for(lambda: (tmp_path / "log").exists() and len((tmp_path / "log").read_text().split()) == 4)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "Interrupted: what is done is kept" in said and "2 of 4 not marked yet: cyd, dan" in said
    assert sorted(the_marks(tmp_path)) == ["ada", "bob"]
    assert (tmp_path / "out" / "class.html").exists()


def test_a_second_run_on_the_same_folder_is_refused_in_words(tmp_path):
    settings = a_class(tmp_path, {"ada": "sleep 30"})
    process = started(tmp_path)
    wait_for(lambda: (tmp_path / "log").exists())
    outcome, _ = run(settings, resume=True)
    assert outcome.code == 3
    assert f"another run is grading into {tmp_path / 'out'} (process {process.pid} on " in outcome.notes[0]
    process.kill()
    process.communicate()


# -- the store --------------------------------------------------------------------------------------------------


def row(name: str, key: str = "k", **more: Any) -> Row:
    return Row(name, f"/{name}.py", key, synthetic.record(name, **more))


def test_a_damaged_database_is_said_and_not_used(tmp_path):
    settings = a_class(tmp_path, {"ada": "one"})
    run(settings)
    path = tmp_path / "out" / GRADES
    content = bytearray(path.read_bytes())
    content[100:6000] = os.urandom(5900)
    path.write_bytes(content)
    outcome, _ = run(settings, resume=True)
    assert outcome.code == 3 and "is damaged" in outcome.notes[0]
    assert path.read_bytes() == content
    path.write_text("this is no database at all, but a text that somebody put here" * 20)
    outcome, _ = run(settings, resume=True)
    assert outcome.code == 3 and "is damaged" in outcome.notes[0]


def test_a_cut_record_is_damage_not_a_mark(tmp_path):
    with Store(tmp_path) as store:
        store.begin({})
        store.keep(row("ada"), 0)
    database = sqlite3.connect(tmp_path / GRADES)
    database.execute("UPDATE marks SET record = substr(record, 1, 50)")
    database.commit()
    database.close()
    with Store(tmp_path) as store, pytest.raises(StoreError, match="is damaged"):
        store.rows()


def test_a_database_of_something_else_or_of_a_later_version_is_left_alone(tmp_path):
    database = sqlite3.connect(tmp_path / GRADES)
    database.execute("CREATE TABLE mine (x)")
    database.commit()
    with pytest.raises(StoreError, match="of another program"), Store(tmp_path):
        pass
    database.execute("DROP TABLE mine")
    database.commit()
    with Store(tmp_path):
        pass
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(StoreError, match="is of version 99"), Store(tmp_path):
        pass


def test_a_locked_database_stops_the_run_with_what_it_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("gradproof.grading.classes.store.PATIENCE_SECONDS", 0.2)
    settings = a_class(tmp_path, {"ada": "one"})
    run(settings)
    (tmp_path / "handed-in" / "bob.py").write_text("two")
    viewer = sqlite3.connect(tmp_path / "out" / GRADES)
    viewer.execute("BEGIN IMMEDIATE")
    outcome, _ = run(settings, resume=True)
    assert outcome.code == 3 and "is locked by another program" in " ".join(outcome.notes)
    viewer.close()
    outcome, _ = run(settings, resume=True)
    assert outcome.code == 0 and sorted(by_id(outcome)) == ["ada", "bob"]


def test_a_full_disk_stops_the_run_with_what_it_kept_and_resume_goes_on(tmp_path, monkeypatch):
    settings = a_class(tmp_path, {f"s{n:02}": f"text {n}" for n in range(12)})
    begin = Store.begin

    def small(self: Store, about: Any) -> None:
        begin(self, about)
        self._sql("PRAGMA max_page_count = 16")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "begin", small)
        outcome, _ = run(settings)
    assert outcome.code == 3
    said = " ".join(outcome.notes)
    assert "is full; make room and go on with --resume" in said and "Kept: " in said
    kept = by_id(outcome)
    assert 0 < len(kept) < 12
    outcome, _ = run(settings, resume=True)
    assert outcome.code == 0 and len(by_id(outcome)) == 12
    assert {name: by_id(outcome)[name] for name in kept} == kept


def test_a_store_that_fails_for_good_leaves_the_pages_as_they_are(tmp_path, monkeypatch):
    settings = a_class(tmp_path, {"ada": "one"})
    run(settings)
    page = (tmp_path / "out" / "class.html").read_text()
    (tmp_path / "handed-in" / "bob.py").write_text("two")
    broken = StoreError("grades.sqlite is damaged; restore a copy of it")

    def fails(self: Store, *_: Any) -> Any:
        raise broken

    keep = Store.keep

    def breaks(self: Store, *arguments: Any) -> None:
        for name in ("rows", "end", "changes"):
            monkeypatch.setattr(Store, name, fails)
        keep(self, *arguments)
        raise broken

    monkeypatch.setattr(Store, "keep", breaks)
    outcome, _ = run(settings, resume=True)
    assert outcome.code == 3 and outcome.records == ()
    assert sum(str(broken) in note for note in outcome.notes) <= 2
    assert (tmp_path / "out" / "class.html").read_text() == page


def test_pages_that_cannot_be_written_do_not_cost_the_marks(tmp_path):
    settings = a_class(tmp_path, {"ada": "one"})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "students").write_text("a file where a folder is needed")
    outcome, _ = run(settings)
    assert outcome.code == 3
    assert "The marks are kept in grades.sqlite; the pages could not be written" in outcome.notes[-1]
    assert list(the_marks(tmp_path)) == ["ada"]


def test_a_transaction_is_whole_or_not_at_all(tmp_path):
    with Store(tmp_path) as store:
        store.begin({})
        store.keep(row("ada"), 0)
        sql = store._sql

        def breaks(statement: str, values: Any = ()) -> Any:
            if statement.startswith("INSERT INTO changes"):
                raise sqlite3.OperationalError("database or disk is full")
            return sql(statement, values)

        store._sql = breaks  # type: ignore[method-assign]
        with pytest.raises(StoreError, match="is full"):
            store.keep(row("ada", "k2", message="new"), 0, "ada: changed")
        store._sql = sql  # type: ignore[method-assign]
        assert [r.key for r in store.rows()] == ["k"]
        assert store.kept("ada", "k2") is None


def test_a_record_that_was_not_graded_is_never_taken_from_the_cache(tmp_path):
    with Store(tmp_path) as store:
        store.begin({})
        store.keep(Row("ada", "/a", "k", synthetic.not_graded("ada")), 0)
        assert store.kept("ada", "k") is None
        assert store.kept("bob", "k") is None
