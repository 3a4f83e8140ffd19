"""Python files: encodings, what does not parse, what is out of date, in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradproof.grading.reading.outdated import _REPLACED, _expired, numpy_replacement
from gradproof.grading.reading.python2 import python2_syntax
from gradproof.grading.reading.record import KINDS
from gradproof.grading.reading.scanning import scan
from tests.reading_inputs import ask, kinds, read

F = "def f():\n    return 'é'\n"


@pytest.mark.parametrize(
    ("content", "noted"),
    [
        (F.encode(), False),
        (b"\xef\xbb\xbf" + F.encode(), False),
        (b"# coding: latin-1\n" + F.encode("latin-1"), False),
        (b"#!/usr/bin/python\n# -*- coding: cp1252 -*-\n" + F.encode("cp1252"), False),
        (b"# coding: koi8-r\n" + F.replace("é", "и").encode("koi8-r"), False),
        (F.encode("latin-1"), True),
        (b"# coding: utf-8\n" + F.encode("latin-1"), True),
        (b"# coding: nonsense\n" + F.encode(), False),
        (b"# coding: rot13\n" + F.encode(), False),
        (F.encode("utf-16"), True),
        (F.replace("\n", "\r\n").encode(), False),
        (F.replace("\n", "\r").encode(), False),
        (F.replace("    ", "\t").encode(), False),
        (b"\x0c\n" + F.encode(), False),
        (F.encode().rstrip(), False),
    ],
)
def test_encodings_and_line_ends(tmp_path, content, noted):
    source = read(tmp_path, content)
    assert kinds(source) == [] and bool(source.notes) == noted
    assert ask(source, tmp_path, "f()")[0] == ["'и'" if b"koi8" in content else "'é'"]


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"", "empty", "is empty"),
        (b" \n\t\n", "empty", "is empty"),
        (b"# nothing\n", "no-code", "only comments"),
        (b"%PDF-1.7 ...", "binary", "a PDF"),
        (b"PK\x03\x04...", "binary", "zip"),
        (b"\x00\x01\x02" * 9, "binary", "null bytes"),
        (b"\xff\xfe\x00", "binary", ""),
        (b"x = 1\n\0", "binary", "null bytes"),
        (b"def f(:\n  pass", "syntax", "def f(:"),
        (b"if 1:\n\tx = 1\n        y = 2\n", "syntax", ""),
        (b"def f():\n    x = (1\n", "syntax", ""),
        (b"<<<<<<< HEAD\nx = 1\n", "syntax", "merge"),
        (b">>> x = 1\n", "syntax", "prompt"),
        ("x = “a”\n".encode(), "syntax", "typographic"),
        (b"{\\rtf1 }", "binary", "rich-text"),
        (b"f()\n" * 5001, "too-large", "5001 statements"),
        (b"\n" * 40_000 + b"x", "too-large", "40000 lines"),
        (b"x = " + b"9" * 5000, "too-deep", ""),
        (b"x = " + b"(" * 150 + b")" * 150, "too-deep", ""),
        (b"x = a" + b"+a" * 300_000, "too-deep", ""),
        (b"x = a" + b".b" * 300_000, "too-deep", ""),
        (b"x = a" + b"[0]" * 300_000, "too-deep", ""),
        (b"x = a" + b"()" * 300_000, "too-deep", ""),
        (b"x = " + b"-" * 300_000 + b"1", "too-deep", ""),
        (b"x = " + b"not " * 100_000 + b"1", "too-deep", ""),
        (b"if a: pass\n" + b"elif a: pass\n" * 25_000, "too-deep", ""),
        (b"x = " + b"lambda:" * 50_000 + b"1", "too-deep", ""),
        (b"x = " + b"1 if 1 else " * 50_000 + b"1", "too-deep", ""),
    ],
)
def test_what_cannot_be_read_is_a_problem(tmp_path, content, kind, said):
    source = read(tmp_path, content)
    assert kinds(source) == [kind] and said in source.problems[0].message
    assert not source.entries and "layers.py" not in source.files


def test_nesting_that_only_the_compiler_refuses(tmp_path):
    source = read(tmp_path, "def f(a):\n    return " + "not " * 3000 + "a\ndef g():\n    return 1\n")
    assert source.entries or source.problems  # by Python version; never a crash


def test_long_ordinary_data_is_not_too_deep():
    assert not scan("x = [" + "-1.5, " * 50_000 + "]").deep
    assert not scan("x = " + "'" + "(" * 5000 + "'").deep
    assert not scan("\n".join(f"x{i} = a + b - c * d.e[0](1)" for i in range(3000))).deep


@pytest.mark.parametrize(
    ("line", "modern"),
    [
        ("print 'x'", "print(...)"),
        ("print x, y", "print(...)"),
        ("if 1: print x", "print(...)"),
        ("print", "print(...)"),
        ("exec 'x'", "exec(...)"),
        ("raise ValueError, 'x'", "raise E(message)"),
        ("if 1 <> 2: pass", "!="),
        ("x = `1`", "repr(...)"),
        ("x = 10L", "without L"),
        ("x = 0777", "0o"),
        ("x = ur'a'", 'r"..."'),
        ("f = lambda (a, b): a", "unpacked"),
        ("def f((a, b)): return a", "unpacked"),
        ("try:\n    pass\nexcept (A, B), e:\n    pass", "except E as e"),
        ("try:\n    pass\nexcept A, e:\n    pass", "except E as e"),
    ],
)
def test_python_2_syntax_has_its_modern_spelling(tmp_path, line, modern):
    found = python2_syntax("x = 1\n" + line + "\n", "a.py")
    assert [p.kind for p in found] == ["python2"] and modern in found[0].message
    if line != "print":
        assert kinds(read(tmp_path, "x = 1\n" + line + "\n"))[0] == "python2" or "except A, e" in line


def test_python_3_is_not_taken_for_python_2():
    text = (
        "print(1)\nprint (1)\nx = 'print 1 <> 2'\n'''\nprint x\n'''\n"
        "printed = 0o77 + 100 + 0.07\nexec('x')\nf(print, 1)\n"
    )
    assert python2_syntax(text, "a.py") == []


def test_python_2_names_in_kept_code(tmp_path):
    source = read(
        tmp_path,
        "import cPickle\ndef f(d):\n    for i in xrange(3):\n        pass\n    for k, v in d.iteritems():\n"
        "        pass\n"
        "    return xrange(i / 2), cPickle, raw_input\ndef g(reduce, file=None):\n    return reduce, file\n"
        "for i in xrange(3):\n    print(i)\n",
    )
    said = {p.message.split("`")[1].strip("."): p for p in source.problems}
    assert set(said) == {"xrange", "iteritems", "cPickle", "raw_input"} and set(kinds(source)) == {"python2"}
    assert said["xrange"].line == 3 and "write range, also in line 7" in said["xrange"].message
    assert any("rounds down" in n for n in source.notes)


def test_a_name_that_the_submission_defines_is_no_python_2(tmp_path):
    assert (
        kinds(
            read(tmp_path, "try:\n    xrange\nexcept NameError:\n    xrange = range\ndef f():\n    return xrange(1)\n")
        )
        == []
    )
    assert kinds(read(tmp_path, "import numpy as np\nnp.float = float\ndef f(x):\n    return np.float(x)\n")) == []


GONE = [
    "float",
    "int",
    "bool",
    "mat",
    "asscalar",
    "product",
    "sometrue",
    "in1d",
    "trapz",
    "row_stack",
    "NaN",
    "Inf",
    "float_",
]


@pytest.mark.parametrize("name", GONE)
def test_removed_numpy_names_have_their_modern_spelling(tmp_path, name):
    source = read(tmp_path, f"import numpy as np\ndef f(x):\n    y = x\n    return np.{name}\nprint(np.{name})\n")
    if hasattr(np, name):
        assert kinds(source) == []
        return
    (problem,) = source.problems
    assert (problem.kind, problem.line) == ("removed-numpy", 4)
    assert problem.message.endswith(f"write {_REPLACED[name]}")


def test_numpys_own_list_of_removals_is_known():
    gone = [n for n in _expired() if not hasattr(np, n)]
    assert len(gone) > 20
    assert all(numpy_replacement(n) for n in gone)
    assert (
        not numpy_replacement("linalg.norm")
        and not numpy_replacement("float64.type")
        and not numpy_replacement("newaxis")
    )
    assert "np.linalg.norm" in numpy_replacement("linalg.nrom")


def test_removed_parts_of_the_standard_library(tmp_path):
    source = read(
        tmp_path,
        "import collections, inspect, time as t\nfrom collections import Mapping\nfrom fractions import gcd\n"
        "from numpy import product, dot\n"
        "def f(x):\n    return isinstance(x, collections.Mapping), t.clock(), Mapping, gcd, product, dot\n",
    )
    assert sorted((p.kind, p.line) for p in source.problems) == [
        ("removed-numpy", 4),
        ("removed-stdlib", 2),
        ("removed-stdlib", 3),
        ("removed-stdlib", 6),
    ]
    assert source.problems[0].message == "`collections.Mapping` is gone; write collections.abc.Mapping, also in line 6"
    assert ask(source, tmp_path, "callable(f)")[0] == ["True"]


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "def f(x):",
            "\n",
            "    ",
            "return",
            " x",
            "(",
            ")",
            "[",
            "'",
            '"""',
            "#",
            "\\",
            "import ",
            "é",
            "print ",
            "=",
            "class A:",
            "@",
            "\t",
            "lambda ",
            ":",
            ";",
            "if ",
            "for ",
            "except ",
            ",",
            "0",
            "\r",
            "\f",
            "match ",
            "*",
            "async ",
            "%",
        ]
    ),
    max_size=25,
).map("".join)


@given(st.binary(max_size=200) | FRAGMENTS.map(str.encode))
@settings(max_examples=400, deadline=None)
def test_no_content_raises(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("any")
    for name in ("layers.py", "layers.ipynb", "layers.zip"):
        source = read(folder, content, name)
        assert source.problems or source.entries
        assert all(p.kind in KINDS and p.message.isprintable() for p in source.problems)
        for text in source.files.values():
            compile(text, "cleaned", "exec")
            text.encode()
