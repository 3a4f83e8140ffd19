"""Where a mistake is in a student's own code: the changes that are tried, running them, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradproof.grading.marks import _trials, repairs, trying
from gradproof.grading.marks import edits as edits_module
from gradproof.grading.marks.changing import Variant
from gradproof.grading.marks.edits import Edit, edits, functions
from gradproof.grading.marks.repairs import _named
from tests.submission_corpus import Submission, marked

HEAD = "import numpy as np\n\n\n"
ROOT = Path(__file__).resolve().parents[1]


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
    ("def f(x, w):\n    for i in x:\n        for j in w:\n            a = i * j\n        x[i] -= w\n    return x\n",
     "into a loop", "a = i * j\n            x[i] -= w"),
    ("def f(x, w):\n    for i in x:\n        s = 0\n        s += w[i]\n    return s\n", "another block",
     "    s = 0\n    for i in x:\n        pass\n        s += w[i]"),
    ("def f(x, d):\n    for i in x:\n        d[i] += x\n        d -= x\n    return d\n", "another block",
     "d[i] += x\n        pass\n    d -= x"),
    ("def f(x, d):\n    for i in x:\n        if i > 0:\n            d += i\n        d[0] -= i\n    return d\n",
     "another block", "d += i\n            d[0] -= i\n        pass"),
    ("def f(v):\n    m = v.max()\n    return np.log(np.exp(v - m).sum())\n", "shift",
     "(m + np.log(np.exp(v - m).sum()))"),
    ("def f(a):\n    return a * 1 - a\n", "parentheses", "(a * (1 - a))"),
    ("def f(u, d):\n    return 7 + 2 * u * d\n", "parentheses", "((7 + (2 * u)) * d)"),
    ("def f(s):\n    return np.maximum(0, s) + 1\n", "side of a call", "np.maximum(0, s + 1)"),
    ("def f(v):\n    return np.sqrt(v + 1e-5)\n", "side of a call", "(np.sqrt(v) + 1e-5)"),
    ("def g(x):\n    return x\n\n\ndef f(x):\n    return g(x)\n", "another function", "np.tanh(x)"),
    ("def f(a, mask):\n    return a * mask\n", "missing sum", "np.sum(a * mask, axis=-1, keepdims=True)"),
    ("def f(u, v):\n    g = {'a': u, 'b': u}\n    return g, v\n", "another value", "'b': v"),
    ("def f(u):\n    return u.sum() / len(u)\n", "wrong count", "/ u.shape[1]"),
    ("def f(g, u, v, m):\n    return g * u - v - u * m\n", "parentheses", "(g * (u - v - u * m))"),
    ("def f(u):\n    return u[:, :, None] * u[:, :, None]\n", "axes mixed up", "u[:, :, None] * u[:, None, :]"),
    ("def f(k, v):\n    r = k % v\n    c = k // v\n    return r, c\n", "swapped", "c = k % v\n    r = k // v"),
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


ODD = """def f(x, y=None, *a, k=3, **kw):
    p = [v * k for v in x if v > 0 for w in y if w]
    q = {i: j for i, j in zip(x, y)}
    g = lambda z, by=k: z * by
    if (n := len(x)) > 2:
        x[1:, ::2, None] = y[..., -1] @ p
    for i, in q: x += i
    else: y -= 1
    while n: n -= 1; y *= 2
    try:
        z = x if n else y
    except (ValueError, TypeError): raise
    def inner(t): return t * x
    return g(*a, **kw), sorted(x, key=lambda e: e[0]), f"{x!r:>{k}}"
"""


def test_whatever_stands_in_a_function_it_has_changes():
    """A family of changes that raises would take all others with it."""
    for function in _functions(ODD).values():
        assert len(edits(function)) > 3
    both = [*Path(_trials.__file__).parent.glob("*.py"), *(ROOT / "reference").glob("*.py")]
    for function in functions({str(path): path.read_text(encoding="utf-8") for path in both}):
        edits(function)


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
    names: dict = {"np": np}
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


def test_what_divides_by_zero_mends_nothing_where_the_submission_does_not(monkeypatch):
    text = "def f(x):\n    return np.minimum(x * 3, 9.0)\n"
    at = text.index("x * 3")
    rows, _ = _tried(monkeypatch, text, [[], [[0, at, at + 5, "x / 0"]], [[0, at, at + 5, "x / 1"]]])
    assert rows[0].tolist() == [3, 6] and rows[2].tolist() == [1, 2]
    assert np.isnan(rows[1]).all()
    rows, _ = _tried(monkeypatch, text.replace("x * 3", "x / 0"), [[], [[0, at, at + 5, "-x / 0"]]])
    assert rows.tolist() == [[9, 9], [-np.inf, -np.inf]]


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


AFFINE = """import numpy as np


def affine_forward(x, w, b):
    n = len(x)
    out = np.zeros((n, w.shape[1]))
    for i in range(n):
        out[i] = x[i].ravel() @ w
        for j in range(w.shape[1]):
            {inner}
    return {out}, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ {w}).reshape(x.shape)
    return dx, x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
"""


def test_a_statement_in_the_wrong_loop_is_no_missing_division(tmp_path):
    """`out[i] += b` once for each class is right where there is one class, and an n-th of it where n are as many."""
    text = AFFINE.format(inner="out[i] += b", out="out", w="w.T")
    found = _mistake(text, "cs231n-a1", "affine", tmp_path)["forward"]
    assert found["certain"] and "stands in the loop over `j` and belongs behind it" in found["sentence"]


THRICE = """
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(len(x), -1).T @ dout, 3 * dout.sum(axis=0)
"""


@pytest.mark.parametrize("everywhere", [True, False])
def test_what_mends_where_sizes_happen_to_be_equal_is_not_the_mistake(tmp_path, monkeypatch, everywhere):
    """Three examples: there the mean of dy mends three times its sum. Without the other points it would be believed."""
    monkeypatch.setattr(repairs, "MOST_POINTS", 1)
    if not everywhere:
        monkeypatch.setattr(repairs, "_everywhere", lambda subject, tried, found, *others: list(found))
    found = _mistake(THRICE, "cs231n-a1", "affine", tmp_path)["db"]
    assert found["certain"]
    assert found["sentence"].startswith("`3` is one factor too many" if everywhere else "`sum` is not the function")


def test_a_search_that_fails_says_so(tmp_path, monkeypatch):
    """Silence here has once hidden that no cause was looked for in any function with a comprehension."""

    def broken(function):
        raise AttributeError("a family of changes that is not finished")

    monkeypatch.setattr(edits_module, "FAMILIES", [broken])
    text = NETWORK.format(hidden="d2 @ W2.T * a * (1 + a)", mark="-")
    submission = Submission("a", "lecture-003", ("xor-step",), (("submission.py", (HEAD + text).encode()),))
    (stage,) = [s for s in marked(submission, tmp_path)["stages"] if s["stage"] == "dW1"]
    assert stage["status"] == "wrong" and stage["mistake"] is None
    assert "could not look for the cause further (AttributeError: a family" in stage["explanation"]


def test_what_other_tasks_have_shown_right_is_changed_last():
    functions_ = list(
        _functions("def right(x):\n    return x * 2\n\n\ndef net(x):\n    return right(x) - 1\n").values()
    )
    tried = trying._with_tiers(functions_, {"right"})
    changed = {functions_[k].name for each in tried.left for v in each for k, *_ in v.changes}
    assert changed == {"net"} and [functions_[k].name for k in tried.trusted] == ["right"]
    assert {k for k, *_ in trying._slots(tried)} == {1}


def test_a_second_mistake_is_found_behind_the_first(tmp_path):
    """With the wrong output no change of the backward makes it right: the forward is mended first."""
    found = _mistake(TWO_SLIPS, "cs231n-a2", "layernorm", tmp_path)
    assert found["forward"]["certain"] and found["dx"]["certain"]
    assert "`dout` is not the value that belongs into `dout.mean" in found["dx"]["sentence"]


TWO_SLIPS = """import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    mu = x.mean(axis=1, keepdims=True)
    var = ((x - mu) ** 2).sum(axis=1, keepdims=True) / len(x)
    spread = np.sqrt(var + eps)
    xhat = (x - mu) / spread
    return gamma * xhat + beta, (xhat, spread, gamma)


def layernorm_backward(dout, cache):
    xhat, spread, gamma = cache
    g = dout * gamma
    mean = dout.mean(axis=1, keepdims=True)
    dx = (g - mean - xhat * (g * xhat).mean(axis=1, keepdims=True)) / spread
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)
"""


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
