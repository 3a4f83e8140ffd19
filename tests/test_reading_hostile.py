"""Submissions that try something: links, devices, bombs, names. Each is a problem of its own and never an exception."""

from __future__ import annotations

import io
import os
import socket
import stat
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradproof.grading.reading import collecting, find_submissions, read_source, shown, unzipping
from gradproof.grading.reading.record import KINDS
from tests.reading_inputs import kinds, pack

F = "def f():\n    return 1\n"


def work(tmp_path, **files):
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "good.py").write_text(F)
    return folder


def only(source, kind):
    """The good file lives, and there is one problem, of this kind."""
    assert source.entries == ("good.py",) and source.files["good.py"] == F
    assert kinds(source) == [kind]
    return source.problems[0]


def test_links_are_not_followed(tmp_path):
    folder = work(tmp_path)
    (tmp_path / "secret.py").write_text("SECRET = 1\ndef g():\n    return SECRET\n")
    (folder / "stolen.py").symlink_to(tmp_path / "secret.py")
    only(read_source(folder), "link")
    assert kinds(read_source(folder / "stolen.py")) == ["link"]
    for found in find_submissions([folder], "files"):
        assert "SECRET" not in str(read_source(found).files)
    (tmp_path / "given").symlink_to(folder)  # by the grader
    (found,) = find_submissions([tmp_path / "given"], "one")
    assert found.id == "given"
    only(read_source(found), "link")


def test_linked_folders_and_loops_are_not_followed(tmp_path):
    folder = work(tmp_path)
    (folder / "loop").symlink_to(folder)
    only(read_source(folder), "link")


def test_pipes_devices_and_sockets_do_not_hold_up(tmp_path):
    folder = work(tmp_path)
    os.mkfifo(folder / "pipe.py")
    only(read_source(folder), "special-file")
    os.remove(folder / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s.py"))
        assert only(read_source(folder), "unreadable" if not (folder / "s.py").is_file() else "special-file")
    assert kinds(read_source(type(folder)("/dev/zero"))) == ["no-code"]


def test_a_folder_with_a_files_name(tmp_path):
    folder = work(tmp_path)
    (folder / "x.py").mkdir()
    (folder / "x.py" / "y.py").write_text(F)
    only(read_source(folder), "directory")
    assert read_source(folder / "x.py").entries == ("y.py",)


def test_two_hundred_megabytes_are_not_read(tmp_path):
    folder = work(tmp_path)
    with open(folder / "big.py", "wb") as stream:
        stream.truncate(200 * 2**20)  # sparse
    problem = only(read_source(folder), "too-large")
    assert "200.0 MiB" in problem.message and "1 MiB" in problem.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_unreadable_files_and_folders(tmp_path):
    folder = work(tmp_path)
    (folder / "x.py").write_text(F)
    (folder / "x.py").chmod(0)
    only(read_source(folder), "unreadable")


def test_an_unreadable_file_as_root_too(tmp_path, monkeypatch):
    folder = work(tmp_path)
    (folder / "x.py").write_text(F)
    opened = os.open

    def refuse(path, *arguments):
        if str(path).endswith("x.py"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments)

    monkeypatch.setattr(collecting.os, "open", refuse)
    assert "Permission denied" in only(read_source(folder), "unreadable").message


def test_a_path_that_went_away(tmp_path):
    assert kinds(read_source(tmp_path / "gone.py")) == ["unreadable"]


def test_names_that_differ_by_case_only(tmp_path):
    folder = work(tmp_path)
    (folder / "Good.py").write_text("def g():\n    return 1\n")
    source = read_source(folder)
    assert kinds(source) == ["same-name"] and len(source.entries) == 1


NAMES = [
    "a;rm -rf $HOME.py",
    "\x1b[31mred\x1b[0m.py",
    "$(id).py",
    "a\nb.py",
    "'\".py",
    "-rf.py",
    "\u202egnp.py",
    "=1+1.py",
    "<b>.py",
    " .py",
    "ä b.py",
    "if.py",
    "1.py",
]


@pytest.mark.parametrize("name", [*NAMES, "\udcff.py"])
def test_strange_names_are_read_and_shown_safely(tmp_path, name):
    folder = work(tmp_path)
    try:
        (folder / name).write_text("import nowhere\ndef g():\n    return nowhere, xrange\nprint(1)\n")
    except UnicodeEncodeError:
        (folder / os.fsdecode(os.fsencode(name))).write_text(F)
    source = read_source(folder)
    assert len(source.entries) == 2
    for entry in source.files:
        assert all(p.isidentifier() for p in entry.removesuffix(".py").split("/")), entry
    said = [*source.notes, *map(str, source.problems), *(str(o[0]) for o in source.origins.values() if o)]
    assert all(s.isprintable() for s in said)
    assert all(ord(c) < 0xD800 or ord(c) > 0xDFFF for s in said for c in s)
    for text in source.files.values():
        compile(text, "cleaned", "exec")
    (found,) = find_submissions([folder], "one")
    assert found.id == "work"
    assert all(s.id.isprintable() and s.name.isprintable() for s in find_submissions([folder], "files"))


def test_files_that_tools_run_at_their_start_are_left_out(tmp_path):
    folder = work(tmp_path)
    for name in ("conftest", "sitecustomize", "usercustomize"):
        (folder / f"{name}.py").write_text("import os\nos._exit(0)\n")
    source = read_source(folder)
    assert source.entries == ("good.py",) and kinds(source) == ["left-out"] * 3


def test_what_editors_and_archivers_leave_is_ignored(tmp_path):
    folder = work(tmp_path)
    for name in (
        ".ipynb_checkpoints/good-checkpoint.py",
        "__MACOSX/._good.py",
        "__pycache__/good.py",
        ".DS_Store",
        "._good.py",
        "venv/x.py",
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"\0")
    source = read_source(folder)
    assert source.entries == ("good.py",) and not source.problems


def test_an_archive_of_another_kind_is_said(tmp_path):
    folder = work(tmp_path)
    (folder / "code.tar.gz").write_bytes(b"x")
    only(read_source(folder), "archive")


# Zips


def member(name: str, mode: int = 0, content: str = F) -> tuple[zipfile.ZipInfo, str]:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info, content


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/evil.py", "a/../../evil.py", "C:\\evil.py", "..\\evil.py", "a/" * 40 + "evil.py"]
)
def test_members_that_lead_out(tmp_path, name):
    path = pack(tmp_path / "s.zip", **{"good.py": F, name: "def g(): pass"})
    only(read_source(path), "unsafe-path")
    assert sorted(os.listdir(tmp_path)) == ["s.zip"]


@pytest.mark.parametrize(
    ("mode", "kind"),
    [(stat.S_IFLNK | 0o777, "link"), (stat.S_IFCHR | 0o666, "special-file"), (stat.S_IFIFO, "special-file")],
)
def test_members_that_are_no_files(tmp_path, mode, kind):
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for one in (member("good.py"), member("x.py", mode, "/etc/passwd")):
            archive.writestr(*one)
    only(read_source(path), kind)


def test_a_bomb_is_not_unpacked(tmp_path):
    bomb = {"bomb.py": b"#" * 1_048_576}
    problem = only(read_source(pack(tmp_path / "s.zip", **{"good.py": F.encode(), **bomb})), "zip-bomb")
    assert problem.file == "bomb.py"
    assert kinds(read_source(pack(tmp_path / "t.zip", **{"x.py": b"#" * 3_000_000}))) == ["too-large"]
    harmless = pack(tmp_path / "u.zip", **{"good.py": F.encode(), "data.bin": b"0" * 50_000_000})
    assert read_source(harmless).entries == ("good.py",) and not read_source(harmless).problems


def test_a_size_that_lies_is_found(tmp_path):
    path = pack(tmp_path / "s.zip", **{"good.py": F, "x.py": "#" * 5000 + "\n"})
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 5001), struct.pack("<I", 10)))
    only(read_source(path), "broken-zip")


def test_many_members_and_deep_nesting(tmp_path, monkeypatch):
    monkeypatch.setattr(unzipping, "MEMBERS", 10)
    path = pack(tmp_path / "s.zip", **{f"{i}.txt": "" for i in range(11)})
    assert kinds(read_source(path)) == ["zip-bomb"]
    inner = F.encode()
    for i in range(6):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(f"{i}.zip" if i else "x.py", inner)
        inner = stream.getvalue()
    nested = tmp_path / "n.zip"
    nested.write_bytes(inner)
    assert kinds(read_source(nested)) == ["zip-bomb"]


def test_the_total_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(unzipping, "TOTAL_MIB", 0)
    assert kinds(read_source(pack(tmp_path / "s.zip", **{"x.py": F}))) == ["zip-bomb"]
    monkeypatch.setattr(collecting, "FILES", 1)
    folder = work(tmp_path)
    (folder / "later.py").write_text(F)
    only(read_source(folder), "too-large")


def test_a_password_and_damage_are_said(tmp_path):
    path = pack(tmp_path / "s.zip", **{"good.py": F, "x.py": F})
    content = bytearray(path.read_bytes())
    first = content.index(b"PK\x03\x04", 4)
    listed = content.rindex(b"PK\x01\x02")
    content[first + 6] |= 1
    content[listed + 8] |= 1
    path.write_bytes(content)
    only(read_source(path), "encrypted")
    path.write_bytes(bytes(content)[:-30])
    assert kinds(read_source(path)) == ["broken-zip"]


def test_a_member_twice_is_a_problem(tmp_path):
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("good.py", F)
        archive.writestr("good.py", "def g(): pass")
    only(read_source(path), "same-name")


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_damage_to_a_zip_raises(tmp_path_factory, data):
    path = pack(tmp_path_factory.mktemp("zip") / "s.zip", **{"good.py": F, "a/b.ipynb": "{}", "c.zip": b"PK"})
    content = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[at] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    source = read_source(path)
    assert all(p.kind in KINDS for p in source.problems)
    assert len(find_submissions([path])) >= 1


@given(st.text(max_size=300))
def test_what_is_shown_can_be_printed(text):
    assert shown(text).isprintable() and len(shown(text)) < 2500
    shown(text).encode()
