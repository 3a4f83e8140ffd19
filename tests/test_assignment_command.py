"""`gradproof assignment`: check, new, starter and list."""

from __future__ import annotations

import argparse
import ast
import json

import pytest

from gradproof.grading.assignments.assignment import read
from gradproof.grading.assignments.assignment_command import add_parser


@pytest.fixture
def run(capsys):
    """The exit code, stdout and stderr of a command."""

    def of(*arguments: object) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        add_parser(parser.add_subparsers(required=True))
        args = parser.parse_args(["assignment", *map(str, arguments)])
        code = args.run(args)
        said = capsys.readouterr()
        return code, said.out, said.err

    return of


def test_check_shows_tasks_stages_and_points(run):
    code, out, err = run("check", "cs231n-a1")
    assert code == 0
    assert err == ""
    assert "affine_forward, affine_backward  forward 2, dx 1, dw 1, db 1" in out
    assert "9 tasks, 40 points; 3 public and 6 hidden cases each" in out


def test_check_as_json(run):
    code, out, _ = run("check", "lecture-003", "--format", "json")
    record = json.loads(out)
    assert code == 0
    assert record["right"] is True
    assert record["max_score"] == 22
    assert record["tasks"][0]["functions"] == ["MultiplyLayer"]


def test_check_says_every_mistake_with_exit_code_4(run, tmp_path):
    path = tmp_path / "a.toml"
    path.write_text('format = 1\nname = "a"\ntsk = 1\n[limits]\nmemory_mib = 1\n', encoding="utf-8")
    code, out, err = run("check", path)
    assert (code, out) == (4, "")
    assert [line.split(": ")[0] for line in err.splitlines()] == [f"{path}:{n}" for n in (1, 3, 5)]
    code, out, _ = run("check", path, "--format", "json")
    assert code == 4
    assert len(json.loads(out)["problems"]) == 3


def test_a_new_file_passes_its_check(run, tmp_path):
    code, out, err = run("new", "spring", "--output", tmp_path)
    assert code == 0
    assert out.strip() == str(tmp_path / "spring.toml")
    assert "gradproof assignment check" in err
    assert read(tmp_path / "spring.toml").name == "spring"
    assert run("check", tmp_path / "spring.toml")[0] == 0


def test_new_does_not_overwrite(run, tmp_path):
    (tmp_path / "assignment.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="exists and is left as it is"):
        run("new", "--output", tmp_path)
    assert (tmp_path / "assignment.toml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["../up", "a b", "1st", ""])
def test_new_wants_a_plain_name(run, tmp_path, name):
    with pytest.raises(ValueError, match="is no name"):
        run("new", name, "--output", tmp_path)


def test_starter_writes_a_module_and_a_notebook(run, tmp_path):
    code, out, _ = run("starter", "lecture-003", "--output", tmp_path / "new")
    assert code == 0
    assert out.split() == [str(tmp_path / "new" / f"lecture-003.{end}") for end in ("py", "ipynb")]
    ast.parse((tmp_path / "new" / "lecture-003.py").read_text(encoding="utf-8"))
    assert json.loads((tmp_path / "new" / "lecture-003.ipynb").read_text(encoding="utf-8"))["nbformat"] == 4


def test_starter_overwrites_neither_file(run, tmp_path):
    (tmp_path / "lecture-003.ipynb").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match=r"lecture-003\.ipynb exists"):
        run("starter", "lecture-003", "--output", tmp_path)
    assert not (tmp_path / "lecture-003.py").exists()


def test_starter_of_a_wrong_file(run, tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("format = 1", encoding="utf-8")
    code, _, err = run("starter", path, "--output", tmp_path / "new")
    assert code == 4
    assert f"{path}:1: " in err
    assert not (tmp_path / "new").exists()


def test_list_names_the_ready_made_ones(run):
    code, out, _ = run("list")
    assert code == 0
    assert "cs231n-a2    CS231n, assignment 2: layers of deep networks; 18 tasks, 100 points" in out
    assert len(json.loads(run("list", "--format", "json")[1])) == len(out.splitlines())
