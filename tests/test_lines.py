"""The line language: what it reads, and what it says about lines that it cannot read."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradproof.grading.assignments.lines import FUNCTIONS, LineError, names, parse, patterns, root, unparsed


def test_a_line_has_two_sides():
    line = parse("affine_forward(x, w, b) -> y, cache")
    assert unparsed(line.expression) == "affine_forward(x, w, b)"
    assert [unparsed(p) for p in patterns(line.targets)] == ["y", "cache"]
    assert line.names_used == ("x", "w", "b")
    assert line.called == ("affine_forward",)
    assert line.methods == ()


@pytest.mark.parametrize(
    ("text", "used", "called", "methods", "targets"),
    [
        ("MultiplyLayer() -> layer", (), ("MultiplyLayer",), (), ["layer"]),
        ("layer.forward(x, y) -> z", ("layer", "x", "y"), (), (("layer", "forward"),), ["z"]),
        ('w1 -> net.params["W1"]', ("w1",), (), (), ["net.params['W1']"]),
        ('net.loss(x) -> loss, {"W1": dw1, "b1": db1}', ("net", "x"), (), (("net", "loss"),), ["loss", "dw1", "db1"]),
        ("layer.dW -> dw", ("layer",), (), (), ["dw"]),
        ("forward(w, x.T) -> y.T", ("w", "x"), ("forward",), (), ["y.T"]),
        ("forward(bias_first(x), rows(b, w)) -> y", ("x", "b", "w"), ("forward",), (), ["y"]),
        ("back(x) -> (rows(db, dw), _)", ("x",), ("back",), (), ["rows(db, dw)", "_"]),
        ("net.w1 -> w1 - rate * dw1", ("net",), (), (), ["w1 - rate * dw1"]),
        ('{"mode": "train", "p": 1 - rate} -> param', ("rate",), (), (), ["param"]),
        ("f(x[1:, 0], k=-1) -> (out := y)", ("x",), ("f",), (), ["(out := y)"]),
        ("Net([H, K], shape=(C, H), norm=None) -> net", ("H", "K", "C"), ("Net",), (), ["net"]),
        ('f("->", x) -> y', ("x",), ("f",), (), ["y"]),
        ("φ(ζ) -> y", ("ζ",), ("φ",), (), ["y"]),
    ],
)
def test_what_a_line_reads_calls_and_gives(text, used, called, methods, targets):
    line = parse(text)
    assert line.names_used == used
    assert line.called == called
    assert [m for m in line.methods if m[1] not in ("T", "reshape")] == list(methods)
    assert [unparsed(p) for p in patterns(line.targets)] == targets


def test_maps_stand_for_words_and_expressions_on_both_sides():
    line = parse("f(W, Y, err) -> dW, a", {"W": "w.T", "dW": "dw.T", "Y": "one_hot(target, C)", "err": "dy", "a": "y"})
    assert unparsed(line.expression) == "f(w.T, one_hot(target, C), dy)"
    assert [unparsed(p) for p in patterns(line.targets)] == ["dw.T", "y"]
    assert line.names_used == ("w", "target", "C", "dy")


def test_a_mapped_name_that_is_called_or_kept_stays():
    line = parse("W(W) -> (W := y)", {"W": "w.T"})
    assert unparsed(line.expression) == "W(w.T)"
    assert unparsed(line.targets) == "(W := y)"


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("relu(x)", 8, "no `->`"),
        ("relu(x) -> y -> z", 14, "a second `->`"),
        ("-> y", 1, "nothing before"),
        ("relu(x) ->", 11, "nothing after"),
        ("relu(lambda) -> y", 12, "'lambda' is a keyword of Python"),
        ("relu(x) -> class", 12, "'class' is a keyword of Python"),
        ("relu(x -> y", 5, "no Python expression"),
        ("y = relu(x) -> y", 3, "no Python expression"),
        ("relu(x\n) -> y", 1, "a line break"),
        ("f(lambda v: v) -> y", 3, "a lambda has no place before the arrow"),
        ("f(x if x else y) -> y", 3, "an if has no place"),
        ("f([v for v in x]) -> y", 3, "a comprehension has no place"),
        ("f(x > 0) -> y", 3, "a comparison has no place"),
        ('f(f"{x}") -> y', 3, "a formatted string has no place"),
        ("f(*x) -> y", 3, "a star"),
        ("f(**x) -> y", 5, "two stars"),
        ("f({**x}) -> y", 6, "two stars"),
        ("f({x: 1}) -> y", 4, "a key is a literal"),
        ("f({1, 2}) -> y", 3, "a set has no place"),
        ("f(x)(y) -> z", 1, "a call of a call's result"),
        ("f(x[i]) -> y", 5, "an item is taken with a literal"),
        ("f(x % 2) -> y", 3, "this operator is not in the language"),
        ("f(not x) -> y", 3, "of the signs only `-`"),
        ("f(x.__class__) -> y", 3, "__class__ is Python's own"),
        ("__import__(x) -> y", 1, "__import__ is Python's own"),
        ("f(b'x') -> y", 3, "is no literal here"),
        ("f(2j) -> y", 3, "is no literal here"),
        ("f(...) -> y", 3, "is no literal here"),
        ("f((v := x)) -> y", 4, "a `:=` has no place before"),
        ("f(x) -> g(y)", 9, "g(...) cannot be called after the arrow"),
        ("f(x) -> ()", 9, "an empty tuple"),
        ("f(x) -> {}", 9, "an empty dict"),
        ("f(x) -> y or z", 9, "and/or has no place after the arrow"),
        ("f(x) -> (a := (y, z))", 10, "`:=` keeps one value"),
        ("f(one_hot(target)) -> y", 3, "one_hot takes 2 positional arguments"),
        ("f(rows()) -> y", 3, "rows takes at least 1 positional"),
        ("f(é, lambda) -> y", 12, "'lambda' is a keyword"),
    ],
)
def test_what_is_no_line_is_named_with_its_column(text, column, said):
    with pytest.raises(LineError) as caught:
        parse(text)
    assert said in caught.value.problem
    assert caught.value.column == column
    assert caught.value.text == text
    assert f"column {column} of" in str(caught.value)


def test_columns_count_characters_on_the_right_side_too():
    with pytest.raises(LineError) as caught:
        parse("é(é) -> y, g(é)")
    assert caught.value.column == 12


def test_a_very_long_or_deep_line_is_refused_in_words():
    with pytest.raises(LineError, match="at most"):
        parse("f(" + "x, " * 3000 + "x) -> y")
    with pytest.raises(LineError):
        parse("f(" + "(" * 900 + "x" + ")" * 900 + ") -> y")


@given(st.text(alphabet="fxyz()[]{}.,:->=*'\" 01_TNW", max_size=40))
def test_any_text_is_a_line_or_a_line_error(text):
    try:
        line = parse(text)
    except LineError as error:
        assert 1 <= error.column <= len(text) + 1
        assert error.problem
    else:
        assert list(patterns(line.targets))


def test_root_and_names():
    node = ast.parse('net.params["W1"].T.reshape(2, N)', mode="eval").body
    assert unparsed(root(node)) == "net"
    assert names(node) == ("net", "N")
    assert names(ast.parse("rows(b, w)", mode="eval").body) == ("b", "w")
    assert "rows" in FUNCTIONS
