"""Edits of calls and statements: axes, transposes, functions, slices, and what is done in which order."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from .edited_values import short, slots
from .edits import Edit, Function, callee, family

REDUCTIONS = ("sum", "mean", "max", "min", "amax", "amin", "var", "std", "prod", "argmax", "argmin", "average")
OTHERS = {
    "sum": ("mean", "max"), "mean": ("sum",), "average": ("sum",), "max": ("min", "sum"), "min": ("max",),
    "maximum": ("minimum", "add"), "minimum": ("maximum",), "argmax": ("argmin",), "argmin": ("argmax",),
    "std": ("var",), "var": ("std",), "amax": ("sum",), "sin": ("cos",), "cos": ("sin",),
    "log10": ("log",), "log2": ("log",), "log1p": ("log",), "abs": ("square",), "square": ("abs",),
    "zeros_like": ("ones_like",), "ones_like": ("zeros_like",), "hstack": ("vstack",), "tanh": ("exp",),
    "floor": ("float64",), "round": ("float64",), "rint": ("float64",), "sign": ("float64",),
}  # fmt: skip
UNARY = ("sqrt", "exp", "log", "tanh", "abs", "square", "sum", "mean", "round", "floor", "rint", "sign")
CASTS = ("astype", "int", "int32", "int64", "float32", "float16", "round", "rint", "floor", "clip")


@family
def axes(function: Function) -> Iterator[Edit]:
    """A reduction along another axis, over everything, or with its axis kept."""
    for node in function.body:
        if not isinstance(node, ast.Call) or callee(node) not in (*REDUCTIONS, "concatenate", "stack", "repeat"):
            continue
        text, name = function.source(node), callee(node)
        given = next((k for k in node.keywords if k.arg == "axis"), None)
        place: ast.expr | None = given.value if given else None
        if place is None and _method(node) and node.args:
            place = node.args[0]
        elif place is None and not _method(node) and len(node.args) > 1:
            place = node.args[1]
        if place is not None:
            for other in ("0", "1", "-1", "2", "(0, 1)", "(0, 2, 3)", "None"):
                if other != function.source(place):
                    said = f"`{short(text)}` runs along the wrong axis"
                    yield function.edit("axis", said, place, other, f"axis {function.source(place)}")
        elif name in REDUCTIONS and (node.args or _method(node)):
            for other in ("0", "1", "-1"):
                said = f"`{short(text)}` runs over everything, not along one axis"
                yield function.edit("axis", said, node, f"{text[:-1]}{', ' if node.args else ''}axis={other})", text)
                kept = f"{text[:-1]}{', ' if node.args else ''}axis={other}, keepdims=True)"
                yield function.edit("axis", said, node, kept, text)
        if name in REDUCTIONS:
            yield from _keepdims(function, node, text, place)


def _method(node: ast.Call) -> bool:
    """Is it a method of an array: x.sum(...)?"""
    function = node.func
    return isinstance(function, ast.Attribute) and not (
        isinstance(function.value, ast.Name) and function.value.id in ("np", "numpy")
    )


def _keepdims(function: Function, node: ast.Call, text: str, place: ast.expr | None) -> Iterator[Edit]:
    kept = next((k for k in node.keywords if k.arg == "keepdims"), None)
    if kept is not None:
        yield function.edit("dimension", f"`{short(text)}` keeps an axis too many", kept.value, "False", text)
    elif place is not None:
        said = f"`{short(text)}` loses an axis that is needed"
        yield function.edit("dimension", said, node, f"{text[:-1]}, keepdims=True)", text)
        if function.source(place) != "1":
            start, end = function.span(place)
            _, last = function.span(node)
            changes = ((start, end, "1"), (last - 1, last, ", keepdims=True)"))
            said = f"`{short(text)}` runs along the wrong axis"
            yield Edit("axis", said, function.line(node), changes, f"axis 1 kept for {function.source(place)}")


@family
def transposes(function: Function) -> Iterator[Edit]:
    """A transpose too many or too few, a reshape in its place, factors in the wrong order."""
    for node in function.body:
        if isinstance(node, ast.Attribute) and node.attr == "T":
            text = function.source(node)
            yield function.edit(
                "transpose", f"`{text}` must not be transposed", node, function.source(node.value), text
            )
        product = _product(node)
        if product is None:
            continue
        left, right = product
        for each in (left, right):
            text = function.source(each)
            said = f"`{text}` must be transposed"
            yield function.edit("transpose", said, each, f"{function.part(each)}.T", text)
            if callee(each) in ("reshape", "swapaxes", "transpose") and isinstance(each, ast.Call):
                of = each.func.value if _method(each) else each.args[0]  # type: ignore[attr-defined]
                yield function.edit("transpose", f"`{text}` is no transpose", each, f"{function.part(of)}.T", text)
        whole = function.source(node)
        a, b = function.part(left), function.part(right)
        said = f"the factors of `{short(whole)}` are in the wrong order"
        yield function.edit("matrix product", said, node, f"({b} @ {a})", whole)
        yield function.edit("matrix product", said, node, f"({b}.T @ {a})", whole)
        yield function.edit("matrix product", said, node, f"({b} @ {a}.T)", whole)
        yield function.edit("transpose", f"`{short(whole)}` must be transposed", node, f"({whole}).T", whole)


def _product(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return node.left, node.right
    if isinstance(node, ast.Call) and callee(node) in ("dot", "matmul"):
        if _method(node) and len(node.args) == 1 and isinstance(node.func, ast.Attribute):
            return node.func.value, node.args[0]
        if len(node.args) == 2:
            return node.args[0], node.args[1]
    return None


@family
def calls(function: Function) -> Iterator[Edit]:
    """A function that is not applied, one too many, another; an option too many."""
    for node in function.body:
        if isinstance(node, ast.Call):
            yield from _of_call(function, node)
        elif isinstance(node, ast.IfExp):
            turned = f"{function.source(node.orelse)} if {function.source(node.test)} else {function.source(node.body)}"
            yield function.edit(
                "cases swapped", f"the cases of `{short(function.source(node))}` are swapped", node, turned
            )


def _of_call(function: Function, node: ast.Call) -> Iterator[Edit]:
    name, text = callee(node), function.source(node)
    start = function.span(node.func)[0]
    head = function.source(node.func)
    for other in OTHERS.get(name, ()):
        said = f"`{name}` is not the function that belongs into `{short(text)}`"
        kind = "sum or mean" if {name, other} <= {"sum", "mean", "average"} else "another function"
        changed = f"{head[: -len(name)]}{other}{text[len(head) :]}"
        yield function.edit(kind, said, node, changed, text + other)
    yield from _other_activations(function, node)
    of = node.func.value if _method(node) and isinstance(node.func, ast.Attribute) else None
    if name in CASTS and (of is not None or len(node.args) >= 1):
        said = f"`{short(text)}` loses what stands behind the point, or digits"
        yield function.edit("cast", said, node, function.part(of if of is not None else node.args[0]), text)
    elif node.args and of is None and not node.keywords and name not in ("range", "len", "zip", "where"):
        own = isinstance(node.func, ast.Name)
        for argument in node.args if own or len(node.args) == 1 else ():
            if not isinstance(argument, ast.Starred):
                said = f"`{name}` is one step too many in `{short(text)}`"
                yield function.edit("function too many", said, node, function.part(argument), text)
    for keyword in node.keywords:
        if keyword.arg not in ("axis", "keepdims", None):
            rest = [*map(function.source, node.args)]
            rest += [f"{k.arg}={function.source(k.value)}" for k in node.keywords if k is not keyword]
            said = f"`{keyword.arg}={function.source(keyword.value)}` does not belong into `{short(text)}`"
            changed = f"{head}({', '.join(rest)})"
            edit = function.edit("option", said, node, changed)
            yield replace(edit, same=f"option: {keyword.arg}={function.source(keyword.value)}")
            if isinstance(keyword.value, ast.Constant) and keyword.arg == "ddof":
                yield function.edit("option", said, keyword.value, "0", "ddof")
    if name == "where" and len(node.args) == 3:
        condition, yes, no = map(function.source, node.args)
        said = f"the cases of `{short(text)}` are swapped"
        yield function.edit("cases swapped", said, node, f"{head}({condition}, {no}, {yes})", text)
    if name in ("exp",) and node.args and start:
        inside = function.part(node.args[0])
        for axis in ("-1", "0"):
            shifted = f"{head}({inside} - np.max({inside}, axis={axis}, keepdims=True))"
            said = f"`{short(text)}` overflows for large numbers: the largest entry is not subtracted first"
            yield function.edit("no shift", said, node, shifted, text)
    if name == "log" and node.args:
        positive = f"{head}(np.maximum({function.source(node.args[0])}, 1e-300))"
        yield function.edit("logarithm of zero", f"`{short(text)}` overflows", node, positive, text)


ACTIVATIONS = {
    "tanh": "np.tanh({0})", "sigmoid": "(1 / (1 + np.exp(-({0}))))", "relu": "np.maximum({0}, 0)",
}  # fmt: skip


def _other_activations(function: Function, node: ast.Call) -> Iterator[Edit]:
    """Another activation than the one that is applied: of NumPy, or of a function of one's own."""
    name = callee(node)
    if len(node.args) != 1 or node.keywords or not (name in function.others or name in ACTIVATIONS):
        return
    of, text = function.source(node.args[0]), function.source(node)
    others = [t.format(of) for n, t in ACTIVATIONS.items() if n != name]
    others += [f"{other}({of})" for other in function.others if other != name]
    for other in others:
        said = f"`{name}` is not the function that belongs into `{short(text)}`"
        yield function.edit("another function", said, node, other, text + other)


@family
def functions_missing(function: Function) -> Iterator[Edit]:
    """An elementary function that must be applied to a value."""
    for use in function.uses:
        text = function.source(use)
        for name in ("tanh", "sqrt", "exp", "log", "abs"):
            said = f"`{name}` is not applied to `{text}`"
            yield function.edit("missing function", said, use, f"np.{name}({text})", f"{text} {name}")
    for part in slots(function):
        shown = function.source(part)
        if shown not in function.values:
            for name in ("sqrt", "tanh", "exp", "log"):
                said = f"`{name}` is not applied to `{short(shown)}`"
                yield function.edit("missing function", said, part, f"np.{name}({shown})")
            for axis in ("0", "1"):
                said = f"`{short(shown)}` is not summed"
                yield function.edit("missing sum", said, part, f"np.sum({shown}, axis={axis})")
            for axis in ("-1", "0"):
                said = f"`{short(shown)}` is not divided by its sum"
                text = f"({shown}) / np.sum({shown}, axis={axis}, keepdims=True)"
                yield function.edit("missing sum", said, part, text)


@family
def slices(function: Function) -> Iterator[Edit]:
    """Another part of an array: one too few, the other end, turned round."""
    every = [n for n in function.body if isinstance(n, ast.Slice)]
    texts = list(dict.fromkeys(map(function.source, every)))
    for each in every:
        text = function.source(each)
        around = function.parents[each]
        whole = function.parents[around] if isinstance(around, ast.Tuple) else around
        said = f"`{short(function.source(whole))}` takes the wrong part"
        for other in dict.fromkeys([*texts, "1:", ":-1", "::-1", ":"]):
            if other != text:
                yield function.edit("slice", said, each, other, text + other)
    for node in function.body:
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, (ast.Slice, ast.Constant)):
            yield from _indices(function, node)
        if isinstance(node, ast.Call) and callee(node) == "range" and len(node.args) == 1:
            count = function.source(node.args[0])
            shown = function.source(node)
            for other in (f"range({count} + 1)", f"range(1, {count})", f"range({count} - 1)", f"range(1, {count} + 1)",
                          f"reversed(range({count}))"):  # fmt: skip
                yield function.edit("range", f"`{shown}` counts wrongly", node, other)
        if isinstance(node, ast.Call) and callee(node) == "range" and len(node.args) > 1:
            first, last, *step = map(function.source, node.args)
            for other in (f"range({first}, {last} + 1{''.join(', ' + s for s in step)})",
                          f"range({first}, {last} - 1{''.join(', ' + s for s in step)})",
                          f"range(0, {last}{''.join(', ' + s for s in step)})"):  # fmt: skip
                yield function.edit("range", f"`{function.source(node)}` counts wrongly", node, other)


def _indices(function: Function, node: ast.Subscript) -> Iterator[Edit]:
    """An index one off: hs[t] for hs[t + 1]."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for part in parts:
        if isinstance(part, ast.Name) or (isinstance(part, ast.BinOp) and isinstance(part.op, (ast.Add, ast.Sub))):
            text = function.source(part)
            for other in (f"{text} + 1", f"{text} - 1"):
                said = f"`{function.source(node)}` is one place off"
                yield function.edit("index", said, part, other, function.source(node))


@family
def statements(function: Function) -> Iterator[Edit]:
    """A statement too many, too early, or one that assigns where it must add."""
    for node in function.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = function.source(node.targets[0]), function.source(node.value)
            said = f"`{short(target)}` is assigned where it must be added to"
            yield function.edit("assigned for added", said, node, f"{target} += {value}")
            if (
                isinstance(node.targets[0], ast.Name)
                and function.in_loop(node)
                and not isinstance(node.value, ast.Name)
            ):
                before = f'({target} if "{target}" in locals() else 0)'
                yield function.edit("assigned for added", said, node, f"{target} = {before} + {value}")
        elif isinstance(node, ast.AugAssign):
            target, value = function.source(node.target), function.source(node.value)
            said = f"`{short(function.source(node))}` is one statement too many"
            yield function.edit("statement too many", said, node, "pass")
            yield function.edit("added for assigned", f"`{short(target)}` is added to where it must be assigned", node,
                                f"{target} = {value}")  # fmt: skip
            if isinstance(node.target, ast.Subscript):
                array, index = function.source(node.target.value), function.source(node.target.slice)
                said = f"`{short(function.source(node))}` counts an index that stands twice once only"
                text = f"np.add.at({array}, ({index}), {value})"
                yield function.edit("repeated index", said, node, text)
            marks = {ast.Mult: "/=", ast.Div: "*="}
            if type(node.op) in marks:
                said = f"`{short(function.source(node))}` multiplies for dividing, or the reverse"
                yield function.edit("division", said, node, f"{target} {marks[type(node.op)]} {value}")
        body = getattr(node, "body", None) if isinstance(node, (ast.For, ast.While, ast.If, ast.With)) else None
        if isinstance(body, list):
            yield from _order(function, body)
    yield from _order(function, function.node.body)


def _order(function: Function, body: list[ast.stmt]) -> Iterator[Edit]:
    """Neighbours the other way round."""
    for first, second in pairwise(body):
        if isinstance(first, ast.Return) or isinstance(second, ast.Return) or isinstance(first, ast.Expr):
            continue
        start, end = function.span(first)
        after, last = function.span(second)
        between = function.text.encode()[end:after].decode()
        text = function.source(second) + between + function.source(first)
        said = f"`{short(function.source(first))}` comes too early"
        yield Edit("order of statements", said, function.line(first), ((start, last, text),))


@family
def order(function: Function) -> Iterator[Edit]:
    """Parts side by side, or returned one after the other, that are swapped."""
    for node in function.body:
        if not isinstance(node, (ast.Tuple, ast.List)) or not 1 < len(node.elts) <= 12:
            continue
        texts = [function.source(e) for e in node.elts]
        if isinstance(function.parents.get(node), ast.Subscript):
            continue
        for i in range(len(texts)):
            for j in range(i + 1, len(texts)):
                (a, b), (c, d) = function.span(node.elts[i]), function.span(node.elts[j])
                said = f"`{short(texts[i])}` and `{short(texts[j])}` stand in each other's place"
                changes = ((a, b, texts[j]), (c, d, texts[i]))
                if texts[i] != texts[j]:
                    yield Edit("swapped", said, function.line(node), changes)


@family
def neighbours(function: Function) -> Iterator[Edit]:
    """What two statements after one another compute is kept under each other's name."""
    blocks = [function.node.body]
    blocks += [n.body for n in function.body if isinstance(n, (ast.For, ast.While, ast.If, ast.With))]
    for first, second in (pair for body in blocks for pair in pairwise(body)):
        if isinstance(first, ast.Assign) and isinstance(second, ast.Assign):
            one, other = first.targets[0], second.targets[0]
            texts = function.source(one), function.source(other)
            if isinstance(one, ast.Name) and isinstance(other, ast.Name) and texts[0] != texts[1]:
                changes = ((*function.span(one), texts[1]), (*function.span(other), texts[0]))
                said = f"`{texts[0]}` and `{texts[1]}` stand in each other's place"
                yield Edit("swapped", said, function.line(first), changes)


@family
def copies(function: Function) -> Iterator[Edit]:
    """A copy that is missing: what is changed later, or by others, is kept or handed on."""
    for node in function.body:
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign) and isinstance(value, (ast.Name, ast.Attribute, ast.Subscript)):
            text = function.source(value)
            yield function.edit("missing copy", f"`{text}` is written into later; a copy is needed", value,
                                f"{text}.copy()", text)  # fmt: skip
        if isinstance(node, (ast.Return, ast.Assign)) and isinstance(value, (ast.Tuple, ast.Dict)):
            elements = value.elts if isinstance(value, ast.Tuple) else value.values
            for each in elements:
                if isinstance(each, (ast.Name, ast.Attribute)):
                    text = function.source(each)
                    said = f"`{text}` is written into later; a copy is needed"
                    yield function.edit("missing copy", said, each, f"{text}.copy()")
