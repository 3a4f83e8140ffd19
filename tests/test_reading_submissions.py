"""Finding the submissions of a class: plain folders, zips, and the exports of learning platforms."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from gradproof.grading.reading import find_submissions, read_source
from tests.reading_inputs import kinds, notebook, pack

F = "def f():\n    return 1\n"


def lay(folder: Path, *names: str, text: str = F) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_text(notebook(text) if name.endswith(".ipynb") else text)
    return folder


def ids(found):
    return [s.id for s in found]


def both_ways(folder: Path):
    """What is found in a folder, and in a zip of it; both read to the same modules."""
    zipped = folder.with_suffix(".zip")
    with zipfile.ZipFile(zipped, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder).as_posix())
    plain, packed = find_submissions([folder]), find_submissions([zipped])
    assert ids(plain) == ids(packed)
    for one, other in zip(plain, packed, strict=True):
        a, b = read_source(one), read_source(other)
        assert sorted(v for k, v in a.files.items() if v and not k.startswith("_")) == sorted(
            v for k, v in b.files.items() if v and not k.startswith("_")
        )
        assert kinds(a) == kinds(b)
    return plain


def test_a_folder_of_files(tmp_path):
    found = both_ways(
        lay(tmp_path / "class", "ada.py", "ben.ipynb", "notes.txt", ".ipynb_checkpoints/ben-checkpoint.ipynb")
    )
    assert ids(found) == ["ada", "ben"]


def test_two_files_with_one_stem_have_two_ids(tmp_path):
    assert ids(both_ways(lay(tmp_path / "class", "a.py", "a.ipynb", "b.py"))) == ["a.ipynb", "a.py", "b"]


def test_files_that_import_one_another_are_one_submission(tmp_path):
    folder = lay(tmp_path / "student", "layers.py")
    (folder / "net.py").write_text("from layers import f\ndef g():\n    return f()\n")
    assert ids(both_ways(folder)) == ["student"]
    assert ids(find_submissions([folder], "files")) == ["layers", "net"]


def test_a_file_with_a_package_is_one_submission(tmp_path):
    assert ids(both_ways(lay(tmp_path / "student", "main.py", "cs231n/layers.py"))) == ["student"]


def test_a_folder_of_folders_and_zips(tmp_path):
    folder = lay(tmp_path / "class", "ada/layers.py", "ben/hw/layers.py", "cy/")
    pack(folder / "dan.zip", **{"layers.py": F})
    found = both_ways(folder)
    assert ids(found) == ["ada", "ben", "cy", "dan"]
    assert [bool(read_source(s).entries) for s in found] == [True, True, False, True]
    assert kinds(read_source(found[2])) == ["no-code"]


def test_a_zip_with_one_folder_around_the_class(tmp_path):
    assert ids(both_ways(lay(tmp_path / "export", "class/ada/x.py", "class/ben/x.py"))) == ["ada", "ben"]


def test_a_zip_of_zips(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("hw/layers.py", F)
    path = pack(tmp_path / "class.zip", **{"ada.zip": inner.getvalue(), "ben.zip": inner.getvalue(), "cy.zip": b"PK"})
    found = find_submissions([path])
    assert ids(found) == ["ada", "ben", "cy"]
    assert [kinds(read_source(s)) for s in found] == [[], [], ["broken-zip"]]


def test_several_paths_are_a_submission_each(tmp_path):
    folder = lay(tmp_path, "ada/layers.py", "ada/other.py", "ben.py")
    found = find_submissions([folder / "ben.py", folder / "ada"])
    assert ids(found) == ["ada", "ben"]
    assert len(read_source(found[0]).entries) == 2


def test_a_gradescope_export(tmp_path):
    folder = lay(
        tmp_path / "assignment_7_export",
        "submission_11/layers.py",
        "submission_12/hw/layers.py",
        "submission_13/pair.ipynb",
    )
    (folder / "submission_metadata.yml").write_text(
        "---\nsubmission_11:\n  :submitters:\n  - :name: First Author\n    :sid: '1'\n"
        "    :email: a@example.org\n  :created_at: 2024-01-01\n"
        "submission_13:\n  :submitters:\n  - :name: A\n  - :name: 'B\x1b[1m'\n"
    )
    found = both_ways(folder)
    assert ids(found) == ["submission_11", "submission_12", "submission_13"]
    assert [s.name for s in found] == ["First Author", "submission_12", "A, B\\x1b[1m"]
    assert [s.group for s in found] == ["", "", "A, B\\x1b[1m"]
    assert read_source(found[0]).entries == ("layers.py",)
    assert read_source(found[0]).name == "First Author"


def test_an_nbgrader_tree(tmp_path):
    course = lay(
        tmp_path / "course",
        "submitted/ada/ps1/problem1.ipynb",
        "submitted/ada/ps1/problem2.ipynb",
        "submitted/ada/ps1/timestamp.txt",
        "submitted/ben/ps1/problem1.ipynb",
        "source/ps1/problem1.ipynb",
        "release/ps1/problem1.ipynb",
    )
    assert ids(both_ways(course)) == ["ada", "ben"]
    found = find_submissions([course / "submitted"])
    assert ids(found) == ["ada", "ben"] and read_source(found[0]).entries == ("problem1.py", "problem2.py")
    lay(course, "submitted/ada/ps2/problem1.ipynb")
    assert ids(find_submissions([course])) == ["ada/ps1", "ada/ps2", "ben/ps1"]


def test_moodle_folders_and_files(tmp_path):
    folder = lay(
        tmp_path / "moodle",
        "First Author_123_assignsubmission_file_/layers.py",
        "First Author_123_assignsubmission_onlinetext_/onlinetext.html",
        "Second_Author_124_assignsubmission_file_/hw.ipynb",
        "Third Author_125_assignsubmission_onlinetext_/onlinetext.html",
    )
    found = both_ways(folder)
    assert ids(found) == ["First Author_123", "Second_Author_124", "Third Author_125"]
    assert [s.name for s in found] == ["First Author", "Second_Author", "Third Author"]
    assert [bool(read_source(s).entries) for s in found] == [True, True, False]
    flat = lay(
        tmp_path / "flat", "First Author_123_assignsubmission_file_layers.py", "B_124_assignsubmission_file_layers.py"
    )
    assert ids(both_ways(flat)) == ["B_124", "First Author_123"]
    assert read_source(find_submissions([flat])[0]).entries == ("layers.py",)


def test_canvas_files(tmp_path):
    folder = lay(
        tmp_path / "canvas",
        "authorfirst_101_9001_layers.py",
        "authorfirst_101_9002_net-1.py",
        "authorsecond_LATE_102_9003_layers-2.py",
        "authorthird_103_9004_hw (1).ipynb",
    )
    found = both_ways(folder)
    assert ids(found) == ["authorfirst_101", "authorsecond_102", "authorthird_103"]
    assert [s.late for s in found] == [False, True, False]
    assert [read_source(s).entries for s in found] == [("layers.py", "net.py"), ("layers.py",), ("hw.py",)]


def test_an_odd_one_out_stops_nothing(tmp_path):
    folder = lay(tmp_path / "class", "ada.py")
    (folder / "bin.py").write_bytes(b"%PDF")
    (folder / "empty.ipynb").write_text("")
    (folder / "linked.py").symlink_to("/etc/passwd")
    (folder / "\x1b[2J.py").write_text(F)
    pack(folder / "bomb.zip", **{"x.py": b"#" * 1_000_000})
    (folder / "dir.py").mkdir()
    found = find_submissions([folder])
    said = {s.id: kinds(read_source(s)) for s in found}
    assert said.pop("dir.py") == ["no-code"]
    assert said == {
        "ada": [],
        "bin": ["binary"],
        "bomb": ["zip-bomb"],
        "empty": ["empty"],
        "linked": ["link"],
        "\\x1b[2J": [],
    }


def test_the_graders_own_slips_are_said_in_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="there is no file or folder"):
        find_submissions([tmp_path / "nothing"])
    with pytest.raises(ValueError, match="choose one of auto, one"):
        find_submissions([tmp_path], "many")
    assert ids(find_submissions([tmp_path])) == [tmp_path.name]
