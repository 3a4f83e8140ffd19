"""Cleaning: what of a module is kept, where it stands, and what its import gives."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradproof.grading.reading import Source, read_source
from tests.reading_inputs import ask, kinds, read

PAIR = "def affine_forward(x, w, b):\n    return x @ w + b, (x, w)\n"


def places(text: str) -> dict[str, int]:
    return {n.name: n.lineno for n in ast.walk(ast.parse(text)) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}


def test_an_ordinary_file_is_kept_as_it_stands(tmp_path):
    text = "import numpy as np\n\nEPS = 1e-8\n\n" + PAIR + "\n\ndef f(x):\n    return np.log(x + EPS)\n"
    source = read(tmp_path, text)
    assert source.files == {"layers.py": text}
    assert source.entries == ("layers.py",)
    assert not source.problems and not source.notes
    assert source.where("layers.py", 5) == "layers.py, line 5"


def test_prints_plots_loops_and_the_main_block_are_left_out_and_said(tmp_path):
    source = read(
        tmp_path,
        "import matplotlib.pyplot as plt\nimport sys\nsys.path.append('..')\n"
        + PAIR
        + "print('hello',\n   1)\nplt.plot([1])\nfor i in range(10**12):\n    x = affine_forward(i, i, i)\n"
        "while True:\n    pass\nif __name__ == '__main__':\n    1 / 0\n",
    )
    text = source.files["layers.py"]
    assert "plt" not in text and "print" not in text and "10**12" not in text and "sys" not in text
    assert text.count("\n") == 14 and places(text) == {"affine_forward": 4}
    (note,) = source.notes
    assert "3 calls (line 3, line 6, line 8)" in note and "2 loops" in note and "__main__" in note
    assert ask(source, tmp_path, "affine_forward.__name__") == (["'affine_forward'"], [])


def test_assignments_are_kept_where_a_definition_uses_them(tmp_path):
    source = read(
        tmp_path,
        "import numpy as np\nsize = 3\nW = np.ones((size, 2))\nunused = np.ones(10**12)\n"
        "def f(x):\n    unused = 1\n    return x @ W\n",
    )
    assert "10**12" not in source.files["layers.py"]
    assert ask(source, tmp_path, "f(W.T).tolist()", "'unused' in globals()") == (
        ["[[3.0, 3.0], [3.0, 3.0]]", "False"],
        [],
    )


def test_tables_aliases_lambdas_and_own_instances_are_kept(tmp_path):
    source = read(
        tmp_path,
        "import functools\nclass Relu:\n    def forward(self, x):\n        return max(x, 0)\n"
        "relu = Relu()\nlayers = []\nlayers.append(Relu())\nlayers.append(relu)\n"
        "TABLE = {'relu': Relu}\nsquare = lambda x: x ** 2\nforward = square\n"
        "cube = functools.partial(pow, exp=3)\nTABLE['square'] = square\n"
        "squares = {}\nfor i in range(4):\n    squares[i] = i * i\n"
        "def f(x):\n    return [l.forward(x) for l in layers], TABLE['square'](x), squares[x]\nRelu.f = f\n",
    )
    answers, notes = ask(source, tmp_path, "f(3)", "forward(5)", "cube(2)", "Relu.f is f", "len(layers)")
    assert answers == ["([3, 3], 9, 9)", "25", "8", "True", "2"] and not notes


def test_what_is_called_from_outside_is_kept_when_asked_for(tmp_path):
    text = "class Net:\n    pass\nnet = Net()\n"
    assert "net" not in read(tmp_path, text).files["layers.py"]
    assert "net = Net()" in read(tmp_path, text, wanted=["net"]).files["layers.py"]


def test_a_value_from_a_file_is_missing_by_name_and_only_when_used(tmp_path):
    source = read(
        tmp_path,
        "import numpy as np\nimport pandas as pd\nX = np.loadtxt('train.csv')\nN = X.shape[0]\nY = pd.read_csv('y')\n"
        "def good(x, data=X):\n    return x\ndef bad(x):\n    return x * N\ndef also(x):\n    return np.dot(x, Y)\n",
    )
    answers, notes = ask(source, tmp_path, "good(2)", "bad(2)", "bad(np.ones(2))", "also(np.ones(2))")
    assert answers[0] == "2" and not notes
    assert answers[1] == answers[2]
    assert answers[1].startswith(
        "NotAvailable: `N` is not available while grading: layers.py, line 4 (`N = X.shape[0]`)"
    )
    assert "uses `pandas`" in answers[3]
    assert "_gradproof_kept.py" in source.files and "_gradproof_kept.py" not in source.entries
    assert any("line 3: `X` has no value while grading: it reads or writes a file" in n for n in source.notes)


def test_a_kept_statement_that_raises_is_a_note_and_not_the_end(tmp_path):
    source = read(
        tmp_path,
        "def g():\n    raise SystemExit(3)\nA = [1][2]; B = 2\nC = g()\nD = [\n  1 / 0]\ndef f():\n"
        "    return B\ndef h():\n    return A, C, D\n",
    )
    answers, notes = ask(source, tmp_path, "f()", "A + 1")
    assert answers[0] == "2" and "raised IndexError" in answers[1]
    assert [n.split(":")[0] for n in notes] == ["layers.py, line 3", "layers.py, line 4", "layers.py, line 5"]


def test_an_endless_statement_ends_after_its_time(tmp_path):
    source = read(
        tmp_path,
        "def forever():\n    while True:\n        n = 1\n        try:\n            pass\n        except Exception:\n"
        "            pass\n"
        "W = forever()\nV = [1] + []\ndef f():\n    return W, V\n",
    )
    answers, notes = ask(source, tmp_path, "V", "W + 1")
    assert answers[0] == "[1]" and "takes more than 3 seconds" in answers[1] and len(notes) == 1


def test_libraries_that_are_missing_matter_only_where_they_are_used(tmp_path):
    source = read(
        tmp_path,
        "import no_such_thing as nst\nfrom no_such.deep import special\nfrom google.colab import drive\n"
        "from nowhere import *\n"
        "class Net(nst.Module):\n    @nst.compiled(3)\n"
        "    def forward(self, x: nst.Tensor | None) -> nst.Tensor:\n        return x\n"
        "@special\ndef f(x):\n    return x\ndef g(x):\n    return isinstance(x, nst.Tensor), special(x)\n",
    )
    answers, _ = ask(source, tmp_path, "f(1)", "Net()", "g(1)", "Net.forward(None, 4)")
    assert answers[0] == "1" and answers[3] == "4"
    assert "its base class is not available" in answers[1]
    assert answers[2].startswith("NotAvailable: `no_such.deep.special` is not available while grading")
    assert "drive" not in source.files["layers.py"]
    assert sum("decorator" in n for n in source.notes) == 2


def test_what_future_and_six_offer_is_there(tmp_path):
    source = read(
        tmp_path,
        "from __future__ import print_function, division\nfrom builtins import range, object\n"
        "from past.builtins import xrange\n"
        "from six.moves import cPickle as pickle\nimport numpy as np\ndef f(n):\n"
        "    return list(xrange(n)), pickle.dumps(1)[:1]\n",
    )
    assert kinds(source) == []
    assert ask(source, tmp_path, "f(2)")[0] == ["([0, 1], b'\\x80')"]


def test_a_fallback_in_try_and_an_if_at_module_level_live_on(tmp_path):
    source = read(
        tmp_path,
        "try:\n    from nowhere import fast\nexcept ImportError:\n    print('none')\n    fast = lambda x: x + 1\n"
        "DEBUG = False\nif DEBUG:\n    def f(x):\n        return 0\nelse:\n    print('here')\n    def f(x):\n"
        "        return fast(x)\n",
    )
    answers, notes = ask(source, tmp_path, "f(1)", "f.__code__.co_firstlineno")
    assert answers == ["2", "12"] and not notes


def test_seeds_are_kept_where_random_numbers_are(tmp_path):
    source = read(tmp_path, "import numpy as np\nnp.random.seed(0)\nW = np.random.randn(2)\ndef f():\n    return W\n")
    assert ask(source, tmp_path, "f()[0].round(4)")[0] == ["np.float64(1.7641)"]


def test_modules_find_one_another_wherever_they_lie(tmp_path):
    work = tmp_path / "work"
    for name, text in {
        "hw 1/cs231n/layers.py": "import numpy as np\nSCALE = 2\ndef affine(x):\n    return SCALE * x\n",
        "hw 1/cs231n/classifiers/net.py": "from cs231n.layers import *\nfrom ..layers import SCALE as s\n"
        "def net(x):\n    from cs231n import layers\n    return affine(x) + layers.SCALE + s, np.ones(1)\n",
        "hw 1/main.py": "import cs231n.layers as L\nfrom cs231n.classifiers.net import net\n"
        "def run(x):\n    return net(x)[0] + L.SCALE\n",
        "hw 1/code.py": "def named_as_a_library():\n    return 1\n",
    }.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text)
    source = read_source(work)
    assert source.entries[-1] == "hw_1/main.py" and "hw_1/cs231n/__init__.py" in source.files
    assert source.where("hw_1/main.py", 1) == "hw 1/main.py, line 1"
    assert ask(source, tmp_path, "run(10)") == (["26"], [])


def test_a_flattened_package_is_found(tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    (work / "layers.py").write_text("def affine(x):\n    return x\n")
    (work / "net.py").write_text("from cs231n.layers import *\ndef net(x):\n    return affine(x)\n")
    assert ask(read_source(work), tmp_path, "net(3)")[0] == ["3"]


@pytest.mark.parametrize("name", ["numpy", "random", "code"])
def test_a_file_named_as_a_library_is_renamed(tmp_path, name):
    source = read(tmp_path, PAIR, f"{name}.py")
    assert source.entries == (f"{name}_submitted.py",) and kinds(source) == ["shadows-library"]


def test_only_the_names_asked_for_are_entries_and_the_rest_is_importable(tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    (work / "Layers.py").write_text("from helper import h\ndef f():\n    return h\n")
    (work / "helper.py").write_text("h = 1\n")
    source = read_source(work, ["layers.py"])
    assert source.entries == ("Layers.py",) and "helper.py" in source.files
    assert ask(source, tmp_path, "f()")[0] == ["1"]
    other = read_source(work, ["softmax.py"])
    assert kinds(other) == ["no-match"] and len(other.entries) == 2


def test_what_compiles_not_is_a_problem_of_its_definition_only(tmp_path):
    source = read(tmp_path, PAIR + "def g():\n    break\ndef h():\n    return 1\n")
    assert kinds(source) == ["syntax"] and source.problems[0].line == 4
    assert places(source.files["layers.py"]) == {"affine_forward": 1, "h": 5}


def test_the_digest_is_the_contents(tmp_path):
    first, again = read(tmp_path, PAIR), read(tmp_path, PAIR)
    assert first.digest == again.digest != read(tmp_path, PAIR + "\n").digest


STATEMENTS = st.sampled_from(
    [
        "import numpy as np, os",
        "from layers2 import (a,\n    b)",
        "def NAME(x, y=[1,\n   2]):\n    '''doc\n    string'''\n    return x + K",
        "class NAME:\n    k = 1\n    def m(self):\n        return self.k",
        "@property\ndef NAME(x):\n    return K; pass",
        "K = 3",
        "K = [1,\n  2]; print(K)",
        "print(1); K = 4; print('''\n''')",
        "K = np.zeros((\n  3, 3))",
        "K = open('x').read()",
        "for i in range(3):\n    print(i)\nelse:\n    pass",
        "if K:\n    def NAME(x):\n        return x\nelif 1:\n    K = 2\nelse:\n    print(2)",
        "try:\n    import no\nexcept ImportError:\n    no = K",
        "'''text\n\n'''",
        "# é comment\n\n",
        "K = 'é'; print('é'); K = 'é' + \\\n   'x'",
        "with open('x') as K:\n    print(K)",
        "K = {'é': lambda x: x}",
        "del K",
    ]
)


@given(st.lists(STATEMENTS, max_size=8), st.sampled_from(["\n", "\r\n", "\r"]))
@settings(max_examples=150, deadline=None)
def test_lines_stay_where_they_are(tmp_path_factory, statements, end):
    text = "\n".join(s.replace("NAME", f"f{i}") for i, s in enumerate(statements)) + "\n"
    source: Source = read(tmp_path_factory.mktemp("lines"), text.replace("\n", end))
    if not source.entries:
        return
    cleaned = source.files["layers.py"]
    assert cleaned.count("\n") == text.count("\n") == len(source.origins["layers.py"]) - 1
    compile(cleaned, "cleaned", "exec")
    inside = {k: v for k, v in places(text).items() if k in places(cleaned)}
    assert places(cleaned) == inside
    assert "print(" not in cleaned.replace("print(K)\\n", "")
