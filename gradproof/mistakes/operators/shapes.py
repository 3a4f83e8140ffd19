"""Axes, transposes, dimensions, and the order of things side by side."""

from __future__ import annotations

import ast

from ._operator import Change, Found, Site, called, keyword, operator

JOINING = ("concatenate", "stack", "hstack", "vstack")


@operator(
    "axis",
    "another axis",
    "The sum, mean or maximum runs along another axis than the one that the formula sums over: over features in "
    "place of examples, or over examples in place of classes.",
)
def axis(node: ast.AST, site: Site) -> Found:
    given = keyword(node, "axis") if isinstance(node, ast.Call) else None
    if given is None:
        return
    text = site.text(given.value)
    if isinstance(given.value, ast.Tuple) and len(given.value.elts) > 1:
        for left_out in given.value.elts:
            rest = [site.text(e) for e in given.value.elts if e is not left_out]
            yield Change(given.value, f"({', '.join(rest)},)", f"axis `{site.text(left_out)}` is left out")
        return
    others = {"0": ("1", "-1"), "1": ("0", "2"), "2": ("1", "0"), "-1": ("0", "-2"), "(0, 1)": ("0", "1")}
    for other in others.get(text, ("0", "-1")):
        yield Change(given.value, other, f"`axis={other}` is written")


@operator(
    "transpose",
    "a transpose is forgotten or made twice",
    "In y = x w the gradients are dx = dy w^T and dw = x^T dy. A matrix stands the other way round; where the shapes "
    "do not fit, a reshape hides it: it keeps the order of the entries, a transpose changes it.",
)
def transpose(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        of = site.operand(node.value)
        yield Change(node, of, f"`{of}` is not transposed")
        yield Change(node, f"{of}.reshape({of}.shape[::-1])", f"`{of}` is reshaped, which is no transpose")
    if called(node) == "swapaxes" and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        of = site.operand(node.func.value)
        yield Change(node, of, f"the axes of `{of}` are not swapped")
        yield Change(node, f"{of}.reshape({site.text(node)}.shape)", "a reshape stands for the swap of the axes")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        left, right = site.operand(node.left), site.operand(node.right)
        whole = f"{left} @ {right}"
        yield Change(node, f"({whole}).T", "the product is transposed")
        yield Change(node, f"({whole}).T.reshape(({whole}).shape)", "the product of the other order is reshaped")


@operator(
    "dimension",
    "a dimension is kept or lost",
    "keepdims decides whether a summed axis stays as an axis of size one. Where it is lost or kept against the "
    "formula, shapes differ, or broadcasting pairs the wrong entries without a word.",
)
def dimension(node: ast.AST, site: Site) -> Found:
    if not isinstance(node, ast.Call) or called(node) not in ("sum", "mean", "max", "min", "argmax"):
        return
    kept = keyword(node, "keepdims")
    if kept is not None:
        yield Change(kept.value, "False", "`keepdims=True` is forgotten")
    elif keyword(node, "axis") is not None:
        text = site.text(node)
        yield Change(node, f"{text[:-1]}, keepdims=True)", "the summed axis is kept")


@operator(
    "order",
    "two parts stand in each other's place",
    "Parts that are laid side by side (gates, halves, channels) or returned one after the other stand in another "
    "order than the one they are read in.",
)
def order(node: ast.AST, site: Site) -> Found:
    parent = site.parents.get(node)
    if isinstance(node, (ast.List, ast.Tuple)) and len(node.elts) > 1 and called(parent or node) in JOINING:
        yield from _swaps(node, site)
    if isinstance(node, ast.Tuple) and isinstance(parent, ast.Return) and site.is_backward:
        yield from _swaps(node, site)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        text = site.text(node.slice)
        if text == "::-1":
            yield Change(node, site.operand(node.value), "the order is not turned back")
    if called(node) == "reversed" and isinstance(node, ast.Call):
        yield Change(node, site.text(node.args[0]), "the steps are taken forwards")


def _swaps(node: ast.List | ast.Tuple, site: Site) -> Found:
    if any(isinstance(e, ast.Starred) for e in node.elts):
        return
    opening, closing = ("[", "]") if isinstance(node, ast.List) else ("(", ")")
    texts = [site.text(e) for e in node.elts]
    bare = isinstance(node, ast.Tuple) and not site.text(node).startswith("(")
    for k in range(len(texts) - 1):
        swapped = [*texts[:k], texts[k + 1], texts[k], *texts[k + 2 :]]
        joined = ", ".join(swapped)
        text = joined if bare else f"{opening}{joined}{closing}"
        yield Change(node, text, f"`{_short(texts[k])}` and `{_short(texts[k + 1])}` are swapped")


def _short(text: str) -> str:
    return " ".join(text.split())


@operator(
    "gate-order",
    "the gates are read in another order",
    "The columns of a recurrent cell's weights hold its gates side by side. Read in another order than they are "
    "written, one gate does another's work.",
)
def gate_order(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.comprehension) and isinstance(node.iter, (ast.Name, ast.Call)):
        text = site.text(node.iter)
        if text == "enumerate(gates)":
            yield Change(node.iter, "enumerate(gates[::-1])", "the gates are read from the last to the first")
            yield Change(node.iter, "enumerate(gates[1::-1] + gates[2:])", "the first two gates are swapped")
            yield Change(node.iter, "enumerate(gates[:2] + gates[:1:-1])", "the last two gates are swapped")
        if text == "gates":
            yield Change(node.iter, "gates[::-1]", "the gates are written from the last to the first")
            yield Change(node.iter, "gates[1::-1] + gates[2:]", "the first two gates are swapped")
            yield Change(node.iter, "gates[:2] + gates[:1:-1]", "the last two gates are swapped")
    if isinstance(node, ast.Slice) and node.lower is not None and node.upper is not None:
        return
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and "units" in site.text(node.slice):
        cut = site.text(node.slice)
        for before, after in ((":units", "units:"), ("units:", ":units"), (": 2 * units", "units :")):
            if cut.endswith(f", {before}"):
                of = site.text(node.value)
                yield Change(node, f"{of}[{cut[: -len(before)]}{after}]", f"`{after}` is cut out for `{before}`")
