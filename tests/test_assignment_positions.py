"""Line numbers in TOML texts."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from gradproof.grading.assignments.assignment import ready_made
from gradproof.grading.assignments.toml_positions import line_of, positions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TEXT = '''\
# a comment with [brackets] and key = 1
title = "a # that is no comment" # but this = is
"quoted key" = 'it''s'

text = """
[not.a.table]
no = "key" \\""" still inside
"""
raw = \'\'\'
also = "no key" \\\'\'\'
dotted.inner . "last part" = 3
list = [
  1, # one
  "two ] , [",

  [ 3, 4 ],
  { five = 5,
 },
]

[table]   # comment
key = 2026-01-01T00:00:00Z
inline = { a = 1, b.c = [1, 2], "d e" = { f = "}" } }

[[task]]
name = "first"
[task.points]
forward = 1

[[task]]
name = "second"
lines = [ "one",
  "two" ]
[[task.part]]
x = 1
[[task.part]]
x = 2
[table.below]
y = """ends with two quotes"""""
z = 1
'''.replace("'it''s'", "'its'").replace("{ five = 5,\n }", "{ five = 5 }")


def every_path(data, path=()):
    """All paths of parsed TOML."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from every_path(value, (*path, key))


def test_every_key_and_element_is_found_on_its_line():
    found = positions(TEXT)
    lines = TEXT.splitlines()
    paths = list(every_path(tomllib.loads(TEXT)))
    assert set(paths) == set(found)
    for path in paths:
        if isinstance(path[-1], str):
            assert path[-1] in lines[found[path] - 1], path


def test_places_that_are_easily_missed():
    found = positions(TEXT)
    lines = TEXT.splitlines()
    assert lines[found["list", 1] - 1].strip().startswith('"two ]')
    assert lines[found["list", 2, 1] - 1].strip() == "[ 3, 4 ],"
    assert lines[found["task", 1, "lines", 1] - 1] == '  "two" ]'
    assert lines[found["task", 1] - 1] == "[[task]]"
    assert found["task", 1] > found["task", 0, "points", "forward"]
    assert lines[found["task", 1, "part", 1, "x"] - 1] == "x = 2"
    assert lines[found["table", "inline", "d e", "f"] - 1].startswith("inline")
    assert lines[found["table", "below", "z"] - 1] == "z = 1"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_both_kinds_of_line_ends(newline):
    found = positions(newline.join(["a = 1", "", "[b]", 'c = """', "x", '"""', "d = 2"]))
    assert found == {("a",): 1, ("b",): 3, ("b", "c"): 4, ("b", "d"): 7}


def test_what_is_not_there_stands_where_its_table_does():
    found = positions(TEXT)
    assert line_of(found, ("task", 1, "points", "forward")) == found["task", 1]
    assert line_of(found, ("nowhere",)) == 1


@pytest.mark.parametrize(
    "path", [*ready_made().values(), Path("pyproject.toml"), Path("frameworks/known_differences.toml")]
)
def test_whole_files(path):
    text = (path if path.is_absolute() else Path(__file__).parents[1] / path).read_text(encoding="utf-8")
    found = positions(text)
    lines = text.splitlines()
    for where in every_path(tomllib.loads(text)):
        assert where in found
        if isinstance(where[-1], str):
            assert re.search(re.escape(where[-1]), lines[found[where] - 1])
