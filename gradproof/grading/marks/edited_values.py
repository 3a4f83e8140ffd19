"""Edits of arithmetic: signs, constants, factors, terms, and which value stands where."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .edits import Edit, Function, callee, family, is_item

MOST_FACTORS = 14  # values that are tried as a missing factor


@family
def signs(function: Function) -> Iterator[Edit]:
    """A plus for a minus, a minus in front left out or one too many."""
    for node in function.body:
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            mark = "-" if isinstance(node.op, ast.Add) else "+"
            text = f"{function.source(node.left)} {mark} {function.part(node.right)}"
            yield function.edit("sign", f"the sign of `{function.source(node.right)}` is wrong", node, text,
                                function.source(node))  # fmt: skip
            turned = f"{function.part(node.right)} - {function.part(node.left)}"
            if isinstance(node.op, ast.Sub):
                said = f"`{function.source(node)}` has the wrong sign"
                yield function.edit("sign", said, node, turned, "turned" + function.source(node))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not _names_a_place(function, node):
            said = f"the minus in front of `{function.source(node.operand)}` is one too many"
            yield function.edit("sign", said, node, function.source(node.operand), function.source(node))
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Add, ast.Sub)):
            mark = "-=" if isinstance(node.op, ast.Add) else "+="
            text = f"{function.source(node.target)} {mark} {function.source(node.value)}"
            yield function.edit("sign", f"what is added to `{function.source(node.target)}` has the wrong sign", node,
                                text)  # fmt: skip
    for part in slots(function):
        if function.counts(part):
            continue
        said = f"`{short(function.source(part))}` has the wrong sign"
        yield function.edit("sign", said, part, f"(-{function.part(part)})")
    for node in function.body:
        if isinstance(node, ast.Call) and callee(node) == "exp" and len(node.args) == 1:
            text = f"-{function.part(node.args[0])}"
            yield function.edit("sign", f"`{function.source(node.args[0])}` has the wrong sign in the exponential",
                                node.args[0], text, "exp" + function.source(node.args[0]))  # fmt: skip


def _names_a_place(function: Function, node: ast.AST) -> bool:
    """Is this an axis, an index or another argument, whose sign is no arithmetic?"""
    parent = function.parents.get(node)
    return isinstance(parent, (ast.keyword, ast.Subscript, ast.Slice)) or (
        isinstance(parent, (ast.Call, ast.Tuple)) and isinstance(getattr(node, "operand", None), ast.Constant)
    )


def short(text: str) -> str:
    """A text on one line, cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def slots(function: Function) -> Iterator[ast.expr]:
    """What is assigned or returned: whole values, those side by side in a tuple, list or dictionary, and summands."""
    for node in function.body:
        if isinstance(node, ast.Assign) and _several(node):
            continue
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.Return)) and node.value is not None:
            yield from _parts(node.value)
        elif isinstance(node, ast.Call) and callee(node) in ("append", "insert") and node.args:
            yield from _parts(node.args[-1])


def _several(node: ast.Assign) -> bool:
    """Does a call give several values here, which are no number together?"""
    return isinstance(node.targets[0], (ast.Tuple, ast.List)) and isinstance(node.value, (ast.Call, ast.GeneratorExp))


def _parts(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, (ast.Tuple, ast.List)):
        for each in value.elts:
            yield from _parts(each)
    elif isinstance(value, ast.Dict):
        for each in value.values:
            yield from _parts(each)
    elif isinstance(value, ast.Call) and value.args and isinstance(value.args[0], (ast.Tuple, ast.List)):
        yield from _parts(value.args[0])
    elif isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Add, ast.Sub)):
        yield value
        yield from _parts(value.left)
        yield from _parts(value.right)
    elif isinstance(value, ast.IfExp):
        yield from _parts(value.body)
        yield from _parts(value.orelse)
    elif not isinstance(value, (ast.Constant, ast.Starred, ast.Lambda, ast.ListComp)):
        yield value


@family
def comparisons(function: Function) -> Iterator[Edit]:
    """The wrong side, or equality decided wrongly."""
    marks = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
    for node in function.body:
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in marks:
            left, right = function.source(node.left), function.source(node.comparators[0])
            for mark in marks.values():
                said = f"`{function.source(node)}` compares the wrong way"
                yield function.edit("comparison", said, node, f"{left} {mark} {right}", function.source(node))


@family
def powers(function: Function) -> Iterator[Edit]:
    """An exponent forgotten, one too many, or another."""
    for node in function.body:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            base, text = function.part(node.left), function.source(node)
            for exponent in ("1", "2", "3", "0.5"):
                yield function.edit(
                    "exponent", f"the exponent of `{text}` is wrong", node, f"{base} ** {exponent}", text
                )
    for use in _operands(function):
        text, own = function.source(use), function.part(use)
        yield function.edit("exponent", f"`{text}` is not squared", use, f"({own} ** 2)", text)
        yield function.edit("root", f"the root of `{text}` is wanted", use, f"np.sqrt({text})", text)
        if text in function.values:
            yield function.edit("complement", f"`{text}` stands for `1 - {text}`", use, f"(1 - {text})", text)
        if text in function.arrays:
            yield function.edit("factor of two", f"`{text}` is half of what it must be", use, f"(2 * {text})", text)


def _operands(function: Function) -> Iterator[ast.expr]:
    """Values, parts of arrays and calls that are operands of an arithmetic, or argument of a reduction."""
    for node in function.body:
        parent = function.parents.get(node)
        if isinstance(node, (ast.Name, ast.Subscript, ast.Call, ast.Attribute)) and isinstance(parent, ast.BinOp):
            yield node
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            if isinstance(parent, ast.BinOp) and isinstance(parent.op, (ast.Mult, ast.Div)):
                yield node
        elif _reduced(node, parent) and isinstance(node, ast.expr):
            yield node


def _reduced(node: ast.AST, parent: ast.AST | None) -> bool:
    """Is this what np.sum or np.mean is taken of?"""
    return isinstance(parent, ast.Call) and callee(parent) in ("sum", "mean") and node in parent.args[:1]


@family
def constants(function: Function) -> Iterator[Edit]:
    """Another number."""
    for node in function.body:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, (int, float)) or node.value is True:
            continue
        parent, value = function.parents.get(node), float(node.value)
        above = function.parents.get(parent) if isinstance(parent, ast.UnaryOp) else parent
        if isinstance(above, (ast.Subscript, ast.Tuple)) or getattr(above, "arg", "") in ("axis", "keepdims"):
            continue
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow) and parent.right is node:
            continue  # an exponent: `powers` has these
        whole = type(node.value) is int
        others = [0.0, 1.0, 2.0, -1.0, 0.5, 3.0] if whole else [0.0, 1.0, 2 * value, value / 2, -value, 1 - value]
        if isinstance(parent, (ast.Slice, ast.UnaryOp)) or callee(parent or node):
            others = [value - 1, value + 1] if whole else [1 - value, 2 * value, value / 2]
        text = function.source(function.statement(node) if isinstance(parent, ast.Slice) else function.around(node))
        for other in others:
            if other != value:
                said = f"the {function.source(node)} in `{short(text)}` is wrong"
                number = repr(int(other)) if whole and other.is_integer() else repr(other)
                yield function.edit("constant", said, node, f"({number})" if other < 0 else number, text)


@family
def too_many(function: Function) -> Iterator[Edit]:
    """A term or factor that does not belong there."""
    for node in function.body:
        if not isinstance(node, ast.BinOp) or isinstance(node.op, ast.Pow):
            continue
        text, left, right = function.source(node), function.part(node.left), function.part(node.right)
        what = "term" if isinstance(node.op, (ast.Add, ast.Sub)) else "factor"
        same = text
        yield function.edit(f"{what} too many", f"`{short(right)}` is one {what} too many", node, left, same)
        said = f"`{short(left)}` is one {what} too many"
        if isinstance(node.op, ast.Sub):
            yield function.edit("term too many", said, node, f"(-{right})", same)
            if left in ("1", "1.0"):
                yield function.edit("complement", f"`{short(text)}` stands for `{short(right)}`", node, right, same)
        elif not isinstance(node.op, (ast.Div, ast.FloorDiv)):
            yield function.edit(f"{what} too many", said, node, right, same)


@family
def operations(function: Function) -> Iterator[Edit]:
    """A product for a quotient, a sum for a product."""
    for node in function.body:
        if not isinstance(node, ast.BinOp):
            continue
        left, right, text = function.part(node.left), function.part(node.right), function.source(node)
        shown, by = short(text), short(right)
        for kind, said, other in _other_operations(node.op, shown, by):
            yield function.edit(kind, said, node, f"({left} {other} {right})", text)


def _other_operations(op: ast.operator, shown: str, by: str) -> list[tuple[str, str, str]]:
    """Of an operation, the others that may have been meant: kind, what is wrong, and the mark."""
    if isinstance(op, ast.Mult):
        return [
            ("division", f"it is multiplied by `{by}`, not divided", "/"),
            ("operation", f"`{shown}` is no product", "+"),
            ("operation", f"`{shown}` is no product", "**"),
            ("matrix product", f"`{shown}` is a matrix product", "@"),
        ]
    if isinstance(op, ast.Div):
        return [("division", f"it is divided by `{by}`, not multiplied", "*")]
    if isinstance(op, ast.FloorDiv):
        return [("whole division", f"`{shown}` drops the remainder", "/")]
    if isinstance(op, (ast.Add, ast.Sub)):
        return [("operation", f"`{shown}` is no sum", "*")]
    return [("operation", f"`{shown}` is no matrix product", "*")] if isinstance(op, ast.MatMult) else []


@family
def missing_simple_factors(function: Function) -> Iterator[Edit]:
    """A 2, a 1/2, or the division by a count."""
    counts = _counts(function)
    for part in slots(function):
        text, shown = function.part(part), short(function.source(part))
        yield function.edit("factor of two", f"`{shown}` is half of what it must be", part, f"2 * {text}")
        yield function.edit("factor of two", f"`{shown}` is twice what it must be", part, f"{text} / 2")
        if function.counts(part):
            yield from _other_counts(function, part)
            continue
        for count in counts:
            said = f"the division by `{count}` is missing"
            yield function.edit("missing division by a count", said, part, f"{text} / {count}", function.source(part))
            said = f"`{shown}` is divided by `{count}` once too often"
            yield function.edit("divided once too often", said, part, f"{text} * {count}")


@family
def sizes(function: Function) -> Iterator[Edit]:
    """A size that is one too few or too many."""
    for node in function.body:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
            text = function.source(node)
            said = f"`{short(text)}` is one too few or too many"
            yield function.edit("off by one", said, node, f"(({text}) + 1)", text)
            yield function.edit("off by one", said, node, f"(({text}) - 1)", text)
    places = [n for n in function.body if isinstance(n, ast.BinOp) and isinstance(n.op, ast.FloorDiv)]
    if len(places) > 1:
        for sign in "+-":
            changes = tuple((*function.span(n), f"(({function.source(n)}) {sign} 1)") for n in places)
            said = f"`{short(function.source(places[0]))}` is one too few or too many"
            yield Edit("off by one", said, function.line(places[0]), changes)


@family
def undivided_sums(function: Function) -> Iterator[Edit]:
    """A sum that is not divided before the next term is added."""
    for node in function.body:
        if isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Add, ast.Sub)):
            target, value = function.source(node.target), function.source(node.value)
            mark = "+" if isinstance(node.op, ast.Add) else "-"
            for count in _counts(function):
                said = f"the division of `{target}` by `{count}` is missing"
                text = f"{target} = {target} / {count} {mark} ({value})"
                yield function.edit("missing division by a count", said, node, text)


def _other_counts(function: Function, part: ast.expr) -> Iterator[Edit]:
    """What is counted is too much or too little."""
    text, shown = function.part(part), short(function.source(part))
    for other in (f"{text} + 1", f"{text} - 1"):
        yield function.edit("off by one", f"`{shown}` is one too few or too many", part, other)
    for scalar in function.values:
        if scalar in function.scalars:
            said = f"`{shown}` counts the wrong number"
            yield function.edit("wrong count", said, part, f"{text} // {scalar}")
            yield function.edit("wrong count", said, part, f"{text} * {scalar}")


def _counts(function: Function) -> list[str]:
    """Texts of what counts here: n, x.shape[0], len(x)."""
    named = [v for v in function.values if v.lower() in ("n", "m", "t", "num_train", "batch_size", "num", "batch")]
    arrays = [a.arg for a in function.node.args.args if a.arg not in ("self", "cache")][:2]
    arrays += [v for v in function.values if v.lower() in ("x", "y", "dout", "dz", "target")][:2]
    found = [*named, *(f"len({a})" for a in dict.fromkeys(arrays))]
    return found[:3] + [f"{a}.shape[1]" for a in dict.fromkeys(arrays)][:1]


@family
def another_value(function: Function) -> Iterator[Edit]:
    """Another value of this function belongs there: an array for an array, a number for a number."""
    for use in function.uses:
        text = function.source(use)
        parent = function.parents.get(use)
        if isinstance(parent, ast.Return):
            continue
        others = function.arrays if text in function.arrays else [v for v in function.values if v in function.scalars]
        for other in others:
            if other != text:
                said = f"`{text}` is not the value that belongs {_whereto(function, use)}"
                yield function.edit("another value", said, use, other, f"{text} {other}")


def _whereto(function: Function, use: ast.expr) -> str:
    parent = function.around(use)
    if isinstance(parent, ast.Dict) and use in parent.values:
        key = parent.keys[parent.values.index(use)]
        if key is not None:
            return f"under `{short(function.source(key))}`"
    return f"into `{short(function.source(parent))}`"


EMPTY = ("zeros", "zeros_like", "empty", "empty_like", "ones", "arange", "range", "len")
LAYER = ("w", "b", "wx", "wh", "wo", "bo")  # names of what is learnt: no activation's value


def places(function: Function) -> Iterator[ast.expr]:
    """Slots that are computed from arrays, or hold one of them: no sizes, no empty arrays."""
    arrays = set(function.arrays)
    for part in slots(function):
        if function.counts(part) or callee(part) in (
            "zeros",
            "zeros_like",
            "empty",
            "ones",
            "arange",
            "empty_like",
            "range",
            "len",
        ):
            continue
        held = [n for n in ast.walk(part) if isinstance(n, (ast.Name, ast.Subscript, ast.Attribute))]
        if any(function.source(n) in arrays for n in held):
            yield part


def _activated(function: Function) -> list[str]:
    """What an activation is applied to, and what it gives: whose derivative may be missing."""
    arrays, found = set(function.arrays), []
    for node in function.body:
        if isinstance(node, ast.Assign) and callee(node.value) in (*ACTIVATIONS, *function.others):
            called: ast.Call = node.value  # type: ignore[assignment]
            found += [function.source(n) for n in (*called.args, *node.targets)]
    return [text for text in found if text in arrays]


ACTIVATIONS = ("maximum", "relu", "tanh", "sigmoid", "exp", "clip", "where", "expit")


@family
def missing_factors(function: Function) -> Iterator[Edit]:
    """A factor that is one of the values here, or the derivative of an activation in terms of one."""
    arrays = list(dict.fromkeys([*_activated(function), *function.arrays]))[:MOST_FACTORS]
    for part in places(function):
        if isinstance(part, (ast.Name, ast.Subscript)) and isinstance(function.parents.get(part), ast.Tuple):
            continue  # what a cache is made of, or what is handed on as it is
        text = function.part(part)
        shown = short(function.source(part))
        for value in arrays:
            if value == text:
                continue
            layer = value.split(".")[-1].lower().strip("\"]')").rstrip("0123456789") in LAYER
            slope = f"the derivative of an activation is missing in `{shown}`"
            for factor in () if layer else (f"({value} > 0)", f"({value} * (1 - {value}))", f"(1 - {value} ** 2)"):
                yield function.edit("missing derivative", slope, part, f"{text} * {factor}")
            factor = f"a factor is missing in `{shown}`"
            yield function.edit("missing factor", factor, part, f"{text} * {value}")
            yield function.edit("missing factor", factor, part, f"{text} * (1 - {value})")
            yield function.edit("missing divisor", f"a divisor is missing in `{shown}`", part, f"{text} / {value}")
        for value in arrays[:4]:
            root = f"{text} / np.sqrt({value}.shape[-1])"
            yield function.edit("missing divisor", f"the division by a root is missing in `{shown}`", part, root)
        for value in function.values:
            if value in function.scalars:
                said = f"a divisor is missing in `{shown}`"
                yield function.edit("missing divisor", said, part, f"{text} / {value}")
                yield function.edit("missing factor", f"a factor is missing in `{shown}`", part, f"{text} * {value}")


@family
def values_for_derivatives(function: Function) -> Iterator[Edit]:
    """An activation's value where its derivative belongs; a value that a function of one's own must be applied to."""
    for use in function.uses:
        text = function.source(use)
        if text in function.scalars:
            continue
        said = f"`{text}` stands where a derivative belongs"
        for derivative in (f"({text} > 0)", f"({text} * (1 - {text}))", f"(1 - {text} ** 2)"):
            yield function.edit("value for derivative", said, use, derivative, text)
        for other in function.others:
            said = f"`{other}` is not applied to `{text}`"
            yield function.edit("own function missing", said, use, f"{other}({text})", text)


@family
def missing_terms(function: Function) -> Iterator[Edit]:
    """A term that is one of the values here, or a penalty's: a number times an array."""
    values = function.arrays[:MOST_FACTORS]
    scalars = [v for v in function.values if is_scalar(v)]
    for part in places(function):
        text, shown = function.part(part), short(function.source(part))
        for value in values:
            yield function.edit("missing term", f"a term is missing in `{shown}`", part, f"({text} + {value})")
            for scalar in dict.fromkeys(scalars):
                for factor in ("", "2 * ", "0.5 * "):
                    said = f"the penalty is missing in `{shown}`"
                    term = f"{factor}{scalar} * {value}"
                    yield function.edit("missing penalty", said, part, f"({text} + {term})")


def is_scalar(text: str) -> bool:
    """Does a name stand for a penalty's factor?"""
    return text.split(".")[-1] in ("reg", "reg_strength", "lambda_", "lam", "l2", "weight_decay")


__all__ = ["is_item", "short", "slots"]
