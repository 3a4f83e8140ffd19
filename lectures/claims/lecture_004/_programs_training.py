"""The lecture's listings from the batches on: where each stands in the text, run on stand-ins, line by line."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from .._listings import Run, execute, listing
from ._pieces import prepend_bias, sigmoid, softmax
from ._pieces_training import relu
from ._programs import NOT_PRINTED, program

AS_PRINTED = {
    "004_prepare_batches": (499, 507),
    "004_batches_example": (511, 515),
    "004_train": (533, 548),
    "004_train_call": (609, 611),
    "004_dropout_example": (683, 695),
    "004_five_digits": (724, 765),
    "004_forward_relu": (896, 905),
    "004_back_relu": (914, 925),
    "004_forward_dropout": (933, 945),
    "004_back_sigmoid": (954, 965),
}
"""The listings that stand here as printed, and their first and last line in the lecture's text."""

FORWARD_RETURNS = ("y_hat", "d", "h3", "c", "h2", "b", "h1", "a")
"""What the listings of lines 896 and 933 return, in order."""

RELU = "def ReLU(v):\n    return np.maximum(v, 0)"

DROPOUT = """def Dropout(h, ratio):
    yd = np.zeros(h.size)
    idx = np.random.choice(h.size, round(h.size*(1-ratio)), replace=False)
    yd[idx] = 1.0 / (1.0 - ratio)
    return np.reshape(yd, h.shape)"""
"""The listing of line 683 as a function."""

DEEP_WEIGHTS = """np.random.seed(0)
sizes = (25, 20, 20, 20, 5)
weights = [np.random.randn(n + 1, m) * np.sqrt(1 / (n + 1)) for n, m in zip(sizes, sizes[1:])]"""

_SMALL_TRAINING = """reports = []
def report(epoch, batch, X_train, Y_train, X_test, Y_test, w1, w2):
    reports.append((epoch, batch, w1, w2, X_test))
np.random.seed(0)
X, Y = np.random.standard_normal((EXAMPLES, 4)), np.eye(3)[np.arange(EXAMPLES) % 3]
X_test, Y_test = np.random.standard_normal((6, 4)), np.eye(3)[np.arange(6) % 3]"""


def on_batches(after: str, *names: str) -> Run:
    """prepare_batches and further listings of this half, and what is asked of them."""
    return execute(program("prepare_batches", *names), before="import numpy as np", after=after)


def small_training(after: str, examples: int = 10, given: str = NOT_PRINTED) -> Run:
    """The listings that train calls, train itself, X (examples, 4) of three classes, and what is asked of them."""
    names = ("forward", "sigmoid_gradient", "back", "initialize_weights", "prepare_batches", "train")
    data = _SMALL_TRAINING.replace("EXAMPLES", str(examples))
    return execute(program(*names), before=given, after=f"{data}\n{after}" if given else f"import numpy as np\n{data}")


def says(run: Run) -> str:
    """What a program printed, in one line, or its exception."""
    return run.exception or " ".join(run.printed.split())


@cache
def function(name: str) -> Callable[..., Any]:
    """The function of a listing, made from its text; it runs on exact numbers as well as on floats."""
    given: dict[str, Any] = {"np": np, "sigmoid": sigmoid, "softmax": softmax, "prepend_bias": prepend_bias}
    given |= {"ReLU": relu, "Dropout": lambda h, ratio: fixed_mask(h, ratio)}
    exec(listing(name), given)
    return next(value for key, value in given.items() if key in ("forward", "back", "forward_dropout", "back_sigmoid"))


def fixed_mask(h: Any, ratio: float = 0.2) -> np.ndarray:
    """In the place of Dropout: every third entry is 0, the others 1/(1 - ratio), always the same. h: (N, H)."""
    return (np.arange(h.size).reshape(h.shape) % 3 != 0) / (1 - ratio)


def gradients(forward: str, back: str) -> Callable[..., tuple[Any, ...]]:
    """These two listings one after the other: the gradients that they give by w1 to w4."""

    def both(dy, x, y, *ws):
        made = dict(zip(FORWARD_RETURNS, function(forward)(x, *ws), strict=True))
        rest = (made[n] for n in ("a", "b", "c", "d", "h1", "h2", "h3"))
        return tuple(dy * g for g in function(back)(x, y, made["y_hat"], *ws, *rest))

    return both


def five_digits() -> np.ndarray:
    """X of the listing of line 724: (5, 5, 5)."""
    given: dict[str, Any] = {"np": np}
    exec(listing("004_five_digits"), given)
    return given["X"]


# -- shapes, line by line ---------------------------------------------------------------------------


def five_digit_arrays() -> dict[str, Any]:
    """Everything that the listings of lines 896 to 965 take, with the slides' sizes."""
    rng = np.random.default_rng(0)
    sizes = (25, 20, 20, 20, 5)
    given = {f"w{i}": rng.standard_normal((sizes[i - 1] + 1, sizes[i])) for i in (1, 2, 3, 4)}
    given |= {"X": five_digits().reshape(5, 25), "Y": np.eye(5), "y_hat": softmax(rng.standard_normal((5, 5)))}
    return given | {name: rng.standard_normal((5, 20)) for name in ("a", "b", "c", "h1", "h2", "h3")}


def shapes_of(name: str) -> dict[int, tuple[str, str]]:
    """Of each commented line of a listing, by its number in the text: the comment, and the shapes that were found."""
    space = {"np": np, "prepend_bias": prepend_bias, "ReLU": relu, "sigmoid": sigmoid, "softmax": softmax}
    space |= five_digit_arrays() | {"Dropout": lambda h, ratio: np.ones(h.shape)}
    source = listing(name)
    (definition,) = ast.parse(source).body
    found = {}
    for statement in definition.body[:-1]:  # type: ignore[attr-defined]
        operands = _operands(statement.value)
        shapes = [_size(eval(ast.unparse(operand), space)) for operand in operands[1:]]
        exec(ast.unparse(statement), space)
        comment = source.split("\n")[statement.lineno - 1].partition("#")[2]
        result = _size(space[statement.targets[0].id])
        if comment:
            computed = f"({shapes[0]}) {operands[0]} ({shapes[1]}) = {result}" if shapes else result
            found[AS_PRINTED[name][0] + statement.lineno - 1] = (re.sub(r"\s+", " ", comment).strip(), computed)
    return found


def _operands(value: ast.expr) -> tuple[Any, ...]:
    """The sign of a product and its two factors; nothing where the expression is no product."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div):
        return _operands(value.left)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        return "*", value.left, value.right
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "np.matmul":
        return "x", *value.args
    return ("",)


def _size(array: np.ndarray) -> str:
    return " x ".join(map(str, array.shape))
