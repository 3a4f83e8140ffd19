"""What is written over, shared, or assigned where it must be added."""

from __future__ import annotations

import ast

from ._operator import Change, Found, Site, called, operator

IN_PLACE = {ast.Mult: "multiply", ast.Sub: "subtract", ast.Add: "add", ast.Div: "divide"}


@operator(
    "in-place",
    "an argument is written over",
    "An array that was passed in is changed in place. The caller still needs it: the next layer's cotangent, the "
    "weights, or the cache of a second backward.",
)
def in_place(node: ast.AST, site: Site) -> Found:
    given = {*site.arguments, *site.cached} - set(site.options)
    if not (isinstance(node, ast.BinOp) and type(node.op) in IN_PLACE and isinstance(node.left, ast.Name)):
        return
    if node.left.id in given:
        name, value = node.left.id, site.text(node.right)
        text = f"np.{IN_PLACE[type(node.op)]}({name}, {value}, out={name})"
        yield Change(node, text, f"the result is written into `{name}`")


@operator(
    "alias",
    "a result shares memory with an argument",
    "What is returned is a view of what was passed in, not an array of its own: whoever writes into one changes the "
    "other.",
)
def alias(node: ast.AST, site: Site) -> Found:
    if called(node) == "copy" and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield Change(node, site.instead(node, node.func.value), "the copy is left out")


@operator(
    "assigned-for-added",
    "a repeated index is assigned, not added",
    "Where an index stands twice, its gradient is the sum of both contributions. dw[i] = g keeps the last one, and "
    "NumPy's dw[i] += g adds one of them; np.add.at adds all.",
)
def assigned_for_added(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Call) and site.text(node.func) == "np.add.at" and len(node.args) == 3:
        array, index, value = (site.text(a) for a in node.args)
        statement = site.parents.get(node)
        if isinstance(statement, ast.Expr):
            yield Change(node, f"{array}[{index}] = {value}", "the last contribution is kept")
            yield Change(node, f"{array}[{index}] += {value}", "one contribution is added")
    if called(node) == "sum" and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        name = site.text(node.func.value)
        if name == "layers":
            yield Change(node, f"np.where({name}[-1] != 0, {name}[-1], {name}[0])", "overlapping windows overwrite")
