"""Notebooks: every version of the format, cells as IPython takes them, problems with their cell."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradproof.grading.reading.magics import python_of
from tests.reading_inputs import ask, kinds, notebook, read

F = "def f(x):\n    return x"


def test_cells_become_one_module_with_their_origins(tmp_path):
    text = notebook(
        {"cell_type": "markdown", "source": "def g(): pass"}, ["import numpy as np\n", "K = 2"], F, "", "print(f(1))"
    )
    source = read(tmp_path, text, "hw 1.ipynb")
    assert source.entries == ("hw_1.py",) and kinds(source) == []
    line = source.files["hw_1.py"].split("\n").index("def f(x):") + 1
    assert source.where("hw_1.py", line + 1) == "hw 1.ipynb, cell 3, line 2"
    assert "def g" not in source.files["hw_1.py"]
    assert len(source.origins["hw_1.py"]) == source.files["hw_1.py"].count("\n") + 1
    assert any("1 call (cell 5 line 1)" in n for n in source.notes)


@pytest.mark.parametrize(
    "content",
    [
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": F}]},
        {
            "nbformat": 4,
            "cells": [None, 3, {"cell_type": "raw", "source": "1 +"}, {"cell_type": "code", "source": [F, None]}],
        },
        {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "language": "python", "input": [F]}]}]},
        {"nbformat": 2, "worksheets": [{"cells": [{"cell_type": "code", "input": F, "prompt_number": 1}]}, {}]},
        {"nbformat": 1, "cells": [{"cell_type": "code", "code": F, "prompt_number": "*"}]},
        {"cells": [{"cell_type": "code", "source": F + "\r\n", "execution_count": None}], "metadata": []},
    ],
)
def test_every_version_is_read(tmp_path, content):
    source = read(tmp_path, json.dumps(content), "hw.ipynb")
    assert kinds(source) == [] and ask(source, tmp_path, "f(3)")[0] == ["3"]


def test_magics_shell_lines_and_help_are_left_out(tmp_path):
    source = read(
        tmp_path,
        notebook(
            "%matplotlib inline\n!pip install 'x\n?print\nnp.dot?\n%load_ext autoreload\nimport numpy as np\n" + F,
            "%%time\ny = f(2)\ndef timed(x):\n    return x",
            "%%bash\nrm -rf /",
            "files = !ls\nbest = %timeit -o f(1)\ndef g():\n    return files",
            "def h(x):\n    '''\n    % of it\n    !\n    '''\n    return (x\n% 3)\nfor i in range(2):\n"
            "    %time z = 1\n    !ls",
        ),
        "hw.ipynb",
    )
    assert kinds(source) == []
    answers, notes = ask(source, tmp_path, "f(1)", "timed(2)", "h(5)", "'% of it' in h.__doc__", "len(g())")
    assert answers[:4] == ["1", "2", "2", "True"] and not notes
    assert "runs a magic or a shell command" in answers[4]
    assert any("cell 3: left out: %%bash cell" in n for n in source.notes)


def test_writefile_cells_are_modules(tmp_path):
    source = read(
        tmp_path,
        notebook(
            "%%writefile layers.py\n" + F,
            "%%writefile -a layers.py\ndef g(x):\n    return f(x) + 1",
            "from layers import *\nh = lambda: g(1)",
        ),
        "hw.ipynb",
    )
    assert set(source.entries) == {"layers.py", "hw.py"}
    assert source.where("layers.py", 2) == "hw.ipynb, cell 1, line 2"
    assert ask(source, tmp_path, "h()")[0] == ["2"]


def test_a_writefile_that_leads_out_is_a_problem(tmp_path):
    source = read(tmp_path, notebook("%%writefile ../../evil.py\nx = 1", F), "hw.ipynb")
    assert kinds(source) == ["unsafe-path"] and source.entries == ("hw.py",)


def test_a_bad_cell_is_a_problem_with_its_number_and_the_others_live(tmp_path):
    source = read(
        tmp_path,
        notebook("def f(:\n  pass", "print 'x'\n", "def g():\n    return 1", "return 3", "x = '''"),
        "hw.ipynb",
    )
    assert [(p.kind, p.cell, p.line) for p in source.problems] == [
        ("syntax", 1, 1),
        ("python2", 2, 1),
        ("syntax", 5, 1),
    ]
    assert str(source.problems[1]).startswith(
        "hw.ipynb, cell 2, line 1: the print statement is Python 2 (`print 'x'`); write print(...)"
    )
    assert ask(source, tmp_path, "g()")[0] == ["1"]


def test_the_last_definition_in_the_document_wins_and_is_said(tmp_path):
    cells = [
        {"cell_type": "code", "execution_count": 9, "source": "def f():\n    return 1"},
        {"cell_type": "code", "execution_count": 2, "source": "def f():\n    return 2"},
    ]
    source = read(tmp_path, notebook(*cells), "hw.ipynb")
    assert ask(source, tmp_path, "f()")[0] == ["2"]
    assert any("`f` is defined in cell 1 and cell 2; the last one counts" in n for n in source.notes)
    assert any("another order" in n for n in source.notes)


def test_future_annotations_of_a_late_cell_hold(tmp_path):
    source = read(
        tmp_path,
        notebook(F, "from __future__ import annotations, division\ndef g(x: Unknown):\n    return x"),
        "hw.ipynb",
    )
    assert kinds(source) == [] and ask(source, tmp_path, "g(1)")[0] == ["1"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "empty"),
        ("{}", "broken-notebook"),
        ("[1]", "broken-notebook"),
        ('{"cells": [', "broken-notebook"),
        ('{"cells": {}}', "broken-notebook"),
        ("[" * 100_000, "broken-notebook"),
        (notebook(), "no-code"),
        (notebook({"cell_type": "markdown", "source": "x"}, " \n"), "no-code"),
        (notebook("x <- 1", kernelspec={"language": "R", "name": "ir"}), "not-python"),
    ],
)
def test_what_is_no_notebook_is_a_problem(tmp_path, text, kind):
    source = read(tmp_path, text, "hw.ipynb")
    assert kinds(source) == [kind] and not source.entries


def test_content_counts_more_than_the_suffix(tmp_path):
    assert read(tmp_path, notebook(F), "hw.py").entries == ("hw.py",)
    assert read(tmp_path, F, "hw.ipynb").entries == ("hw.py",)


def test_a_python_2_kernel_is_said(tmp_path):
    source = read(tmp_path, notebook(F, kernelspec={"name": "python2"}, language_info={"version": "2.7"}), "hw.ipynb")
    assert any("Python 2" in n for n in source.notes)


def test_a_notebook_beside_a_module_of_its_name_uses_it(tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    (work / "layers.py").write_text(F)
    (work / "layers.ipynb").write_text(notebook("from layers import f\ndef g():\n    return f(1)"))
    from gradproof.grading.reading import read_source

    source = read_source(work)
    assert source.entries == ("layers.py", "layers_notebook.py")
    assert ask(source, tmp_path, "g()")[0] == ["1"]


def test_lone_surrogates_do_not_pass(tmp_path):
    source = read(tmp_path, json.dumps({"cells": [{"cell_type": "code", "source": "s = '\ud800'\n" + F}]}), "hw.ipynb")
    source.files["hw.py"].encode()


@given(
    st.lists(
        st.sampled_from(["%time x", "!ls 'a", "x = 1", "'''", "(", ")", "  y", "?f", "%%time", "x = !a", "f?", "\\"]),
        max_size=7,
    )
)
@settings(max_examples=300, deadline=None)
def test_a_cell_keeps_its_lines(lines):
    cell = "\n".join(lines)
    assert python_of(cell).text.count("\n") == cell.count("\n")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda c: (
        st.lists(c, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "cell_type", "source", "metadata", "worksheets", "input", "kernelspec", "language"]
            ),
            c,
            max_size=5,
        )
    ),
)


@given(JSON)
@settings(max_examples=200, deadline=None)
def test_no_json_raises(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("json")
    read(folder, json.dumps(content), "hw.ipynb")
    read(folder, json.dumps({"cells": content}), "hw.ipynb")
    read(folder, json.dumps({"cells": [{"cell_type": "code", "source": content}], "metadata": content}), "hw.ipynb")
