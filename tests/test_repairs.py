"""Where a mistake is in a student's own code: the changes that are tried, running them, and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.grading.marks import _trials
from gradproof.grading.marks.changing import Variant
from gradproof.grading.marks.edits import Edit, edits, functions
from gradproof.grading.marks.repairs import _named
from tests.submission_corpus import Submission, marked

HEAD = "import numpy as np\n\n\n"


def _functions(text: str):
    return {f.name: f for f in functions({"submission.py": HEAD + text})}


def _changed(function, edit: Edit) -> str:
    text = function.text.encode()
    for start, end, new in sorted(edit.changes, reverse=True):
        text = text[:start] + new.encode() + text[end:]
    return text.decode()


# -- the changes ---------------------------------------------------------------------------------------------------


REVERSED = [
    ("def f(dy, h):\n    return dy * (1 - h)\n", "exponent", "dy * (1 - (h ** 2))"),
    ("def f(p, y):\n    d = y - p\n    return d\n", "sign", "d = p - y"),
    ("def f(dy, w):\n    return dy @ w\n", "transpose", "dy @ w.T"),
    ("def f(x):\n    return x.sum(axis=0)\n", "axis", "x.sum(axis=1)"),
    ("def f(x, n):\n    d = x * 2\n    return d\n", "missing division by a count", "(x * 2) / n"),
    ("def f(x):\n    for i in range(3):\n        dw = x * i\n    return dw\n", "assigned for added", "dw += x * i"),
    ("def f(dw, i, d):\n    dw[i] += d\n    return dw\n", "repeated index", "np.add.at(dw, (i), d)"),
    ("def f(w2):\n    return w2[:-1] * 2\n", "slice", "w2[1:] * 2"),
    ("def f(p):\n    d = p\n    d -= 1\n    return d, p\n", "missing copy", "d = p.copy()"),
    ("def f(x):\n    return np.sqrt(x) * 2\n", "function too many", "return x * 2"),
    ("def f(x):\n    return np.exp(x)\n", "no shift", "np.exp(x - np.max(x, axis=-1, keepdims=True))"),
    ("def f(d, h):\n    return d * h\n", "value for derivative", "d * (h > 0)"),
    ("def f(d, h):\n    e = d * 2\n    return e\n", "missing derivative", "* (h * (1 - h))"),
    ("def f(x, b):\n    return x * 2\n", "missing term", "((x * 2) + b)"),
    ("def f(x, w, reg):\n    return x @ w\n", "missing penalty", "+ 2 * reg * w)"),
    ("def f(e, a):\n    w = a * np.where(a > 0, e, 0)\n    return w, e + 1\n", "another expression",
     "(np.where(a > 0, e, 0)) + 1"),
    ("def f(x):\n    return np.tanh(x) + 1\n", "inner factor", "np.tanh(x / 2)"),
    ("def f(d):\n    return np.sum(d) ** 2\n", "order of operations", "np.sum((d) ** 2)"),
    ("def f(d):\n    return np.sum(d ** 2)\n", "order of operations", "(np.sum(d) ** 2)"),
    ("def f(v, w):\n    return np.linalg.norm(v) + np.linalg.norm(w)\n", "order of operations",
     "(np.linalg.norm(v) ** 2) + (np.linalg.norm(w) ** 2)"),
    ("def f(x, N, C, H):\n    return x.reshape(N, C, H)\n", "axes mixed up", "x.reshape(N, H, C).transpose(0, 2, 1)"),
    ("def f(x, N):\n    return np.reshape(x, (N, -1))\n", "axes mixed up", "x.transpose(0, 2, 3, 1).reshape((N, -1))"),
    ("def f(x, C, G):\n    N, H = x.shape\n    k = C // G\n    m = N * H\n    return x / m\n", "another count",
     "(N * H) * (C // G)"),
    ("def f(w, d, x):\n    w = w - d\n    b = d * 2\n    e = d @ w\n    return w, b, e\n", "place of a statement",
     "b = d * 2\n    e = d @ w\n    w = w - d"),
    ("def f(x):\n    n = x.shape[1]\n    return x / n\n", "wrong count", "n = x.shape[0]"),
    ("def f(x, y):\n    return np.einsum('nt,ns->t', x, y)\n", "einsum", "'nt,nt->t'"),
    ("def f(d, h):\n    return d * h * (1 - h)\n", "another derivative", "(d * (h > 0))"),
    ("def f(d, h):\n    return (1 - h ** 2) * d\n", "another derivative", "((h * (1 - h))) * d"),
    ("def f(d, h):\n    return np.multiply(d, 1 - np.power(h, 2))\n", "another derivative",
     "np.multiply(d, (h * (1 - h)))"),
    ("def f(d, h):\n    return d * h * (1 - h)\n", "derivative too many", "return (d)"),
    ("def f(x, p):\n    return x[:, p:-p]\n", "empty slice", "x[:, p:((-p) or None)]"),
    ("def f(x):\n    return g(x, 0.8)\n", "constant", "0.19999"),
    ("def f(g, p):\n    return g * p * (1 - p)\n", "rest of a Jacobian",
     "(p * (g - np.sum((g) * p, axis=-1, keepdims=True)))"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "wanted"), REVERSED, ids=[kind for _, kind, _ in REVERSED])
def test_each_mistake_has_a_change_that_mends_it(text, kind, wanted):
    function = _functions(text)["f"]
    made = [_changed(function, e) for e in edits(function) if e.kind == kind]
    assert any(wanted in text for text in made), made


def test_every_change_is_a_program_but_for_few():
    text = (
        "def f(x, w, b, reg):\n    n, d = x.shape\n    a = np.maximum(0, x @ w + b)\n"
        "    a /= a.sum(axis=1, keepdims=True)\n    for i in range(n):\n        a[i] = a[i] - a[i].max()\n"
        "    return a, (x, w), {'w': w * reg}\n"
    )
    function = _functions(text)["f"]
    every = edits(function)
    broken = 0
    for edit in every:
        try:
            compile(_changed(function, edit), "submission.py", "exec")
        except SyntaxError:
            broken += 1
    assert len(every) > 200 and broken < len(every) / 50, (broken, len(every))


def test_lines_are_those_of_the_file_in_methods_and_functions():
    text = "class Net:\n    def loss(self, x):\n        y = x * 2\n        return -y\n\n\ndef f(x):\n    return -x\n"
    found = _functions(text)
    assert found["loss"].method == "Net"
    assert {e.at for e in edits(found["loss"]) if e.said == "the minus in front of `y` is one too many"} == {7}
    assert {e.at for e in edits(found["f"]) if e.said == "the minus in front of `x` is one too many"} == {11}


def test_a_file_that_cannot_be_parsed_has_no_functions():
    assert functions({"a.py": "def f(:\n", "b.py": "def g(x):\n    return x\n"})[0].name == "g"


# -- the engine ----------------------------------------------------------------------------------------------------


def _tried(monkeypatch, text: str, changes: list):
    names: dict = {}
    exec(compile(text, "submission.py", "exec"), names)
    monkeypatch.setattr(_trials, "SUBMITTED", {"f": names["f"]})
    steps = [{"do": "call", "function": "f", "args": [{"array": "x"}], "to": {"name": "y"}}]
    arrays = [{"x": np.array([1.0, 2.0])}]
    rows = _trials.trials([["submission.py", 1, text, "f"]], changes, [steps], arrays, [[["y", [2]]]], 5.0)
    return rows, names["f"]


def test_a_change_is_run_and_taken_back(monkeypatch):
    text = "def f(x):\n    return x * 3\n"
    at = text.index("3")
    rows, f = _tried(monkeypatch, text, [[], [[0, at, at + 1, "5"]], []])
    assert rows.tolist() == [[3, 6], [5, 10], [3, 6]]
    assert f(np.array([1.0])).tolist() == [3]


def test_what_raises_is_no_program_or_writes_into_its_input_gives_nothing_and_harms_nothing(monkeypatch):
    text = "def f(x):\n    x *= 2\n    return x + 1\n"
    at = text.index("1\n")
    rows, _ = _tried(monkeypatch, text, [[], [[0, at, at + 1, "("]], [[0, at, at + 1, "y"]], []])
    assert rows[0].tolist() == rows[3].tolist() == [3, 5]
    assert np.isnan(rows[1:3]).all()


def test_an_endless_loop_is_left(monkeypatch):
    text = "def f(x):\n    k = 0\n    while k < 3:\n        k += 1\n    return x * k\n"
    at = text.index("+=")
    rows, _ = _tried(monkeypatch, text, [[], [[0, at, at + 2, "-="]], []])
    assert rows[0].tolist() == rows[2].tolist() == [3, 6]
    assert np.isnan(rows[1]).all()


# -- what is said --------------------------------------------------------------------------------------------------


def _variant(kind: str, said: str, line: int) -> Variant:
    return Variant(Edit(kind, said, line, ((0, 1, "x"),)), ((0, 0, 1, "x"),), (("submission.py", line),))


def test_one_place_is_certain_and_two_kinds_are_not():
    one = _named([_variant("axis", "A", 3), _variant("axis", "B", 3)], None)
    assert one is not None and one.certain and one.sentence == "A (submission.py, line 3)"
    two = _named([_variant("axis", "A", 3), _variant("sign", "B", 3)], None)
    assert two is not None and not two.certain and two.sentence.startswith("one of these: ")
    assert _named([_variant(f"kind {k}", "A", k) for k in range(9)], None) is None
    assert _named([], None) is None


def test_one_kind_in_two_places_is_certain_and_both_are_told():
    found = _named([_variant("sign", "A", 3), _variant("sign", "B", 7)], None)
    assert found is not None and found.certain
    assert found.sentence == "a sign is turned: A (submission.py, line 3), or B (submission.py, line 7)"


def test_a_missing_copy_is_not_called_a_missing_function():
    found = _named([_variant("missing function", "A", 3), _variant("missing copy", "B", 3)], None)
    assert found is not None and found.certain and found.sentence.startswith("B")


def _mistake(text: str, assignment: str, task: str, tmp_path):
    submission = Submission("a", assignment, (task,), (("submission.py", (HEAD + text).encode()),))
    record = marked(submission, tmp_path)
    return {s["stage"]: s["mistake"] for s in record["stages"]}


NETWORK = """
def sigmoid_forward(v):
    return 1 / (1 + np.exp(-v))


def iteration(data, target, W1, W2, lr):
    a = sigmoid_forward(data @ W1)
    o = sigmoid_forward(a @ W2)
    d2 = (o - target) * o * (1 - o)
    d1 = {hidden}
    return W1 - lr * data.T @ d1, W2 {mark} lr * a.T @ d2
"""


def test_two_mistakes_in_two_stages_are_each_found(tmp_path):
    text = NETWORK.format(hidden="d2 @ W2.T * a * (1 + a)", mark="+")
    found = _mistake(text, "lecture-003", "xor-step", tmp_path)
    assert found["dW1"]["certain"] and "the sign of `a` is wrong" in found["dW1"]["sentence"]
    assert found["dW2"]["certain"] and found["dW2"]["id"] == "xor-step/sign"


def test_what_no_small_change_mends_is_not_named(tmp_path):
    text = NETWORK.format(hidden="np.cos(d2 @ W2.T) ** 3 - a.mean() + 0.3", mark="-")
    found = _mistake(text, "lecture-003", "xor-step", tmp_path)
    assert found == {"dW1": None, "dW2": None}


def test_the_seconds_of_a_change_are_few_and_the_box_goes_on(tmp_path):
    text = NETWORK.format(hidden="d2 @ W2.T * a * (1 - a)", mark="-").replace(
        "    return W1 -", "    k = 0\n    while k < 4:\n        k += 1\n    return k * W1 -"
    )
    found = _mistake(text, "lecture-003", "xor-step", tmp_path)
    assert found["dW2"] is None
