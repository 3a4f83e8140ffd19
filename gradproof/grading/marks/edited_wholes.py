"""Edits of whole expressions: another one of the same function, one whose parts act in another order, half a Jacobian.

They are rarer than those of single values, and are tried where the first of these have mended nothing.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from itertools import permutations

from .edited_values import short, slots
from .edits import Edit, Function, callee, family, names_of

MOST_EXPRESSIONS = 10  # of a function, that are tried in another place
FARTHEST = 4  # places that a statement is moved
ELEMENTWISE = ("tanh", "exp", "log", "sqrt", "sin", "cos", "log1p", "expm1", "sinh", "cosh", "arctan")
WHOLE = ("sum", "mean")
CALLED = (*ELEMENTWISE, "maximum", "minimum", "max", "abs")
MOST_AXES = 4


@family
def expressions(function: Function) -> Iterator[Edit]:
    """Not a value belongs there, but what is made of it elsewhere in the function."""
    known = _expressions(function)
    for use in function.uses:
        text, here = function.source(use), function.source(function.statement(use))
        if text in function.scalars:
            continue
        said = f"`{text}` is not the value that belongs into `{short(function.source(function.around(use)))}`"
        for other in known:
            if other not in here:
                yield function.edit("another expression", said, use, f"({other})", text)


def _expressions(function: Function) -> list[str]:
    """What is computed within larger expressions: texts of products, sums and calls, of arrays."""
    found = []
    for node in function.body:
        inner = function.parents.get(node)
        if not isinstance(node, (ast.BinOp, ast.Call)) or function.counts(node):
            continue
        if names_of(node) & set(function.arrays) and not isinstance(inner, ast.Attribute):
            found.append(function.source(node))
    return list(dict.fromkeys(found))[:MOST_EXPRESSIONS]


@family
def inner_factors(function: Function) -> Iterator[Edit]:
    """A 2 or a 1/2 that is missing within an elementary function."""
    for node in function.body:
        if isinstance(node, ast.Call) and callee(node) in ELEMENTWISE and len(node.args) == 1:
            of, text = node.args[0], short(function.source(node))
            own = function.part(of)
            said = f"what `{text}` is taken of is half of what it must be"
            yield function.edit("inner factor", said, of, f"2 * {own}", function.source(node))
            said = f"what `{text}` is taken of is twice what it must be"
            yield function.edit("inner factor", said, of, f"{own} / 2", function.source(node))


@family
def parentheses(function: Function) -> Iterator[Edit]:
    """a b - c for a (b - c), a + b c for (a + b) c, and the reverse of the second."""
    for node in function.body:
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Add, ast.Sub)) or function.counts(node):
            continue
        mark, left, right, text = _mark(node), node.left, node.right, function.source(node)
        said = f"parentheses are missing in `{short(text)}`"
        if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult):
            inner = f"({function.part(left.right)} {mark} {function.part(right)})"
            yield function.edit("parentheses", said, node, f"({function.part(left.left)} * {inner})", text)
        if isinstance(right, ast.BinOp) and isinstance(right.op, (ast.Mult, ast.Div)):
            sign = "*" if isinstance(right.op, ast.Mult) else "/"
            inner = f"({function.part(left)} {mark} {function.part(right.left)})"
            yield function.edit("parentheses", said, node, f"({inner} {sign} {function.part(right.right)})", text)
        yield from _common_factor(function, node)


def _common_factor(function: Function, node: ast.BinOp) -> Iterator[Edit]:
    """a b - c - d for a (b - c - d): a factor of the first term that all of them have."""
    inner: ast.expr = node
    while isinstance(inner, ast.BinOp) and isinstance(inner.op, (ast.Add, ast.Sub)):
        inner = inner.left
    if inner is node.left or not isinstance(inner, ast.BinOp) or not isinstance(inner.op, ast.Mult):
        return
    (start, end), (first, last) = function.span(node), function.span(inner)
    raw = function.text.encode()
    said = f"only the first term of `{short(function.source(node))}` has its factor"
    factors = [function.part(f) for f in _factors(inner)]
    for k, factor in enumerate(factors):
        rest = " * ".join(factors[:k] + factors[k + 1 :])
        terms = raw[start:first].decode() + rest + raw[last:end].decode()
        yield function.edit("parentheses", said, node, f"({factor} * ({terms}))")


@family
def terms_of_calls(function: Function) -> Iterator[Edit]:
    """f(x) + c for f(x + c), and the reverse: a margin, an epsilon on the wrong side of the parenthesis."""
    for node in function.body:
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)) and callee(node.left) in CALLED:
            called: ast.Call = node.left  # type: ignore[assignment]
            if called.args:
                text = f"{function.part(called.args[-1])} {_mark(node)} {function.part(node.right)}"
                said = f"`{short(function.source(node.right))}` belongs within `{callee(called)}`"
                yield function.edit("side of a call", said, node, _with_last(function, called, text))
        if callee(node) in CALLED and isinstance(node, ast.Call) and node.args:
            last = node.args[-1]
            if isinstance(last, ast.BinOp) and isinstance(last.op, (ast.Add, ast.Sub)):
                whole = _with_last(function, node, function.source(last.left))
                said = f"`{short(function.source(last.right))}` belongs outside `{callee(node)}`"
                text = f"({whole} {_mark(last)} {function.part(last.right)})"
                yield function.edit("side of a call", said, node, text)


def _mark(node: ast.BinOp) -> str:
    return "+" if isinstance(node.op, ast.Add) else "-"


def _with_last(function: Function, call: ast.Call, text: str) -> str:
    """A call's text with another last argument."""
    (start, end), (first, last) = function.span(call), function.span(call.args[-1])
    raw = function.text.encode()
    return raw[start:first].decode() + text + raw[last:end].decode()


@family
def powers_of_sums(function: Function) -> Iterator[Edit]:
    """The square of a sum for the sum of squares, and the reverse; squares missing at all of several lengths."""
    for node in function.body:
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Pow):
            continue
        text, exponent = function.source(node), function.source(node.right)
        base, around = node.left, function.parents.get(node)
        if callee(base) in WHOLE and isinstance(base, ast.Call) and base.args:
            said = f"`{short(text)}` is the power of a sum, not the sum of powers"
            yield _inside(function, node, base, exponent, said)
        if callee(around or node) in WHOLE and isinstance(around, ast.Call) and around.args[:1] == [node]:
            whole = function.source(around)
            outside = whole.replace(text, function.source(base), 1)
            said = f"`{short(whole)}` is the sum of powers, not the power of a sum"
            yield function.edit("order of operations", said, around, f"({outside} ** {exponent})", whole)
    yield from _lengths(function)


def _inside(function: Function, node: ast.BinOp, call: ast.Call, exponent: str, said: str) -> Edit:
    """f(x) ** k as f(x ** k)."""
    start, end = function.span(call)
    first, last = function.span(call.args[0])
    raw = function.text.encode()
    powered = f"({function.source(call.args[0])}) ** {exponent}"
    text = raw[start:first].decode() + powered + raw[last:end].decode()
    return function.edit("order of operations", said, node, text, function.source(node))


def _lengths(function: Function) -> Iterator[Edit]:
    by_statement: dict[ast.stmt, list[ast.Call]] = {}
    for node in function.body:
        if isinstance(node, ast.Call) and callee(node) == "norm":
            by_statement.setdefault(function.statement(node), []).append(node)
    for nodes in by_statement.values():
        if len(nodes) > 1:
            changes = tuple((*function.span(n), f"({function.source(n)} ** 2)") for n in nodes)
            said = f"`{short(function.source(nodes[0]))}` is not squared"
            yield Edit("order of operations", said, function.line(nodes[0]), changes)


@family
def axes(function: Function) -> Iterator[Edit]:
    """A reshape that mixes up axes, which must be moved before it or after it."""
    for node in function.body:
        if not isinstance(node, ast.Call) or callee(node) != "reshape" or node.keywords:
            continue
        method = isinstance(node.func, ast.Attribute) and function.source(node.func.value) not in ("np", "numpy")
        of = node.func.value if method and isinstance(node.func, ast.Attribute) else node.args[0] if node.args else node
        sizes = _sizes(node.args if method else node.args[1:])
        own, text = function.part(of), function.source(node)
        said = f"`{short(text)}` mixes up axes: they must be moved, which a reshape does not do"
        if 2 <= len(sizes) <= MOST_AXES:
            texts = [function.source(s) for s in sizes]
            for turn in list(permutations(range(len(sizes))))[1:]:
                back = ", ".join(str(turn.index(k)) for k in range(len(turn)))
                made = f"{own}.reshape({', '.join(texts[k] for k in turn)}).transpose({back})"
                yield function.edit("axes mixed up", said, node, made, text)
        arguments = ", ".join(function.source(s) for s in (node.args if method else node.args[1:]))
        for count in (3, 4):
            for turn in list(permutations(range(count)))[1:]:
                made = f"{own}.transpose({', '.join(map(str, turn))}).reshape({arguments})"
                yield function.edit("axes mixed up", said, node, made, text)


def _sizes(arguments: Sequence[ast.expr]) -> list[ast.expr]:
    if len(arguments) == 1 and isinstance(arguments[0], ast.Tuple):
        return list(arguments[0].elts)
    return list(arguments)


@family
def new_axes(function: Function) -> Iterator[Edit]:
    """x[:, None] for x[None, :]: the new axis stands elsewhere."""
    for node in function.body:
        parts = node.slice.elts if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) else []
        texts = [function.source(p) for p in parts]
        new = [k for k, text in enumerate(texts) if text in ("None", "np.newaxis", "numpy.newaxis")]
        if len(new) != 1 or not isinstance(node, ast.Subscript):
            continue
        rest = texts[: new[0]] + texts[new[0] + 1 :]
        for k in range(len(texts)):
            if k != new[0]:
                said = f"the new axis of `{short(function.source(node))}` stands in the wrong place"
                other = ", ".join([*rest[:k], texts[new[0]], *rest[k:]])
                yield function.edit("axes mixed up", said, node.slice, other, function.source(node))


@family
def counts_of_counts(function: Function) -> Iterator[Edit]:
    """A number of entries that lacks a factor which is itself computed: C // G."""
    parts = [n for n in function.body if isinstance(n, ast.BinOp) and isinstance(n.op, ast.FloorDiv)]
    factors = list(dict.fromkeys(f"({function.source(n)})" for n in parts if function.counts(n)))[:4]
    for part in slots(function):
        if function.counts(part):
            said = f"`{short(function.source(part))}` counts the wrong number"
            for factor in factors:
                yield function.edit("another count", said, part, f"{function.part(part)} * {factor}")


@family
def other_axes(function: Function) -> Iterator[Edit]:
    """Another axis of a shape is counted, or all entries."""
    for node in function.body:
        if callee(node) == "len" and isinstance(node, ast.Call) and len(node.args) == 1:
            text, of = function.source(node), function.part(node.args[0])
            said = f"`{short(text)}` counts the wrong number"
            for other in (f"{of}.shape[1]", f"{of}.shape[-1]", f"{of}.size"):
                yield function.edit("wrong count", said, node, other, text)
        if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Constant):
            continue
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            text = function.source(node)
            for axis in ("0", "1", "2", "-1"):
                if axis != function.source(node.slice):
                    said = f"`{short(text)}` counts the wrong number"
                    yield function.edit("wrong count", said, node.slice, axis, text)


@family
def letters(function: Function) -> Iterator[Edit]:
    """Another letter in the subscripts of np.einsum."""
    for node in function.body:
        if callee(node) != "einsum" or not isinstance(node, ast.Call) or not node.args:
            continue
        if not isinstance(node.args[0], ast.Constant):
            continue
        subscripts = str(node.args[0].value)
        used = sorted({c for c in subscripts if c.isalpha()})
        said = f"the subscripts of `{short(function.source(node))}` are wrong"
        for k, letter in enumerate(subscripts):
            for other in used if letter.isalpha() else ():
                if other != letter:
                    text = repr(subscripts[:k] + other + subscripts[k + 1 :])
                    yield function.edit("einsum", said, node.args[0], text)


@family
def slopes(function: Function) -> Iterator[Edit]:
    """The derivative of another activation: h (1 - h), 1 - h^2, h > 0."""
    for node in function.body:
        inner = function.parents.get(node)
        if not isinstance(node, ast.BinOp):
            continue
        if (h := _one_less_square(node)) is not None:
            yield from _other_slopes(function, node, h, [])
        elif not (isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Mult)):
            factors = _factors(node)
            for h in [f for f in factors if any(_is_rest(g, f) for g in factors)]:
                others = [f for f in factors if f is not h and not _is_rest(f, h)]
                yield from _other_slopes(function, node, h, others)


def _other_slopes(function: Function, node: ast.expr, h: ast.expr, others: Sequence[ast.expr]) -> Iterator[Edit]:
    own = function.part(h)
    said = f"`{short(function.source(node))}` holds the derivative of another activation"
    for slope in (f"{own} * (1 - {own})", f"(1 - {own} ** 2)", f"({own} > 0)"):
        text = " * ".join([*map(function.part, others), slope])
        yield function.edit("another derivative", said, node, f"({text})", function.source(node))
    said = f"the derivative of an activation in `{short(function.source(node))}` is one too many"
    text = " * ".join(map(function.part, others)) or "1"
    yield function.edit("derivative too many", said, node, f"({text})", function.source(node))


def _one_less_square(node: ast.BinOp) -> ast.expr | None:
    """h of 1 - h^2, however the square is written."""
    if not isinstance(node.op, ast.Sub) or not isinstance(node.left, ast.Constant) or node.left.value != 1:
        return None
    square = node.right
    if isinstance(square, ast.BinOp) and isinstance(square.op, ast.Pow):
        return square.left if isinstance(square.right, ast.Constant) and square.right.value == 2 else None
    if isinstance(square, ast.BinOp) and isinstance(square.op, ast.Mult):
        return square.left if ast.dump(square.left) == ast.dump(square.right) else None
    return square.args[0] if callee(square) in ("power", "square") and isinstance(square, ast.Call) else None


@family
def empty_slices(function: Function) -> Iterator[Edit]:
    """x[p:-p], which is empty where p is 0, wherever it stands."""
    ends = [n.upper for n in function.body if isinstance(n, ast.Slice) and n.upper is not None]
    every = [e for e in ends if isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.USub)]
    every = [e for e in every if not isinstance(e.operand, ast.Constant)]
    if every:
        changes = tuple((*function.span(e), f"(({function.source(e)}) or None)") for e in every)
        first = function.source(every[0])
        said = f"a slice that ends at `{first}` is empty where `{first[1:].strip()}` is 0"
        yield Edit("empty slice", said, function.line(every[0]), changes)


@family
def shifts(function: Function) -> Iterator[Edit]:
    """log(sum(exp(x - m))) without the m that must be added again."""
    shifted = [n.args[0] for n in function.body if isinstance(n, ast.Call) and callee(n) == "exp" and n.args]
    every = [n.right for n in shifted if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub)]
    for shift in {function.source(n): n for n in every}.values():
        text = function.source(shift)
        said = f"`{short(text)}`, subtracted before the exponential, is not added to the logarithm again"
        for node in function.body:
            if isinstance(node, ast.Call) and callee(node) == "log":
                yield function.edit("shift", said, node, f"({function.part(shift)} + {function.source(node)})")


@family
def moved(function: Function) -> Iterator[Edit]:
    """A statement that comes too early, by several places."""
    bodies = [function.node.body]
    bodies += [n.body for n in function.body if isinstance(n, (ast.For, ast.While, ast.If, ast.With))]
    for body in bodies:
        for k, first in enumerate(body):
            for far in range(2, FARTHEST + 1):
                rest = body[k + 1 : k + 1 + far]
                if len(rest) < far or any(isinstance(s, ast.Return) for s in (first, *rest)):
                    break
                start, end = function.span(first)
                after, last = function.span(rest[0])[0], function.span(rest[-1])[1]
                raw = function.text.encode()
                between, those = raw[end:after].decode(), raw[after:last].decode()
                said = f"`{short(function.source(first))}` comes too early"
                text = f"{those}{between}{function.source(first)}"
                yield Edit("place of a statement", said, function.line(first), ((start, last, text),))


@family
def jacobians(function: Function) -> Iterator[Edit]:
    """The diagonal of softmax' Jacobian, p (1 - p), where the whole of it is wanted."""
    for node in function.body:
        inner = function.parents.get(node)
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
            continue
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Mult):
            continue  # a part of the product that is met before
        factors = _factors(node)
        for p in (f for f in factors if any(_is_rest(g, f) for g in factors)):
            others = [function.part(f) for f in factors if f is not p and not _is_rest(f, p)]
            own = function.part(p)
            said = f"`{short(function.source(node))}` is the diagonal of a Jacobian alone"
            g = " * ".join(others) or "1"
            for axis in (-1, 0, 1):
                text = f"({own} * ({g} - np.sum(({g}) * {own}, axis={axis}, keepdims=True)))"
                yield function.edit("rest of a Jacobian", said, node, text, function.source(node))


def _factors(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return [*_factors(node.left), *_factors(node.right)]
    return [node]


def _is_rest(node: ast.expr, of: ast.expr) -> bool:
    """Is this 1 - p?"""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub) or not isinstance(node.left, ast.Constant):
        return False
    one = node.left.value
    return isinstance(one, (int, float)) and math.isclose(one, 1) and ast.dump(node.right) == ast.dump(of)
