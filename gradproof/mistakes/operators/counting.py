"""Means and sums, what is counted, and how much of it is gathered."""

from __future__ import annotations

import ast

from ._operator import Change, Found, Site, called, is_count, keyword, of_numpy, operator


def _reduced(node: ast.AST) -> ast.AST | None:
    """What x.sum(...) or np.sum(x, ...) sums; None for anything else."""
    if called(node) not in ("sum", "mean") or not isinstance(node, ast.Call):
        return None
    if of_numpy(node):
        return node.args[0] if node.args else None
    return node.func.value if isinstance(node.func, ast.Attribute) else None


@operator(
    "mean-for-sum",
    "a mean stands for a sum",
    "A bias, a weight or a loss collects the contributions of all examples: their sum. Dividing by their number here "
    "makes the result too small by that factor.",
)
def mean_for_sum(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Call) and called(node) == "sum" and isinstance(node.func, ast.Attribute):
        text = site.text(node)
        head = site.text(node.func)
        yield Change(node, head[: -len("sum")] + "mean" + text[len(head) :], "`mean` is written for `sum`")
    if isinstance(node, ast.Assign) and site.is_backward and isinstance(node.value, ast.BinOp):
        value = node.value
        if isinstance(value.op, ast.MatMult) and isinstance(value.left, ast.Attribute) and site.upstream:
            text = f"{site.text(value)} / len({site.upstream[0]})"
            yield Change(value, text, "the sum over the batch is divided by its size")


@operator(
    "missing-mean",
    "the division by the count is left out",
    "The loss is a mean over the examples, so its gradient is divided by their number too; or a mean was wanted and "
    "a sum is computed. The result is too large by the count.",
)
def missing_mean(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and is_count(node.right):
        yield Change(node, site.instead(node, node.left), f"`/ {site.text(node.right)}` is left out")


@operator(
    "another-count",
    "the wrong things are counted",
    "A mean over examples divides by their number N, a mean over entries by N times the features. One of the two was "
    "taken for the other.",
)
def another_count(node: ast.AST, site: Site) -> Found:
    parent = site.parents.get(node)
    if (
        isinstance(node, ast.Attribute)
        and node.attr == "size"
        and isinstance(parent, (ast.BinOp, ast.IfExp, ast.Assign))
    ):
        yield Change(node, f"len({site.text(node.value)})", "rows are counted where entries must be")
    if isinstance(node, ast.Call) and called(node) == "len" and isinstance(node.func, ast.Name):
        yield Change(node, f"np.size({site.text(node.args[0])})", "entries are counted where rows must be")
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        of = site.text(node.value.value)
        index = site.text(node.slice)
        if index in ("0", "1", "-1"):
            other = {"0": "-1", "1": "0", "-1": "0"}[index]
            yield Change(node, f"{of}.shape[{other}]", f"axis {other} is counted where axis {index} must be")
            if isinstance(parent, ast.BinOp):
                yield Change(node, f"{of}.size", f"all entries are counted where axis {index} must be")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and is_count(node):
        yield Change(node, site.instead(node, node.left), f"`{site.text(node.right)}` is not counted")
        yield Change(node, site.instead(node, node.right), f"`{site.text(node.left)}` is not counted")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Name):
        others = {"n": "d", "d": "n"} if {"n", "d"} <= _assigned(site) else {}
        if node.right.id in others:
            other = others[node.right.id]
            yield Change(node.right, other, f"`{other}` is counted where `{node.right.id}` must be")


def _assigned(site: Site) -> set[str]:
    return {n.id for n in ast.walk(site.function.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


@operator(
    "ddof",
    "divided by the count less one, or the reverse",
    "The variance of a normalisation divides by the number of entries; the unbiased estimate divides by that number "
    "less one. The two must not be mixed.",
)
def ddof(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and is_count(node.right):
        if isinstance(node.right, ast.BinOp):
            if isinstance(node.right.op, ast.Sub):
                yield Change(node.right, site.text(node.right.left), "the count itself divides")
            return
        yield Change(node, f"{site.operand(node.left)} / ({site.text(node.right)} - 1)", "the count less one divides")


@operator(
    "one-row",
    "one example is taken for the whole batch",
    "What all examples share (a bias, a weight) gets the sum of their gradients. Here it is that of one of them: an "
    "assignment where something must be added up, or an index in place of a sum.",
)
def one_row(node: ast.AST, site: Site) -> Found:
    of = _reduced(node)
    if of is None or not isinstance(node, ast.Call) or called(node) != "sum":
        return
    axis = keyword(node, "axis")
    if axis is None or site.text(axis.value) != "0" or keyword(node, "keepdims"):
        return
    for index, which in (("0", "first"), ("-1", "last")):
        yield Change(node, f"{site.operand(of)}[{index}]", f"only the {which} one is taken")


@operator(
    "whole-sum",
    "summed over everything",
    "The sum runs over all entries where it must run along one axis only: every entry of the result is the same.",
)
def whole_sum(node: ast.AST, site: Site) -> Found:
    of = _reduced(node)
    if of is not None and isinstance(node, ast.Call) and keyword(node, "axis") is not None:
        yield Change(node, f"(0 * {site.text(node)} + {site.operand(of)}.sum())", "every axis is summed over")


@operator(
    "sum-forgotten",
    "the sum is left out",
    "Terms that must be added up are used one by one: the formula was derived for one entry, and the others that it "
    "acts on were forgotten.",
)
def sum_forgotten(node: ast.AST, site: Site) -> Found:
    of = _reduced(node)
    if of is not None and isinstance(node, ast.Call) and keyword(node, "keepdims") is not None:
        yield Change(node, site.instead(node, of), "the sum is left out")
