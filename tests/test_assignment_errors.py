"""Every mistake that an assignment file can have is named with its line and its remedy."""

from __future__ import annotations

import re

import pytest

from gradproof.grading.assignments.assignment import AssignmentError, read

RIGHT = """\
format = 1
name = "example"
points = 10

[[task]]
name = "affine"
operation = "affine"
forward = "affine_forward(x, w, b) -> y, cache"
backward = "affine_backward(dy, cache) -> dx, dw, db"
points = { forward = 1, dx = 1, dw = 1, db = 1 }

[[task]]
name = "conv"
operation = "conv2d"
options = { stride = [1, 2], padding = 1, dilation = 1, groups = 1 }
sizes = { H = 5, W = 5 }
latent_options = { stride = 3 }
setup = '{"stride": stride, "pad": 1} -> conv_param'
forward = "conv_forward(x, w, b, conv_param) -> y, cache"
backward = "conv_backward(dy, cache) -> dx, dw, db"
points = { forward = 1, backward = 1, latent = 1 }
after = ["affine"]

[[task]]
name = "net"
network = [
  "affine(x, w, b) -> scores",
  "softmax_cross_entropy(scores, target) + l2 * (w * w).sum() -> loss",
]
inputs = { x = "fixed N D", w = "D C", b = "C", target = "labels N of C" }
constants = { l2 = 0.5 }
accept = { l2 = [0.5, 1.0] }
forward = 'net(x, target, w, b) -> loss, {"w": dw, "b": db}'
points = { forward = 1, backward = 2 }
"""


@pytest.fixture
def problems(tmp_path):
    """What is wrong with the right file after `old` became `new`."""

    def of(*changes: tuple[str, str]) -> list[str]:
        text = RIGHT
        for old, new in changes:
            assert text.count(old) >= 1, old
            text = text.replace(old, new, 1)
        path = tmp_path / "example.toml"
        path.write_text(text, encoding="utf-8")
        try:
            read(path)
        except AssignmentError as error:
            for problem in error.problems:
                assert re.match(re.escape(str(path)) + r":\d+: \S", problem)
            return [problem.removeprefix(f"{path}:") for problem in error.problems]
        return []

    return of


def test_the_example_is_right(problems):
    assert problems() == []


ONE_TASK = 'format = 1\nname = "example"\n\n[[task]]\nname = "t"\n'

CASES = [
    # what is changed, the line of the mistake, what is said
    ((("format = 1", "format = 2"),), 1, "this gradproof reads format 1; write format = 1"),
    ((("format = 1\n", ""),), 1, "lacks 'format'; add format = 1"),
    ((('name = "example"', 'title = "x"'),), 1, "lacks 'name'; add name ="),
    ((('name = "example"', 'name = "an example"'),), 2, "'an example' is no name; begin with a letter"),
    ((("points = 10", "points = 11"),), 3, "points says 11, the tasks add up to 10; change one of the two"),
    ((("points = 10", "pionts = 10"),), 3, "the file takes no 'pionts'; did you mean points"),
    ((('name = "affine"', 'name = "affine'),), 6, "this is no TOML"),
    ((('operation = "affine"', 'operation = "afine"'),), 7, "there is no operation 'afine'; did you mean affine"),
    ((('operation = "affine"\n', ""),), 5, "either `operation` or `network`"),
    ((('operation = "affine"', 'operation = "affine"\ninputs = { x = "N D" }'),), 8, "`inputs` belongs to a network"),
    ((('operation = "affine"', 'opertion = "affine"'),), 7, "task takes no 'opertion'; did you mean operation"),
    ((("affine_forward(x, w, b) -> y", "affine_forward(x, w, bb) -> y"),), 8, "column 22 of"),
    ((("affine_forward(x, w, b) -> y", "affine_forward(x, w, bb) -> y"),), 8, "did you mean b"),
    ((("(x, w, b) -> y, cache", "(x, w, b) = y, cache"),), 8, "no `->`"),
    ((("(x, w, b) -> y, cache", "(x, w, b) -> y, w"),), 8, "w is a word of the task (input), not a result"),
    ((("(x, w, b) -> y, cache", "(x, w, b) -> y, D"),), 8, "D is a word of the task (size)"),
    ((("(x, w, b) -> y, cache", "(x, w, b) -> y.cache"),), 8, "y has no value to assign into"),
    ((("(x, w, b) -> y, cache", "(x, w, b) -> y + cache"),), 8, "cannot be computed: cache is no word"),
    ((("(x, w, b) -> y, cache", "(x, w, b) -> y, 3"),), 8, "a literal comes back"),
    ((("(x, w, b) -> y, cache", "(x, w, b) -> (v := cache)"),), 8, "`:=` keeps a value that is judged"),
    ((("affine_forward(x, w, b)", "affine_forward(x, w)"),), 8, "the input b is never passed to the student's code"),
    ((("(dy, cache) -> dx", "(dy, cahce) -> dx"),), 9, "cahce has no value here, neither as a catalogue word nor"),
    ((("(dy, cache) -> dx", "(dy, cahce) -> dx"),), 9, "did you mean cache"),
    ((("(dy, cache) -> dx", "(dz, cache) -> dx"),), 9, "dz has no value here"),
    (
        (("(dy, cache) -> dx, dw, db", "(dy, cache + 1) -> dx, dw, db"),),
        9,
        "arithmetic on a value of the student's code",
    ),
    ((("affine_backward(dy, cache)", "cache(dy)"),), 9, "cache is a value from an earlier line"),
    ((("(dy, cache) -> dx", "(cache) -> dx"),), 9, "no line passes dy, and y is no single number; pass dy"),
    ((("affine_backward(dy, cache)", "w(dy, cache)"),), 9, "w is a word of the task (input), not a function"),
    ((("dx, dw, db", "dx, dw, _"),), 9, "no line returns db; name it after `->`, or list it in `not_judged`"),
    ((("dx, dw, db", "dx, dw, db, dw"),), 9, "dw is judged twice"),
    ((("dx = 1, dw = 1, db = 1", "dx = 1, dw = 2"),), 10, "db is judged but earns nothing; add backward"),
    ((("dx = 1, dw", "dx = 1, dy = 1, dw"),), 10, "there is no stage 'dy'"),
    ((("forward = 1, dx", "forward = -1, dx"),), 10, "forward is -1; give 0 or more"),
    ((("db = 1 }", "db = 1, latent = 1 }"),), 10, "the stage latent has no cases"),
    ((("db = 1 }", 'db = "1" }'),), 10, "cannot be '1'; write a number"),
    ((("dx, dw, db", "_, _, _"), ("dx = 1, dw = 1, db = 1", "backward = 3")), 10, "no line judges it"),
    ((("dx, dw, db", "rows(dw, db), dx"),), 9, "holds dw and db, which have points of their own"),
    ((('backward = "affine_backward(dy, cache) -> dx, dw, db"\n', ""),), 9, "earns points but no line judges it"),
    ((("stride = [1, 2]", "strde = [1, 2]"),), 15, "conv2d among its options has no 'strde'; did you mean stride"),
    ((("padding = 1,", 'padding = "smae",'),), 15, "padding of conv2d cannot be 'smae'; did you mean same?"),
    ((("padding = 1,", "padding = true,"),), 15, "padding of conv2d cannot be True"),
    ((("padding = 1,", "padding = -1,"),), 15, "padding=-1 is not allowed"),
    ((("padding = 1,", "padding = [0, 1],"),), 15, "padding has several values but no line passes it"),
    ((("H = 5, W = 5", "H = 5, Q = 5"),), 16, "the task among its sizes has no 'Q'"),
    ((("H = 5, W = 5", "H = -5, W = 5"),), 16, "sizes.H"),
    ((("H = 5, W = 5", "H = 5.5, W = 5"),), 16, "a whole number"),
    ((("sizes = { H = 5, W = 5 }", "sizes = { H = [5, 1], K = 7 }"),), 16, "the operation refuses it"),
    ((("latent_options = { stride = 3 }", "latent_options = { stride = 0 }"),), 17, "stride=0 is not allowed"),
    ((("latent_options = { stride = 3 }", "latent_options = { dilation = 2 }"),), 17, "no line passes dilation"),
    ((("backward = 1, latent = 1", "backward = 2"),), 21, "latent cases are declared but earn nothing"),
    ((('after = ["affine"]', 'after = ["affin"]'),), 22, "comes after 'affin', which is no task; did you mean affine?"),
    ((('name = "conv"', 'name = "affine"'),), 13, "there is a task affine already, on line 5"),
    ((("affine(x, w, b) -> scores", "afine(x, w, b) -> scores"),), 27, "there is no operation 'afine'"),
    ((("affine(x, w, b) -> scores", "affine(x, w) -> scores"),), 27, "affine takes 3 inputs (x, w, b), not 2"),
    ((("affine(x, w, b) -> scores", "affine(x, w, c) -> scores"),), 27, "c has no value here"),
    ((("affine(x, w, b) -> scores", "affine(x, w, b, axis=1) -> scores"),), 27, "affine has no option 'axis'"),
    ((("affine(x, w, b) -> scores", "affine(x, w.T, b) -> scores"),), 26, "the operation refuses it"),
    ((("affine(x, w, b) -> scores", "affine(x, w, b) -> x"),), 27, "x has a value already"),
    ((("affine(x, w, b) -> scores", "affine(x, w, b) -> scores, more"),), 26, "the operation refuses it"),
    ((("affine(x, w, b) -> scores", "affine(x, w, b).max() -> scores"),), 27, "max"),
    ((('"labels N of C" }', '"labels N" }'),), 30, "labels say what they count"),
    ((('"labels N of C" }', '"lables N of C" }'),), 30, "there is no kind of input 'lables'; did you mean labels?"),
    ((('w = "D C"', 'w = "D c"'),), 30, "'c' is no dimension"),
    ((("constants = { l2 = 0.5 }\n", ""), ("accept = { l2 = [0.5, 1.0] }\n", "")), 28, "l2 has no value here"),
    ((("constants = { l2", "constants = { rows = 1, l2"),), 31, "rows is a function of the line language"),
    ((("constants = { l2", "constants = { x = 1, l2"),), 31, "x is a word of the task already (input)"),
    ((("constants = { l2", 'constants = { "a b" = 1, l2'),), 31, "'a b' is no name in Python"),
    ((("accept = { l2", "accept = { l3"),), 32, "has no 'l3'"),
    ((("l2 = [0.5, 1.0]", "l2 = [0.5]"),), 32, "give at least 2 of them"),
    ((("net(x, target, w, b)", "net(x, target, w, b, l2)"),), 32, "l2 is passed to the student's code"),
    ((('-> loss, {"w": dw, "b": db}', '-> loss, {"w": dw, "b": _}'),), 33, "no line returns db"),
    ((("[[task]]\n", "[limits]\ncpu_seconds = 0\n\n[[task]]\n"),), 6, "cpu_seconds is 0; give more than 0"),
    ((("[[task]]\n", "[limits]\ncpu_seconds = 30\n\n[[task]]\n"),), 5, "wall_seconds is 20, less than cpu_seconds, 30"),
    ((("[[task]]\n", "[limits]\nmemory_mib = 64\n\n[[task]]\n"),), 6, "memory_mib is 64; give 1024 or more"),
    ((("[[task]]\n", "[limits]\ncpu_secs = 1\n\n[[task]]\n"),), 6, "limits takes no 'cpu_secs'; did you mean"),
    ((("[[task]]\n", "[cases]\npublic = 0\nhidden = 0\n\n[[task]]\n"),), 5, "there are no cases"),
    ((("[[task]]\n", '[cases]\ndtype = ["float16"]\n\n[[task]]\n'),), 6, "cannot be 'float16'; did you mean float"),
    ((("[[task]]\n", '[cases]\nsecret = "a"\nsecret_file = "b"\n\n[[task]]\n'),), 6, "the secret is said twice"),
    ((("[[task]]\n", '[files]\nnames = ["../*.py"]\n\n[[task]]\n'),), 6, "leaves the submission's folder"),
    ((("[[task]]\n", '[accept]\nmutated_cotangent = "ignore"\n\n[[task]]\n'),), 6, "it is one of remark, wrong"),
    ((('operation = "affine"', 'operation = "affine"\nvisibility = "hiden"'),), 8, "did you mean hidden?"),
    ((('operation = "affine"', 'operation = "affine"\nregimes = ["ordnary"]'),), 8, "did you mean ordinary"),
    ((('operation = "affine"', 'operation = "affine"\nregimes = ["kinks"]'),), 8, "no input of affine has kinks"),
    (
        (('operation = "affine"', 'operation = "affine"\nmaps = { v = "yy" }'),),
        8,
        "yy is no word of the task; did you mean y",
    ),
    (
        (('operation = "affine"', 'operation = "affine"\nmaps = { y = "x" }'),),
        8,
        "y is a word of the task already (output)",
    ),
    ((('operation = "affine"', 'operation = "affine"\nmaps = { v = "f(y)" }'),), 8, "no expression of catalogue words"),
    ((('operation = "affine"', 'operation = "affine"\nmaps = { v = "y +" }'),), 8, "no Python expression"),
    ((('operation = "affine"', 'operation = "affine"\nmutable = ["ww"]'),), 8, "the task among its inputs has no 'ww'"),
    (
        (('operation = "affine"', 'operation = "affine"\nvalues = { c = 0 }'),),
        8,
        "the task among its inputs has no 'c'",
    ),
    ((('operation = "affine"', 'operation = "affine"\nnot_judged = ["dq"]'),), 8, "dq is no gradient of this task"),
    ((('operation = "affine"', 'operation = "affine"\nnot_judged = ["dw"]'),), 8, "dw is judged by a line"),
    ((('operation = "affine"', 'operation = "affine"\naxes = { S = 2 }'),), 8, "among its starred sizes has no 'S'"),
    (
        (('operation = "affine"', 'operation = "affine"\ndraws = { b = "mask" }'), ("(x, w, b)", "(x, w)")),
        8,
        "mask is neither an output nor kept",
    ),
]


@pytest.mark.parametrize(("changes", "line", "said"), CASES, ids=[f"{k}-{c[2][:40]}" for k, c in enumerate(CASES)])
def test_a_mistake_is_named_with_its_line(problems, changes, line, said):
    found = problems(*changes)
    assert any(p.startswith(f"{line}: ") and said in p for p in found), found


def test_a_cycle_is_written_out(problems):
    found = problems(
        ('name = "affine"', 'name = "affine"\nafter = ["net"]'),
        ('name = "net"', 'name = "net"\nafter = ["conv"]'),
    )
    assert found == [
        "7: tasks wait for each other: affine after net after conv after affine; drop one of these `after`"
    ]


def test_a_task_that_waits_for_itself(problems):
    assert any("affine after affine" in p for p in problems(('name = "affine"', 'name = "affine"\nafter = ["affine"]')))


def test_all_mistakes_are_said_at_once_in_the_order_of_the_lines(problems):
    found = problems(
        ('operation = "affine"', 'operation = "afine"'),
        ("conv_backward(dy, cache) -> dx, dw, db", "conv_backward(dy, cache) -> dx, dw"),
        ('-> loss, {"w": dw, "b": db}', '-> loss, {"w": dw, "b": b}'),
    )
    assert [int(p.split(":")[0]) for p in found] == [7, 20, 33]


def test_names_used_before_they_are_bound(problems):
    found = problems(
        ("setup = '{\"stride\": stride, \"pad\": 1} -> conv_param'\n", ""),
        ('forward = "conv_forward(x, w, b, conv_param) -> y, cache"',
         'forward = ["conv_forward(x, w, b, conv_param, stride) -> y, cache", "{} -> conv_param"]'),
    )  # fmt: skip
    assert len(found) == 1
    assert found[0].startswith("18: task conv: column 23 of ")
    assert "conv_param has no value here" in found[0]


def test_a_file_that_is_no_text_or_too_large(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes(b'format = 1\nname = "\xff"\n')
    with pytest.raises(AssignmentError, match=r"a\.toml:2: this is not UTF-8 text"):
        read(path)
    path.write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(AssignmentError, match="more than"):
        read(path)
    path.write_text("x = " + "[" * 5000 + "]" * 5000, encoding="utf-8")
    with pytest.raises(AssignmentError, match=r"a\.toml:\d+: "):
        read(path)


def test_a_file_that_begins_with_a_mark_is_read(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbf" + RIGHT.encode())
    assert read(path).name == "example"


def test_no_such_assignment(tmp_path):
    with pytest.raises(
        ValueError, match=r"there is no assignment cs231n-a11, as a file or by name; did you mean cs231n"
    ):
        read("cs231n-a11")
