"""The line language of assignments: how a student's code is called, and what its results must equal.

A line is ``EXPRESSION -> TARGETS`` in Python's expression syntax: ``affine_forward(x, w, b) -> y, cache``. The left
side calls the student's code with the catalogue's words (inputs, options, sizes, cotangents) and with names kept from
earlier lines; the right side says what the results are: a catalogue word, or an expression of such words, is judged,
any other name is kept. This module knows the syntax alone; `words.py` knows which word is what.
"""

from __future__ import annotations

import ast
import copy
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

ARROW = "->"
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "bias_first": (1, 1),
    "bias_last": (1, 1),
    "rows": (1, 99),
    "columns": (1, 99),
    "row": (1, 1),
    "column": (1, 1),
    "one_hot": (2, 2),
    "identity": (1, 1),
}  # the language's own functions, with the fewest and the most arguments
METHODS = ("reshape", "transpose", "sum", "mean")  # of catalogue quantities
LONGEST = 2000


class LineError(ValueError):
    """A line that cannot be read. `column` counts from 1; `problem` says what is wrong and how to mend it."""

    def __init__(self, text: str, column: int, problem: str) -> None:
        super().__init__(f"column {column} of `{text}`: {problem}")
        self.text, self.column, self.problem = text, column, problem


@dataclass(frozen=True)
class Line:
    """One line, parsed, with `maps` filled in. Columns of the nodes count from 0 in `text`, where they come from it.

    expression, targets: the two sides. names_used: the names that the left side reads, in order, functions that are
    called not among them. called: the student's functions and classes that it calls. methods: calls of methods,
    as (dotted object, method).
    """

    text: str
    expression: ast.expr
    targets: ast.expr
    names_used: tuple[str, ...]
    called: tuple[str, ...]
    methods: tuple[tuple[str, str], ...]


def parse(text: str, maps: Mapping[str, str] | None = None) -> Line:
    """Read one line. `maps`: other names for catalogue words or expressions of them. LineError where it is none."""
    if len(text) > LONGEST:
        raise LineError(text[:60] + "...", LONGEST, f"a line has at most {LONGEST} characters; use several lines")
    left, right, start = _sides(text)
    known = {name: expression(value) for name, value in (maps or {}).items()}
    called_as = _substituted(_parsed(text, left, _start(left, 0)), known)
    targets = _substituted(_parsed(text, right, start + _start(right, 0)), known)
    _Left(text).check(called_as)
    _Right(text).check(targets)
    return Line(text, called_as, targets, names(called_as), *_calls(called_as))


def expression(text: str) -> ast.expr:
    """Read an expression of catalogue words alone, as `maps` holds them. LineError where it is none."""
    node = _parsed(text, text, _start(text, 0))
    _Left(text).check(node)
    return node


def names(node: ast.AST) -> tuple[str, ...]:
    """The names that an expression reads, in the order of the text, each once; not those that it calls."""
    heads = {id(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    found = [n for n in ast.walk(node) if isinstance(n, ast.Name) and id(n) not in heads]
    found.sort(key=lambda n: (n.lineno, n.col_offset))
    return tuple(dict.fromkeys(n.id for n in found))


def patterns(targets: ast.expr) -> Iterator[ast.expr]:
    """The single patterns of a line's targets, tuples, lists and dicts taken apart; a kept one as `(name := ...)`."""
    if isinstance(targets, (ast.Tuple, ast.List)):
        for element in targets.elts:
            yield from patterns(element)
    elif isinstance(targets, ast.Dict):
        for value in targets.values:
            yield from patterns(value)
    else:
        yield targets


def root(node: ast.expr) -> ast.expr:
    """What an attribute, an item or a method's call is taken of, at the far left: `net` of `net.params["W1"]`."""
    while True:
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func.value
        else:
            return node


def unparsed(node: ast.expr) -> str:
    """The node in one line of text, for messages."""
    return ast.unparse(node)


# -- the two sides ----------------------------------------------------------------------------------------------


def _sides(text: str) -> tuple[str, str, int]:
    """Left and right of the arrow, and where the right begins. Arrows in string literals are none."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", lambda m: "." * len(m[0]), text)
    at = [m.start() for m in re.finditer(ARROW, bare)]
    if not at:
        raise LineError(text, len(text) + 1, "no `->`; write `CALL -> WHAT IT RETURNS`, e.g. `relu(x) -> y`")
    if len(at) > 1:
        raise LineError(text, at[1] + 1, "a second `->`; one call a line, several lines as a list of strings")
    left, right = text[: at[0]], text[at[0] + len(ARROW) :]
    if not left.strip():
        raise LineError(text, at[0] + 1, "nothing before `->`; write the call of the student's code there")
    if not right.strip():
        raise LineError(text, len(text) + 1, "nothing after `->`; name what comes back, or `_` to ignore it")
    return left, right, at[0] + len(ARROW)


def _start(side: str, offset: int) -> int:
    return offset + len(side) - len(side.lstrip())


def _parsed(text: str, side: str, start: int) -> ast.expr:
    """One side as an expression whose columns are those of the whole text."""
    stripped = side.strip()
    if "\n" in stripped:
        raise LineError(text, start + 1, "a line break; write the line in one row, several lines as a list")
    try:
        node = ast.parse(stripped, mode="eval").body
    except SyntaxError as error:
        column = start + min(error.offset or 1, len(stripped) + 1)
        raise LineError(text, column, _why_no_expression(stripped, error)) from None
    except (ValueError, RecursionError, MemoryError):
        raise LineError(text, start + 1, "this cannot be read as Python; write plain calls and names") from None
    for child in ast.walk(node):
        if hasattr(child, "col_offset"):
            before = stripped.encode()[: child.col_offset].decode()  # Python counts bytes
            child.col_offset = start + len(before)
    return node


def _why_no_expression(side: str, error: SyntaxError) -> str:
    for word in re.findall(r"[^\W\d]\w*", re.sub(r"'[^']*'|\"[^\"]*\"", "", side)):
        if keyword.iskeyword(word) and word not in ("None", "True", "False"):
            return f"{word!r} is a keyword of Python; name it otherwise, e.g. {word}_"
    if re.search(r"(?<![=!<>:])=(?!=)", side) and "(" not in side:
        return "an assignment; what comes back is named after `->`"
    return f"this is no Python expression ({error.msg}); write calls, names and displays such as `f(x, w) -> y`"


class _Filled(ast.NodeTransformer):
    """Puts the expressions of `maps` where their names are read; a function that is called keeps its name."""

    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.known:
            return node
        put = copy.deepcopy(self.known[node.id])
        for child in ast.walk(put):
            if hasattr(child, "col_offset"):
                child.col_offset = node.col_offset
        return put

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if not isinstance(node.func, ast.Name):
            node.func = self.visit(node.func)
        node.args = [self.visit(a) for a in node.args]
        for argument in node.keywords:
            argument.value = self.visit(argument.value)
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        node.value = self.visit(node.value)
        return node


def _substituted(node: ast.expr, known: Mapping[str, ast.expr]) -> ast.expr:
    filled: ast.expr = _Filled(known).visit(node)
    return filled


def _calls(node: ast.expr) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    functions, methods = [], []
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        if isinstance(call.func, ast.Name) and call.func.id not in FUNCTIONS:
            functions.append(call.func.id)
        elif isinstance(call.func, ast.Attribute):
            methods.append((unparsed(call.func.value), call.func.attr))
    return tuple(dict.fromkeys(functions)), tuple(dict.fromkeys(methods))


# -- which nodes each side may hold -------------------------------------------------------------------------------

_NAMED = {
    "Lambda": "a lambda",
    "IfExp": "an if",
    "BoolOp": "and/or",
    "Compare": "a comparison",
    "ListComp": "a comprehension",
    "SetComp": "a comprehension",
    "DictComp": "a comprehension",
    "GeneratorExp": "a generator",
    "JoinedStr": "a formatted string",
    "Await": "await",
    "Yield": "yield",
    "Starred": "a star",
    "Set": "a set",
    "NamedExpr": "a `:=`",
    "Slice": "a slice",
}


class _Side:
    """What the two sides have in common: arithmetic, literals, names, attributes, items, the language's functions."""

    side = ""

    def __init__(self, text: str) -> None:
        self.text = text

    def wrong(self, node: ast.AST, problem: str) -> LineError:
        return LineError(self.text, getattr(node, "col_offset", 0) + 1, problem)

    def check(self, node: ast.expr) -> None:
        method = getattr(self, f"on_{type(node).__name__}", None)
        if method is None:
            what = _NAMED.get(type(node).__name__, type(node).__name__)
            raise self.wrong(node, f"{what} has no place {self.side} the arrow; {self.allowed}")
        method(node)

    allowed = "write calls, names, literals, displays, + - * / and the language's own functions"

    def on_Name(self, node: ast.Name) -> None:
        if node.id.startswith("__"):
            raise self.wrong(node, f"{node.id} is Python's own; name it otherwise")

    def on_Constant(self, node: ast.Constant) -> None:
        if node.value is not None and not isinstance(node.value, (str, int, float)):
            raise self.wrong(node, f"{node.value!r} is no literal here; write a number, a string, True, False or None")

    def on_Attribute(self, node: ast.Attribute) -> None:
        if node.attr.startswith("__"):
            raise self.wrong(node, f"{node.attr} is Python's own; use an attribute that the course names")
        self.check(node.value)

    def on_Subscript(self, node: ast.Subscript) -> None:
        self.check(node.value)
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for item in items:
            bounds = (item.lower, item.upper, item.step) if isinstance(item, ast.Slice) else (item,)
            for bound in bounds:
                if bound is not None and _literal(bound) is None:
                    raise self.wrong(
                        bound, f'an item is taken with a literal: `net.params["W1"]`, not {unparsed(bound)}'
                    )

    def on_BinOp(self, node: ast.BinOp) -> None:
        if not isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult)):
            raise self.wrong(node, "this operator is not in the language; + - * / ** @ are")
        self.check(node.left)
        self.check(node.right)

    def on_UnaryOp(self, node: ast.UnaryOp) -> None:
        if not isinstance(node.op, ast.USub):
            raise self.wrong(node, "of the signs only `-` is in the language")
        self.check(node.operand)

    def arguments(self, node: ast.Call) -> None:
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                raise self.wrong(argument, "a star; write the arguments one by one")
            self.check(argument)
        for keywords in node.keywords:
            if keywords.arg is None:
                raise self.wrong(keywords.value, "two stars; write the keyword arguments one by one")
            self.check(keywords.value)
        if isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            fewest, most = FUNCTIONS[node.func.id]
            if node.keywords or not fewest <= len(node.args) <= most:
                wanted = f"{fewest}" if fewest == most else f"at least {fewest}"
                raise self.wrong(node, f"{node.func.id} takes {wanted} positional arguments; give those")

    def keys(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise self.wrong(value, "two stars; write the entries of the dict one by one")
            if not isinstance(key, ast.Constant) or not isinstance(key.value, (str, int)):
                raise self.wrong(key, f'a key is a literal: `{{"W1": w1}}`, not {unparsed(key)}')
            self.check(value)


class _Left(_Side):
    side = "before"

    def on_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            self.on_Attribute(node.func)
        elif not isinstance(node.func, ast.Name):
            raise self.wrong(node, "a call of a call's result; keep it first: `make(x) -> f`, then `f(x) -> y`")
        else:
            self.on_Name(node.func)
        self.arguments(node)

    def on_Dict(self, node: ast.Dict) -> None:
        self.keys(node)

    def on_List(self, node: ast.List) -> None:
        for element in node.elts:
            self.check(element)

    def on_Tuple(self, node: ast.Tuple) -> None:
        for element in node.elts:
            self.check(element)


class _Right(_Side):
    side = "after"
    allowed = "write catalogue words, expressions of them, names to keep, `_`, tuples and dicts of these"

    def on_Tuple(self, node: ast.Tuple | ast.List) -> None:
        if not node.elts:
            raise self.wrong(node, "an empty tuple; name what comes back, or `_` to ignore it")
        for element in node.elts:
            self.check(element)

    on_List = on_Tuple

    def on_Dict(self, node: ast.Dict) -> None:
        if not node.keys:
            raise self.wrong(node, 'an empty dict; name the entries that are judged: `{"W1": dw1}`')
        self.keys(node)

    def on_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            self.check(node.func.value)
        elif not (isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS):
            raise self.wrong(
                node,
                f"{unparsed(node.func)}(...) cannot be called after the arrow; the student's code stands before it, "
                f"after it {', '.join(FUNCTIONS)}",
            )
        self.arguments(node)

    def on_NamedExpr(self, node: ast.NamedExpr) -> None:
        if isinstance(node.value, (ast.Tuple, ast.List, ast.Dict, ast.NamedExpr)):
            raise self.wrong(node, "`:=` keeps one value that is judged: `(out := y)`")
        self.on_Name(node.target)
        self.check(node.value)


def _literal(node: ast.expr) -> ast.Constant | None:
    """The constant behind an item's literal, a minus sign allowed."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return node if isinstance(node, ast.Constant) and isinstance(node.value, (int, str)) else None
